//! What is time is no change: what a recording says, without what differs from one recording of
//! the same thing to the next.
//!
//! Dates, request ids, rate-limit counters, operation ids, timings, the order in which unrelated
//! things happened, and how often a running operation was polled are not facts. Two recordings
//! with equal facts say the same, and the accepted one stays as it is.

use std::collections::BTreeMap;

use super::{Operation, Polled, Target, Url, operations};
use crate::cassette::{Cassette, Headers, Interaction};

/// The facts of a recording: by path, what happened to the resource there, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Vec<Vec<String>>>);

impl Facts {
    /// The facts of `cassette`.
    #[must_use]
    pub fn of(cassette: &Cassette) -> Self {
        let interactions = &cassette.interactions;
        let operations = operations(interactions);
        let mut owner: Vec<Option<usize>> = vec![None; interactions.len()];
        for (number, operation) in operations.iter().enumerate() {
            for member in operation.interactions() {
                owner[member] = Some(number);
            }
        }
        let mut told = vec![false; operations.len()];
        let mut by_path: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for (number, interaction) in interactions.iter().enumerate() {
            let path = Target::parse(&interaction.request.target).path_key();
            match owner[number] {
                None => by_path.entry(path).or_default().push(vec![text(interaction, &[])]),
                // An operation is one thing, told where it begins.
                Some(operation) if !std::mem::replace(&mut told[operation], true) => {
                    let operation = &operations[operation];
                    by_path.entry(operation.path.clone()).or_default().push(story(operation, interactions));
                }
                Some(_) => {}
            }
        }
        Self(by_path)
    }
}

/// Whether two recordings say the same.
#[must_use]
pub fn same_facts(left: &Cassette, right: &Cassette) -> bool {
    left.variables == right.variables && Facts::of(left) == Facts::of(right)
}

/// An operation: its write, its polls without repetition, its reads.
fn story(operation: &Operation, interactions: &[Interaction]) -> Vec<String> {
    let names = names_of(operation, interactions);
    let write = operation.write.map(|write| text(&interactions[write], &names));
    let mut polls: Vec<String> = operation.polls.iter().map(|poll| text(&interactions[*poll], &names)).collect();
    polls.dedup();
    let reads = operation.reads.iter().map(|read| text(&interactions[*read], &names));
    write.into_iter().chain(polls).chain(reads).collect()
}

/// What an operation is called in this recording: its URLs, and the ids in them.
fn names_of(operation: &Operation, interactions: &[Interaction]) -> Vec<String> {
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
fn is_id(word: &str) -> bool {
    const SHORTEST: usize = 8;
    let version = word.as_bytes().get(4) == Some(&b'-') && word.as_bytes().get(7) == Some(&b'-');
    word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_digit()) && !version
}

/// Where the answer begins in the text of an interaction: nothing else stands at this indent.
const RESPONSE: &str = "\n      \"response\": ";

/// An interaction as it stands on a tape, without what is no fact.
fn text(interaction: &Interaction, names: &[String]) -> String {
    let mut facts = interaction.clone();
    facts.times = None;
    facts.connection = None;
    steady(&mut facts.request.headers);
    if let Some(response) = &mut facts.response {
        steady(&mut response.headers);
    }
    let text = facts.to_text();
    // What the client said of time, it meant: only the answer is freed of it.
    let mut text = match text.split_once(RESPONSE) {
        Some((request, response)) => format!("{request}{RESPONSE}{}", without_times(response)),
        None => text,
    };
    for name in names {
        text = text.replace(name.as_str(), "{operation}");
    }
    text
}

/// Headers whose values say when and by whom an answer was made, never what it says.
const VOLATILE: &[&str] = &[
    "date",
    "expires",
    "last-modified",
    "x-ms-arm-service-request-id",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-request-id",
    "x-ms-routing-request-id",
    "x-msedge-ref",
];

fn steady(headers: &mut Headers) {
    let volatile: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| VOLATILE.contains(&name.as_str()) || name.starts_with("x-ms-ratelimit-"))
        .collect();
    for name in volatile {
        headers.set(&name, "");
    }
}

/// Points in time (RFC 3339, with or without a zone) by a word.
fn without_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('T') {
        let start = at.checked_sub(10).filter(|start| rest.is_char_boundary(*start));
        let length = start.and_then(|start| point_in_time(&rest.as_bytes()[start..]));
        match (start, length) {
            (Some(start), Some(length)) => {
                out.push_str(&rest[..start]);
                out.push_str("{time}");
                rest = &rest[start + length..];
            }
            _ => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::{Body, Completion, Request, Response};

    fn interaction(method: &str, target: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Interaction {
        Interaction {
            request: Request {
                method: method.into(),
                target: target.into(),
                scheme: Some("https".into()),
                authority: Some("management.azure.com".into()),
                version: None,
                auth: None,
                headers: Headers::new(),
                body: Body::Empty,
            },
            response: Some(Response {
                status,
                headers: headers.iter().copied().collect(),
                body: Body::from_bytes(body.to_owned().into()),
            }),
            completion: Completion::Whole,
            connection: None,
            times: None,
            provenance: None,
            notes: Vec::new(),
        }
    }

    /// Creates `name` with so many running polls; the service draws `id` and `date`.
    fn create(name: &str, id: &str, date: &str, polls: usize) -> Vec<Interaction> {
        let path = format!("/subscriptions/s/providers/P/{name}");
        let operation = format!("{path}/operations/{id}?api-version=2017-04-26");
        let location = format!("https://management.azure.com{operation}");
        let body =
            |state| format!(r#"{{"at":"{date}","operation":"{id}","properties":{{"provisioningState":"{state}"}}}}"#);
        let headers = [("location", location.as_str()), ("date", date), ("x-ms-request-id", id)];
        let write = interaction("PUT", &format!("{path}?api-version=2017-04-26"), 202, &headers, &body("Creating"));
        let running = interaction("GET", &operation, 202, &headers, &body("Creating"));
        let end = interaction("GET", &operation, 200, &headers[1..], &body("Succeeded"));
        [vec![write], vec![running; polls], vec![end]].concat()
    }

    fn tape(interactions: Vec<Interaction>) -> Cassette {
        Cassette { interactions, ..Cassette::default() }
    }

    #[test]
    fn ids_dates_and_the_number_of_polls_are_no_facts() {
        let first = tape(create("p", "e40cff6db871409d8337155dc33eaa07", "2026-11-24T16:42:01Z", 1));
        let again = tape(create("p", "00112233445566778899aabbccddeeff", "2026-11-25T09:00:00.1234567+01:00", 6));
        assert!(same_facts(&first, &again), "{:#?}\n{:#?}", Facts::of(&first), Facts::of(&again));
    }

    #[test]
    fn unrelated_operations_may_come_in_any_order() {
        let a = create("a", "aaaaaaaaaaaaaaa1", "2026-11-24T16:42:01Z", 1);
        let b = create("b", "bbbbbbbbbbbbbbb2", "2026-11-24T16:42:01Z", 1);
        let one_after_the_other = tape([a.clone(), b.clone()].concat());
        let interleaved = tape(b.iter().zip(&a).flat_map(|(b, a)| [b.clone(), a.clone()]).collect());
        assert!(same_facts(&one_after_the_other, &interleaved));
    }

    #[test]
    fn everything_else_is_a_fact() {
        type Change<'a> = &'a dyn Fn(&mut Vec<Interaction>);
        let date = "2026-11-24T16:42:01Z";
        let tapes = |change: Change<'_>| {
            let mut changed = create("p", "00112233445566778899aabbccddeeff", date, 2);
            change(&mut changed);
            tape(changed)
        };
        let accepted = tape(create("p", "e40cff6db871409d8337155dc33eaa07", date, 2));
        let changes: [Change<'_>; 7] = [
            &|tape| drop(tape.pop()),
            &|tape| tape.truncate(1),
            &|tape| tape[1].response.as_mut().unwrap().status = 200,
            &|tape| tape[0].response.as_mut().unwrap().headers.set("retry-after", "10"),
            &|tape| tape[3].response.as_mut().unwrap().body = Body::from_bytes(r#"{"properties":{}}"#.into()),
            &|tape| tape[0].request.body = Body::from_bytes(r#"{"at":"2026-11-24T16:42:02Z"}"#.into()),
            &|tape| tape[1].response.as_mut().unwrap().body = Body::Empty,
        ];
        assert!(same_facts(&accepted, &tapes(&|_| {})));
        for (number, change) in changes.iter().enumerate() {
            assert!(!same_facts(&accepted, &tapes(change)), "change {number}");
        }
    }

    #[test]
    fn points_in_time_are_found_and_nothing_else() {
        assert_eq!(without_times("é 2017-01-31T23:22:49.63, x"), "é {time}, x");
        assert_eq!(without_times("2017-01-31T23:22:49+01:00TT2017-04-26"), "{time}TT2017-04-26");
        assert_eq!(without_times("Testing 2017-01-31T2"), "Testing 2017-01-31T2");
    }
}
