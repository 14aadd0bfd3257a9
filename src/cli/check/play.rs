//! The campaign itself: cases told as they end, with the count and what is left.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{Args, keep::kept};
use crate::{
    check::{Client, Judged, Plan, Progress, RunError, Runner, Settings, Target, Workers},
    cli::{
        child::Signals,
        env::print,
        say::{self, Failure, count},
    },
    judge::Severity,
    report::{Report, case_text},
    simulate::identity,
};

/// Plays the plan to its end, or until a limit or a signal ends it.
pub(super) async fn play(args: &Args, settings: Settings, plan: &Plan) -> Result<Report, Failure> {
    let jobs = args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(4, |cores| cores.get() * 3));
    let target =
        Target { words: args.command.clone(), cleared: [&["ALL_PROXY", "all_proxy"][..], identity::CLEARED].concat() };
    let client = if args.worker { Client::Worker(Workers::new(target)) } else { Client::Command(target) };
    let campaign = Runner::new(settings, client, jobs)
        .map_err(|error| Failure::machine(format!("cannot make certificates: {error}")))?;
    let mut signals = Signals::listen().map_err(|error| Failure::machine(format!("cannot watch signals: {error}")))?;
    let stop = CancellationToken::new();
    let mut report = Report {
        command: args.command.clone(),
        seed: args.seed,
        skipped: plan.skipped.iter().map(Into::into).collect(),
        ..Report::default()
    };
    let began = Instant::now();
    let (mut shown, mut failed) = (Instant::now(), 0);
    let told = |judged: Judged, progress: Progress| {
        for note in &judged.notes {
            say::line(&format!("{}: {note}", judged.case.scenario.name()));
        }
        let case = kept(args, &judged);
        if case.counting().any(|finding| finding.severity == Severity::Violation) {
            failed += 1;
        }
        let _ = print(&say::printable(&case_text(&case, false)));
        report.cases.push(case);
        if std::io::stderr().is_terminal() || shown.elapsed() > Duration::from_secs(5) || progress.done == progress.of {
            shown = Instant::now();
            say::line(&progress_line(progress, failed));
        }
        args.max_fail.is_none_or(|most| failed < most)
    };
    let limit = async {
        match args.max_time {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let ended = {
        let running = campaign.run(plan, &stop, told);
        tokio::pin!(running, limit);
        loop {
            tokio::select! {
                ended = &mut running => break ended,
                _ = signals.next() => stop.cancel(),
                () = &mut limit, if !stop.is_cancelled() => stop.cancel(),
            }
        }
    };
    ended.map_err(failure)?;
    report.cases.sort_by_key(|case| case.number);
    report.not_run = plan.cases.len() - report.cases.len();
    report.took = began.elapsed();
    Ok(report)
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::Start(error) => {
            let reason = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
            Failure::usage(format!("{error}{reason}"))
                .hint("the client's command goes behind `--`, as you would type it")
        }
        error => {
            let reason = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
            Failure::machine(format!("{error}{reason}"))
        }
    }
}

fn progress_line(progress: Progress, failed: usize) -> String {
    let Progress { done, of, took } = progress;
    let left = took.mul_f64((of - done) as f64 / done.max(1) as f64);
    format!("{done} of {}, {failed} with violations, about {} s left", count(of, "case"), left.as_secs())
}
