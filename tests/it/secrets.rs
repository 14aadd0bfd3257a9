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
