//! A client polls another URL than the recorded one.

use super::{Polls, interaction, sessions::Stage};
use crate::cassette::{Cassette, Interaction};

const API: &str = "?api-version=1";
const RESOURCE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a";
const STATUS: &str = "/subscriptions/s/providers/Microsoft.Test/operations/1a2b3c4d?api-version=1";
const RESULT: &str = "/subscriptions/s/providers/Microsoft.Test/results/1a2b3c4d?api-version=1";
const THING: &str = r#"{"name":"a","properties":{"provisioningState":"Succeeded"}}"#;

/// A write that hands out both URLs, and what its client did then.
fn tape(method: &str, then: Vec<Interaction>) -> Stage {
    let [status, result] = [STATUS, RESULT].map(|target| format!("https://management.azure.com{target}"));
    let headers = [("azure-asyncoperation", status.as_str()), ("location", &result), ("retry-after", "7")];
    let write = interaction(method, &format!("{RESOURCE}{API}"), "{}", 202, &headers, "");
    let interactions = [write].into_iter().chain(then).collect();
    Stage::new(Cassette { interactions, ..Cassette::default() }, Polls::Number(1))
}

fn get(target: &str, status: u16, body: &str) -> Interaction {
    interaction("GET", target, "", status, &[], body)
}

/// What each request is answered: status and body.
fn play(stage: &mut Stage, method: &str, polls: &[&str]) -> Vec<String> {
    stage.ask(method, &format!("{RESOURCE}{API}"), "{}");
    polls.iter().map(|target| stage.answer(target)).collect()
}

#[test]
fn the_status_of_an_operation_that_was_polled_by_its_location() {
    let mut stage = tape("PUT", vec![get(RESULT, 202, ""), get(RESULT, 200, THING)]);
    let answers = play(&mut stage, "PUT", &[STATUS, STATUS, STATUS, RESULT]);
    assert_eq!(
        answers,
        [
            r#"200 {"status":"InProgress"}"#,
            r#"200 {"status":"Succeeded"}"#,
            r#"200 {"status":"Succeeded"}"#,
            &format!("200 {THING}"),
        ]
    );
    insta::assert_snapshot!(stage.account(), @"
    3 polls by azure-asyncoperation not on the tape, answered from how PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) went
    5 requests answered from the tape, 0 missing
    ");
}

#[test]
fn the_location_of_an_operation_whose_status_was_polled() {
    let running = r#"{"status":"Running"}"#;
    let ended = r#"{"status":"Succeeded"}"#;
    let read = get(&format!("{RESOURCE}{API}"), 200, THING);
    let mut stage = tape("PUT", vec![get(STATUS, 200, running), get(STATUS, 200, ended), read]);
    assert_eq!(
        play(&mut stage, "PUT", &[RESULT, RESULT, STATUS]),
        ["202 ", &format!("200 {THING}"), &format!("200 {ended}")]
    );
}

#[test]
fn what_was_deleted_is_gone() {
    let polls = || vec![get(STATUS, 200, r#"{"status":"Deleting"}"#), get(STATUS, 200, r#"{"status":"Succeeded"}"#)];
    assert_eq!(play(&mut tape("DELETE", polls()), "DELETE", &[RESULT, RESULT]), ["202 ", "204 "]);
}

#[test]
fn a_failure_keeps_its_code() {
    let failed = r#"{"status":"Failed","error":{"code":"SkuNotAvailable","message":"none left"}}"#;
    let polls = vec![get(STATUS, 200, r#"{"status":"Running"}"#), get(STATUS, 200, failed)];
    let told = r#"409 {"error":{"code":"SkuNotAvailable","message":"none left"}}"#;
    assert_eq!(play(&mut tape("PUT", polls), "PUT", &[RESULT, RESULT]), ["202 ", told]);

    let polls = vec![get(RESULT, 202, ""), get(RESULT, 400, r#"{"error":{"code":"Bad","message":"no"}}"#)];
    let told = r#"200 {"status":"Failed","error":{"code":"Bad","message":"no"}}"#;
    assert_eq!(play(&mut tape("PUT", polls), "PUT", &[STATUS, STATUS]), [r#"200 {"status":"InProgress"}"#, told]);
}

/// The last read on the tape is the result: it is not there while the operation runs.
#[test]
fn a_recorded_result_waits_for_the_end() {
    let read = get(RESULT, 200, THING);
    let polls = vec![get(STATUS, 200, r#"{"status":"Running"}"#), get(STATUS, 200, r#"{"status":"Succeeded"}"#), read];
    let mut stage = tape("POST", polls);
    assert_eq!(
        play(&mut stage, "POST", &[RESULT, RESULT, RESULT]),
        ["202 ", &format!("200 {THING}"), &format!("200 {THING}")]
    );
}

/// Nobody read the result, so nobody knows it.
#[test]
fn what_the_tape_does_not_tell_is_not_made_up() {
    let polls = vec![get(STATUS, 200, r#"{"status":"Running"}"#), get(STATUS, 200, r#"{"status":"Succeeded"}"#)];
    let answers = play(&mut tape("PUT", polls), "PUT", &[RESULT, RESULT]);
    assert_eq!(answers, ["202 ", "-"]);
}

#[test]
fn a_polling_url_in_another_spelling() {
    let polls = || vec![get(STATUS, 200, r#"{"status":"Running"}"#), get(STATUS, 200, r#"{"status":"Succeeded"}"#)];
    let mut stage = tape("PUT", polls());
    let respelled = STATUS.replace("api-version=1", "api-version=2");
    assert_eq!(play(&mut stage, "PUT", &[&respelled, &respelled])[1], r#"200 {"status":"Succeeded"}"#);
    insta::assert_snapshot!(stage.account(), @"
    2 polls of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) with the URL spelled otherwise, or in another api-version, than handed out
    3 requests answered from the tape, 0 missing
    ");
    let changed = STATUS.replace("operations", "Operations");
    assert_eq!(play(&mut tape("PUT", polls()), "PUT", &[&changed]), ["-"]);
    insta::assert_snapshot!(stage.ask("GET", &changed, ""), @"GET /subscriptions/s/providers/Microsoft.Test/Operations/1a2b3c4d?api-version=1 is not on the tape; nearest is interaction 2 (used once): a polling URL must be asked letter by letter, as it was handed out");
}
