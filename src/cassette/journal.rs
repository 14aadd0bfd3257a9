//! The journal of a recording: what a client has received completely survives a crash.
//!
//! A text file beside the cassette, `NAME.json.journal`: a head line, then records, each with its
//! length and checksum before it. It is locked for as long as its recorder lives, so that an
//! unlocked one is an orphan, whatever its process id says.

mod lock;
mod records;
mod recovery;
#[cfg(test)]
mod tests;

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use self::{
    lock::open_locked,
    records::{head_line, record},
    recovery::read_records,
};
use super::{Interaction, store, temporary};

pub(super) use lock::same_file;
pub use recovery::{Recovered, is_orphaned, recover};

/// Where the journal of a cassette is.
#[must_use]
pub fn journal_path(cassette: &Path) -> PathBuf {
    let mut name = cassette.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

/// What a journal takes: an interaction of which nothing has to be hidden any more
/// ([`crate::redact::Redacted`]).
pub trait Cleared {
    /// The interaction.
    fn interaction(&self) -> &Interaction;
}

/// Why there is no journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another recorder is at work on this cassette.
    #[error("{} is being recorded by another armtape (process {pid})", path.display())]
    InUse {
        /// The cassette.
        path: PathBuf,
        /// The other's process id; 0 where it has not said it yet.
        pid: u32,
    },
    /// A crashed recorder left interactions in it, which must be recovered first.
    #[error("{} holds what a crashed recorder left", path.display())]
    Orphaned {
        /// The journal.
        path: PathBuf,
    },
    /// Written by a newer armtape.
    #[error("{} was written by a newer armtape (journal version {found})", path.display())]
    TooNew {
        /// The journal.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The file system said no.
    #[error("{}: {error}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

/// An open journal. Locked until it is dropped.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    recorded: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The client's command line, as it stands in the head.
    command: Vec<String>,
    /// How much of it is whole.
    good: u64,
}

impl Journal {
    /// Begins the journal of a recording. One that is there already must have been recovered
    /// before ([`recover`]).
    ///
    /// # Errors
    ///
    /// Where another recorder is at work or left something behind, or the file system says no.
    pub fn begin(cassette: &Path, command: &[String], recorded: &str) -> Result<Self, JournalError> {
        let path = journal_path(cassette);
        let fail = |error| JournalError::Io { path: path.clone(), error };
        let mut file = open_locked(cassette, true)?.ok_or_else(|| fail(io::ErrorKind::NotFound.into()))?;
        // Somebody may have come and crashed since we looked.
        let mut left = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut left)).map_err(fail)?;
        if !read_records(&left, &path)?.cassette.interactions.is_empty() {
            return Err(JournalError::Orphaned { path });
        }
        let head = head_line(command, recorded);
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(head.as_bytes()))
            .and_then(|()| file.sync_all())
            .and_then(|()| store::sync_folder(&path))
            .map_err(fail)?;
        let state = State { file, command: command.to_vec(), good: head.len() as u64 };
        Ok(Self { path, recorded: recorded.to_owned(), state: Mutex::new(state) })
    }

    /// Adds an interaction. When this returns, a crash of the process loses it no more.
    ///
    /// # Errors
    ///
    /// Where the file system says no. What was whole before stays whole.
    pub fn append(&self, place: u64, cleared: &impl Cleared) -> io::Result<()> {
        let record = record(place, cleared);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.file.write_all(record.as_bytes()) {
            Ok(()) => state.good += record.len() as u64,
            Err(error) => {
                // A torn record would hide those that come after it.
                let good = state.good;
                let _ = state.file.set_len(good);
                let _ = state.file.seek(SeekFrom::Start(good));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Puts another journal in the place of this one, with all that goes on the tape so far: something
    /// in it must not stay. After a crash it is either the old or the new one.
    ///
    /// # Errors
    ///
    /// Where the file system says no. The old one is as it was then.
    pub fn rewrite<'a, C: Cleared + 'a>(
        &self,
        command: &[String],
        interactions: impl Iterator<Item = (u64, &'a C)>,
    ) -> io::Result<()> {
        let mut text = head_line(command, &self.recorded);
        text.extend(interactions.map(|(place, cleared)| record(place, cleared)));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the name that a cassette being written has: whoever writes one next clears it away.
        let mut file = temporary::beside(&self.path.with_extension(""), store::folder_of(&self.path))?;
        // Locked before it has the name by which others look for it.
        match file.as_file().try_lock() {
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        }
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        let file = file.persist(&self.path).map_err(|error| error.error)?;
        store::sync_folder(&self.path)?;
        *state = State { file, command: command.to_vec(), good: text.len() as u64 };
        Ok(())
    }

    /// The client's command line, as it stands in the head.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).command.clone()
    }

    /// Brings what was appended to the disk itself, so that a crash of the machine loses it no
    /// more.
    ///
    /// # Errors
    ///
    /// Where the file system says no.
    pub fn sync(&self) -> io::Result<()> {
        // A handle of its own, so that it holds up nobody.
        let file = self.state.lock().unwrap_or_else(PoisonError::into_inner).file.try_clone()?;
        file.sync_data()
    }

    /// The recording is on the disk as a cassette: the journal has done its work.
    ///
    /// # Errors
    ///
    /// Where the file system says no; then it will be recovered once more, which loses nothing.
    pub fn end(&self) -> io::Result<()> {
        std::fs::remove_file(&self.path).or_else(|error| {
            // An empty one is recovered to nothing.
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.file.set_len(0).map_err(|_| error)
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
