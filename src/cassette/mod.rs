//! The cassette: model, format, reading, writing, foreign formats. No network, no clock.
//!
//! - [`Cassette`] and its parts are the model: what any reader of a recording gets.
//! - [`Cassette::load`] reads our own format and the foreign ones, [`Cassette::to_text`] writes ours.
//! - [`store`] puts a recording on the disk: accepted, unchanged or pending.
//!
//! The format itself is described in docs/cassette.md.

mod model;

mod json;
mod json_path;
mod spacing;

mod read;
mod write;

mod foreign;

mod batch;
mod journal;
mod pending;
mod reel;
mod sidecar;
mod store;
mod temporary;

mod freshness;
mod used;

mod error;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use batch::{Desk, Edit};
pub use error::{Error, ErrorKind};
#[cfg(test)]
pub(crate) use foreign::CREDENTIALS;
pub use freshness::{Age, Freshness, Stale};
pub use journal::{Cleared, Journal, JournalError, Recovered, is_orphaned, journal_path, recover};
pub(crate) use json::Key;
pub use json_path::JsonPath;
pub(crate) use json_path::{Places, member};
pub use model::{
    Auth, Body, Cassette, Completion, Headers, Interaction, Origin, Provenance, Request, Response, StandIn, Times,
};
#[cfg(feature = "cli")]
pub(crate) use pending::accepted_path;
pub use pending::{accepted, crashed, pending};
pub use read::holds_recording;
pub(crate) use read::is_recording;
pub use reel::{Place, Reel, recordings};
#[cfg(feature = "cli")]
pub(crate) use sidecar::remove_unnamed_bodies;
pub use store::{Stored, pending_path, save, store};
pub(crate) use store::{folder_of, text_at, write_whole};
pub use used::Used;

/// The version of the format that this armtape writes, and the newest that it reads.
///
/// 1: the first (docs/cassette.md). Not frozen yet.
pub const VERSION: u64 = 1;
