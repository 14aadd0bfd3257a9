//! One model of what came of a campaign or of a look at recordings, and the forms in which people
//! and machines want it. Nothing here judges, prints or writes.

mod alike;
mod case;
#[cfg(feature = "cli")]
pub(crate) mod html;
mod model;
mod subject;

mod document;
mod junit;
mod kind;
mod markdown;
mod merge;
mod sarif;
mod text;

#[cfg(test)]
mod tests;

pub use case::conversation;
pub use document::{DocumentError, json, read};
pub use junit::junit;
pub use kind::Kind;
pub use markdown::markdown;
pub use merge::{MergeError, merge};
pub use model::{CaseReport, Noted, Report, Reported, Shard, Shown, Shrunk, Summary, Tally, Work};
pub use sarif::sarif;
pub use subject::{
    BREAKING, CHANGED, CRASHED, EXIT, IDLE, LEFT, MISSING, NOT_PLAYED, PENDING, STOPPED, Subject, UNUSED, subject,
};
pub use text::{case_text, report_text, summary_text};
