//! The cassette: model, format, reading, writing, foreign formats. No network, no clock.

mod error;
mod json;
mod model;

pub use error::{Error, ErrorKind};
pub use model::{
    Auth, Body, Cassette, Completion, Headers, Interaction, Origin, Provenance, Request, Response, StandIn, Times,
};

/// The version of the format that this armtape writes, and the newest that it reads.
///
/// 1: the first (docs/cassette.md). Not frozen yet.
pub const VERSION: u64 = 1;
