//! Generated cases that failed: those that show the same are one, confirmed by a second run and made as
//! small as the time allows.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Args,
    keep::{keep, reported},
};
use crate::{
    check::{Baseline, Judged, RunError, Runner},
    cli::{
        child::Signals,
        say::{self, count},
    },
    judge::Severity,
    report::CaseReport,
};

/// So many names of cases that show the same are told.
const NAMED: usize = 4;

/// Cases by what they show.
#[derive(Default)]
pub(super) struct Failures {
    groups: BTreeMap<Vec<(Severity, &'static str)>, Group>,
}

struct Group {
    /// The case that comes first in the plan.
    first: Judged,
    /// The names of all, by their numbers.
    names: BTreeMap<usize, String>,
}

impl Failures {
    /// Takes a generated case that has findings which count.
    pub(super) fn take(&mut self, judged: Judged, case: &CaseReport) {
        let mut shown: Vec<_> = case.counting().map(|finding| (finding.severity, finding.rule)).collect();
        shown.sort_unstable();
        shown.dedup();
        let name = (judged.case.number, judged.case.scenario.name());
        match self.groups.get_mut(&shown) {
            Some(group) => {
                group.names.extend([name]);
                if judged.case.number < group.first.case.number {
                    group.first = judged;
                }
            }
            None => {
                let group = Group { first: judged, names: BTreeMap::from([name]) };
                self.groups.insert(shown, group);
            }
        }
    }

    /// Every group as one case, kept: the smallest that was found; groups that come to the same are one.
    /// `signals` end the search, and what is known by then is told.
    pub(super) async fn close(
        self,
        runner: &Runner,
        args: &Args,
        baseline: &mut Option<Baseline>,
        signals: Option<&mut Signals>,
    ) -> Result<Vec<CaseReport>, RunError> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by_key(|group| group.first.case.number);
        let time = Duration::from_secs(args.shrink_time);
        let mut signals = signals.filter(|_| !time.is_zero());
        let mut found: Vec<Found> = Vec::new();
        for Group { first, names } in groups {
            let mut this = Found { number: first.case.number, judged: first, names, how: None, is_smaller: false };
            let watched = signals.as_deref_mut();
            if let (Some(watched), Some(rule)) = (watched, gravest(args, &this.judged)) {
                say::line(&format!("looking for the smallest case like {} …", this.judged.case.scenario.name()));
                let searched = tokio::select! {
                    searched = search(runner, args, &this.judged, rule, time) => Some(searched?),
                    _ = watched.next() => None,
                };
                match searched {
                    Some((smallest, how)) => {
                        this.how = Some(how);
                        this.is_smaller = smallest.is_some();
                        this.judged = smallest.unwrap_or(this.judged);
                    }
                    None => signals = None,
                }
            }
            match found.iter_mut().find(|known| known.is_like(&this, args)) {
                Some(known) => known.names.extend(this.names),
                None => found.push(this),
            }
        }
        Ok(found.into_iter().map(|found| found.report(args, baseline)).collect())
    }
}

/// What a group has come to.
struct Found {
    number: usize,
    judged: Judged,
    names: BTreeMap<usize, String>,
    how: Option<String>,
    is_smaller: bool,
}

impl Found {
    /// Whether the same service shows the same.
    fn is_like(&self, other: &Self, args: &Args) -> bool {
        self.judged.case.recipe.map(|recipe| recipe.settled())
            == other.judged.case.recipe.map(|recipe| recipe.settled())
            && violated(args, &self.judged) == violated(args, &other.judged)
    }

    fn report(self, args: &Args, baseline: &mut Option<Baseline>) -> CaseReport {
        let Self { number, judged, names, how, is_smaller } = self;
        let mut case = reported(args, &judged, baseline.as_mut());
        case.number = number;
        if let Some(recipe) = judged.case.recipe.filter(|_| is_smaller) {
            case.again = Some(args.again_recipe(&recipe));
        }
        let words: Vec<String> = same(&names).into_iter().chain(how).collect();
        if !words.is_empty() {
            case.title = format!("{} ({})", case.title, words.join("; "));
        }
        keep(args, &judged, &mut case);
        case
    }
}

/// The rules of the violations that count, in order and each once: cases that show the same have the
/// same. What is known of the client is not looked for, and no smaller case is taken for its sake.
fn violated(args: &Args, judged: &Judged) -> Vec<&'static str> {
    let case = reported(args, judged, None);
    let violations = case.counting().filter(|finding| finding.severity == Severity::Violation);
    let mut rules: Vec<_> = violations.map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// The rule that a smaller case has to violate as well.
fn gravest(args: &Args, judged: &Judged) -> Option<&'static str> {
    let violated = violated(args, judged);
    // What a script demands says least by itself.
    violated.iter().find(|rule| !rule.starts_with("SCRIPT-")).or(violated.first()).copied()
}

/// The smallest case, if there is a smaller one, and what is to be said of the search.
async fn search(
    runner: &Runner,
    args: &Args,
    first: &Judged,
    rule: &'static str,
    time: Duration,
) -> Result<(Option<Judged>, String), RunError> {
    let shows = |judged: &Judged| violated(args, judged).contains(&rule);
    let repeats = runner.again(&first.case, shows).await?;
    if repeats.shown < repeats.of {
        return Ok((None, format!("flaky: {} of {} runs show it", repeats.shown, repeats.of)));
    }
    let smallest = runner.smallest(&first.case, shows, time).await?;
    let tries = count(smallest.tried, "try").replace("trys", "tries");
    let how = match (&smallest.judged, smallest.is_smallest) {
        (Some(_), true) => format!("made small in {tries}"),
        (None, true) => format!("the smallest of {tries}"),
        (_, false) => format!("as small as it became in {tries}, --shrink-time {}", args.shrink_time),
    };
    Ok((smallest.judged, how))
}

/// Which other cases show the same.
fn same(names: &BTreeMap<usize, String>) -> Option<String> {
    if names.len() < 2 {
        return None;
    }
    let mut named: Vec<&str> = names.values().take(NAMED).map(String::as_str).collect();
    if names.len() > NAMED {
        named.push("…");
    }
    Some(format!("{} show the same: {}", count(names.len(), "case"), named.join(", ")))
}
