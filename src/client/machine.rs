//! What steps through an operation, as those see it who drive it.

use std::time::Duration;

use super::{
    lro::Operation,
    outcome::Outcome,
    terms::{Event, Step},
};

/// Steps through an operation: [`Operation`], or what a test has put around it.
pub trait Machine {
    /// What to do after `event`, which happened at `now` (time since the start).
    fn next(&mut self, event: Event, now: Duration) -> Step;

    /// The outcome of a client that is interrupted; `None` from one that does not hear it.
    fn interrupted(&mut self) -> Option<Outcome>;
}

impl Machine for Operation {
    fn next(&mut self, event: Event, now: Duration) -> Step {
        Operation::next(self, event, now)
    }

    fn interrupted(&mut self) -> Option<Outcome> {
        Some(Operation::interrupted(self))
    }
}
