//! Other bodies in the place of a recorded profile: what the service answered shows them, and what it has to
//! refuse it refuses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Recorded, Taped};
use crate::{
    arm::ResourceId,
    profile::{self, Case, Payload},
    simulate::{
        generated,
        scenario::{Answer, Insists, Operation, Scenario, Subject, Target},
    },
};

/// How many bodies of each sort.
const VALID: usize = 3;
const WITH_NULL: usize = 2;
const UNUSUAL: usize = 3;
const INVALID: usize = 4;

/// So many draws are looked at.
const PATIENCE: u64 = 32;

/// The services for other bodies; none where no profile was put.
pub(super) fn others(recorded: &Recorded, seed: u64) -> Vec<Taped> {
    if recorded.scenario.operation != Operation::Put || !is_profile(&recorded.subject) {
        return Vec::new();
    }
    let valid = draw(&profile::valid(), seed, VALID, |body| Some((body, String::new())));
    let with_null = draw(&profile::valid_with_null(), seed, WITH_NULL, |body| Some((body, String::new())));
    let unusual = draw(&profile::unusual(), seed, UNUSUAL, json);
    let invalid = draw(&profile::invalid(), seed, INVALID, json);
    let sorts = [
        ("valid", "another body", valid),
        ("with-null", "a body with nulls", with_null),
        ("unusual", "an unusual body", unusual),
        ("invalid", "an invalid body", invalid),
    ];
    let mut others = Vec::new();
    for (sort, words, bodies) in sorts {
        for (at, (body, defects)) in bodies.into_iter().enumerate() {
            let (variant, words) = (format!("{sort}-{}", at + 1), format!("{words}{defects}"));
            let scenario = match sort {
                "invalid" => refused(&recorded.scenario, &body, variant, &words),
                _ => recorded.scenario.clone().named(variant, &words),
            };
            let subject = Subject { body, ..recorded.subject.clone() };
            others.extend(scenario.map(|scenario| Taped { subject, scenarios: vec![scenario] }));
        }
    }
    others
}

fn is_profile(subject: &Subject) -> bool {
    let kind = ResourceId::parse(&subject.id).map(|id| id.resource_type());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Microsoft.CustomerInsights/hubs/profiles"))
}

/// The first bodies of a row that differ in what is wrong with them, without those that are no JSON.
fn draw<S: proptest::strategy::Strategy>(
    strategy: &S,
    seed: u64,
    count: usize,
    json: impl Fn(S::Value) -> Option<(Value, String)>,
) -> Vec<(Value, String)> {
    let mut drawn: Vec<(Value, String)> = Vec::new();
    for (body, defects) in (0..PATIENCE).filter_map(|index| json(profile::draw(strategy, seed, index).ok()?)) {
        let is_new = defects.is_empty() || drawn.iter().all(|(_, known)| *known != defects);
        if is_new && drawn.len() < count {
            drawn.push((body, defects));
        }
    }
    drawn
}

/// The body, and the rules that it breaks, in words.
fn json(case: Case) -> Option<(Value, String)> {
    let Payload::Json(body) = case.payload else { return None };
    let rules: Vec<&str> = case.defects.iter().map(|rule| rule.id).collect();
    // Null stands for no body at all.
    (!body.is_null()).then(|| (body, format!(" ({})", rules.join(", "))))
}

/// The service that refuses a body, as ARM does. To see that before sending it is right, too.
fn refused(recorded: &Scenario, body: &Value, variant: String, words: &str) -> Option<Scenario> {
    const NAME: &str = "refusal";
    let refusal = Answer { status: Some(400), body: Some(NAME.to_owned()), ..Answer::default() };
    let scenario = Scenario {
        answers: BTreeMap::from([(Target::Write, vec![refusal])]),
        bodies: BTreeMap::from([(NAME.to_owned(), generated::refusal(body)?)]),
        insists: Insists::Nothing,
        ..recorded.clone()
    };
    let mut scenario = scenario.named(variant, words)?;
    scenario.truth.demanded.iter_mut().for_each(|demand| demand.at_least = 0);
    Some(scenario)
}
