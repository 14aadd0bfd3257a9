//! What armtape says to the CI system that it runs in: a summary of the job, and notes on lines of
//! files.
//!
//! GitHub: workflow commands, and Markdown in the file that `GITHUB_STEP_SUMMARY` names. Azure
//! Pipelines: logging commands. Both read them from stdout.

use std::{fmt::Write as _, fs::OpenOptions, io::Write as _, path::PathBuf};

use super::{env::print, say};
use crate::{
    judge::{Finding, Severity},
    report::{CaseReport, Report, markdown},
};

/// Most notes of one kind. GitHub shows ten of a step and drops the rest without a word.
const MOST: usize = 10;

/// Most bytes of one message.
const LONGEST: usize = 2_000;

pub(super) use crate::config::is_ci;

fn is_true(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Something that is to be seen at a line of a file.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) severity: Severity,
    pub(super) file: Option<PathBuf>,
    /// From 1.
    pub(super) line: Option<u64>,
    pub(super) title: String,
    pub(super) message: String,
}

/// What was found, as notes: on the cassette in which a case was kept. What is known is none.
pub(super) fn notes(report: &Report) -> Vec<Note> {
    let of_case = |case: &CaseReport| {
        let (file, scenario) = (case.file.as_ref().map(PathBuf::from), case.scenario.clone());
        let note = move |finding: &Finding| Note {
            severity: finding.severity,
            line: file.as_ref().map(|_| case.line(finding).unwrap_or(1)),
            file: file.clone(),
            title: finding.rule.to_owned(),
            message: format!("{scenario}: {}", finding.message),
        };
        case.counting().map(note).collect::<Vec<_>>()
    };
    report.told().flat_map(|case| of_case(&case)).collect()
}

/// Tells the CI system what came of a command: the summary, then the notes.
pub(super) fn announce(report: &Report, notes: &[Note]) {
    summarize(&markdown(report));
    annotate(notes);
}

/// Puts Markdown behind what other steps of the job have said.
pub(super) fn summarize(text: &str) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()));
    if let Err(error) = written {
        say::line(&format!("the summary cannot be written to {}: {error}", PathBuf::from(path).display()));
    }
}

/// Says the notes in the words of the CI system, if there is one that knows some.
pub(super) fn annotate(notes: &[Note]) {
    let Some(system) = System::here() else { return };
    let text: String = bounded(notes).iter().map(|note| system.command(note) + "\n").collect();
    // Nobody may be listening, which is no reason to fail.
    let _ = print(&text);
}

/// As many as are shown; the last of a kind says how many more there are.
fn bounded(notes: &[Note]) -> Vec<Note> {
    let mut kept = Vec::new();
    for severity in [Severity::Violation, Severity::Warning] {
        let of_kind: Vec<&Note> = notes.iter().filter(|note| note.severity == severity).collect();
        let shown = if of_kind.len() > MOST { MOST - 1 } else { of_kind.len() };
        kept.extend(of_kind[..shown].iter().map(|note| (*note).clone()));
        if of_kind.len() > shown {
            let message = format!("and {} more: the log has them", of_kind.len() - shown);
            kept.push(Note { severity, file: None, line: None, title: "armtape".to_owned(), message });
        }
    }
    kept
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    GitHub,
    Azure,
}

impl System {
    fn here() -> Option<Self> {
        if is_true("GITHUB_ACTIONS") {
            Some(Self::GitHub)
        } else if is_true("TF_BUILD") {
            Some(Self::Azure)
        } else {
            None
        }
    }

    fn command(self, note: &Note) -> String {
        let kind = match note.severity {
            Severity::Violation => "error",
            Severity::Warning => "warning",
        };
        let message = say::printable(cut(&note.message));
        let file = note.file.as_ref().map(|file| file.display().to_string());
        let file = file.map(|file| say::printable(file.strip_prefix("./").unwrap_or(&file)));
        match self {
            Self::GitHub => {
                let mut text = format!("::{kind} ");
                if let Some(file) = file {
                    let _ = write!(text, "file={},", github_property(&file));
                    let _ = note.line.map(|line| write!(text, "line={line},"));
                }
                let _ = write!(text, "title={}::{}", github_property(&note.title), github(&message));
                text
            }
            Self::Azure => {
                let mut text = format!("##vso[task.logissue type={kind};");
                if let Some(file) = file {
                    let _ = write!(text, "sourcepath={};", azure_property(&file));
                    let _ = note.line.map(|line| write!(text, "linenumber={line};"));
                }
                let _ = write!(text, "code={};]{}", azure_property(&note.title), azure(&message));
                text
            }
        }
    }
}

/// The beginning that is not too long.
fn cut(text: &str) -> &str {
    let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// Text of a workflow command.
fn github(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, in which the separators are data, too.
fn github_property(text: &str) -> String {
    github(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text of a logging command.
fn azure(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, in which the separators are data, too.
fn azure_property(text: &str) -> String {
    azure(text).replace(']', "%5D").replace(';', "%3B")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(severity: Severity, message: &str) -> Note {
        let (file, line) = (Some("./a,b:c;d].json".into()), Some(7));
        Note { severity, file, line, title: "missing: request".to_owned(), message: message.to_owned() }
    }

    #[test]
    fn what_a_message_says_cannot_end_the_command_or_begin_another() {
        let note =
            note(Severity::Violation, "50 %\n::set-env name=X::y\r##vso[task.setvariable variable=x;]y\u{1b}[31m");
        insta::assert_snapshot!(System::GitHub.command(&note), @"::error file=a%2Cb%3Ac;d].json,line=7,title=missing%3A request::50 %25%0A::set-env name=X::y�##vso�task.setvariable variable=x;]y�[31m");
        insta::assert_snapshot!(System::Azure.command(&note), @"##vso[task.logissue type=error;sourcepath=a,b:c%3Bd%5D.json;linenumber=7;code=missing: request;]50 %AZP25%0A::set-env name=X::y�##vso�task.setvariable variable=x;]y�[31m");
    }

    #[test]
    fn there_are_at_most_ten_of_a_kind() {
        let ten: Vec<Note> = (0..10).map(|_| note(Severity::Violation, "x")).collect();
        assert_eq!(bounded(&ten).len(), 10);
        let many: Vec<Note> = (0..25)
            .map(|number| {
                let severity = if number % 5 == 0 { Severity::Warning } else { Severity::Violation };
                note(severity, &format!("{number}"))
            })
            .collect();
        let messages: Vec<String> = bounded(&many).into_iter().map(|note| note.message).collect();
        assert_eq!(messages.len(), 10 + 5);
        assert_eq!(messages[9], "and 11 more: the log has them");
        assert_eq!(messages[14], "20");
    }

    #[test]
    fn a_message_is_cut_between_letters() {
        assert_eq!(cut(&"é".repeat(LONGEST)).len(), LONGEST);
        assert_eq!(cut(&format!("x{}", "é".repeat(LONGEST))).len(), LONGEST - 1);
        assert_eq!(cut("short"), "short");
    }
}
