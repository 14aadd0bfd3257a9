//! `armtape lint`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    Code,
    env::print,
    lint_body,
    page::Cleaner,
    recordings,
    report::Reports,
    say::{self, Failure, count},
    settings::Settings,
};
use crate::{
    cassette::Cassette,
    judge::{Conversation, Finding, Judgement, Severity, judge, notes},
    report::{Kind, html::Linted},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recordings of any format of docs/formats.md, or folders of them
    #[arg(value_name = "FILE", required_unless_present = "body")]
    files: Vec<PathBuf>,
    /// The body of a PUT of a profile: what is wrong with it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "json", "notes", "report"])]
    body: Option<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Say, too, where the service leaves its contract
    #[arg(long)]
    notes: bool,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    if let Some(body) = &args.body {
        return lint_body::run(body);
    }
    let (mut linted, mut findings, mut remarks) = (0, Vec::new(), Vec::new());
    let (mut judged, mut not_judged) = (0, 0);
    let mut counts = [0_usize; 2];
    args.reports.prepare_page()?;
    let cleaner = args.reports.wants(Kind::Html).then(|| Cleaner::of(&args.settings)).transpose()?;
    let mut page = Linted::default();
    let code = recordings::each(&args.files, |file, cassette| {
        let conversation = Conversation::new(cassette);
        let judgement = judge(&conversation);
        linted += 1;
        judged += judgement.judged;
        not_judged += judgement.not_judged.len();
        for finding in &judgement.findings {
            counts[usize::from(finding.severity == Severity::Violation)] += 1;
        }
        let notes = notes(&conversation);
        if let Some(cleaner) = &cleaner {
            page.take(&shown(file), &cleaner.clean(cassette)?, args.notes);
        }
        if args.json {
            findings.extend(judgement.findings.iter().map(|finding| as_json(file, cassette, finding)));
            remarks.extend(notes.iter().map(|note| {
                json!({ "file": shown(file), "line": line(cassette, note.interaction), "interaction": note.interaction,
                        "message": note.message })
            }));
        } else {
            let mut text = as_text(file, cassette, &judgement);
            for note in notes.iter().filter(|_| args.notes) {
                text.push_str(&format!("{}: note: {}\n", place(file, cassette, note.interaction), note.message));
            }
            print(&say::printable(&text))?;
        }
        Ok(())
    })?;
    let [warnings, violations] = counts;
    if args.json {
        print(&format!(
            "{:#}\n",
            json!({
                "armtape": 1,
                "summary": { "files": linted, "violations": violations, "warnings": warnings,
                             "rules_judged": judged, "rules_not_judged": not_judged },
                "findings": findings,
                "notes": remarks,
            })
        ))?;
    }
    if cleaner.is_some() {
        args.reports.write_page(&page.finish())?;
    }
    let told = [count(violations, "violation"), count(warnings, "warning")].join(", ");
    say::line(&format!("{}: {told}", count(linted, "recording")));
    Ok(if violations > 0 { code.or(Code::Findings) } else { code })
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// The line in a foreign file.
fn line(cassette: &Cassette, interaction: usize) -> Option<u64> {
    cassette.interactions[interaction].provenance.as_ref().map(|provenance| provenance.line)
}

/// Where a reader finds an interaction: by its line in a foreign file, else by its number.
fn place(file: &Path, cassette: &Cassette, interaction: usize) -> String {
    match line(cassette, interaction) {
        Some(line) => format!("{}:{line}", file.display()),
        None => format!("{}: interaction {interaction}", file.display()),
    }
}

fn as_text(file: &Path, cassette: &Cassette, judgement: &Judgement) -> String {
    let mut text = String::new();
    for finding in &judgement.findings {
        let at = finding.interactions.last().map_or_else(|| shown(file), |index| place(file, cassette, *index));
        text.push_str(&format!("{at}: {}: {} [{}]\n", finding.severity.word(), finding.message, finding.rule));
    }
    text
}

fn as_json(file: &Path, cassette: &Cassette, finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.word(),
        "file": shown(file),
        "line": finding.interactions.last().and_then(|index| line(cassette, *index)),
        "operation": finding.operation,
        "interactions": finding.interactions,
        "message": finding.message,
        "expected": finding.expected,
    })
}
