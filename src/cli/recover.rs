//! What a crashed recorder left behind is brought to safety by the next command that meets it.

use std::path::Path;

use super::{
    ci,
    say::{self, Failure},
};
use crate::{
    cassette::{JournalError, journal_path},
    record::rescue,
    redact::Settings,
};

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::InUse { .. } => {
                Self::machine(error.to_string()).hint("wait for it, or record to another `--cassette`")
            }
            JournalError::TooNew { .. } => {
                Self::usage(error.to_string()).hint("update armtape, or record to another `--cassette`")
            }
            _ => Self::machine(error.to_string()).hint("check the permissions and the space on the disk"),
        }
    }
}

/// Brings what a recorder left that is gone to safety, and says so.
pub(super) fn orphan(cassette: &Path, settings: &Settings) -> Result<(), Failure> {
    if let Some(rescued) = rescue(cassette, settings)? {
        rescued.lines().iter().for_each(|line| say::line(line));
    }
    Ok(())
}

/// As [`orphan`], for a command that only reads: what hinders the recovery does not hinder it, if
/// the cassette itself is there. In CI nothing is written by such a command.
pub(super) fn orphan_if_possible(cassette: &Path, settings: &Settings) -> Result<(), Failure> {
    if ci::is_ci() {
        let journal = journal_path(cassette);
        if journal.exists() {
            say::line(&format!("{} is left as it is: with CI=true nothing is recovered", journal.display()));
        }
        return Ok(());
    }
    match orphan(cassette, settings) {
        Err(failure) if cassette.exists() => {
            say::line(&format!("{}; {} is taken as it is", failure.message(), cassette.display()));
            Ok(())
        }
        other => other,
    }
}
