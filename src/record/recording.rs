//! One recording: from its journal to its cassette.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    Before, Doubt, Origin, RecordError, Recorder, RecorderConfig, Rescued, Seen, Tape, now_in_seconds, rescue,
};
use crate::{
    arm::{count, same_facts},
    cassette::{self, Cassette, Journal, JournalError, Reel, Stored, folder_of, is_recording, journal_path, store},
    proxy::Hosts,
    redact::{Redactor, Report, Settings},
    replay::{Pace, Player, Rules, Script},
};

/// A recording that goes on. What it has is in a journal beside the cassette until it is stored: one
/// that is dropped before leaves it to the next recorder.
pub struct Recording {
    path: PathBuf,
    /// The client's command line, redacted.
    words: Vec<String>,
    tape: Arc<Tape>,
    /// What was recorded before, and is to be kept.
    known: Option<Reel>,
}

/// What a recording came to.
pub struct Take {
    /// The tape as it goes on the disk.
    pub cassette: Cassette,
    /// What was replaced on it.
    pub report: Report,
    /// What came by beside it.
    pub seen: Seen,
    /// How many interactions were recorded. With those that were known before there may be more on
    /// the tape.
    pub recorded: usize,
    /// How many requests a tape answered that was there before; `None` where none was asked.
    pub answered: Option<usize>,
    path: PathBuf,
    tape: Arc<Tape>,
}

/// A recording that could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotStored {
    /// What the file system said.
    #[source]
    pub error: cassette::Error,
    /// What became of it instead, in words.
    pub rest: String,
}

/// Whether a cassette can be written at `path`: found out before a client has created anything that
/// costs money. Makes its folder.
///
/// # Errors
///
/// Where it cannot.
pub fn writable(path: &Path) -> Result<(), RecordError> {
    let folder = folder_of(path);
    if path.is_dir() {
        return Err(RecordError::Folder(path.to_owned()));
    }
    // One that a crash has emptied may be recorded again. What cannot be read now is told of when it is compared.
    let is_other = |bytes: Vec<u8>| !bytes.is_empty() && !is_recording(&bytes, path);
    if path.is_file() && std::fs::read(path).is_ok_and(is_other) {
        return Err(RecordError::NoRecording(path.to_owned()));
    }
    let fail = |error| RecordError::NotWritable { folder: folder.to_owned(), error };
    std::fs::create_dir_all(folder).map_err(fail)?;
    // Without a name, where the system can: nothing is left of it if we are killed now.
    tempfile::tempfile_in(folder).map_err(fail)?;
    Ok(())
}

impl Recording {
    /// Begins a recording to the cassette at `path`, of a client with this command line. `known` is
    /// the tape that is there, if it is to be gone on with. What a crashed recorder left is brought to
    /// safety first, by the rules in `settings`, and told. `on_trouble` is told at once when the
    /// journal cannot be written, the first time.
    ///
    /// # Errors
    ///
    /// Where another recorder is at work on it, or the file system says no.
    pub fn begin(
        path: &Path,
        command: &[String],
        redactor: Redactor,
        settings: &Settings,
        known: Option<Reel>,
        on_trouble: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<(Self, Vec<Rescued>), RecordError> {
        let words = redactor.command(command);
        let recorded = now_in_seconds();
        let mut rescued = Vec::new();
        let journal = loop {
            match Journal::begin(path, &words, &recorded) {
                Err(JournalError::Orphaned { .. }) => rescued.extend(rescue(path, settings)?),
                begun => break begun?,
            }
        };
        let tape = Arc::new(Tape::with_journal(redactor, journal, recorded, on_trouble));
        Ok((Self { path: path.to_owned(), words, tape, known }, rescued))
    }

    /// The handler that records: what `origin` answers, but for what the tape that is there knows.
    /// `rules` and `hosts` are what the project says of that.
    ///
    /// # Errors
    ///
    /// Where a host on that tape is no host name, with the reason.
    pub fn recorder<O: Origin>(
        &self,
        config: RecorderConfig,
        origin: O,
        rules: &Rules,
        hosts: &Hosts,
    ) -> Result<Recorder<O>, String> {
        let player = |known: &Reel| {
            let script = Script::new(known.cassette.clone(), rules.clone()).at(known.places.clone());
            Player::new(script, hosts, Pace::Instant, None)
        };
        let known = self.known.as_ref().map(player).transpose()?;
        Ok(Recorder::new(config, origin, Arc::clone(&self.tape)).knowing(known))
    }

    /// Brings the journal to the disk every second, for ever: a crash of the machine loses at most the
    /// last one.
    pub fn syncing(&self) -> impl Future<Output = ()> + Send + use<> {
        const EVERY: Duration = Duration::from_secs(1);
        let tape = Arc::clone(&self.tape);
        async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let tape = Arc::clone(&tape);
                let _ = tokio::task::spawn_blocking(move || tape.sync()).await;
            }
        }
    }

    /// No client ever came: there is nothing to keep.
    ///
    /// # Errors
    ///
    /// Where the journal cannot be removed.
    pub fn abandon(self) -> io::Result<()> {
        self.tape.end_journal()
    }

    /// Ends it: `recorder` has answered its last request.
    #[must_use]
    pub fn end<O: Origin>(self, recorder: &Recorder<O>) -> Take {
        let Self { path, words, tape, known } = self;
        let recorded = tape.len();
        let answered = recorder.known().map(|player| player.account().answered);
        // One that cannot be read is told of where it is compared.
        let accepted = if known.is_none() { Cassette::load(&path).ok() } else { None };
        let before = match (known, &accepted) {
            (Some(known), _) => {
                let bound = recorder.known().map(Player::bound).unwrap_or_default();
                Before::Known { tape: known.cassette, bound }
            }
            (None, Some(accepted)) => Before::Accepted(accepted),
            (None, None) => Before::Nothing,
        };
        let (cassette, report) = tape.finish(words, before);
        Take { cassette, report, seen: recorder.seen(), recorded, answered, path, tape }
    }
}

impl Take {
    /// Stores it as [`store`] does: where there is a doubt, it waits to be accepted. The journal stays until [`Take::end_journal`].
    ///
    /// # Errors
    ///
    /// Where the file system says no. What the journal holds is recovered by the next recorder.
    pub fn store(&self, doubt: Option<Doubt>) -> Result<Stored, NotStored> {
        store(&self.cassette, &self.path, doubt.is_none(), same_facts).map_err(|error| {
            // For longer than it takes the next command to come by.
            self.tape.sync();
            let journal = journal_path(&self.path);
            let journal = journal.display();
            let number = self.cassette.interactions.len();
            let rest = match number - self.tape.unwritten().min(number) {
                0 => format!("nothing of it could be written to {journal}: the recording is lost"),
                kept => format!(
                    "{kept} of {} are in {journal}; the next `armtape record` to this cassette recovers them",
                    count(number, "interaction")
                ),
            };
            NotStored { error, rest }
        })
    }

    /// It is stored, or there is nothing in it: the journal can go.
    ///
    /// # Errors
    ///
    /// Where the file system says no. Then it is recovered once more, which loses nothing.
    pub fn end_journal(&self) -> io::Result<()> {
        self.tape.end_journal()
    }

    /// What the disk said when the journal could not be written.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.tape.trouble()
    }
}
