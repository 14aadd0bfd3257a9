//! Which scenarios are played.

use serde_json::Value;

use super::{REFERENCE, check};
use crate::harness::{Harness, shows};

const OWN: &str = r#"
[[scenario]]
id = "MINE-1"
title = "two polls"
kind = "normal"
write = ["201 {Creating} +monitor"]
monitor = ["200 {Running}", "200 {Succeeded}"]
right = ["success"]

[[scenario]]
id = "MINE-2"
title = "refused"
kind = "normal"
write = ["400 !Bad*"]
right = ["failure !Bad*"]
"#;

#[test]
fn a_file_of_ones_own() {
    let harness = Harness::new();
    harness.write("mine.toml", OWN);
    let ran = check(&harness, &["--scenario", "mine.toml"], REFERENCE).ends_with(0);
    assert!(ran.stderr.contains("2 cases in"), "{ran}");
    let ran = check(&harness, &["--scenario", "mine.toml:*-2"], r#"curl -s -XPUT "$ARMTAPE_URL""#).ends_with(1);
    assert!(ran.stdout.contains("again: armtape check --scenario mine.toml:MINE-2 --seed 1"), "{ran}");
}

#[test]
fn a_file_with_something_wrong() {
    let harness = Harness::new();
    let told = |text: String| {
        harness.write("mine.toml", text);
        check(&harness, &["--scenario", "mine.toml"], "touch played")
    };
    shows!(harness, told(OWN.replace("monitor = ", "monitro = ")), @"
    exit 2
    ----- stderr
    error: mine.toml:7: `monitro` is no key of a scenario; did you mean `monitor`?
    hint: docs/scenarios.md describes the keys
    ");
    shows!(harness, told(OWN.replace("201 {Creating} +monitor", "201 {Creating}")), @"
    exit 2
    ----- stderr
    error: mine.toml:7: MINE-1: nothing leads to `monitor`: no answer hands out its URL
    hint: docs/scenarios.md describes the keys
    ");
    shows!(harness, told(OWN.replace("200 {Succeeded}", "200 {Failed}")), @"
    exit 2
    ----- stderr
    error: mine.toml:8: MINE-1: success is right, and no answer ever says that the operation succeeded
    hint: docs/scenarios.md describes the keys
    ");
    shows!(harness, told(OWN.replace("failure !Bad*", "failure !Worse*")), @"
    exit 2
    ----- stderr
    error: mine.toml:15: MINE-2: the code `Worse*` is right, and no answer has it
    hint: docs/scenarios.md describes the keys
    ");
    shows!(harness, told("x".to_owned()), @"
    exit 2
    ----- stderr
    error: mine.toml:1: key with no value, expected `=`
    hint: docs/scenarios.md describes the keys
    ");
    assert!(!harness.exists("played"), "nothing is played");
    shows!(harness, check(&harness, &["--scenario", "nowhere.toml"], "true"), @"
    exit 2
    ----- stderr
    error: nowhere.toml: No such file or directory
    ");
}

#[test]
fn the_list_says_what_is_left_out_and_why() {
    let harness = Harness::new();
    let list = |words: &[&str]| harness.armtape(&[&["check", "--list"], words].concat()).ends_with(0).stdout;
    let all = list(&[]);
    assert!(all.contains("SC-001           put          PUT answers 200, Succeeded\n"), "{all}");
    assert!(all.contains("skipped      it needs a client that reaches its host through a proxy: --via-proxy plays it"));
    assert!(all.contains("skipped      it takes many minutes: --slow plays it"));
    let lines = |text: &str, what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(lines(&list(&["--slow"]), "--slow plays it"), 0);
    assert_eq!(lines(&list(&["--via-proxy"]), "--via-proxy plays it"), 0);
    assert!(lines(&list(&["--plain-http"]), "it needs https") > 0);
    assert!(lines(&list(&["--", "client", "{url}"]), "the command has no {operation}") > 0);
    assert!(lines(&list(&["--quick"]), "--quick leaves it out") > 0);
    assert_eq!(list(&["--scenario", "SC-001"]).lines().count(), 1);

    let json: Value = serde_json::from_str(&list(&["--json"])).unwrap();
    let (cases, skipped) = (json["cases"].as_array().unwrap(), json["skipped"].as_array().unwrap());
    assert_eq!(cases.len() + skipped.len(), all.lines().count());
    assert_eq!((&cases[0]["case"], &cases[0]["scenario"]), (&1.into(), &"SC-001".into()));
    assert!(cases.iter().any(|case| case["seconds"].as_f64() > Some(1.0) && case["rules"].as_array().is_some()));
}

#[test]
fn plain_http_shows_no_certificate() {
    let harness = Harness::new();
    let client = r#"case "$ARMTAPE_ENDPOINT" in http://*) exec "$BIN" client --by-variables;; esac; exit 9"#;
    check(&harness, &["--plain-http", "--scenario", "SC-00[1-3]"], client).ends_with(0);
}

#[test]
fn slow_plays_seconds_as_they_are_written() {
    let harness = Harness::new();
    // A write that is answered, and no wait for what it asks for: the answer alone is looked at.
    let client =
        r#"curl -sD- -o /dev/null -X PUT -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL" | grep -i retry-after >> waits"#;
    let waits = |words: &[&str]| {
        let _ = std::fs::remove_file(harness.path("waits"));
        check(&harness, &[&["--scenario", "SC-007"], words].concat(), client);
        harness.read("waits").trim().to_owned()
    };
    assert_ne!(waits(&[]), waits(&["--slow"]));
}
