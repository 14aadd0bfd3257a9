//! LRO-C-15 to 21: the polling URL.

use std::{borrow::Cow, collections::HashSet};

use super::{
    conversation::Conversation,
    course::{Asked, Course},
    mode::is_complete,
    outcome::Kind,
    rule::{Breach, NotJudged, Rule, Severity::*},
    states::is_common,
};
use crate::{
    arm::{Polled, State, Target, Url},
    cassette::{Body, Interaction, Response},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-15",
        severity: Violation,
        title: "polls are plain GETs",
        words: "A polling URL is asked by GET, without a body.",
        source: "RPC-ASYNC step 2",
        check: plain_get,
    },
    Rule {
        id: "LRO-C-16",
        severity: Violation,
        title: "a polling URL is used as it was given",
        words: "Path and query of a polling URL go back byte for byte, with order, empty values, escapes and \
                signature: the URL is opaque, and may be signed.",
        source: "RPC-ASYNC, S-26, S-27, I-HC1090, I-AZURERM23322",
        check: as_given,
    },
    Rule {
        id: "LRO-C-17",
        severity: Warning,
        title: "the api-version of a polling URL stays",
        words: "The api-version that a polling URL brings stays as it is; one is added only where there is none. \
                Another version may not know the operation.",
        source: "GUIDE \"versioning\", I-NET40606, I-TSP2602",
        check: version_kept,
    },
    Rule {
        id: "LRO-C-18",
        severity: Violation,
        title: "long URLs",
        words: "Header values and request targets of at least 4 KB work, better 8 KB: signed polling URLs are long.",
        source: "TRACK, HTTPSPEC `large-header`, I-HORIZON533",
        check: long_url,
    },
    Rule {
        id: "LRO-C-19",
        severity: Violation,
        title: "a relative polling URL",
        words: "A relative polling URL is resolved against the request, or is a clear error. A URL that cannot be \
                used is never success.",
        source: "RPC-ASYNC, RFC 9110 section 10.2.2",
        check: unusable_url,
    },
    Rule {
        id: "LRO-C-20",
        severity: Violation,
        title: "a new polling URL replaces the old one",
        words: "Where the answer to a poll brings a new URL in the header that is polled, the client goes on there.",
        source: "RPC-ASYNC step 4, I-PS579",
        check: replaced,
    },
    Rule {
        id: "LRO-C-21",
        severity: Violation,
        title: "no header in a poll's answer: the URL stays",
        words: "A running answer without a polling header leaves the last known URL in force.",
        source: "TESTSRV `put/noheader`, `delete/noheader`",
        check: forgotten,
    },
];

fn plain_get(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        for asked in &course.asked {
            if c.interactions[asked.index].request.body != Body::Empty {
                breaches.push(Breach::new([asked.index], "a poll has a body").in_course(course));
            }
        }
        let Some(write) = course.operation.write else { continue };
        for (index, interaction) in c.after(write) {
            let method = interaction.request.method.as_str();
            let other = matches!(method, "PUT" | "PATCH" | "POST" | "DELETE");
            if other && course.given.iter().any(|given| given.path == c.path(index)) {
                breaches.push(
                    Breach::new([write, index], format!("a polling URL was asked by {method}")).in_course(course),
                );
            }
        }
    }
    Ok(breaches)
}

fn as_given(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    let mut owned = vec![false; c.interactions.len()];
    for index in c.courses.iter().flat_map(Course::steps) {
        owned[index] = true;
    }
    let strays: Vec<usize> = c
        .in_order()
        .filter(|(index, interaction)| !owned[*index] && interaction.request.method == "GET")
        .map(|(index, _)| index)
        .collect();
    for course in &c.courses {
        let given = &course.given;
        if given.is_empty() {
            continue;
        }
        let polls = course.asked.iter().filter(|asked| asked.polled != Polled::Resource);
        for poll in polls {
            let sent = c.target(poll.index);
            let mut near = given.iter().filter(|given| given.path == c.path(poll.index)).peekable();
            if let Some(first) = near.peek().copied()
                && !near.any(|given| same_url(&given.target, sent))
            {
                breaches.push(changed(poll.index, &first.target, sent).in_course(course));
            }
        }
        let Some(write) = course.operation.write else { continue };
        breaches.extend(elsewhere(c, course, write));
        // A URL that was changed too much is no poll of its operation any more.
        for index in strays.iter().copied().filter(|index| c.is_after(*index, write)) {
            if owned[index] {
                continue;
            }
            let sent = c.target(index);
            let path = loosely(sent.path());
            let near = given.iter().find(|given| loosely(given.target.path()) == path);
            if let Some(given) = near.filter(|given| !same_url(&given.target, sent)) {
                owned[index] = true;
                breaches.push(changed(index, &given.target, sent).in_course(course));
            }
        }
    }
    Ok(breaches)
}

/// Polling URLs that were asked of a host for which none was given. On a tape, hosts may have been
/// changed by whoever made it.
fn elsewhere(c: &Conversation<'_>, course: &Course<'_>, write: usize) -> Vec<Breach> {
    if c.known().is_none() {
        return Vec::new();
    }
    let asked = c.after(write).filter(|(_, interaction)| interaction.request.method == "GET");
    let breach = |(index, _): (usize, &Interaction)| {
        let host = c.host(index)?;
        let mut hosts =
            course.given.iter().filter(|given| same_url(&given.target, c.target(index))).map(|given| {
                Url::parse(&given.raw).map(|url| host_of(&url)).or_else(|| c.host(write).map(str::to_owned))
            });
        let is_elsewhere = hosts.next().is_some_and(|first| first.as_deref() != Some(host))
            && hosts.all(|other| other.as_deref() != Some(host));
        let message = || format!("the polling URL was not used as it was given: {host} was asked");
        is_elsewhere.then(|| Breach::new([index], message()).in_course(course))
    };
    asked.filter_map(breach).collect()
}

/// Host and port of a URL. A user name before them is never part of a request's authority; what
/// becomes of it is LRO-C-30's.
fn host_of(url: &Url) -> String {
    let key = url.authority_key();
    key.rsplit_once('@').map_or(key.clone(), |(_, host)| host.to_owned())
}

fn changed(index: usize, given: &Target, sent: &Target) -> Breach {
    Breach::new([index], format!("the polling URL was not used as it was given: {}", change(given, sent)))
}

/// What became of a polling URL, in words.
fn change(given: &Target, sent: &Target) -> String {
    if given.path() != sent.path() && given.path_key() != sent.path_key() {
        return "its path was changed".to_owned();
    }
    // Another api-version is LRO-C-17's.
    let counts = |(name, _): &(&str, &str)| !name.eq_ignore_ascii_case("api-version");
    match given.query_pairs().filter(counts).find(|(name, value)| sent.query_value(name) != Some(value)) {
        Some((name, _)) if sent.query_value(name).is_none() => return format!("`{name}` is missing"),
        Some((name, _)) => return format!("`{name}` was changed"),
        None => {}
    }
    // What a client adds may be a secret of its own: it is not repeated.
    let is_new = |(name, _): (&str, &str)| given.query_value(name).is_none();
    if sent.query_pairs().filter(counts).any(is_new) {
        return "a parameter was added".to_owned();
    }
    "its query was rearranged".to_owned()
}

/// Whether a target is the one that was given, but for what LRO-C-16 lets pass: the api-version and
/// the case of hex digits; and what no URI may hold raw may be escaped.
fn same_url(given: &Target, sent: &Target) -> bool {
    fn pairs(target: &Target) -> impl Iterator<Item = Cow<'_, str>> {
        let pairs = target.query().unwrap_or_default().split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.eq_ignore_ascii_case("api-version") && !pair.is_empty()
        });
        pairs.map(normal)
    }
    given == sent || normal(given.path()) == normal(sent.path()) && pairs(given).eq(pairs(sent))
}

/// Escapes in capitals, and escaped what must be.
fn normal(text: &str) -> Cow<'_, str> {
    let as_it_is = |byte: &u8| byte.is_ascii() && !b"%\x20\"<>\\^`{|}".contains(byte);
    if text.as_bytes().iter().all(as_it_is) {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                normal.push('%');
                for digit in bytes.by_ref().take(2) {
                    normal.push(char::from(digit.to_ascii_uppercase()));
                }
            }
            byte if as_it_is(&byte) => normal.push(char::from(byte)),
            byte => normal.push_str(&format!("%{byte:02X}")),
        }
    }
    Cow::Owned(normal)
}

/// A path without what a careless client changes: escapes, case, a slash too many.
fn loosely(path: &str) -> String {
    let mut text = path.to_owned();
    // Twice: `%2F` may have become `%252F`.
    for _ in 0..2 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text.to_ascii_lowercase().replace('+', " ").trim_matches('/').replace("//", "/")
}

fn version_kept(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        for poll in course.asked.iter().filter(|asked| asked.polled != Polled::Resource) {
            let sent = c.target(poll.index);
            let of_path = course.given.iter().filter(|given| given.path == c.path(poll.index));
            let versions: Vec<&str> = of_path.filter_map(|given| given.target.query_value("api-version")).collect();
            let used = sent.query_value("api-version");
            if let Some(first) = versions.first()
                && used.is_none_or(|used| !versions.contains(&used))
            {
                let used = used.map_or_else(|| "left out".to_owned(), |used| format!("replaced by {used}"));
                let message = format!("api-version rewritten: {first} was given, and was {used}");
                breaches.push(Breach::new([poll.index], message).in_course(course));
            }
        }
    }
    Ok(breaches)
}

/// Long, and not longer than what a client has to cope with.
fn is_long(url: &str) -> bool {
    (4000..=8192).contains(&url.len())
}

fn long_url(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let Some(write) = course.operation.write else { continue };
        let Some(long) = course.given.iter().find(|given| is_long(&given.raw)) else { continue };
        let polled = course.asked.iter().any(|asked| asked.polled != Polled::Resource);
        let cut = c.in_order().find(|(_, other)| {
            let sent = other.request.target.as_str();
            other.request.method == "GET"
                && sent.len() > 1000
                && long.target.raw().starts_with(sent)
                && sent.len() < long.target.raw().len()
        });
        if let Some((index, _)) = cut {
            breaches.push(Breach::new([write, index], "a long polling URL was cut").in_course(course));
        // Whoever is told when to give up may have to before the first poll is due, and whoever holds a
        // complete answer for the end need not ask at all.
        } else if !polled
            && c.outcome().is_ok_and(|outcome| match outcome.is_success() {
                true => !is_complete(course),
                false => c.knobs.timeout.is_none(),
            })
        {
            breaches.push(Breach::new([write], "a long polling URL was never asked").in_course(course));
        }
    }
    Ok(breaches)
}

fn unusable_url(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some((write, answer)) = c.last_answer() else { return Ok(vec![]) };
    let names = ["azure-asyncoperation", "operation-location", "location"];
    let values: Vec<&String> = names.iter().flat_map(|name| answer.headers.get_all(name)).collect();
    // Relative, of a scheme that cannot be polled, or no URL at all.
    let usable = values.iter().any(|value| Url::parse(value).is_some());
    let read = c.after(write).any(|(_, later)| later.request.method == "GET");
    if values.is_empty() || usable || read || !outcome.is_success() {
        return Ok(vec![]);
    }
    if State::of_write(answer).is_none_or(|state| state.is_terminal()) {
        return Ok(vec![]);
    }
    Ok(vec![Breach::new([write], "reports success without a read, because the polling URL cannot be used")])
}

fn header_of(polled: Polled, response: &Response) -> Option<&str> {
    response.headers.get(polled.header()?)
}

fn replaced(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let polls: Vec<&Asked<'_>> = course.polls().collect();
        // Where the newest URL came from.
        let mut newest: Option<(usize, String)> = None;
        // Where redirects led: that is asked on behalf of the newest, once or again.
        let (mut hops, mut is_redirected) = (HashSet::new(), false);
        for poll in polls {
            let sent = c.path(poll.index);
            if is_redirected {
                hops.insert(sent);
            }
            is_redirected = poll.status().is_some_and(is_redirect);
            if let Some((from, path)) = &newest
                && path != sent
                && !hops.contains(sent)
            {
                let gone = poll.status().is_some_and(|status| status >= 400);
                let breach =
                    Breach::new([*from, poll.index], "the old polling URL was asked after a new one was given");
                match course.operation.target {
                    Polled::Location => breaches.push(breach.in_course(course)),
                    // To stay is fine as long as the old one answers.
                    _ if gone => breaches.push(breach.warning().in_course(course)),
                    _ => {}
                }
            }
            let Some(response) = poll.response.filter(|_| poll.is_running()) else { continue };
            let Some(url) = header_of(course.operation.target, response).and_then(Url::parse) else { continue };
            newest = Some((poll.index, url.target.path_key()));
        }
    }
    Ok(breaches)
}

fn is_redirect(status: u16) -> bool {
    (300..400).contains(&status)
}

fn forgotten(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        if !matches!(course.operation.target, Polled::AsyncOperation | Polled::OperationLocation | Polled::Location) {
            continue;
        }
        // The last poll, where it was a running answer without the header.
        let Some(at) = course.asked.iter().rposition(|asked| asked.polled == course.operation.target) else { continue };
        let last = &course.asked[at];
        let bare = last.response.is_some_and(|response| header_of(course.operation.target, response).is_none());
        // At a word that it does not know it gave up for that (LRO-C-32).
        let common = matches!(&last.state, Some(State::Running(word)) if is_common(word));
        // By its status code it was the end (LRO-C-38), whatever its body says of the operation.
        let ended = course.operation.target == Polled::Location
            && last.response.is_some_and(|response| matches!(response.status, 200 | 201 | 204));
        if !common || !bare || ended {
            continue;
        }
        let reads: Vec<usize> = course.asked[at + 1..].iter().map(|asked| asked.index).collect();
        if reads.len() > 1 {
            let message = "polling moved to another URL after an answer without a polling header";
            breaches.push(Breach::new([last.index].into_iter().chain(reads), message).in_course(course));
        } else if reads.is_empty()
            && let Ok(outcome) = c.outcome()
            && c.gave_up()
            && !matches!(outcome.kind, Kind::Timeout | Kind::Canceled)
            && c.knobs.timeout.is_none()
        {
            let message = "gave up after a running answer without a polling header";
            breaches.push(Breach::new([last.index], message).in_course(course));
        }
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_named_and_the_version_is_another_rules() {
        let given = Target::parse("/ops/1?api-version=2&t=1&c=2");
        let change = |sent: &str| change(&given, &Target::parse(sent));
        assert_eq!(change("/ops/1?api-version=1"), "`t` is missing");
        assert_eq!(change("/ops/1?api-version=1&t=1&c=3"), "`c` was changed");
        assert_eq!(change("/ops/1?t=1&c=2&code=3"), "a parameter was added");
        assert_eq!(change("/ops/1?c=2&t=1"), "its query was rearranged");
        assert_eq!(change("/ops/2?api-version=2&t=1&c=2"), "its path was changed");
    }
}
