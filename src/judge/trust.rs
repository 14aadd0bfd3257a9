//! LRO-C-28 to 31: who asks, and whom.

use std::collections::HashSet;

use super::{
    conversation::Conversation,
    course::{Asked, Course},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{POLLING_HEADERS, Url, authority_key, member_at},
    cassette::Interaction,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-28",
        severity: Violation,
        title: "the same caller throughout",
        words: "Polls use a token of the principal that began the operation: a polling URL is bound to its caller.",
        source: "S-31",
        check: same_caller,
    },
    Rule {
        id: "LRO-C-29",
        severity: Warning,
        title: "a token that expires while polling",
        words: "On 401 the client gets a new token and repeats the poll once. A 401 on a poll never means that the \
                operation failed, and is not repeated without end.",
        source: "RFC 9110 section 11.6.1, I-AZURERM20867, I-PS13367",
        check: expired_token,
    },
    Rule {
        id: "LRO-C-30",
        severity: Violation,
        title: "credentials stay with trusted hosts",
        words: "A token is never sent along with a redirect to another host, and should not be sent to another host \
                that an answer names: whoever answers there has a token for the whole of ARM. A user name in a URL \
                that an answer names is not used.",
        source: "REVIEW section 6.6, SDK-PY, SDK-JS, RFC 9110 section 4.2.4",
        check: foreign_host,
    },
    Rule {
        id: "LRO-C-31",
        severity: Violation,
        title: "no way down from TLS",
        words: "An `http://` polling URL or redirect that came over HTTPS is refused or upgraded.",
        source: "I-APIOPS243, SDK-PY",
        check: downgrade,
    },
];

fn principal<'a>(c: &Conversation<'a>, index: usize) -> Option<&'a str> {
    c.interactions[index].request.auth.as_ref()?.stand_in.as_deref()
}

fn same_caller(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if c.interactions
        .iter()
        .all(|interaction| interaction.request.auth.as_ref().is_none_or(|auth| auth.stand_in.is_none()))
    {
        return Err(NotJudged("which principal a token is of"));
    }
    let mut breaches = Vec::new();
    for course in &c.courses {
        let Some(write) = course.operation.write else { continue };
        let Some(begun_by) = principal(c, write) else { continue };
        for asked in &course.asked {
            if principal(c, asked.index).is_some_and(|other| other != begun_by) {
                let message = "polled with a token of another principal than that of the write";
                breaches.push(Breach::new([write, asked.index], message).in_course(course));
            }
        }
    }
    Ok(breaches)
}

fn expired_token(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 3;
    let mut breaches = Vec::new();
    for course in &c.courses {
        let refused: Vec<_> = course.asked.iter().map(|asked| (asked.index, asked.status() == Some(401))).collect();
        let runs = refused.chunk_by(|one, other| one.1 == other.1).filter(|run| run[0].1 && run.len() > MOST);
        breaches.extend(runs.map(|run| {
            let message = format!("asked {} times with a token that was refused", run.len());
            Breach::new(run.iter().map(|(index, _)| *index), message).in_course(course)
        }));
        breaches.extend(same_token_again(c, course).filter(|_| breaches.is_empty()));
    }
    Ok(breaches)
}

/// Where a client tried again with the very token that was refused, and never with another, until it
/// gave up. Only a scripted service can tell two tokens apart.
fn same_token_again(c: &Conversation<'_>, course: &Course<'_>) -> Option<Breach> {
    let seen = c.known()?.seen;
    let token = |index: usize| seen.get(index)?.as_ref()?.token;
    let refused = |asked: &Asked<'_>| asked.status() == Some(401) && !course.operation.reads.contains(&asked.index);
    let first = course.asked.iter().position(refused)?;
    let tried = &course.asked[first..];
    let same = tried.iter().all(|asked| refused(asked) && token(asked.index) == token(tried[0].index));
    let message = "asked again with the token that was refused, and gave up without another";
    (tried.len() > 1 && same && token(tried[0].index).is_some() && c.gave_up())
        .then(|| Breach::new(tried.iter().map(|asked| asked.index), message).in_course(course))
}

/// Hosts that may see a token in an operation that begins so: the one that was asked, and those that the
/// client was told to trust.
fn trusted(c: &Conversation<'_>, begin: usize) -> Option<HashSet<String>> {
    let own = c.host(begin)?;
    Some(
        [own.to_owned()]
            .into_iter()
            .chain(c.knobs.trusted_hosts.iter().map(|host| authority_key(None, host)))
            .collect(),
    )
}

fn foreign_host(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let Some(begin) = course.steps().next() else { continue };
        let Some(trusted) = trusted(c, begin) else { continue };
        // Hosts that the answers of this operation name, and whether a redirect did.
        let mut redirected = HashSet::new();
        let mut named = HashSet::new();
        for index in course.steps() {
            let Some(response) = &c.interactions[index].response else { continue };
            for value in POLLING_HEADERS.iter().flat_map(|name| response.headers.get_all(name)) {
                let Some(url) = Url::parse(value) else { continue };
                let is_redirect = (300..400).contains(&response.status);
                if is_redirect { &mut redirected } else { &mut named }.insert(url.authority_key());
            }
            named.extend(resource_location(response));
        }
        breaches.extend(credentials_of_a_url(c, course));
        if redirected.union(&named).all(|host| trusted.contains(host)) {
            continue;
        }
        for (index, interaction) in c.after(begin) {
            let Some(host) = c.host(index).filter(|host| !trusted.contains(*host)) else { continue };
            if interaction.request.auth.is_none() {
                continue;
            }
            let message = |how: &str| format!("the token went to {host}, {how}");
            if redirected.contains(host) {
                breaches.push(Breach::new([index], message("which a redirect named")).in_course(course));
            } else if named.contains(host) {
                // Mainstream SDKs do so.
                breaches.push(Breach::new([index], message("which an answer named")).warning().in_course(course));
            }
        }
    }
    breaches.extend(c.writes().filter_map(|(write, _)| token_sent_away(c, write)));
    Ok(breaches)
}

/// A write that was answered by a redirect to another host, and went there with the token. No operation has
/// begun then.
fn token_sent_away(c: &Conversation<'_>, write: usize) -> Option<Breach> {
    let response = c.interactions[write].response.as_ref().filter(|response| (300..400).contains(&response.status))?;
    let host = Url::parse(response.headers.get("location")?)?.authority_key();
    if trusted(c, write)?.contains(&host) {
        return None;
    }
    let to_there = |(index, interaction): &(usize, &Interaction)| {
        c.host(*index) == Some(host.as_str()) && interaction.request.auth.is_some()
    };
    let (index, _) = c.after(write).find(to_there)?;
    Some(Breach::new([write, index], format!("the token went to {host}, which a redirect named")))
}

/// Polls with the user name and password that a polling URL held (RFC 9110 section 4.2.4 deprecates
/// them): whoever writes the URL then decides who the client is.
fn credentials_of_a_url(c: &Conversation<'_>, course: &Course<'_>) -> Vec<Breach> {
    let kind = |index: usize| c.interactions[index].request.auth.as_ref().map(|auth| auth.kind.as_str());
    let holds = |url: &String| url.split('/').nth(2).is_some_and(|authority| authority.contains('@'));
    if !course.operation.urls.iter().any(holds) {
        return Vec::new();
    }
    let begun = course.steps().next().and_then(kind);
    let asked = course.asked.iter().map(|asked| asked.index);
    let message = "sent the user name and password that a polling URL held, in the place of its token";
    asked
        .filter(|index| begun != Some("basic") && kind(*index) == Some("basic"))
        .map(|index| Breach::new([index], message).warning().in_course(course))
        .collect()
}

fn resource_location(response: &crate::cassette::Response) -> Option<String> {
    let location = member_at(&response.body, &["resourceLocation"])?;
    Url::parse(location.as_str()?).map(|url| url.authority_key())
}

fn downgrade(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if c.knobs.plain_http {
        return Err(NotJudged("TLS: this run is over plain HTTP"));
    }
    let mut breaches = Vec::new();
    for course in &c.courses {
        let scheme = |index: usize| c.interactions[index].request.scheme.as_deref();
        let Some(write) = course.operation.write.filter(|write| scheme(*write) == Some("https")) else { continue };
        for asked in course.asked.iter().filter(|asked| scheme(asked.index) == Some("http")) {
            let token = c.interactions[asked.index].request.auth.is_some();
            let message = if token { "polled over plain HTTP, with the token" } else { "polled over plain HTTP" };
            breaches.push(Breach::new([write, asked.index], message).in_course(course));
        }
    }
    Ok(breaches)
}
