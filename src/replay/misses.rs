//! The requests that a replay did not answer from the tape: explained, up to a bound, and counted.

use std::fmt;

use super::{account::count, miss::Miss, sessions::MOST};

/// Most misses that are kept with their explanation: nobody reads more, and a client that makes up
/// its targets may run for days.
const EXPLAINED: usize = 100;

/// What was not answered, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misses {
    /// Requests that the tape did not know, each told once, with how often it came; the first 100.
    pub explained: Vec<(Miss, u32)>,
    /// Requests that the tape did not know and that are none of those.
    pub more: usize,
    /// Requests of clients with values of their own, when there were too many of those already.
    pub crowded: usize,
    /// Requests with a body that is too large to be compared.
    pub oversized: usize,
}

impl Misses {
    pub(super) fn add(&mut self, miss: Miss) {
        if let Some((_, times)) = self.explained.iter_mut().find(|(known, _)| known.is_like(&miss)) {
            *times += 1;
        } else if self.explained.len() < EXPLAINED {
            self.explained.push((miss, 1));
        } else {
            self.more += 1;
        }
    }

    /// Whether everything was answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.explained.is_empty() && self.crowded == 0 && self.oversized == 0
    }

    /// What is counted only, in sentences.
    pub(crate) fn counted(&self) -> impl Iterator<Item = String> {
        let Self { more, crowded, oversized, .. } = *self;
        let more = (more > 0).then(|| {
            let more = count(more, "more request");
            format!("{more} missing from the tape, not explained: the first {EXPLAINED} are")
        });
        let crowded = (crowded > 0).then(|| {
            let refused = count(crowded, "request");
            format!("{refused} refused: {MOST} clients with values of their own had come before")
        });
        let oversized = (oversized > 0).then(|| {
            let refused = count(oversized, "request");
            format!("{refused} refused: a body of more than 16 MiB is not compared with the tape")
        });
        [more, crowded, oversized].into_iter().flatten()
    }

    /// In a few words: requests that are like each other count as one, as far as they are explained.
    pub(super) fn total(&self) -> String {
        match self.more {
            0 => format!("{} missing", self.explained.len()),
            more => format!("{} missing and {more} more not explained", self.explained.len()),
        }
    }
}

/// A line for each fact, each with its end.
impl fmt::Display for Misses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (miss, times) in &self.explained {
            let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
            writeln!(f, "missing from the tape{times}: {}", miss.lines().join("\n"))?;
        }
        self.counted().try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_explained_and_the_rest_is_counted() {
        let mut misses = Misses::default();
        for number in 0..EXPLAINED + 2 {
            for _ in 0..=number % 2 {
                misses.add(Miss { asked: format!("GET /{number}"), nearest: None, ignore: Vec::new() });
            }
        }
        assert_eq!(misses.explained.len(), EXPLAINED);
        assert!(misses.explained.iter().enumerate().all(|(number, (_, times))| *times as usize == 1 + number % 2));
        assert_eq!(misses.total(), "100 missing and 3 more not explained");
        let text = misses.to_string();
        assert!(
            text.ends_with("\n3 more requests missing from the tape, not explained: the first 100 are\n"),
            "{text}"
        );
    }
}
