//! Campaigns: scenarios played to a client, each run judged.
//!
//! - [`Plan`] says which cases there are, and why others are left out.
//! - [`Target`] is a client as a command, with the placeholders that each case fills.
//! - [`Campaign`] runs them, many at once, and tells of each as soon as it is judged.
//!
//! A case has a listener of its own, so that cases never see each other.

mod campaign;
mod case;
mod client;
mod plan;
mod service;

pub use campaign::{Campaign, Progress, RunError};
pub use case::Judged;
pub use client::{StartError, Target};
pub use plan::{Ability, Case, Plan, Settings, Skipped};
