//! `armtape status`, `armtape accept`, `armtape reject`

use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::{
    Code,
    env::print,
    say::{self, Failure, count, printable},
};
use crate::cassette::{self, pending};

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    /// Where to look
    #[arg(value_name = "PATH", default_value = ".")]
    root: PathBuf,
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DecideArgs {
    /// Where to look
    #[arg(value_name = "PATH", default_value = ".")]
    root: PathBuf,
    /// Only cassettes whose path or file name fits
    #[arg(long, value_name = "GLOB")]
    cassette: Option<String>,
}

/// What waits: exit 1 where something does.
pub(super) fn status(args: StatusArgs) -> Result<Code, Failure> {
    let StatusArgs { root, json } = args;
    let waiting = pending(&root)?;
    if json {
        let waiting: Vec<String> = waiting.iter().map(|path| path.display().to_string()).collect();
        print(&format!("{}\n", serde_json::json!({ "pending": waiting })))?;
    } else {
        for path in &waiting {
            let kind = if path.exists() { "differs" } else { "new" };
            print(&printable(&format!("{kind}: {}\n", path.display())))?;
        }
        say::line(&format!("{} pending", count(waiting.len(), "recording")));
    }
    Ok(if waiting.is_empty() { Code::Fine } else { Code::Findings })
}

pub(super) fn accept(args: DecideArgs) -> Result<Code, Failure> {
    decide(args, "accepted", cassette::accept)
}

pub(super) fn reject(args: DecideArgs) -> Result<Code, Failure> {
    decide(args, "rejected", cassette::reject)
}

fn decide(args: DecideArgs, done: &str, act: impl Fn(&Path) -> Result<(), cassette::Error>) -> Result<Code, Failure> {
    let DecideArgs { root, cassette } = args;
    let chosen: Option<GlobMatcher> = match &cassette {
        None => None,
        Some(glob) => Some(
            Glob::new(glob)
                .map_err(|error| Failure::usage(format!("`--cassette`: {error}")).hint("for example `create-*.json`"))?
                .compile_matcher(),
        ),
    };
    let fits = |path: &PathBuf| {
        chosen
            .as_ref()
            .is_none_or(|glob| glob.is_match(path) || path.file_name().is_some_and(|name| glob.is_match(name)))
    };
    let waiting: Vec<PathBuf> = pending(&root)?.into_iter().filter(fits).collect();
    if waiting.is_empty() {
        return Err(Failure::usage(format!("nothing that fits is pending under {}", root.display()))
            .hint("`armtape status` lists what is"));
    }
    for path in &waiting {
        act(path)?;
        say::line(&format!("{done}: {}", path.display()));
    }
    Ok(Code::Fine)
}
