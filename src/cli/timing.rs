//! `--pace` and `--polls`: what the wire says of time while a tape is played.

use crate::replay::{Pace, Polls};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Timing {
    /// What the wire says of time: `instant`, `recorded`, or a factor of it, such as 0.01
    #[arg(long, value_name = "P", default_value = "instant", allow_negative_numbers = true)]
    pub(super) pace: Pace,
    /// Running answers before an operation ends: `recorded` or a number [default: 0 at `instant`, by the clock at a factor]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) polls: Option<Polls>,
}

impl Timing {
    /// Nobody waits.
    pub(super) const INSTANT: Self = Self { pace: Pace::Instant, polls: None };
}
