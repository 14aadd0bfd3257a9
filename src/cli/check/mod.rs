//! `armtape check`

mod again;
mod args;
mod keep;
mod list;
mod play;

use super::{
    Code,
    say::{self, Failure},
};
use crate::{
    check::Plan,
    judge::Severity,
    report::{Report, summary_text},
};

pub(super) use args::Args;

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    args.reports.prepare()?;
    let settings = args.settings()?;
    let plan = plan(&args, &settings)?;
    if args.list {
        return list::print_list(&plan);
    }
    if plan.cases.is_empty() {
        let failure = Failure::usage("there is no scenario to run");
        return Err(match plan.skipped.first() {
            Some(skipped) => failure.hint(format!("{} is left out: {}", skipped.scenario, skipped.reason)),
            None => failure.hint("`armtape check --list` lists them"),
        });
    }
    let report = play::play(&args, settings, &plan).await?;
    args.reports.write(&report)?;
    for line in summary_text(&report).lines() {
        say::line(line);
    }
    Ok(code(&report, args.fail_on))
}

/// Which cases the flags ask for.
fn plan(args: &Args, settings: &crate::check::Settings) -> Result<Plan, Failure> {
    let glob = args.scenario.as_ref().map(globset::Glob::compile_matcher);
    let mut plan = Plan::new(settings, args.ability()?, glob.as_ref(), &args.operations);
    if args.quick {
        plan = plan.quick(settings, args::QUICK);
    }
    Ok(match args.shard {
        Some((index, count)) => plan.shard(index, count),
        None => plan,
    })
}

/// What came of a report.
pub(super) fn code(report: &Report, fail_on: Severity) -> Code {
    let summary = report.summary();
    if summary.judged == 0 {
        say::line("error: nothing was judged");
        return Code::Usage;
    }
    let severe = summary.tally.violations > 0 || fail_on == Severity::Warning && summary.tally.warnings > 0;
    if severe { Code::Findings } else { Code::Fine }
}
