//! Two recordings compared: what differs, by operation.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Change, Class,
    act::{Compared, compare},
    exchange::answer,
    shared::Shared,
    slug, words,
};
use crate::{
    arm::{self, Act, Pair, align, moved},
    cassette::Cassette,
};

/// What differs between two recordings. Empty where they say the same.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The smallest units that can be accepted or rejected, in the order of the second recording;
    /// what many operations have in common comes first.
    pub items: Vec<Item>,
}

/// What differs in one operation, or in several in the same way.
#[derive(Clone, Debug)]
pub struct Item {
    /// A name for it that is its own in this comparison, such as `put-testprofile`.
    pub id: String,
    /// The request with which the operation begins; for what several have in common, how many.
    pub title: String,
    /// What differs, the heaviest first. Never empty.
    pub changes: Vec<Change>,
    /// The acts that are decided with it. Empty where each of them has an item of its own.
    pub(super) pairs: Vec<Pair>,
}

impl Item {
    /// Whether it has no operation of its own: what it says is decided with those that show it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The acts that are decided with it, of those of both recordings.
    #[cfg(feature = "cli")]
    pub(crate) fn acts<'a>(&self, acts: &'a [Vec<Act>; 2]) -> [Vec<&'a Act>; 2] {
        let [left, right] = acts;
        [
            self.pairs.iter().filter_map(|pair| Some(&left[pair.left()?])).collect(),
            self.pairs.iter().filter_map(|pair| Some(&right[pair.right()?])).collect(),
        ]
    }

    /// The class of its heaviest change.
    #[must_use]
    pub fn class(&self) -> Class {
        self.changes.iter().map(|change| change.class).max().unwrap_or(Class::Cosmetic)
    }
}

impl Diff {
    /// Compares two recordings. With `timings`, how often was polled and how long it took are changes,
    /// too.
    #[must_use]
    pub fn of(left: &Cassette, right: &Cassette, timings: bool) -> Self {
        let acts = [Act::of(&left.interactions), Act::of(&right.interactions)];
        Self::of_aligned([left, right], &acts, timings).0
    }

    /// As [`Diff::of`], with the pairs of acts that it comes from.
    pub(super) fn of_aligned(tapes: [&Cassette; 2], acts: &[Vec<Act>; 2], timings: bool) -> (Self, Vec<Pair>) {
        let pairs = align(&acts[0], &acts[1]);
        let mut comparison = Comparison {
            tapes,
            acts,
            pairs: &pairs,
            ids: ids(acts, &pairs),
            items: Vec::new(),
            shared: BTreeMap::new(),
        };
        comparison.variables();
        comparison.acts(timings);
        let items = comparison.finish();
        (Self { items }, pairs)
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The class of the heaviest change; `None` where nothing differs.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        self.items.iter().map(Item::class).max()
    }
}

/// The name of each pair: method and last word of the path, numbered where it repeats.
fn ids(acts: &[Vec<Act>; 2], pairs: &[Pair]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    pairs
        .iter()
        .map(|pair| {
            let act = act_of(acts, *pair);
            let word = act.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let id = slug(&format!("{}-{word}", act.method));
            let times = seen.entry(id.clone()).or_default();
            *times += 1;
            if *times == 1 { id } else { format!("{id}-{times}") }
        })
        .collect()
}

/// The newer act of a pair.
fn act_of(acts: &[Vec<Act>; 2], pair: Pair) -> &Act {
    match pair {
        Pair::Both(_, right) | Pair::Right(right) => &acts[1][right],
        Pair::Left(left) => &acts[0][left],
    }
}

struct Comparison<'a> {
    tapes: [&'a Cassette; 2],
    acts: &'a [Vec<Act>; 2],
    pairs: &'a [Pair],
    ids: Vec<String>,
    items: Vec<Item>,
    /// Pairs that show a shared change, with their places, and whether they have changes of their own.
    shared: BTreeMap<Shared, Vec<(usize, bool)>>,
}

/// Acts of one side alone, as they are told: whether it is the first, method, path, answer. Those with
/// the same words are told together.
type Alone = (bool, String, String, String);

/// What is on one side alone. `is_known`: a request like it is on both.
fn of_alone(is_left: bool, is_known: bool, answer: &str, times: usize) -> Change {
    let answered = answer.replacen("answers", "answered", 1);
    let count = words::times(times);
    let (class, words) = match (is_left, is_known) {
        (true, true) => (Class::Behavioural, format!("is made {count} less ({answered})")),
        (true, false) => (Class::Behavioural, format!("is gone ({answered})")),
        (false, true) => (Class::Behavioural, format!("is made {count} more ({answer})")),
        (false, false) => (Class::Additive, format!("is new ({answer})")),
    };
    Change::whole(class, words)
}

impl Comparison<'_> {
    fn variables(&mut self) {
        let [left, right] = self.tapes.map(|tape| &tape.variables);
        let new = right.iter().filter(|(name, value)| left.get(*name) != Some(value));
        let gone = left.keys().filter(|name| !right.contains_key(*name));
        let words = new
            .map(|(name, value)| match left.get(name) {
                Some(before) => format!("variable `{name}` {} → {}", words::cut(before), words::cut(value)),
                None => format!("variable `{name}` {} is new", words::cut(value)),
            })
            .chain(gone.map(|name| format!("variable `{name}` is gone")));
        let changes: Vec<Change> = words.map(|words| Change::whole(Class::Cosmetic, words)).collect();
        if !changes.is_empty() {
            let (id, title) = ("variables".to_owned(), "the whole tape".to_owned());
            self.items.push(Item { id, title, changes, pairs: Vec::new() });
        }
    }

    fn acts(&mut self, timings: bool) {
        let moved: HashSet<Pair> = moved(self.pairs, &self.acts[1]).into_iter().collect();
        // An item stands where the first of its kind does; what it says needs all of them.
        let mut alone: Vec<(usize, Alone, Vec<Pair>)> = Vec::new();
        let mut groups: HashMap<Alone, usize> = HashMap::new();
        for (at, pair) in self.pairs.iter().enumerate() {
            let Pair::Both(left, right) = *pair else {
                let key = self.alone(*pair);
                if let Some(group) = groups.get(&key) {
                    alone[*group].2.push(*pair);
                } else {
                    groups.insert(key.clone(), alone.len());
                    alone.push((self.items.len(), key, vec![*pair]));
                    self.item(at, Vec::new());
                }
                continue;
            };
            let Compared { shared, mut changes } =
                compare(&self.acts[0][left], &self.acts[1][right], self.tapes, timings);
            if moved.contains(pair) {
                changes
                    .push(Change::whole(Class::Behavioural, "comes at another place among the requests to this path"));
            }
            for shared in shared {
                self.shared.entry(shared).or_default().push((at, !changes.is_empty()));
            }
            if !changes.is_empty() {
                self.item(at, changes);
            }
        }
        let matched = self.pairs.iter().filter(|pair| matches!(pair, Pair::Both(..)));
        let known: HashSet<(&str, &str)> = matched.map(|pair| act_of(self.acts, *pair).request()).collect();
        for (item, (is_left, method, path, answer), pairs) in alone {
            let is_known = known.contains(&(method.as_str(), path.as_str()));
            let first = act_of(self.acts, pairs[0]).interactions().next();
            let change = of_alone(is_left, is_known, &answer, pairs.len());
            let (left, right) = (first.filter(|_| is_left), first.filter(|_| !is_left));
            self.items[item].changes.push(Change { left, right, ..change });
            self.items[item].pairs = pairs;
        }
    }

    fn item(&mut self, at: usize, changes: Vec<Change>) {
        let (id, title) = (self.ids[at].clone(), self.title(self.pairs[at]));
        self.items.push(Item { id, title, changes, pairs: vec![self.pairs[at]] });
    }

    fn alone(&self, pair: Pair) -> Alone {
        let act = act_of(self.acts, pair);
        let answer = act.steps.first().map(|step| answer(&step.said)).unwrap_or_default();
        (pair.left().is_some(), act.method.clone(), act.path.clone(), answer)
    }

    fn title(&self, pair: Pair) -> String {
        let act = act_of(self.acts, pair);
        let tape = self.tapes[usize::from(pair.right().is_some())];
        let place = act.interactions().next().map(|first| arm::place(&tape.interactions[first])).unwrap_or_default();
        format!("{} {place}", act.method)
    }

    fn finish(mut self) -> Vec<Item> {
        let mut items = Vec::new();
        // An act with several shared changes and none of its own is decided with the first of them.
        let mut decided = vec![false; self.pairs.len()];
        for (shared, members) in std::mem::take(&mut self.shared) {
            let shows = |at: &usize| {
                let Some(right) = self.pairs[*at].right() else { return 0 };
                let interactions = self.acts[1][right].interactions();
                interactions.filter(|number| shared.shows_in(&self.tapes[1].interactions[*number])).count()
            };
            let requests: usize = members.iter().map(|(at, _)| shows(at)).sum();
            let mut free = Vec::new();
            for (at, has_own) in &members {
                if !has_own && !std::mem::replace(&mut decided[*at], true) {
                    free.push(self.pairs[*at]);
                }
            }
            let change = Change::whole(shared.class(), shared.words());
            if let [(at, _)] = members[..] {
                // It is alone with it: the change is the act's own.
                match self.items.iter_mut().chain(&mut items).find(|item| item.pairs.contains(&self.pairs[at])) {
                    Some(item) => item.changes.insert(0, change),
                    None => self.item(at, vec![change]),
                }
                continue;
            }
            let change = Change { words: format!("{requests} requests: {}", change.words), ..change };
            items.push(Item { id: shared.id(), title: "many requests".to_owned(), changes: vec![change], pairs: free });
        }
        items.append(&mut self.items);
        for item in &mut items {
            item.changes.sort_by_key(|change| std::cmp::Reverse(change.class));
        }
        items
    }
}
