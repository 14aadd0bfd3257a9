//! The campaign itself: cases told as they end, until the last one, a limit or a signal.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{
    Args,
    failures::Failures,
    keep::{Keeper, reported},
    progress::Progress,
};
use crate::{
    check::{self, Baseline, Client, Judged, Plan, RunError, Runner, Settings, Workers},
    cli::{
        child::Signals,
        env::print,
        say::{self, Failure, count},
        watch,
    },
    judge::Severity,
    redact,
    report::{Report, case_text},
    simulate::identity,
};

/// When so many clients have ended and nothing was to be judged of any, the rest is not tried: it is
/// the command.
const IN_VAIN: usize = 6;

/// How a campaign came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All was played, or as much as was asked for.
    Reached,
    /// A signal ended it.
    Interrupted,
}

/// Plays the plan to its end, or until a limit or a signal ends it.
pub(super) async fn play(
    args: &Args,
    settings: Settings,
    plan: &Plan,
    baseline: &mut Option<Baseline>,
) -> Result<(Report, End), Failure> {
    let mut course = Course::new(args, plan)?;
    let command = check::Command {
        words: args.command.clone(),
        cleared: [&["ALL_PROXY", "all_proxy"][..], identity::CLEARED].concat(),
    };
    let client = if args.worker { Client::Worker(Workers::new(command)) } else { Client::Command(command) };
    let runner = Runner::new(settings, client, args.jobs())
        .map_err(|error| Failure::machine(format!("cannot make certificates: {error}")))?;
    watch::start();
    let mut signals = Signals::listen()?;
    let began = Instant::now();
    let end = course.run(&runner, plan, baseline, &mut signals).await;
    course.progress.clear();
    let end = end.map_err(|error| failure(&error))?;
    let Course { keeper, mut report, failures, why, .. } = course;
    let watched = (end == End::Reached).then_some(&mut signals);
    report.cases.sort_by_key(|case| case.number);
    let closed = failures.close(&runner, args, &keeper, baseline, watched, &mut report).await;
    closed.map_err(|error| failure(&error))?;
    for case in report.cases.iter().filter(|case| case.shrunk.is_some()) {
        let _ = print(&say::printable(&case_text(&case.shown())));
    }
    runner.end().await;
    report.not_run = plan.cases.len() - report.cases.len();
    report.baseline = baseline.as_ref().map(Baseline::applied).unwrap_or_default();
    report.took = began.elapsed();
    keep_secrets(&mut report);
    if report.not_run > 0 {
        say::line(&format!("stopped after {}", why.unwrap_or_default()));
    }
    Ok((report, end))
}

/// What a campaign has come to so far.
struct Course<'a> {
    args: &'a Args,
    keeper: Keeper<'a>,
    report: Report,
    failures: Failures,
    progress: Progress,
    /// How many cases have violations.
    failed: usize,
    judged_any: bool,
    /// The client's habits, each of which is told once.
    habits: BTreeSet<String>,
    /// Why the rest is not played.
    why: Option<String>,
}

impl<'a> Course<'a> {
    fn new(args: &'a Args, plan: &Plan) -> Result<Self, Failure> {
        let report = Report {
            command: args.command.clone(),
            seed: Some(args.seed),
            options: args.options(),
            shard: args.shard,
            skipped: plan.skipped.iter().map(Into::into).collect(),
            ..Report::default()
        };
        Ok(Self {
            args,
            keeper: Keeper::new(args)?,
            report,
            failures: Failures::default(),
            progress: Progress::new(),
            failed: 0,
            judged_any: false,
            habits: BTreeSet::new(),
            why: None,
        })
    }

    /// Runs the cases until there is no other, or no other is wanted.
    async fn run(
        &mut self,
        runner: &Runner,
        plan: &Plan,
        baseline: &mut Option<Baseline>,
        signals: &mut Signals,
    ) -> Result<End, RunError> {
        let stop = CancellationToken::new();
        let max_time = self.args.max_time;
        let limit = async {
            match max_time {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        let (mut end, mut cut) = (End::Reached, None);
        {
            let running = runner.run(plan, &stop, |judged, now| self.take(judged, now, baseline.as_mut()));
            tokio::pin!(running, limit);
            loop {
                tokio::select! {
                    ended = &mut running => break ended?,
                    _ = signals.next() => {
                        (end, cut) = (End::Interrupted, Some("a signal".to_owned()));
                        stop.cancel();
                    }
                    () = &mut limit, if !stop.is_cancelled() => {
                        cut = Some(format!("{} s: --max-time", max_time.unwrap_or_default()));
                        stop.cancel();
                    }
                }
            }
        }
        self.why = cut.or(self.why.take());
        Ok(end)
    }

    /// Tells of a case. Whether another one is wanted.
    fn take(&mut self, judged: Judged, now: check::Progress, baseline: Option<&mut Baseline>) -> bool {
        for note in &judged.notes {
            if !note.starts_with(check::HABIT) || self.habits.insert(note.clone()) {
                self.progress.clear();
                say::line(&format!("{}: {note}", judged.case.scenario.name()));
            }
        }
        let mut case = reported(self.args, &judged, baseline);
        self.failed += usize::from(case.counting().any(|finding| finding.severity == Severity::Violation));
        self.judged_any |= case.nothing.is_none();
        if judged.case.recipe.is_some() && case.counting().next().is_some() {
            // Told once all are known that show the same.
            self.failures.take(judged, &case);
        } else {
            self.keeper.keep(&judged, &mut case);
            let text = case_text(&case);
            if !text.is_empty() {
                self.progress.clear();
                let _ = print(&say::printable(&text));
            }
        }
        self.report.cases.push(case);
        self.progress.tell(now, self.failed);
        if self.args.max_fail.is_some_and(|most| self.failed >= most) {
            self.why = Some(format!("{} with violations: --max-fail", count(self.failed, "case")));
        } else if !self.judged_any && now.done >= IN_VAIN {
            self.why = Some(format!("{} in which there was nothing to judge", count(now.done, "case")));
        }
        self.why.is_none()
    }
}

/// A report is handed around: no secret of the command goes with it.
fn keep_secrets(report: &mut Report) {
    let command = redact::command(&report.command);
    if command != report.command {
        report.command = command;
        for case in &mut report.cases {
            case.again = None;
            case.shrunk.iter_mut().for_each(|shrunk| shrunk.case.again = None);
        }
    }
}

fn failure(error: &RunError) -> Failure {
    let reason = std::error::Error::source(error).map_or(String::new(), |source| format!(": {source}"));
    let told = format!("{error}{reason}");
    match error {
        RunError::Start(_) => Failure::usage(told).hint("the client's command goes behind `--`, as you would type it"),
        _ => Failure::machine(told),
    }
}
