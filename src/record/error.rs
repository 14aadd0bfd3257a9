//! Why nothing can be recorded.

use std::{io, path::PathBuf};

use crate::{
    cassette::{self, JournalError},
    redact::RuleError,
};

/// Why nothing can be recorded to a cassette.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A cassette is a file.
    #[error("{} is a folder", .0.display())]
    Folder(PathBuf),
    /// Something else lies where the cassette would: it is not to be replaced.
    #[error("{} is there, and is no recording", .0.display())]
    NoRecording(PathBuf),
    /// Nothing can be written beside the cassette.
    #[error("{}: {error}", folder.display())]
    NotWritable {
        /// Where the cassette would lie.
        folder: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// Another recorder is at work on it, or its journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What a crashed recorder left cannot be stored.
    #[error(transparent)]
    Rescue(#[from] cassette::Error),
    /// The project's rules for secrets make no sense.
    #[error("`[redact]`: {0}")]
    Rules(#[from] RuleError),
}
