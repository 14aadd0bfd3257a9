//! Reports of shards, made one.

use std::collections::BTreeMap;

use super::{Report, Shard};
use crate::check::Applied;

/// Why reports do not belong together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is none.
    #[error("there is no report to merge")]
    Nothing,
    /// They were not made alike.
    #[error("{first} and {second} differ in {what}: {one} and {other}")]
    Differ {
        /// A file.
        first: String,
        /// Another one.
        second: String,
        /// What is not the same.
        what: &'static str,
        /// The first one's.
        one: String,
        /// The second one's.
        other: String,
    },
    /// One part is there twice.
    #[error("{first} and {second} are both shard {shard}")]
    Twice {
        /// A file.
        first: String,
        /// Another one.
        second: String,
        /// The shard of both.
        shard: Shard,
    },
    /// A report of everything among others.
    #[error("{0} is no shard: it is the report of a whole run")]
    Whole(String),
    /// Parts that nobody gave.
    #[error("{} missing", missing(.0))]
    Missing(Vec<Shard>),
}

/// As many missing shards as are named.
const MOST_NAMED: usize = 20;

fn missing(shards: &[Shard]) -> String {
    let names: Vec<String> = shards.iter().map(ToString::to_string).collect();
    let (word, verb) = if shards.len() == 1 { ("shard", "is") } else { ("shards", "are") };
    format!("{word} {} {verb}", names.join(", "))
}

/// Makes one report of those of all shards, each with its file's name: the report that one run would
/// have made. One report of a whole run stays as it is.
///
/// # Errors
///
/// Where the reports do not belong together, or a shard is missing or there twice.
pub fn merge(mut reports: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let (first, model) = reports.first().ok_or(MergeError::Nothing)?;
    for (name, report) in &reports[1..] {
        same(first, name, model, report)?;
    }
    if reports.len() == 1 && model.shard.is_none() {
        return Ok(reports.remove(0).1);
    }
    let mut shards: BTreeMap<Shard, &str> = BTreeMap::new();
    for (name, report) in &reports {
        let shard = report.shard.ok_or_else(|| MergeError::Whole(name.clone()))?;
        if let Some(other) = shards.insert(shard, name) {
            return Err(MergeError::Twice { first: other.to_owned(), second: name.clone(), shard });
        }
    }
    let count = model.shard.map_or(1, |shard| shard.count);
    let all = (1..=count).map(|index| Shard { index, count });
    let left: Vec<Shard> = all.filter(|shard| !shards.contains_key(shard)).take(MOST_NAMED).collect();
    if !left.is_empty() {
        return Err(MergeError::Missing(left));
    }
    let mut merged = Report::default();
    for (at, (_, mut report)) in reports.into_iter().enumerate() {
        if at == 0 {
            merged = Report { shard: None, ..report };
            continue;
        }
        merged.cases.append(&mut report.cases);
        merged.not_run = merged.not_run.saturating_add(report.not_run);
        merged.took = merged.took.saturating_add(report.took);
        for (applied, other) in merged.baseline.iter_mut().zip(report.baseline) {
            applied.times = applied.times.saturating_add(other.times);
        }
    }
    merged.cases.sort_by_key(|case| case.number);
    merged.group();
    Ok(merged)
}

/// Whether two reports may be parts of one.
fn same(first: &str, second: &str, one: &Report, other: &Report) -> Result<(), MergeError> {
    let words = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(" ") };
    let seed = |report: &Report| report.seed.map_or("none".to_owned(), |seed| seed.to_string());
    let shards =
        |report: &Report| report.shard.map_or("a whole run".to_owned(), |shard| format!("{} shards", shard.count));
    let left = |report: &Report| format!("{} scenarios", report.skipped.len());
    let entries = |report: &Report| {
        let name = |applied: &Applied| format!("{} {}", applied.rule, applied.scenarios.join(" "));
        words(&report.baseline.iter().map(name).collect::<Vec<_>>())
    };
    let facts = [
        ("what was done", one.work.word().to_owned(), other.work.word().to_owned()),
        ("the client's command", words(&one.command), words(&other.command)),
        ("the seed", seed(one), seed(other)),
        ("the options", words(&one.options), words(&other.options)),
        ("the number of shards", shards(one), shards(other)),
        ("what was left out", left(one), left(other)),
        ("the baseline", entries(one), entries(other)),
    ];
    match facts.into_iter().find(|(_, one, other)| one != other) {
        Some((what, one, other)) => {
            Err(MergeError::Differ { first: first.to_owned(), second: second.to_owned(), what, one, other })
        }
        None => Ok(()),
    }
}
