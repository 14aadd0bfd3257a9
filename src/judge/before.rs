//! LRO-C-01 to 07: before there is anything to poll.

use std::time::Duration;

use super::{
    conversation::{Conversation, is_arm, is_transient, seconds},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{ErrorBody, POLLING_HEADERS, RetryAfter, Target, Url},
    cassette::{Body, Completion, Interaction},
    simulate::scenario::Operation,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-01",
        severity: Violation,
        title: "api-version on every ARM request",
        words: "A request that is no poll carries exactly one `api-version=YYYY-MM-DD`, with `-preview` or the like \
                behind it where there is one: ARM refuses a request without.",
        source: "RPC-RES \"Arguments\", GUIDE \"API Versioning\"",
        check: api_version,
    },
    Rule {
        id: "LRO-C-02",
        severity: Violation,
        title: "bodies are JSON and say so",
        words: "A request with a body declares `Content-Type: application/json` (a PATCH may use \
                `application/merge-patch+json`), and the body is one JSON value in UTF-8.",
        source: "RPC-DET \"Client Request Headers\"",
        check: json_body,
    },
    Rule {
        id: "LRO-C-03",
        severity: Violation,
        title: "TLS and a token on every request",
        words: "Every request to ARM, polls included, goes over HTTPS and carries an `Authorization` header.",
        source: "RPC-DET \"Proxy Request Header Modifications\", SDK-PY",
        check: tls_and_token,
    },
    Rule {
        id: "LRO-C-04",
        severity: Violation,
        title: "an accepted write is not repeated while it runs",
        words: "Once a write was accepted, the client polls; it does not send the write again before the operation \
                has ended. A second write may cancel the first or start a second operation.",
        source: "RPC-ASYNC \"ProvisioningState property\", S-36",
        check: repeated_write,
    },
    Rule {
        id: "LRO-C-05",
        severity: Violation,
        title: "a write is tried again only where it was not accepted",
        words: "A write is sent again only after a transient status, a lost answer, or an error with `Retry-After` \
                (and then not sooner), with the same URI, body and preconditions.",
        source: "RPC-ADD \"Retrying REST Calls\", RFC 9110 section 9.2.2",
        check: retried_write,
    },
    Rule {
        id: "LRO-C-06",
        severity: Warning,
        title: "preconditions stay with the write",
        words: "`If-Match` and `If-None-Match` stay on every try of the write, and are not copied to polls or to the \
                final read.",
        source: "RPC-ADD \"ETags for Resources\"",
        check: preconditions,
    },
    Rule {
        id: "LRO-C-07",
        severity: Violation,
        title: "a refused write has no operation",
        words: "An error answer to the write is reported. Nothing is polled, even if the answer carries polling \
                headers.",
        source: "RPC-RES, the status codes of each method",
        check: refused_write,
    },
];

fn api_version(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let reads = c.courses.iter().flat_map(|course| &course.asked);
    let reads = reads.filter(|asked| asked.polled == crate::arm::Polled::Resource).map(|asked| asked.index);
    let mut judged: Vec<usize> = c.writes().map(|(index, _)| index).chain(reads).collect();
    judged.sort_unstable();
    judged.dedup();
    let handed_out = handed_out(c);
    let breach = |index: usize| {
        let target = &c.interactions[index].request.target;
        if handed_out.contains(&target.as_str()) {
            return None;
        }
        let target = Target::parse(target);
        let mut versions = target.query_pairs().filter(|(name, _)| name.eq_ignore_ascii_case("api-version"));
        let message = match (versions.next(), versions.next()) {
            (None, _) => "the request has no api-version".to_owned(),
            (Some(_), Some(_)) => "the request has more than one api-version".to_owned(),
            // What a service took has a meaning there; a script's takes anything.
            (Some((_, version)), None) if !is_version(version) && (version.is_empty() || !takes_it(c, index)) => {
                format!("the api-version `{version}` is none")
            }
            _ => return None,
        };
        Some(Breach::new([index], message))
    };
    Ok(judged.into_iter().filter_map(breach).collect())
}

/// Whether a service, and no script, took a request.
fn takes_it(c: &Conversation<'_>, index: usize) -> bool {
    c.known().is_none() && c.interactions[index].response.as_ref().is_some_and(|response| response.status < 400)
}

/// The targets of every URL in a polling header.
fn handed_out<'a>(c: &Conversation<'a>) -> Vec<&'a str> {
    let responses = c.interactions.iter().filter_map(|interaction| interaction.response.as_ref());
    let values = responses.flat_map(|response| POLLING_HEADERS.iter().flat_map(|name| response.headers.get_all(name)));
    values
        .map(|value| {
            &value[value.find("://").map_or(0, |at| value[at + 3..].find('/').map_or(0, |slash| at + 3 + slash))..]
        })
        .collect()
}

fn is_version(text: &str) -> bool {
    let (date, suffix) = text.split_at_checked(10).unwrap_or((text, ""));
    let is_date = date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let suffixes = ["", "-preview", "-alpha", "-beta", "-rc", "-privatepreview"];
    is_date && suffixes.iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

fn json_body(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    // A recorder that keeps no request headers tells nothing of them.
    if c.interactions.iter().all(|interaction| interaction.request.headers.is_empty()) {
        return Err(NotJudged("the headers of requests"));
    }
    let mut breaches = Vec::new();
    for (index, write) in c.writes() {
        let message = match &write.request.body {
            Body::Empty | Body::Sidecar { .. } => continue,
            Body::Json(_) => None,
            Body::Text(text) if serde_json::from_str::<serde_json::Value>(text).is_ok() => None,
            Body::Text(_) => Some("the body is not JSON".to_owned()),
            Body::Binary(_) => Some("the body is not UTF-8".to_owned()),
        };
        let message = message.or_else(|| match write.request.headers.get("content-type") {
            Some(kind) if is_json_type(kind) => None,
            Some(kind) => Some(format!("the body is declared as `{kind}`")),
            None => Some("the body has no Content-Type".to_owned()),
        });
        let Some(message) = message else { continue };
        let breach = Breach::new([index], message);
        // Recorders have been seen to write bodies down in their own language's notation.
        breaches.push(breach.warning_if(write.provenance.is_some()));
    }
    Ok(breaches)
}

fn is_json_type(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn tls_and_token(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let own = c.writes().next().map(|(index, _)| c.host(index));
    // Recorders that drop the header drop it everywhere.
    let keeps_auth = c.interactions.iter().any(|interaction| interaction.request.auth.is_some());
    let breach = |(index, interaction): (usize, &Interaction)| {
        let request = &interaction.request;
        let foreign = own.as_ref().is_some_and(|own| *own != c.host(index));
        // A plain poll is LRO-C-31's, a token for a foreign host LRO-C-30's.
        let plain = request.scheme.as_deref() == Some("http") && request.method != "GET";
        let refused = interaction.response.as_ref().is_some_and(|response| response.status == 401);
        if plain && !c.knobs.plain_http {
            Some(Breach::new([index], "the request goes over plain HTTP"))
        } else if keeps_auth && request.auth.is_none() && !refused && !foreign {
            let breach = Breach::new([index], "the request has no Authorization header");
            // Some drop it with every redirect, to be sure (LRO-C-30).
            Some(breach.warning_if(redirected(c, index)))
        } else {
            None
        }
    };
    if !keeps_auth && c.interactions.iter().any(|interaction| interaction.provenance.is_some()) {
        return Err(NotJudged("whether requests had a token"));
    }
    // Here is no credential to ask for, so that a client may have been told to go without.
    let without = !keeps_auth && c.known().is_some();
    let message = "no request has an Authorization header, which ARM answers with 401";
    let without = c.writes().next().filter(|_| without).map(|(write, _)| Breach::new([write], message).warning());
    let of_arm = |(_, interaction): &(usize, &Interaction)| is_arm(interaction);
    Ok(without.into_iter().chain(c.in_order().filter(of_arm).filter_map(breach)).collect())
}

/// Whether a request follows a redirect, or tries again what followed one.
fn redirected(c: &Conversation<'_>, index: usize) -> bool {
    let is_redirect =
        |one: &Interaction| one.response.as_ref().is_some_and(|response| (300..400).contains(&response.status));
    let is_same = |before: usize, one: &Interaction| {
        one.request.method == c.interactions[index].request.method && c.path(before) == c.path(index)
    };
    let mut before = c.before(index).rev();
    before.find(|(at, one)| is_redirect(one) || !is_same(*at, one)).is_some_and(|(_, one)| is_redirect(one))
}

fn repeated_write(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    let is_run_twice =
        c.knobs.again.is_some() || c.known().is_some_and(|known| known.scenario.operation == Operation::Rerun);
    for course in &c.courses {
        let Some(write) = course.operation.write else { continue };
        // The second run is the caller's doing.
        let mut calls = usize::from(is_run_twice);
        let first = &c.interactions[write].request;
        let end = course.end().map(|end| course.asked[end].index);
        for (index, again) in c.writes_between(write, end) {
            let same = again.request.method == first.method && c.path(index) == course.operation.path;
            if !same || c.host(index) != c.host(write) {
                continue;
            }
            if calls > 0 {
                calls -= 1;
                continue;
            }
            let other_body = again.request.body != first.body;
            // Whoever does not poll to the end may know from elsewhere that it has ended.
            let unseen = course.end().is_none() && c.outcome().is_err();
            let when = if unseen {
                ", and nobody had asked whether its operation had ended"
            } else {
                " while its operation ran"
            };
            let breach = Breach::new([write, index], format!("{} was sent again{when}", first.method));
            breaches.push(breach.warning_if(other_body || unseen).in_course(course));
        }
    }
    Ok(breaches)
}

/// Two tries of one write, the second not yet judged.
struct Tries<'a> {
    first: (usize, &'a Interaction),
    second: (usize, &'a Interaction),
}

/// Each write with the one before it, where both ask the same of the same resource and no other
/// write is between them.
fn tries<'a>(c: &Conversation<'a>) -> Vec<Tries<'a>> {
    let writes: Vec<_> = c.writes().collect();
    let same = |pair: &[(usize, &'a Interaction)]| {
        let [first, second] = [pair[0], pair[1]];
        let same = first.1.request.method == second.1.request.method && c.path(first.0) == c.path(second.0);
        same.then_some(Tries { first, second })
    };
    writes.windows(2).filter_map(same).collect()
}

fn retried_write(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for Tries { first: (first, one), second: (second, two) } in tries(c) {
        let pair = [first, second];
        let status = one.response.as_ref().map(|response| response.status);
        let asked = one.response.as_ref().and_then(|response| RetryAfter::of(&response.headers));
        let same_request = one.request.body == two.request.body && conditions(one) == conditions(two);
        let lost = status.is_none() || one.completion != Completion::Whole;
        if status.is_some_and(|status| status < 400) && !lost {
            continue; // Accepted: LRO-C-04.
        }
        if !is_transient(one) && asked.is_none() {
            let status = status.unwrap_or_default();
            let challenged = status == 401;
            // Somebody else's operation: to wait for its end is fine (SC-042, LRO-C-54).
            // Where time is played fast nobody needs to be patient.
            let gap = c.paced().and_then(|()| c.between(first, second));
            let patient = gap.map_or(true, |gap| gap >= Duration::from_secs(1));
            let busy = status == 409 && patient;
            let registered = error_code(one).is_some_and(|code| code == "MissingSubscriptionRegistration");
            if same_request && !challenged && !busy && !registered {
                let breach = Breach::new(pair, format!("the same write was sent again after {status}"));
                // On a tape it may have been the caller, who had done something about it.
                breaches.push(breach.warning_if(c.outcome().is_err()));
            }
            continue;
        }
        if one.request.target != two.request.target || !same_request {
            let what = if conditions(one) != conditions(two) {
                "other preconditions"
            } else if one.request.target != two.request.target {
                "another URI"
            } else {
                "another body"
            };
            breaches.push(Breach::new(pair, format!("the write was tried again with {what}")));
        }
        if one.request.method == "POST" && lost && !is_repeatable(two) {
            let message = "a POST whose answer was lost was sent again: it may have been carried out twice";
            breaches.push(Breach::new(pair, message).warning());
        }
        if let Some(asked) = c.wait_asked(first)
            && let Ok(gap) = c.gap(first, second)
            && c.paced().is_ok()
            && super::pacing::too_soon(gap, asked)
        {
            let message =
                format!("the write came again after {}, and was asked to wait {}", seconds(gap), seconds(asked));
            breaches.push(Breach::new(pair, message));
        }
    }
    Ok(breaches)
}

fn error_code(interaction: &Interaction) -> Option<String> {
    ErrorBody::of(interaction.response.as_ref()?)?.code
}

fn is_repeatable(interaction: &Interaction) -> bool {
    interaction.notes.iter().any(|note| note.contains("repeatability-request-id"))
}

fn conditions(interaction: &Interaction) -> [&[String]; 2] {
    ["if-match", "if-none-match"].map(|name| interaction.request.headers.get_all(name))
}

fn preconditions(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let of_write = course.operation.write.map(|write| conditions(&c.interactions[write]));
        for asked in &course.asked {
            let here = conditions(&c.interactions[asked.index]);
            let copied = match asked.polled {
                // With a tag, it asks whether the resource has changed.
                crate::arm::Polled::Resource => {
                    !here[0].is_empty()
                        || here[1].iter().any(|tag| tag == "*") && of_write.is_some_and(|of| of[1] == here[1])
                }
                _ => here.iter().any(|values| !values.is_empty()),
            };
            if copied {
                let message = "a precondition is on a read, where it has no meaning";
                breaches.push(Breach::new([asked.index], message).in_course(course));
            }
        }
    }
    Ok(breaches)
}

fn refused_write(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for (write, interaction) in c.writes() {
        let Some(response) = interaction.response.as_ref().filter(|response| response.status >= 400) else { continue };
        if is_transient(interaction) {
            continue;
        }
        let urls = POLLING_HEADERS.iter().flat_map(|name| response.headers.get_all(name));
        let own = c.path(write);
        let paths: Vec<String> =
            urls.filter_map(|url| Some(Url::parse(url)?.target.path_key())).filter(|path| path != own).collect();
        if paths.is_empty() {
            continue;
        }
        let polled = c
            .after(write)
            .filter(|(index, later)| later.request.method == "GET" && paths.iter().any(|path| path == c.path(*index)));
        let status = response.status;
        breaches.extend(polled.map(|(index, _)| {
            Breach::new([write, index], format!("polled although the write was refused with {status}"))
        }));
    }
    if let (Ok(outcome), Some((write, answer))) = (c.outcome(), c.last_answer())
        && outcome.is_success()
        && answer.status >= 400
        && c.interactions[write].completion == Completion::Whole
        // What is to be deleted may be gone already (SC-187).
        && !(c.interactions[write].request.method == "DELETE" && matches!(answer.status, 404 | 410))
        && !found_by_reading(c, write)
    {
        breaches.push(Breach::new(
            [write],
            format!("reports success although the write was refused with {}", answer.status),
        ));
    }
    Ok(breaches)
}

/// Whether the client looked at the resource after its last try was refused: an earlier try whose
/// answer was lost may have been carried out (SC-173, SC-174).
fn found_by_reading(c: &Conversation<'_>, write: usize) -> bool {
    c.after(write).any(|(index, later)| {
        later.request.method == "GET"
            && c.path(index) == c.path(write)
            && later.response.as_ref().is_some_and(|response| response.status == 200)
    })
}
