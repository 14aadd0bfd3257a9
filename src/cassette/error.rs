//! What can be wrong with a cassette: file, place, what was expected, what to do.

use std::{fmt, io, path::PathBuf};

/// A cassette cannot be read or written.
#[derive(Debug)]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What is wrong with a cassette.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file system said no.
    #[error("{0}")]
    Io(#[source] io::Error),
    /// The file is empty: a crash or a full disk, most likely.
    #[error("the file is empty")]
    Empty,
    /// Neither ours nor one of the foreign formats.
    #[error("not a recording: {found}")]
    Unrecognised {
        /// What the file looks like instead.
        found: String,
    },
    /// Two versions of it that nobody has brought together.
    #[error("the marks of a merge are in it, at line {line}")]
    Torn {
        /// Of the first mark, from 1.
        line: usize,
    },
    /// A folder in which nothing is named as a recording, or is one.
    #[error("no recording in this folder")]
    NoRecording,
    /// Not JSON, or cut off.
    #[error("not valid JSON at line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's own words.
        message: String,
    },
    /// Not YAML, or not such as a recorder writes.
    #[error("not valid YAML at line {line}, column {column}: {message}")]
    Yaml {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's own words.
        message: String,
    },
    /// Text in another encoding.
    #[error("not UTF-8 at line {line}")]
    Encoding {
        /// From 1.
        line: usize,
    },
    /// A value of the wrong type or range.
    #[error("invalid at `{json_path}` (line {line}): {message}")]
    Shape {
        /// Such as `interactions[3].response.status`.
        json_path: String,
        /// From 1.
        line: usize,
        /// What was expected.
        message: String,
    },
    /// A body that lies in a file of its own cannot be had.
    #[error("`{json_path}`: {}: {reason}", file.display())]
    Sidecar {
        /// Such as `interactions[3].response.body.file`.
        json_path: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody wrote it between the moment when it was read and the moment when it was to be written.
    #[error("the file was changed meanwhile; nothing was written")]
    ChangedMeanwhile,
    /// What belongs to what depends on the other changes, too.
    #[error("`{id}` cannot be decided apart from the other changes; nothing was written")]
    NotApart {
        /// The name of the operation.
        id: String,
    },
    /// There is no batch that could be taken back.
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// Written by a newer armtape.
    #[error("cassette version {found} is newer than this armtape, which reads up to {supported}")]
    TooNew {
        /// The file's version.
        found: u64,
        /// [`super::VERSION`].
        supported: u64,
    },
}

impl Error {
    pub(crate) fn new(path: impl Into<PathBuf>, kind: ErrorKind) -> Self {
        Self { path: path.into(), kind }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match &self.kind {
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "check the path, or record it first: `armtape record --cassette FILE -- CLIENT`"
            }
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::IsADirectory => "name one of the files in it",
            ErrorKind::Io(_) => "check the permissions and the space on the disk",
            ErrorKind::Empty => "restore it from version control, or record it again",
            ErrorKind::Unrecognised { .. } => {
                "a cassette begins with `\"armtape\": 1`; docs/formats.md names what else is read"
            }
            ErrorKind::Torn { .. } => {
                "take one side whole, such as with `git checkout --ours FILE`, or record the cassette again"
            }
            ErrorKind::NoRecording => "their names end in .har, .json, .yaml or .yml",
            ErrorKind::Encoding { .. } => "save it as UTF-8, or restore it from version control",
            ErrorKind::Syntax { .. } | ErrorKind::Yaml { .. } => {
                "the file was cut off or edited by hand: restore it from version control, or record it again"
            }
            ErrorKind::Shape { .. } => {
                "correct the field (docs/cassette.md, docs/formats.md), or record the cassette again"
            }
            ErrorKind::Sidecar { .. } => "restore the file from version control, or record the cassette again",
            ErrorKind::ChangedMeanwhile => "look at it again: `armtape status`, `armtape review`",
            ErrorKind::NotApart { .. } => "accept or reject the whole recording",
            ErrorKind::NothingToUndo => "`accept`, `reject` and `review` can be taken back, the last of them",
            ErrorKind::TooNew { .. } => "update armtape, or record the cassette again with this one",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
