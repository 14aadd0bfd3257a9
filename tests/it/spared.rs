//! What a command writes goes over no recording, over nothing that it reads, and over nothing that is no cassette.

use crate::harness::{CREATE, EMBEDDED, Harness, Ran};

/// A recording of another tool.
const FOREIGN: &str =
    "interactions:\n- request:\n    uri: https://h/x\n    method: GET\n  response:\n    status:\n      code: 200\n";

fn refused(ran: &Ran, told: &str) {
    assert!(ran.code() == 2 && ran.stderr.contains(told), "{ran}");
    assert!(ran.stderr.contains("hint: name another file"), "{ran}");
}

#[test]
fn a_report_goes_over_no_recording_and_over_nothing_that_is_read() {
    let harness = Harness::with_tape();
    let tape = harness.read("tape.json");
    harness.write("foreign.yaml", FOREIGN);
    harness.write("waits.json.new", &tape);
    harness.write("cut.json", &tape[..tape.len() / 2]);
    let cut = harness.read("cut.json");
    for kind in ["html", "json", "text"] {
        for target in ["tape.json", "./tape.json", "foreign.yaml", "waits.json.new", "cut.json"] {
            let report = format!("{kind}={target}");
            for words in [&["lint", "tape.json"][..], &["diff", "tape.json", "tape.json"], &["replay", "tape.json"]] {
                let client: &[&str] = if words[0] == "replay" { &["--", "touch", "started"] } else { &[] };
                let ran = harness.armtape(&[words, &["--report", &report], client].concat());
                refused(&ran, &format!("--report: {target} "));
            }
            let ran = harness.armtape(&["check", "--quick", "--report", &report, "--", "touch", "started"]);
            refused(&ran, &format!("--report: {target} holds a recording"));
        }
    }
    assert!(!harness.exists("started"));
    assert_eq!((harness.read("tape.json"), harness.read("cut.json")), (tape, cut));
    assert_eq!(harness.read("foreign.yaml"), FOREIGN);

    // What is read need not be a recording.
    harness.write("mine.toml", "");
    let ran = harness.armtape(&["check", "--scenario", "mine.toml", "--report", "json=mine.toml", "--", "true"]);
    refused(&ran, "--report: mine.toml is the file that is read");
    // An older report is written over.
    for _ in 0..2 {
        harness.armtape(&["lint", "tape.json", "--report", "json=report.json"]).ends_with(0);
    }
    let ran = harness.armtape(&["merge", "report.json", "--report", "json=report.json"]);
    refused(&ran, "--report: report.json is the file that is read");
}

#[test]
fn a_list_of_what_was_used_goes_over_no_recording() {
    let harness = Harness::with_tape();
    let tape = harness.read("tape.json");
    harness.write("foreign.yaml", FOREIGN);
    for list in ["tape.json", "foreign.yaml"] {
        let ran = harness.around(&["replay", "tape.json", "--used", list], "touch started");
        refused(&ran, &format!("--used: {list} "));
        let record = [&["record", "--cassette", "new.json", "--used", list], EMBEDDED].concat();
        refused(&harness.around(&record, "touch started"), &format!("--used: {list} "));
        refused(&harness.armtape(&["test", "tape.json", "--used", list]), &format!("--used: {list} "));
    }
    assert_eq!((harness.read("tape.json"), harness.read("foreign.yaml").as_str()), (tape, FOREIGN));
    assert!(!harness.exists("started"));
}

#[test]
fn nothing_is_recorded_over_what_is_no_recording() {
    let harness = Harness::with_tape();
    let others = ["{\"properties\": {}}", "[]", "{\"properties\": ", "{\"armtape\": 1, \"seed\": 1}", "text\n"];
    for other in others {
        harness.write("body.json", other);
        let ran = harness.around(&[&["record", "--cassette", "body.json"], EMBEDDED].concat(), "touch started");
        assert!(ran.code() == 2 && ran.stderr.contains("error: body.json is there, and is no recording"), "{ran}");
        assert!(ran.stderr.contains("hint: name another file with `--cassette`"), "{ran}");
        assert!(!harness.exists("started") && !harness.exists("body.json.new"), "{other}");
        assert_eq!(harness.read("body.json"), other);
    }
    // A cassette that a crash or a hand has damaged is recorded again, as its message says.
    let tape = harness.read("tape.json");
    for damaged in ["", &tape[..tape.len() / 2]] {
        harness.write("tape.json", damaged);
        let ran = harness.around(&[&["record", "--cassette", "tape.json"], EMBEDDED].concat(), CREATE);
        assert!(ran.code() == 1 && harness.exists("tape.json.new"), "{ran}");
    }
}

#[test]
fn a_report_needs_a_file() {
    let harness = Harness::with_tape();
    harness.armtape(&["lint", "tape.json", "--report", "json=report.json"]).ends_with(0);
    for words in [&["merge", "report.json"][..], &["lint", "tape.json"]] {
        let ran = harness.armtape(&[words, &["--report", "json=folder/"]].concat());
        assert!(ran.code() == 2 && ran.stderr.contains("--report: folder/ is a folder"), "{ran}");
    }
    let ran = harness.armtape(&["merge", "nowhere.json"]);
    assert!(ran.code() == 2 && ran.stderr.contains("hint: give the files that `armtape check --report"), "{ran}");
}
