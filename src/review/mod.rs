//! Review: what changed between two recordings, in words, and what becomes of it.
//!
//! - [`Diff`] compares two recordings by operation. Whether they say the same at all is
//!   [`crate::arm::same_facts`]; a diff is empty exactly then.
//! - [`Pending`] is a cassette with the recording that waits beside it; a [`Decision`] on each item of
//!   their diff makes the files.
//! - A review asks for these decisions one by one: `session` takes keys, `screen` shows lines; the
//!   terminal itself is `cli::terminal`.
//! - A [`Change`] is one sentence with a [`Class`]: what it means for clients (docs/review.md).

mod change;
mod decision;
mod diff;

#[cfg(feature = "cli")]
mod detail;
#[cfg(feature = "cli")]
mod screen;
#[cfg(feature = "cli")]
mod session;

mod act;
mod exchange;
mod json;
mod shared;
mod splice;
mod words;

pub use change::{Change, Class};
pub use decision::{Decision, Pending, accept, reject};
#[cfg(feature = "cli")]
pub use detail::{Line, Text};
pub use diff::{Diff, Item};
#[cfg(feature = "cli")]
pub(crate) use {
    screen::Size,
    session::{Key, Next, Session},
};

/// A text as a word that can be typed: letters and digits in lower case, with `-` between them.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '.' && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_lowercase()
}
