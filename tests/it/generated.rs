//! `armtape check` with generated services, with a recording, and with cases that were kept.

use crate::harness::{Harness, Ran};

/// Sends the write, and takes whatever is no error for the end.
const IMPATIENT: &str = r#"curl -sSf -o /dev/null -X PUT -H 'content-type: application/json' \
    -H 'authorization: Bearer t' -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL""#;

/// Takes what it knows, and nothing else: `SavingAccountBalance` is in the page's body alone.
const PICKY: &str = r#"grep -q SavingAccountBalance "$ARMTAPE_BODY_FILE" || { echo 'no such type' >&2; exit 1; }
exec "$BIN" client --by-variables"#;

const REFERENCE: &str = r#"exec "$BIN" client --by-variables"#;

fn check(harness: &Harness, words: &[&str], client: &str) -> Ran {
    harness.armtape(&[&["check"], words, &["--", "sh", "-c", client]].concat())
}

#[test]
fn what_fails_is_made_small_told_once_and_kept() {
    let harness = Harness::new();
    let words = ["--scenario", "GEN-*", "--cases", "12", "--operations", "put"];
    let ran = check(&harness, &words, IMPATIENT).ends_with(1);
    let told: Vec<_> = ran.stdout.lines().filter(|line| line.contains("again: ")).collect();
    assert!(!told.is_empty() && told.len() < 10, "those that show the same are one: {ran}");
    assert!(ran.stdout.contains("cases show the same: GEN-1-"), "{ran}");
    assert!(ran.stdout.contains(r#"armtape check --recipe '{"headers":"result"}' --seed 1"#), "{ran}");
    // The smallest conversation of a client that never polls is one answer.
    let kept: Vec<_> = harness.names().into_iter().filter(|name| name == "cassettes").collect();
    assert_eq!(kept, ["cassettes"]);
    let again = check(&harness, &["--recipe", r#"{"headers":"result"}"#], IMPATIENT).ends_with(1);
    assert!(again.stdout.contains("LRO-C-11"), "{again}");
}

#[test]
fn what_is_known_of_an_sdk_does_not_fail_whatever_the_case_is_called() {
    let harness = Harness::new();
    let posing = IMPATIENT.replace("curl", "curl -A azsdk-python-mgmt-resource/26.0.0");
    let failed = ["--recipe", r#"{"stated":"failed","headers":"neither"}"#];
    let known = check(&harness, &failed, &posing).ends_with(0);
    assert!(known.stderr.contains("0 violations, 0 warnings, 1 known"), "{known}");
    let strict = check(&harness, &[&failed[..], &["--strict-sdk"]].concat(), &posing).ends_with(1);
    assert!(strict.stdout.contains("LRO-C-12"), "{strict}");
    check(&harness, &["--recipe", r#"{"headers":"result"}"#], &posing).ends_with(1);
}

#[test]
fn an_accepted_case_is_run_first_and_says_when_it_passes() {
    let harness = Harness::new();
    let words = ["--scenario", "GEN-1-4", "--operations", "put"];
    let failed = check(&harness, &words, IMPATIENT).ends_with(1);
    let file = "cassettes/regressions/GEN-1-4-put.json";
    assert!(failed.stdout.contains(file), "{failed}");
    harness.armtape(&["accept", file]).ends_with(0);
    let failed = check(&harness, &["--scenario", "GEN-1-4"], IMPATIENT).ends_with(1);
    assert!(!failed.stderr.contains("passes:"), "{failed}");
    let passes = check(&harness, &["--scenario", "{SC-001,GEN-1-4}"], REFERENCE).ends_with(0);
    assert!(passes.stderr.contains(&format!("passes: {file}")), "{passes}");
    let list = harness.armtape(&["check", "--list", "--cases", "3"]).ends_with(0);
    assert!(list.stdout.starts_with("GEN-1-4"), "{list}");
}

#[test]
fn the_cases_of_a_seed_are_the_same_whatever_runs_them() {
    let harness = Harness::new();
    let list = |words: &[&str]| {
        let all = [&["check", "--list", "--scenario", "GEN-*", "--cases", "30"], words].concat();
        harness.armtape(&all).ends_with(0).stdout
    };
    let whole = list(&[]);
    assert_eq!(whole.lines().count(), 30);
    assert_eq!(whole, list(&["--jobs", "1"]));
    assert_ne!(whole, list(&["--seed", "2"]));
    let mut shards: Vec<_> =
        ["1/3", "2/3", "3/3"].map(|shard| list(&["--shard", shard])).concat().lines().map(str::to_owned).collect();
    let mut lines: Vec<_> = whole.lines().map(str::to_owned).collect();
    shards.sort();
    lines.sort();
    assert_eq!(shards, lines);
}

#[test]
fn a_recording_is_played_as_it_was_and_varied() {
    let harness = Harness::with_tape();
    let list = harness.armtape(&["check", "--from", "tape.json", "--list", "--scenario", "FROM-*"]).ends_with(0);
    assert!(list.stdout.contains("FROM-1:429-poll-1") && list.stdout.contains("FROM-1:moved"), "{list}");
    let some = ["--from", "tape.json", "--scenario", "FROM-1:{recorded,polls-3,failed,503-write,reset-poll-1}"];
    let ran = check(&harness, &some, REFERENCE).ends_with(1);
    // The tape's api-version is none, and that is all there is to say of the reference client.
    let rules = ran.stdout.lines().filter(|line| line.starts_with("violation") || line.starts_with("warning"));
    let others: Vec<_> = rules.filter(|line| !line.contains("[LRO-C-01]")).collect();
    assert!(others.is_empty() && ran.stderr.contains("5 judged"), "{ran}");
    let ran = check(&harness, &["--from", "body.json"], REFERENCE).ends_with(2);
    assert!(ran.stderr.contains("body.json"), "{ran}");
}

#[test]
fn what_is_no_recipe() {
    let harness = Harness::new();
    let ran = check(&harness, &["--recipe", r#"{"headrs":"result"}"#], REFERENCE).ends_with(2);
    assert!(ran.stderr.contains("unknown field `headrs`"), "{ran}");
}

#[test]
fn who_refuses_an_invalid_body_by_itself_does_right() {
    let harness = Harness::new();
    let invalid = r#"{"first":"refused","headers":"neither","body":"invalid","body-seed":1}"#;
    let ran = check(&harness, &["--recipe", invalid], "echo 'no such type'; exit 1").ends_with(0);
    assert!(ran.stderr.contains("1 judged, 1 without a finding"), "{ran}");
    check(&harness, &["--recipe", invalid], REFERENCE).ends_with(0);
    check(&harness, &["--recipe", invalid], PICKY).ends_with(0);
}

#[test]
fn who_refuses_a_valid_body_breaks_a_rule() {
    let harness = Harness::new();
    let body = |body: &str| format!(r#"{{"stated":"succeeded","headers":"neither","body":"{body}","body-seed":1}}"#);
    for valid in ["valid", "with-null"] {
        let ran = check(&harness, &["--recipe", &body(valid)], PICKY).ends_with(1);
        assert!(ran.stdout.contains("violation: refused a valid body") && ran.stdout.contains("[BODY-04]"), "{ran}");
        assert!(ran.stderr.contains("1 violation, 0 warnings") && ran.stdout.contains("again: "), "{ran}");
        assert!(ran.stdout.contains(r#""body-steps""#), "the body is made small: {ran}");
    }
    let ran = check(&harness, &["--recipe", &body("unusual")], PICKY).ends_with(0);
    assert!(
        ran.stdout.contains("warning: refused a valid body") && ran.stderr.contains("0 violations, 1 warning"),
        "{ran}"
    );
    // One that sends nothing whatever it is given, or a body of its own, tells nothing of this one.
    let ran = check(&harness, &["--recipe", &body("valid")], "echo 'no such type'; exit 1").ends_with(2);
    assert!(ran.stderr.contains("the client sent no request; it said: no such type"), "{ran}");
    let own = PICKY.replace("exec", r#"echo '{"properties":{}}' > "$ARMTAPE_BODY_FILE"; exec"#);
    let ran = check(&harness, &["--recipe", &body("valid")], &own).ends_with(2);
    assert!(ran.stderr.contains("the client sent no request"), "{ran}");
}
