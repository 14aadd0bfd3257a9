//! Rules as pure functions: what a client did, held against what ARM's contract asks of it.
//!
//! [`judge`] takes a trace (a live run's or any recording's), the client's own word on how it ended,
//! and what the service knows, and gives findings. A rule that would need what is not there says so:
//! it is *not judged*, and counted. Each rule is a small function in the file of its group, in the
//! table of that group, found by its id.

mod echoes;
mod rule;

mod conversation;
mod course;
mod known;
mod known_clients;
mod outcome;

mod before;
mod mode;
mod urls;

mod pacing;
mod trust;

mod poll_faults;
mod states;
mod terminal;

mod completion;
mod throttling;

mod body;
mod own;

mod ambiguities;
mod faults;
mod replayed;
mod service;
mod sources;

#[cfg(test)]
mod tests;

pub use ambiguities::{Ambiguity, ambiguities};
pub use conversation::{Conversation, Knobs};
pub use faults::{Fault, Sight, faults};
pub use known::Known;
pub use known_clients::{Deviation, KnownClient, Versions, known_clients, known_deviation};
pub use outcome::{Ending, Kind, Outcome};
pub use replayed::Replayed;
pub use rule::{Finding, Rule, Severity, rule, rules};
pub use service::{Note, notes};
pub use sources::{Source, named_sources, sources};

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
    echoes::without_echoes(&mut judgement.findings, conversation.known().is_some());
    judgement
}
