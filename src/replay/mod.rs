//! Handler: match, answer, account for every interaction.
//!
//! - [`Rules`] say what may differ between two requests that are the same.
//! - [`Script`] is a cassette made ready: what may be asked, found by hash and never by a scan, and
//!   the operations. It does not change.
//! - [`World`] is what has happened so far on this tape, and decides what comes next.
//! - `Variables` are what may differ; `Sessions` give each client values and a world of its own.
//! - `miss` explains a request that the tape does not know; [`Misses`] keeps what was explained.
//! - [`Account`] says what was used, repeated, missing and left over.
//! - [`Player`] puts them behind the server, and keeps what was said for whoever judges the client.
//!
//! Everything but the player is pure. The player has no way out: replay cannot reach the network.

mod rules;

mod hash;
mod key;
mod meaning;
mod pace;

mod hosts;
mod index;
mod script;
mod writes;

mod progress;
mod world;

mod difference;
mod made;
mod near;
mod urls;

mod declared;
mod minted;
mod mould;
mod needles;
mod session;
mod sessions;
mod variables;
mod words;

mod account;
mod miss;
mod misses;

mod doors;
mod heard;
mod hidden;
mod player;
mod trace;
mod wire;

#[cfg(test)]
mod tests;

pub use account::{Account, Line, SessionAccount};
pub use difference::{At, Difference};
pub use doors::{Door, OpenDoor, open_doors};
pub use made::Made;
pub use miss::{Miss, Nearest};
pub use misses::Misses;
pub use pace::{Factor, Pace, Polls};
pub use player::{Player, Refused};
pub use rules::{ApiVersion, ResourceType, Rules};
pub use script::Script;
pub use world::{Given, World};
