//! The library in a test, as a user writes one.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod campaign;
mod client;
mod ending_early;
mod place;
mod readme;
mod recording;
mod replaying;
#[path = "../support/scripted.rs"]
#[allow(dead_code, reason = "every test binary uses its own part")]
mod scripted;
