//! The redactor: what it has replaced in a recording, and how that ends up on the tape.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    command::{command, command_words, taken_out_of_tape},
    exchange,
    heard::Heard,
    matcher::Rules,
    named::Named,
    number::Numbering,
    raw::RawExchange,
    report::{Finding, Report},
    rules::{self, NAMED, STAND_IN},
    table::Table,
    walk::{Found, Search, Walk},
};
use crate::cassette::{Cassette, Cleared, Interaction};

/// An interaction that may be written.
#[derive(Clone, Debug)]
pub struct Redacted {
    interaction: Interaction,
    /// What of it was left as it was.
    left: Heard,
}

/// Values that were known only after they may have gone by. In memory alone: it cannot be shown.
pub struct Late(Vec<String>);

impl Redacted {
    /// The interaction.
    #[must_use]
    pub fn into_inner(self) -> Interaction {
        self.interaction
    }
}

impl Cleared for Redacted {
    fn interaction(&self) -> &Interaction {
        &self.interaction
    }
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
    /// Since somebody asked last.
    late: Vec<String>,
    /// Stand-ins that stand for one value, by key.
    same: HashMap<String, String>,
}

impl State {
    /// One value for each text of the tape: the first client that is named has it.
    fn bind(&mut self, bound: &[(String, String)]) {
        let (mut taped_ones, mut values) = (HashSet::new(), HashSet::new());
        for (taped, value) in bound {
            if !taped_ones.insert(taped.to_ascii_lowercase()) || !values.insert(value.to_ascii_lowercase()) {
                continue;
            }
            match taped.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => self.table.name_variable(name, value),
                None => self.same.extend(self.table.bind(taped, value)),
            }
        }
    }

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
        let mut state = self.state();
        self.interaction(&mut state, &mut interaction, usize::try_from(place).unwrap_or(usize::MAX));
        // Mentioned before it was named, in this exchange or in an earlier one.
        let late = state.table.late();
        if !late.is_empty() {
            state.late.extend(late);
            let found = self.walk(&mut state.table, &mut interaction, Search::Again);
            state.count(&found);
        }
        Redacted { interaction, left: state.table.passed() }
    }

    /// The values that exchanges have told of, since this was asked last, and that earlier ones may have
    /// mentioned. What the earlier ones said is then to be looked through [`again`](Self::again).
    #[must_use]
    pub fn late(&self) -> Option<Late> {
        let late = std::mem::take(&mut self.state().late);
        (!late.is_empty()).then_some(Late(late))
    }

    /// Replaces what is known by now in an earlier exchange, if one of the values may be in it. Whether
    /// there was something.
    pub fn again(&self, Late(values): &Late, earlier: &mut Redacted) -> bool {
        if !values.iter().any(|value| earlier.left.may_hold(value)) {
            return false;
        }
        let mut state = self.state();
        let found = self.walk(&mut state.table, &mut earlier.interaction, Search::Again);
        state.count(&found);
        !found.is_empty()
    }

    /// Puts the places on the tape in the place of the numbers that exchanges were given.
    pub fn number_suspects(&self, on_tape: impl Fn(usize) -> usize) {
        for suspect in &mut self.state().suspects {
            suspect.interaction = suspect.interaction.map(&on_tape);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finding(&self, found: Found, interaction: Option<usize>) -> Finding {
        let Found { rule, place, entry } = found;
        Finding { interaction, place, rule: self.rules.id(rule).to_owned(), value: entry }
    }

    /// The rules, then the gate; what the rules found.
    fn interaction(&self, state: &mut State, interaction: &mut Interaction, number: usize) -> Vec<Finding> {
        let found = self.walk(&mut state.table, interaction, Search::Raw);
        state.count(&found);
        let stopped = self.walk(&mut state.table, interaction, Search::Gate);
        self.told(state, found, stopped, Some(number))
    }

    /// Puts what the gate stopped in the report; what the rules found.
    fn told(&self, state: &mut State, found: Vec<Found>, stopped: Vec<Found>, number: Option<usize>) -> Vec<Finding> {
        state.count(&stopped);
        state.suspects.extend(stopped.into_iter().map(|found| self.finding(found, number)));
        let known = found.into_iter().filter(|found| found.rule != STAND_IN);
        known.map(|found| self.finding(found, number)).collect()
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
        let mut state = self.state();
        let (words, found, stopped) = self.command_with(&mut state.table, &command(words));
        state.count(&found);
        self.told(&mut state, found, stopped, None);
        words
    }

    /// The command line as it was made before, without what is known by now.
    #[must_use]
    pub fn command_again(&self, words: &[String]) -> Vec<String> {
        command_words(&mut Walk::new(&self.rules, &mut self.state().table, Search::Again), words)
    }

    /// The rules, then the gate.
    fn command_with(&self, table: &mut Table, words: &[String]) -> (Vec<String>, Vec<Found>, Vec<Found>) {
        let mut walk = Walk::new(&self.rules, table, Search::Raw);
        let known = command_words(&mut walk, words);
        let found = walk.found;
        let mut walk = Walk::new(&self.rules, table, Search::Gate);
        let words = command_words(&mut walk, &known);
        (words, found, walk.found)
    }

    /// The recording as it goes on the tape: values that were only known later are replaced where
    /// they stood before, and the stand-ins are numbered canonically.
    #[must_use]
    pub fn finish(&self, cassette: Cassette) -> (Cassette, Report) {
        let (cassette, report, _) = self.finish_as(cassette, None);
        (cassette, report)
    }

    /// As [`finish`](Self::finish), for what was recorded before: stand-ins keep the names that they
    /// have on the accepted tape where the same thing stands there. What is new gets a name that the
    /// accepted tape does not have.
    #[must_use]
    pub fn finish_again(&self, cassette: Cassette, accepted: &Cassette) -> (Cassette, Report) {
        let (cassette, report, _) = self.finish_as(cassette, Some(accepted));
        (cassette, report)
    }

    /// As [`finish`](Self::finish), for a recording that goes on a tape that is there, behind what is
    /// on it: its stand-ins stay. `bound` are texts of that tape and what the client said in their
    /// place while it was answered from the tape.
    #[must_use]
    pub fn finish_behind(
        &self,
        mut known: Cassette,
        bound: &[(String, String)],
        recorded: Cassette,
    ) -> (Cassette, Report) {
        let mut state = self.state();
        for suspect in &mut state.suspects {
            suspect.interaction = suspect.interaction.map(|number| number + known.interactions.len());
        }
        self.known(&mut state, &mut known);
        state.bind(bound);
        drop(state);
        known.append(recorded);
        self.finish(known)
    }

    /// And what was found where it stood before it was known.
    fn finish_as(&self, mut cassette: Cassette, accepted: Option<&Cassette>) -> (Cassette, Report, Vec<Finding>) {
        let Self { rules, named, .. } = self;
        let mut state = self.state();
        let mut findings = Vec::new();
        for (number, interaction) in cassette.interactions.iter_mut().enumerate() {
            let found = self.walk(&mut state.table, interaction, Search::Again);
            state.count(&found);
            findings.extend(self.told(&mut state, found, Vec::new(), Some(number)));
        }
        let mut walk = Walk::new(rules, &mut state.table, Search::Again);
        cassette.command = command_words(&mut walk, &cassette.command);
        let found = walk.found;
        state.count(&found);
        findings.extend(self.told(&mut state, found, Vec::new(), None));
        for (name, value) in &named.variables {
            let mut walk = Walk::new(rules, &mut state.table, Search::Again);
            // A value that is replaced itself has no business on the tape.
            if walk.text(Some(name), value).is_none_or(|new| new == format!("{{{name}}}")) {
                cassette.variables.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let mut replaced: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, times) in &state.replaced {
            replaced.insert(rules.id(*rule).to_owned(), *times);
        }
        let report = Report { replaced, suspects: std::mem::take(&mut state.suspects) };
        let mut settled = state.table.settled();
        settled.same = std::mem::take(&mut state.same);
        let numbering = Numbering {
            rules,
            named: &named.variables,
            origins: state.table.origins(),
            numbers: state.table.numbers(NAMED),
        };
        (numbering.number(cassette, settled, accepted), report, findings)
    }

    /// As [`Redactor::exchange`] for each interaction of a tape, then as [`Redactor::finish`].
    fn tape(&self, mut cassette: Cassette, accepted: Option<&Cassette>) -> (Cassette, Report, Vec<Finding>) {
        let mut findings = self.known(&mut self.state(), &mut cassette);
        // What other tools kept of who asked was looked through; now it goes.
        cassette.drop_foreign_credentials();
        let (cassette, report, late) = self.finish_as(cassette, accepted);
        findings.extend(late);
        findings.extend(report.suspects.iter().cloned());
        findings.sort();
        (cassette, report, findings)
    }

    /// Takes out what must not be kept of a tape that is there; what the rules found.
    fn known(&self, state: &mut State, cassette: &mut Cassette) -> Vec<Finding> {
        let mut findings = Vec::new();
        state.table.list(&cassette.stand_ins, NAMED);
        for (number, interaction) in cassette.interactions.iter_mut().enumerate() {
            findings.extend(self.interaction(state, interaction, number));
            // All of it is looked through once more at the end.
            state.table.passed();
        }
        let mut words = Vec::with_capacity(cassette.command.len());
        for (number, (word, rule)) in taken_out_of_tape(&cassette.command).into_iter().enumerate() {
            words.push(word);
            let Some(rule) = rule else { continue };
            *state.replaced.entry(rules::index(rule)).or_default() += 1;
            let place = format!("command[{number}]");
            // No two of them are known to be the same.
            findings.push(Finding { interaction: None, place, rule: rule.to_owned(), value: usize::MAX - number });
        }
        let (words, found, stopped) = self.command_with(&mut state.table, &words);
        cassette.command = words;
        state.count(&found);
        findings.extend(self.told(state, found, stopped, None));
        for (name, value) in cassette.variables.iter_mut().filter(|(name, _)| !self.named.variables.contains_key(*name))
        {
            let mut walk = Walk::new(&self.rules, &mut state.table, Search::Raw);
            if let Some(new) = walk.at(&format!("variables.{name}"), |walk| walk.text(Some(name), value)) {
                *value = new;
            }
            let found = walk.found;
            state.count(&found);
            findings.extend(self.told(state, found, Vec::new(), None));
        }
        findings
    }
}

/// Redacts a tape that is there already, and says what was found on it. A tape with nothing to hide
/// stays as it is.
#[must_use]
pub fn cassette(cassette: Cassette, rules: Rules, named: Named) -> (Cassette, Report, Vec<Finding>) {
    Redactor::new(rules, named).tape(cassette, None)
}

/// The interactions that a recorder had written when it was killed, as it would have finished them.
#[must_use]
pub fn recovered(cassette: Cassette, accepted: Option<&Cassette>, rules: Rules) -> Cassette {
    Redactor::new(rules, Named::default()).tape(cassette, accepted).0
}
