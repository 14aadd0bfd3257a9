//! What was covered: pairs and triples of choices.

use super::{
    draws::Draws,
    recipe::{At, DIMENSIONS, Field, Headers, Last, Place, Recipe, Redirect, Task, Trouble},
    settle::Lead,
};
use crate::simulate::scenario::{Seen, Target};

/// The most choices that a dimension has.
const WIDEST: usize = 24;

/// Where each dimension's choices begin in the row of all choices.
const fn offsets() -> [usize; DIMENSIONS + 1] {
    let (mut offsets, mut at) = ([0; DIMENSIONS + 1], 0);
    while at < DIMENSIONS {
        assert!(Recipe::SIZES[at] <= WIDEST, "a dimension has more choices than a place is kept for");
        offsets[at + 1] = offsets[at] + Recipe::SIZES[at];
        at += 1;
    }
    offsets
}

const OFFSETS: [usize; DIMENSIONS + 1] = offsets();
const CHOICES: usize = OFFSETS[DIMENSIONS];

/// A set of numbers.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Whether it is new.
    fn add(&mut self, at: usize) -> bool {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        let is_new = !self.has(at);
        self.0[at / 64] |= 1 << (at % 64);
        is_new
    }
}

/// The places of what a recipe shows, in the row of all choices.
fn shown(recipe: &Recipe, matters: &[bool; DIMENSIONS]) -> Vec<usize> {
    let choices = recipe.choices();
    (0..DIMENSIONS).filter(|field| matters[*field]).map(|field| OFFSETS[field] + usize::from(choices[field])).collect()
}

/// Pairs of choices.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    cells: Bits,
    pub(super) count: usize,
}

impl Pairs {
    pub(super) fn has(&self, one: (usize, u8), other: (usize, u8)) -> bool {
        self.cells.has(cell(OFFSETS[one.0] + usize::from(one.1), OFFSETS[other.0] + usize::from(other.1)))
    }

    pub(super) fn add(&mut self, recipe: &Recipe) {
        let (recipe, matters) = recipe.settle();
        self.add_shown(&recipe, &matters, None);
    }

    fn add_shown(&mut self, recipe: &Recipe, matters: &[bool; DIMENSIONS], among: Option<&Self>) {
        let shown = shown(recipe, matters);
        for (at, one) in shown.iter().enumerate() {
            for other in &shown[at + 1..] {
                let cell = cell(*one, *other);
                if among.is_none_or(|among| among.cells.has(cell)) {
                    self.count += usize::from(self.cells.add(cell));
                }
            }
        }
    }

    fn join(&mut self, other: &Self) {
        for (at, word) in other.cells.0.iter().enumerate() {
            for bit in (0..64).filter(|bit| word & (1 << bit) != 0) {
                self.count += usize::from(self.cells.add(at * 64 + bit));
            }
        }
    }

    pub(super) fn new_in(&self, recipe: &Recipe) -> usize {
        let (recipe, matters) = recipe.settle();
        let shown = shown(&recipe, &matters);
        let pairs =
            shown.iter().enumerate().flat_map(|(at, one)| shown[at + 1..].iter().map(move |two| cell(*one, *two)));
        pairs.filter(|cell| !self.cells.has(*cell)).count()
    }
}

fn cell(one: usize, other: usize) -> usize {
    one * CHOICES + other
}

/// Triples of choices.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells(Bits);

impl Cells {
    pub(super) fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    pub(super) fn add(&mut self, recipe: &Recipe) {
        triples(recipe, |cell| {
            self.0.add(cell);
        });
    }

    pub(super) fn new_in(&self, recipe: &Recipe) -> usize {
        let mut count = 0;
        triples(recipe, |cell| count += usize::from(!self.0.has(cell)));
        count
    }
}

fn triples(recipe: &Recipe, mut each: impl FnMut(usize)) {
    let (recipe, matters) = recipe.settle();
    let shown = shown(&recipe, &matters);
    for (first, one) in shown.iter().enumerate() {
        for (second, two) in shown.iter().enumerate().skip(first + 1) {
            for three in &shown[second + 1..] {
                each(cell(*one, *two) * CHOICES + three);
            }
        }
    }
}

/// How many pairs of choices the traces have shown, of those that a row of recipes can show.
#[derive(Clone, Debug)]
pub struct Covered {
    reachable: Pairs,
    shown: Pairs,
}

impl Covered {
    /// Nothing yet, of what the row can show.
    #[must_use]
    pub fn new(draws: &Draws) -> Self {
        Self { reachable: draws.reachable.clone(), shown: Pairs::default() }
    }

    /// Adds a case: the recipe, and what its requests meant. A choice counts that an answer has shown.
    pub fn add(&mut self, recipe: &Recipe, seen: &[Option<Seen>]) {
        let (recipe, matters) = recipe.settle();
        let met = recipe.met(seen);
        let both = std::array::from_fn(|at| matters[at] && met[at]);
        self.shown.add_shown(&recipe, &both, Some(&self.reachable));
    }

    /// Adds what another part of the same row has shown.
    pub fn join(&mut self, other: &Self) {
        self.shown.join(&other.shown);
    }

    /// Pairs that were shown.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.shown.count
    }

    /// Pairs that can be shown.
    #[must_use]
    pub fn of(&self) -> usize {
        self.reachable.count
    }
}

impl Recipe {
    /// Which of its choices the client has met.
    fn met(&self, seen: &[Option<Seen>]) -> [bool; DIMENSIONS] {
        let count = |targets: &[Target]| {
            seen.iter()
                .flatten()
                .filter(|seen| targets.contains(&seen.target) && seen.subject.unwrap_or(0) == 0)
                .count()
        };
        let troubles = |at: At| if self.trouble != Trouble::Nothing && self.at == at { self.times.count() } else { 0 };
        let writes = count(&[Target::Write]);
        let sent_back = usize::from(self.redirect == Redirect::Write);
        let answered = writes > troubles(At::Write) + sent_back || self.task == Task::Resume && !seen.is_empty();
        let is_behind = self.redirect.of_polls().is_some();
        let polls = match (self.lead(), self.headers) {
            (Lead::Nowhere, _) => 0,
            _ if is_behind => count(&[Target::Moved, Target::SecondHost]),
            (Lead::Resource, _) => count(&[Target::Resource]),
            (Lead::Result, _) => count(&[Target::Result, Target::NextResult]),
            (Lead::Monitor, Headers::Operation | Headers::MonitorAndOperation) => {
                count(&[Target::OperationLocation, Target::Monitor])
            }
            (Lead::Monitor, _) => count(&[Target::Monitor, Target::NextMonitor, Target::SecondHost]),
        };
        let running = polls > troubles(At::FirstPoll);
        let until_end = self.polls.count() + troubles(At::FirstPoll) + troubles(At::LaterPoll);
        let ended = polls > until_end;
        let read = match self.task {
            Task::Post => count(&[Target::Result]),
            _ if self.lead() == Lead::Resource => 0,
            _ => count(&[Target::Resource]),
        };
        let troubled = match self.at {
            _ if self.trouble == Trouble::Nothing => answered,
            At::Write => writes >= self.times.count(),
            At::FirstPoll => polls >= self.times.count(),
            At::LaterPoll => polls >= self.polls.count() + self.times.count(),
            At::LastRead => read >= self.times.count(),
        };
        let mut met = [answered; DIMENSIONS];
        let mut set = |fields: &[Field], shown: bool| fields.iter().for_each(|field| met[*field as usize] = shown);
        set(&[Field::task], !seen.is_empty());
        set(&[Field::body], writes > 0);
        if is_behind {
            set(&[Field::redirect], count(&[Target::Monitor, Target::Result]) > 0);
        }
        if self.place == Place::Status {
            set(&[Field::place], polls > 0);
        }
        set(&[Field::moves, Field::word, Field::document, Field::poll_wait], running);
        set(&[Field::polls], polls >= self.polls.count().max(1));
        set(&[Field::trouble, Field::at, Field::times], troubled);
        set(&[Field::end], ended);
        set(&[Field::envelope], if self.is_accepted() { ended } else { answered });
        set(&[Field::last], if matches!(self.last, Last::Gone | Last::Lure) { ended } else { ended && read > 0 });
        met
    }
}
