//! One model of what came of a campaign or of a look at recordings, and the forms in which people
//! and machines want it. Nothing here judges, prints or writes.

#[cfg(feature = "cli")]
pub(crate) mod html;
mod json;
mod junit;
mod kind;
mod markdown;
mod model;
pub(crate) mod text;

pub use json::json;
pub use junit::junit;
pub use kind::Kind;
pub use markdown::markdown;
pub use model::{CaseReport, Report, Reported, Shown, Summary, Tally};
pub use text::{case_text, report_text, summary_text};
