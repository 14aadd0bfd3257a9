//! What a crashed recorder left behind is brought to safety by the next command that meets it.

use std::path::Path;

use super::{
    ci,
    env::typed,
    say::{self, Failure},
};
use crate::{
    cassette::{JournalError, accepted_path, is_orphaned, journal_path},
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

/// What is to be done where a recording of this name, accepted or pending, is in a journal alone.
pub(super) fn waits(recording: &Path) -> Option<String> {
    let cassette = accepted_path(recording).unwrap_or_else(|| recording.to_owned());
    is_orphaned(&cassette).then(|| {
        let journal = journal_path(&cassette);
        format!("{} holds what a recorder had when it broke off: {}", journal.display(), recovers(&cassette))
    })
}

/// What brings it to safety.
pub(super) fn recovers(cassette: &Path) -> String {
    let cassette = typed(&cassette.display().to_string()).into_owned();
    format!("the next `armtape record --cassette {cassette}` or `armtape replay {cassette}` recovers it")
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
