//! `armtape merge`

use std::path::PathBuf;

use super::{
    Code, check,
    env::print,
    report::Reports,
    say::{self, Failure},
};
use crate::{
    judge::Severity,
    report::{MergeError, Work, case_text, merge, read, summary_text},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Reports of all shards, as `--report json=FILE` wrote them
    #[arg(value_name = "REPORT", required = true)]
    files: Vec<PathBuf>,
    /// What is enough for exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "violation", value_parser = check::severity)]
    fail_on: Severity,
    #[command(flatten)]
    reports: Reports,
}

/// What is merged.
const WANTED: &str = "give the files that `armtape check --report json=FILE` of this armtape wrote";

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    args.reports.prepare(&args.files)?;
    let mut reports = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{name}: {error}")).hint(WANTED))?;
        let report = read(&text).map_err(|error| Failure::usage(format!("{name}: {error}")).hint(WANTED))?;
        reports.push((name, report));
    }
    let report = merge(reports).map_err(|error| failure(&error))?;
    for case in report.told() {
        print(&say::printable(&case_text(&case)))?;
    }
    args.reports.write(&report)?;
    for line in summary_text(&report).lines() {
        say::line(line);
    }
    match report.work {
        Work::Check => Ok(check::code(&report, args.fail_on)),
        _ => Ok(check::by_findings(&report, args.fail_on)),
    }
}

fn failure(error: &MergeError) -> Failure {
    let hint = match error {
        MergeError::Missing(_) => "give the reports of all shards: a part that nobody saw is no pass",
        MergeError::Twice { .. } => "give each shard's report once",
        _ => "give the reports of one campaign, `--shard 1/N` to `--shard N/N` with everything else alike",
    };
    Failure::usage(error.to_string()).hint(hint)
}
