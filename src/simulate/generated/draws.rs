//! A row of recipes: each choice by itself and a covering array of pairs by turns, then as many new triples
//! as a row can have, then by chance. The same seed gives the same row everywhere.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use super::{
    cover::{Cells, Pairs},
    random::Random,
    recipe::{DIMENSIONS, Field, First, Headers, Recipe, Stated, Task},
};
use crate::simulate::scenario::Kind;

/// How many cases after the pairs go for triples.
const TRIPLES: usize = 4096;

/// What may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grammar {
    /// What clients are asked to do.
    pub tasks: Vec<Task>,
    /// What sorts of service there are.
    pub kinds: Vec<Kind>,
}

impl Grammar {
    /// Everything that there is.
    #[must_use]
    pub fn everything() -> Self {
        let kinds = [Kind::Normal, Kind::Tricky, Kind::Fault, Kind::Misbehaving, Kind::Security];
        Self { tasks: Task::ALL.iter().map(|row| row.0).collect(), kinds: kinds.into() }
    }

    /// Services of every sort for these tasks.
    #[must_use]
    pub fn of(tasks: &[Task]) -> Self {
        Self { tasks: tasks.to_vec(), ..Self::everything() }
    }

    fn allows(&self, recipe: &Recipe) -> bool {
        self.tasks.contains(&recipe.task) && (self.kinds.len() == 5 || self.kinds.contains(&recipe.kind()))
    }
}

/// A row of recipes.
#[derive(Debug)]
pub struct Draws {
    seed: u64,
    grammar: Grammar,
    /// The covering array.
    pairs: Vec<Recipe>,
    /// Its rows, and each choice by itself, by turns.
    first: Vec<Recipe>,
    /// Pairs that can be shown.
    pub(super) reachable: Pairs,
    triples: Mutex<Triples>,
}

/// The cases after the pairs, as far as they have been asked for.
#[derive(Debug)]
struct Triples {
    rows: Vec<Recipe>,
    covered: Cells,
    random: Random,
}

impl Draws {
    /// The row of a seed.
    #[must_use]
    pub fn new(seed: u64, grammar: Grammar) -> Self {
        let mut random = Random::new(seed);
        let witnesses = Witnesses::new(&grammar, &mut random);
        let mut single = witnesses.single(&grammar);
        shuffle(&mut single, &mut random);
        let mut reachable = Pairs::default();
        single.iter().for_each(|recipe| reachable.add(recipe));
        let mut rows: Vec<Recipe> = Vec::new();
        let mut order: Vec<((usize, u8), (usize, u8))> = witnesses.pairs();
        shuffle(&mut order, &mut random);
        for (one, other) in order {
            if reachable.has(one, other) {
                continue;
            }
            let found = (0..TRIES).filter_map(|_| witnesses.both(one, other, &grammar, &mut random)).take(CANDIDATES);
            let best = found.max_by_key(|recipe| reachable.new_in(recipe));
            if let Some(best) = best {
                reachable.add(&best);
                rows.push(best);
            }
        }
        let first = by_turns(single, rows.clone());
        let triples = Triples { rows: Vec::new(), covered: Cells::default(), random };
        Self { seed, grammar, pairs: rows, first, reachable, triples: Mutex::new(triples) }
    }

    /// How many of the first cases hold every choice by itself, and every pair.
    #[must_use]
    pub fn until_pairs(&self) -> usize {
        self.first.len()
    }

    /// A case of the row, from 0.
    #[must_use]
    pub fn case(&self, index: usize) -> Recipe {
        let mut own = Random::numbered(self.seed, index as u64);
        let recipe = match index.checked_sub(self.first.len()) {
            None => self.first[index],
            Some(after) if after < TRIPLES => self.triple(after),
            Some(_) => self.chance(&mut own),
        };
        Recipe { body_seed: own.next() >> 16, body_steps: 0, ..recipe }.settled()
    }

    fn triple(&self, after: usize) -> Recipe {
        let mut triples = self.triples.lock().unwrap_or_else(PoisonError::into_inner);
        let Triples { rows, covered, random } = &mut *triples;
        if covered.is_empty() {
            self.first.iter().for_each(|recipe| covered.add(recipe));
        }
        while rows.len() <= after {
            let candidates = (0..CANDIDATES).map(|_| self.chance(random));
            if let Some(best) = candidates.max_by_key(|recipe| covered.new_in(recipe)) {
                covered.add(&best);
                rows.push(best);
            }
        }
        rows[after]
    }

    /// Two rows of the covering array, crossed: by chance alone most choices would show nothing.
    fn chance(&self, random: &mut Random) -> Recipe {
        let pick = |random: &mut Random| self.pairs[random.below(self.pairs.len())];
        if self.pairs.is_empty() {
            return Recipe::default();
        }
        for _ in 0..TRIES {
            let (one, other) = (pick(random), pick(random));
            let mut crossed = cross(&one, &other, random);
            for (at, size) in Recipe::SIZES.iter().enumerate() {
                if random.below(8) == 0 {
                    crossed[at] = small(random.below(*size));
                }
            }
            let recipe = Recipe::of(crossed).settled();
            if self.grammar.allows(&recipe) {
                return recipe;
            }
        }
        pick(random)
    }
}

/// How many recipes are tried for a pair, and how many that show it are compared.
const TRIES: usize = 40;
const CANDIDATES: usize = 6;

/// For each choice recipes that show it.
struct Witnesses(Vec<Vec<Vec<Recipe>>>);

impl Witnesses {
    /// So many for each choice.
    const EACH: usize = 12;

    fn new(grammar: &Grammar, random: &mut Random) -> Self {
        const TRIES: usize = 4000;
        let mut all: Vec<Vec<Vec<Recipe>>> = Recipe::SIZES.iter().map(|size| vec![Vec::new(); *size]).collect();
        for (field, choices) in all.iter_mut().enumerate() {
            for (choice, witnesses) in choices.iter_mut().enumerate() {
                for _ in 0..TRIES {
                    if witnesses.len() >= Self::EACH {
                        break;
                    }
                    let mut choices: [u8; DIMENSIONS] =
                        Recipe::SIZES.map(|size| if random.below(3) == 0 { 0 } else { small(random.below(size)) });
                    choices[Field::task as usize] = grammar.tasks[random.below(grammar.tasks.len())] as u8;
                    choices[field] = small(choice);
                    let (recipe, matters) = Recipe::of(choices).settle();
                    let shows = matters[field] && usize::from(recipe.choices()[field]) == choice;
                    if shows && grammar.allows(&recipe) {
                        witnesses.push(recipe);
                    }
                }
            }
        }
        Self(all)
    }

    /// Each choice in the plainest service that shows it, and so each form of the answer to the write: what
    /// is wrong with one choice shows best where nothing else is odd.
    fn single(&self, grammar: &Grammar) -> Vec<Recipe> {
        let mut rows: Vec<Recipe> = Vec::new();
        for (field, choices) in self.0.iter().enumerate() {
            for (choice, witnesses) in choices.iter().enumerate() {
                let shows = |recipe: &Recipe| {
                    let (settled, matters) = recipe.settle();
                    matters[field] && usize::from(settled.choices()[field]) == choice && grammar.allows(&settled)
                };
                rows.extend(witnesses.iter().map(|witness| plainest(witness, shows)).min_by_key(Recipe::size));
            }
        }
        for (first, ..) in First::ALL {
            for (stated, ..) in Stated::ALL {
                for (headers, ..) in Headers::ALL {
                    let task = grammar.tasks[0];
                    let row = Recipe { task, first: *first, stated: *stated, headers: *headers, ..Recipe::default() };
                    rows.extend(Some(row.settled()).filter(|row| grammar.allows(row)));
                }
            }
        }
        let mut seen = HashSet::new();
        rows.retain(|row| seen.insert(*row));
        rows
    }

    /// Pairs of choices that are in two dimensions, and can each be shown.
    fn pairs(&self) -> Vec<((usize, u8), (usize, u8))> {
        let shown = |field: usize| {
            let choices = self.0[field].iter().enumerate().filter(|(_, witnesses)| !witnesses.is_empty());
            choices.map(move |(choice, _)| (field, small(choice))).collect::<Vec<_>>()
        };
        let mut pairs = Vec::new();
        for field in 0..DIMENSIONS {
            for other in field + 1..DIMENSIONS {
                pairs.extend(
                    shown(field).into_iter().flat_map(|one| shown(other).into_iter().map(move |two| (one, two))),
                );
            }
        }
        pairs
    }

    /// A recipe that shows both choices, if this one attempt finds one.
    fn both(&self, one: (usize, u8), other: (usize, u8), grammar: &Grammar, random: &mut Random) -> Option<Recipe> {
        let mut witness = |(field, choice): (usize, u8)| {
            let witnesses = &self.0[field][usize::from(choice)];
            witnesses[random.below(witnesses.len())]
        };
        let (first, second) = (witness(one), witness(other));
        let mut choices = match random.below(3) {
            0 => first.choices(),
            1 => second.choices(),
            _ => cross(&first, &second, random),
        };
        (choices[one.0], choices[other.0]) = (one.1, other.1);
        let (recipe, matters) = Recipe::of(choices).settle();
        let settled = recipe.choices();
        let shows = |(field, choice): (usize, u8)| matters[field] && settled[field] == choice;
        (shows(one) && shows(other) && grammar.allows(&recipe)).then_some(recipe)
    }
}

/// The recipe with each choice at its plainest that it can do without, and still shows what it is to show.
fn plainest(recipe: &Recipe, shows: impl Fn(&Recipe) -> bool) -> Recipe {
    let mut plainest = recipe.settled();
    for field in (0..DIMENSIONS).rev() {
        let mut choices = plainest.choices();
        choices[field] = 0;
        let plainer = Recipe::of(choices).settled();
        if shows(&plainer) {
            plainest = plainer;
        }
    }
    plainest
}

/// One of each in turn, then what is left of the longer.
fn by_turns(one: Vec<Recipe>, other: Vec<Recipe>) -> Vec<Recipe> {
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut rows = Vec::new();
    loop {
        let turn = [one.next(), other.next()];
        if turn.iter().all(Option::is_none) {
            return rows;
        }
        rows.extend(turn.into_iter().flatten());
    }
}

fn cross(one: &Recipe, other: &Recipe, random: &mut Random) -> [u8; DIMENSIONS] {
    let (mut choices, other) = (one.choices(), other.choices());
    let mut bits = random.next();
    for (choice, other) in choices.iter_mut().zip(other) {
        if bits & 1 == 1 {
            *choice = other;
        }
        bits >>= 1;
    }
    choices
}

/// No dimension has more than 255 choices.
fn small(choice: usize) -> u8 {
    u8::try_from(choice).unwrap_or(u8::MAX)
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for at in (1..items.len()).rev() {
        items.swap(at, random.below(at + 1));
    }
}
