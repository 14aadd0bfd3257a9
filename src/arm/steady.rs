//! An interaction without what differs from one recording of the same thing to the next.
//!
//! Dates, ids of requests and operations, entity tags, rate-limit counters, timings and connections
//! are no facts: a word stands in the place of each, so that two interactions that say the same are
//! equal, and whatever is told of their difference cannot tell these.

use super::{Operation, Polled, Target, Url};
use crate::cassette::{Headers, Interaction};

/// Headers whose values say when and by whom an answer was made, never what it says.
const VOLATILE: &[&str] = &[
    "age",
    "date",
    "etag",
    "expires",
    "last-modified",
    "x-ms-arm-service-request-id",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-operation-identifier",
    "x-ms-request-id",
    "x-ms-routing-request-id",
    "x-msedge-ref",
];

/// Headers of a request that give back an entity tag.
const CONDITIONS: &[&str] = &["if-match", "if-none-match"];

/// Members of bodies that are drawn anew for each answer.
const VOLATILE_MEMBERS: &[&str] = &["etag", "requestid", "trackingid", "correlationid", "activityid"];

/// The steady part of `interaction`. `names` are what this recording calls its operation
/// ([`names_of`]).
pub(super) fn steady(interaction: &Interaction, names: &[String]) -> Interaction {
    let mut steady = interaction.clone();
    (steady.times, steady.connection, steady.provenance) = (None, None, None);
    let Interaction { request, response, .. } = &mut steady;
    without_values(&mut request.headers);
    for name in CONDITIONS {
        if request.headers.get(name).is_some_and(|value| value != "*") {
            request.headers.set(name, "{etag}");
        }
    }
    // What the client said of time, it meant: only the answer is freed of it.
    let named = |text: &str| renamed(text, names);
    request.target = named(&request.target).unwrap_or_else(|| request.target.clone());
    request.headers.over_values(named);
    request.body.over_text(named);
    if let Some(response) = response {
        without_values(&mut response.headers);
        let freed = |text: &str| {
            let times = without_times(text);
            let members = without_members(times.as_deref().unwrap_or(text)).or(times);
            renamed(members.as_deref().unwrap_or(text), names).or(members)
        };
        response.headers.over_values(freed);
        response.body.over_text(freed);
    }
    steady
}

fn without_values(headers: &mut Headers) {
    let volatile: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| VOLATILE.contains(&name.as_str()) || name.starts_with("x-ms-ratelimit-"))
        .collect();
    for name in volatile {
        headers.set(&name, "");
    }
}

/// `text` with a word in the place of the names; `None` where it has none of them.
fn renamed(text: &str, names: &[String]) -> Option<String> {
    let mut changed = None;
    for name in names {
        let now = changed.as_deref().unwrap_or(text);
        if now.contains(name.as_str()) {
            changed = Some(now.replace(name.as_str(), "{operation}"));
        }
    }
    changed
}

/// What an operation is called in this recording: its URLs, and the ids in them.
pub(crate) fn names_of(operation: &Operation, interactions: &[Interaction]) -> Vec<String> {
    if operation.target == Polled::Resource {
        return Vec::new();
    }
    let asked = operation.write.map(|write| interactions[write].request.target.as_str()).unwrap_or_default();
    let mut names = Vec::new();
    for url in &operation.urls {
        let target = Url::parse(url).map_or_else(|| Target::parse(url), |url| url.target);
        let words = target.path().split('/').chain(target.query_pairs().map(|(_, value)| value));
        names.extend(words.filter(|word| is_id(word) && !asked.contains(*word)).map(str::to_owned));
    }
    // The longest first: one may be part of another.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    names
}

/// Whether a word of a URL looks like one that a service draws: long, and with digits in it.
pub(super) fn is_id(word: &str) -> bool {
    const SHORTEST: usize = 8;
    let version = word.as_bytes().get(4) == Some(&b'-') && word.as_bytes().get(7) == Some(&b'-');
    word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_digit()) && !version
}

/// `text` with a word for points in time (RFC 3339, with or without a zone); `None` where it has none.
fn without_times(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut taken, mut at) = (0, 0);
    while let Some(found) = text[at..].find('T') {
        let letter = at + found;
        at = letter + 1;
        let start = letter.checked_sub(10).filter(|start| *start >= taken && text.is_char_boundary(*start));
        if let Some((start, length)) = start.and_then(|start| Some((start, point_in_time(&text.as_bytes()[start..])?)))
        {
            out.push_str(&text[taken..start]);
            out.push_str("{time}");
            taken = start + length;
            at = taken;
        }
    }
    (taken > 0).then(|| out + &text[taken..])
}

/// The length of the point in time with which `text` begins.
fn point_in_time(text: &[u8]) -> Option<usize> {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let fits = text.len() >= FORM.len()
        && FORM.iter().zip(text).all(|(form, byte)| if *form == b'd' { byte.is_ascii_digit() } else { form == byte });
    if !fits {
        return None;
    }
    let rest = &text[FORM.len()..];
    let fraction = if rest.first() == Some(&b'.') {
        1 + rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    } else {
        0
    };
    let zone = match &rest[fraction..] {
        [b'Z', ..] => 1,
        [b'+' | b'-', a, b, b':', c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => 6,
        _ => 0,
    };
    Some(FORM.len() + fraction + zone)
}

/// JSON text with a word for the values of [`VOLATILE_MEMBERS`]; `None` where it has none of them.
fn without_members(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut taken, mut at) = (0, 0);
    while let Some((key, end)) = string(text, at) {
        at = end;
        let Some(value) = text[end..].trim_start().strip_prefix(':').map(str::trim_start) else { continue };
        if value.starts_with('"') && VOLATILE_MEMBERS.iter().any(|name| name.eq_ignore_ascii_case(key)) {
            let start = text.len() - value.len();
            let Some((_, end)) = string(text, start) else { break };
            out.push_str(&text[taken..start]);
            out.push_str("\"{volatile}\"");
            (taken, at) = (end, end);
        }
    }
    (taken > 0).then(|| out + &text[taken..])
}

/// The first JSON string in `text` from `at` on, and where it ends.
fn string(text: &str, at: usize) -> Option<(&str, usize)> {
    let start = at + text[at..].find('"')? + 1;
    let mut escaped = false;
    let length = text[start..].find(|letter| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends
    })?;
    Some((&text[start..start + length], start + length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_are_found_and_nothing_else() {
        let without = |text| without_times(text).unwrap_or_else(|| String::from(text));
        assert_eq!(without("é 2017-01-31T23:22:49.63, x"), "é {time}, x");
        assert_eq!(without("2017-01-31T23:22:49+01:00TT2017-04-26"), "{time}TT2017-04-26");
        assert_eq!(without("Testing 2017-01-31T2"), "Testing 2017-01-31T2");
        assert_eq!(without("2017-01-31T23:22:49Z2017-01-31T23:22:49Z"), "{time}{time}");
    }

    #[test]
    fn members_that_are_drawn_anew_are_found_and_nothing_else() {
        let body = r#"{"ETag" : "W/\"1\"","x":"etag","etag":5,"requestId":"a"}"#;
        let freed = r#"{"ETag" : "{volatile}","x":"etag","etag":5,"requestId":"{volatile}"}"#;
        assert_eq!(without_members(body).as_deref(), Some(freed));
        for text in ["", "\"", r#""etag"#, r#""etag":"#, r#""etag":"x"#, r#"{"a":"b"}"#] {
            assert_eq!(without_members(text), None, "{text}");
        }
    }
}
