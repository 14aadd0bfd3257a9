//! An operation in one line, for people.

use std::time::Duration;

use super::{ErrorBody, Operation, Polled, RetryAfter, State};
use crate::cassette::{Interaction, Response};

impl Operation {
    /// Such as `PUT 202 → 3 × 202 (90 s) → 200 Succeeded`: the write; the polls, equal ones that
    /// follow each other together, with the time that they asked to wait; the end with its state and
    /// its error. Nothing volatile is in it: docs/show.md says what is promised.
    #[must_use]
    pub fn timeline(&self, interactions: &[Interaction]) -> String {
        let mut steps: Vec<String> = self.write.into_iter().map(|write| step(&interactions[write])).collect();
        let mut run: Option<Run> = None;
        for poll in &self.polls {
            let response = interactions[*poll].response.as_ref();
            if let Some(end) = self.end.as_ref().filter(|end| end.poll == *poll) {
                steps.extend(run.take().map(Run::text));
                let code = response.filter(|_| end.state != State::Succeeded).and_then(ErrorBody::of);
                let code = code.and_then(|error| error.code).map(|code| format!(" ({code})")).unwrap_or_default();
                steps.push(format!("{} {}{code}", end.status, end.state));
                continue;
            }
            // After the end the same answers repeat: their words say nothing new.
            let word = response.and_then(|response| State::word(self.target, response)).unwrap_or_default();
            let shown = format!("{} {word}", status(response));
            let asked = response.map_or(Duration::ZERO, |response| match RetryAfter::of(&response.headers) {
                Some(RetryAfter::Delay(delay)) => delay,
                _ => Duration::ZERO,
            });
            match run.as_mut().filter(|run| run.shown == shown.trim_end()) {
                Some(run) => (run.times, run.asked) = (run.times + 1, run.asked.saturating_add(asked)),
                None => {
                    steps.extend(run.take().map(Run::text));
                    run = Some(Run { shown: shown.trim_end().to_owned(), times: 1, asked });
                }
            }
        }
        steps.extend(run.map(Run::text));
        if self.target != Polled::Resource
            && let Some(read) = self.final_read
        {
            steps.push(step(&interactions[read]));
        }
        steps.join(" → ")
    }
}

/// Polls with the same answer, one after the other.
struct Run {
    shown: String,
    times: usize,
    /// The sum of their `Retry-After`.
    asked: Duration,
}

impl Run {
    fn text(self) -> String {
        let Self { shown, times, asked } = self;
        match asked.as_millis() {
            0 => format!("{times} × {shown}"),
            millis if millis % 1000 == 0 => format!("{times} × {shown} ({} s)", millis / 1000),
            millis => format!("{times} × {shown} ({millis} ms)"),
        }
    }
}

fn step(interaction: &Interaction) -> String {
    format!("{} {}", interaction.request.method, status(interaction.response.as_ref()))
}

fn status(response: Option<&Response>) -> String {
    response.map_or_else(|| "no answer".to_owned(), |response| response.status.to_string())
}
