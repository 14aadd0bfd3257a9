//! Campaigns: scenarios played to a client, each run judged.
//!
//! - [`Plan`] says which cases there are, and why others are left out.
//! - [`Client`] is who is checked: a command that is started for each case ([`Target`]), one that stays
//!   ([`Workers`]), or a function of this process. A [`Job`] is what it is asked to do in one case.
//! - [`Runner`] runs them, many at once, and tells of each as soon as it is judged.
//! - [`Campaign`] is all of it for a test of one's own.
//!
//! A case has a listener of its own, so that cases never see each other.

mod campaign;
mod case;
mod client;
mod door;
mod job;
mod kinds;
mod plan;
mod service;
mod tokens;
mod worker;

pub use campaign::{Progress, RunError, Runner};
pub use case::Judged;
pub use client::{StartError, Target};
pub use door::{Campaign, Checked};
pub use job::{Job, PLACEHOLDERS};
pub use kinds::{Client, Function};
pub use plan::{Ability, Case, Plan, Settings, Skipped};
pub use worker::Workers;
