//! Check: scripts played to a client, and what is said of it.

use crate::harness::{Harness, Ran, shows};

/// Plays scenarios to a shell script.
fn check(harness: &Harness, scenario: &str, client: &str) -> Ran {
    harness.armtape(&["check", "--jobs", "2", "--scenario", scenario, "--", "sh", "-c", client])
}

/// Sends the write, and takes whatever is no error for the end.
const IMPATIENT: &str = r#"curl -sSf -o /dev/null -X PUT -H 'content-type: application/json' \
    -H 'authorization: Bearer t' -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL""#;

#[test]
fn a_202_that_is_taken_for_the_end() {
    let harness = Harness::new();
    let ran = check(&harness, "SC-007", IMPATIENT).ends_with(1);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(told.contains("LRO-C-13") && told.contains("without a poll"), "{ran}");
    assert!(told.contains("armtape check --scenario SC-007"), "{ran}");
    assert_eq!(harness.names(), ["cassettes"], "the case is kept");
}

#[test]
fn the_reference_client_passes() {
    let harness = Harness::new();
    let client = r#""$BIN" client --by-variables"#;
    let ran = check(&harness, "SC-00[1-4]", client).ends_with(0);
    assert!(ran.stderr.contains("0 violations, 0 warnings, 0 known"), "{ran}");
    assert!(harness.names().is_empty(), "nothing is kept of a clean case");
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let harness = Harness::new();
    let ran = harness.armtape(&["check", "--scenario", "SC-001", "--", "true"]).ends_with(2);
    assert!(ran.stderr.contains("nothing was judged"), "{ran}");
}

#[test]
fn a_client_that_cannot_be_started() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["check", "--scenario", "SC-001", "--", "./no-such-client"]), @"
    exit 2
    ----- stderr
    error: cannot start `./no-such-client`: No such file or directory
    hint: the client's command goes behind `--`, as you would type it
    ");
}

#[test]
fn a_scenario_that_is_not_there() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["check", "--scenario", "SC-9*", "--", "true"]), @"
    exit 2
    ----- stderr
    error: there is no scenario to run
    hint: `armtape check --list` lists them
    ");
    harness.armtape(&["check", "--scenario", "[", "--", "true"]).ends_with(2);
}
