//! Rules that an ambiguity (`judge::ambiguities`) forbids to judge in a script, or to judge as hard.

use std::collections::BTreeMap;

use super::{
    follow::resource_runs,
    read::{Said, is_accepted, is_at_the_root, of_resource, status_at_location},
    told::is_statusless,
};
use crate::simulate::scenario::{Answer, Form, Insists, LinkHeader, Operation, Scenario, Target};

type Rules = BTreeMap<String, String>;

/// Waived rules, and softened ones, each with its ambiguity.
pub(super) fn judged_less(scenario: &Scenario) -> (Rules, Rules) {
    let (mut waived, mut softened) = (Rules::new(), Rules::new());
    let mut waive = |because: &str, numbers: &[u8]| insert(&mut waived, because, numbers);
    let mut soften = |because: &str, numbers: &[u8]| insert(&mut softened, because, numbers);
    let written = scenario.answers(Target::Write).iter().find(|answer| is_accepted(answer));
    let status = written.and_then(|answer| answer.status);
    let said = written.filter(|_| status != Some(202)).map(|answer| of_resource(scenario, answer));
    let names = |header: LinkHeader| {
        written.is_some_and(|answer| answer.links.iter().any(|link| link.header == header && link.form != Form::Text))
    };
    let monitored = names(LinkHeader::Monitor);
    let unnamed = !monitored && !names(LinkHeader::Result) && !names(LinkHeader::OperationLocation);
    let keeps = !matches!(scenario.operation, Operation::Delete | Operation::Post);
    let any = |target: Target, is: &dyn Fn(&Answer) -> bool| scenario.answers(target).iter().any(is);
    if status == Some(201) && unnamed && said == Some(Said::Nothing) && resource_runs(scenario) {
        waive("A-02", &[10, 50]);
    }
    if written.is_some_and(|answer| answer.links.iter().any(|link| link.form == Form::Resource)) {
        soften("A-03", &[9, 36, 37, 46, 50]);
    }
    if keeps && monitored && said == Some(Said::Succeeded) {
        let patch: &[u8] = if scenario.operation == Operation::Patch { &[8] } else { &[] };
        waive("A-04", &[&[11, 46, 50], patch].concat());
    }
    if keeps && monitored && said == Some(Said::Nothing) {
        soften("A-04", &[11, 50]);
    }
    let ended = |answer: &Answer| matches!(answer.status, Some(200 | 201));
    let runs = |answer: &Answer| ended(answer) && matches!(of_resource(scenario, answer), Said::Other(_));
    let leads = names(LinkHeader::Result) && !monitored;
    if leads && keeps && any(Target::Result, &runs) {
        waive("A-06", &[38, 50]);
    }
    let status_failed = |answer: &Answer| ended(answer) && status_at_location(scenario, answer) == Some(Said::Failed);
    if leads && any(Target::Result, &status_failed) {
        soften("A-07", &[38, 50]);
    }
    let failed =
        |answer: &Answer| ended(answer) && answer.state.is_some() && of_resource(scenario, answer) == Said::Failed;
    if leads && scenario.operation == Operation::Delete && any(Target::Result, &failed) {
        soften("A-08", &[38, 49, 50]);
    }
    if status == Some(202) && unnamed {
        soften("A-11", &[13, 50]);
    }
    let monitors = [Target::Monitor, Target::OperationLocation, Target::SecondHost];
    let goes_on = |target: &Target| scenario.answers(*target).len() > 1;
    let statusless = |target: Target| any(target, &|answer| is_statusless(scenario, answer));
    if monitors.into_iter().filter(goes_on).any(statusless) {
        soften("A-12", &[44, 50]);
    }
    if scenario.insists == Insists::OwnVersion {
        soften("A-13", &[16, 17, 50]);
    }
    let completed =
        |answer: &Answer| answer.state.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("Completed"));
    if any(Target::Resource, &completed) {
        waive("A-18", &[32, 50]);
    }
    let lags = |answer: &Answer| ended(answer) && matches!(of_resource(scenario, answer), Said::Other(_));
    if keeps && monitored && scenario.independent.is_empty() && any(Target::Resource, &lags) {
        waive("A-27", &[48]);
    }
    let at_the_root = |answer: &Answer| is_at_the_root(scenario, answer);
    if [Target::Write, Target::Result, Target::Resource].into_iter().any(|target| any(target, &at_the_root)) {
        soften("S-19", &[9, 12, 32, 36, 37, 38, 50]);
    }
    (waived, softened)
}

fn insert(rules: &mut Rules, because: &str, numbers: &[u8]) {
    rules.extend(numbers.iter().map(|number| (format!("LRO-C-{number:02}"), because.to_owned())));
}
