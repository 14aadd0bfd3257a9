//! The Customer Insights Profile type: its published shape, what makes a body invalid, and bodies to
//! try a client or a service with.
//!
//! - [`judge`] says what is wrong with a body, [`judge_put`] with a whole PUT, [`judge_answer`] with
//!   what a service shows. All three apply the [`RULES`], `PROFILE-01` to `PROFILE-44`.
//! - With the feature `profile`, [`valid`], [`unusual`], [`invalid`] and their siblings are proptest
//!   strategies for bodies, [`names`] and [`api_versions`] for what stands in the URL.
//!
//! ```
//! # #[cfg(feature = "profile")] {
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(16), |(body in armtape::profile::valid())| {
//!     let text = body.to_string();
//!     prop_assert!(armtape::profile::judge(text.as_bytes()).is_empty());
//! });
//! # }
//! ```
//!
//! Pure: no clock, no socket, no file.

mod model;
mod place;
mod rule;
mod rules;
#[cfg(feature = "profile")]
mod strategies;

pub use model::writes;
pub use place::Place;
pub(crate) use rule::judge_as_read;
pub use rule::{Around, Evidence, Finding, Rule, Severity, judge, judge_answer, judge_put};
pub use rules::{API_VERSIONS, RULES, is_name};
#[cfg(feature = "profile")]
pub use strategies::{
    Case, Payload, api_versions, draw, invalid, invalid_api_versions, invalid_names, invalid_of, invalid_pair, names,
    not_json, unusual, unusual_of, valid, valid_with_null,
};
