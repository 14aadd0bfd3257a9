//! Cases that failed once and were accepted: they are run first, for ever.

use std::path::{Path, PathBuf};

use super::Args;
use crate::{
    cassette::Cassette,
    check::{Case, Plan, Seeded},
    cli::say::{self, Failure},
    report::{CaseReport, Report},
};

/// The accepted cases, by the names of their files.
pub(super) fn accepted(args: &Args, plan: &Plan) -> Result<Vec<Case>, Failure> {
    let folder = args.accepted();
    let mut files: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(_) => return Ok(Vec::new()),
    };
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        match read(&file, plan)? {
            Some(case) => cases.push(case),
            None => say::line(&format!("{}: not run: no case is noted on it that there is", file.display())),
        }
    }
    Ok(cases)
}

fn read(file: &Path, plan: &Plan) -> Result<Option<Case>, Failure> {
    let cassette = Cassette::load(file).map_err(|error| Failure::usage(error.to_string()))?;
    let Some(seeded) = Seeded::of(&cassette) else { return Ok(None) };
    // One of `--from` is made of the tape that is given again.
    let planned = || plan.cases.iter().find(|case| case.scenario.name() == seeded.name);
    let again = || planned().map(|case| Case { kept: Some(file.to_owned()), ..case.clone() });
    Ok(seeded.case(file.to_owned()).or_else(again))
}

/// Says which of them pass.
pub(super) fn tell(plan: &[Case], report: &Report) {
    let is_clean = |case: &CaseReport| case.nothing.is_none() && case.counting().next().is_none();
    for kept in plan.iter().filter(|case| case.kept.is_some()) {
        let passes = report.cases.iter().any(|case| case.number == kept.number && is_clean(case));
        if let Some(file) = kept.kept.as_ref().filter(|_| passes) {
            say::line(&format!("passes: {}", file.display()));
        }
    }
}
