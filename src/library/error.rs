//! Why a tape came to nothing.
//!
//! A test that ends with one of these errors shows its `Debug`, and so that is the text for people.

use std::{collections::BTreeMap, error::Error, fmt, io, path::PathBuf};

use super::project::Unread;
use crate::{
    cassette, config,
    proxy::{RootError, TlsError},
    record::{NotStored, RecordError, Seen},
    redact::NamedError,
};

/// A tape cannot be played, or nobody asked it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// Files that cannot be read: each with its reason.
    #[error("{}", lines(.0))]
    Recordings(Vec<cassette::Error>),
    /// Recordings without an interaction.
    #[error("{}: there is no interaction on it", .0.display())]
    Empty(PathBuf),
    /// A recording that waits to be accepted.
    #[error("{path} is not accepted yet: `armtape accept {path}.new` accepts it", path = .0.display())]
    NotAccepted(PathBuf),
    /// `armtape.toml` says something that it cannot say.
    #[error("{0} ({hint})", hint = .0.hint)]
    Settings(config::Error),
    /// A host on the tape is no host name.
    #[error("{}: {reason}", path.display())]
    Host {
        /// What was opened.
        path: PathBuf,
        /// What is wrong with the host.
        reason: String,
    },
    /// No certificate can be made.
    #[error(transparent)]
    Certificates(#[from] TlsError),
    /// The machine refuses a port, a file or the working directory.
    #[error("the machine refuses what a tape needs")]
    Machine(#[from] io::Error),
    /// Nothing was asked of the tape, so there is nothing to be said of the client.
    #[error("nothing was asked of the tape{}", reasons(.refused, .distrusted))]
    NothingAsked {
        /// Hosts that were asked for and are not served.
        refused: Vec<String>,
        /// Hosts in whose name the client did not trust armtape, with the client's reason.
        distrusted: BTreeMap<String, String>,
    },
}

/// A tape can be neither played nor recorded, or nobody asked it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// It was to be played.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// There is no cassette, and nothing is to be recorded.
    #[error("{} is not there: `ARMTAPE_MODE=once cargo test` records it", .0.display())]
    NotThere(PathBuf),
    /// `ARMTAPE_MODE` names no mode.
    #[error("{0}")]
    Mode(String),
    /// What was to be the service is no URL of one, or what was to be a host is none.
    #[error("{0}")]
    Service(String),
    /// A file that was to name certificate authorities does not.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A value that was named cannot be replaced wherever it occurs.
    #[error(transparent)]
    Named(#[from] NamedError),
    /// Nothing can be recorded to this cassette.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// No certificate can be made, or there is no root to trust.
    #[error(transparent)]
    Certificates(#[from] TlsError),
    /// The machine refuses a port, a file or the working directory.
    #[error("the machine refuses what a tape needs")]
    Machine(#[from] io::Error),
    /// What was recorded could not be stored.
    #[error("{0}: {rest}", rest = .0.rest)]
    NotStored(NotStored),
    /// What was interrupted when recordings were accepted cannot be finished, or the list of used
    /// cassettes cannot be written.
    #[error(transparent)]
    Files(#[from] cassette::Error),
    /// There was nothing to record.
    #[error("nothing was recorded, so no cassette was written{}", nothing(.0))]
    NothingRecorded(Box<Seen>),
}

impl From<Unread> for ReplayError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Machine(error) => Self::Machine(error),
            Unread::Settings(error) => Self::Settings(error),
        }
    }
}

impl fmt::Debug for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_causes(self, f)
    }
}

impl fmt::Debug for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_causes(self, f)
    }
}

/// The text of an error, and below it what it says of its causes beyond that.
fn with_causes(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut told = error.to_string();
    f.write_str(&told)?;
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    for cause in causes.map(ToString::to_string) {
        if !told.contains(&cause) {
            write!(f, "\ncaused by: {cause}")?;
            told = cause;
        }
    }
    Ok(())
}

fn lines(errors: &[cassette::Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn reasons(refused: &[String], distrusted: &BTreeMap<String, String>) -> String {
    let refused = refused.iter().map(|host| format!("; {host} was asked for and is not on it"));
    let distrusted = distrusted
        .iter()
        .map(|(host, reason)| format!("; the client did not accept the certificate for {host}: {reason}"));
    refused.chain(distrusted).collect()
}

fn nothing(seen: &Seen) -> String {
    let lines = seen.lines(super::tape::ALLOW);
    let likely = if !seen.upstream_errors.is_empty() {
        None
    } else if !seen.distrusted.is_empty() {
        Some("the client does not trust `ca()`".to_owned())
    } else {
        let reason = || "the client was given neither `endpoint()` nor `proxy()`".to_owned();
        Some(seen.why_nothing(super::tape::ALLOW).unwrap_or_else(reason))
    };
    lines.into_iter().chain(likely.map(|likely| format!("likely: {likely}"))).map(|line| format!("\n{line}")).collect()
}
