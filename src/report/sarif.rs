//! The report as SARIF 2.1.0, for code scanning: each finding at the file and line that show it.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CaseReport, Report, Reported, Subject, Work, subject};
use crate::judge::Severity;

/// What a path in a URI cannot hold as it is.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'\\')
    .add(b':');

/// The id of remarks on the service, which no client breaks.
const SERVICE: &str = "SERVICE";

/// The report as a document. What is known or baselined is there, and suppressed.
#[must_use]
pub fn sarif(report: &Report) -> Value {
    let subjects = subjects(report);
    let results = report.told().flat_map(|case| {
        let case = case.as_ref();
        let findings = case.findings.iter().map(|reported| result(report, case, reported, &subjects));
        let notes = case.notes.iter().map(|note| {
            json!({
                "ruleId": SERVICE,
                "ruleIndex": subjects.len(),
                "level": "note",
                "message": { "text": note.message },
                "locations": [location(case, line_of(case, note.interaction))],
                "partialFingerprints": { "armtape/v1": fingerprint(&[SERVICE, &case.scenario, &note.message]) },
            })
        });
        findings.chain(notes).collect::<Vec<_>>()
    });
    let results: Vec<Value> = results.collect();
    let mut rules: Vec<Value> = subjects.iter().map(rule).collect();
    if report.cases.iter().any(|case| !case.notes.is_empty()) {
        rules.push(json!({
            "id": SERVICE,
            "shortDescription": { "text": "the service leaves its contract" },
            "help": { "text": "No fault of a client: clients have to live with it." },
            "defaultConfiguration": { "level": "note" },
        }));
    }
    let complete = report.not_run == 0 && report.cases.iter().all(|case| case.nothing.is_none());
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "armtape",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": { "id": format!("armtape/{}/", report.work.word()) },
            "invocations": [{ "executionSuccessful": complete }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// Each thing that is found, once, in the order of the ids.
fn subjects(report: &Report) -> Vec<Subject> {
    let rules = |case: &CaseReport| case.findings.iter().map(|reported| reported.finding.rule).collect::<Vec<_>>();
    let mut ids: Vec<&str> = report.told().flat_map(|case| rules(&case)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(subject).collect()
}

fn rule(subject: &Subject) -> Value {
    let help = format!("{}\n\nSource: {}\nMore: armtape explain {}", subject.words, subject.source, subject.id);
    let markdown = format!("{}\n\nSource: {}\n\nMore: `armtape explain {}`", subject.words, subject.source, subject.id);
    json!({
        "id": subject.id,
        "shortDescription": { "text": subject.title },
        "fullDescription": { "text": subject.words },
        "help": { "text": help, "markdown": markdown },
        "defaultConfiguration": { "level": level(subject.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Violation => "error",
        Severity::Warning => "warning",
    }
}

fn result(report: &Report, case: &CaseReport, reported: &Reported, subjects: &[Subject]) -> Value {
    let finding = &reported.finding;
    let place = match report.work {
        Work::Check => format!(" ({}: {})", case.scenario, case.title),
        _ => String::new(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}{place}. Expected: {}", finding.message, finding.expected) },
        "locations": [location(case, case.line(finding))],
        "partialFingerprints": { "armtape/v1": fingerprint(&[finding.rule, &case.scenario, &finding.message]) },
        "properties": { "scenario": case.scenario, "operation": case.operation, "interactions": finding.interactions },
    });
    if let Some(at) = subjects.iter().position(|subject| subject.id == finding.rule) {
        result["ruleIndex"] = at.into();
    }
    let related = finding.interactions.iter().rev().skip(1).filter_map(|index| {
        let mut related = location(case, Some(line_of(case, *index)?));
        related["message"] = json!({ "text": case.conversation[*index].request });
        Some(related)
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(again) = &case.again {
        result["properties"]["again"] = again.as_str().into();
    }
    if let Some(reason) = reported.reason() {
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
    }
    result
}

fn line_of(case: &CaseReport, interaction: usize) -> Option<u64> {
    case.conversation.get(interaction)?.line
}

fn location(case: &CaseReport, line: Option<u64>) -> Value {
    let mut location = json!({ "logicalLocations": [{ "fullyQualifiedName": case.scenario, "kind": "resource" }] });
    if let Some(file) = &case.file {
        location["physicalLocation"] = json!({
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line.unwrap_or(1).max(1) },
        });
    }
    location
}

/// A path as a URI: relative as it is, absolute as a file's.
fn uri(path: &str) -> String {
    let path = path.replace(std::path::MAIN_SEPARATOR, "/");
    let encoded = utf8_percent_encode(&path, PATH).to_string();
    if path.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

/// The same for the same finding, wherever it stands in its file.
fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("a b/c#1:2.json"), "a%20b/c%231%3A2.json");
        assert_eq!(uri("/tmp/ä.json"), "file:///tmp/%C3%A4.json");
    }
}
