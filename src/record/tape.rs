//! Where finished interactions go.

use std::{
    io,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::time::Instant;

use crate::{
    cassette::{Cassette, Journal},
    redact::{Late, RawExchange, Redacted, Redactor, Report},
};

/// Told at once when the disk fails, the first time.
type OnTrouble = Box<dyn Fn(&str) + Send + Sync>;

/// The tape that is there when a recording ends. Its stand-ins keep their names.
#[derive(Debug)]
pub enum Before<'a> {
    /// None.
    Nothing,
    /// The same was recorded before.
    Accepted(&'a Cassette),
    /// The recording goes behind it.
    Known {
        /// The tape, from which the client was answered.
        tape: Cassette,
        /// Texts of it, and what the client said in their place.
        bound: Vec<(String, String)>,
    },
}

/// A recording in the making.
///
/// Nothing that happens here may hold up the client's traffic: where the journal cannot be
/// written, the tape goes on in memory, and the trouble is told.
pub struct Tape {
    started: Instant,
    recorded: String,
    next: AtomicU64,
    redactor: Redactor,
    finished: Mutex<Vec<(u64, Redacted)>>,
    journal: Option<Journal>,
    trouble: OnceLock<String>,
    /// What the journal did not take, to be offered again.
    unwritten: Mutex<Vec<(u64, Redacted)>>,
    /// Held while those are offered to the journal again: whoever counts meanwhile must not miss
    /// them. The traffic does not take it, and so does not wait.
    offering: Mutex<()>,
    on_trouble: OnTrouble,
}

impl Tape {
    /// An empty tape that begins now and lives in memory.
    #[must_use]
    pub fn new(redactor: Redactor) -> Self {
        Self::with(redactor, now_in_seconds(), None, Box::new(|_| {}))
    }

    /// An empty tape that keeps a journal. `recorded` is the time in its head.
    #[must_use]
    pub fn with_journal(
        redactor: Redactor,
        journal: Journal,
        recorded: String,
        on_trouble: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self::with(redactor, recorded, Some(journal), Box::new(on_trouble))
    }

    fn with(redactor: Redactor, recorded: String, journal: Option<Journal>, on_trouble: OnTrouble) -> Self {
        Self {
            started: Instant::now(),
            recorded,
            redactor,
            next: AtomicU64::new(0),
            finished: Mutex::default(),
            journal,
            trouble: OnceLock::new(),
            unwritten: Mutex::default(),
            offering: Mutex::default(),
            on_trouble,
        }
    }

    /// The place of a request that has just come in: interactions are kept in the order in which
    /// their requests arrived, however long they take.
    pub(super) fn place(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Milliseconds since the tape began.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Adds a finished exchange. Nothing of it goes further before it is redacted.
    pub(super) fn append(&self, place: u64, exchange: RawExchange) {
        // Held from here on: nobody writes meanwhile what is known only now.
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let interaction = self.redactor.exchange(place, exchange);
        if let Some(late) = self.redactor.late() {
            self.mend(&late, &mut finished);
        }
        if let Some(journal) = &self.journal
            && let Err(error) = journal.append(place, &interaction)
        {
            self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).push((place, interaction.clone()));
            self.troubled(journal, &error);
        }
        finished.push((place, interaction));
    }

    /// Replaces in what is written already what nobody could know before.
    fn mend(&self, late: &Late, finished: &mut [(u64, Redacted)]) {
        let mut changed = false;
        for (_, interaction) in finished.iter_mut() {
            changed |= self.redactor.again(late, interaction);
        }
        let Some(journal) = &self.journal else { return };
        let command = journal.command();
        let command_now = self.redactor.command_again(&command);
        if !changed && command == command_now {
            return;
        }
        let _offering = self.offering.lock().unwrap_or_else(PoisonError::into_inner);
        let all = finished.iter().map(|(place, interaction)| (*place, interaction));
        match journal.rewrite(&command_now, all) {
            Ok(()) => self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).clear(),
            Err(error) => self.troubled(journal, &error),
        }
    }

    /// Brings the journal to the disk itself. Blocks: call it where that harms nobody.
    pub fn sync(&self) {
        self.catch_up();
        if let Some(journal) = &self.journal
            && let Err(error) = journal.sync()
        {
            self.troubled(journal, &error);
        }
    }

    fn troubled(&self, journal: &Journal, error: &io::Error) {
        let trouble = format!("{}: {error}", journal.path().display());
        if self.trouble.set(trouble.clone()).is_ok() {
            (self.on_trouble)(&trouble);
        }
    }

    /// Offers the journal again what it did not take: there may be space by now.
    fn catch_up(&self) {
        let Some(journal) = &self.journal else { return };
        let _offering = self.offering.lock().unwrap_or_else(PoisonError::into_inner);
        let mut offered = std::mem::take(&mut *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner));
        offered.retain(|(place, interaction)| journal.append(*place, interaction).is_err());
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).append(&mut offered);
    }

    /// How many interactions are not in the journal.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        let _offering = self.offering.lock().unwrap_or_else(PoisonError::into_inner);
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What the disk said when the journal could not be written.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.get().map(String::as_str)
    }

    /// The recording is safe elsewhere: the journal can go.
    ///
    /// # Errors
    ///
    /// Where the file system says no.
    pub fn end_journal(&self) -> io::Result<()> {
        self.journal.as_ref().map_or(Ok(()), Journal::end)
    }

    /// How many interactions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When it began, RFC 3339 in whole seconds.
    #[must_use]
    pub fn recorded(&self) -> &str {
        &self.recorded
    }

    /// Takes what is finished, in order, as it goes on the disk; with what was replaced. `command` is
    /// the client's command line, redacted; `before`, the tape that is there.
    #[must_use]
    pub fn finish(&self, command: Vec<String>, before: Before<'_>) -> (Cassette, Report) {
        let mut finished = std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner));
        finished.sort_by_key(|(place, _)| *place);
        let places: Vec<u64> = finished.iter().map(|(place, _)| *place).collect();
        let recorded = Cassette {
            command,
            recorded: Some(self.recorded.clone()),
            interactions: finished.into_iter().map(|(_, interaction)| interaction.into_inner()).collect(),
            ..Cassette::default()
        };
        // What is not on the tape leaves no gap there.
        let on_tape = |place: usize| places.partition_point(|other| *other < place as u64);
        self.redactor.number_suspects(on_tape);
        match before {
            Before::Nothing => self.redactor.finish(recorded),
            Before::Accepted(accepted) => self.redactor.finish_again(recorded, accepted),
            Before::Known { tape, bound } => self.redactor.finish_behind(tape, &bound, recorded),
        }
    }
}

/// The time as a tape has it: RFC 3339, in whole seconds.
#[must_use]
pub fn now_in_seconds() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
