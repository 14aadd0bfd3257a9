//! The reference client in every scenario, in virtual time: no rule is broken.

use super::*;
use crate::{
    client,
    simulate::scenario::{Case, Draw, Operation, Pace, Places, Scenario, Seen, Subject, all, run_virtually, settings},
};

fn case(scenario: &Scenario, seed: u64, dress: impl Fn(Subject) -> Subject) -> Case {
    let names: &[&str] = if scenario.operation == Operation::Pair { &["One", "Two"] } else { &["One"] };
    Case {
        scenario: scenario.clone(),
        draw: Draw::new(seed),
        subjects: names.iter().map(|name| dress(Subject::profile(name))).collect(),
        places: Places::default(),
        pace: Pace::AS_WRITTEN,
    }
}

/// The words of the reference client, as its command prints them.
fn outcome(ended: &[Option<client::Outcome>]) -> Outcome {
    let mut printed = String::new();
    for outcome in ended.iter().flatten() {
        if let Some(resource) = &outcome.resource {
            printed.push_str(&format!("{resource}\n"));
        }
        let word = match outcome.kind {
            client::OutcomeKind::Succeeded => "succeeded",
            client::OutcomeKind::Failed => "failed",
            client::OutcomeKind::Canceled => "canceled",
            client::OutcomeKind::Timeout => "timeout",
            client::OutcomeKind::Unknown => "unknown",
        };
        let line = serde_json::json!({ "outcome": word, "code": outcome.code, "message": outcome.message });
        printed.push_str(&format!("{line}\n"));
    }
    let all_ended = ended.iter().all(Option::is_some);
    let succeeded = |outcome: &client::Outcome| outcome.kind == client::OutcomeKind::Succeeded;
    let ending = if all_ended { Ending::Itself } else { Ending::Stopped };
    Outcome::read(all_ended && ended.iter().flatten().all(succeeded), ending, &printed, "")
}

fn judged(scenario: &Scenario, seed: u64) -> Judgement {
    judged_with(scenario, seed, |subject| subject).0
}

/// What the judge makes of the reference client in a scenario, and what its requests meant.
pub(super) fn judged_with(
    scenario: &Scenario,
    seed: u64,
    dress: impl Fn(Subject) -> Subject,
) -> (Judgement, Vec<Option<Seen>>) {
    let case = case(scenario, seed, dress);
    let draw = case.draw.clone();
    let second = case.places.second.trim_start_matches("https://").to_owned();
    let interval = Duration::from_secs(1);
    let settings = settings(&case, interval);
    let intended = case.subjects[0].body.to_string();
    let keeps_body = matches!(scenario.operation, Operation::Put | Operation::Patch | Operation::CreateOnly)
        && !case.subjects[0].body.is_null();
    let knobs = Knobs {
        interval: Some(interval),
        timeout: settings.timeout,
        trusted_hosts: if scenario.trusts_second { vec![second] } else { Vec::new() },
        interrupted: scenario.operation == Operation::Abort,
        resumes: scenario.operation == Operation::Resume,
        intended: keeps_body.then(|| intended.into()),
        ..Knobs::default()
    };
    let ran = run_virtually(case, &settings);
    // Of two runs, the second has the last word.
    let first = if scenario.operation == Operation::Rerun { ran.outcomes.len() - 1 } else { 0 };
    let outcome = outcome(&ran.outcomes[first..]);
    let knobs = Knobs { over: Some(ran.took), again: ran.again, ..knobs };
    let known = Known { scenario, draw: &draw, seen: &ran.seen };
    let judgement = judge(&Conversation::new(&ran.trace).with_knobs(knobs).with_outcome(&outcome).with_known(known));
    (judgement, ran.seen)
}

#[test]
fn the_reference_client_breaks_no_rule_in_any_scenario() {
    let mut found = Vec::new();
    for scenario in all() {
        for seed in 1..=3 {
            let judgement = judged(scenario, seed);
            for finding in judgement.findings {
                found.push(format!(
                    "{} ({seed}): {} {}: {} {:?}",
                    scenario.name(),
                    finding.severity.word(),
                    finding.rule,
                    finding.message,
                    finding.interactions
                ));
            }
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
