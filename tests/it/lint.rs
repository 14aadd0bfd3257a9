//! Lint: rules over recordings.

use crate::harness::{Harness, shows};

/// The tape, its requests in another order or with other words.
fn edited(harness: &Harness, edit: impl FnOnce(&mut Vec<serde_json::Value>)) {
    let mut tape: serde_json::Value = serde_json::from_str(&harness.read("tape.json")).unwrap();
    edit(tape["interactions"].as_array_mut().unwrap());
    harness.write("edited.json", tape.to_string());
}

#[test]
fn a_correct_recording_has_no_finding() {
    let harness = Harness::with_tape();
    let ran = harness.armtape(&["lint", "tape.json"]).ends_with(0);
    assert!(ran.stdout.is_empty(), "{ran}");
}

#[test]
fn a_finding_has_file_and_rule() {
    let harness = Harness::with_tape();
    edited(&harness, |tape| {
        let end = tape[2].clone();
        tape.extend([end.clone(), end.clone(), end]);
    });
    shows!(harness, harness.armtape(&["lint", "edited.json"]), @"
    exit 1
    ----- stdout
    edited.json: interaction 5: violation: polled 3 more times after `Succeeded` [LRO-C-35]
    ----- stderr
    armtape: 1 recording: 1 violation, 0 warnings
    ");
    let ran = harness.armtape(&["lint", "edited.json", "--json"]).ends_with(1);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "LRO-C-35", "{ran}");
    assert_eq!(report["summary"]["files"], 1, "{ran}");
}

#[test]
fn what_cannot_be_read_is_no_pass() {
    let harness = Harness::with_tape();
    harness.write("broken.json", r#"{"armtape": 1, "interactions": ["#);
    harness.armtape(&["lint", "broken.json"]).ends_with(2);
    harness.armtape(&["lint", "nowhere.json"]).ends_with(2);
}
