//! Handler: a virtual ARM with a Customer Insights provider, and the identity that its clients
//! ask for tokens.
//!
//! Everything here but the [`Simulator`], which stands behind the listeners, is a plain function of a
//! request, a state and a time: no socket, no clock.
//!
//! - [`Service`] behaves as the real provider was recorded to behave (`spec/profile.md`);
//!   [`Options`] chooses among what was recorded and what the documents say.
//! - [`identity`] answers token requests, so that a client runs with its own credential code and
//!   without credentials.
//! - [`scenario`] are services as data: scripts, and the truth about them.
//! - [`generated`] are services out of a grammar, with the truth of a reference model (feature
//!   `profile`).
//! - [`Faults`] are laid over any of them, or over a tape: each takes the requests that it names.
//! - [`taped()`] makes scripts of the operations of a tape, and varies them.
//! - [`seed`] is the body of the page that the project grew from.

mod generic;
mod polls;
mod reply;
pub mod seed;
mod target;

mod customer_insights;
pub mod identity;

pub mod scenario;

pub mod generated;

mod taped;

mod faults;
mod roles;

mod handler;

pub use customer_insights::{Options, Service, Update, Visible};
pub use faults::Faults;
pub use handler::{Asked, Behind, Endpoints, Simulator};
pub use polls::RunningPolls;
pub use roles::Role;
pub use taped::{LeftOut, LookUps, Missing, Taped, Tapes, taped};
