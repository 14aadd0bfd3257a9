//! What a project lives with for now: a file of findings that are known, each with a reason and a day
//! on which it is looked at again.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{cassette::write_whole, judge};

/// How long an entry lasts that armtape writes.
const DAYS: i64 = 90;

/// The file, and what its entries have matched so far.
#[derive(Clone, Debug)]
pub struct Baseline {
    path: PathBuf,
    today: Date,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    rule: &'static str,
    scenarios: Vec<GlobMatcher>,
    operation: Option<String>,
    reason: String,
    expires: Option<Date>,
    times: usize,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// File and line.
    pub place: String,
    /// The rule.
    pub rule: String,
    /// Globs of scenarios.
    pub scenarios: Vec<String>,
    /// Why the project lives with it.
    pub reason: String,
    /// The day from which it counts again.
    pub expires: Option<String>,
    /// Whether that day has come.
    pub expired: bool,
    /// How many findings it matched.
    pub times: usize,
}

/// A finding that a new entry is to name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepted {
    /// The rule.
    pub rule: String,
    /// The scenario, id and variant.
    pub scenario: String,
}

/// Why a file is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// The file.
    pub path: PathBuf,
    /// From 1; `None` where the file as a whole is meant.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path.display(), self.message),
            None => write!(f, "{}: {}", self.path.display(), self.message),
        }
    }
}

impl std::error::Error for BaselineError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    finding: Vec<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: String,
    #[serde(default)]
    scenario: OneOrMore,
    operation: Option<String>,
    reason: String,
    expires: Option<Day>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a glob of scenarios, or an array of them")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::One("*".to_owned())
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a day such as 2027-03-31")]
enum Day {
    Text(String),
    Date(toml::value::Datetime),
}

const HINT: &str = "docs/check.md describes the file";

impl Baseline {
    /// An empty one, to be written to `path`.
    #[must_use]
    pub fn new(path: &Path, today: Date) -> Self {
        Self { path: path.to_owned(), today, entries: Vec::new() }
    }

    /// Reads the text of a file; `path` is for messages alone, `today` decides what has expired.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line.
    pub fn parse(path: &Path, text: &str, today: Date) -> Result<Self, BaselineError> {
        let reader = Reader { path, text };
        let file: File = toml::from_str(text).map_err(|error| reader.error(error.span(), error.message()))?;
        let entries = file.finding.into_iter().map(|entry| reader.entry(entry));
        Ok(Self { path: path.to_owned(), today, entries: entries.collect::<Result<_, _>>()? })
    }

    /// Why a finding is accepted, if it is. Every entry that fits counts it; one that has expired
    /// accepts nothing.
    pub fn accepts(&mut self, rule: &str, scenario: &str, operation: &str) -> Option<String> {
        let today = self.today;
        let mut reason = None;
        for entry in self.entries.iter_mut().filter(|entry| entry.fits(rule, scenario, operation)) {
            entry.times += 1;
            if reason.is_none() && !entry.has_expired(today) {
                reason = Some(entry.reason.clone());
            }
        }
        reason
    }

    /// What became of each entry.
    #[must_use]
    pub fn applied(&self) -> Vec<Applied> {
        let applied = |entry: &Entry| Applied {
            place: format!("{}:{}", self.path.display(), entry.line),
            rule: entry.rule.to_owned(),
            scenarios: entry.scenarios.iter().map(|glob| glob.glob().glob().to_owned()).collect(),
            reason: entry.reason.clone(),
            expires: entry.expires.map(|day| day.to_string()),
            expired: entry.has_expired(self.today),
            times: entry.times,
        };
        self.entries.iter().map(applied).collect()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts new entries behind what the file says.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or written. It is written whole or not at all.
    pub fn add(&self, accepted: &[Accepted], reason: &str) -> std::io::Result<()> {
        let before = match std::fs::read_to_string(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let entries = self.entries_for(accepted, reason);
        let text = if before.is_empty() { entries.trim_start().to_owned() } else { before + &entries };
        write_whole(&self.path, text.as_bytes())
    }

    /// The text of new entries: one for each rule.
    pub(super) fn entries_for(&self, accepted: &[Accepted], reason: &str) -> String {
        let mut accepted = accepted.to_vec();
        accepted.sort();
        accepted.dedup();
        let expires = self.today.checked_add(jiff::Span::new().days(DAYS)).unwrap_or(self.today);
        let entries = accepted.chunk_by(|one, other| one.rule == other.rule).map(|of_rule| {
            let names: Vec<String> =
                of_rule.iter().map(|accepted| quoted(&globset::escape(&accepted.scenario))).collect();
            format!(
                "\n[[finding]]\nrule = {}\nscenario = [{}]\nreason = {}\nexpires = {expires}\n",
                quoted(&of_rule[0].rule),
                names.join(", "),
                quoted(reason),
            )
        });
        entries.collect()
    }
}

impl Entry {
    fn fits(&self, rule: &str, scenario: &str, operation: &str) -> bool {
        // `SC-044` names its variants, too.
        let id = scenario.split(':').next().unwrap_or(scenario);
        let named = self.scenarios.iter().any(|glob| glob.is_match(scenario) || glob.is_match(id));
        self.rule == rule && named && self.operation.as_ref().is_none_or(|asked| asked == operation)
    }

    fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|day| day <= today)
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn entry(&self, entry: Spanned<Written>) -> Result<Entry, BaselineError> {
        let span = entry.span();
        let wrong = |message: String| self.error(Some(span.clone()), &message);
        let Written { rule, scenario, operation, reason, expires } = entry.into_inner();
        let known = judge::rule(&rule).ok_or_else(|| {
            let meant = judge::rules().min_by_key(|known| strsim::damerau_levenshtein(known.id, &rule));
            let meant = meant.map(|known| format!("; did you mean `{}`?", known.id)).unwrap_or_default();
            wrong(format!("`{rule}` is no rule{meant}"))
        })?;
        if reason.trim().is_empty() {
            return Err(wrong("`reason` is empty: say why the project lives with it".to_owned()));
        }
        let globs = match scenario {
            OneOrMore::One(glob) => vec![glob],
            OneOrMore::More(globs) => globs,
        };
        if globs.is_empty() {
            return Err(wrong("`scenario` names none: leave the key out to mean all".to_owned()));
        }
        let glob = |text: &String| {
            let glob = Glob::new(text).map_err(|error| wrong(format!("`scenario`: {error}")))?;
            Ok(glob.compile_matcher())
        };
        let day = |day: Day| {
            let text = match day {
                Day::Text(text) => text,
                Day::Date(date) => date.to_string(),
            };
            text.parse::<Date>().map_err(|_| wrong(format!("`expires`: `{text}` is no day such as 2027-03-31")))
        };
        Ok(Entry {
            line: self.line(span.start),
            rule: known.id,
            scenarios: globs.iter().map(glob).collect::<Result<_, BaselineError>>()?,
            operation,
            reason,
            expires: expires.map(day).transpose()?,
            times: 0,
        })
    }

    fn error(&self, span: Option<Range<usize>>, message: &str) -> BaselineError {
        BaselineError {
            path: self.path.to_owned(),
            line: span.map(|span| self.line(span.start)),
            message: message.to_owned(),
            hint: HINT.to_owned(),
        }
    }

    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or(self.text).matches('\n').count() + 1
    }
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests;
