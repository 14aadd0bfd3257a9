//! `armtape lint --body FILE`: what is wrong with one body of a profile.

use std::path::Path;

use super::{
    Code, env,
    say::{self, Failure, count},
};
use crate::profile::{self, Finding, Severity};

/// Judges the body in `file`: findings on stdout, one a line, the sum on stderr.
pub(super) fn run(file: &Path) -> Result<Code, Failure> {
    let name = file.display().to_string();
    let body = fs_err::read(file).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8_lossy(&body);
    let text = text.trim_start_matches('\u{feff}');
    let mut findings: Vec<(usize, Finding)> =
        profile::judge(&body).into_iter().map(|finding| (finding.place.line(text), finding)).collect();
    findings.sort_by_key(|(line, _)| *line);
    let lines: String = findings.iter().map(|(line, finding)| format!("{name}:{line}: {}\n", words(finding))).collect();
    env::print(&say::printable(&lines))?;
    let errors = findings.iter().filter(|(_, finding)| finding.rule.severity == Severity::Error).count();
    let warnings = findings.len() - errors;
    say::line(&format!("{name}: {}, {}", count(errors, "error"), count(warnings, "warning")));
    Ok(if errors > 0 { Code::Findings } else { Code::Fine })
}

fn unreadable(error: &std::io::Error) -> Failure {
    let message = error.to_string();
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory => {
            Failure::usage(message).hint("name a file with the body of a PUT in it")
        }
        _ => Failure::machine(message),
    }
}

/// `error PROFILE-22 at PLACE: WORDS (EVIDENCE)`
fn words(Finding { rule, place, words }: &Finding) -> String {
    let evidence: Vec<String> = rule.evidence.iter().map(ToString::to_string).collect();
    let words = words.replace(['\n', '\r'], " ");
    format!("{} {} at {place}: {words} ({})", rule.severity, rule.id, evidence.join(", "))
}
