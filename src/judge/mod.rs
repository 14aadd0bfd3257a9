//! Rules as pure functions: what a client did, held against what ARM's contract asks of it.
//!
//! [`judge`] takes a trace (a live run's or any recording's), the client's own word on how it ended,
//! and what the service knows, and gives findings. A rule that would need what is not there says so:
//! it is *not judged*, and counted. Each rule is a small function in the file of its group, in the
//! table of that group, found by its id.

use std::collections::HashMap;

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
    without_echoes(&mut judgement.findings, conversation.known().is_some());
    judgement
}

/// Leaves out what only says again what another finding explains: that the outcome is wrong, that a
/// request was not to be, and what was not asked because the client asked something else, or nothing. Who
/// gave up at an odd `Retry-After`, or at a byte order mark, did so once, whatever else was odd about that
/// answer.
fn without_echoes(findings: &mut Vec<Finding>, truth_is_known: bool) {
    // Of a write that was never sent there is nothing else to say.
    if findings.iter().any(|finding| finding.rule == "BODY-04") {
        findings.retain(|finding| finding.rule == "BODY-04");
        return;
    }
    let causes: Vec<&Finding> =
        findings.iter().filter(|finding| completion::EXPLAIN_OUTCOME.contains(&finding.rule)).collect();
    let gravest_cause = causes.iter().map(|cause| cause.severity).max();
    let silent_for = findings.iter().filter(|finding| own::EXPLAIN_SILENCE.contains(&finding.rule));
    let silent_for = silent_for.map(|cause| cause.severity).max().max(gravest_cause);
    // Those that are about two answers are about a poll that came too early.
    let odd_wait = |finding: &&Finding| finding.rule == "LRO-C-23" && finding.interactions.len() == 1;
    let odd_text = |finding: &&Finding| finding.rule == "LRO-C-45" && finding.severity == Severity::Warning;
    // The truth of a script weighs more than what a single rule makes of the outcome. Whom a byte order
    // mark puts off fails for that, and it weighs no more (LRO-C-45).
    let marked_wait = |finding: &Finding| odd_wait(&finding) && finding.severity == Severity::Warning;
    let is_put_off = causes.iter().any(|cause| cause.rule == "LRO-C-45" || marked_wait(cause));
    let any_cause = !truth_is_known || is_put_off;
    let mut gravest: HashMap<usize, Severity> = HashMap::new();
    for finding in findings.iter().filter(|finding| !finding.rule.starts_with("SCRIPT-")) {
        for index in &finding.interactions {
            let known = gravest.entry(*index).or_insert(finding.severity);
            *known = finding.severity.max(*known);
        }
    }
    let last = |finding: &Finding| finding.interactions.last().copied();
    let gave_up_at: Vec<usize> = findings.iter().filter(odd_wait).filter_map(last).collect();
    let put_off_at: Vec<usize> = findings.iter().filter(odd_text).filter_map(last).collect();
    findings.retain(|finding| {
        let is_echo = match finding.rule {
            "LRO-C-18" | "LRO-C-32" | "LRO-C-45" => last(finding).is_some_and(|last| gave_up_at.contains(&last)),
            "LRO-C-21" => last(finding).is_some_and(|last| gave_up_at.contains(&last) || put_off_at.contains(&last)),
            "SCRIPT-02" if silent_for.is_some_and(|cause| is_put_off || cause >= finding.severity) => true,
            "LRO-C-50" => gravest_cause.is_some_and(|cause| any_cause || cause >= finding.severity),
            rule if rule.starts_with("SCRIPT-") => {
                let graver = |index: &usize| gravest.get(index).is_some_and(|other| *other >= finding.severity);
                finding.interactions.iter().any(graver)
            }
            _ => false,
        };
        !is_echo
    });
}
