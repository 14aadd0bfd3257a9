//! How far the operations of a tape have come: how many running answers they have shown, and when
//! they end.

use std::time::Duration;

use super::{hash::HashMap, pace::Polls, script::Script};

/// The operations of a tape, as they go on.
#[derive(Debug)]
pub(super) struct Progress {
    polls: Polls,
    /// Running answers shown, by operation.
    shown: Vec<u32>,
    /// When each operation began, on the server's clock.
    begun: HashMap<usize, Duration>,
}

impl Progress {
    pub(super) fn new(script: &Script, polls: Polls) -> Self {
        Self { polls, shown: vec![0; script.operations.len()], begun: HashMap::default() }
    }

    /// An operation begins, unless it has begun already.
    pub(super) fn begin(&mut self, operation: usize, moment: Duration) {
        self.begun.entry(operation).or_insert(moment);
    }

    /// How many running answers an operation showed.
    pub(super) fn shown(&self, operation: usize) -> u32 {
        self.shown[operation]
    }

    pub(super) fn show_running(&mut self, operation: usize) {
        self.shown[operation] += 1;
    }

    /// Whether an operation has shown all the running answers that it is to show.
    pub(super) fn is_over(&mut self, script: &Script, operation: usize, moment: Duration) -> bool {
        let shown = self.shown[operation];
        let begun = *self.begun.entry(operation).or_insert(moment);
        match self.polls {
            Polls::Recorded => usize::try_from(shown).is_ok_and(|shown| shown >= script.running_polls(operation).len()),
            Polls::Number(number) => shown >= number,
            Polls::Clock(factor) => moment.saturating_sub(begun) >= factor.of(script.duration(operation)),
        }
    }

    /// The next answer of an operation, and whether it is still running: running ones as the knob
    /// says, then its end for ever.
    pub(super) fn poll(&mut self, script: &Script, operation: usize, moment: Duration) -> Option<(usize, bool)> {
        let polls = &script.operations[operation].polls;
        let running = script.running_polls(operation);
        let terminal = script.operations[operation].terminal_poll();
        let shown = self.shown[operation];
        let over = self.is_over(script, operation, moment);
        let place = usize::try_from(shown).unwrap_or(usize::MAX);
        let interaction = match (running, terminal) {
            ([], Some(end)) => end,
            (_, Some(end)) if over => end,
            (running, _) => *running.get(place).or(running.last()).or(polls.last())?,
        };
        let running = Some(interaction) != terminal;
        if running {
            self.show_running(operation);
        }
        Some((interaction, running))
    }
}
