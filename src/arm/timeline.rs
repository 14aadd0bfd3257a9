//! An operation in one line, for people.

use super::{Operation, Polled, State};
use crate::cassette::Interaction;

impl Operation {
    /// Such as `PUT 202 → 3 × 202 → 200 Succeeded`: the write, the polls with equal answers
    /// together, and the end with its state. Nothing volatile is in it.
    #[must_use]
    pub fn timeline(&self, interactions: &[Interaction]) -> String {
        let mut steps = Vec::new();
        if let Some(write) = self.write {
            steps.push(step(&interactions[write]));
        }
        let mut polls = self.polls.iter().map(|poll| {
            let status = status(&interactions[*poll]);
            match self.end.as_ref().filter(|end| end.poll == *poll) {
                Some(end) => format!("{status} {}", state_word(&end.state)),
                None => status,
            }
        });
        let mut last = polls.next().map(|poll| (poll, 1));
        for poll in polls.map(Some).chain([None]) {
            match (&mut last, poll) {
                (Some((seen, times)), Some(poll)) if *seen == poll => *times += 1,
                (last, poll) => {
                    match last.take() {
                        Some((seen, 1)) if self.end.as_ref().is_some() && seen.contains(' ') => steps.push(seen),
                        Some((seen, times)) => steps.push(format!("{times} × {seen}")),
                        None => {}
                    }
                    *last = poll.map(|poll| (poll, 1));
                }
            }
        }
        if self.target != Polled::Resource
            && let Some(read) = self.final_read
        {
            steps.push(step(&interactions[read]));
        }
        steps.join(" → ")
    }
}

fn step(interaction: &Interaction) -> String {
    format!("{} {}", interaction.request.method, status(interaction))
}

fn status(interaction: &Interaction) -> String {
    interaction.response.as_ref().map_or_else(|| "no answer".to_owned(), |response| response.status.to_string())
}

fn state_word(state: &State) -> &str {
    match state {
        State::Succeeded => "Succeeded",
        State::Failed => "Failed",
        State::Canceled => "Canceled",
        State::Running(word) => word,
    }
}
