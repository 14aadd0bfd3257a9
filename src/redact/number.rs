//! How stand-ins are called on the tape: by number in canonical order; and where a tape is there
//! already, as they are called there.

use std::collections::{BTreeMap, HashMap};

use super::{
    command::command_words,
    exchange,
    matcher::Rules,
    order::canonical,
    rules::NAMED,
    same_place::names_of,
    table::{Settled, Table, key},
    walk::{Search, Walk},
};
use crate::cassette::{Cassette, Origin};

/// What is known of a recording besides its text.
pub(super) struct Numbering<'a> {
    pub(super) rules: &'a Rules,
    /// What the user gave names.
    pub(super) named: &'a BTreeMap<String, String>,
    /// By what stands for a value now: where it came from.
    pub(super) origins: HashMap<String, Origin>,
    /// Numbers that stand for something, which their text does not tell.
    pub(super) numbers: Vec<String>,
}

impl Numbering<'_> {
    /// Gives every stand-in its name: one that is settled, one that `accepted` has for the same thing,
    /// or the next number.
    pub(super) fn number(&self, cassette: Cassette, settled: Settled, accepted: Option<&Cassette>) -> Cassette {
        let Some(accepted) = accepted.filter(|accepted| !accepted.stand_ins.is_empty()) else {
            return self.pass(cassette, settled).0;
        };
        let (first, table) = self.pass(cassette.clone(), Settled::default());
        let (names, taken) = names_of(self.rules, accepted, &first);
        let kept = |(value, entry): (&str, usize)| Some((value.to_owned(), *names.get(&key(table.shown(entry)))?));
        let values = table.values();
        let names = values.iter().filter_map(|(entry, value)| kept((value, *entry))).collect();
        self.pass(cassette, Settled { names, taken, ..settled }).0
    }

    /// One walk in canonical order, in which the stand-ins are what is replaced.
    fn pass(&self, mut cassette: Cassette, settled: Settled) -> (Cassette, Table) {
        let mut table = Table::with(settled);
        for number in &self.numbers {
            table.name_secret(number, NAMED);
        }
        for number in canonical(&cassette.interactions) {
            let mut walk = Walk::new(self.rules, &mut table, Search::Raw);
            exchange::walk(&mut walk, &mut cassette.interactions[number], &|name| self.rules.by_header(name));
        }
        let mut walk = Walk::new(self.rules, &mut table, Search::Raw);
        cassette.command = command_words(&mut walk, &cassette.command);
        for (name, value) in cassette.variables.iter_mut().filter(|(name, _)| !self.named.contains_key(*name)) {
            if let Some(new) = walk.text(Some(name), value) {
                *value = new;
            }
        }
        cassette.stand_ins = table.stand_ins(&self.origins);
        (cassette, table)
    }
}
