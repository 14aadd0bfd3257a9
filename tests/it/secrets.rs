//! Nothing secret on the disk: recorded, scanned, redacted.

use crate::harness::{CREATE_SEED, EMBEDDED, Harness};

const SUBSCRIPTION: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";

/// A foreign recording with a subscription, a password and a signature in it.
const FOREIGN: &str = r#"{"Entries": [{"RequestUri": "https://management.azure.com/subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/x?sig=abc%2Bdef%3D", "RequestMethod": "PUT", "RequestHeaders": {}, "RequestBody": {"password": "hunter2!"}, "StatusCode": 200, "ResponseHeaders": {}, "ResponseBody": null}], "Variables": {}}"#;

#[test]
fn a_recording_is_scanned_and_redacted() {
    let harness = Harness::new();
    harness.write("old/a.json", FOREIGN);
    let scanned = harness.armtape(&["scan", "old"]);
    assert_eq!(scanned.code(), 1, "{scanned}");
    for rule in ["subscription-id", "password-name", "sas"] {
        assert!(scanned.stdout.contains(rule), "{scanned}");
    }
    for secret in [SUBSCRIPTION, "hunter2", "abc+def", "abc%2Bdef"] {
        assert!(!scanned.stdout.contains(secret) && !scanned.stderr.contains(secret), "{scanned}");
    }
    let dry = harness.armtape(&["redact", "old"]);
    assert_eq!((dry.code(), harness.read("old/a.json").as_str()), (1, FOREIGN));

    // All or none: one that cannot be read keeps the other as it is.
    harness.write("old/b.json", "{\"armtape\": 1, \"interactions\": [");
    assert_eq!(harness.armtape(&["redact", "old", "--in-place"]).code(), 2);
    assert_eq!(harness.read("old/a.json"), FOREIGN);

    harness.write("old/b.json", "[]");
    assert_eq!(harness.armtape(&["redact", "old", "--in-place"]).code(), 0);
    let text = harness.read("old/a.json");
    for secret in [SUBSCRIPTION, "hunter2", "abc+def", "abc%2Bdef"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("sig=armtape%2BSignature%2F000001"), "{text}");
    assert_eq!(harness.armtape(&["scan", "old"]).code(), 0);
}

#[test]
fn values_that_the_user_names_are_on_no_tape() {
    let harness = Harness::new();
    let words =
        [&["record", "--cassette", "t.json", "--secret-env", "GROUP", "--var", "hub=sdkTestHub"], EMBEDDED].concat();
    let mut command = harness.command(words.iter().chain(&["--", "sh", "-c", CREATE_SEED]));
    let ran = harness.run(command.env("GROUP", "TestHubRG"));
    assert_eq!(ran.code(), 0, "{ran}");
    let text = harness.read("t.json");
    assert!(!text.contains("TestHubRG") && text.contains("/hubs/{hub}/profiles/"), "{text}");
    assert!(text.contains("\"hub\": \"sdkTestHub\""), "{text}");
    assert!(ran.stderr.contains("replaced: named-value"), "{ran}");

    let unset = harness.armtape(&["record", "--secret-env", "NOWHERE", "--", "true"]);
    assert!(unset.code() == 2 && unset.stderr.contains("NOWHERE"), "{unset}");
    let ran = harness.run(harness.command(["record", "--secret-env", "S", "--", "true"]).env("S", "x"));
    assert!(ran.code() == 2 && ran.stderr.contains("too short"), "{ran}");
}

#[test]
fn what_is_added_to_a_tape_speaks_its_words() {
    let harness = Harness::new();
    let hub = "resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub";
    let put = |subscription: &str, name: &str| {
        format!(
            r#""$BIN" client --interval 0.05 --body {name}.json --resource-id /subscriptions/{subscription}/{hub}/profiles/{name} >/dev/null 2>&1;"#
        )
    };
    for name in ["TestProfileType396", "Another"] {
        harness.write(&format!("{name}.json"), armtape::simulate::seed::profile_body(name));
    }
    let record = |mode: &str, script: &str| {
        let words = [&["record", "--cassette", "t.json", "--mode", mode], EMBEDDED].concat();
        harness.around(&words, &format!("{script} true"))
    };
    let subscriptions = [1, 2, 3].map(|number| format!("5a19f233-79ae-4b7e-855d-04bfcac8bf{number:02}"));
    let [first, second, third] = &subscriptions;
    record("new-episodes", &put(first, "TestProfileType396")).ends_with(0);
    let accepted = harness.read("t.json");
    let stand_in = "00000001-0000-4000-8000-000000000001";
    assert!(accepted.contains(stand_in), "{accepted}");
    // Another client's subscription is the tape's on what it adds.
    let ran = record("new-episodes", &(put(second, "TestProfileType396") + &put(second, "Another")));
    assert!(ran.ends_with(1).stderr.contains("answered from t.json"));
    let pending = harness.read("t.json.new");
    assert!(subscriptions.iter().all(|id| !pending.contains(id.as_str())), "{pending}");
    assert!(pending.contains(&format!("/subscriptions/{stand_in}/{hub}/profiles/Another")), "{pending}");
    assert!(!pending.contains("00000001-0000-4000-8000-000000000002"), "{pending}");
    harness.armtape(&["accept", "t.json.new"]).ends_with(0);
    // Recorded again by a third one it is what it was.
    let ran = record("all", &(put(third, "TestProfileType396") + &put(third, "Another")));
    assert!(ran.stderr.contains("nothing changed"), "{ran}");
    assert_eq!(harness.read("t.json"), pending);
}

#[test]
fn a_secret_on_the_command_line_is_told() {
    let harness = Harness::new();
    let secret = "q8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF";
    let words = [&["record", "--cassette", "t.json"], EMBEDDED, &["--", "sh", "-c", CREATE_SEED, secret]].concat();
    let ran = harness.armtape(&words);
    assert!(ran.code() == 1 && ran.stderr.contains("looks like a secret, and was replaced: command[3]"), "{ran}");
    let text = harness.read("t.json");
    assert!(!text.contains(secret), "{text}");
    harness.write("t.json", text.replacen("armtape-Suspect_000001AAAAAAAAAA", secret, 1));
    let scanned = harness.armtape(&["scan", "t.json"]);
    assert!(scanned.code() == 1 && scanned.stdout.contains("t.json:1: command[3]: gate"), "{scanned}");
}

/// Reports are handed around.
#[test]
fn no_report_of_a_replay_tells_a_secret_of_the_command_line() {
    let harness = Harness::with_tape();
    let names = ["text", "json", "junit", "markdown", "sarif", "html"];
    let reports: Vec<String> = names.iter().map(|name| format!("{name}=report.{name}")).collect();
    let mut words = vec!["replay", "tape.json"];
    words.extend(reports.iter().flat_map(|report| ["--report", report]));
    words.extend(["--", "sh", "-c", "true", "sh", "--client-secret", "canary-1", "--password=canary-2"]);
    let ran = harness.armtape(&words);
    for name in names {
        let text = harness.read(&format!("report.{name}"));
        assert!(!text.contains("canary") && !text.is_empty(), "{name}: {ran}\n{text}");
    }
    assert!(harness.read("report.json").contains("--password=[redacted]"));
}

#[test]
fn what_is_converted_is_redacted_unless_it_is_to_be_raw() {
    let harness = Harness::new();
    harness.write("a.json", FOREIGN);
    let ran = harness.armtape(&["convert", "a.json", "-o", "b.json"]);
    assert!(ran.code() == 0 && ran.stderr.contains("replaced: password-name 1"), "{ran}");
    assert_eq!(harness.armtape(&["scan", "b.json"]).code(), 0);
    let ran = harness.armtape(&["convert", "a.json", "-o", "c.json", "--raw"]);
    assert!(ran.code() == 0 && ran.stderr.contains("kept as they are"), "{ran}");
    assert!(harness.read("c.json").contains(SUBSCRIPTION) && !ran.stderr.contains(SUBSCRIPTION), "{ran}");
}
