use proptest::prelude::*;

use super::*;
use crate::cassette::{Body, Completion, Headers, Request, Times};

const RES: &str = "/subscriptions/s/resourceGroups/g/providers/N/t/x";
const OP: &str = "https://h/subscriptions/s/ops/1?api-version=1";

/// One exchange: method, target, status, headers, body. A target may be a whole URL.
fn exchange(method: &str, target: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Interaction {
    let (authority, target) = match crate::arm::Url::parse(target) {
        Some(url) => (Some(url.authority), url.target.raw().to_owned()),
        None => (None, target.to_owned()),
    };
    Interaction {
        request: Request {
            method: method.into(),
            target,
            scheme: authority.as_ref().map(|_| "https".into()),
            authority,
            version: None,
            auth: None,
            headers: Headers::new(),
            body: Body::Empty,
        },
        response: (status > 0).then(|| Response {
            status,
            headers: headers.iter().copied().collect(),
            body: Body::from_bytes(body.as_bytes().to_vec().into()),
        }),
        completion: Completion::Whole,
        connection: None,
        times: None,
        provenance: None,
        notes: Vec::new(),
    }
}

fn state(word: &str) -> String {
    format!(r#"{{"properties":{{"provisioningState":"{word}"}}}}"#)
}

fn status(word: &str) -> String {
    format!(r#"{{"status":"{word}"}}"#)
}

/// An operation in one line: write, target, polls, reads, final read, end.
fn line(operation: &Operation) -> String {
    let end = operation.end.as_ref().map(|end| format!("{} {}", end.status, end.state)).unwrap_or_default();
    let numbers = |numbers: &[usize]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    format!(
        "{} {} polls [{}] reads [{}] final [{}] end [{end}]",
        number(operation.write),
        operation.target,
        numbers(&operation.polls),
        numbers(&operation.reads),
        number(operation.final_read),
    )
}

fn lines(interactions: &[Interaction]) -> Vec<String> {
    operations(interactions).iter().map(line).collect()
}

#[test]
fn the_better_url_wins_and_the_result_is_read() {
    let headers = [("Location", "https://h/results/1"), ("Azure-AsyncOperation", OP)];
    let tape = [
        exchange("GET", RES, 404, &[], ""),
        exchange("PUT", RES, 201, &headers, &state("Creating")),
        exchange("GET", OP, 200, &[], &status("Running")),
        exchange("GET", RES, 200, &[], &state("Creating")),
        exchange("GET", OP, 200, &[], &status("Succeeded")),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("GET", OP, 200, &[], &status("Succeeded")),
    ];
    assert_eq!(lines(&tape), ["1 azure-asyncoperation polls [2,4,7] reads [3,5,6] final [5] end [200 Succeeded]"]);
    let operation = &operations(&tape)[0];
    assert_eq!((operation.running_polls(), operation.terminal_poll()), (&[2][..], Some(4)));
    assert_eq!(operation.offered, Polled::AsyncOperation);
    assert_eq!(operation.urls, [OP, "https://h/results/1"]);
    assert_eq!(operation.interactions().collect::<Vec<_>>(), [1, 2, 4, 7, 3, 5, 6]);
}

#[test]
fn operation_location_is_before_location() {
    let headers = [("Location", "/results/1"), ("Operation-Location", "/ops/1")];
    let tape = [
        exchange("DELETE", RES, 202, &headers, ""),
        exchange("GET", "/ops/1", 200, &[], &status("Failed")),
        exchange("GET", "/results/1", 404, &[], ""),
    ];
    assert_eq!(lines(&tape), ["0 operation-location polls [1] reads [2] final [2] end [200 Failed]"]);
}

#[test]
fn an_action_ends_at_its_location() {
    let action = format!("{RES}/start?api-version=1");
    let headers = [("Location", "https://h/results/1"), ("Azure-AsyncOperation", OP)];
    let tape = [
        exchange("POST", &action, 202, &headers, ""),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("GET", OP, 200, &[], &status("Succeeded")),
        exchange("GET", "/results/1", 200, &[], "{}"),
    ];
    assert_eq!(lines(&tape), ["0 azure-asyncoperation polls [2] reads [3] final [3] end [200 Succeeded]"]);
    assert_eq!(operations(&tape)[0].resource_path(), RES.to_ascii_lowercase());
}

#[test]
fn without_a_url_the_resource_is_read_until_the_next_write() {
    let other_case = RES.to_ascii_uppercase();
    let tape = [
        exchange("PUT", RES, 200, &[], &state("Updating")),
        exchange("GET", &other_case, 200, &[], &state("Updating")),
        exchange("GET", &format!("{RES}?api-version=2"), 200, &[], &state("Succeeded")),
        exchange("PUT", RES, 409, &[], ""),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("PUT", RES, 200, &[], &state("Succeeded")),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("DELETE", RES, 202, &[], ""),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("GET", RES, 404, &[], ""),
    ];
    assert_eq!(
        lines(&tape),
        [
            "0 resource polls [1,2,4] reads [] final [] end [200 Succeeded]",
            "7 resource polls [8,9] reads [] final [] end [404 Succeeded]"
        ]
    );
    let offered: Vec<_> = operations(&tape).iter().map(|operation| operation.offered).collect();
    assert_eq!(offered, [Polled::Resource, Polled::Nothing]);
}

#[test]
fn a_location_that_is_the_resource_is_read_by_its_state() {
    let tape = [
        exchange("PUT", RES, 201, &[("Location", RES)], &state("Creating")),
        exchange("GET", RES, 200, &[], &state("Creating")),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
        exchange("PUT", RES, 200, &[], &state("Succeeded")),
        exchange("GET", RES, 200, &[], &state("Succeeded")),
    ];
    assert_eq!(lines(&tape), ["0 resource polls [1,2] reads [] final [] end [200 Succeeded]"]);
}

#[test]
fn synchronous_writes_are_none() {
    let link = [("Location", RES)];
    let tape = [
        exchange("PUT", RES, 200, &[], &state("Succeeded")),
        exchange("PUT", RES, 201, &link, &state("Succeeded")),
        exchange("PUT", RES, 201, &link, "{}"),
        exchange("POST", "/subscriptions/s/token", 200, &[("Location", "/x")], "{}"),
        exchange("DELETE", RES, 204, &[], ""),
        exchange("PUT", RES, 400, &[("Location", "/x")], ""),
        exchange("PUT", RES, 0, &[], ""),
        exchange("GET", RES, 200, &[], &state("Creating")),
    ];
    assert_eq!(lines(&tape), Vec::<String>::new());
}

#[test]
fn a_url_may_accompany_a_finished_state() {
    let tape = [
        exchange("PUT", RES, 200, &[("Azure-AsyncOperation", OP)], &state("Succeeded")),
        exchange("PUT", RES, 201, &[("Location", "/results/1")], "{}"),
        exchange("GET", "/results/1", 200, &[], "{}"),
    ];
    assert_eq!(
        lines(&tape),
        ["0 none polls [] reads [] final [] end []", "1 location polls [2] reads [] final [] end [200 Succeeded]"]
    );
}

#[test]
fn a_moving_url_is_followed() {
    let tape = [
        exchange("POST", "/a/b", 202, &[("Location", "/r/1")], ""),
        exchange("GET", "/r/1", 202, &[("Location", "https://other/r/2?t=1&c=2")], ""),
        exchange("GET", "https://other/r/2?c=2&t=1", 307, &[("Location", "/r/3")], ""),
        exchange("GET", "https://other/r/3", 429, &[], ""),
        exchange("GET", "https://other/r/3", 201, &[("Location", "/x")], "{}"),
        exchange("GET", "/r/1", 202, &[], ""),
        exchange("GET", "/x", 200, &[], "{}"),
    ];
    assert_eq!(lines(&tape), ["0 location polls [1,2,3,4,5] reads [] final [] end [201 Succeeded]"]);
    assert_eq!(operations(&tape)[0].urls, ["/r/1", "https://other/r/2?t=1&c=2", "/r/3"]);
}

#[test]
fn one_url_of_two_writes_goes_to_the_newer() {
    let headers = [("Azure-AsyncOperation", OP)];
    let running = [("Azure-AsyncOperation", "https://H:443/subscriptions/s/ops/1?api-version=1")];
    let tape = [
        exchange("PUT", RES, 201, &headers, &state("Creating")),
        exchange("GET", OP, 200, &running, &status("Running")),
        exchange("GET", OP, 200, &[], &status("Succeeded")),
        exchange("DELETE", RES, 202, &headers, ""),
        exchange("GET", OP, 200, &[], &status("Deleting")),
        exchange("GET", "https://H:443/subscriptions/s/OPS/1?API-version=2", 200, &[], &status("Succeeded")),
    ];
    assert_eq!(
        lines(&tape),
        [
            "0 azure-asyncoperation polls [1,2] reads [] final [] end [200 Succeeded]",
            "3 azure-asyncoperation polls [4,5] reads [] final [] end [200 Succeeded]"
        ]
    );
}

#[test]
fn hosts_tell_resources_apart_and_a_missing_one_fits_any() {
    let one = format!("https://one{RES}");
    let two = format!("https://TWO:443{RES}");
    let tape = [
        exchange("PUT", &one, 202, &[], ""),
        exchange("PUT", &two, 202, &[], ""),
        exchange("GET", &one, 200, &[], ""),
        exchange("GET", &format!("https://two{RES}"), 200, &[], ""),
        exchange("GET", &format!("https://three{RES}"), 200, &[], ""),
        exchange("GET", RES, 200, &[], ""),
    ];
    let found: Vec<_> = operations(&tape).into_iter().map(|operation| operation.polls).collect();
    assert_eq!(found, [vec![2], vec![3, 5]]);
}

#[test]
fn a_polling_url_at_another_host_is_still_its_operations() {
    let tape = [
        exchange("PUT", RES, 201, &[("Azure-AsyncOperation", OP)], &state("Creating")),
        exchange("GET", "https://localhost:8080/subscriptions/s/ops/1?api-version=1", 200, &[], &status("Canceled")),
    ];
    assert_eq!(lines(&tape), ["0 azure-asyncoperation polls [1] reads [] final [] end [200 Canceled]"]);
}

#[test]
fn polls_without_their_write() {
    let tape = [
        exchange("GET", "/r/1", 202, &[("Location", "/r/2")], ""),
        exchange("GET", "/r/2", 200, &[], "{}"),
        exchange("GET", "/r/1", 200, &[], "{}"),
    ];
    assert_eq!(lines(&tape), [" location polls [0,1,2] reads [] final [] end [200 Succeeded]"]);
    assert_eq!((operations(&tape)[0].write, operations(&tape)[0].path.as_str()), (None, "/r/1"));
}

#[test]
fn polls_that_came_before_the_service_knew_of_the_operation() {
    let tape = [
        exchange("GET", "/r/2", 404, &[], ""),
        exchange("GET", "/r/1", 404, &[], ""),
        exchange("GET", "https://h/r/1", 404, &[], ""),
        exchange("GET", "/r/1", 202, &[("Location", "/r/1?t=1")], ""),
        exchange("GET", "/r/1?t=1", 200, &[], "{}"),
    ];
    assert_eq!(lines(&tape), [" location polls [1,3,4] reads [] final [] end [200 Succeeded]"]);
}

#[test]
fn what_nobody_can_ask_is_no_url() {
    let headers = [("Azure-AsyncOperation", "Sanitized"), ("Location", "/r/1")];
    let tape = [exchange("PUT", RES, 201, &headers, &state("Creating")), exchange("GET", "/r/1", 0, &[], "")];
    assert_eq!(lines(&tape), ["0 location polls [1] reads [] final [] end []"]);
    assert_eq!(operations(&tape)[0].offered, Polled::Location);
}

#[test]
fn time_counts_and_not_the_place() {
    let at = |request, interaction: Interaction| Interaction {
        times: Some(Times { request, answer: request, end: request }),
        ..interaction
    };
    let tape = [
        at(30, exchange("GET", RES, 200, &[], &state("Succeeded"))),
        at(20, exchange("GET", RES, 200, &[], &state("Creating"))),
        at(10, exchange("PUT", RES, 201, &[], &state("Creating"))),
    ];
    assert_eq!(lines(&tape), ["2 resource polls [1,0] reads [] final [] end [200 Succeeded]"]);
}

proptest! {
    /// Whatever the traffic: no panic, and no interaction has two owners.
    #[test]
    fn every_interaction_has_one_owner(
        steps in prop::collection::vec(
            (0..5usize, 0..5usize, prop::sample::select(vec![0u16, 200, 201, 202, 204, 307, 404, 409, 500]), 0..4usize, 0..4usize, 0..6usize),
            0..40,
        )
    ) {
        let targets = [RES, OP, "/r/1", "https://h/r/1?x=1", "/r/2"];
        let words = ["", "Running", "Succeeded", "Failed"];
        let tape: Vec<_> = steps
            .into_iter()
            .map(|(method, target, status_code, word, body, header)| {
                let headers = [
                    &[][..],
                    &[("Location", "/r/1")],
                    &[("Location", RES)],
                    &[("Azure-AsyncOperation", OP)],
                    &[("Operation-Location", "/r/2"), ("Location", "/r/1")],
                    &[("Location", "https://h/r/1?x=1"), ("Azure-AsyncOperation", "/r/1")],
                ][header];
                let body = [String::new(), state(words[word]), status(words[word]), "nul".to_owned()][body].clone();
                exchange(["GET", "PUT", "POST", "DELETE", "HEAD"][method], targets[target], status_code, headers, &body)
            })
            .collect();
        let found = operations(&tape);
        let mut owned: Vec<usize> = found.iter().flat_map(Operation::interactions).collect();
        owned.sort_unstable();
        let count = owned.len();
        owned.dedup();
        prop_assert_eq!(count, owned.len());
        for operation in &found {
            prop_assert!(operation.polls.is_sorted() && operation.reads.is_sorted());
            prop_assert!(operation.running_polls().len() <= operation.polls.len());
            prop_assert_eq!(operation.polls.is_empty(), operation.target == Polled::Nothing);
        }
    }
}
