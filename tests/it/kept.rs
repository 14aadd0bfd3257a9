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
