//! `--used`: the list of the cassettes that were used.

use std::path::{Path, PathBuf};

use super::{say::Failure, spare::spare};
use crate::{cassette::Used, config};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct UsedList {
    /// Put the cassettes that were used on the list in this file, for `armtape status --used`
    #[arg(long, value_name = "FILE", env = config::USED)]
    used: Option<PathBuf>,
}

impl UsedList {
    /// Before anything is played: whether the list may be written.
    ///
    /// # Errors
    ///
    /// Where it is one of the `cassettes`, or holds a recording.
    pub(super) fn prepare<P: AsRef<Path>>(&self, cassettes: &[P]) -> Result<(), Failure> {
        self.used.as_ref().map_or(Ok(()), |list| spare("--used", list, cassettes))
    }

    /// Puts them on the list, where there is one.
    pub(super) fn add<P: AsRef<Path>>(&self, cassettes: impl IntoIterator<Item = P>) -> Result<(), Failure> {
        let Some(list) = &self.used else { return Ok(()) };
        let cassettes: Vec<P> = cassettes.into_iter().collect();
        Ok(Used::at(list).add(cassettes.iter().map(AsRef::as_ref))?)
    }
}
