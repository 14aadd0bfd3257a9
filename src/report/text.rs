//! The report for people.

use std::fmt::Write as _;

use super::{CaseReport, Report};

/// A case with its findings; empty where there is nothing to say.
#[must_use]
pub fn case_text(case: &CaseReport, with_known: bool) -> String {
    let mut text = String::new();
    for reported in case.findings.iter().filter(|reported| with_known || reported.known.is_none()) {
        let finding = &reported.finding;
        let known = reported.known.as_ref().map(|why| format!(" (known: {why})")).unwrap_or_default();
        let _ = writeln!(text, "{}: {} [{}]{known}", finding.severity.word(), finding.message, finding.rule);
        let _ = writeln!(text, "  {} ({}): {}; the client {}", case.scenario, case.operation, case.title, case.ended);
        let marked = finding.interactions.last();
        for (number, shown) in case.conversation.iter().enumerate() {
            let mark = if marked == Some(&number) { ">" } else { " " };
            let at = shown.at.as_secs_f64();
            let _ = writeln!(text, "  {mark} {at:7.3} s  {}  →  {}", shown.request, shown.answer);
        }
        let _ = writeln!(text, "  expected: {}", finding.expected);
        if let Some(rule) = crate::judge::rule(finding.rule) {
            let _ = writeln!(text, "  source: {}; more: armtape explain {}", rule.source, rule.id);
        }
        if let Some(again) = &case.again {
            let _ = writeln!(text, "  again: {again}");
        }
        if let Some(path) = &case.cassette {
            let _ = writeln!(text, "  kept: {path}");
        }
        text.push('\n');
    }
    text
}

/// Everything that is told of a campaign: each case with findings, then the figures.
#[must_use]
pub fn report_text(report: &Report) -> String {
    let cases = report.cases.iter().map(|case| case_text(case, true));
    cases.chain([summary_text(report)]).collect()
}

/// The figures, in a few lines.
#[must_use]
pub fn summary_text(report: &Report) -> String {
    let summary = report.summary();
    let mut text = String::new();
    let seconds = report.took.as_secs_f64();
    let _ = writeln!(
        text,
        "{} in {seconds:.1} s: {} judged, {} without a finding",
        count(summary.cases, "case"),
        summary.judged,
        summary.clean
    );
    let tally = summary.tally;
    let [violations, warnings] = [count(tally.violations, "violation"), count(tally.warnings, "warning")];
    let _ = writeln!(text, "{violations}, {warnings}, {} known", tally.known);
    let known = known_by_rule(report);
    if !known.is_empty() {
        let _ = writeln!(text, "known: {known}; the JSON report says why");
    }
    for case in report.cases.iter().filter(|case| case.nothing.is_some()) {
        let _ = writeln!(text, "not judged: {}: {}", case.scenario, case.nothing.unwrap_or_default());
    }
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for (_, reason) in &report.skipped {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, times)) => *times += 1,
            None => reasons.push((reason, 1)),
        }
    }
    for (reason, times) in reasons {
        let _ = writeln!(text, "skipped: {}: {reason}", count(times, "scenario"));
    }
    if summary.not_run > 0 {
        let _ = writeln!(text, "not run: {}", count(summary.not_run, "case"));
    }
    text
}

/// How often each rule was broken by what is known: `LRO-C-12, LRO-C-22 7 times`.
fn known_by_rule(report: &Report) -> String {
    let mut rules: Vec<(&str, usize)> = Vec::new();
    let known = report.cases.iter().flat_map(|case| &case.findings).filter(|reported| reported.known.is_some());
    for rule in known.map(|reported| reported.finding.rule) {
        match rules.iter_mut().find(|(other, _)| *other == rule) {
            Some((_, times)) => *times += 1,
            None => rules.push((rule, 1)),
        }
    }
    rules.sort_unstable();
    let words = rules.iter().map(|(rule, times)| match times {
        1 => (*rule).to_owned(),
        times => format!("{rule} {times} times"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// `1 case`, `2 cases`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
