//! The forms in which a recording is played: which request comes when, and which of the recorded
//! answers it has to get.

use armtape::{arm::Operation, replay::Polls};

use crate::{
    random::{Random, number},
    recording::Recording,
};

/// How a client may differ from the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Not at all.
    Recorded,
    /// What does not depend on each other comes in any order.
    Interleaved,
    /// 20 more polls after each operation's end, and 20 when all is over.
    MorePolls,
    /// Only the first poll of each operation, which is to find it at its end.
    OnePoll,
    /// Every read twice.
    Twice,
    /// Several clients on one server.
    AtOnce,
    /// After `armtape redact`, a client of another subscription and tenant.
    Redacted,
}

/// One request, by the interaction that it repeats, and the interaction whose answer it has to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) asks: usize,
    pub(crate) gets: usize,
}

/// Clients at once.
pub(crate) const PLAYERS: usize = 8;

/// Polls after the end.
const MORE: usize = 20;

/// Random orders that are tried in every run; their seeds are 0, 1, 2 and so on.
const ORDERS: u64 = 8;

impl Form {
    pub(crate) const ALL: [Self; 7] =
        [Self::Recorded, Self::Interleaved, Self::MorePolls, Self::OnePoll, Self::Twice, Self::AtOnce, Self::Redacted];

    /// As the page calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Interleaved => "interleaved",
            Self::MorePolls => "20 more polls",
            Self::OnePoll => "one poll",
            Self::Twice => "twice",
            Self::AtOnce => "8 at once",
            Self::Redacted => "redacted",
        }
    }

    pub(crate) fn polls(self) -> Polls {
        match self {
            Self::OnePoll => Polls::Number(0),
            _ => Polls::Recorded,
        }
    }

    /// The plays of this form: each begins with a fresh tape.
    pub(crate) fn plays(self, recording: &Recording) -> Vec<Vec<Step>> {
        match self {
            Self::Recorded | Self::AtOnce | Self::Redacted => vec![(0..recording.len()).map(Step::recorded).collect()],
            Self::Interleaved => interleaved(recording),
            Self::MorePolls => vec![more_polls(recording)],
            Self::OnePoll => vec![one_poll(recording)],
            Self::Twice => vec![twice(recording)],
        }
    }
}

impl Step {
    fn recorded(number: usize) -> Self {
        Self { asks: number, gets: number }
    }
}

/// Random orders that keep every order which a client has to keep.
fn interleaved(recording: &Recording) -> Vec<Vec<Step>> {
    let earlier = |later: usize| (0..later).filter(move |earlier| recording.in_order(*earlier, later));
    let before: Vec<Vec<usize>> = (0..recording.len()).map(|later| earlier(later).collect()).collect();
    (0..number("ARMTAPE_ORDERS", ORDERS)).map(|seed| in_random_order(&before, seed)).collect()
}

/// `before`: of each interaction, those that have to come earlier.
fn in_random_order(before: &[Vec<usize>], seed: u64) -> Vec<Step> {
    let mut random = Random::new(seed);
    let mut left: Vec<usize> = (0..before.len()).collect();
    let mut sent = vec![false; before.len()];
    let mut steps = Vec::with_capacity(before.len());
    while !left.is_empty() {
        let is_free = |place: &usize| before[left[*place]].iter().all(|earlier| sent[*earlier]);
        let free: Vec<usize> = (0..left.len()).filter(is_free).collect();
        let chosen = left.remove(free[usize::try_from(random.below(free.len() as u64)).unwrap_or(0)]);
        sent[chosen] = true;
        steps.push(Step::recorded(chosen));
    }
    steps
}

fn more_polls(recording: &Recording) -> Vec<Step> {
    let mut steps = Vec::new();
    for number in 0..recording.len() {
        steps.push(Step::recorded(number));
        let operation = recording.polls[number].map(|operation| &recording.operations[operation]);
        if operation.is_some_and(|operation| operation.terminal_poll() == Some(number)) {
            steps.extend([Step::recorded(number); MORE]);
        }
    }
    for end in recording.operations.iter().filter_map(Operation::terminal_poll) {
        // What later writes changed, or a later operation was given as well, has gone on.
        let is_past = |later: usize| {
            recording.changes(later, end)
                || (recording.asks_the_same(later, end) && recording.polls[later] != recording.polls[end])
        };
        if !(end + 1..recording.len()).any(is_past) {
            steps.extend([Step::recorded(end); MORE]);
        }
    }
    steps
}

fn one_poll(recording: &Recording) -> Vec<Step> {
    let step = |number: usize| {
        let Some(operation) = recording.polls[number].map(|operation| &recording.operations[operation]) else {
            return Some(Step::recorded(number));
        };
        (operation.polls.first() == Some(&number))
            .then(|| Step { asks: number, gets: operation.terminal_poll().unwrap_or(number) })
    };
    (0..recording.len()).filter_map(step).collect()
}

/// Nobody can know which of a client's two equal reads is the one that was recorded, so the tape goes on
/// with each: the next recorded answer since the last write that changes what is read, and the last
/// one for ever.
fn twice(recording: &Recording) -> Vec<Step> {
    let mut asked = vec![0; recording.len()];
    let mut steps = Vec::new();
    for number in 0..recording.len() {
        if recording.is_write(number) {
            steps.push(Step::recorded(number));
            continue;
        }
        let answers = answers(recording, number);
        for _ in 0..2 {
            let times = &mut asked[answers[0]];
            steps.push(Step { asks: number, gets: answers[(*times).min(answers.len() - 1)] });
            *times += 1;
        }
    }
    steps
}

/// The recorded answers that this read may get, in order.
fn answers(recording: &Recording, read: usize) -> Vec<usize> {
    if let Some(operation) = recording.polls[read].map(|operation| &recording.operations[operation]) {
        let ended = operation.polls.iter().position(|poll| operation.terminal_poll() == Some(*poll));
        return operation.polls[..ended.map_or(operation.polls.len(), |ended| ended + 1)].to_vec();
    }
    let since = |read: usize| (0..read).rev().find(|write| recording.changes(*write, read));
    let same = |other: &usize| {
        recording.polls[*other].is_none()
            && !recording.is_write(*other)
            && recording.asks_the_same(*other, read)
            && since(*other) == since(read)
    };
    (0..recording.len()).filter(same).collect()
}
