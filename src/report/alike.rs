//! Generated cases that show the same: they are told once, by the smallest conversation that shows it.

use std::{borrow::Cow, collections::BTreeMap};

use super::{CaseReport, Report, Shrunk};
use crate::{arm::count, judge::Severity};

/// So many names of cases that show the same are told.
const NAMED: usize = 4;

/// What a case shows: the rules that it breaks, in order and each once.
type Shows = Vec<(Severity, &'static str)>;

impl CaseReport {
    /// What a generated case shows; `None` where that is nothing, and of any other case.
    fn shows(&self) -> Option<Shows> {
        self.recipe.as_ref()?;
        let mut shows: Shows = self.counting().map(|finding| (finding.severity, finding.rule)).collect();
        shows.sort_unstable();
        shows.dedup();
        (!shows.is_empty()).then_some(shows)
    }

    /// The rules that are violated, in order and each once.
    fn violated(&self) -> Vec<&'static str> {
        let findings = self.findings.iter().map(|reported| &reported.finding);
        let violations = findings.filter(|finding| finding.severity == Severity::Violation);
        let mut rules: Vec<_> = violations.map(|finding| finding.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// As people are to see it: the smallest conversation that shows the same, where there is one.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, Self> {
        let Some(shrunk) = &self.shrunk else { return Cow::Borrowed(self) };
        let Shrunk { case, how, like } = &**shrunk;
        let words: Vec<String> = same(like).into_iter().chain(how.clone()).collect();
        if words.is_empty() {
            return Cow::Borrowed(case);
        }
        Cow::Owned(Self { title: format!("{} ({})", case.title, words.join("; ")), ..case.clone() })
    }
}

impl Shrunk {
    /// Whether the same service shows the same.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.case.recipe == other.case.recipe && self.case.violated() == other.case.violated()
    }
}

impl Report {
    /// The cases as they are told: of generated ones that show the same only the first.
    pub fn told(&self) -> impl Iterator<Item = Cow<'_, CaseReport>> {
        let is_told = |case: &&CaseReport| case.shrunk.is_some() || case.shows().is_none();
        self.cases.iter().filter(is_told).map(CaseReport::shown)
    }

    /// Finds out which generated cases show the same. What comes to the same service as an earlier one is
    /// told with that; but a shard, which does not know all of them, leaves this to whoever merges.
    pub fn group(&mut self) {
        let mut groups: BTreeMap<Shows, Vec<usize>> = BTreeMap::new();
        for (at, shows) in self.cases.iter().enumerate().filter_map(|(at, case)| Some((at, case.shows()?))) {
            groups.entry(shows).or_default().push(at);
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        groups.sort_unstable();
        let mut told: Vec<(Box<Shrunk>, Vec<usize>)> = Vec::new();
        for members in groups {
            let mut shrunk = members.iter().map(|at| self.cases[*at].shrunk.take());
            let Some(first) = shrunk.next().flatten() else { continue };
            shrunk.for_each(drop);
            let known = told.iter_mut().find(|(known, _)| self.shard.is_none() && known.is_like(&first));
            match known {
                Some((_, all)) => all.extend(members),
                None => told.push((first, members)),
            }
        }
        for (mut shrunk, mut members) in told {
            let first = members[0];
            members.sort_unstable();
            shrunk.like = members.iter().map(|at| self.cases[*at].scenario.clone()).collect();
            self.cases[first].shrunk = Some(shrunk);
        }
    }
}

/// Which cases show the same, if there is more than one.
fn same(names: &[String]) -> Option<String> {
    if names.len() < 2 {
        return None;
    }
    let mut named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    if names.len() > NAMED {
        named.push("…");
    }
    Some(format!("{} show the same: {}", count(names.len(), "case"), named.join(", ")))
}
