//! The journal of a recording: what a client has received completely survives a crash.
//!
//! A text file beside the cassette, `NAME.json.journal`: a head line, then records, each with its
//! length and checksum before it. It is locked for as long as its recorder lives, so that an
//! unlocked one is an orphan, whatever its process id says.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

use super::{Cassette, Interaction, read, store, temporary};

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

/// The version that is written, and the newest that is read.
const VERSION: u64 = 1;

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "armtape-journal")]
    version: u64,
    pid: u32,
    #[serde(default)]
    command: Vec<String>,
    recorded: Option<String>,
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

fn head_line(command: &[String], recorded: &str) -> String {
    let head = serde_json::json!({
        "armtape-journal": VERSION,
        "pid": std::process::id(),
        "command": command,
        "recorded": recorded,
    });
    format!("{head}\n")
}

fn record(place: u64, cleared: &impl Cleared) -> String {
    let text = cleared.interaction().to_text();
    format!("{place} {} {:08x}\n{text}\n", text.len(), checksum(place, text.as_bytes()))
}

/// Over everything that must not change unseen.
fn checksum(place: u64, text: &[u8]) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(&place.to_le_bytes());
    checksum.update(text);
    checksum.sum()
}

/// Opens and locks a journal; `None` where there is none.
fn open_locked(cassette: &Path, create: bool) -> Result<Option<File>, JournalError> {
    let path = journal_path(cassette);
    let fail = |error| JournalError::Io { path: path.clone(), error };
    loop {
        // Not truncated: it may be somebody else's.
        let opened = OpenOptions::new().read(true).write(true).create(create).truncate(false).open(&path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !create => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = head(&mut file).map_or(0, |(head, _)| head.pid);
                return Err(JournalError::InUse { path: cassette.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        // The one who had it before may have removed the file under us: then ours is nowhere.
        if same_file(&file, &path).map_err(fail)? {
            return Ok(Some(file));
        }
    }
}

#[cfg(unix)]
pub(super) fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(super) fn same_file(_: &File, path: &Path) -> io::Result<bool> {
    // An open file cannot be removed here.
    path.try_exists()
}

fn head(file: &mut File) -> Option<(Head, usize)> {
    let mut bytes = Vec::new();
    file.rewind().ok()?;
    file.take(64 * 1024).read_to_end(&mut bytes).ok()?;
    parse_head(&bytes)
}

fn parse_head(bytes: &[u8]) -> Option<(Head, usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    Some((head, end + 1))
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

fn read_records(bytes: &[u8], path: &Path) -> Result<Recovered, JournalError> {
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

/// The record at `at`: place, interaction, and where the next one begins.
fn read_record(bytes: &[u8], at: usize) -> Option<(u64, Interaction, usize)> {
    let line_end = at + bytes[at..].iter().take(64).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[at..line_end]).ok()?;
    let mut words = line.split(' ');
    let place = words.next()?.parse().ok()?;
    let length: usize = words.next()?.parse().ok()?;
    let written = u32::from_str_radix(words.next()?, 16).ok()?;
    let start = line_end + 1;
    let end = start.checked_add(length)?;
    let text = bytes.get(start..end)?;
    if checksum(place, text) != written || bytes.get(end) != Some(&b'\n') {
        return None;
    }
    Some((place, read::interaction(text).ok()?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::tests::example;

    impl Cleared for Interaction {
        fn interaction(&self) -> &Interaction {
            self
        }
    }

    fn journal(folder: &Path) -> (PathBuf, Journal) {
        let cassette = folder.join("tape.json");
        let journal = Journal::begin(&cassette, &["client".into()], "2026-11-24T16:42:01Z").unwrap();
        (cassette, journal)
    }

    fn recovered(cassette: &Path) -> Option<Recovered> {
        let mut found = None;
        recover::<JournalError>(cassette, |recovered| {
            found = Some(recovered);
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn what_was_appended_is_recovered_in_order_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let (cassette, journal) = journal(folder.path());
        let interactions = example().interactions;
        journal.append(1, &interactions[1]).unwrap();
        journal.append(0, &interactions[0]).unwrap();
        drop(journal);
        let found = recovered(&cassette).unwrap();
        assert_eq!(found.cassette.interactions, interactions);
        assert_eq!(found.cassette.command, ["client"]);
        assert_eq!(found.damaged_at, None);
        assert!(recovered(&cassette).is_none());
        assert!(!journal_path(&cassette).exists());
    }

    #[test]
    fn a_journal_that_was_written_anew_is_the_same_journal() {
        let folder = tempfile::tempdir().unwrap();
        let (cassette, journal) = journal(folder.path());
        let interactions = example().interactions;
        journal.append(0, &interactions[1]).unwrap();
        journal.rewrite(&["other".into()], [(0, &interactions[0])].into_iter()).unwrap();
        journal.append(1, &interactions[1]).unwrap();
        journal.sync().unwrap();
        let refused = Journal::begin(&cassette, &[], "").map(drop);
        assert!(matches!(refused, Err(JournalError::InUse { pid, .. }) if pid == std::process::id()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(journal);
        let found = recovered(&cassette).unwrap();
        assert_eq!(found.cassette.interactions, interactions[..2]);
        assert_eq!((found.cassette.command, found.damaged_at), (vec!["other".to_owned()], None));
    }

    #[test]
    fn a_second_recorder_is_refused_with_the_first_ones_pid() {
        let folder = tempfile::tempdir().unwrap();
        let (cassette, journal) = journal(folder.path());
        for refused in
            [Journal::begin(&cassette, &[], "").map(drop), recover::<JournalError>(&cassette, |_| Ok(())).map(drop)]
        {
            assert!(matches!(refused, Err(JournalError::InUse { pid, .. }) if pid == std::process::id()));
        }
        journal.end().unwrap();
        Journal::begin(&cassette, &[], "").unwrap();
    }

    /// A6: cut at every byte, and every byte flipped.
    #[test]
    fn damage_costs_nothing_that_was_whole_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let (cassette, journal) = journal(folder.path());
        let interactions = example().interactions;
        journal.append(0, &interactions[1]).unwrap();
        let first = std::fs::metadata(journal_path(&cassette)).unwrap().len() as usize;
        journal.append(1, &interactions[0]).unwrap();
        drop(journal);
        let whole = std::fs::read(journal_path(&cassette)).unwrap();
        let head = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let whole_before =
            |at: usize| if at + 1 < head { &interactions[1..] } else { &interactions[1..][..usize::from(at >= first)] };
        for at in 0..whole.len() {
            let cut = read_records(&whole[..at], &cassette).unwrap().cassette.interactions;
            assert_eq!(cut, interactions[1..][..usize::from(at >= first)], "cut at {at}");
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            // The digit of the version may become a newer one.
            let Ok(read) = read_records(&flipped, &cassette) else { continue };
            let read = read.cassette.interactions;
            let kept: Vec<_> = read.iter().filter(|read| **read == interactions[1]).cloned().collect();
            assert_eq!(kept, whole_before(at), "flipped at {at}");
            assert!(
                at + 1 >= first || read.contains(&interactions[0]),
                "what stands behind the damage: flipped at {at}"
            );
        }
    }

    #[test]
    fn what_a_crashed_recorder_left_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (cassette, journal) = journal(folder.path());
        journal.append(0, &example().interactions[0]).unwrap();
        drop(journal);
        assert!(matches!(Journal::begin(&cassette, &[], ""), Err(JournalError::Orphaned { .. })));
        assert_eq!(recovered(&cassette).unwrap().cassette.interactions.len(), 1);
        Journal::begin(&cassette, &[], "").unwrap();
    }

    #[test]
    fn a_newer_journal_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cassette = folder.path().join("tape.json");
        std::fs::write(journal_path(&cassette), "{\"armtape-journal\": 2, \"pid\": 1}\nnew\n").unwrap();
        let refused = recover::<JournalError>(&cassette, |_| Ok(()));
        assert!(matches!(refused, Err(JournalError::TooNew { found: 2, .. })));
        assert!(journal_path(&cassette).exists());
    }
}
