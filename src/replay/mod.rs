//! Handler: match, answer, account for every interaction.
//!
//! - [`Rules`] say what may differ between two requests that are the same.
//! - [`Script`] is a cassette made ready: what may be asked, found by hash and never by a scan, and
//!   the operations. It does not change.
//! - [`World`] is what has happened so far on this tape, and decides what comes next.
//! - `miss` explains a request that the tape does not know.
//! - [`Account`] says what was used, repeated, missing and left over.
//! - [`Player`] puts them behind the server.
//!
//! Everything but the player is pure. The player has no way out: replay cannot reach the network.

mod rules;

mod key;
mod pace;
mod script;

mod world;

mod difference;
mod near;

mod account;
mod miss;

mod player;

#[cfg(test)]
mod tests;

pub use account::{Account, Line};
pub use difference::{At, Difference};
pub use miss::{Miss, Nearest};
pub use pace::{Pace, Polls};
pub use player::{Player, Refused};
pub use rules::{ApiVersion, ResourceType, Rules};
pub use script::Script;
pub use world::{Given, World};
