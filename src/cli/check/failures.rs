//! Generated cases that failed: of those that show the same the first is confirmed by a second run and made as
//! small as the time allows.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Args,
    keep::{Keeper, reported},
};
use crate::{
    check::{Baseline, Judged, RunError, Runner},
    cli::{
        child::Signals,
        say::{self, count},
    },
    judge::Severity,
    report::{CaseReport, Report, Shrunk},
};

/// Of the cases that show the same the one that comes first in the plan, by what they show.
#[derive(Default)]
pub(super) struct Failures {
    first: BTreeMap<Vec<(Severity, &'static str)>, Judged>,
}

impl Failures {
    /// Takes a generated case that has findings which count.
    pub(super) fn take(&mut self, judged: Judged, case: &CaseReport) {
        let mut shown: Vec<_> = case.counting().map(|finding| (finding.severity, finding.rule)).collect();
        shown.sort_unstable();
        shown.dedup();
        match self.first.get_mut(&shown) {
            Some(first) if first.case.number < judged.case.number => {}
            Some(first) => *first = judged,
            None => drop(self.first.insert(shown, judged)),
        }
    }

    /// Looks for the smallest case of each, and keeps it; what comes to the same as an earlier one is kept
    /// with that, but in a shard, where nobody knows yet which one is told. `signals` end the search, and what
    /// is known by then is told.
    pub(super) async fn close(
        self,
        runner: &Runner,
        args: &Args,
        keeper: &Keeper<'_>,
        baseline: &mut Option<Baseline>,
        signals: Option<&mut Signals>,
        report: &mut Report,
    ) -> Result<(), RunError> {
        let mut first: Vec<Judged> = self.first.into_values().collect();
        first.sort_by_key(|judged| judged.case.number);
        let time = Duration::from_secs(args.shrink_time);
        let mut signals = signals.filter(|_| !time.is_zero());
        let mut told: Vec<Shrunk> = Vec::new();
        for first in first {
            let number = first.case.number;
            let (mut judged, mut how, mut is_smaller) = (first, None, false);
            let watched = signals.as_deref_mut();
            if let (Some(watched), Some(rule)) = (watched, gravest(args, &judged)) {
                say::line(&format!("looking for the smallest case like {} …", judged.case.scenario.name()));
                let searched = search(runner, args, &judged, rule, time, watched).await?;
                how = searched.how;
                is_smaller = searched.smallest.is_some();
                judged = searched.smallest.unwrap_or(judged);
                if searched.is_interrupted {
                    signals = None;
                }
            }
            let mut case = reported(args, &judged, baseline.as_mut());
            case.number = number;
            if let Some(recipe) = judged.case.recipe.filter(|_| is_smaller) {
                case.again = Some(args.again_recipe(&recipe));
            }
            let mut shrunk = Shrunk { case, how, like: Vec::new() };
            if args.shard.is_some() || !told.iter().any(|known| known.is_like(&shrunk)) {
                keeper.keep(&judged, &mut shrunk.case);
                told.push(shrunk.clone());
            }
            if let Some(case) = report.cases.iter_mut().find(|case| case.number == number) {
                case.shrunk = Some(Box::new(shrunk));
            }
        }
        report.group();
        Ok(())
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

/// What came of a search.
#[derive(Default)]
struct Searched {
    /// The smallest case, if there is a smaller one.
    smallest: Option<Judged>,
    /// What is to be said of the search.
    how: Option<String>,
    /// A signal ended it.
    is_interrupted: bool,
}

/// Looks for the smallest case for so long, or until a signal comes.
async fn search(
    runner: &Runner,
    args: &Args,
    first: &Judged,
    rule: &'static str,
    time: Duration,
    signals: &mut Signals,
) -> Result<Searched, RunError> {
    let shows = |judged: &Judged| violated(args, judged).contains(&rule);
    let repeats = tokio::select! {
        repeats = runner.again(&first.case, shows) => repeats?,
        _ = signals.next() => return Ok(Searched { is_interrupted: true, ..Searched::default() }),
    };
    if repeats.shown < repeats.of {
        let how = format!("flaky: {} of {} runs show it", repeats.shown, repeats.of);
        return Ok(Searched { how: Some(how), ..Searched::default() });
    }
    let mut is_interrupted = false;
    let enough = async {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = signals.next() => is_interrupted = true,
        }
    };
    let smallest = runner.smallest(&first.case, shows, enough).await?;
    let tries = count(smallest.tried, "try").replace("trys", "tries");
    let how = match (&smallest.judged, smallest.is_smallest) {
        (Some(_), true) => format!("made small in {tries}"),
        (None, true) => format!("the smallest of {tries}"),
        (_, false) if is_interrupted => format!("as small as it became in {tries} before a signal"),
        (_, false) => format!("as small as it became in {tries}, --shrink-time {}", args.shrink_time),
    };
    Ok(Searched { smallest: smallest.judged, how: Some(how), is_interrupted })
}
