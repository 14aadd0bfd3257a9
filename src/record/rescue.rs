//! What a crashed recorder left behind is brought to safety by the next one.

use std::path::{Path, PathBuf};

use super::RecordError;
use crate::{
    arm::{count, same_facts},
    cassette::{Cassette, Stored, recover, store},
    redact::{self, Rules, Settings},
};

/// What became of the journal of a recorder that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The cassette that was being recorded.
    pub cassette: PathBuf,
    /// How many interactions were whole.
    pub interactions: usize,
    /// Where they are now; `None` where there was none.
    pub stored: Option<Stored>,
    /// Where the first damaged record began. Bytes.
    pub damaged_at: Option<u64>,
    /// Whole records stood behind a damaged one.
    pub resumed: bool,
}

/// Looks for the journal of a recorder that is gone. What it holds becomes a pending cassette:
/// nobody knows how its client ended. `settings` are the project's rules for secrets.
///
/// # Errors
///
/// Where the recorder is alive, or the file system says no. Nothing is lost then.
pub fn rescue(cassette: &Path, settings: &Settings) -> Result<Option<Rescued>, RecordError> {
    let mut rescued = None;
    recover(cassette, |mut found| {
        // Its stand-ins are numbered as they came; a tape has them in order.
        let accepted = Cassette::load(cassette).ok();
        found.cassette = redact::recovered(found.cassette, accepted.as_ref(), Rules::new(settings)?);
        let interactions = found.cassette.interactions.len();
        let stored = match interactions {
            0 => None,
            _ => Some(store(&found.cassette, cassette, false, same_facts)?),
        };
        let (damaged_at, resumed) = (found.damaged_at, found.resumed);
        rescued = Some(Rescued { cassette: cassette.to_owned(), interactions, stored, damaged_at, resumed });
        Ok::<(), RecordError>(())
    })?;
    Ok(rescued)
}

impl Rescued {
    /// In words, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let begun = format!("an earlier recording of {} did not come to its end:", self.cassette.display());
        let Some(stored) = &self.stored else { return vec![format!("{begun} nothing in it is whole")] };
        let (path, replaced) = match stored {
            Stored::New(path) | Stored::Unchanged(path) => (path, false),
            Stored::Pending { path, replaced } => (path, *replaced),
        };
        let number = count(self.interactions, "interaction");
        let mut lines = vec![format!("{begun} {number} recovered, pending as {}", path.display())];
        if replaced {
            lines.push("it replaced an earlier pending recording that nobody had reviewed".to_owned());
        }
        lines.extend(self.damaged_at.map(|at| match self.resumed {
            true => format!("its journal is damaged at byte {at}; what stands behind that was recovered, too"),
            false => format!("its journal is damaged from byte {at} on: what was being written when it ended"),
        }));
        lines
    }
}
