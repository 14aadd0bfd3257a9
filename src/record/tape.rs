//! Where finished interactions go.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::time::Instant;

use crate::{cassette::Interaction, redact::Redacted};

/// A recording in the making.
#[derive(Debug)]
pub struct Tape {
    started: Instant,
    recorded: jiff::Timestamp,
    next: AtomicU64,
    finished: Mutex<Vec<(u64, Redacted)>>,
}

impl Tape {
    /// An empty tape that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            recorded: jiff::Timestamp::now(),
            next: AtomicU64::new(0),
            finished: Mutex::default(),
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

    /// Adds a finished interaction. Only redacted ones can be.
    pub(super) fn append(&self, place: u64, interaction: Redacted) {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).push((place, interaction));
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
    pub fn recorded(&self) -> String {
        let whole = jiff::Timestamp::from_second(self.recorded.as_second()).unwrap_or(self.recorded);
        whole.to_string()
    }

    /// Takes what is finished, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Interaction> {
        let mut finished = std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner));
        finished.sort_by_key(|(place, _)| *place);
        finished.into_iter().map(|(_, interaction)| interaction.into_inner()).collect()
    }
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}
