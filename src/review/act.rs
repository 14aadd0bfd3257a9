//! Two acts that do the same, compared step by step.

use super::{
    Change, Class,
    exchange::{self, Fact, answer},
    shared::Shared,
    words,
};
use crate::{
    arm::{Act, ErrorBody, Part, Polled, State, Step},
    cassette::{Cassette, Interaction},
};

/// What differs between two acts.
#[derive(Default)]
pub(super) struct Compared {
    /// What other acts may have in common with this one.
    pub shared: Vec<Shared>,
    /// Everything else.
    pub changes: Vec<Change>,
}

/// Compares two acts. With `timings`, how often was polled and how long it took, too.
pub(super) fn compare(left: &Act, right: &Act, tapes: [&Cassette; 2], timings: bool) -> Compared {
    let mut compared = Compared::default();
    let ends = |act, tape| end(act, tape).map(|(_, words)| words);
    if !left.says_the_same(right) || ends(left, tapes[0]) != ends(right, tapes[1]) {
        let mut left = left.clone();
        compared.shared = share(&mut left, right);
        Comparison { left: &left, right, tapes, changes: &mut compared.changes }.steps();
        if compared.changes.is_empty() && compared.shared.is_empty() {
            compared.changes.push(Change::whole(Class::Cosmetic, "is written differently"));
        }
    }
    if timings {
        compared.changes.extend(waits(left, right, tapes));
    }
    compared
}

/// The shared changes, made in `left`.
fn share(left: &mut Act, right: &Act) -> Vec<Shared> {
    let mut shared: Vec<Shared> = Vec::new();
    for part in [Part::Request, Part::Running, Part::End, Part::Read] {
        let Some(other) = right.parts(part).next() else { continue };
        let Some(one) = left.parts(part).next() else { continue };
        // The path of a polling URL is the service's; what has another name has it everywhere.
        let between = Shared::between(&one.said, &other.said).into_iter();
        let mut here: Vec<Shared> = shared.iter().filter(|shared| shared.is_name()).cloned().collect();
        here.extend(between.filter(|shared| part == Part::Request || !shared.is_name()));
        for step in left.steps.iter_mut().filter(|step| step.part == part) {
            here.iter().for_each(|shared| shared.make(&mut step.said, &other.said));
        }
        shared.extend(here);
    }
    shared.sort_unstable();
    shared.dedup();
    shared
}

struct Comparison<'a> {
    left: &'a Act,
    right: &'a Act,
    tapes: [&'a Cassette; 2],
    changes: &'a mut Vec<Change>,
}

impl Comparison<'_> {
    fn steps(&mut self) {
        let (left, right) = (self.left, self.right);
        self.pair(left.parts(Part::Request).next(), right.parts(Part::Request).next());
        let target = |act: &Act| act.operation.as_ref().map(|operation| operation.target);
        let polled = |act: &Act| target(act).filter(|target| *target != Polled::Nothing);
        let (before, now) = (polled(left), polled(right));
        if before == now {
            self.running();
            if !self.end() {
                for (one, other) in left.parts(Part::End).zip(right.parts(Part::End)) {
                    self.pair(Some(one), Some(other));
                }
            }
            return self.reads();
        }
        // Another kind of URL has other answers; how it ends can be compared all the same.
        if before.is_some() && now.is_some() {
            self.end();
        }
        // Another answer to the write says already that it is followed otherwise.
        if !self.changes.iter().any(|change| change.parts.contains(&"answer")) {
            self.say(
                Class::Behavioural,
                match (before, now) {
                    (Some(before), Some(now)) => format!("is polled by {now} instead of {before}"),
                    (Some(before), None) => format!("is no longer polled (was by {before})"),
                    (None, now) => format!("is polled now, by {}", now.unwrap_or(Polled::Nothing)),
                },
            );
        }
    }

    /// How it ends. True where that differs.
    fn end(&mut self) -> bool {
        let (before, now) = (end(self.left, self.tapes[0]), end(self.right, self.tapes[1]));
        let places =
            |act: &Act| act.operation.as_ref().and_then(|operation| operation.end.as_ref()).map(|end| end.poll);
        let (class, words) = match (&before, &now) {
            _ if before == now => return false,
            (_, None) => (Class::Behavioural, "is no longer seen to end".to_owned()),
            (None, Some((_, now))) => (Class::Behavioural, format!("is now seen to end {now}")),
            (Some((state, before)), Some((other, now))) => {
                let class = if *state == State::Succeeded && *other != State::Succeeded {
                    Class::Breaking
                } else {
                    Class::Behavioural
                };
                (class, format!("now ends {now} instead of {before}"))
            }
        };
        self.changes.push(Change {
            class,
            words,
            parts: vec!["end"],
            left: places(self.left),
            right: places(self.right),
        });
        true
    }

    /// What running polls said. How often they said it is no fact.
    fn running(&mut self) {
        let (left, right): (Vec<_>, Vec<_>) =
            (self.left.parts(Part::Running).collect(), self.right.parts(Part::Running).collect());
        if left.is_empty() || right.is_empty() {
            return;
        }
        let same = |(one, other): &(&&Step, &&Step)| one.said == other.said;
        let begin = left.iter().zip(&right).take_while(same).count();
        let end = left[begin..].iter().rev().zip(right[begin..].iter().rev()).take_while(same).count();
        let (left, right) = (&left[begin..left.len() - end], &right[begin..right.len() - end]);
        for (one, other) in left.iter().zip(right) {
            self.pair(Some(one), Some(other));
        }
        for gone in left.iter().skip(right.len()) {
            self.alone(gone, "poll is no longer answered", true);
        }
        for new in right.iter().skip(left.len()) {
            self.alone(new, "poll is also answered", false);
        }
    }

    fn alone(&mut self, step: &Step, words: &str, is_left: bool) {
        let answer = answer(&step.said);
        let shown = answer.strip_prefix("answers ").unwrap_or(&answer);
        let word = step.said.response.as_ref().and_then(|response| {
            let target = self.right.operation.as_ref().map_or(Polled::Nothing, |operation| operation.target);
            State::word(target, response)
        });
        let word = word.map(|word| format!(" {word}")).unwrap_or_default();
        let place = step.interactions.first().copied();
        self.changes.push(Change {
            class: Class::Behavioural,
            words: format!("{words} {shown}{word}"),
            parts: vec!["poll"],
            left: place.filter(|_| is_left),
            right: place.filter(|_| !is_left),
        });
    }

    fn reads(&mut self) {
        let (left, right): (Vec<_>, Vec<_>) =
            (self.left.parts(Part::Read).collect(), self.right.parts(Part::Read).collect());
        for (one, other) in left.iter().zip(&right) {
            self.pair(Some(one), Some(other));
        }
        match (left.len(), right.len()) {
            (before, now) if before < now => {
                self.say(Class::Additive, format!("its result is read {} more", words::times(now - before)));
            }
            (before, now) if before > now => {
                self.say(Class::Behavioural, format!("its result is read {} less", words::times(before - now)));
            }
            _ => {}
        }
    }

    /// Two exchanges; what was said of another place of this act is not said again.
    fn pair(&mut self, one: Option<&Step>, other: Option<&Step>) {
        let (one, other) = match (one, other) {
            (Some(one), Some(other)) => (one, other),
            (None, None) => return,
            (one, _) => {
                let words =
                    if one.is_some() { "the write is no longer on the tape" } else { "the write is on the tape" };
                return self.say(Class::Behavioural, words);
            }
        };
        for Fact { class, words, in_answer } in exchange::compare(&one.said, &other.said) {
            let part = match (other.part, in_answer) {
                (_, false) => "request",
                (Part::Request, true) => "answer",
                (Part::Running, true) => "poll",
                (Part::End, true) => "end",
                (Part::Read, true) => "read",
            };
            match self.changes.iter_mut().find(|change| change.words == words) {
                Some(change) if change.parts.contains(&part) => {}
                Some(change) => change.parts.push(part),
                None => self.changes.push(Change {
                    class,
                    words,
                    parts: vec![part],
                    left: one.interactions.first().copied(),
                    right: other.interactions.first().copied(),
                }),
            }
        }
    }

    fn say(&mut self, class: Class, words: impl Into<String>) {
        self.changes.push(Change::whole(class, words));
    }
}

/// The state in which it ends, and that in words.
fn end(act: &Act, tape: &Cassette) -> Option<(State, String)> {
    let end = act.operation.as_ref()?.end.as_ref()?;
    let response = tape.interactions[end.poll].response.as_ref();
    let error = response.filter(|_| end.state != State::Succeeded).and_then(ErrorBody::of);
    let code = error.and_then(|error| error.code).map(|code| format!(" ({code})")).unwrap_or_default();
    Some((end.state.clone(), format!("{}{code}", end.state)))
}

/// How often was polled and how long it took.
fn waits(left: &Act, right: &Act, tapes: [&Cassette; 2]) -> Vec<Change> {
    let mut changes = Vec::new();
    let polls = |act: &Act| act.operation.as_ref().map(|operation| operation.polls.len());
    if let (Some(before), Some(now)) = (polls(left), polls(right))
        && before != now
    {
        changes.push(Change::whole(
            Class::Cosmetic,
            format!("is polled {} instead of {}", words::times(now), words::times(before)),
        ));
    }
    let took = |act: &Act, tape: &Cassette| {
        let end = act.operation.as_ref()?.terminal_poll()?;
        let times = |interaction: &Interaction| interaction.times;
        let began = times(&tape.interactions[act.interactions().next()?])?.request;
        Some(times(&tape.interactions[end])?.end.saturating_sub(began))
    };
    if let (Some(before), Some(now)) = (took(left, tapes[0]), took(right, tapes[1]))
        && before != now
    {
        let seconds = |milliseconds: u64| format!("{}.{:03} s", milliseconds / 1000, milliseconds % 1000);
        changes.push(Change::whole(Class::Cosmetic, format!("takes {} instead of {}", seconds(now), seconds(before))));
    }
    changes
}
