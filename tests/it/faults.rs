//! `--fault`: one named fault over a tape or a service.

use crate::harness::{CREATE, Harness, Ran, shows};

/// Replays `tape.json` with faults, and with as many running answers as were recorded.
fn replay(harness: &Harness, faults: &[&str]) -> Ran {
    let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
    let words = ["replay", "tape.json", "--polls", "recorded"].into_iter().chain(faults).collect::<Vec<_>>();
    harness.around(&words, CREATE)
}

#[test]
fn a_client_gets_over_every_passing_fault() {
    let harness = Harness::with_tape();
    for fault in [
        "429 retry-after=1 at write",
        "503 at write",
        "503 at poll",
        "reset at poll 1",
        "cut at poll 1",
        "cut 5 at poll 2",
        "slow 1s at poll 1",
        "short at poll",
        "429 !Busy retry-after=1 at GET 1",
    ] {
        let ran = replay(&harness, &[fault]);
        assert!(ran.stdout.contains(r#"{"outcome":"succeeded""#), "{fault}: {ran}");
        assert!(!ran.stderr.contains("did not come to pass"), "{fault}: {ran}");
    }
}

#[test]
fn a_fault_that_lasts_is_the_end() {
    let harness = Harness::with_tape();
    let ran = replay(&harness, &["400 !Broken at write"]);
    assert!(ran.stdout.contains(r#"{"outcome":"failed","code":"Broken""#), "{ran}");
}

#[test]
fn the_write_is_lost_or_only_its_answer() {
    let harness = Harness::with_tape();
    // The write that never arrived was not made: the tape still has it.
    let once = "curl -sS -o /dev/null -X PUT -H 'content-type: application/json' -d @body.json \
                \"https://management.azure.com$RESOURCE?api-version=1\"; true";
    let lost = harness.around(&["replay", "tape.json", "--fault", "reset at write"], once);
    assert!(lost.stderr.contains("nothing was asked of the tape"), "{lost}");
    let answer = harness.around(&["replay", "tape.json", "--fault", "applied reset at write"], once);
    assert!(answer.stderr.contains("1 request answered from the tape"), "{answer}");
}

#[test]
fn a_fault_whose_request_never_comes_is_told() {
    let harness = Harness::with_tape();
    let ran = replay(&harness, &["429 retry-after=1 at poll 7", "503 at DELETE"]).ends_with(1);
    let told: Vec<_> = ran.stderr.lines().filter(|line| line.contains("fault") || line.contains("--polls")).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    armtape: the fault `429 retry-after=1 at poll 7` did not come to pass: there were only 2
    armtape: the fault `503 at DELETE` did not come to pass: there was no DELETE
    armtape: how many running answers there are before an end: `--polls recorded`, or a number
    ");
    let ran = harness.around(&["simulate", "--scenario", "SC-006", "--fault", "503 at poll 40"], CREATE).ends_with(1);
    assert!(ran.stderr.contains("the fault `503 at poll 40` did not come to pass"), "{ran}");
}

#[test]
fn a_replay_says_how_many_requests_met_a_fault() {
    let harness = Harness::with_tape();
    let ran = replay(&harness, &["503 retry-after=1 at poll 1", "slow 1 at poll 2..3"]).ends_with(0);
    assert!(ran.stderr.contains("armtape: 3 requests met a fault that was asked for"), "{ran}");
    assert!(!replay(&harness, &[]).stderr.contains("met a fault"));
}

#[test]
fn a_simulation_takes_the_same_words() {
    let harness = Harness::with_tape();
    for fault in ["429 retry-after=1 at poll 1", "applied reset at write", "cut 3 at read", "503 at monitor 1"] {
        let ran = harness.around(&["simulate", "--scenario", "SC-006", "--fault", fault], CREATE).ends_with(0);
        assert!(ran.stderr.contains("(as asked by --fault)"), "{fault}: {ran}");
    }
}

#[test]
fn what_is_no_fault() {
    let harness = Harness::with_tape();
    shows!(harness, harness.armtape(&["replay", "tape.json", "--fault", "503 at pol 2", "--", "true"]), @"
    exit 2
    ----- stderr
    error: invalid value '503 at pol 2' for '--fault <SPEC>': at character 8: `pol` is no request; did you mean `poll`? (`write`, `poll`, `read`; by method: GET, HEAD, PUT, PATCH, DELETE, POST; in a scenario: monitor, next-monitor, operation-location, result, next-result, resource, moved, second-host, plain-listener, decoy)

    For more information, try '--help'.
    ");
}
