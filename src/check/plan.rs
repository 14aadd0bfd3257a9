//! Which cases there are.

use std::{path::PathBuf, sync::Arc, time::Duration};

use globset::GlobMatcher;

use crate::simulate::{
    LookUps, Taped,
    generated::Recipe,
    scenario::{Answer, Need, Operation, Pace, RetryAfter, Scenario, Subject, all},
};

/// How to check.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What every draw comes from.
    pub seed: u64,
    /// What becomes of the scripts' seconds.
    pub pace: Pace,
    /// The interval that clients are given.
    pub interval: Duration,
    /// The limit that clients are given, in the place of the scenario's.
    pub timeout: Option<Duration>,
    /// Plain HTTP in the place of https.
    pub plain_http: bool,
    /// The service has its public name, and the client reaches it through a proxy.
    pub via_proxy: bool,
    /// The resource; the page's profile where none is given.
    pub subject: Option<Subject>,
    /// The client's types are made of the published description of a profile, and drop what that has not.
    pub typed_bodies: bool,
    /// What is answered to requests that are no part of an operation, where a tape tells.
    pub look_ups: Option<Arc<LookUps>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            pace: Pace::AS_WRITTEN,
            interval: Duration::from_secs(1),
            timeout: None,
            plain_http: false,
            via_proxy: false,
            subject: None,
            typed_bodies: false,
            look_ups: None,
        }
    }
}

/// What a client can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ability {
    /// What to do: `{operation}`.
    pub operation: bool,
    /// When to give up: `{timeout}`.
    pub timeout: bool,
    /// Whom to trust: `{trusted-hosts}`.
    pub trusted_hosts: bool,
    /// Where to go on: `{resume}`.
    pub resume: bool,
    /// How long to wait where the service says nothing: `{interval}`.
    pub interval: bool,
    /// To stop at once: SIGINT.
    pub interrupt: bool,
}

impl Ability {
    /// What the words of a command can be told. Without any placeholder the client reads its
    /// variables, and can be told everything.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        let names = |name: &str| words.iter().any(|word| word.contains(name));
        let placeholders =
            ["{endpoint}", "{url}", "{resource-id}", "{name}", "{hub}", "{profile}", "{body}", "{subscription}"];
        let by_variables = !placeholders.iter().any(|name| names(name));
        Self {
            operation: by_variables || names("{operation}"),
            timeout: by_variables || names("{timeout}"),
            trusted_hosts: by_variables || names("{trusted-hosts}"),
            resume: by_variables || names("{resume}"),
            interval: by_variables || names("{interval}"),
            interrupt: true,
        }
    }

    /// What a worker or a function of this process can be told: everything, but not to stop.
    #[must_use]
    pub fn of_jobs() -> Self {
        Self { operation: true, timeout: true, trusted_hosts: true, resume: true, interval: true, interrupt: false }
    }
}

/// One run of the client.
#[derive(Clone, Debug)]
pub struct Case {
    /// From 1, in the order of the plan.
    pub number: usize,
    /// The script.
    pub scenario: Arc<Scenario>,
    /// What its draw comes from.
    pub seed: u64,
    /// The service as plain data, where it is a generated one.
    pub recipe: Option<Recipe>,
    /// The resource, where it is one of this case alone.
    pub subject: Option<Arc<Subject>>,
    /// The file that it was kept in after it failed once, where it comes from there.
    pub kept: Option<PathBuf>,
}

impl Case {
    /// A script, to be numbered.
    pub(super) fn of(scenario: Scenario, seed: u64) -> Self {
        Self { number: 0, scenario: Arc::new(scenario), seed, recipe: None, subject: None, kept: None }
    }

    /// How long the script makes a client wait that does as it is asked.
    #[must_use]
    pub fn waits(&self, settings: &Settings) -> Duration {
        waits(&self.scenario, settings)
    }
}

/// A scenario that is not played, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Id and variant.
    pub scenario: String,
    /// Why.
    pub reason: String,
}

/// The cases of a campaign.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Those that are played.
    pub cases: Vec<Case>,
    /// Those that are not.
    pub skipped: Vec<Skipped>,
}

impl Plan {
    /// Plans a run of every scenario that `scenarios` (of id and variant) and `operations` let pass.
    #[must_use]
    pub fn new(
        settings: &Settings,
        ability: Ability,
        scenarios: Option<&GlobMatcher>,
        operations: &[Operation],
    ) -> Self {
        Self::of(all(), settings, ability, scenarios, operations)
    }

    /// Plans the same of other scenarios than those in the binary.
    #[must_use]
    pub fn of(
        played: &[Scenario],
        settings: &Settings,
        ability: Ability,
        scenarios: Option<&GlobMatcher>,
        operations: &[Operation],
    ) -> Self {
        let mut plan = Self { cases: Vec::new(), skipped: Vec::new() };
        for scenario in played {
            let named = scenarios.is_none_or(|glob| glob.is_match(scenario.name()) || glob.is_match(&scenario.id));
            if !named || !operations.is_empty() && !operations.contains(&scenario.operation) {
                continue;
            }
            match missing(scenario, settings, ability) {
                Some(reason) => plan.skipped.push(Skipped { scenario: scenario.name(), reason: reason.to_owned() }),
                None => {
                    let seed = settings.seed ^ spread(&scenario.name());
                    plan.cases.push(Case::of(scenario.clone(), seed));
                }
            }
        }
        plan.number();
        plan
    }

    /// Puts the operations of a tape before the rest: as they were recorded, and varied.
    #[must_use]
    pub fn taped(
        mut self,
        taped: Vec<Taped>,
        settings: &Settings,
        ability: Ability,
        scenarios: Option<&GlobMatcher>,
        operations: &[Operation],
    ) -> Self {
        let mut cases = Vec::new();
        for Taped { subject, scenarios: played } in taped {
            let part = Self::of(&played, settings, ability, scenarios, operations);
            self.skipped.extend(part.skipped);
            let subject = Arc::new(subject);
            cases.extend(part.cases.into_iter().map(|case| Case { subject: Some(Arc::clone(&subject)), ..case }));
        }
        self.cases.splice(0..0, cases);
        self.number();
        self
    }

    /// The part of shard `index` (from 1) of `count`.
    #[must_use]
    pub fn shard(mut self, index: usize, count: usize) -> Self {
        self.cases.retain(|case| (case.number - 1) % count.max(1) + 1 == index);
        self
    }

    pub(super) fn number(&mut self) {
        for (at, case) in self.cases.iter_mut().enumerate() {
            case.number = at + 1;
        }
    }
}

/// FNV-1a: one name, one number, on every machine.
pub(super) fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What stands in the way of an operation.
pub(super) fn cannot_do(operation: Operation, ability: Ability) -> Option<&'static str> {
    match operation {
        Operation::Put => None,
        _ if !ability.operation => Some("the command has no {operation}"),
        Operation::Abort if !ability.interrupt => Some("only a command of its own can be interrupted"),
        Operation::Resume if !ability.resume => Some("the command has no {resume}"),
        _ => None,
    }
}

/// What stands in the way of a scenario.
pub(super) fn missing(scenario: &Scenario, settings: &Settings, ability: Ability) -> Option<&'static str> {
    if let Some(reason) = cannot_do(scenario.operation, ability) {
        return Some(reason);
    }
    scenario.needs().into_iter().find_map(|need| match need {
        Need::Tls if settings.plain_http => Some("it needs https, and this run is over plain HTTP"),
        Need::Proxy if !settings.via_proxy => {
            Some("it needs a client that reaches its host through a proxy: --via-proxy plays it")
        }
        Need::Timeout if !ability.timeout => Some("the command has no {timeout}"),
        Need::TrustedHosts if !ability.trusted_hosts => Some("the command has no {trusted-hosts}"),
        Need::FinalState => Some("it needs a client that can be told where the result is"),
        Need::Patience if settings.pace != Pace::AS_WRITTEN => Some("it takes many minutes: --slow plays it"),
        Need::Condition if !ability.operation => Some("the command has no {operation}"),
        _ => None,
    })
}

/// How long a script makes a client wait that does as it is asked.
pub(super) fn waits(scenario: &Scenario, settings: &Settings) -> Duration {
    /// A longer wait is there to be too long.
    const MOST: u32 = 3600;
    /// What clients take for a moderate interval that take `Retry-After: 0` for none.
    const INTERVAL: Duration = Duration::from_secs(2);
    /// What they pause before they try again.
    const RETRY: Duration = Duration::from_millis(1500);
    let seconds = |seconds: u32| Duration::from_secs(settings.pace.seconds(seconds).into());
    let wait = |answer: &Answer| {
        // No wait is none: clients then take their own interval, and some take `0` for that.
        let asked = answer.retry_after.iter().filter_map(|wait| match wait {
            RetryAfter::Seconds(asked @ 1..=MOST) => Some(seconds(*asked)),
            RetryAfter::Date(ahead @ 1..) => u32::try_from(*ahead).ok().map(seconds),
            _ => None,
        });
        let refused = answer.status.is_none_or(|status| status >= 400);
        // Who is slow to ask again is slow to try again.
        let otherwise = settings.interval.max(if refused { RETRY } else { INTERVAL });
        let delay = seconds(u32::try_from(answer.delay.as_secs()).unwrap_or(MOST));
        asked.max().unwrap_or(otherwise) + delay
    };
    scenario.answers.values().flatten().map(wait).sum()
}

/// How long a case may take.
pub(super) fn patience(scenario: &Scenario, settings: &Settings, limit: Option<Duration>) -> Duration {
    const SLACK: Duration = Duration::from_secs(15);
    /// Retries of what never gets better grow apart before they end.
    const RETRIES: Duration = Duration::from_secs(45);
    let endless = |answers: &Vec<Answer>| {
        answers.last().is_some_and(|answer| answer.status.is_none_or(|status| matches!(status, 408 | 429 | 500..)))
    };
    let are_endless = scenario.answers.values().any(endless);
    let retries = if are_endless { RETRIES.max(settings.interval * 8) } else { Duration::ZERO };
    let waits = waits(scenario, settings) + retries;
    limit.map_or(waits + waits / 2, |limit| limit.max(waits)).saturating_add(SLACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings { pace: Pace::scaled(0.2), ..Settings::default() }
    }

    fn waits_in(id: &str) -> Duration {
        waits(all().iter().find(|scenario| scenario.name() == id).unwrap(), &settings())
    }

    /// Clients take their own interval where `Retry-After` is 0, or a date that has passed.
    #[test]
    fn no_wait_is_the_clients_own_interval() {
        let at_least = |polls: u64| Duration::from_secs(2 * polls);
        assert!(waits_in("SC-125") >= at_least(20), "{:?}", waits_in("SC-125"));
        assert!(waits_in("SC-124") >= at_least(4), "{:?}", waits_in("SC-124"));
        assert!(waits_in("SC-128") >= at_least(6), "{:?}", waits_in("SC-128"));
        let slow = Settings { interval: Duration::from_secs(30), ..settings() };
        let fault = all().iter().find(|scenario| scenario.name() == "SC-140").unwrap();
        assert!(waits(fault, &slow) >= Duration::from_secs(3 * 30), "who polls slowly tries again slowly");
        // 15 s become 3, twice.
        assert!(waits_in("SC-120") >= Duration::from_secs(6) && waits_in("SC-120") < Duration::from_secs(12));
    }

    #[test]
    fn who_tries_again_slowly_has_longer_for_what_never_gets_better() {
        let is_endless = |answers: &Vec<Answer>| answers.last().is_some_and(|last| matches!(last.status, Some(500..)));
        let endless = all().iter().find(|scenario| scenario.answers.values().any(is_endless)).unwrap();
        let slow = Settings { interval: Duration::from_secs(30), ..settings() };
        assert!(patience(endless, &slow, None) >= waits(endless, &slow) + 8 * slow.interval, "{}", endless.name());
    }

    #[test]
    fn a_client_is_told_an_interval_by_a_placeholder_or_by_its_variables() {
        let of = |words: &[&str]| Ability::of(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).interval;
        assert!(of(&["client", "--url", "{url}", "--interval", "{interval}"]));
        assert!(of(&["client"]));
        assert!(!of(&["client", "--url", "{url}"]));
    }
}
