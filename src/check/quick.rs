//! `--quick`: as much as fits into a short time, the worst faults first.

use std::{collections::HashMap, time::Duration};

use super::plan::{Case, Plan, Settings, Skipped};
use crate::{
    judge::{Severity, Sight, faults, rule},
    simulate::scenario::{Answer, Fault, RetryAfter, Scenario, Target},
};

/// No scenario may take longer than this part of the time.
const LONGEST: f64 = 0.4;

/// So much of the time of all clients is dealt out: at the end some have nothing to do.
const DEALT: f64 = 0.8;

/// What a case costs beside its waits.
const START: f64 = 0.2;

impl Plan {
    /// As many cases as `jobs` clients can play in about `time`. Each next one is the one that shows
    /// most for what it costs: faults of real clients that no case before it shows, those that break
    /// a MUST before others. The rest is skipped, and said to be.
    #[must_use]
    pub fn quick(mut self, settings: &Settings, time: Duration, jobs: usize) -> Self {
        let longest = time.mul_f64(LONGEST);
        let mut room = time.as_secs_f64() * jobs as f64 * DEALT;
        let mut shown: HashMap<&'static str, i32> = HashMap::new();
        let mut left: Vec<(Case, f64)> = std::mem::take(&mut self.cases)
            .into_iter()
            .map(|case| {
                let cost = START + takes(&case.scenario, settings);
                (case, cost)
            })
            .collect();
        loop {
            let worth = |(case, cost): &(Case, f64)| worth(&case.scenario, &shown) / cost;
            let fits = |(_, cost): &(Case, f64)| *cost <= room.min(longest.as_secs_f64());
            let candidates = left.iter().enumerate().filter(|(_, candidate)| fits(candidate));
            let best = candidates
                .max_by(|(at, one), (other_at, other)| worth(one).total_cmp(&worth(other)).then(other_at.cmp(at)));
            let Some((at, _)) = best else { break };
            let (case, cost) = left.remove(at);
            room -= cost;
            for (fault, _) in seen(&case.scenario) {
                *shown.entry(fault).or_default() += 1;
            }
            self.cases.push(case);
        }
        let reason = "--quick leaves it out".to_owned();
        let skipped = left.iter().map(|(case, _)| Skipped { scenario: case.scenario.name(), reason: reason.clone() });
        self.skipped.extend(skipped);
        self
    }
}

/// Seconds that a client waits in a scenario that does just as it is asked, about: before each answer
/// but the first, for what the one before it asked for. `waits` is for patience, and far more.
fn takes(scenario: &Scenario, settings: &Settings) -> f64 {
    let polled = scenario.answers.keys().any(|target| !matches!(target, Target::Write | Target::Resource));
    let before = |(target, answers): (&Target, &Vec<Answer>)| {
        let Some(last) = answers.last() else { return 0.0 };
        // After the last answer of the write there is something to wait for, if there is something to poll.
        let goes_on = *target == Target::Write && polled;
        let waited = answers[..answers.len() - 1].iter().map(|answer| wait(answer, settings)).sum::<f64>();
        let refuses_for_ever = last.status.is_none_or(|status| matches!(status, 408 | 429 | 500..));
        let end = match (goes_on, refuses_for_ever) {
            (_, true) => PATIENCE,
            (true, _) => wait(last, settings),
            _ if *target != Target::Write => wait(last, settings) * f64::from(scenario.abort_after),
            _ => 0.0,
        };
        let silent = answers.iter().filter(|answer| matches!(answer.fault, Some(Fault::Silent | Fault::Stall))).count();
        waited + end + PATIENCE * silent as f64 + answers.iter().map(|answer| answer.delay.as_secs_f64()).sum::<f64>()
    };
    scenario.answers.iter().map(before).sum()
}

/// How long a client bears with a service that is silent, or that is never any better.
const PATIENCE: f64 = 30.0;

/// Seconds that a client waits after an answer.
fn wait(answer: &Answer, settings: &Settings) -> f64 {
    /// A client that is refused, or told not to wait, comes again soon.
    const SOON: f64 = 0.5;
    /// A longer wait is there to be too long.
    const MOST: u32 = 3600;
    let asked = answer.retry_after.iter().filter_map(|wait| match wait {
        RetryAfter::Seconds(0) => Some(SOON),
        RetryAfter::Seconds(seconds) if *seconds <= MOST => Some(settings.pace.seconds(*seconds).into()),
        RetryAfter::Date(ahead) => u32::try_from(*ahead).ok().map(|seconds| settings.pace.seconds(seconds).into()),
        _ => None,
    });
    let refused = answer.status.is_none_or(|status| status >= 400);
    let otherwise = if refused { SOON } else { settings.interval.as_secs_f64() };
    asked.max_by(f64::total_cmp).unwrap_or(otherwise)
}

/// What a scenario is worth after others: each fault that it shows, the less the more often it was
/// shown already.
fn worth(scenario: &Scenario, shown: &HashMap<&'static str, i32>) -> f64 {
    let each = seen(scenario).map(|(fault, weight)| weight * 0.25_f64.powi(shown.get(fault).copied().unwrap_or(0)));
    // One that shows none of them is worth a little, too.
    each.sum::<f64>() + 0.01
}

/// The faults that the rules of a scenario see, and what each weighs.
fn seen(scenario: &Scenario) -> impl Iterator<Item = (&'static str, f64)> {
    let exercised = |id: &&&str| scenario.truth.rules.iter().any(|named| named == **id);
    faults().iter().filter_map(move |fault| {
        let Sight::Rules(rules) = &fault.sight else { return None };
        let weight = |id: &&str| match rule(id).map(|rule| rule.severity) {
            Some(Severity::Violation) => 3.0,
            _ => 1.0,
        };
        let heaviest = rules.iter().filter(exercised).map(weight).max_by(f64::total_cmp)?;
        Some((fault.id, heaviest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::Ability,
        simulate::scenario::{Operation, Pace},
    };

    fn quick(seconds: u64, jobs: usize) -> (Plan, Settings) {
        let settings = Settings {
            seed: 1,
            pace: Pace::scaled(0.2),
            interval: Duration::from_secs(1),
            timeout: None,
            plain_http: false,
            via_proxy: false,
            subject: None,
        };
        let all = Ability::of(&[]);
        let plan = Plan::new(&settings, all, None, &[Operation::Put]);
        (plan.quick(&settings, Duration::from_secs(seconds), jobs), settings)
    }

    #[test]
    fn the_time_is_kept_and_what_is_left_out_is_said() {
        let (plan, settings) = quick(10, 6);
        let cost: f64 = plan.cases.iter().map(|case| takes(&case.scenario, &settings)).sum();
        assert!(cost <= 60.0, "{cost}");
        assert!(plan.cases.iter().all(|case| takes(&case.scenario, &settings) <= 4.0));
        let left_out = plan.skipped.iter().filter(|skipped| skipped.reason.contains("--quick")).count();
        let (everything, _) = quick(10_000, 6);
        assert_eq!(plan.cases.len() + left_out, everything.cases.len());
    }

    /// The faults that some cases show.
    fn faults_of(cases: &[Case]) -> usize {
        let mut faults: Vec<_> = cases.iter().flat_map(|case| seen(&case.scenario)).map(|(id, _)| id).collect();
        faults.sort_unstable();
        faults.dedup();
        faults.len()
    }

    #[test]
    fn most_is_shown_first() {
        let (plan, _) = quick(15, 16);
        let (first, all) = (faults_of(&plan.cases[..plan.cases.len() / 3]), faults_of(&plan.cases));
        assert!(first * 5 >= all * 4, "{first} of {all}");
    }

    #[test]
    fn most_faults_are_shown_in_little_time() {
        let (some, all) = (faults_of(&quick(15, 16).0.cases), faults_of(&quick(10_000, 16).0.cases));
        assert!(some * 10 >= all * 9, "{some} of {all}");
    }
}
