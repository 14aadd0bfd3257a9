//! `check --worker`: clients that stay.

use crate::harness::{Harness, Ran, shows};

/// A worker in a shell that writes, and then does what it is told in `ANSWER` with the case's name in `$case`.
fn worker(harness: &Harness, answer: &str, scenario: &str) -> Ran {
    let script = format!(
        r#"echo $$ >> pids
        while read -r job; do
            of() {{ printf '%s' "$job" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }}
            case=$(of case)
            curl -sS -o /dev/null --cacert "$(of ca)" -X PUT -H 'content-type: application/json' \
                -H 'authorization: Bearer t' -d @"$(of body_file)" "$(of url)"
            {answer}
        done"#
    );
    harness.armtape(&["check", "--worker", "--jobs", "1", "--scenario", scenario, "--", "sh", "-c", &script])
}

const SUCCESS: &str = r#"printf '{"case": "%s", "outcome": "success"}\n' "$case""#;

#[test]
fn one_process_does_all_cases() {
    let harness = Harness::new();
    // Both are done with the answer to the write.
    let ran = worker(&harness, SUCCESS, "{SC-001,SC-003}");
    assert!(ran.stderr.contains("2 judged"), "{ran}");
    assert_eq!(harness.read("pids").lines().count(), 1, "{ran}");
}

#[test]
fn one_that_prints_something_else_is_put_away() {
    let harness = Harness::new();
    let ran = worker(&harness, "echo hello", "{SC-001,SC-003}").ends_with(1);
    let told = r"SC-001: the worker printed what is no outcome: `hello`; another one goes on";
    assert!(ran.stderr.contains(told) && ran.stdout.contains("crashed"), "{ran}");
    assert_eq!(harness.read("pids").lines().count(), 2, "each case had another one: {ran}");
}

#[test]
fn one_that_answers_for_another_case_is_put_away() {
    let harness = Harness::new();
    let ran = worker(&harness, r#"echo '{"case": "SC-002", "outcome": "success"}'"#, "SC-001").ends_with(1);
    assert!(ran.stderr.contains("SC-001: the worker answered for another case"), "{ran}");
}

#[test]
fn one_that_dies_is_the_clients_failure_in_that_case() {
    let harness = Harness::new();
    let dies = format!(r#"if [ "$case" = SC-003 ]; then echo 'out of luck' >&2; exit 7; fi; {SUCCESS}"#);
    let ran = worker(&harness, &dies, "{SC-001,SC-003}").ends_with(1);
    assert!(ran.stderr.contains("SC-003: the worker ended with 7; another one goes on: out of luck"), "{ran}");
    assert!(!ran.stdout.contains("SC-001"), "{ran}");
}

#[test]
fn a_command_that_is_no_worker() {
    let harness = Harness::new();
    let check = ["check", "--worker", "--jobs", "1", "--scenario", "SC-00[1-6]", "--"];
    let said = |words: &[&str]| harness.armtape(&[&check, words].concat()).to_string();
    // Which cases come first is nobody's to say.
    let ran = said(&["sh", "-c", "echo 'no module named azure' >&2; exit 5"]);
    assert!(ran.starts_with("exit 2"), "{ran}");
    assert_eq!(ran.matches("the worker ended with 5; another one goes on: no module named azure").count(), 2, "{ran}");
    let told = "error: cannot start `sh`: it ended with 5 before it had done a case: no module named azure";
    assert!(ran.contains(told), "{ran}");
    shows!(harness, said(&["./create", "{url}"]), @"
    exit 2
    ----- stderr
    error: `{url}`: a worker is started once, for all cases
    hint: what a placeholder would say is in each line on its stdin (docs/worker.md)
    ");
}
