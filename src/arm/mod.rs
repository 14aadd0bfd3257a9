//! What ARM means. Pure: no clock, no network, no file.
//!
//! - [`Target`], [`Url`] and [`ResourceId`] are what a request is sent to; [`State`], [`RetryAfter`] and
//!   [`ErrorBody`] what an answer says.
//! - [`operations`] finds the [`Operation`]s that a list of interactions holds; an [`Overview`] tells of them.
//! - [`Act`]s are what two recordings are compared by: [`align`] pairs those that do the same, [`same_facts`]
//!   says whether nothing but what changes from run to run (`steady`) has changed.
//!
//! The rules and their numbers (S-nn, LRO-C-nn, A-nn) are those of the ARM contract for long-running
//! operations.

mod resource_id;
mod target;

mod error;
mod json;
mod retry_after;
mod state;

mod handed_out;
mod operation;

mod overview;
mod timeline;

mod act;
mod align;
mod facts;
mod steady;

mod alike;
mod words;

pub use act::{Act, Part, Step};
pub use align::{Pair, align};
pub(crate) use alike::alike;
#[cfg(test)]
pub(crate) use alike::form;
pub use error::ErrorBody;
pub use facts::{moved, same_facts};
pub(crate) use json::{document, member, member_at};
pub(crate) use operation::in_time_order;
pub use operation::{End, Operation, operations};
pub(crate) use overview::place;
pub use overview::{Other, Overview, Summary};
pub use resource_id::ResourceId;
pub use retry_after::{RetryAfter, http_date};
pub use state::{Polled, State};
pub(crate) use steady::names_of;
pub use target::{Target, Url, authority_key};
pub(crate) use target::{decode, segments};
pub(crate) use words::{count, printable};

/// Headers that may hold the URL of an operation, in the order of precedence (arm-lro.md 1.7).
pub const POLLING_HEADERS: &[&str] = &["azure-asyncoperation", "operation-location", "location"];
