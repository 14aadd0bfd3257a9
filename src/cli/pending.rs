//! `armtape accept`, `armtape reject`, `armtape undo`

use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::{
    Code, ci,
    say::{self, Failure, count},
    tapes,
};
use crate::{
    cassette::{Desk, Edit, pending},
    review::{self, Class, Decision, Pending},
};

/// The cassettes that are meant.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// Cassettes, or folders to look in
    #[arg(value_name = "FILE", default_value = ".")]
    roots: Vec<PathBuf>,
    /// Only cassettes whose path or file name fits
    #[arg(long, value_name = "GLOB")]
    cassette: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DecideArgs {
    #[command(flatten)]
    which: Which,
    /// Only operations of this name, as `status --json` and `diff --json` tell it
    #[arg(long, value_name = "ID")]
    operation: Vec<String>,
    /// Only operations whose heaviest change is of this class: cosmetic, additive, behavioural, breaking
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: Vec<Class>,
}

#[derive(Debug, clap::Args)]
pub(super) struct UndoArgs {}

fn class(word: &str) -> Result<Class, String> {
    Class::from_word(word).ok_or_else(|| Class::ALL.map(Class::word).join(", "))
}

pub(super) fn accept(args: &DecideArgs) -> Result<Code, Failure> {
    decide(args, Decision::Accept)
}

pub(super) fn reject(args: &DecideArgs) -> Result<Code, Failure> {
    decide(args, Decision::Reject)
}

fn decide(args: &DecideArgs, decision: Decision) -> Result<Code, Failure> {
    may_write()?;
    recover()?;
    let done = decision.word();
    let waiting = args.which.chosen()?;
    let is_whole = args.operation.is_empty() && args.class.is_empty();
    let mut edits: Vec<Edit> = Vec::new();
    let (mut told, mut shared) = (Vec::new(), Vec::new());
    for path in &waiting {
        if is_whole {
            edits.extend(if decision == Decision::Accept { review::accept(path)? } else { review::reject(path)? });
            told.push(format!("{done}: {}", path.display()));
            continue;
        }
        let pending = Pending::load(path)?;
        let fits = |item: &review::Item| {
            (args.operation.is_empty() || args.operation.contains(&item.id))
                && (args.class.is_empty() || args.class.contains(&item.class()))
        };
        let items = &pending.diff.items;
        // What has no operation of its own goes with those that show it, where these go one way.
        let one_way = items.iter().filter(|item| !item.is_shared()).all(fits);
        let chosen = |item: &review::Item| fits(item) && (one_way || !item.is_shared());
        let decisions: Vec<Decision> =
            items.iter().map(|item| if chosen(item) { decision } else { Decision::Skip }).collect();
        edits.extend(pending.edits(&decisions)?);
        let name = |item: &review::Item| format!("{} of {}", item.id, path.display());
        told.extend(items.iter().filter(|item| chosen(item)).map(|item| format!("{done}: {}", name(item))));
        shared.extend(items.iter().filter(|item| fits(item) && !chosen(item)).map(name));
    }
    if let (true, Some(name)) = (told.is_empty(), shared.first()) {
        return Err(Failure::usage(format!(
            "{name} is told of several operations, or of the whole tape, and decided with all of it"
        ))
        .hint("name these operations, or the whole recording"));
    }
    if told.is_empty() {
        let roots = args.which.roots.iter().map(|root| root.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("nothing that fits is pending under {roots}"))
            .hint("`armtape status` lists what is; with `--json`, by operation"));
    }
    desk()?.commit(&edits)?;
    for line in told {
        say::line(&line);
    }
    Ok(Code::Fine)
}

impl Which {
    /// Those that have something pending, sorted. Cases of `check` are among them only where they are named:
    /// by their path, their folder or a pattern. What is left alone is told.
    pub(super) fn chosen(&self) -> Result<Vec<PathBuf>, Failure> {
        let glob: Option<GlobMatcher> = match &self.cassette {
            None => None,
            Some(glob) => Some(
                Glob::new(glob)
                    .map_err(|error| {
                        Failure::usage(format!("`--cassette`: {error}")).hint("for example `create-*.json`")
                    })?
                    .compile_matcher(),
            ),
        };
        let fits = |path: &PathBuf| {
            glob.as_ref()
                .is_none_or(|glob| glob.is_match(path) || path.file_name().is_some_and(|name| glob.is_match(name)))
        };
        let mut waiting = Vec::new();
        for root in &self.roots {
            waiting.extend(pending(root)?.into_iter().filter(fits));
        }
        waiting.sort();
        waiting.dedup();
        let (left, waiting): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|path| !self.names(path) && tapes::keeps_case(path));
        let mut folders: Vec<&Path> = left.iter().filter_map(|path| path.parent()).collect();
        folders.dedup();
        for folder in folders {
            let cases = count(left.iter().filter(|path| path.parent() == Some(folder)).count(), "case");
            let folder = folder.display();
            say::line(&format!(
                "left alone: {cases} of `armtape check` in {folder}: name the folder to decide on them"
            ));
        }
        Ok(waiting)
    }

    /// Whether a cassette is meant by more than a folder somewhere above it.
    fn names(&self, path: &Path) -> bool {
        let is_root = |root: &PathBuf| {
            !root.is_dir() || path.parent().is_some_and(|folder| folder.canonicalize().ok() == root.canonicalize().ok())
        };
        self.cassette.is_some() || self.roots.iter().any(is_root)
    }
}

pub(super) fn undo(_: &UndoArgs) -> Result<Code, Failure> {
    may_write()?;
    for path in desk()?.undo()? {
        say::line(&format!("taken back: {}", path.display()));
    }
    Ok(Code::Fine)
}

/// The desk of the project in which armtape was started.
pub(super) fn desk() -> Result<Desk, Failure> {
    let here = std::env::current_dir();
    Ok(Desk::of(&here.map_err(|error| Failure::machine(format!("the working directory: {error}")))?))
}

/// Finishes what a killed command had decided on; not in CI, where nothing is written.
pub(super) fn recover() -> Result<(), Failure> {
    if ci::is_ci() {
        return Ok(());
    }
    let finished = desk()?.recover()?;
    if !finished.is_empty() {
        say::line(&format!("what was interrupted has been finished: {}", count(finished.len(), "file")));
    }
    Ok(())
}

/// In CI no cassette is written but by `record`.
pub(super) fn may_write() -> Result<(), Failure> {
    match ci::is_ci() {
        true => Err(Failure::usage("with CI=true recordings are neither accepted nor rejected")
            .hint("decide where the change is reviewed, and commit what comes of it")),
        false => Ok(()),
    }
}
