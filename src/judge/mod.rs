//! Rules as pure functions: what a client did, held against what ARM's contract asks of it.
//!
//! [`judge`] takes a trace (a live run's or any recording's), the client's own word on how it ended,
//! and what the service knows, and gives findings. A rule that would need what is not there says so:
//! it is *not judged*, and counted. Each rule is a small function in the file of its group, in the
//! table of that group, found by its id.

mod rule;

mod conversation;
mod known;
mod outcome;

mod answers;
mod before;
mod completion;
mod mode;
mod own;
mod pacing;
mod throttling;
mod trust;
mod urls;

mod ambiguities;
mod faults;
mod service;

#[cfg(test)]
mod tests;

pub use ambiguities::{Ambiguity, ambiguities};
pub use conversation::{Conversation, Knobs};
pub use faults::{Fault, Sight, faults};
pub use known::Known;
pub use outcome::{Ending, Kind, Outcome};
pub use rule::{Finding, Rule, Severity, rule, rules};
pub use service::{Note, notes};

/// What came of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Broken rules, in the order of the rules.
    pub findings: Vec<Finding>,
    /// How many rules could say something.
    pub judged: usize,
    /// Rules that could not, and what they lack.
    pub not_judged: Vec<(&'static str, &'static str)>,
}

/// Holds every rule against a conversation.
#[must_use]
pub fn judge(conversation: &Conversation<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    for rule in rules() {
        match (rule.check)(conversation) {
            Ok(breaches) => {
                judgement.judged += 1;
                judgement.findings.extend(breaches.into_iter().map(|breach| breach.of(rule)));
            }
            Err(rule::NotJudged(lack)) => judgement.not_judged.push((rule.id, lack)),
        }
    }
    if let Some(known) = conversation.known() {
        known.temper(&mut judgement.findings);
    }
    without_echoes(&mut judgement.findings, conversation.known().is_some());
    judgement
}

/// Leaves out what only says again what another finding explains: that the outcome is wrong, and
/// that a request was not to be.
fn without_echoes(findings: &mut Vec<Finding>, truth_is_known: bool) {
    let explains = |finding: &Finding, other: &Finding| {
        let about_outcome = finding.rule == "LRO-C-50" && completion::EXPLAIN_OUTCOME.contains(&other.rule);
        let about_request = finding.rule.starts_with("SCRIPT-")
            && !other.rule.starts_with("SCRIPT-")
            && finding.interactions.iter().any(|index| other.interactions.contains(index));
        // The truth of a script weighs more than what a single rule makes of the outcome.
        let as_grave = other.severity >= finding.severity;
        // Whom a byte order mark puts off fails for that, and it weighs no more (LRO-C-45).
        let enough = as_grave || !truth_is_known || other.rule == "LRO-C-45";
        about_outcome && enough || about_request && as_grave
    };
    let echoes: Vec<bool> =
        findings.iter().map(|finding| findings.iter().any(|other| explains(finding, other))).collect();
    let mut echoes = echoes.into_iter();
    findings.retain(|_| !echoes.next().unwrap_or_default());
}
