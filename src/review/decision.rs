//! A pending recording, what was decided on it, and the files that this makes.

use std::path::{Path, PathBuf};

use super::{Diff, splice::splice};
use crate::{
    arm::{Act, Pair, same_facts},
    cassette::{Cassette, Edit, Error, ErrorKind, pending_path, text_at},
};

/// What becomes of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The accepted cassette says so from now on.
    Accept,
    /// The pending one does not say so any more.
    Reject,
    /// It stays pending.
    #[default]
    Skip,
}

impl Decision {
    /// What has been done, in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "rejected",
            Self::Skip => "skipped",
        }
    }
}

/// A cassette with the recording that waits beside it, as they were read.
#[derive(Debug)]
pub struct Pending {
    /// The cassette.
    pub path: PathBuf,
    /// What differs.
    pub diff: Diff,
    accepted: Option<Vec<u8>>,
    pending: Vec<u8>,
    tapes: [Cassette; 2],
    /// For the text behind the words.
    #[cfg(feature = "cli")]
    pub(super) acts: [Vec<Act>; 2],
    pairs: Vec<Pair>,
}

impl Pending {
    /// Reads both.
    ///
    /// # Errors
    ///
    /// Where one of them cannot be read; there may be no accepted one.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let waiting = pending_path(path);
        let accepted = if path.exists() { Some(read(path)?) } else { None };
        let pending = read(&waiting)?;
        let left = if accepted.is_some() { Cassette::load(path)? } else { Cassette::default() };
        let tapes = [left, Cassette::load(&waiting)?];
        let acts = [Act::of(&tapes[0].interactions), Act::of(&tapes[1].interactions)];
        let (diff, pairs) = Diff::of_aligned([&tapes[0], &tapes[1]], &acts, false);
        Ok(Self {
            path: path.to_owned(),
            diff,
            accepted,
            pending,
            tapes,
            #[cfg(feature = "cli")]
            acts,
            pairs,
        })
    }

    /// Whether there is no accepted one yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.accepted.is_none()
    }

    /// Both recordings: the accepted and the pending one.
    #[must_use]
    pub fn tapes(&self) -> [&Cassette; 2] {
        [&self.tapes[0], &self.tapes[1]]
    }

    /// What the files become by one decision for each of [`Diff::items`]. Without any item, nothing.
    ///
    /// # Errors
    ///
    /// Where an item cannot be decided apart from the others, or a large body cannot be put aside.
    pub fn edits(&self, decisions: &[Decision]) -> Result<Vec<Edit>, Error> {
        let Some(first) = decisions.iter().position(|decision| *decision != Decision::Skip) else {
            return Ok(Vec::new());
        };
        if decisions.iter().all(|decision| *decision == Decision::Accept) {
            return Ok([vec![self.accepted_as(self.pending.clone())], vec![self.pending_as(None)]].concat());
        }
        if decisions.iter().all(|decision| *decision == Decision::Reject) {
            return Ok(vec![self.pending_as(None)]);
        }
        let pairs_of = |wanted| {
            let chosen = self.diff.items.iter().zip(decisions).filter(move |(_, decision)| **decision == wanted);
            chosen.flat_map(|(item, _)| item.pairs.iter().copied()).collect::<Vec<_>>()
        };
        let apart = |spliced: Option<Cassette>| {
            let id = self.diff.items[first].id.clone();
            spliced.ok_or_else(|| Error::new(&self.path, ErrorKind::NotApart { id }))
        };
        let text = |cassette: &Cassette| {
            let text = text_at(cassette, &self.path).map_err(|error| Error::new(&self.path, ErrorKind::Io(error)))?;
            Ok::<_, Error>(text.into_bytes())
        };
        let [left, right] = self.tapes();
        let (accepted, rejected) = (pairs_of(Decision::Accept), pairs_of(Decision::Reject));
        let new_left = apart(splice(left, right, &self.pairs, &accepted, true))?;
        let new_right = apart(splice(right, left, &self.pairs, &rejected, false))?;
        let mut edits = Vec::new();
        if !accepted.is_empty() {
            edits.push(self.accepted_as(text(&new_left)?));
        }
        if same_facts(&new_left, &new_right) {
            edits.push(self.pending_as(None));
        } else if !rejected.is_empty() {
            edits.push(self.pending_as(Some(text(&new_right)?)));
        }
        Ok(edits)
    }

    fn accepted_as(&self, after: Vec<u8>) -> Edit {
        Edit { path: self.path.clone(), before: self.accepted.clone(), after: Some(after) }
    }

    fn pending_as(&self, after: Option<Vec<u8>>) -> Edit {
        Edit { path: pending_path(&self.path), before: Some(self.pending.clone()), after }
    }
}

/// The pending recording of a cassette, byte for byte, in the place of the accepted one.
///
/// # Errors
///
/// Where it is no recording, such as one with the marks of a merge in it.
pub fn accept(path: &Path) -> Result<Vec<Edit>, Error> {
    let waiting = pending_path(path);
    Cassette::load(&waiting)?;
    let before = if path.exists() { Some(read(path)?) } else { None };
    let pending = read(&waiting)?;
    let accepted = Edit { path: path.to_owned(), before, after: Some(pending.clone()) };
    Ok(vec![accepted, Edit { path: waiting, before: Some(pending), after: None }])
}

/// The pending recording of a cassette thrown away, whatever is in it.
///
/// # Errors
///
/// Where there is none.
pub fn reject(path: &Path) -> Result<Vec<Edit>, Error> {
    let waiting = pending_path(path);
    Ok(vec![Edit { before: Some(read(&waiting)?), path: waiting, after: None }])
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::new(path, ErrorKind::Io(error)))
}
