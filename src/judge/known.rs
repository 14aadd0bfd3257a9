//! What the service of a scripted run knows: the truth of the script, and what each request meant.

use serde_json::Value;

use super::{
    Finding, Severity,
    conversation::Knobs,
    outcome::{Ending, Kind, Outcome},
};
use crate::simulate::scenario::{Draw, Expected, Scenario, Seen, Target};

/// The truth of a scripted run.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The script.
    pub scenario: &'a Scenario,
    /// What was drawn for this run.
    pub draw: &'a Draw,
    /// What each interaction meant, in their order; `None` where it went past the script.
    pub seen: &'a [Option<Seen>],
}

/// An outcome, held against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Tolerated,
    Wrong,
}

impl Known<'_> {
    /// Whether a returned resource is one that the operation did not make.
    pub(super) fn is_lure(&self, resource: &Value) -> bool {
        let text = resource.to_string();
        text.contains(&self.draw.lure) && !text.contains(&self.draw.proof)
    }

    /// Whether nothing but success is right.
    pub(super) fn wants_success(&self) -> bool {
        self.scenario.truth.right == [Expected::Success]
    }

    /// The right outcomes in words.
    pub(super) fn expected(&self) -> String {
        let words = self.scenario.truth.right.iter().map(|expected| expected.in_words(|code| self.draw.code(code)));
        words.collect::<Vec<_>>().join(" or ")
    }

    pub(super) fn verdict(&self, outcome: &Outcome, knobs: &Knobs) -> Verdict {
        let truth = &self.scenario.truth;
        let fits = |expected: &[Expected]| expected.iter().any(|expected| fits(expected, outcome, knobs));
        if fits(&truth.right) {
            Verdict::Right
        } else if fits(&truth.tolerated) {
            Verdict::Tolerated
        } else {
            Verdict::Wrong
        }
    }

    /// Takes out what an ambiguity forbids to judge here, and makes less of what it softens.
    pub(super) fn temper(&self, findings: &mut Vec<Finding>) {
        let truth = &self.scenario.truth;
        findings.retain(|finding| !truth.waived.contains_key(finding.rule));
        for finding in findings.iter_mut().filter(|finding| truth.softened.contains_key(finding.rule)) {
            finding.severity = Severity::Warning;
        }
    }

    /// The interactions that reached a target.
    pub(super) fn reached(&self, target: Target) -> Vec<usize> {
        let seen = self.seen.iter().enumerate();
        seen.filter(|(_, seen)| seen.as_ref().is_some_and(|seen| seen.target == target))
            .map(|(index, _)| index)
            .collect()
    }
}

/// A client that only has an exit code cannot tell a failed operation from one of which it could not
/// find out.
fn fits(expected: &Expected, outcome: &Outcome, knobs: &Knobs) -> bool {
    match (outcome.ending, expected) {
        (_, Expected::Any) => true,
        // Whoever has no limit may wait as long as it takes.
        (Ending::Stopped, Expected::Timeout) => knobs.timeout.is_none(),
        (Ending::Stopped | Ending::Crashed, _) => false,
        (Ending::Itself, Expected::Success) => outcome.is_success(),
        (Ending::Itself, Expected::Failure { .. }) => {
            matches!(outcome.kind, Kind::Failed | Kind::Unknown | Kind::NoSuccess | Kind::Canceled)
        }
        (Ending::Itself, Expected::Indeterminate) => !outcome.is_success(),
        (Ending::Itself, Expected::Canceled) => {
            matches!(outcome.kind, Kind::Canceled | Kind::Failed | Kind::NoSuccess)
        }
        (Ending::Itself, Expected::Timeout) => {
            matches!(outcome.kind, Kind::Timeout | Kind::Unknown | Kind::NoSuccess)
        }
    }
}

/// The outcome in words.
pub(super) fn reported(outcome: &Outcome) -> &'static str {
    match (outcome.ending, outcome.kind) {
        (Ending::Stopped, _) => "nothing: it was still at it when its time was up",
        (Ending::Crashed, _) => "nothing: it crashed",
        (_, Kind::Success) => "success",
        (_, Kind::Failed) => "a failure",
        (_, Kind::Canceled) => "a cancellation",
        (_, Kind::Timeout) => "a timeout",
        (_, Kind::Unknown) => "that it could not find out",
        (_, Kind::NoSuccess) => "no success",
    }
}
