//! What a crashed recorder left behind is brought to safety by the next command that meets it.

use std::path::Path;

use super::say::{self, Failure, count};
use crate::{
    arm::same_facts,
    cassette::{JournalError, Stored, recover, store},
};

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::InUse { .. } => {
                Self::machine(error.to_string()).hint("wait for it, or record to another `--cassette`")
            }
            _ => Self::machine(error.to_string()).hint("check the permissions and the space on the disk"),
        }
    }
}

/// Looks for the journal of a recorder that is gone. What it holds becomes a pending cassette:
/// nobody knows how its client ended.
pub(super) fn orphan(cassette: &Path) -> Result<(), Failure> {
    recover(cassette, |recovered| {
        let number = recovered.cassette.interactions.len();
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
            say::line(&format!("its journal is damaged from byte {at} on: what was being written when it ended"));
        }
        Ok(())
    })
    .map(drop)
}
