//! What may reach the disk, and what stands in its place. Pure.
//!
//! - [`RawExchange`] is traffic as it was: no `Debug`, no `Display`, no way into a file.
//! - [`Redactor`] makes a [`Redacted`] of it: `walk` goes to every place and through every encoding,
//!   asks the rules (`rules` as data, `matcher` compiled), and `table` says what stands for a value.
//! - `gate` looks again, with other eyes, at what is about to be written.
//! - [`Redactor::finish`] numbers the stand-ins canonically (`number`), and where a tape is there
//!   already keeps its own (`same_place`); [`cassette`] does all of it to a tape.
//!
//! docs/secrets.md says what is found.

mod kind;
mod stand_in;

mod matcher;
mod rules;

mod columns;
mod gate;
mod heard;
mod json;
mod layer;
mod pairs;
mod placeholder;
mod table;
mod walk;

mod body;
mod command;
mod exchange;
mod kept;
mod raw;

mod named;
mod number;
mod order;
mod redactor;
mod report;
mod same_place;

#[cfg(test)]
mod tests;

pub use command::command;
pub use kind::Kind;
pub use matcher::{Custom, RuleError, Rules, Settings};
pub use named::{Named, NamedError};
pub use raw::{Raw, RawExchange, RawResponse};
pub use redactor::{Late, Redacted, Redactor, cassette, recovered};
pub use report::{Finding, Report};
pub use rules::{Rule, rules};

pub(crate) use body::fingerprint;
/// For a trace that is judged and never written as it is: headers that may be kept, values as they were.
pub(crate) use exchange::interaction as in_memory;
