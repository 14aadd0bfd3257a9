//! armtape records what a program really says to Azure Resource Manager (ARM), replays it offline,
//! and judges what the program did.
//!
//! Modules in reading order; each may use only those below it (`ARCHITECTURE.md`).

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
