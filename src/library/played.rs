//! The account of a tape that was played.

use std::fmt;

use crate::{arm::printable, judge::Replayed, replay::Account};

/// What came of a tape that was played, and what the rules make of the clients.
#[derive(Clone, Debug)]
pub struct Played {
    /// What of the tape was used, and what was asked that is not on it.
    pub account: Account,
    /// What was said, held against the rules of `armtape lint` (docs/rules.md).
    pub replayed: Replayed,
}

impl Played {
    /// Whether something is wrong: a request that is missing, a write that was not made, a rule that
    /// was broken. Warnings are none.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.account.has_findings() || self.replayed.has_violations()
    }

    /// Ends a test in which something is wrong, with all of it in words.
    ///
    /// # Panics
    ///
    /// Where there is a finding: see [`Played::has_findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(!self.has_findings(), "the client did not do what is right by the tape:\n{self}");
    }
}

/// The lines of the account, then those of the rules; what would steer a terminal is spelled out.
impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}\n{}", self.account, self.replayed);
        let lines: Vec<String> = text.lines().map(printable).collect();
        f.write_str(&lines.join("\n"))
    }
}
