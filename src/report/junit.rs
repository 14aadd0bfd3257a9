//! The report as JUnit XML, for the test view of a CI system.

use std::fmt::Write as _;

use super::Report;
use crate::judge::Severity;

/// One `testcase` for each case. A violation is a failure; what was not judged is skipped.
#[must_use]
pub fn junit(report: &Report) -> String {
    let failing =
        report.cases.iter().filter(|case| case.counting().any(|finding| finding.severity == Severity::Violation));
    let skipped = report.skipped.len() + report.cases.iter().filter(|case| case.nothing.is_some()).count();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuite name=\"armtape {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\" time=\"{:.3}\">",
        report.work.word(),
        report.cases.len() + report.skipped.len(),
        failing.count(),
        report.took.as_secs_f64(),
    );
    for case in &report.cases {
        let name = escaped(format!("{} {}", case.scenario, case.title).trim_end());
        let class = escaped(&format!("armtape.{}", case.operation));
        let _ =
            writeln!(xml, "  <testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\">", case.took.as_secs_f64());
        if let Some(reason) = &case.nothing {
            let _ = writeln!(xml, "    <skipped message=\"{}\"/>", escaped(reason));
        }
        let shown = case.shown();
        let again = shown.again.as_ref().map(|again| format!("\nagain: {again}")).unwrap_or_default();
        let (mut beside, mut violations) = (String::new(), Vec::new());
        for reported in &shown.findings {
            let finding = &reported.finding;
            let text = format!("{}: {}\nexpected: {}", finding.rule, finding.message, finding.expected);
            match (&reported.known, &reported.baselined, finding.severity) {
                (Some(why), _, _) => beside.push_str(&format!("known: {text}\nbecause: {why}\n")),
                (None, Some(why), _) => beside.push_str(&format!("baselined: {text}\nbecause: {why}\n")),
                (None, None, Severity::Violation) => violations.push((finding, text)),
                (None, None, Severity::Warning) => beside.push_str(&format!("{text}\n")),
            }
        }
        // One failure for each case is what the format has room for.
        if let Some((first, _)) = violations.first() {
            let texts: Vec<&str> = violations.iter().map(|(_, text)| text.as_str()).collect();
            let _ = writeln!(
                xml,
                "    <failure type=\"{}\" message=\"{}\">{}</failure>",
                first.rule,
                escaped(&first.message),
                escaped(&(texts.join("\n") + &again))
            );
        }
        if !beside.is_empty() {
            let _ = writeln!(xml, "    <system-out>{}</system-out>", escaped(&beside));
        }
        xml.push_str("  </testcase>\n");
    }
    for (scenario, reason) in &report.skipped {
        let (name, reason) = (escaped(scenario), escaped(reason));
        let _ = writeln!(
            xml,
            "  <testcase name=\"{name}\" classname=\"armtape\"><skipped message=\"{reason}\"/></testcase>"
        );
    }
    xml.push_str("</testsuite>\n");
    xml
}

/// Text as it may stand in XML 1.0, in content and in attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_the_markup() {
        assert_eq!(escaped("a<b> & \"c\"\u{1b}\n"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}&#10;");
    }
}
