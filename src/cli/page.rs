//! What goes onto a page is redacted first: a page is handed around.

use super::{say::Failure, settings::Settings};
use crate::{
    cassette::Cassette,
    redact::{self, Named, Rules},
};

/// Puts stand-ins in the place of what no page may say.
#[derive(Debug)]
pub(super) struct Cleaner(redact::Settings);

impl Cleaner {
    /// By the rules of the project.
    ///
    /// # Errors
    ///
    /// Where its `armtape.toml` cannot be read, or has a rule that is none.
    pub(super) fn of(settings: &Settings) -> Result<Self, Failure> {
        Self::by(settings.read()?.sections.redact)
    }

    /// By these.
    ///
    /// # Errors
    ///
    /// Where one of them is none.
    pub(super) fn by(settings: redact::Settings) -> Result<Self, Failure> {
        Rules::new(&settings)?;
        Ok(Self(settings))
    }

    /// The recording as it may be shown.
    ///
    /// # Errors
    ///
    /// None that [`Cleaner::by`] has not found already.
    pub(super) fn clean(&self, tape: &Cassette) -> Result<Cassette, Failure> {
        Ok(redact::cassette(tape.clone(), Rules::new(&self.0)?, Named::default()).0)
    }
}
