//! The forms that a report has.

use crate::arm::printable;

use super::{Report, json, junit, markdown, report_text, sarif};

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// What is told on the terminal.
    Text,
    /// For programs, and for `armtape merge`.
    Json,
    /// For the test view of a CI system.
    Junit,
    /// For the summary of a CI run.
    Markdown,
    /// One page for a browser.
    #[cfg(feature = "cli")]
    Html,
    /// For code scanning: findings at their files and lines.
    Sarif,
}

impl Kind {
    /// All of them, with their words.
    pub const ALL: &[(&str, Self)] = &[
        ("text", Self::Text),
        ("json", Self::Json),
        ("junit", Self::Junit),
        ("markdown", Self::Markdown),
        #[cfg(feature = "cli")]
        ("html", Self::Html),
        ("sarif", Self::Sarif),
    ];

    /// The one of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }

    /// The report in this form.
    #[must_use]
    pub fn render(self, report: &Report) -> String {
        match self {
            Self::Text => report_text(report).lines().map(|line| printable(line) + "\n").collect(),
            Self::Json => format!("{:#}\n", json(report)),
            Self::Junit => junit(report),
            Self::Markdown => markdown(report),
            #[cfg(feature = "cli")]
            Self::Html => super::html::checked(report).to_html(),
            Self::Sarif => format!("{:#}\n", sarif(report)),
        }
    }
}
