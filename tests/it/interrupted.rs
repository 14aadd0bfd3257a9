//! armtape is told to stop while the client runs: the client is told, and what was complete is kept.

use nix::sys::signal::Signal;

use crate::harness::{CREATE_SEED, EMBEDDED, Harness, Ran, Running, is_gone, shows, steps};

/// A client that has created the profile, and then waits to be told.
fn waiting(on_signal: &str) -> String {
    format!(
        "trap '{on_signal}' TERM INT HUP
        # The shell tells of its children's signals, in words of its own.
        exec 2>/dev/null
        {CREATE_SEED} >/dev/null
        echo $$ >pid
        echo ready
        while :; do sleep 0.02; done"
    )
}

fn record(harness: &Harness, script: &str) -> Running {
    let words = [&["record", "--cassette", "new.json"], EMBEDDED, &["--", "sh", "-c", script]].concat();
    let running = harness.start(&words);
    assert_eq!(running.line(), "ready");
    running
}

fn interrupt(harness: &Harness, signal: Signal, on_signal: &str) -> Ran {
    let running = record(harness, &waiting(on_signal));
    running.signal(signal);
    let ran = running.end();
    assert!(is_gone(harness.read("pid").trim().parse().unwrap()));
    harness.left_nothing();
    ran
}

#[test]
fn a_client_that_ends_well_when_told() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let harness = Harness::new();
        let ran = interrupt(&harness, signal, "echo told; exit 0");
        assert_eq!(steps(&harness.path("new.json")).len(), 2);
        insta::allow_duplicates!({
            shows!(harness, ran, @r"
            exit 0
            ----- stdout
            told
            ----- stderr
            armtape: 2 interactions on new.json (new)
            armtape: exit 0, the client's own
            ");
        });
    }
}

#[test]
fn a_client_that_ends_by_the_signal() {
    let harness = Harness::new();
    let ran = interrupt(&harness, Signal::SIGTERM, "trap - TERM; kill -TERM $$");
    shows!(harness, ran, @"
    exit 143
    ----- stderr
    armtape: 2 interactions on new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept new.json.new; to throw it away: armtape reject new.json.new
    armtape: exit 143, the client's own
    ");
    assert_eq!(harness.names(), ["new.json.new", "pid"]);
}

#[test]
fn a_client_that_had_failed_by_itself_has_only_a_pending_tape() {
    let harness = Harness::new();
    let ran = harness.around(
        &[&["record", "--cassette", "new.json"], EMBEDDED].concat(),
        &format!("{CREATE_SEED} >/dev/null; kill -TERM $$"),
    );
    shows!(harness, ran, @"
    exit 143
    ----- stderr
    armtape: 2 interactions on new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept new.json.new; to throw it away: armtape reject new.json.new
    armtape: exit 143, the client's own
    ");
    assert_eq!(harness.names(), ["new.json.new"]);
}

#[test]
fn a_second_signal_kills() {
    let harness = Harness::new();
    let running = record(&harness, &waiting("echo told"));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.line(), "told");
    running.signal(Signal::SIGTERM);
    let ran = running.end();
    assert!(is_gone(harness.read("pid").trim().parse().unwrap()));
    shows!(harness, ran, @"
    exit 137
    ----- stderr
    armtape: 2 interactions on new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept new.json.new; to throw it away: armtape reject new.json.new
    armtape: exit 137, the client's own
    ");
    assert_eq!(steps(&harness.path("new.json.new")).len(), 2);
}

#[test]
fn a_request_in_flight_does_not_hold_the_end() {
    let harness = Harness::new();
    // The client opens a request, and never ends it.
    let script = format!(
        r#"{CREATE_SEED} >/dev/null
        (printf 'PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'; echo open >&3; exec sleep 1000) 3>opened |
            curl -s --noproxy '*' telnet://"${{ARMTAPE_PROXY#http://}}" &
        while ! [ -s opened ]; do sleep 0.01; done
        echo ready
        wait"#
    );
    let running = record(&harness, &script);
    running.signal(Signal::SIGTERM);
    let ran = running.end();
    assert_eq!(ran.code(), 143, "{ran}");
    assert_eq!(steps(&harness.path("new.json.new")).len(), 2);
}
