//! What `check` keeps of cases, and what the other commands make of it.

use crate::harness::{CREATE_SEED, EMBEDDED, Harness, Ran};

/// The reference client, whatever became of the operation well content.
const CONTENT: &str = r#""$BIN" client --by-variables > /dev/null || true"#;

/// Plays a scenario in which that is wrong.
fn check(harness: &Harness, client: &str) -> Ran {
    harness.armtape(&["check", "--scenario", "SC-030", "--", "sh", "-c", client])
}

/// A project with a recording and an accepted case of check.
fn project() -> Harness {
    let harness = Harness::new();
    harness.write("armtape.toml", "");
    let record = [&["record", "--cassette", "cassettes/seed.json"], EMBEDDED].concat();
    harness.around(&record, CREATE_SEED).ends_with(0);
    check(&harness, CONTENT).ends_with(1);
    harness.armtape(&["accept", "cassettes/regressions"]).ends_with(0);
    harness
}

#[test]
fn an_accepted_case_is_played_by_check_alone() {
    let harness = project();
    let ran = harness.armtape(&["test"]).ends_with(0);
    assert!(ran.stdout.contains("skipped  cassettes/regressions/SC-030-put.json: a case of `armtape check`"), "{ran}");
    assert!(ran.stderr.contains("1 passed, 0 failed, 1 skipped"), "{ran}");
    let ran = harness.armtape(&["check", "--quick", "--list", "--", "true"]).ends_with(0);
    assert!(ran.stdout.starts_with("SC-030 "), "{ran}");
    let again = [&["record", "--again", "cassettes/regressions"], EMBEDDED].concat();
    let ran = harness.armtape(&again).ends_with(2);
    assert!(ran.stderr.contains("left as it is: cassettes/regressions/SC-030-put.json: a case of `armtape"), "{ran}");
}

#[test]
fn cases_of_check_are_decided_on_only_where_they_are_named() {
    let harness = Harness::new();
    harness.write("armtape.toml", "");
    check(&harness, CONTENT).ends_with(1);
    let kept = "cassettes/regressions/SC-030-put.json.new";
    let record = [&["record", "--cassette", "cassettes/seed.json"], EMBEDDED].concat();
    harness.around(&record, &format!("{CREATE_SEED}; exit 1")).ends_with(1);
    let ran = harness.armtape(&["status"]).ends_with(1);
    assert!(
        ran.stdout.contains("new: ./cassettes/seed.json\nkept: ./cassettes/regressions/SC-030-put.json (a"),
        "{ran}"
    );
    assert!(ran.stderr.contains("1 recording pending, 1 case of check kept"), "{ran}");
    for words in [&["review"][..], &["accept"], &["accept", "cassettes"]] {
        let ran = harness.armtape(words);
        assert!(ran.stderr.contains("left alone: 1 case of `armtape check` in "), "{ran}");
        assert!(!ran.stdout.contains("SC-030") && harness.exists(kept), "{ran}");
    }
    assert!(harness.exists("cassettes/seed.json"), "the recording was accepted");
    harness.armtape(&["status"]).ends_with(0);
    harness.armtape(&["reject", "--cassette", "SC-030*"]).ends_with(0);
    assert!(!harness.exists(kept));
}

#[test]
fn a_kept_case_goes_when_the_client_passes_it() {
    let harness = Harness::new();
    let kept = "cassettes/regressions/SC-030-put.json.new";
    harness.write("client.sh", CONTENT);
    check(&harness, "sh client.sh").ends_with(1);
    let other = check(&harness, r#""$BIN" client --by-variables"#).ends_with(0);
    assert!(harness.exists(kept), "another client passed: {other}");
    harness.write("client.sh", r#""$BIN" client --by-variables"#);
    let ran = check(&harness, "sh client.sh").ends_with(0);
    assert!(!harness.exists(kept) && ran.stderr.contains(&format!("gone: {kept}: the client passes it")), "{ran}");
}
