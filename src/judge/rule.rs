//! What a rule is, and what it finds.

use super::{
    before, completion, conversation::Conversation, course::Course, mode, own, pacing, poll_faults, states, terminal,
    throttling, trust, urls,
};

/// How much a broken rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A SHOULD, or something on which correct clients differ.
    Warning,
    /// A MUST.
    Violation,
}

impl Severity {
    /// The word in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Violation => "violation",
        }
    }
}

/// One rule of the contract.
#[derive(Debug)]
pub struct Rule {
    /// Such as `LRO-C-22`; our own are `BODY-nn` and `ID-nn`.
    pub id: &'static str,
    /// What a breach weighs, unless the breach itself is a lesser one.
    pub severity: Severity,
    /// A few words.
    pub title: &'static str,
    /// What a client has to do, and why.
    pub words: &'static str,
    /// Who says so: a document, or several clients.
    pub source: &'static str,
    pub(super) check: Check,
}

/// Looks at a conversation.
pub(super) type Check = fn(&Conversation<'_>) -> Result<Vec<Breach>, NotJudged>;

/// What a rule would need and does not have.
#[derive(Debug)]
pub(super) struct NotJudged(pub &'static str);

/// A rule, broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The operation's place among [`crate::arm::operations`], where it is about one.
    pub operation: Option<usize>,
    /// The interactions that show it, the offending one last.
    pub interactions: Vec<usize>,
    /// What the client did, in one sentence.
    pub message: String,
    /// What it should have done.
    pub expected: &'static str,
}

/// A finding in the making.
pub(super) struct Breach {
    operation: Option<usize>,
    interactions: Vec<usize>,
    message: String,
    severity: Option<Severity>,
}

impl Breach {
    /// Shown by `interactions`, the offending one last.
    pub(super) fn new(interactions: impl IntoIterator<Item = usize>, message: impl Into<String>) -> Self {
        let interactions = interactions.into_iter().collect();
        Self { operation: None, interactions, message: message.into(), severity: None }
    }

    /// About an operation.
    pub(super) fn in_course(mut self, course: &Course<'_>) -> Self {
        self.operation = Some(course.number);
        self
    }

    /// A lesser breach of a MUST.
    pub(super) fn warning(mut self) -> Self {
        self.severity = Some(Severity::Warning);
        self
    }

    /// A lesser breach of a MUST where this is so.
    pub(super) fn warning_if(self, is_lesser: bool) -> Self {
        if is_lesser { self.warning() } else { self }
    }

    /// Weighs this, whatever the rule says.
    pub(super) fn weighing(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(super) fn of(self, rule: &Rule) -> Finding {
        Finding {
            rule: rule.id,
            severity: self.severity.unwrap_or(rule.severity),
            operation: self.operation,
            interactions: self.interactions,
            message: self.message,
            expected: rule.words,
        }
    }
}

/// Every rule, in the order of their ids.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        before::RULES,
        mode::RULES,
        urls::RULES,
        pacing::RULES,
        trust::RULES,
        states::RULES,
        terminal::RULES,
        poll_faults::RULES,
        completion::RULES,
        throttling::RULES,
        own::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The rule of that id, without regard to case.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
