//! The account of a tape that was recorded.

use std::fmt;

use super::tape::ALLOW;
use crate::{
    arm::{Overview, count, printable},
    cassette::{Cassette, Stored},
    record::{Rescued, Seen, Take},
};

/// What came of a tape that was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The tape, with stand-ins in the place of secrets.
    pub cassette: Cassette,
    /// Where it is; `None` where the cassette that is there knew everything.
    pub stored: Option<Stored>,
    /// What came by beside it.
    pub seen: Seen,
    /// How many values looked like a secret, and were replaced, though no rule knew them.
    pub suspects: usize,
    /// What is told of it.
    lines: Vec<String>,
    /// What the disk said when the journal could not be written.
    trouble: Option<String>,
}

impl Recorded {
    pub(super) fn new(take: Take, stored: Option<Stored>, rescued: &[Rescued]) -> Self {
        let mut lines: Vec<String> = rescued.iter().flat_map(Rescued::lines).collect();
        lines.extend(take.seen.lines(ALLOW));
        lines.extend(take.replaced());
        let answered = take.answered.map(|answered| count(answered, "request"));
        lines.extend(answered.map(|answered| format!("{answered} answered from the cassette that is there")));
        match &stored {
            Some(stored) => lines.extend(take.stored(stored, None)),
            None => lines.push("nothing new was recorded".to_owned()),
        }
        let trouble = take.trouble().map(str::to_owned);
        lines.extend(trouble.iter().map(|trouble| format!("the journal was not written to its end: {trouble}")));
        let (cassette, seen, suspects) = (take.cassette, take.seen, take.report.suspects.len());
        Self { cassette, stored, seen, suspects, lines, trouble }
    }

    /// The operations on the tape, in the words of `armtape show` (docs/show.md).
    #[must_use]
    pub fn timeline(&self) -> String {
        Overview::of(&self.cassette.interactions).to_string()
    }

    /// Whether something is to be done: the recording differs from the accepted cassette and waits, a
    /// value looks like a secret, a service could not be asked, or the disk made trouble.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        matches!(self.stored, Some(Stored::Pending { .. }))
            || self.suspects > 0
            || !self.seen.upstream_errors.is_empty()
            || self.trouble.is_some()
    }

    /// Ends a test in which something is to be done, with all of it in words.
    ///
    /// # Panics
    ///
    /// Where there is a finding: see [`Recorded::has_findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(!self.has_findings(), "the recording is not to be taken as it is:\n{self}");
    }
}

/// What was replaced and where it is now, a line each; what would steer a terminal is spelled out.
impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines.iter().map(|line| printable(line)).collect();
        f.write_str(&lines.join("\n"))
    }
}
