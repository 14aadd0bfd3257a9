//! Campaigns: scenarios played to a client, each run judged.
//!
//! - [`Plan`] says which cases there are, and why others are left out.
//! - [`Client`] is who is checked: a command that is started for each case ([`Command`]), one that stays
//!   ([`Workers`]), or a function of this process. A [`Job`] is what it is asked to do in one case.
//! - [`Runner`] runs them, many at once, and tells of each as soon as it is judged; of a generated one that
//!   fails it looks for the smallest that still does ([`Smallest`]). [`Seeded`] is what is kept of a case.
//! - [`Campaign`] is all of it for a test of one's own.
//! - [`Baseline`] is what the project lives with for now.
//!
//! A case has a listener of its own, so that cases never see each other.

mod generated;
mod plan;
mod quick;

mod client;
mod command;
pub(crate) mod family;
mod job;
mod worker;

mod case;
mod judged;
mod service;
mod set;
mod tokens;

mod campaign;
mod door;
mod shrinking;

mod baseline;

pub use baseline::{Accepted, Applied, Baseline, BaselineError};
pub use campaign::{Progress, RunError, Runner};
#[cfg(feature = "cli")]
pub(crate) use client::Ended;
pub use client::{Client, Function};
#[cfg(feature = "cli")]
pub(crate) use command::never;
pub use command::{Command, HABIT, StartError};
pub use door::{Campaign, Checked};
pub use generated::{Seeded, name, read_name, recipe_text};
pub use job::{Job, PLACEHOLDERS};
pub use judged::Judged;
pub use plan::{Ability, Case, Plan, Settings, Skipped};
pub use service::Strayed;
pub use shrinking::{Repeats, Smallest};
pub use worker::Workers;

/// `[check]` of `armtape.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Section {
    /// The file of findings that the project lives with, seen from the folder of `armtape.toml`.
    pub baseline: Option<std::path::PathBuf>,
}
