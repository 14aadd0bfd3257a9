//! One report in every form.

mod alike;
mod merging;
mod xml;

use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::{
    check::Applied,
    judge::{Finding, Severity},
};

/// A finding in the interactions, the last one offending.
fn finding(rule: &str, severity: Severity, interactions: &[usize], message: &str) -> Reported {
    let subject = subject(rule).unwrap();
    Reported::from(Finding {
        rule: subject.id,
        severity,
        operation: None,
        interactions: interactions.to_vec(),
        message: message.to_owned(),
        expected: subject.words,
    })
}

fn shown(seconds: u64, request: &str, answer: &str, line: Option<u64>) -> Shown {
    Shown { at: Duration::from_secs(seconds), request: request.to_owned(), answer: answer.to_owned(), line }
}

/// A report with something of everything, and with text that no form may take for its own.
fn example() -> Report {
    let hostile = "<b>\u{1b}[31m ]]> & \"it\" | `x`\n- [y](z)";
    let mut baselined = finding("LRO-C-24", Severity::Warning, &[1], "waited too long");
    baselined.baselined = Some("until the new pipeline".to_owned());
    let mut known = finding("LRO-C-25", Severity::Violation, &[0], "did what its SDK does");
    known.known = Some("the SDK does so".to_owned());
    Report {
        command: vec!["client".to_owned(), "{url}".to_owned()],
        seed: Some(7),
        options: vec!["--slow".to_owned()],
        cases: vec![
            CaseReport {
                number: 1,
                scenario: "SC-007".to_owned(),
                title: format!("a case {hostile}"),
                operation: "put".to_owned(),
                ended: "ended with 0".to_owned(),
                findings: vec![
                    finding("LRO-C-13", Severity::Violation, &[0, 1], &format!("took it for the end {hostile}")),
                    finding("LRO-C-22", Severity::Warning, &[], "was early"),
                    baselined,
                    known,
                ],
                conversation: vec![
                    shown(0, "PUT …/a", "202 +LOC", Some(12)),
                    shown(2, "GET …/b", "200 Succeeded", Some(40)),
                ],
                judged: 50,
                not_judged: 3,
                took: Duration::from_millis(1234),
                file: Some("kept #1/SC-007-put.json.new".to_owned()),
                again: Some("armtape check --scenario SC-007".to_owned()),
                ..CaseReport::default()
            },
            CaseReport {
                number: 2,
                scenario: "SC-008".to_owned(),
                operation: "put".to_owned(),
                nothing: Some("the client sent no request".to_owned()),
                ..CaseReport::default()
            },
            CaseReport {
                number: 3,
                scenario: "tape.yaml".to_owned(),
                operation: "recording".to_owned(),
                notes: vec![Noted { interaction: 0, message: "202 without Location".to_owned() }],
                conversation: vec![shown(0, "PUT …/a", "202", Some(1))],
                file: Some("/tapes/tape.yaml".to_owned()),
                ..CaseReport::default()
            },
        ],
        skipped: vec![("SC-009".to_owned(), "it needs https".to_owned())],
        not_run: 2,
        baseline: vec![Applied {
            place: "known.toml:3".to_owned(),
            rule: "LRO-C-24".to_owned(),
            scenarios: vec!["SC-0*".to_owned()],
            reason: "until the new pipeline".to_owned(),
            expires: None,
            expired: false,
            times: 1,
        }],
        took: Duration::from_millis(2500),
        ..Report::default()
    }
}

/// What of a document is against a schema.
fn against(schema: &str, document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

const REPORT: &str = include_str!("../../../docs/report.schema.json");
const SARIF: &str = include_str!("sarif.schema.json");

#[test]
fn the_json_report_is_as_its_schema_says() {
    assert_eq!(against(REPORT, &json(&example())), [""; 0]);
    assert_eq!(against(REPORT, &json(&Report::default())), [""; 0]);
    let mut broken = json(&example());
    broken["findings"][0]["severity"] = "grave".into();
    broken.as_object_mut().unwrap().remove("shard");
    assert_eq!(against(REPORT, &broken).len(), 2, "the schema sees what is wrong");
}

#[test]
fn what_is_written_is_read() {
    let text = Kind::Json.render(&example());
    assert_eq!(read(&text).unwrap(), example());
    assert!(read("{").unwrap_err().to_string().starts_with("no report of armtape: "));
    assert!(read("{}").unwrap_err().to_string().starts_with("no report of armtape: missing field"));
    let other = text.replace(&format!(r#""version": "{}""#, env!("CARGO_PKG_VERSION")), r#""version": "9.9.9""#);
    let told = read(&other).unwrap_err().to_string();
    assert!(told.starts_with("made by armtape 9.9.9, and this is armtape "), "{told}");
    let unknown = text.replace("LRO-C-13", "LRO-C-99");
    assert_eq!(read(&unknown).unwrap_err().to_string(), "`LRO-C-99` is unknown here");
}

#[test]
fn known_and_baselined_findings_are_in_it_and_do_not_count() {
    let report = json(&example());
    let figures = &report["summary"];
    assert_eq!(
        [&figures["violations"], &figures["warnings"], &figures["known"], &figures["baselined"]].map(Value::as_u64),
        [1, 1, 1, 1].map(Some)
    );
    let marks = |at: usize| {
        let finding = &report["findings"][at];
        (finding["known"].as_bool(), finding["baselined"].as_bool(), finding["reason"].as_str())
    };
    assert_eq!(marks(0), (Some(false), Some(false), None));
    assert_eq!(marks(2), (Some(false), Some(true), Some("until the new pipeline")));
    assert_eq!(marks(3), (Some(true), Some(false), Some("the SDK does so")));
}

#[test]
fn sarif_has_the_structure_and_file_and_line() {
    let document = sarif(&example());
    assert_eq!(against(SARIF, &document), [""; 0]);
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5, "four findings and a note");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "kept%20%231/SC-007-put.json.new");
    assert_eq!(place["region"]["startLine"], 40, "the offending interaction's");
    assert_eq!(results[0]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 12);
    assert_eq!(results[4]["level"], "note");
    assert_eq!(results[4]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "file:///tapes/tape.yaml");
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][at]["id"], result["ruleId"]);
    }
    assert_eq!(results[2]["suppressions"][0]["justification"], "until the new pipeline");
    assert!(results[0].get("suppressions").is_none());
    let help = run["tool"]["driver"]["rules"][0]["help"]["text"].as_str().unwrap();
    assert!(help.contains("armtape explain LRO-C-13"), "{help}");
    assert_eq!(against(SARIF, &sarif(&Report::default())), [""; 0]);
    let mut broken = document.clone();
    broken["runs"][0]["results"][0]["level"] = "violation".into();
    assert_eq!(against(SARIF, &broken).len(), 1, "the schema sees what is wrong");
}

#[test]
fn the_text_tells_everything() {
    insta::assert_snapshot!(report_text(&example()));
}

#[test]
fn of_a_long_conversation_the_part_that_matters_is_shown() {
    let mut report = example();
    let case = &mut report.cases[0];
    case.conversation = (0..300).map(|at| shown(at, &format!("GET …/{at}"), "200 Running", None)).collect();
    case.findings = vec![finding("LRO-C-35", Severity::Violation, &[100, 298], "polled on")];
    let text = case_text(case);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains('…')).collect();
    assert_eq!(lines.len(), 12, "{text}");
    assert!(text.contains("… 97 more requests") && text.contains("  > 298.000 s"), "{text}");
    assert!(text.contains("[LRO-C-35]\n"), "the line names its rule: {text}");
}

#[test]
fn a_baseline_that_is_not_needed_is_told_after_a_whole_run_alone() {
    let mut report = example();
    report.baseline[0].times = 0;
    assert_eq!(text::remarks(&report), [""; 0], "cases are missing");
    report.not_run = 0;
    assert_eq!(
        text::remarks(&report),
        ["baseline: known.toml:3: LRO-C-24 in SC-0* matches nothing any more: take it out"]
    );
    report.options.push("--scenario".to_owned());
    assert_eq!(text::remarks(&report), [""; 0], "it may match what was not played");
    report.baseline[0] =
        Applied { expires: Some("2026-01-01".to_owned()), expired: true, times: 2, ..report.baseline[0].clone() };
    assert!(text::remarks(&report)[0].contains("expired on 2026-01-01, and counts again"));
}

#[test]
fn a_long_report_is_summed_up_by_rule() {
    let mut report = example();
    assert!(!summary_text(&report).contains(" times in "));
    let many = Reported { times: 5, ..finding("LRO-C-04", Severity::Violation, &[1], "was sent again") };
    report.cases[0].findings.extend(std::iter::repeat_n(many, 10));
    let text = summary_text(&report);
    assert!(text.contains("\nLRO-C-04: 50 times in 1 case\n"), "{text}");
    assert!(text.contains("\nLRO-C-13: 1 time in 1 case\n") && !text.contains("LRO-C-24: "), "{text}");
}
