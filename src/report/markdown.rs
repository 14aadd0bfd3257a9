//! The report as Markdown, for the summary of a CI run.

use std::fmt::Write as _;

use super::{
    Report,
    text::{count, remarks},
};

/// The figures, then a table of what was found.
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
    if report.cases.iter().any(|case| !case.findings.is_empty()) {
        text.push_str(
            "\n| scenario | operation | severity | rule | what the client did |\n| --- | --- | --- | --- | --- |\n",
        );
    }
    for case in &report.cases {
        for reported in &case.findings {
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
    }
    for remark in remarks(report) {
        let _ = writeln!(text, "\n{}", cell(&remark));
    }
    text
}

/// Text that cannot leave its cell, nor be taken for markup.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' => cell.extend(['\\', letter]),
            letter if letter.is_control() => cell.push(' '),
            letter => cell.push(letter),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_a_cell() {
        assert_eq!(cell("a|b\n<i>`x`"), r"a\|b \<i>\`x\`");
    }
}
