//! What a crashed recorder left, and what of it is whole.

use std::{
    io::{Read as _, Seek as _},
    path::Path,
};

use super::{
    JournalError, journal_path,
    lock::open_locked,
    records::{VERSION, parse_head, read_record},
};
use crate::cassette::Cassette;

/// What an orphaned journal held.
#[derive(Debug)]
pub struct Recovered {
    /// The interactions that were whole, in the order of their requests.
    pub cassette: Cassette,
    /// Where the first damaged record begins, if there is one. Bytes. Most often it is the last
    /// one, which was being written.
    pub damaged_at: Option<u64>,
    /// Whole records stood behind a damaged one: that was no crash.
    pub resumed: bool,
}

/// Reads an orphaned journal and hands it to `keep`; when that has stored it, the journal is
/// removed. Whether there was something to store; `keep` is also told of a journal in which only
/// damage was found. Doing it again changes nothing.
///
/// # Errors
///
/// Where its recorder is alive or newer than this armtape, the file system says no, or `keep` does.
pub fn recover<E: From<JournalError>>(
    cassette: &Path,
    keep: impl FnOnce(Recovered) -> Result<(), E>,
) -> Result<bool, E> {
    let path = journal_path(cassette);
    let fail = |error| E::from(JournalError::Io { path: path.clone(), error });
    let Some(mut file) = open_locked(cassette, false)? else { return Ok(false) };
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(fail)?;
    let recovered = read_records(&bytes, &path)?;
    let worth_keeping = !recovered.cassette.interactions.is_empty();
    // One that was killed over its head had nothing to lose.
    if worth_keeping || recovered.damaged_at.is_some_and(|at| at > 0) {
        keep(recovered)?;
    }
    std::fs::remove_file(&path).map_err(fail)?;
    Ok(worth_keeping)
}

/// Whether a recorder that is gone left something beside a cassette that [`recover`] would keep. Nothing is
/// changed.
#[must_use]
pub fn is_orphaned(cassette: &Path) -> bool {
    let path = journal_path(cassette);
    let holds = |bytes: &[u8]| match read_records(bytes, &path) {
        Ok(Recovered { cassette, damaged_at, .. }) => {
            !cassette.interactions.is_empty() || damaged_at.is_some_and(|at| at > 0)
        }
        Err(error) => matches!(error, JournalError::TooNew { .. }),
    };
    // Read before it is locked: a recorder that begins just now has written nothing yet, and is not hindered.
    std::fs::read(&path).is_ok_and(|bytes| holds(&bytes)) && matches!(open_locked(cassette, false), Ok(Some(_)))
}

pub(super) fn read_records(bytes: &[u8], path: &Path) -> Result<Recovered, JournalError> {
    let mut found = Vec::new();
    let mut damaged_at = None;
    let mut resumed = false;
    // A damaged head costs the command line, not the records.
    let (head, mut at) = match parse_head(bytes) {
        Some((head, _)) if head.version > VERSION => {
            return Err(JournalError::TooNew { path: path.to_owned(), found: head.version });
        }
        Some((head, at)) => (Some(head), at),
        None => (None, 0),
    };
    while at < bytes.len() {
        if let Some((place, interaction, next)) = read_record(bytes, at) {
            found.push((place, interaction));
            resumed |= damaged_at.is_some();
            at = next;
        } else {
            // A record begins on a line of its own, and no line within one looks like it.
            damaged_at.get_or_insert(at as u64);
            let end = bytes[at..].iter().position(|byte| *byte == b'\n');
            at = end.map_or(bytes.len(), |end| at + end + 1);
        }
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(Recovered {
        cassette: Cassette {
            command: head.as_ref().map(|head| head.command.clone()).unwrap_or_default(),
            recorded: head.and_then(|head| head.recorded),
            interactions: found.into_iter().map(|(_, interaction)| interaction).collect(),
            ..Cassette::default()
        },
        damaged_at,
        resumed,
    })
}
