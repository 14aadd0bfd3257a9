//! The redactor: what it has replaced in a recording, and how that ends up on the tape.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use super::{
    command::{command, command_words},
    exchange,
    matcher::Rules,
    order::canonical,
    raw::RawExchange,
    rules::{NAMED, STAND_IN},
    table::Table,
    walk::{Found, Search, Walk},
};
use crate::cassette::{Cassette, Interaction, Origin};

/// An interaction that may be written.
#[derive(Clone, Debug)]
pub struct Redacted(Interaction);

impl Redacted {
    /// The interaction.
    #[must_use]
    pub fn as_inner(&self) -> &Interaction {
        &self.0
    }

    /// The interaction.
    #[must_use]
    pub fn into_inner(self) -> Interaction {
        self.0
    }
}

/// Values that the user names.
#[derive(Default)]
pub struct Named {
    secrets: Vec<String>,
    variables: BTreeMap<String, String>,
}

/// Why a value cannot be replaced wherever it occurs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamedError {
    /// It would be found in every other word.
    #[error("the value of `{name}` is too short to be looked for everywhere: {SHORTEST} characters at least")]
    Short {
        /// The name; the value is nobody's business.
        name: String,
    },
    /// Not a word that can stand in braces on the tape.
    #[error("`{0}` is no name of a variable: letters, digits, `-` and `_`")]
    Name(String),
}

/// A shorter value would be found in every other word.
const SHORTEST: usize = 4;

impl Named {
    /// Adds a secret: it is replaced wherever it occurs, in every encoding.
    ///
    /// # Errors
    ///
    /// Where it is too short.
    pub fn secret(&mut self, name: &str, value: &str) -> Result<(), NamedError> {
        if value.chars().count() < SHORTEST {
            return Err(NamedError::Short { name: name.to_owned() });
        }
        self.secrets.push(value.to_owned());
        Ok(())
    }

    /// Adds a variable: `{name}` stands on the tape where the value was.
    ///
    /// # Errors
    ///
    /// Where the value is too short, or the name is none.
    pub fn variable(&mut self, name: &str, value: &str) -> Result<(), NamedError> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_part) {
            return Err(NamedError::Name(name.to_owned()));
        }
        if value.chars().count() < 2 {
            return Err(NamedError::Short { name: name.to_owned() });
        }
        self.variables.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
}

/// What was replaced, and what the gate stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rules by id, and how often each replaced something.
    pub replaced: BTreeMap<String, u64>,
    /// What looked like a secret though no rule knew it.
    pub suspects: Vec<Finding>,
}

/// Something that was found: where, never what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The interaction, from 0, in the order of the tape.
    pub interaction: usize,
    /// Where in it, such as `response.body.properties.key`.
    pub place: String,
    /// The rule that found it.
    pub rule: String,
    /// The same number for the same value.
    pub value: usize,
}

/// Redacts the exchanges of one recording. Values that were found once are known from then on.
pub struct Redactor {
    rules: Rules,
    named: Named,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    table: Table,
    replaced: BTreeMap<usize, u64>,
    suspects: Vec<Finding>,
}

impl State {
    fn count(&mut self, found: &[Found]) {
        for Found { rule, .. } in found.iter().filter(|found| found.rule != STAND_IN) {
            *self.replaced.entry(*rule).or_default() += 1;
        }
    }
}

impl Redactor {
    /// A redactor that has seen nothing yet.
    #[must_use]
    pub fn new(rules: Rules, named: Named) -> Self {
        let mut state = State::default();
        for secret in &named.secrets {
            state.table.name_secret(secret, NAMED);
        }
        for (name, value) in &named.variables {
            state.table.name_variable(name, value);
        }
        Self { rules, named, state: Mutex::new(state) }
    }

    /// Takes out what must not be kept, and puts stand-ins in its place. `place` is the exchange's
    /// number, for the report.
    #[must_use]
    pub fn exchange(&self, place: u64, raw: RawExchange) -> Redacted {
        let mut interaction = exchange::interaction(raw);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.interaction(&mut state, &mut interaction, usize::try_from(place).unwrap_or(usize::MAX));
        Redacted(interaction)
    }

    /// The rules, then the gate; what the rules found.
    fn interaction(&self, state: &mut State, interaction: &mut Interaction, number: usize) -> Vec<Finding> {
        let finding = |found: Found| Finding {
            interaction: number,
            place: found.place,
            rule: self.rules.id(found.rule).to_owned(),
            value: found.entry,
        };
        let found = self.walk(&mut state.table, interaction, Search::Raw);
        state.count(&found);
        let stopped = self.walk(&mut state.table, interaction, Search::Gate);
        state.count(&stopped);
        state.suspects.extend(stopped.into_iter().map(finding));
        found.into_iter().filter(|found| found.rule != STAND_IN).map(finding).collect()
    }

    fn walk(&self, table: &mut Table, interaction: &mut Interaction, search: Search) -> Vec<Found> {
        let mut walk = Walk::new(&self.rules, table, search);
        match search {
            Search::Gate => exchange::walk_bodies(&mut walk, interaction),
            Search::Raw | Search::Again => exchange::walk(&mut walk, interaction, &|name| self.rules.by_header(name)),
        }
        walk.found
    }

    /// The client's command line, without what must not be kept.
    #[must_use]
    pub fn command(&self, words: &[String]) -> Vec<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.command_with(&mut state.table, &command(words))
    }

    /// The rules, then the gate.
    fn command_with(&self, table: &mut Table, words: &[String]) -> Vec<String> {
        let known = command_words(&mut Walk::new(&self.rules, table, Search::Raw), words);
        command_words(&mut Walk::new(&self.rules, table, Search::Gate), &known)
    }

    /// The recording as it goes on the tape: values that were only known later are replaced where
    /// they stood before, and the stand-ins are numbered canonically.
    #[must_use]
    pub fn finish(&self, mut cassette: Cassette) -> (Cassette, Report) {
        let Self { rules, named, state } = self;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        for interaction in &mut cassette.interactions {
            let found = self.walk(&mut state.table, interaction, Search::Again);
            state.count(&found);
        }
        for (name, value) in &named.variables {
            let mut walk = Walk::new(rules, &mut state.table, Search::Again);
            // A value that is replaced itself has no business on the tape.
            if walk.text(Some(name), value).is_none_or(|new| new == format!("{{{name}}}")) {
                cassette.variables.insert(name.clone(), value.clone());
            }
        }
        let mut replaced: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, times) in &state.replaced {
            replaced.insert(rules.id(*rule).to_owned(), *times);
        }
        let report = Report { replaced, suspects: std::mem::take(&mut state.suspects) };
        let numbers = state.table.numbers(NAMED);
        (self.numbered(cassette, &state.table.origins(), &numbers, &named.variables), report)
    }

    /// Numbers the stand-ins by a walk in canonical order, in which they are what is replaced.
    fn numbered(
        &self,
        mut cassette: Cassette,
        origins: &HashMap<String, Origin>,
        numbers: &[String],
        named: &BTreeMap<String, String>,
    ) -> Cassette {
        let mut table = Table::default();
        for number in numbers {
            table.name_secret(number, NAMED);
        }
        for number in canonical(&cassette.interactions) {
            self.walk(&mut table, &mut cassette.interactions[number], Search::Raw);
        }
        cassette.command = self.command_with(&mut table, &cassette.command);
        let mut walk = Walk::new(&self.rules, &mut table, Search::Raw);
        for (name, value) in cassette.variables.iter_mut().filter(|(name, _)| !named.contains_key(*name)) {
            if let Some(new) = walk.text(Some(name), value) {
                *value = new;
            }
        }
        cassette.stand_ins = table.stand_ins(origins);
        cassette
    }

    /// As [`Redactor::exchange`] for each interaction of a tape, then as [`Redactor::finish`].
    fn tape(&self, mut cassette: Cassette) -> (Cassette, Report, Vec<Finding>) {
        let mut findings = Vec::new();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).table.list(&cassette.stand_ins);
        for (number, interaction) in cassette.interactions.iter_mut().enumerate() {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            findings.extend(self.interaction(&mut state, interaction, number));
        }
        let (cassette, report) = self.finish(cassette);
        findings.extend(report.suspects.iter().cloned());
        findings.sort();
        (cassette, report, findings)
    }
}

/// Redacts a tape that is there already, and says what was found on it. A tape with nothing to hide
/// stays as it is.
#[must_use]
pub fn cassette(cassette: Cassette, rules: Rules, named: Named) -> (Cassette, Report, Vec<Finding>) {
    Redactor::new(rules, named).tape(cassette)
}
