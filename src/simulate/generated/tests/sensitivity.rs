//! A wrong script, a wrong simulator and a wrong model are each found by the others.

use super::*;
use crate::simulate::scenario::{
    Answer, Draw, Link, LinkHeader, Target,
    tests::{run, wrong},
};

/// One thing wrong with what a service answers: to the write, and at the target that tells of the end.
type Slip = (&'static str, fn(&mut [Answer], &mut Vec<Answer>) -> bool);

/// What a careless hand does to the answers; whether it did anything.
const SLIPS: [Slip; 8] = [
    ("the end is another one", |_, answers| {
        let end = answers.iter_mut().rev().find(|answer| answer.state.as_deref() == Some("Succeeded"));
        end.map(|answer| (answer.state, answer.code) = (Some("Failed".to_owned()), Some("Slip".to_owned()))).is_some()
    }),
    ("a failure is none", |_, answers| {
        let end = answers.iter_mut().rev().find(|answer| answer.state.as_deref() == Some("Failed"));
        end.map(|answer| (answer.state, answer.code) = (Some("Succeeded".to_owned()), None)).is_some()
    }),
    ("the end comes one answer sooner", |_, answers| {
        let runs = answers.iter().position(|answer| {
            answer.links.is_empty()
                && answer.state.as_deref().is_some_and(|word| word.ends_with("ing") || word == "InProgress")
        });
        runs.filter(|_| answers.len() > 1).map(|at| drop(answers.remove(at))).is_some()
    }),
    ("an error is accepted", |_, answers| {
        let refused = answers.iter_mut().find(|answer| matches!(answer.status, Some(400 | 409 | 412)));
        refused
            .map(|answer| {
                (answer.status, answer.state, answer.code, answer.body) =
                    (Some(200), Some("Succeeded".to_owned()), None, None);
            })
            .is_some()
    }),
    ("the last answer comes first", |_, answers| {
        let differs = answers.len() > 1 && answers.first() != answers.last();
        answers.rotate_right(usize::from(differs));
        differs
    }),
    ("polls are refused", |_, answers| {
        answers.iter_mut().for_each(|answer| (answer.status, answer.state) = (Some(400), None));
        !answers.is_empty()
    }),
    ("the polling URL is not handed out", |write, _| {
        let hands_out = write.iter_mut().find(|answer| !answer.links.is_empty());
        hands_out.map(|answer| answer.links.clear()).is_some()
    }),
    ("the error has another code", |write, answers| {
        let all = write.iter_mut().chain(answers);
        let with_code = all.filter(|answer| answer.code.is_some() && answer.state.as_deref() != Some("Canceled"));
        with_code.map(|answer| answer.code = Some("Slip".to_owned())).count() > 0
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

/// The scenario with a slip in its answers, if it can have that one.
fn slipped(scenario: &Scenario, (_, slip): &Slip) -> Option<Scenario> {
    let (mut wrong, lead) = (scenario.clone(), lead(scenario));
    // The write may be what tells of the end.
    let mut answers = wrong.answers.remove(&lead)?;
    let mut write = wrong.answers.remove(&Target::Write).unwrap_or_default();
    let has_slipped = slip(&mut write, &mut answers);
    if lead != Target::Write {
        wrong.answers.insert(Target::Write, write);
    }
    wrong.answers.insert(lead, answers);
    has_slipped.then_some(wrong)
}

/// How many slips are found out, and the names of those that are not.
fn counted(
    scenarios: impl Iterator<Item = Scenario>,
    is_found: impl Fn(&Scenario, &Scenario) -> bool,
) -> Vec<(&'static str, usize, Vec<String>)> {
    let mut counts: Vec<_> = SLIPS.iter().map(|(name, _)| (*name, 0, Vec::new())).collect();
    for scenario in scenarios {
        for (slip, (_, found, missed)) in SLIPS.iter().zip(&mut counts) {
            let Some(wrong) = slipped(&scenario, slip) else { continue };
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
        println!("{name}: {found} of {all}");
        assert!(all > 0 && found * 100 >= all * percent, "{name}: {found} of {all} are found, but not {missed:?}");
    }
}

/// A script that is not what its truth was written for is found by the model. What it can't find: how often
/// a service says that it runs, where the truth demands nothing.
#[test]
fn a_wrong_script_is_found() {
    let counts = counted(scenario::all().iter().cloned(), |_, wrong| !differences(wrong, &truth(wrong)).is_empty());
    assert_found(&counts, [90, 90, 30, 100, 45, 80, 95, 45]);
}

/// A simulator that does not play what it was given, and keeps the truth: what the reference client comes
/// to is not right any more. Behind a fault or an end that lets a client give up much else is right, too.
fn a_wrong_simulator_is_found_by(draws: usize) {
    let all = Draws::new(11, Grammar::of(&[Task::Put, Task::Patch, Task::Delete, Task::Post]));
    let generated = (0..draws).map(|index| all.case(index).scenario());
    let counts = counted(generated, |scenario, played| {
        let played = Scenario { truth: scenario.truth.clone(), ..played.clone() };
        !wrong(&played, &run(&played, 1), &Draw::new(1)).is_empty()
    });
    assert_found(&counts, [45, 50, 10, 60, 20, 25, 50, 8]);
}

#[test]
fn a_wrong_simulator_is_found() {
    a_wrong_simulator_is_found_by(200);
}

#[test]
#[ignore = "takes minutes: cargo test --release --lib sensitivity -- --ignored"]
fn a_wrong_simulator_is_found_in_any_service() {
    a_wrong_simulator_is_found_by(2000);
}

/// One thing wrong with the truth that a file states: the key, and the slip.
type Misstatement = (&'static str, fn(&mut Truth) -> bool);

const MISSTATEMENTS: [Misstatement; 13] = [
    ("right", |truth| {
        let success = truth.right.iter_mut().find(|end| **end == Expected::Success);
        success.map(|end| *end = Expected::Canceled).is_some()
    }),
    ("right", |truth| {
        let failure = truth.right.iter_mut().find(|end| matches!(end, Expected::Failure { .. }));
        failure.map(|end| *end = Expected::Success).is_some()
    }),
    ("right", |truth| {
        let codes = truth.right.iter_mut().find_map(|end| match end {
            Expected::Failure { codes } if !codes.is_empty() => Some(codes),
            _ => None,
        });
        codes.map(|codes| *codes = vec!["Slip".to_owned()]).is_some()
    }),
    ("right", |truth| truth.right.len() > 1 && truth.right.pop().is_some()),
    ("tolerated", |truth| truth.tolerated.pop().is_some()),
    ("tolerated", |truth| {
        truth.tolerated.push(Expected::Timeout);
        true
    }),
    ("result-from", |truth| {
        truth.result = truth.result.map(|_| Target::Decoy);
        truth.result.is_some()
    }),
    ("forbidden", |truth| truth.forbidden.pop().is_some()),
    ("forbidden", |truth| {
        truth.forbidden.push(Target::Moved);
        true
    }),
    ("demanded", |truth| truth.demanded.iter_mut().map(|demand| demand.at_least += 1).count() > 0),
    ("demanded", |truth| {
        truth.demanded.iter_mut().filter_map(|demand| demand.at_most.as_mut()).map(|most| *most += 1).count() > 0
    }),
    ("waived", |truth| truth.waived.insert("LRO-C-35".to_owned(), "A-99".to_owned()).is_none()),
    ("softened", |truth| truth.softened.pop_first().is_some()),
];

/// Whatever a file says wrongly, in whatever script: the model says something else, about that key.
#[test]
fn a_wrong_truth_is_found() {
    for (at, (key, slip)) in MISSTATEMENTS.iter().enumerate() {
        let mut found = 0;
        for scenario in scenario::all() {
            let model = truth(scenario);
            let mut misstated = scenario.clone();
            if !slip(&mut misstated.truth) || misstated.truth == scenario.truth {
                continue;
            }
            let differences = differences(&misstated, &model);
            assert!(differences.iter().any(|(differs, _)| differs == key), "{at}: {key} of {}", scenario.name());
            found += 1;
        }
        assert!(found > 0, "{at}: no script can have this in {key}");
    }
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
