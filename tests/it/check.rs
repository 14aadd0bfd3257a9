//! Check: scripts played to a client, and what is said of it.

use std::{process::Child, time::Duration};

use fs_err as fs;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::harness::{ARMTAPE, Harness, Ran, shows};

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

/// What would be played, by its first word on each line; what is left out aside.
fn listed(words: &[&str]) -> Vec<String> {
    let harness = Harness::new();
    let ran = harness.armtape(&[&["check", "--list"], words].concat()).ends_with(0);
    let played = ran.stdout.lines().filter(|line| line.split_whitespace().nth(1) != Some("skipped"));
    played.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn a_number_of_generated_services_that_is_said_counts() {
    assert_eq!(listed(&["--scenario", "SC-001", "--cases", "2"]), ["SC-001", "GEN-1-0", "GEN-1-1"]);
    assert_eq!(listed(&["--scenario", "GEN-1-[01]", "--cases", "9"]), ["GEN-1-0", "GEN-1-1"]);
    let quick = listed(&["--quick", "--cases", "5"]);
    assert_eq!(quick.iter().filter(|name| name.starts_with("GEN")).count(), 5, "{quick:?}");
    assert!(quick.len() > 20, "{quick:?}");
    assert!(!listed(&["--quick"]).iter().any(|name| name.starts_with("GEN")));
}

#[test]
fn scenarios_are_chosen_several_times() {
    let chosen = ["--scenario", "SC-002", "--scenario", "GEN-1-7", "--scenario", "SC-00[12]", "--scenario", "GEN-1-4"];
    assert_eq!(listed(&chosen), ["SC-002", "SC-001", "GEN-1-7", "GEN-1-4"]);
}

#[test]
fn what_a_client_said_last_is_told_in_a_few_lines() {
    let harness = Harness::new();
    let client = "echo 'error: no --foo' >&2; echo >&2; echo 'Usage: client' >&2; echo \"try '--help'\" >&2; exit 2";
    let ran = check(&harness, "SC-001", client).ends_with(2);
    assert!(ran.stderr.contains("it said: error: no --foo | Usage: client | try '--help'"), "{ran}");
}

#[test]
fn what_cannot_be_meant_is_said_up_front() {
    let harness = Harness::new();
    let ran = harness.armtape(&["check", "--scenario", "SC-001", "--", "echo", "{intervall}", "{\"url\": 1}"]);
    assert_eq!(ran.stderr.matches("is no placeholder").count(), 1, "{ran}");
    assert!(
        ran.stderr.contains("`{intervall}` is no placeholder") && ran.stderr.contains("mean `{interval}`"),
        "{ran}"
    );
    harness.write("file", "");
    let ran = harness.armtape(&["check", "--scenario", "SC-001", "--keep", "file", "--", "true"]).ends_with(2);
    assert!(ran.stderr.contains("--keep: file is no folder"), "{ran}");
    for (flag, value) in
        [("--jobs", "0"), ("--timeout", "0"), ("--timeout", "1e19"), ("--interval", "1e19"), ("--interval", "nan")]
    {
        let ran = harness.armtape(&["check", flag, value, "--scenario", "SC-001", "--", "true"]).ends_with(2);
        assert!(ran.stderr.contains(&format!("invalid value '{value}'")), "{ran}");
    }
}

#[test]
fn an_outcome_that_is_no_word_is_told_once() {
    let harness = Harness::new();
    let ran = check(&harness, "SC-00[1-3]", r#"echo '{"outcome": "bananas"}'; exit 1"#);
    assert_eq!(ran.stderr.matches("`bananas`, a word that is not known").count(), 1, "{ran}");
}

/// Stops a process at random, again and again, for up to a second, until it has ended.
fn stopped_at_random(child: &mut Child, mut random: u64) {
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    let mut milliseconds = |most: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis((random >> 33) % most));
    };
    while child.try_wait().unwrap().is_none() {
        milliseconds(1500);
        // It may have ended meanwhile.
        let _ = kill(pid, Signal::SIGSTOP);
        milliseconds(1000);
        let _ = kill(pid, Signal::SIGCONT);
    }
}

/// The reference client as a process, many at once, by a harness that is stopped again and again:
/// whatever comes of that is nothing that the client did.
fn nothing_is_found(scenario: &str, seed: u64) {
    let harness = Harness::new();
    let seed_word = seed.to_string();
    let words = ["check", "--jobs", "16", "--seed", &seed_word, "--scenario", scenario, "--fail-on", "warning", "--"];
    let mut command = harness.command(words.into_iter().chain([ARMTAPE, "client", "--by-variables"]));
    let into = |name: &str| fs::File::create(harness.path(name)).unwrap().into_parts().0;
    let mut child = command.stdout(into("out")).stderr(into("err")).spawn().unwrap();
    stopped_at_random(&mut child, seed);
    let status = child.wait().unwrap();
    let told = format!("seed {seed}\n{}{}", harness.read("out"), harness.read("err"));
    assert!(status.success() && told.contains("0 violations, 0 warnings, 0 known"), "{told}");
    assert!(!told.contains("not judged: ") && !told.contains("not run: "), "{told}");
}

#[test]
fn a_harness_that_is_stopped_blames_nobody() {
    nothing_is_found("SC-00*", 1);
}

#[test]
#[ignore = "takes minutes; `cargo test --test it -- --ignored check`"]
fn a_harness_that_is_stopped_blames_nobody_in_any_scenario() {
    for seed in 1..=3 {
        nothing_is_found("*", seed);
    }
}
