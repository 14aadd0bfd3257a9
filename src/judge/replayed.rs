//! What the rules make of a replay.

use std::fmt;

use super::{Conversation, Finding, Judgement, Knobs, Severity, judge};
use crate::cassette::{Cassette, Interaction};

/// What was said to clients of a tape, held against the rules.
///
/// How a client ended is not held against it: it may be a whole suite, or one that does not mean to
/// wait.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What was said; findings name their places here.
    pub trace: Cassette,
    /// Broken rules, in the order of the rules.
    pub findings: Vec<Finding>,
    /// How many rules could say something.
    pub judged: usize,
    /// How many rules could not.
    pub not_judged: usize,
    /// How many exchanges came after what is in `trace`.
    pub left_out: usize,
}

impl Replayed {
    /// Judges a trace and how many exchanges are not in it. `accelerated` where the wire said another
    /// time than the recorded one, so that nobody waits: gaps then show nothing.
    #[must_use]
    pub fn new((trace, left_out): (Cassette, usize), accelerated: bool) -> Self {
        let plain_http = trace.interactions.iter().any(is_plain_here);
        let knobs = Knobs { accelerated, plain_http, ..Knobs::default() };
        let Judgement { findings, judged, not_judged } = judge(&Conversation::new(&trace).with_knobs(knobs));
        Self { trace, findings, judged, not_judged: not_judged.len(), left_out }
    }

    /// Whether a MUST was broken.
    #[must_use]
    pub fn has_violations(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Violation)
    }
}

/// A line for each finding, and one where something was not looked at.
impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interactions = &self.trace.interactions;
        for finding in &self.findings {
            write!(f, "{}: {} [{}]", finding.severity.word(), finding.message, finding.rule)?;
            if let Some(index) = finding.interactions.last() {
                let request = &interactions[*index].request;
                // Without the query, in which a client may send what is secret.
                let path = request.target.split('?').next().unwrap_or_default();
                write!(f, ", at request {}: {} {path}", index + 1, request.method)?;
            }
            writeln!(f)?;
        }
        if self.left_out > 0 {
            writeln!(f, "not judged: {} after the first {}", self.left_out, interactions.len())?;
        }
        Ok(())
    }
}

/// Whether the client was given a plain endpoint on this machine.
fn is_plain_here(interaction: &Interaction) -> bool {
    let host = interaction.request.authority.as_deref().unwrap_or_default();
    let here = ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own));
    here && interaction.request.scheme.as_deref() == Some("http")
}
