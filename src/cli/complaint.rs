//! What a client that was played a tape is blamed for: one sentence each, and where on the tape it
//! shows.

use std::path::{Path, PathBuf};

use super::ci::Note;
use crate::{
    judge::{Finding, Severity},
    replay::{Account, Misses},
    report::{LEFT, MISSING, Reported, UNUSED, subject},
};

/// Something that is not as it should be.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    /// The rule, or what else it is about: docs/ci.md lists them.
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) message: String,
    /// What there is to know beside it, a line for each.
    pub(super) more: Vec<String>,
    /// What should have been.
    pub(super) expected: &'static str,
    /// File and line of the tape.
    pub(super) at: Option<(PathBuf, u64)>,
    /// Requests of the conversation that show it.
    pub(super) interactions: Vec<usize>,
}

impl Complaint {
    pub(super) fn new(rule: &'static str, message: impl Into<String>) -> Self {
        let (message, severity) = (message.into(), Severity::Violation);
        let expected = subject(rule).map_or("", |subject| subject.words);
        Self { rule, severity, message, more: Vec::new(), expected, at: None, interactions: Vec::new() }
    }

    pub(super) fn is_grave(&self) -> bool {
        self.severity == Severity::Violation
    }

    /// As a CI system is told of it: at the line that shows it, or else at the beginning of `tape`.
    pub(super) fn note(&self, tape: &Path) -> Note {
        let (file, line) = self.at.clone().unwrap_or_else(|| (tape.to_owned(), 1));
        let (title, message) = (self.rule.to_owned(), self.message.clone());
        Note { severity: self.severity, file: Some(file), line: Some(line), title, message }
    }
}

impl From<Finding> for Complaint {
    fn from(finding: Finding) -> Self {
        let Finding { rule, severity, interactions, message, expected, .. } = finding;
        Self { rule, severity, message, more: Vec::new(), expected, at: None, interactions }
    }
}

impl From<Complaint> for Reported {
    fn from(complaint: Complaint) -> Self {
        let Complaint { rule, severity, message, more, expected, interactions, .. } = complaint;
        let message = [vec![message], more].concat().join("; ");
        Finding { rule, severity, operation: None, interactions, message, expected }.into()
    }
}

/// What the tape lacks, and what of it was not used.
pub(super) fn of_account(account: &Account) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (miss, times) in &account.unanswered.explained {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        let mut lines = miss.lines().into_iter();
        let asked = lines.next().unwrap_or_default();
        let place = miss.nearest.as_ref().and_then(|nearest| nearest.place.as_ref());
        complaints.push(Complaint {
            more: lines.map(|line| line.trim_start().to_owned()).collect(),
            at: place.map(|place| (place.file.to_path_buf(), place.line)),
            ..Complaint::new(MISSING, format!("missing from the tape{times}: {asked}"))
        });
    }
    // The others, by their number alone.
    let others = Misses { explained: Vec::new(), ..account.unanswered.clone() };
    complaints.extend(others.to_string().lines().map(|line| Complaint::new(MISSING, line)));
    let unused = account.unused_writes().map(|write| format!("the client did not make {write}"));
    complaints.extend(unused.map(|message| Complaint::new(UNUSED, message)));
    let left = account.left().map(|write| format!("the client never asked how {write} went"));
    complaints.extend(left.map(|message| Complaint::new(LEFT, message)));
    complaints
}

/// What is complained of several times in the same words, once.
pub(super) fn once(complaints: Vec<Complaint>) -> Vec<Complaint> {
    let mut told: Vec<(Complaint, usize)> = Vec::new();
    for complaint in complaints {
        let is_like = |(other, _): &&mut (Complaint, usize)| {
            (other.rule, &other.message, &other.more) == (complaint.rule, &complaint.message, &complaint.more)
        };
        match told.iter_mut().find(is_like) {
            Some((other, times)) => {
                other.interactions.extend(complaint.interactions);
                *times += 1;
            }
            None => told.push((complaint, 1)),
        }
    }
    let with_count = |(complaint, times): (Complaint, usize)| match times {
        1 => complaint,
        times => Complaint { message: format!("{} ({times} times)", complaint.message), ..complaint },
    };
    told.into_iter().map(with_count).collect()
}
