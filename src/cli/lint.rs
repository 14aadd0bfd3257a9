//! `armtape lint`

use std::{path::PathBuf, time::Instant};

use serde_json::{Value, json};

use super::{
    Code, check, ci,
    env::print,
    lint_body,
    page::Cleaner,
    recordings::{self, Read},
    report::Reports,
    say::{self, Failure, count},
    settings::Settings,
};
use crate::{
    judge::{Conversation, Severity, judge, notes},
    report::{CaseReport, Kind, Noted, Report, Reported, Shown, Work, conversation, html::Linted, markdown},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recordings of any format of docs/formats.md, or folders of them
    #[arg(value_name = "FILE", required_unless_present = "body")]
    files: Vec<PathBuf>,
    /// The body of a PUT of a profile: what is wrong with it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "json", "notes", "fail_on", "report"])]
    body: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Say, too, where the service leaves its contract
    #[arg(long)]
    notes: bool,
    /// What is enough for exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "violation", value_parser = check::severity)]
    fail_on: Severity,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    if let Some(body) = &args.body {
        return lint_body::run(body);
    }
    args.reports.prepare(&args.files)?;
    let mut report = Report { work: Work::Lint, ..Report::default() };
    let began = Instant::now();
    let cleaner = args.reports.wants(Kind::Html).then(|| Cleaner::of(&args.settings)).transpose()?;
    let mut page = Linted::default();
    let code = recordings::each(&args.files, |read| {
        let case = linted(&read, report.cases.len() + 1, args.notes || args.json);
        if let Some(cleaner) = &cleaner {
            page.take(&case.scenario, &cleaner.clean(read.cassette)?, read.lines, args.notes);
        }
        if !args.json {
            print(&say::printable(&as_text(&case)))?;
        }
        report.cases.push(case);
        Ok(())
    })?;
    report.took = began.elapsed();
    if args.json {
        print(&format!("{:#}\n", as_json(&report)))?;
    }
    args.reports.write_beside_page(&report)?;
    if cleaner.is_some() {
        args.reports.write_page(&page.finish())?;
    }
    let tally = report.summary().tally;
    if tally.violations + tally.warnings > 0 {
        ci::summarize(&markdown(&report));
        // Notes go to stdout, which is the object's.
        if !args.json {
            ci::annotate(&ci::notes(&report));
        }
    }
    let told = [count(tally.violations, "violation"), count(tally.warnings, "warning")].join(", ");
    say::line(&format!("{}: {told}", count(report.cases.len(), "recording")));
    Ok(code.or(check::by_findings(&report, args.fail_on)))
}

/// A recording held against the rules.
fn linted(Read { file, cassette, lines }: &Read<'_>, number: usize, with_notes: bool) -> CaseReport {
    let began = Instant::now();
    let held = Conversation::new(cassette);
    let judgement = judge(&held);
    let noted = || notes(&held).into_iter().map(|note| Noted { interaction: note.interaction, message: note.message });
    let shown = conversation(cassette).into_iter().zip(*lines);
    CaseReport {
        number,
        scenario: file.display().to_string(),
        operation: "recording".to_owned(),
        nothing: cassette.interactions.is_empty().then(|| "there is no interaction on it".to_owned()),
        findings: judgement.findings.into_iter().map(Reported::from).collect(),
        notes: if with_notes { noted().collect() } else { Vec::new() },
        conversation: shown.map(|(shown, line)| Shown { line: Some(*line), ..shown }).collect(),
        judged: judgement.judged,
        not_judged: judgement.not_judged.len(),
        took: began.elapsed(),
        file: Some(file.display().to_string()),
        ..CaseReport::default()
    }
}

/// Where a reader finds an interaction: file and line; its number, too, where several share the line.
fn place(case: &CaseReport, interaction: Option<usize>) -> String {
    let (Some(number), Some(line)) = (interaction, line(case, interaction)) else { return case.scenario.clone() };
    let share = case.conversation.iter().filter(|shown| shown.line == Some(line)).count();
    let number = if share > 1 { format!(": interaction {number}") } else { String::new() };
    format!("{}:{line}{number}", case.scenario)
}

fn line(case: &CaseReport, interaction: Option<usize>) -> Option<u64> {
    case.conversation.get(interaction?)?.line
}

fn as_text(case: &CaseReport) -> String {
    let findings = case.findings.iter().map(|Reported { finding, .. }| {
        let at = place(case, finding.interactions.last().copied());
        format!("{at}: {}: {} [{}]\n", finding.severity.word(), finding.message, finding.rule)
    });
    let notes =
        case.notes.iter().map(|note| format!("{}: note: {}\n", place(case, Some(note.interaction)), note.message));
    findings.chain(notes).collect()
}

fn as_json(report: &Report) -> Value {
    let findings = report.cases.iter().flat_map(|case| {
        case.findings.iter().map(|Reported { finding, .. }| {
            json!({
                "rule": finding.rule,
                "severity": finding.severity.word(),
                "file": case.scenario,
                "line": line(case, finding.interactions.last().copied()),
                "operation": finding.operation,
                "interactions": finding.interactions,
                "message": finding.message,
                "expected": finding.expected,
            })
        })
    });
    let notes = report.cases.iter().flat_map(|case| {
        case.notes.iter().map(|note| {
            json!({ "file": case.scenario, "line": line(case, Some(note.interaction)),
                    "interaction": note.interaction, "message": note.message })
        })
    });
    let tally = report.summary().tally;
    let sum = |of: fn(&CaseReport) -> usize| report.cases.iter().map(of).sum::<usize>();
    json!({
        "armtape": 1,
        "summary": { "files": report.cases.len(), "violations": tally.violations, "warnings": tally.warnings,
                     "rules_judged": sum(|case| case.judged), "rules_not_judged": sum(|case| case.not_judged) },
        "findings": findings.collect::<Vec<_>>(),
        "notes": notes.collect::<Vec<_>>(),
    })
}
