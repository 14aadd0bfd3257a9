//! `--baseline`: what the project lives with for now.

use std::path::{Path, PathBuf};

use super::Args;
use crate::{
    check::{Accepted, Baseline, BaselineError},
    cli::say::{self, Failure, count},
    report::{CaseReport, Report},
};

/// The file that the flag names, or else `armtape.toml`.
///
/// # Errors
///
/// Where `armtape.toml` cannot be read.
fn file(args: &Args) -> Result<Option<PathBuf>, Failure> {
    if args.baseline.is_some() {
        return Ok(args.baseline.clone());
    }
    let config = args.settings.read()?;
    let folder = config.path.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    Ok(config.sections.check.baseline.map(|file| folder.join(file)))
}

/// Reads the baseline, if there is one.
///
/// # Errors
///
/// Where it cannot be read, or says something that it cannot say.
pub(super) fn baseline(args: &Args) -> Result<Option<Baseline>, Failure> {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let Some(path) = file(args)? else {
        return match args.update_baseline {
            None => Ok(None),
            Some(_) => Err(Failure::usage("--update-baseline: no baseline is named")
                .hint("`--baseline FILE` names it, or `baseline` in `[check]` of armtape.toml")),
        };
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Baseline::parse(&path, &text, today)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && args.update_baseline.is_some() => {
            Ok(Some(Baseline::new(&path, today)))
        }
        Err(error) => Err(Failure::usage(format!("{}: {error}", path.display()))
            .hint("`--update-baseline REASON` makes one of what is found")),
    }
}

impl From<BaselineError> for Failure {
    fn from(error: BaselineError) -> Self {
        Self::usage(error.to_string()).hint(error.hint)
    }
}

/// Counts apart what the baseline names.
pub(super) fn apply(baseline: Option<&mut Baseline>, case: &mut CaseReport) {
    let Some(baseline) = baseline else { return };
    for reported in case.findings.iter_mut().filter(|reported| reported.known.is_none()) {
        reported.baselined = baseline.accepts(reported.finding.rule, &case.scenario, &case.operation);
    }
}

/// Puts what counts into the file, for this reason; it does not count then.
///
/// # Errors
///
/// Where the file cannot be written.
pub(super) fn update(baseline: &Baseline, reason: &str, report: &mut Report) -> Result<(), Failure> {
    let mut accepted = Vec::new();
    for case in &mut report.cases {
        accept(case, reason, &mut accepted);
    }
    if accepted.is_empty() {
        say::line("baseline: nothing is to be added");
        return Ok(());
    }
    baseline.add(&accepted, reason).map_err(|error| {
        Failure::machine(format!("cannot write the baseline to {}: {error}", baseline.path().display()))
    })?;
    let added = count(accepted.len(), "finding");
    say::line(&format!("baseline: {added} added to {}, for 90 days", baseline.path().display()));
    Ok(())
}

/// Takes what counts in a case for something to live with.
fn accept(case: &mut CaseReport, reason: &str, accepted: &mut Vec<Accepted>) {
    for reported in case.findings.iter_mut().filter(|reported| reported.counts()) {
        let entry = Accepted { rule: reported.finding.rule.to_owned(), scenario: case.scenario.clone() };
        if !accepted.contains(&entry) {
            accepted.push(entry);
        }
        reported.baselined = Some(reason.to_owned());
    }
    if let Some(shrunk) = &mut case.shrunk {
        accept(&mut shrunk.case, reason, accepted);
    }
}
