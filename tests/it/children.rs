//! The client as a child: its exit code, its death, what it leaves behind, and what of its command
//! line is kept.

use crate::harness::{CREATE, CREATE_SEED, EMBEDDED, Harness, is_gone, shows, wait_until};

/// Replays `tape.json`.
const REPLAY: &[&str] = &["replay", "tape.json"];

#[test]
fn the_exit_code_of_the_client_is_passed_on() {
    let harness = Harness::with_tape();
    let ran = harness.around(REPLAY, &format!("{CREATE} >/dev/null; exit 7"));
    shows!(harness, ran, @r"
    exit 7
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 7, the client's own
    ");
    harness.left_nothing();
}

#[test]
fn a_client_that_fails_while_it_is_recorded() {
    let harness = Harness::new();
    let record = [&["record", "--cassette", "new.json"], EMBEDDED].concat();
    let ran = harness.around(&record, &format!("{CREATE_SEED} >/dev/null; exit 7"));
    shows!(harness, ran, @"
    exit 7
    ----- stderr
    armtape: 2 interactions on new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept new.json.new; to throw it away: armtape reject new.json.new
    armtape: exit 7, the client's own
    ");
    assert_eq!(harness.names(), ["new.json.new"]);
    harness.left_nothing();
}

#[test]
fn a_killed_client_is_128_and_the_signal() {
    let harness = Harness::with_tape();
    let ran = harness.around(REPLAY, &format!("{CREATE} >/dev/null; kill -9 $$"));
    shows!(harness, ran, @r"
    exit 137
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 137, the client's own
    ");
}

#[test]
fn findings_come_before_the_code_of_the_client() {
    let harness = Harness::with_tape();
    harness.write("body.json", "{}");
    let ran = harness.around(REPLAY, &format!("{CREATE} >/dev/null; exit 7")).ends_with(1);
    assert!(ran.stderr.ends_with("armtape: exit 1, armtape's (the client ended with 7)\n"), "{ran}");
}

#[test]
fn what_a_client_leaves_behind_is_ended() {
    let harness = Harness::with_tape();
    // One that can be told to end, and one that does not listen.
    let script = format!(
        "{CREATE} >/dev/null
        sleep 1000 & echo $! >listens.pid
        sh -c 'trap \"\" TERM; : >deaf; while :; do sleep 1000; done' & echo $! >deaf.pid
        while ! [ -e deaf ]; do sleep 0.01; done
        exit 0"
    );
    harness.around(REPLAY, &script).ends_with(0);
    for name in ["listens.pid", "deaf.pid"] {
        let pid = harness.read(name).trim().parse().unwrap();
        wait_until(&format!("{name} is gone"), || is_gone(pid));
    }
}

#[test]
fn stdout_is_the_clients_own() {
    let harness = Harness::with_tape();
    let ran = harness.around(REPLAY, &format!("{CREATE} >/dev/null; printf 'no line end'; printf 'said' >&2"));
    assert_eq!(ran.stdout, "no line end");
    assert!(ran.stderr.starts_with("said"), "{ran}");
}

#[test]
fn a_secret_in_the_command_line_is_not_on_the_tape() {
    let harness = Harness::new();
    let mut command = harness.command([&["record", "--cassette", "new.json"], EMBEDDED].concat());
    command.args(["--", "sh", "-c", CREATE_SEED, "sh", "--client-secret", "canary-1", "--password=canary-2"]);
    command.args(["TOKEN=canary-3", "--name", "kept"]);
    harness.run(&mut command).ends_with(0);
    let tape = harness.read("new.json");
    assert!(!tape.contains("canary"), "{tape}");
    let tape: serde_json::Value = serde_json::from_str(&tape).unwrap();
    let words = ["sh", "--client-secret", "[redacted]", "--password=[redacted]", "TOKEN=[redacted]", "--name", "kept"];
    assert_eq!(tape["command"].as_array().unwrap()[3..], words.map(serde_json::Value::from));
}

#[test]
fn real_credentials_do_not_reach_a_client_that_talks_to_a_stub() {
    let harness = Harness::with_tape();
    let mut command = harness.command(REPLAY);
    command.args(["--", "sh", "-c", &format!("{CREATE} >/dev/null; env >seen")]);
    for name in ["AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "ARM_CLIENT_SECRET", "IDENTITY_HEADER"] {
        command.env(name, "canary");
    }
    command.env("OTHER", "stays").env("HTTPS_PROXY", "http://canary.example:1");
    harness.run(&mut command).ends_with(0);
    let seen = harness.read("seen");
    assert!(!seen.contains("canary"), "{seen}");
    assert!(seen.contains("OTHER=stays"), "{seen}");
    assert!(seen.contains("AZURE_CLIENT_SECRET="), "{seen}");
}

/// A daemon: it leaves the client's group and session, and has another parent and no output.
#[cfg(target_os = "linux")]
const DAEMON: &str = "setsid sh -c 'echo $$ >pid.new; mv pid.new daemon.pid; while :; do sleep 1000; done' \
    >/dev/null 2>&1 </dev/null & while ! [ -e daemon.pid ]; do sleep 0.01; done";

#[cfg(target_os = "linux")]
fn pid_in(harness: &Harness, name: &str) -> i32 {
    wait_until(name, || harness.exists(name));
    harness.read(name).trim().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_daemon_that_a_client_starts_is_ended() {
    let harness = Harness::with_tape();
    let ran = harness.around(REPLAY, &format!("{CREATE} >/dev/null; {DAEMON}")).ends_with(0);
    assert!(ran.stderr.contains("what the client had left running was ended with it"), "{ran}");
    assert!(is_gone(pid_in(&harness, "daemon.pid")));

    // In a campaign it ends with its case, not with the last one.
    let harness = Harness::new();
    let client = r#"[ -e daemon.pid ] && grep -q . "/proc/$(cat daemon.pid)/environ" 2>/dev/null && touch met
        rm -f daemon.pid
        "$BIN" client --by-variables; code=$?"#;
    let client = format!("{client}\n{DAEMON}\nexit $code");
    harness.around(&["check", "--jobs", "1", "--scenario", "SC-00[1-3]"], &client).ends_with(0);
    assert!(!harness.exists("met") && is_gone(pid_in(&harness, "daemon.pid")));
}

/// As docs/proxy.md says how.
#[cfg(target_os = "linux")]
#[test]
fn what_is_started_without_the_mark_stays() {
    let harness = Harness::with_tape();
    let script = format!("{CREATE} >/dev/null; {}", DAEMON.replacen("setsid", "env -u ARMTAPE_CLIENT setsid", 1));
    let ran = harness.around(REPLAY, &script).ends_with(0);
    let pid = pid_in(&harness, "daemon.pid");
    let stays = !is_gone(pid) && !ran.stderr.contains("left running");
    // It has a group of its own.
    nix::sys::signal::killpg(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
    assert!(stays, "{ran}");
}

/// It is nobody's child then; a process that armtape had beside it sees to that.
#[cfg(target_os = "linux")]
#[test]
fn the_client_does_not_outlive_an_armtape_that_is_killed() {
    let client = format!("{DAEMON}\nsleep 1000 & echo $! >pid.new; mv pid.new child.pid\nwait");
    let client = ["--", "sh", "-c", &client];
    for words in [
        &["replay", "tape.json"][..],
        &["record", "--cassette", "new.json", "--upstream", "embedded"],
        &["check", "--scenario", "SC-001"],
        &["check", "--worker", "--jobs", "1", "--scenario", "SC-001"],
    ] {
        let harness = Harness::with_tape();
        let running = harness.start(&[words, &client].concat());
        let started = ["daemon.pid", "child.pid"].map(|name| pid_in(&harness, name));
        running.signal(nix::sys::signal::Signal::SIGKILL);
        for pid in started {
            wait_until(&format!("{words:?}: a client's process is gone"), || is_gone(pid));
        }
    }
}

/// Nothing of armtape's own is left behind either.
#[cfg(target_os = "linux")]
#[test]
fn nothing_stays_beside_an_armtape_that_has_ended() {
    let harness = Harness::with_tape();
    // The process beside it is a sibling of the client.
    let script = format!("{CREATE} >/dev/null; cat /proc/$PPID/task/*/children >children");
    harness.around(REPLAY, &script).ends_with(0);
    let children: Vec<i32> = harness.read("children").split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(children.len(), 2, "{children:?}");
    assert!(children.into_iter().all(is_gone));
}
