//! A wrong script, a wrong simulator and a wrong model are each found by the others.

use super::*;
use crate::simulate::scenario::{
    Answer, Draw, Link, LinkHeader, Target,
    tests::{run, wrong},
};

/// One thing wrong with a list of answers.
type Slip = (&'static str, fn(&mut Vec<Answer>) -> bool);

/// What a careless hand does to the answers of a target; whether it did anything.
const SLIPS: [Slip; 4] = [
    ("the end is another one", |answers| {
        let end = answers.iter_mut().rev().find(|answer| answer.state.as_deref() == Some("Succeeded"));
        end.map(|answer| (answer.state, answer.code) = (Some("Failed".to_owned()), Some("Slip".to_owned()))).is_some()
    }),
    ("a failure is none", |answers| {
        let end = answers.iter_mut().rev().find(|answer| answer.state.as_deref() == Some("Failed"));
        end.map(|answer| (answer.state, answer.code) = (Some("Succeeded".to_owned()), None)).is_some()
    }),
    ("the end comes one answer sooner", |answers| {
        let runs = answers.iter().position(|answer| {
            answer.links.is_empty()
                && answer.state.as_deref().is_some_and(|word| word.ends_with("ing") || word == "InProgress")
        });
        runs.filter(|_| answers.len() > 1).map(|at| drop(answers.remove(at))).is_some()
    }),
    ("an error is accepted", |answers| {
        let refused = answers.iter_mut().find(|answer| matches!(answer.status, Some(400 | 409 | 412)));
        refused
            .map(|answer| {
                (answer.status, answer.state, answer.code, answer.body) =
                    (Some(200), Some("Succeeded".to_owned()), None, None);
            })
            .is_some()
    }),
];

/// The target whose answers tell of the end.
fn lead(scenario: &Scenario) -> Target {
    let leads = [Target::Monitor, Target::OperationLocation, Target::SecondHost, Target::Result];
    let link = scenario.answers(Target::Write).iter().flat_map(|answer| answer.links.clone()).next();
    let by_link = |link: Link| match link.header {
        LinkHeader::Result => vec![Target::Result],
        _ => leads.to_vec(),
    };
    let by_link = link.map(by_link).unwrap_or_default();
    let found = by_link.into_iter().find(|target| !scenario.answers(*target).is_empty());
    found.unwrap_or(if scenario.answers(Target::Resource).is_empty() { Target::Write } else { Target::Resource })
}

/// The scenario with a slip in the answers of its lead, if it can have that one.
fn slipped(scenario: &Scenario, slip: fn(&mut Vec<Answer>) -> bool) -> Option<Scenario> {
    let mut wrong = scenario.clone();
    slip(wrong.answers.get_mut(&lead(scenario))?).then_some(wrong)
}

/// How many slips are found out, and the names of those that are not.
fn counted(
    scenarios: impl Iterator<Item = Scenario>,
    is_found: impl Fn(&Scenario, &Scenario) -> bool,
) -> Vec<(&'static str, usize, Vec<String>)> {
    let mut counts: Vec<_> = SLIPS.iter().map(|(name, _)| (*name, 0, Vec::new())).collect();
    for scenario in scenarios {
        for ((_, slip), (_, found, missed)) in SLIPS.iter().zip(&mut counts) {
            let Some(wrong) = slipped(&scenario, *slip) else { continue };
            if is_found(&scenario, &wrong) {
                *found += 1;
            } else {
                missed.push(scenario.name());
            }
        }
    }
    counts
}

/// Of the slips of each kind so many percent at least are found.
fn assert_found(counts: &[(&str, usize, Vec<String>)], at_least: [usize; SLIPS.len()]) {
    for ((name, found, missed), percent) in counts.iter().zip(at_least) {
        let all = found + missed.len();
        assert!(all > 0 && found * 100 >= all * percent, "{name}: {found} of {all} are found, but not {missed:?}");
    }
}

/// A script that is not what its truth was written for is found by the model. What it can't find: how often
/// a service says that it runs, where the truth demands nothing.
#[test]
fn a_wrong_script_is_found() {
    let counts = counted(scenario::all().iter().cloned(), |_, wrong| !differences(wrong, &truth(wrong)).is_empty());
    assert_found(&counts, [90, 90, 30, 100]);
}

/// A simulator that does not play what it was given, and keeps the truth: what the reference client comes
/// to is not right any more. Behind a fault or an end that lets a client give up much else is right, too.
#[test]
fn a_wrong_simulator_is_found() {
    let draws = Draws::new(11, Grammar::of(&[Task::Put, Task::Patch, Task::Delete, Task::Post]));
    let generated = (0..200).map(|index| draws.case(index).scenario());
    let counts = counted(generated, |scenario, played| {
        let played = Scenario { truth: scenario.truth.clone(), ..played.clone() };
        !wrong(&played, &run(&played, 1), &Draw::new(1)).is_empty()
    });
    assert_found(&counts, [50, 60, 15, 75]);
}

/// A model that misjudges a script disagrees with its file, whatever it misjudges.
#[test]
fn a_wrong_model_is_found() {
    type Misjudge = fn(&mut Truth);
    let misjudge: [(&str, usize, Misjudge); 5] = [
        ("success is a failure", 120, |truth| {
            for end in &mut truth.right {
                if *end == Expected::Success {
                    *end = Expected::Failure { codes: vec!["Slip".to_owned()] };
                }
            }
        }),
        ("a failure is no certainty", 40, |truth| {
            for end in &mut truth.right {
                if matches!(end, Expected::Failure { .. }) {
                    *end = Expected::Indeterminate;
                }
            }
        }),
        ("one poll less is enough", 35, |truth| {
            for demand in truth.demanded.iter_mut().filter(|demand| demand.target != Target::Write) {
                demand.at_least -= 1;
            }
        }),
        ("nothing is forbidden", 4, |truth| truth.forbidden.clear()),
        ("no ambiguity is known", 15, |truth| {
            truth.waived.clear();
            truth.softened.clear();
        }),
    ];
    for (name, at_least, misjudge) in misjudge {
        let found = scenario::all().iter().filter(|scenario| {
            let mut model = truth(scenario);
            misjudge(&mut model);
            !differences(scenario, &model).is_empty()
        });
        let found = found.count();
        assert!(found >= at_least, "{name}: {found} scripts disagree");
    }
}
