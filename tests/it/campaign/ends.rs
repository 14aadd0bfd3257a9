//! What ends a campaign before its end, and what is reported then.

use std::time::Duration;

use armtape::{
    cassette::Cassette,
    check::{Seeded, recipe_text},
};
use nix::{sys::signal::Signal, unistd::Pid};

use super::{IMPATIENT, REFERENCE, check, report};
use crate::harness::Harness;

/// The first run is the reference client's; the next ones stay, with a process of their own.
const STAYS: &str = r#"if mkdir first 2>/dev/null; then exec "$BIN" client --by-variables; fi
    sleep 1000 & echo $! > pid.new; mv pid.new pid; wait"#;

/// Waits until `done` says so, for as long as a test may take.
fn wait_for(what: &str, done: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed() < crate::harness::LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_gone(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie that nobody has waited for is no longer running.
    nix::sys::signal::kill(Pid::from_raw(pid), None).is_err() || stat.contains(") Z ")
}

#[test]
fn a_signal_ends_it_with_a_report_of_what_was_done() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let harness = Harness::new();
        let words = ["check", "--jobs", "1", "--scenario", "SC-00[1-3]", "--report", "json=report.json", "--"];
        let running = harness.start(&[&words[..], &["sh", "-c", STAYS]].concat());
        wait_for("the second client", || harness.exists("pid"));
        running.signal(signal);
        let ran = running.end().ends_with(3);
        assert!(ran.stderr.contains("stopped after a signal"), "{ran}");
        assert!(ran.stderr.contains("not run: 2 cases"), "{ran}");
        let report = report(&harness, "report.json");
        assert_eq!(report["summary"]["judged"], 1);
        assert_eq!(report["summary"]["not_run"], 2);
        let pid: i32 = harness.read("pid").trim().parse().unwrap();
        wait_for("what the client had started is ended", || is_gone(pid));
    }
}

#[test]
fn max_time_ends_it() {
    let harness = Harness::new();
    let words = ["check", "--jobs", "1", "--max-time", "8", "--scenario", "SC-00[1-3]", "--", "sh", "-c", STAYS];
    let ran = harness.armtape(&words).ends_with(0);
    assert!(ran.stderr.contains("stopped after 8 s: --max-time"), "{ran}");
    assert!(ran.stderr.contains("1 case in") && ran.stderr.contains("not run: 2 cases"), "{ran}");
}

#[test]
fn max_fail_ends_it() {
    let harness = Harness::new();
    let ran = check(&harness, &["--max-fail", "2", "--scenario", "SC-0*"], IMPATIENT).ends_with(1);
    assert!(ran.stderr.contains("stopped after 2 cases with violations: --max-fail"), "{ran}");
    // A case with nothing but warnings may come between them.
    let told = ran.stdout.split("\n\n").filter(|case| case.contains("violation: ")).count();
    assert!(told == 2, "{ran}");
}

#[test]
fn a_command_that_never_asks_is_not_tried_a_hundred_times() {
    let harness = Harness::new();
    let ran = check(&harness, &[], "echo x >> tried").ends_with(2);
    assert!(ran.stderr.contains("stopped after 6 cases in which there was nothing to judge"), "{ran}");
    // What ran beside the last of them comes to its end, too.
    let told =
        (6..=8).any(|cases| ran.stderr.contains(&format!("not judged: {cases} cases: the client sent no request")));
    assert!(told, "{ran}");
    assert!(harness.read("tried").lines().count() <= 8, "{ran}");
}

#[test]
fn progress_counts() {
    let harness = Harness::new();
    let ran = check(&harness, &["--scenario", "SC-00[1-4]"], REFERENCE).ends_with(0);
    assert!(ran.stderr.contains("4 of 4 cases, 0 with violations, about 0 s left"), "{ran}");
}

/// Fails wherever there is something to poll, and is never done with the third service that is tried as a
/// smaller one: by then there is a smallest so far.
const STAYS_WHILE_SHRUNK: &str = r#"echo x >> runs
    curl -sSf -o /dev/null -X PUT -H 'content-type: application/json' -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL" || exit 1
    [ "$(wc -l < runs)" -lt 5 ] || { sleep 1000 & echo $! > pid.new; mv pid.new pid; wait; }"#;

#[test]
fn a_signal_while_a_case_is_made_small_keeps_the_smallest_so_far() {
    let harness = Harness::new();
    let words = ["check", "--jobs", "1", "--scenario", "GEN-1-8", "--operations", "put", "--shrink-time", "600"];
    let command = ["--report", "json=report.json", "--", "sh", "-c", STAYS_WHILE_SHRUNK];
    let running = harness.start(&[&words[..], &command].concat());
    wait_for("a client that stays", || harness.exists("pid"));
    running.signal(Signal::SIGINT);
    let ran = running.end().ends_with(1);
    assert!(ran.stdout.contains("(as small as it became in 2 tries before a signal)"), "{ran}");
    let report = report(&harness, "report.json");
    let (played, shrunk) = (&report["cases"][0], &report["cases"][0]["shrunk"]["case"]);
    assert_eq!((&report["summary"]["judged"], &report["summary"]["not_run"]), (&1.into(), &0.into()));
    let length = |case: &serde_json::Value| case["recipe"].as_str().unwrap().len();
    assert!(length(shrunk) < length(played), "{report:#}");
    let kept = Cassette::load(&harness.path(shrunk["file"].as_str().unwrap())).unwrap();
    let seeded = Seeded::of(&kept).unwrap();
    assert_eq!(recipe_text(&seeded.recipe.unwrap()), shrunk["recipe"].as_str().unwrap());
    let pid: i32 = harness.read("pid").trim().parse().unwrap();
    assert!(is_gone(pid), "what the client had started is ended first");
}
