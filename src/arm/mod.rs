//! What ARM means: targets, resource ids, states, waiting, errors, and the operations that a list of
//! interactions holds. Pure: no clock, no network, no file.
//!
//! The rules and their numbers (S-nn, LRO-C-nn, A-nn) are those of the ARM contract for long-running
//! operations.

mod act;
mod align;
mod alike;
mod error;
mod facts;
mod handed_out;
mod json;
mod operation;
mod overview;
mod resource_id;
mod retry_after;
mod state;
mod steady;
mod target;
mod timeline;
mod words;

pub use act::{Act, Part, Step};
pub use align::{Pair, align};
pub(crate) use alike::alike;
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
