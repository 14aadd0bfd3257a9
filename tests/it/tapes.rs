//! `--from`: what is said of recordings that can be played, and of those that cannot.

use serde_json::{Value, json};

use crate::harness::{CREATE, Harness};

/// What is said of a tape, after a change.
fn said(change: impl Fn(&mut Vec<Value>)) -> String {
    let harness = Harness::with_tape();
    let mut tape: Value = serde_json::from_str(include_str!("tape.json")).unwrap();
    change(tape["interactions"].as_array_mut().unwrap());
    harness.write("changed.json", format!("{tape:#}"));
    harness.armtape(&["check", "--from", "changed.json", "--", "true"]).ends_with(2).stderr
}

#[test]
fn a_tape_that_cannot_be_played_is_told_with_place_and_remedy() {
    insta::assert_snapshot!(said(Vec::clear), @r"
    error: changed.json: there is no interaction on it
    hint: record it again: `armtape record --cassette FILE -- CLIENT`
    ");
    insta::assert_snapshot!(said(|tape| drop(tape.remove(0))), @r"
    error: changed.json: there is no write on it, only reads (2 interactions)
    hint: record a client that creates, changes or deletes something
    ");
    insta::assert_snapshot!(said(|tape| tape.truncate(2)), @r"
    error: changed.json:4: PUT things/a: the tape ends while it runs
    hint: record it again, until the client has seen the end
    ");
    insta::assert_snapshot!(said(|tape| tape[0]["response"] = json!({"status": 400})), @r"
    error: changed.json:4: the PUT was refused with 400
    hint: what is varied is a write that runs on: 202, a polling URL, or a state that is no end; `armtape show changed.json` says what is on the tape
    ");
    insta::assert_snapshot!(said(|tape| tape[0]["response"] = json!({"status": 204})), @r"
    error: changed.json:4: the PUT was over with its answer, 204: there is nothing to wait for
    hint: what is varied is a write that runs on: 202, a polling URL, or a state that is no end; `armtape show changed.json` says what is on the tape
    ");
    insta::assert_snapshot!(said(|tape| tape[0]["response"]["headers"]["location"] = "Sanitized".into()), @r"
    error: changed.json:4: PUT things/a: what stands for its polling URL is no URL (`location: Sanitized`)
    hint: record it again without replacing URLs; `armtape record` keeps their form
    ");
    insta::assert_snapshot!(said(|tape| tape[0]["request"]["target"] = "/things/a?api-version=1".into()), @r"
    error: changed.json:4: PUT things/a: its path is no resource id of ARM
    hint: operations on `/subscriptions/…/providers/…` are played
    ");
}

#[test]
fn what_is_no_tape_is_told() {
    let harness = Harness::with_tape();
    let tape = include_str!("tape.json");
    harness.write("cut.json", &tape[..tape.len() / 2]);
    harness.write("other.json", r#"{"version": 1}"#);
    let said = |file: &str| harness.armtape(&["check", "--from", file, "--", "true"]).ends_with(2).stderr;
    insta::assert_snapshot!(said("cut.json"), @r"
    error: cut.json: not valid JSON at line 36, column 12: EOF while parsing a string
    hint: the file was cut off or edited by hand: restore it from version control, or record it again
    ");
    insta::assert_snapshot!(said("other.json"), @r#"
    error: other.json: not a recording: a JSON object without `armtape`
    hint: a cassette begins with `"armtape": 1`; docs/formats.md names what else is read
    "#);
    insta::assert_snapshot!(said("absent.json"), @r"
    error: absent.json: No such file or directory (os error 2)
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
    let named = harness.armtape(&["check", "--from", "tape.json", "--scenario", "FROM-2", "--", "true"]);
    insta::assert_snapshot!(named.ends_with(2).stderr, @r"
    error: there is no scenario to run
    hint: `armtape check --from tape.json --list` lists them
    ");
}

#[test]
fn what_is_left_out_of_a_tape_is_told_and_the_rest_is_played() {
    let harness = Harness::with_tape();
    let mut tape: Value = serde_json::from_str(include_str!("tape.json")).unwrap();
    let interactions = tape["interactions"].as_array_mut().unwrap();
    let mut other = interactions[0].clone();
    other["request"]["target"] =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/b?api-version=1".into();
    other["response"]["headers"]["location"] =
        "https://management.azure.com/subscriptions/s/operations/2?api-version=1".into();
    interactions.push(other);
    harness.write("two.json", format!("{tape:#}"));
    let list = harness.armtape(&["check", "--from", "two.json", "--list", "--scenario", "FROM-*"]).ends_with(0);
    insta::assert_snapshot!(list.stderr, @"armtape: left out: two.json:71: PUT things/b: the tape ends while it runs: record it again, until the client has seen the end");
    assert!(list.stdout.contains("FROM-1:recorded") && !list.stdout.contains("FROM-2"), "{list}");
}

#[test]
fn a_tape_is_simulated_by_hand() {
    let harness = Harness::with_tape();
    let simulate = |words: &[&str]| {
        let words = [&["simulate", "--from", "tape.json"], words].concat();
        harness.around(&words, CREATE)
    };
    let ran = simulate(&[]).ends_with(0);
    assert!(ran.stderr.contains("FROM-1:recorded: put: PUT things/a: as recorded"), "{ran}");
    let ran = simulate(&["--scenario", "FROM-1:failed", "--fault", "503 retry-after=1 at poll 1"]).ends_with(1);
    assert!(ran.stderr.contains("503  result (as asked by --fault)") && ran.stdout.contains("TapedOperation"), "{ran}");
    let ran = simulate(&["--scenario", "FROM-1:fialed"]).ends_with(2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: tape.json: there is no scenario `FROM-1:fialed`
    hint: `armtape simulate --from tape.json --list` lists them
    ");
    let list = harness.armtape(&["simulate", "--from", "tape.json", "--list"]).ends_with(0);
    assert!(list.stdout.contains("FROM-1:wait-5"), "{list}");
}
