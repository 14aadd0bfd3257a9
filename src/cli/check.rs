//! `armtape check`

mod again;
mod args;
mod chosen;
mod failures;
mod keep;
mod known;
mod list;
mod placeholders;
mod play;
mod progress;
mod regressions;
pub(super) mod tape;

use super::{
    Code, ci,
    say::{self, Failure},
};
use chosen::Chosen;
use globset::{Glob, GlobMatcher};
use play::End;

use crate::{
    check::{Case, Plan, Settings},
    judge::Severity,
    report::{Report, summary_text},
    simulate::Taped,
};

pub(super) use args::{Args, severity};

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    args.reports.prepare(&args.read())?;
    let mut settings = args.settings()?;
    let taped = tape::read(&args, &mut settings)?;
    let mut baseline = known::baseline(&args)?;
    let plan = plan(&args, &settings, &taped)?;
    if args.list {
        return list::print_list(&args, &settings, &plan);
    }
    if plan.cases.is_empty() {
        let failure = Failure::usage("there is no scenario to run");
        return Err(match plan.skipped.first() {
            Some(skipped) => failure.hint(format!("{} is left out: {}", skipped.scenario, skipped.reason)),
            None => failure.hint(match &args.from {
                Some(file) => format!("`armtape check --from {} --list` lists them", file.display()),
                None => "`armtape check --list` lists them".to_owned(),
            }),
        });
    }
    args.can_keep()?;
    for (word, near) in placeholders::misspelled(&args.command).into_iter().filter(|_| !args.worker) {
        say::line(&format!(
            "warning: `{{{word}}}` is no placeholder, and is left as it is; did you mean `{{{near}}}`?"
        ));
    }
    let (mut report, end) = play::play(&args, settings, &plan, &mut baseline).await?;
    if let (Some(baseline), Some(reason)) = (&baseline, &args.update_baseline) {
        known::update(baseline, reason, &mut report)?;
    }
    args.reports.write(&report)?;
    regressions::tell(&plan.cases, &report);
    ci::announce(&report, &ci::notes(&report));
    for line in summary_text(&report).lines() {
        say::line(line);
    }
    Ok(match (code(&report, args.fail_on), end) {
        // What was not played cannot pass.
        (Code::Fine, End::Interrupted) => Code::Machine,
        (code, _) => code,
    })
}

/// Which cases the flags ask for.
fn plan(args: &Args, settings: &Settings, taped: &[Taped]) -> Result<Plan, Failure> {
    let ability = args.ability()?;
    if let Some(recipe) = args.recipe {
        return Ok(Plan::of_recipe(recipe, settings));
    }
    let every = [Chosen::every()];
    let chosen = if args.scenario.is_empty() { &every[..] } else { &args.scenario };
    let (mut plan, mut globs) = (Plan { cases: Vec::new(), skipped: Vec::new() }, Vec::new());
    for chosen in chosen {
        let glob = chosen.glob().map(Glob::compile_matcher);
        let these = Plan::of(&chosen.scenarios()?, settings, ability, glob.as_ref(), &args.operations);
        plan = plan.and(these.taped(taped.to_vec(), settings, ability, glob.as_ref(), &args.operations));
        globs.push(glob);
    }
    let is_meant = |case: &Case| {
        let fits = |glob: &Option<GlobMatcher>| glob.as_ref().is_none_or(|glob| glob.is_match(case.scenario.name()));
        globs.iter().any(fits)
    };
    // Those of `--from` are found among what is planned, before `--quick` leaves some out.
    let mut accepted = regressions::accepted(args, &plan)?;
    accepted.retain(is_meant);
    if args.quick {
        plan = plan.quick(settings, args::QUICK, args.jobs());
    }
    // Who names services of the row means these; who names scenarios, and says how many services, wants both.
    let count = args.cases();
    let of_the_row = |glob: &&GlobMatcher| glob.glob().glob().contains("GEN");
    let named: Vec<&GlobMatcher> = globs.iter().flatten().filter(of_the_row).collect();
    for only in &named {
        plan = plan.generate(settings, ability, &args.operations, count, Some(only));
    }
    if named.len() < globs.len() {
        plan = plan.generate(settings, ability, &args.operations, count, None);
    }
    let plan = plan.first(accepted);
    Ok(match args.shard {
        Some(shard) => plan.shard(shard.index, shard.count),
        None => plan,
    })
}

/// The exit code of a campaign.
pub(super) fn code(report: &Report, fail_on: Severity) -> Code {
    if report.summary().judged == 0 {
        say::line("error: nothing was judged");
        return Code::Usage;
    }
    by_findings(report, fail_on)
}

/// The exit code that the findings of a report make.
pub(super) fn by_findings(report: &Report, fail_on: Severity) -> Code {
    let tally = report.summary().tally;
    let severe = tally.violations > 0 || fail_on == Severity::Warning && tally.warnings > 0;
    if severe { Code::Findings } else { Code::Fine }
}
