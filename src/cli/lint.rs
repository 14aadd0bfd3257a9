//! `armtape lint`

use std::path::PathBuf;

use super::{Code, lint_body, say::Failure};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The body of a PUT of a profile: what is wrong with it
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    lint_body::run(&args.body)
}
