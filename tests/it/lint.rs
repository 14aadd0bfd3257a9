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
    edited.json:1: interaction 5: violation: polled 3 more times after `Succeeded` [LRO-C-35]
    ----- stderr
    armtape: 1 recording: 1 violation, 0 warnings
    ");
    let ran = harness.armtape(&["lint", "edited.json", "--json"]).ends_with(1);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "LRO-C-35", "{ran}");
    assert_eq!(report["summary"]["files"], 1, "{ran}");
}

#[test]
fn a_ci_system_is_told_of_it_and_not_of_what_is_fine() {
    let harness = Harness::with_tape();
    let lint = |words: &[&str]| {
        let mut command = harness.command([&["lint"], words].concat());
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", harness.path("summary.md"));
        harness.run(&mut command)
    };
    let fine = lint(&["tape.json"]);
    assert_eq!((fine.code(), fine.stdout.as_str(), harness.exists("summary.md")), (0, "", false), "{fine}");
    edited(&harness, |tape| tape.extend([tape[2].clone(), tape[2].clone(), tape[2].clone()]));
    let found = lint(&["edited.json"]).ends_with(1);
    let note = "::error file=edited.json,line=1,title=LRO-C-35::edited.json: polled 3 more times after `Succeeded`\n";
    assert!(found.stdout.ends_with(note), "{found}");
    assert!(harness.read("summary.md").contains("| violation | LRO-C-35 |"), "{found}");
    // One object and nothing else.
    let as_json = lint(&["edited.json", "--json"]).ends_with(1);
    assert!(serde_json::from_str::<serde_json::Value>(&as_json.stdout).is_ok(), "{as_json}");
}

#[test]
fn sarif_names_file_and_line() {
    let harness = Harness::with_tape();
    edited(&harness, |tape| {
        let end = tape[2].clone();
        tape.extend([end.clone(), end.clone(), end]);
    });
    let tape: serde_json::Value = serde_json::from_str(&harness.read("edited.json")).unwrap();
    let text = format!("{tape:#}\n");
    harness.write("a tape/edited.json", &text);
    let words = ["lint", "a tape", "--notes", "--report", "sarif=out/lint.sarif", "--report", "junit=out/lint.xml"];
    let ran = harness.armtape(&words).ends_with(1);
    let line = text.lines().position(|line| line == r#"  "interactions": ["#).unwrap();
    // The lines on which interactions begin: an object at the indent of the list's items.
    let begins = |(_, told): &(usize, &str)| *told == "    {";
    let line = text.lines().enumerate().skip(line).filter(begins).nth(5).unwrap().0 + 1;
    assert!(ran.stdout.contains(&format!("a tape/edited.json:{line}: violation: polled 3 more times")), "{ran}");
    let report: serde_json::Value = serde_json::from_str(&harness.read("out/lint.sarif")).unwrap();
    let result = &report["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "LRO-C-35");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20tape/edited.json");
    assert_eq!(place["region"]["startLine"], line);
    let junit = harness.read("out/lint.xml");
    assert!(junit.contains("<testsuite name=\"armtape lint\" tests=\"1\" failures=\"1\""), "{junit}");
    assert!(junit.contains("<testcase name=\"a tape/edited.json\" "), "{junit}");
}

#[test]
fn what_waits_alone_in_a_folder_is_read() {
    let harness = Harness::with_tape();
    harness.write("kept/case.json.new", harness.read("tape.json"));
    let ran = harness.armtape(&["lint", "kept"]).ends_with(0);
    assert!(ran.stderr.contains("1 recording: 0 violations"), "{ran}");
    assert!(harness.armtape(&["show", "kept"]).ends_with(0).stdout.starts_with("kept/case.json.new: "));
    harness.write("kept/case.json", harness.read("tape.json"));
    let both = harness.armtape(&["show", "kept"]).ends_with(0);
    assert!(both.stdout.starts_with("kept/case.json: ") && !both.stdout.contains(".new"), "{both}");
}

#[test]
fn warnings_fail_where_they_are_to() {
    let harness = Harness::with_tape();
    harness.armtape(&["lint", "tape.json", "--fail-on", "warning"]).ends_with(0);
    harness.armtape(&["lint", "tape.json", "--fail-on", "none"]).ends_with(2);
}

#[test]
fn what_cannot_be_read_is_no_pass() {
    let harness = Harness::with_tape();
    harness.write("broken.json", r#"{"armtape": 1, "interactions": ["#);
    harness.armtape(&["lint", "broken.json"]).ends_with(2);
    harness.armtape(&["lint", "nowhere.json"]).ends_with(2);
}
