//! The report for people.

use std::{cmp::Reverse, fmt::Write as _};

use super::{CaseReport, Report, Reported, Shown, subject};
use crate::{arm::count, check::Applied};

/// So many lines of a conversation are shown around what they are shown for.
const AROUND: usize = 2;

/// Of what many requests show so many are shown.
const PLACES: usize = 6;

/// With more findings than these a report has a summary by rule.
const MANY: usize = 10;

/// A conversation is shown whole if it has no more lines than this.
const WHOLE: usize = 16;

/// A case with the findings that count; empty where there is none. First what was found and what was
/// expected, then the conversation with the lines marked that show it, and how to see it again.
#[must_use]
pub fn case_text(case: &CaseReport) -> String {
    with_findings(case, &case.findings.iter().filter(|reported| reported.counts()).collect::<Vec<_>>())
}

fn with_findings(case: &CaseReport, told: &[&Reported]) -> String {
    let Some(first) = told.first() else { return String::new() };
    let mut text = String::new();
    for reported in told {
        let finding = &reported.finding;
        let known = match (&reported.known, &reported.baselined) {
            (Some(why), _) => format!(" (known: {why})"),
            (None, Some(why)) => format!(" (baselined: {why})"),
            (None, None) => String::new(),
        };
        let _ = writeln!(text, "{}: {} [{}]{known}", finding.severity.word(), finding.message, finding.rule);
        let _ = writeln!(text, "  expected: {}", finding.expected);
        if let Some(subject) = subject(finding.rule) {
            let _ = writeln!(text, "  source: {}; more: armtape explain {}", subject.source, subject.id);
        }
    }
    text.push_str(&scene(case));
    text.push_str(&timeline(&case.conversation, told));
    if let Some(again) = &case.again {
        let _ = writeln!(text, "  again: {again}");
    }
    if let Some(file) = &case.file {
        let line = case.line(&first.finding).map(|line| format!(":{line}")).unwrap_or_default();
        let word = if case.again.is_some() { "kept" } else { "at" };
        let _ = writeln!(text, "  {word}: {file}{line}");
    }
    text.push('\n');
    text
}

/// What was played, and how the client ended.
fn scene(case: &CaseReport) -> String {
    let title = if case.title.is_empty() { String::new() } else { format!(": {}", case.title) };
    let ended = if case.ended.is_empty() { String::new() } else { format!("; the client {}", case.ended) };
    format!("  {} ({}){title}{ended}\n", case.scenario, case.operation)
}

/// The conversation with its offending lines marked, and the rules behind them. Of a long one, the
/// beginning and what is around the lines that show the findings.
fn timeline(conversation: &[Shown], told: &[&Reported]) -> String {
    let places = |reported: &&Reported| {
        let interactions = &reported.finding.interactions;
        interactions.iter().take(PLACES).chain(interactions.last()).copied().collect::<Vec<_>>()
    };
    let places: Vec<usize> = told.iter().flat_map(places).collect();
    let shows = |line: usize| places.iter().any(|at| at.abs_diff(line) <= AROUND);
    let is_shown = |line: usize| conversation.len() <= WHOLE || line == 0 || shows(line);
    let (mut text, mut left_out) = (String::new(), 0);
    for (number, said) in conversation.iter().enumerate() {
        if !is_shown(number) {
            left_out += 1;
            continue;
        }
        text.push_str(&gap(left_out));
        left_out = 0;
        let rules: Vec<&str> = told.iter().filter(|one| one.is_shown_by(number)).map(|one| one.finding.rule).collect();
        let (mark, rules) =
            if rules.is_empty() { (" ", String::new()) } else { (">", format!("  [{}]", rules.join(", "))) };
        let at = said.at.as_secs_f64();
        let _ = writeln!(text, "  {mark} {at:7.3} s  {}  →  {}{rules}", said.request, said.answer);
    }
    text + &gap(left_out)
}

fn gap(left_out: usize) -> String {
    if left_out == 0 { String::new() } else { format!("    … {}\n", count(left_out, "more request")) }
}

/// Everything that is told of a campaign: each case with findings, then the figures.
#[must_use]
pub fn report_text(report: &Report) -> String {
    let cases = report.told().map(|case| with_findings(&case, &case.findings.iter().collect::<Vec<_>>()));
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
        count(summary.cases, report.work.unit()),
        summary.judged,
        summary.clean
    );
    let tally = summary.tally;
    let [violations, warnings] = [count(tally.violations, "violation"), count(tally.warnings, "warning")];
    let baselined = if tally.baselined > 0 { format!(", {} baselined", tally.baselined) } else { String::new() };
    let _ = writeln!(text, "{violations}, {warnings}, {} known{baselined}", tally.known);
    text.push_str(&by_rule(report));
    let known = known_by_rule(report);
    if !known.is_empty() {
        let _ = writeln!(text, "known: {known}; the JSON report says why");
    }
    // Most often it is one reason for all of them.
    let idle = report.cases.iter().filter_map(|case| Some((case.scenario.as_str(), case.nothing.as_deref()?)));
    for (reason, scenarios) in by_reason(idle) {
        let _ = match scenarios.as_slice() {
            [scenario] => writeln!(text, "not judged: {scenario}: {reason}"),
            all => writeln!(text, "not judged: {}: {reason}", count(all.len(), report.work.unit())),
        };
    }
    let skipped = report.skipped.iter().map(|(scenario, reason)| (scenario.as_str(), reason.as_str()));
    for (reason, scenarios) in by_reason(skipped) {
        let _ = writeln!(text, "skipped: {}: {reason}", count(scenarios.len(), "scenario"));
    }
    if summary.not_run > 0 {
        let _ = writeln!(text, "not run: {}", count(summary.not_run, report.work.unit()));
    }
    for remark in remarks(report) {
        let _ = writeln!(text, "{remark}");
    }
    text
}

/// Of a long report, how often each rule was broken, a line for each, the most frequent first.
fn by_rule(report: &Report) -> String {
    let mut rules: Vec<(&str, usize, usize)> = Vec::new();
    let mut findings = 0;
    for case in &report.cases {
        let mut in_case: Vec<&str> = Vec::new();
        for reported in case.findings.iter().filter(|reported| reported.counts()) {
            findings += 1;
            let rule = reported.finding.rule;
            let is_new = !in_case.contains(&rule);
            in_case.push(rule);
            match rules.iter_mut().find(|(known, ..)| *known == rule) {
                Some((_, times, cases)) => {
                    *times += reported.times;
                    *cases += usize::from(is_new);
                }
                None => rules.push((rule, reported.times, 1)),
            }
        }
    }
    if findings <= MANY {
        return String::new();
    }
    rules.sort_by_key(|(rule, times, cases)| (Reverse(*cases), Reverse(*times), *rule));
    let unit = report.work.unit();
    let line = |(rule, times, cases): &(&str, usize, usize)| {
        format!("{rule}: {} in {}\n", count(*times, "time"), count(*cases, unit))
    };
    rules.iter().map(line).collect()
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

/// What is grouped by the second, in the order of its first.
fn by_reason<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, reason) in all {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    reasons
}

/// What there is to say of the baseline: entries that have expired, that match nothing any more, or
/// that nobody will ever look at again.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let remark = |applied: &Applied| {
        let entry = format!("baseline: {}: {} in {}", applied.place, applied.rule, applied.scenarios.join(", "));
        match (&applied.expires, applied.times) {
            (_, 0) if report.is_whole() => Some(format!("{entry} matches nothing any more: take it out")),
            (Some(day), 1..) if applied.expired => {
                Some(format!("{entry} expired on {day}, and counts again: mend the client, or set another day"))
            }
            (None, 1..) => Some(format!("{entry} never expires: give it a day with `expires`")),
            _ => None,
        }
    };
    report.baseline.iter().filter_map(remark).collect()
}
