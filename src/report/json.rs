//! The report for machines.

use serde_json::{Value, json};

use super::Report;

/// The report as a document: `docs/check.md` says what is promised.
#[must_use]
pub fn json(report: &Report) -> Value {
    let summary = report.summary();
    let findings = report.cases.iter().flat_map(|case| {
        case.findings.iter().map(move |reported| {
            let finding = &reported.finding;
            json!({
                "rule": finding.rule,
                "severity": finding.severity.word(),
                "scenario": case.scenario,
                "operation": case.operation,
                "case": case.number,
                "known": reported.known.is_some(),
                "reason": reported.known,
                "message": finding.message,
                "expected": finding.expected,
                "interactions": finding.interactions,
                "cassette": case.cassette,
                "again": case.again,
            })
        })
    });
    let cases = report.cases.iter().map(|case| {
        json!({
            "case": case.number,
            "scenario": case.scenario,
            "operation": case.operation,
            "ended": case.ended,
            "judged": case.nothing.is_none(),
            "reason": case.nothing,
            "milliseconds": u64::try_from(case.took.as_millis()).unwrap_or(u64::MAX),
            "rules_not_judged": case.not_judged,
        })
    });
    let skipped = report.skipped.iter().map(|(scenario, reason)| json!({ "scenario": scenario, "reason": reason }));
    json!({
        "armtape": 1,
        "seed": report.seed,
        "command": report.command,
        "summary": {
            "cases": summary.cases,
            "judged": summary.judged,
            "clean": summary.clean,
            "skipped": summary.skipped,
            "not_run": summary.not_run,
            "rules_not_judged": summary.rules_not_judged,
            "violations": summary.tally.violations,
            "warnings": summary.tally.warnings,
            "known": summary.tally.known,
            "seconds": report.took.as_secs_f64(),
        },
        "findings": findings.collect::<Vec<_>>(),
        "cases": cases.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
    })
}
