//! What stands for what, in one recording: one value, one stand-in.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use aho_corasick::AhoCorasick;

use super::{
    heard::{Heard, Hearing},
    kind::{KINDS, Kind},
    stand_in::{Form, Name, Shape, is_guid, name, parse, render},
};
use crate::cassette::{Origin, StandIn};

/// Shorter values are replaced where they stand, and nowhere else: they occur in words.
const SHORTEST_KNOWN: usize = 8;

/// The values of a recording and what stands for them. In memory alone.
#[derive(Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
    by_value: HashMap<String, usize>,
    numbers: [u32; KINDS.len()],
    /// What this table gave out.
    issued: HashSet<String>,
    known: Known,
    /// What the tape itself says is a stand-in, by its text.
    listed: HashMap<String, StandIn>,
    /// What went by and was left.
    heard: Hearing,
    /// Values that are known since somebody asked last.
    fresh: Vec<String>,
    settled: Settled,
}

/// What stand-ins are called already, on a tape that is there; by what stands for their values here.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// By key.
    pub(super) names: HashMap<String, Name>,
    /// Two keys of one value: the first is to be called as the second.
    pub(super) same: HashMap<String, String>,
    /// Names that no other value may get.
    pub(super) taken: Vec<Name>,
}

/// What is known of one value.
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The rule that found it first.
    pub(super) rule: usize,
    pub(super) origin: Origin,
    form: Form,
    number: u32,
    /// What stands for it; for a placeholder, itself.
    pub(super) shown: String,
    /// A value that the user named may never come.
    came: bool,
}

impl Table {
    /// A table in which what is settled is called so, and everything else otherwise.
    pub(super) fn with(settled: Settled) -> Self {
        let mut table = Self::default();
        for name in settled.names.values().chain(&settled.taken) {
            let highest = &mut table.numbers[name.kind.place()];
            *highest = name.number.max(*highest);
        }
        Self { settled, ..table }
    }

    /// The stand-in of `value`: a new one where it has none.
    pub(super) fn replace(&mut self, value: &str, kind: Kind, rule: usize, origin: Origin) -> (String, usize) {
        let mut compared = key(value);
        if let Some(same) = self.settled.same.get(&compared) {
            compared.clone_from(same);
        }
        let number = match self.by_value.get(&compared) {
            Some(number) => *number,
            None => {
                let name = self.settled.names.get(&compared).copied().unwrap_or_else(|| {
                    let counter = &mut self.numbers[kind.place()];
                    *counter += 1;
                    Name { kind, form: Form::of(kind, value), number: *counter }
                });
                let Name { kind, form, number } = name;
                let shown = render(kind, form, number);
                self.issued.insert(key(&shown));
                let entry = Entry { kind, rule, origin, form, number, shown, came: true };
                self.learn(value, &entry);
                self.entries.push(entry);
                self.by_value.insert(compared, self.entries.len() - 1);
                self.entries.len() - 1
            }
        };
        (self.replace_known(number, value, origin).0, number)
    }

    /// What stands for the value of an entry, which may be written in another way here; and its rule.
    pub(super) fn replace_known(&mut self, entry: usize, value: &str, origin: Origin) -> (String, usize) {
        let entry = &mut self.entries[entry];
        if !entry.came {
            (entry.came, entry.origin) = (true, origin);
        }
        let form = Form::of(entry.kind, value);
        // One id, with and without its dashes.
        let shown = match (entry.form.shape, form.shape) {
            (Shape::Guid, Shape::PlainGuid) | (Shape::PlainGuid, Shape::Guid) => render(entry.kind, form, entry.number),
            _ => entry.shown.clone(),
        };
        (shown, entry.rule)
    }

    fn learn(&mut self, value: &str, entry: &Entry) {
        let place = self.entries.len();
        let is_id = matches!(entry.form.shape, Shape::Guid | Shape::PlainGuid);
        // Looking like a stand-in, it is found as such.
        if parse(value).is_some() || value.len() < SHORTEST_KNOWN || matches!(entry.form.shape, Shape::Number) {
            return;
        }
        let any_case = is_id || entry.form.shape == Shape::Email;
        self.know(value, place, any_case);
        if is_guid(value) {
            self.know(&value.replace('-', ""), place, true);
        }
    }

    /// Looks for a value wherever it occurs from now on.
    fn know(&mut self, value: &str, place: usize, any_case: bool) {
        self.known.add(value, Meaning::Value(place), any_case);
        self.fresh.push(value.to_owned());
    }

    /// A text that stays as it is.
    pub(super) fn hear(&mut self, text: &str) {
        self.heard.hear(text);
    }

    /// The exchange has gone by: what of it was left.
    pub(super) fn passed(&mut self) -> Heard {
        self.heard.passed()
    }

    /// What is known, since this was asked last, and went by unknown; it may name what did not, never the
    /// other way.
    pub(super) fn late(&mut self) -> Vec<String> {
        let Self { fresh, heard, .. } = self;
        fresh.drain(..).filter(|value| heard.may_hold(value)).collect()
    }

    /// Puts a value in that is replaced wherever it occurs.
    pub(super) fn name_secret(&mut self, value: &str, rule: usize) {
        let (_, place) = self.replace(value, Kind::Secret, rule, Origin::Request);
        self.entries[place].came = false;
        if value.len() < SHORTEST_KNOWN || self.entries[place].form.shape == Shape::Number {
            self.known.add(value, Meaning::Value(place), false);
        }
        let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.known.add(&hex, Meaning::Value(place), true);
    }

    /// Puts a value in for which `{name}` stands.
    pub(super) fn name_variable(&mut self, name: &str, value: &str) {
        self.known.add(value, Meaning::Variable(format!("{{{name}}}")), false);
    }

    /// A placeholder that somebody put in the place of such a value stays, and is a stand-in.
    pub(super) fn keep(&mut self, text: &str, kind: Kind, rule: usize, origin: Origin) {
        let key = key(text);
        if !self.by_value.contains_key(&key) {
            self.by_value.insert(key, self.entries.len());
            let shown = text.to_owned();
            self.entries.push(Entry { kind, rule, origin, form: Form::of(kind, text), number: 0, shown, came: true });
        }
    }

    /// What stands on the tape for something already. That a number does, nothing but this list knows.
    pub(super) fn list(&mut self, stand_ins: &[StandIn], named: usize) {
        for stand_in in stand_ins {
            if parse(&stand_in.value).is_none() && listed_name(stand_in).is_some_and(|name| name.kind == Kind::Secret) {
                self.name_secret(&stand_in.value, named);
            }
            self.listed.entry(stand_in.value.clone()).or_insert_with(|| stand_in.clone());
        }
    }

    /// Whether a text stands for something already.
    pub(super) fn stands(&self, text: &str) -> bool {
        // A list can be written by hand: what stands on it has to look like a stand-in.
        parse(text).is_some() || self.listed.get(text).is_some_and(|stand_in| listed_name(stand_in).is_some())
    }

    /// A client's value for what has a stand-in on the tape (or stands there as it is): the same thing.
    /// Where the client's value has come with a stand-in of its own, both are returned.
    pub(super) fn bind(&mut self, taped: &str, value: &str) -> Option<(String, String)> {
        let place = *self.by_value.get(&key(taped))?;
        match self.by_value.get(&key(value)) {
            Some(other) => {
                let (other, same) = (key(&self.entries[*other].shown), key(&self.entries[place].shown));
                (other != same).then_some((other, same))
            }
            None => {
                self.by_value.insert(key(value), place);
                if value.len() >= SHORTEST_KNOWN {
                    self.know(value, place, is_guid(value));
                }
                None
            }
        }
    }

    /// What is called as the tape lists it, by what stands for it here.
    pub(super) fn settled(&self) -> Settled {
        let mut settled = Settled::default();
        for stand_in in self.listed.values() {
            let Some(name) = listed_name(stand_in) else { continue };
            match self.by_value.get(&key(&stand_in.value)) {
                Some(place) => drop(settled.names.insert(key(&self.entries[*place].shown), name)),
                None => settled.taken.push(name),
            }
        }
        settled
    }

    /// Every name that the tape lists.
    pub(super) fn listed_names(&self) -> Vec<Name> {
        self.listed.values().filter_map(listed_name).collect()
    }

    /// By entry: its value, as values are compared.
    pub(super) fn values(&self) -> HashMap<usize, &str> {
        self.by_value.iter().map(|(value, place)| (*place, value.as_str())).collect()
    }

    /// Of what kind an entry is, and of what form.
    pub(super) fn kind_and_form(&self, entry: usize) -> (Kind, Form) {
        (self.entries[entry].kind, self.entries[entry].form)
    }

    /// What stands for an entry.
    pub(super) fn shown(&self, entry: usize) -> &str {
        &self.entries[entry].shown
    }

    /// Whether this table made this text.
    pub(super) fn is_issued(&self, text: &str) -> bool {
        self.issued.contains(&key(text))
    }

    /// Known values in a text.
    pub(super) fn known(&mut self, text: &str) -> Vec<(Range<usize>, Meaning)> {
        self.known.find(text)
    }

    /// By stand-in, as values are compared: where its value came from. What the tape says of that holds.
    pub(super) fn origins(&self) -> HashMap<String, Origin> {
        let mut origins: HashMap<_, _> = self.entries.iter().map(|entry| (key(&entry.shown), entry.origin)).collect();
        for stand_in in self.listed.values() {
            if let Some(place) = self.by_value.get(&key(&stand_in.value)) {
                origins.insert(key(&self.entries[*place].shown), stand_in.origin);
            }
        }
        origins
    }

    /// The numbers that stand for what `rule` found: nothing but this table knows that they do.
    pub(super) fn numbers(&self, rule: usize) -> Vec<String> {
        let stands = |entry: &&Entry| entry.rule == rule && entry.form.shape == Shape::Number;
        self.entries.iter().filter(stands).map(|entry| entry.shown.clone()).collect()
    }

    /// The stand-ins, by kind and number; `origin` says where a value came from that came here with
    /// another stand-in already.
    pub(super) fn stand_ins(&self, origins: &HashMap<String, Origin>) -> Vec<StandIn> {
        let before: HashMap<usize, Origin> =
            self.by_value.iter().filter_map(|(value, place)| Some((*place, *origins.get(value.as_str())?))).collect();
        let mut places: Vec<usize> = (0..self.entries.len()).filter(|place| self.entries[*place].came).collect();
        places.sort_by_key(|place| {
            let entry = &self.entries[*place];
            (entry.kind.place(), entry.number, entry.shown.clone())
        });
        let stand_in = |place: usize| {
            let entry = &self.entries[place];
            StandIn {
                kind: entry.kind.name().to_owned(),
                value: entry.shown.clone(),
                origin: before.get(&place).copied().unwrap_or(entry.origin),
            }
        };
        places.into_iter().map(stand_in).collect()
    }
}

/// What a listed stand-in is called; `None` where it has no such name, as a zero GUID has none.
fn listed_name(stand_in: &StandIn) -> Option<Name> {
    name(Kind::from_name(&stand_in.kind)?, &stand_in.value)
}

/// A value as it is compared: ids and mailboxes without regard to case, ids without their dashes.
pub(super) fn key(value: &str) -> String {
    if is_guid(value) {
        value.replace('-', "").to_ascii_lowercase()
    } else if value.contains('@') || (value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        value.to_ascii_lowercase()
    } else {
        value.to_owned()
    }
}

/// What a known text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The value of an entry.
    Value(usize),
    /// What the user gave a name.
    Variable(String),
}

/// Texts that are looked for everywhere.
#[derive(Default)]
struct Known {
    words: Vec<Word>,
    /// Machines over parts of the words, each much smaller than the one before: a new word costs no
    /// new machine over all of them.
    machines: Vec<(Option<AhoCorasick>, Range<usize>)>,
}

struct Word {
    text: String,
    meaning: Meaning,
    any_case: bool,
}

impl Known {
    fn add(&mut self, text: &str, meaning: Meaning, any_case: bool) {
        if !self.words.iter().rev().take(64).any(|word| word.text == text) {
            self.words.push(Word { text: text.to_owned(), meaning, any_case });
        }
    }

    fn refresh(&mut self) {
        let mut start = self.machines.last().map_or(0, |(_, words)| words.end);
        if start == self.words.len() {
            return;
        }
        while let Some((_, last)) = self.machines.last()
            && last.len() <= 2 * (self.words.len() - start)
        {
            start = last.start;
            self.machines.pop();
        }
        let texts = self.words[start..].iter().map(|word| &word.text);
        let machine = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
        self.machines.push((machine.ok(), start..self.words.len()));
    }

    fn find(&mut self, text: &str) -> Vec<(Range<usize>, Meaning)> {
        self.refresh();
        let mut found = Vec::new();
        for (machine, words) in &self.machines {
            let Some(machine) = machine else { continue };
            // Of two values that overlap neither may stay in part.
            for hit in machine.find_overlapping_iter(text) {
                let word = &self.words[words.start + hit.pattern().as_usize()];
                let exact = word.any_case || text[hit.range()] == word.text;
                if exact && stands_alone(text, hit.range(), &word.meaning) {
                    found.push((hit.range(), word.meaning.clone()));
                }
            }
        }
        found
    }
}

/// A variable is a word of its own: `hub` is not in `github`. Digits are not part of a longer number.
fn stands_alone(text: &str, range: Range<usize>, meaning: &Meaning) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let digits = text[range].bytes().all(|byte| byte.is_ascii_digit());
    let joins = |letter: Option<char>| match meaning {
        Meaning::Variable(_) => letter.is_some_and(char::is_alphanumeric),
        Meaning::Value(_) => digits && letter.is_some_and(|letter| letter.is_ascii_digit()),
    };
    !joins(before) && !joins(after)
}
