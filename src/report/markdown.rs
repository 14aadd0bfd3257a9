//! The report as Markdown, for the summary of a CI run.

use std::fmt::Write as _;

use super::{Report, text::remarks};
use crate::arm::count;

/// Most rows of the table: a summary that nobody reads to its end helps nobody, and CI systems take no
/// more than a megabyte.
const MOST: usize = 100;

/// Most letters of a cell.
const WIDEST: usize = 500;

/// The figures, then a table of what was found, the first hundred of it.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let summary = report.summary();
    let tally = summary.tally;
    let mut text = format!(
        "# armtape {}\n\n{}, {} judged, {} without a finding: {}, {}, {} known, {} baselined.\n",
        report.work.word(),
        count(summary.cases, report.work.unit()),
        summary.judged,
        summary.clean,
        count(tally.violations, "violation"),
        count(tally.warnings, "warning"),
        tally.known,
        tally.baselined,
    );
    let left_out = [(summary.skipped, "skipped"), (summary.not_run, "not run")];
    for (times, word) in left_out.into_iter().filter(|(times, _)| *times > 0) {
        let _ = writeln!(text, "\n{} {word}.", count(times, report.work.unit()));
    }
    let told: Vec<_> = report.told().collect();
    let all = told.iter().flat_map(|case| case.findings.iter().map(move |reported| (case, reported)));
    let all: Vec<_> = all.collect();
    if !all.is_empty() {
        text.push_str(
            "\n| scenario | operation | severity | rule | what the client did |\n| --- | --- | --- | --- | --- |\n",
        );
    }
    for (case, reported) in all.iter().take(MOST) {
        let finding = &reported.finding;
        let known = match (&reported.known, &reported.baselined) {
            (Some(_), _) => " (known)",
            (None, Some(_)) => " (baselined)",
            (None, None) => "",
        };
        let _ = writeln!(
            text,
            "| {} | {} | {}{known} | {} | {} |",
            cell(&case.scenario),
            case.operation,
            finding.severity.word(),
            finding.rule,
            cell(&finding.message)
        );
    }
    if all.len() > MOST {
        let _ = writeln!(text, "\nand {} more.", all.len() - MOST);
    }
    for remark in remarks(report) {
        let _ = writeln!(text, "\n{}", cell(&remark));
    }
    text
}

/// Text that cannot leave its cell, nor be taken for markup.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len().min(WIDEST));
    let is_cut = text.chars().count() > WIDEST;
    for letter in text.chars().take(WIDEST) {
        match letter {
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' => cell.extend(['\\', letter]),
            letter if letter.is_control() => cell.push(' '),
            letter => cell.push(letter),
        }
    }
    if is_cut {
        cell.push('…');
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_a_cell() {
        assert_eq!(cell("a|b\n<i>`x`"), r"a\|b \<i>\`x\`");
        assert_eq!(cell(&"x".repeat(WIDEST + 1)).chars().count(), WIDEST + 1);
    }
}
