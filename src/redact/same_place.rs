//! Which stand-in of an accepted recording stands for the same thing as one of a new recording: the one
//! that stands in the same place of the same act.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    exchange,
    matcher::Rules,
    rules::NAMED,
    stand_in::{Name, name},
    table::{Table, key},
    walk::{Search, Walk},
};
use crate::{
    arm::{Act, Pair, Part, align},
    cassette::{Cassette, Interaction},
};

/// By key of the stand-ins of `new`: what `accepted` calls the same thing. And every name that it has.
///
/// Where a text stands for several things in the accepted recording, as after a value was split in
/// two, the most places decide, then the first.
pub(super) fn names_of(rules: &Rules, accepted: &Cassette, new: &Cassette) -> (HashMap<String, Name>, Vec<Name>) {
    let (mut ours, mut theirs) = (Side::of(rules, accepted), Side::of(rules, new));
    let (left, right) = (Act::of(&accepted.interactions), Act::of(&new.interactions));
    let mut votes: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for pair in align(&left, &right) {
        let Pair::Both(one, other) = pair else { continue };
        for (one, other) in same_steps(&left[one], &right[other]) {
            let (one, other) = (ours.places(one), theirs.places(other));
            for (place, theirs) in other {
                // Of another number of values nobody knows which is which.
                let same = one.get(&place).filter(|ours| ours.len() == theirs.len());
                for (ours, theirs) in same.into_iter().flatten().zip(theirs) {
                    *votes.entry((theirs, *ours)).or_default() += 1;
                }
            }
        }
    }
    let mut votes: Vec<_> = votes.into_iter().collect();
    votes.sort_by_key(|(pair, times)| (std::cmp::Reverse(*times), *pair));
    let (taken, called) = ours.names();
    let mut names: HashMap<usize, Name> = HashMap::new();
    let mut given: HashSet<Name> = HashSet::new();
    for ((their, our), _) in votes {
        let Some(name) = called.get(&our) else { continue };
        let fits = theirs.table.kind_and_form(their) == (name.kind, name.form);
        if fits && !names.contains_key(&their) && given.insert(*name) {
            names.insert(their, *name);
        }
    }
    let values = theirs.table.values();
    let names = names.into_iter().filter_map(|(entry, name)| Some((key(values.get(&entry)?), name))).collect();
    (names, taken)
}

/// Interactions of two acts that do the same.
fn same_steps(left: &Act, right: &Act) -> Vec<(usize, usize)> {
    let mut same = Vec::new();
    for part in [Part::Request, Part::Running, Part::End, Part::Read] {
        let first = |act: &Act| -> Vec<usize> {
            act.parts(part).filter_map(|step| step.interactions.first().copied()).collect()
        };
        same.extend(first(left).into_iter().zip(first(right)));
    }
    same
}

/// One of the recordings, and what stands where in it.
struct Side<'a> {
    rules: &'a Rules,
    interactions: &'a [Interaction],
    table: Table,
}

impl<'a> Side<'a> {
    fn of(rules: &'a Rules, cassette: &'a Cassette) -> Self {
        let mut table = Table::default();
        table.list(&cassette.stand_ins, NAMED);
        Self { rules, interactions: &cassette.interactions, table }
    }

    /// By place: the stand-ins in it, in their order.
    fn places(&mut self, interaction: usize) -> BTreeMap<String, Vec<usize>> {
        let mut interaction = self.interactions[interaction].clone();
        let mut walk = Walk::new(self.rules, &mut self.table, Search::Raw);
        exchange::walk(&mut walk, &mut interaction, &|name| self.rules.by_header(name));
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for found in walk.found {
            places.entry(found.place).or_default().push(found.entry);
        }
        places
    }

    /// Every name that is taken, and by entry what is called so.
    fn names(&self) -> (Vec<Name>, HashMap<usize, Name>) {
        let called = |(entry, value): (usize, &str)| {
            let (kind, form) = self.table.kind_and_form(entry);
            // Compared without its dashes, an id is written in another form.
            name(kind, value).map(|name| (entry, Name { kind, form, ..name }))
        };
        (self.table.listed_names(), self.table.values().into_iter().filter_map(called).collect())
    }
}
