//! What a crashed recorder left behind is brought to safety by the next command that meets it.

use std::path::Path;

use super::{
    ci,
    say::{self, Failure, count},
};
use crate::{
    arm::same_facts,
    cassette::{Cassette, JournalError, Stored, journal_path, recover, store},
    redact::{self, Rules, Settings},
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

/// Looks for the journal of a recorder that is gone. What it holds becomes a pending cassette:
/// nobody knows how its client ended. `settings` are the project's rules for secrets.
pub(super) fn orphan(cassette: &Path, settings: &Settings) -> Result<(), Failure> {
    recover(cassette, |mut recovered| {
        // Its stand-ins are numbered as they came; a tape has them in order.
        let accepted = Cassette::load(cassette).ok();
        recovered.cassette = redact::recovered(recovered.cassette, accepted.as_ref(), Rules::new(settings)?);
        let number = recovered.cassette.interactions.len();
        let damage = |at: u64| match (number, recovered.resumed) {
            (0, _) => "nothing in it is whole".to_owned(),
            (_, true) => format!("its journal is damaged at byte {at}; what stands behind that was recovered, too"),
            (_, false) => format!("its journal is damaged from byte {at} on: what was being written when it ended"),
        };
        if number == 0 {
            say::line(&format!(
                "an earlier recording of {} did not come to its end: {}",
                cassette.display(),
                damage(0)
            ));
            return Ok(());
        }
        let stored = store(&recovered.cassette, cassette, false, same_facts)?;
        let path = match &stored {
            Stored::New(path) | Stored::Unchanged(path) | Stored::Pending { path, .. } => path.display(),
        };
        say::line(&format!(
            "an earlier recording of {} did not come to its end: {} recovered, pending as {path}",
            cassette.display(),
            count(number, "interaction"),
        ));
        if let Stored::Pending { replaced: true, .. } = stored {
            say::line("it replaced an earlier pending recording that nobody had reviewed");
        }
        if let Some(at) = recovered.damaged_at {
            say::line(&damage(at));
        }
        Ok(())
    })
    .map(drop)
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
