//! What findings are about: the rules of the judge, and what armtape finds beside them.

use crate::judge::{Severity, rules};

/// What is known of an id that findings have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Such as `LRO-C-22`.
    pub id: &'static str,
    /// What a finding weighs most often.
    pub severity: Severity,
    /// A few words.
    pub title: &'static str,
    /// What was expected, and why.
    pub words: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// A request of a client that is not on its tape.
pub const MISSING: &str = "TAPE-01";
/// A write on a tape that the client did not make.
pub const UNUSED: &str = "TAPE-02";
/// A client that ended with another code than 0 though nothing went wrong.
pub const EXIT: &str = "TAPE-03";
/// A client that had to be stopped.
pub const STOPPED: &str = "TAPE-04";
/// A client that a signal ended.
pub const CRASHED: &str = "TAPE-05";
/// A client that asked nothing of its tape.
pub const IDLE: &str = "TAPE-06";
/// A tape that cannot be read, or whose command cannot be started.
pub const NOT_PLAYED: &str = "TAPE-07";
/// A recording that nobody has decided on.
pub const PENDING: &str = "TAPE-08";
/// A write whose operation the tape follows to its end, and the client did not ask about.
pub const LEFT: &str = "TAPE-09";
/// Two recordings that differ, in a way that may break clients.
pub const BREAKING: &str = "CHANGE-01";
/// Two recordings that differ otherwise.
pub const CHANGED: &str = "CHANGE-02";

/// What is no rule of the contract.
const BESIDE: &[Subject] = &[
    Subject {
        id: MISSING,
        severity: Severity::Violation,
        title: "every request is on the tape",
        words: "A replay answers what was recorded. A request that is not on the tape is new, or has changed: \
                record again if it is meant.",
        source: "docs/ci.md",
    },
    Subject {
        id: UNUSED,
        severity: Severity::Violation,
        title: "every recorded write is made",
        words: "A write on the tape that the client no longer makes is work that it no longer does: record again if \
                it is meant.",
        source: "docs/ci.md",
    },
    Subject {
        id: EXIT,
        severity: Severity::Violation,
        title: "the client is content",
        words: "Where nothing on the tape failed and nothing else is wrong, the client ends with 0.",
        source: "docs/ci.md",
    },
    Subject {
        id: STOPPED,
        severity: Severity::Violation,
        title: "the client ends by itself",
        words: "A replay waits for nothing. A client that is still at it when its time is up is stopped.",
        source: "docs/ci.md",
    },
    Subject {
        id: CRASHED,
        severity: Severity::Violation,
        title: "no signal ends the client",
        words: "The client ends by itself, not by a signal that nobody sent.",
        source: "docs/ci.md",
    },
    Subject {
        id: IDLE,
        severity: Severity::Violation,
        title: "the client uses its tape",
        words: "A client that asks nothing of its tape goes past it, and shows nothing.",
        source: "docs/ci.md",
    },
    Subject {
        id: NOT_PLAYED,
        severity: Severity::Violation,
        title: "every tape can be played",
        words: "A tape can be read, and the command that made it can be started.",
        source: "docs/ci.md",
    },
    Subject {
        id: PENDING,
        severity: Severity::Violation,
        title: "what was recorded is decided on",
        words: "With CI=true nobody is there to decide: what waits is accepted or rejected before it is committed.",
        source: "docs/ci.md",
    },
    Subject {
        id: LEFT,
        severity: Severity::Violation,
        title: "an operation is followed to its end",
        words: "Where the recorded client polled an operation to its end, one that never asks about it takes the \
                first answer for the last: record again if nobody is to wait for it.",
        source: "docs/ci.md",
    },
    Subject {
        id: BREAKING,
        severity: Severity::Violation,
        title: "nothing changes that may break a client",
        words: "A client that worked with the one recording may not work with the other.",
        source: "docs/review.md",
    },
    Subject {
        id: CHANGED,
        severity: Severity::Warning,
        title: "two recordings say the same",
        words: "A correct client works with both recordings, and may do or see something else.",
        source: "docs/review.md",
    },
];

/// What `id` is about, without regard to case.
#[must_use]
pub fn subject(id: &str) -> Option<Subject> {
    let of_rule = rules().find(|rule| rule.id.eq_ignore_ascii_case(id)).map(|rule| Subject {
        id: rule.id,
        severity: rule.severity,
        title: rule.title,
        words: rule.words,
        source: rule.source,
    });
    of_rule.or_else(|| BESIDE.iter().find(|subject| subject.id.eq_ignore_ascii_case(id)).copied())
}
