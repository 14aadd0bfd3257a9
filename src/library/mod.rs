//! A tape in a test of one's own: a server in this process, and an account at the end.
//!
//! - [`Replay`] plays a tape; [`Playing`] serves it, and [`Played`] is the account.
//! - [`Tape`] plays it, too, or records it, as [`Mode`] and `ARMTAPE_MODE` say; [`Running`] serves, and
//!   what came of it is [`Finished`].
//! - `served` is the thread on which the server runs; `project` is what is read before anything is opened.

mod project;
mod served;

mod error;
mod played;
mod replay;

mod recorded;
mod rolling;
mod running;
mod tape;

pub use crate::record::Mode;
pub use error::{ReplayError, TapeError};
pub use played::Played;
pub use recorded::Recorded;
pub use replay::{Playing, Replay};
pub use running::{Finished, Running};
pub use tape::Tape;
