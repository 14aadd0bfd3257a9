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
    check::{self, Baseline, Client, Judged, Plan, RunError, Runner, Settings, Target, Workers},
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
    let keeper = Keeper::new(args)?;
    let target =
        Target { words: args.command.clone(), cleared: [&["ALL_PROXY", "all_proxy"][..], identity::CLEARED].concat() };
    let client = if args.worker { Client::Worker(Workers::new(target)) } else { Client::Command(target) };
    let campaign = Runner::new(settings, client, args.jobs())
        .map_err(|error| Failure::machine(format!("cannot make certificates: {error}")))?;
    watch::start();
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let mut report = Report {
        command: args.command.clone(),
        seed: Some(args.seed),
        options: args.options(),
        shard: args.shard,
        skipped: plan.skipped.iter().map(Into::into).collect(),
        ..Report::default()
    };
    let began = Instant::now();
    let mut failures = Failures::default();
    let (mut progress, mut failed, mut judged_any, mut why) = (Progress::new(), 0, false, None);
    let mut habits = BTreeSet::new();
    let told = |judged: Judged, now: check::Progress| {
        // A habit of the client is told once.
        let is_new = |note: &&String| !note.starts_with(check::HABIT) || habits.insert((*note).clone());
        for note in judged.notes.iter().filter(is_new) {
            progress.clear();
            say::line(&format!("{}: {note}", judged.case.scenario.name()));
        }
        let mut case = reported(args, &judged, baseline.as_mut());
        failed += usize::from(case.counting().any(|finding| finding.severity == Severity::Violation));
        judged_any |= case.nothing.is_none();
        if judged.case.recipe.is_some() && case.counting().next().is_some() {
            // Told once all are known that show the same.
            failures.take(judged, &case);
        } else {
            keeper.keep(&judged, &mut case);
            let text = case_text(&case, false);
            if !text.is_empty() {
                progress.clear();
                let _ = print(&say::printable(&text));
            }
        }
        report.cases.push(case);
        progress.tell(now, failed);
        if args.max_fail.is_some_and(|most| failed >= most) {
            why = Some(format!("{} with violations: --max-fail", count(failed, "case")));
        } else if !judged_any && now.done >= IN_VAIN {
            why = Some(format!("{} in which there was nothing to judge", count(now.done, "case")));
        }
        why.is_none()
    };
    let limit = async {
        match args.max_time {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let (mut end, mut time_is_up) = (End::Reached, false);
    let ended = {
        let running = campaign.run(plan, &stop, told);
        tokio::pin!(running, limit);
        loop {
            tokio::select! {
                ended = &mut running => break ended,
                _ = signals.next() => {
                    end = End::Interrupted;
                    stop.cancel();
                }
                () = &mut limit, if !stop.is_cancelled() => {
                    time_is_up = true;
                    stop.cancel();
                }
            }
        }
    };
    progress.clear();
    ended.map_err(|error| failure(&error))?;
    let watched = (end == End::Reached).then_some(&mut signals);
    report.cases.sort_by_key(|case| case.number);
    let closed = failures.close(&campaign, args, &keeper, baseline, watched, &mut report).await;
    closed.map_err(|error| failure(&error))?;
    for case in report.cases.iter().filter(|case| case.shrunk.is_some()) {
        let _ = print(&say::printable(&case_text(&case.shown(), false)));
    }
    campaign.end().await;
    report.not_run = plan.cases.len() - report.cases.len();
    report.baseline = baseline.as_ref().map(Baseline::applied).unwrap_or_default();
    report.took = began.elapsed();
    // A report is handed around: no secret of the command goes with it.
    let command = redact::command(&args.command);
    if command != args.command {
        report.command = command;
        for case in &mut report.cases {
            case.again = None;
            case.shrunk.iter_mut().for_each(|shrunk| shrunk.case.again = None);
        }
    }
    if report.not_run > 0 {
        let reason = match end {
            End::Interrupted => "a signal".to_owned(),
            End::Reached if time_is_up => format!("{} s: --max-time", args.max_time.unwrap_or_default()),
            End::Reached => why.unwrap_or_default(),
        };
        say::line(&format!("stopped after {reason}"));
    }
    Ok((report, end))
}

fn failure(error: &RunError) -> Failure {
    let reason = std::error::Error::source(error).map_or(String::new(), |source| format!(": {source}"));
    let told = format!("{error}{reason}");
    match error {
        RunError::Start(_) => Failure::usage(told).hint("the client's command goes behind `--`, as you would type it"),
        _ => Failure::machine(told),
    }
}
