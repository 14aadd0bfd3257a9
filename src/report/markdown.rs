//! The report as Markdown, for the summary of a CI run.

use std::fmt::Write as _;

use super::Report;

/// The figures, then a table of what was found.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let summary = report.summary();
    let tally = summary.tally;
    let mut text = format!(
        "# armtape check\n\n{} cases, {} judged, {} without a finding: {} violations, {} warnings, {} known.\n",
        summary.cases, summary.judged, summary.clean, tally.violations, tally.warnings, tally.known
    );
    if report.cases.iter().any(|case| !case.findings.is_empty()) {
        text.push_str(
            "\n| scenario | operation | severity | rule | what the client did |\n| --- | --- | --- | --- | --- |\n",
        );
    }
    for case in &report.cases {
        for reported in &case.findings {
            let finding = &reported.finding;
            let known = if reported.known.is_some() { " (known)" } else { "" };
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
