//! armtape records what a program really says to Azure Resource Manager (ARM), replays it offline,
//! and judges what the program did.
//!
//! In a Rust test (docs/library.md):
//!
//! - [`Tape`] records a conversation or plays it, by one switch; [`Replay`] plays alone.
//! - [`check::Campaign`] plays scripted services to a client, and judges each run.
//! - [`judge::judge`] holds a recording that is there already against the rules.
//! - [`profile`] judges bodies of the Customer Insights Profile type, and draws them for property tests.
//!
//! The rooms follow, the uppermost first: each may use only those below it (`ARCHITECTURE.md`).

#[cfg(feature = "cli")]
pub mod cli;

mod library;
pub use library::{Finished, Mode, Played, Playing, Recorded, Replay, ReplayError, Running, Tape, TapeError};

pub mod config;

pub mod report;

pub mod review;

pub mod check;

pub mod judge;

pub mod record;

pub mod replay;

pub mod simulate;

pub mod proxy;

pub mod client;

pub mod profile;

pub mod redact;

pub mod arm;

pub mod cassette;
