//! What varies a recorded operation: one change each.

use super::Recorded;
use crate::simulate::scenario::{Answer, Fault, Form, Kind, Link, LinkHeader, Operation, RetryAfter, Target};

/// Numbers of running answers that are tried beside the recorded one.
const POLLS: [usize; 4] = [0, 1, 3, 6];

/// Seconds that a fault asks its client to wait.
const WAIT: u32 = 2;

type Variant = (String, String, Recorded);

/// All of them: a name, words, and the operation with the change.
pub(super) fn variants(recorded: &Recorded) -> Vec<Variant> {
    let mut variants = Vec::new();
    if recorded.is_polled() {
        variants.extend(other_polls(recorded));
        variants.extend(other_ends(recorded));
        variants.extend(moved(recorded));
        variants.extend(other_waits(recorded));
    }
    variants.extend(faults(recorded));
    variants
}

fn other_polls(recorded: &Recorded) -> Vec<Variant> {
    let others = POLLS.into_iter().filter(|polls| *polls != recorded.running);
    others
        .map(|polls| {
            let answers = if polls == 1 { "answer" } else { "answers" };
            (format!("polls-{polls}"), format!("{polls} running {answers}"), recorded.polled(polls))
        })
        .collect()
}

fn other_ends(recorded: &Recorded) -> Vec<Variant> {
    let ends = [("failed", "Failed"), ("canceled", "Canceled")];
    ends.into_iter()
        .filter_map(|(name, word)| Some((name.to_owned(), format!("it ends as {word}"), recorded.ended(word)?)))
        .collect()
}

fn moved(recorded: &Recorded) -> Option<Variant> {
    let (header, next) = match recorded.lead {
        Target::Monitor => (LinkHeader::Monitor, Target::NextMonitor),
        Target::Result => (LinkHeader::Result, Target::NextResult),
        _ => return None,
    };
    let mut moved = recorded.polled(recorded.running.max(2));
    let script = moved.scenario.answers.remove(&moved.lead)?;
    let (mut before, mut after) = (script.clone(), script.into_iter().skip(1).collect::<Vec<_>>());
    // The recorded URL, which those answers named, is gone.
    after.iter_mut().for_each(|answer| answer.links.retain(|link| link.header != header));
    before.truncate(1);
    let of_write = moved.scenario.answers(Target::Write).iter().flat_map(|answer| &answer.links);
    let taped = of_write.into_iter().find(|link| link.header == header).and_then(|link| link.taped);
    before[0].links = vec![Link { taped, ..Link::new(header, Form::Next) }];
    before.push(refusal(404, "NotFound"));
    moved.scenario.answers.insert(moved.lead, before);
    moved.scenario.answers.insert(next, after);
    moved.scenario.kind = Kind::Tricky;
    Some(("moved".to_owned(), "the polling URL moves after one poll".to_owned(), moved))
}

fn other_waits(recorded: &Recorded) -> Vec<Variant> {
    let waits = [
        ("no-wait", "no Retry-After", Vec::new()),
        ("wait-5", "Retry-After is 5", vec![RetryAfter::Seconds(5)]),
        ("wait-date", "Retry-After is a date", vec![RetryAfter::Date(4)]),
        ("wait-word", "Retry-After is a word", vec![RetryAfter::Text("soon".to_owned())]),
    ];
    waits
        .map(|(name, words, waits)| {
            let mut other = recorded.clone();
            for (target, answers) in &mut other.scenario.answers {
                let running = if *target == recorded.lead { recorded.running } else { 0 };
                let running = if *target == Target::Write { 1 } else { running };
                answers.iter_mut().take(running).for_each(|answer| answer.retry_after.clone_from(&waits));
            }
            (name.to_owned(), words.to_owned(), other)
        })
        .into()
}

/// Passing faults, each at each position.
fn faults(recorded: &Recorded) -> Vec<Variant> {
    let refused =
        |status: u16, code: &str| Answer { retry_after: vec![RetryAfter::Seconds(WAIT)], ..refusal(status, code) };
    let lost = |fault: Fault| Answer { fault: Some(fault), ..Answer::default() };
    let kinds = [
        ("503", "503", refused(503, "ServiceUnavailable")),
        ("429", "429 with Retry-After", refused(429, "TooManyRequests")),
        ("reset", "a reset connection", lost(Fault::Reset)),
    ];
    let mut positions = vec![(Target::Write, 0, "write".to_owned())];
    if recorded.is_polled() {
        positions.extend((0..=recorded.running).map(|poll| (recorded.lead, poll, format!("poll-{}", poll + 1))));
    }
    if recorded.lead != Target::Resource && recorded.scenario.answers.contains_key(&Target::Resource) {
        positions.push((Target::Resource, 0, "read".to_owned()));
    }
    let mut variants = Vec::new();
    for (target, at, position) in positions {
        for (name, words, answer) in &kinds {
            let mut faulty = recorded.clone();
            let Some(answers) = faulty.scenario.answers.get_mut(&target) else { continue };
            answers.insert(at.min(answers.len()), answer.clone());
            faulty.scenario.kind = Kind::Fault;
            variants.push((format!("{name}-{position}"), format!("{words} at {}", in_words(&position)), faulty));
        }
    }
    variants
}

fn in_words(position: &str) -> String {
    match position {
        "write" => "the write".to_owned(),
        "read" => "the last read".to_owned(),
        poll => poll.replace('-', " "),
    }
}

fn refusal(status: u16, code: &str) -> Answer {
    Answer { status: Some(status), code: Some(code.to_owned()), ..Answer::default() }
}

impl Recorded {
    /// With so many running answers: the recorded ones over again, or plain ones where there are none.
    fn polled(&self, polls: usize) -> Self {
        let mut other = self.clone();
        let Some(script) = other.scenario.answers.get_mut(&self.lead) else { return other };
        let (running, end) = script.split_at(self.running);
        let plain = [self.plain()];
        let running = if running.is_empty() { &plain } else { running };
        let longer: Vec<Answer> = running.iter().cycle().take(polls).chain(end).cloned().collect();
        *script = longer;
        other.running = polls;
        other
    }

    /// An answer that says that it runs.
    fn plain(&self) -> Answer {
        let (status, state) = match (self.lead, self.scenario.operation) {
            (Target::Result, _) => (202, None),
            (Target::Resource, Operation::Delete) => (200, Some("Deleting")),
            (Target::Resource, _) => (200, Some("Updating")),
            _ => (200, Some("InProgress")),
        };
        Answer { status: Some(status), state: state.map(str::to_owned), ..Answer::default() }
    }

    /// With another end, where what is polled can tell of it.
    fn ended(&self, word: &str) -> Option<Self> {
        let code = Some("TapedOperation*".to_owned());
        let end = match self.lead {
            Target::Result if word == "Failed" => Answer { status: Some(409), code, ..Answer::default() },
            Target::Result => return None,
            Target::Resource if self.scenario.operation == Operation::Delete => return None,
            Target::Resource => Answer { status: Some(200), state: Some(word.to_owned()), ..Answer::default() },
            _ => Answer { status: Some(200), state: Some(word.to_owned()), code, ..Answer::default() },
        };
        let mut other = self.clone();
        let script = other.scenario.answers.get_mut(&self.lead)?;
        script.truncate(self.running);
        script.push(end);
        if self.lead != Target::Resource {
            other.scenario.answers.remove(&Target::Resource);
        }
        Some(other)
    }
}
