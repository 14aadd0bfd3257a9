//! What is known of released clients: deviations that are the SDK's and not its user's.
//!
//! The table is data, `known_clients.toml`, and `docs/clients.md` is written from it. A client is
//! recognised by its `User-Agent`; a version that nobody has looked at is not known.

use std::sync::LazyLock;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use super::{Finding, Severity};
use crate::{
    cassette::Interaction,
    simulate::generated::{Pattern, Recipe},
};

/// A client and its deviations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownClient {
    /// What it is, with the versions that were run.
    pub name: String,
    /// The product in its `User-Agent`: `azsdk-python-mgmt-resource`.
    pub product: String,
    /// The versions of that product that were looked at.
    pub versions: Versions,
    /// What it does.
    #[serde(rename = "deviation")]
    pub deviations: Vec<Deviation>,
}

/// One deviation of a released client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// The rule that it breaks.
    pub rule: String,
    /// No graver finding than this is known.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// The scenarios in which it shows, by name: `SC-126:*`.
    #[serde(default, deserialize_with = "globs")]
    pub scenarios: Vec<GlobMatcher>,
    /// The generated services in which it shows: by what brings it about, since their names change with
    /// the seed.
    #[serde(default)]
    pub when: Vec<Pattern>,
    /// What the client does.
    pub words: String,
    /// Where in the client, and what is to be said of it.
    pub source: String,
}

/// Versions from one on and below another, or just one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Versions {
    from: Vec<u64>,
    /// Not this one any more; `None` where `from` is the only one.
    below: Option<Vec<u64>>,
}

impl Versions {
    /// Whether a version is one of these, with a `v` before it or without. What is no row of numbers, as a
    /// preview, is none.
    #[must_use]
    pub fn contain(&self, version: &str) -> bool {
        let Some(version) = numbers(version) else { return false };
        match &self.below {
            None => version == self.from,
            Some(below) => self.from <= version && version < *below,
        }
    }
}

impl TryFrom<String> for Versions {
    type Error = String;

    /// Reads `26.0.0`, or `26.0.0..26.1.0` for every version from the first on and below the second.
    fn try_from(text: String) -> Result<Self, String> {
        let read = |text: &str| numbers(text).ok_or_else(|| format!("`{text}` is no version"));
        match text.split_once("..") {
            None => Ok(Self { from: read(&text)?, below: None }),
            Some((from, below)) => Ok(Self { from: read(from)?, below: Some(read(below)?) }),
        }
    }
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.strip_prefix('v').unwrap_or(version).split('.').map(|part| part.parse().ok()).collect()
}

fn severity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = [Severity::Warning, Severity::Violation].into_iter().find(|known| known.word() == word);
    known.ok_or_else(|| serde::de::Error::custom(format!("`{word}` is neither `violation` nor `warning`")))
}

fn globs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<GlobMatcher>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    let compiled = patterns.iter().map(|pattern| Glob::new(pattern).map(|glob| glob.compile_matcher()));
    compiled.collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

/// Every client whose deviations are known.
#[must_use]
pub fn known_clients() -> &'static [KnownClient] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        client: Vec<KnownClient>,
    }
    static CLIENTS: LazyLock<Vec<KnownClient>> = LazyLock::new(|| {
        let file: File = toml::from_str(include_str!("known_clients.toml")).unwrap_or_else(|error| panic!("{error}"));
        file.client
    });
    &CLIENTS
}

impl KnownClient {
    /// Whether a `User-Agent` is this client's.
    #[must_use]
    pub fn is(&self, user_agent: &str) -> bool {
        let products = user_agent.split_whitespace().filter_map(|word| word.split_once('/'));
        products
            .filter(|(product, _)| product.eq_ignore_ascii_case(&self.product))
            .any(|(_, version)| self.versions.contain(version))
    }
}

impl Deviation {
    /// Whether it shows in a scenario, by its name; in a generated one by its recipe.
    fn shows_in(&self, scenario: &str, recipe: Option<&Recipe>) -> bool {
        match recipe {
            Some(recipe) => self.when.iter().any(|pattern| pattern.fits(recipe)),
            None => self.scenarios.iter().any(|glob| glob.is_match(scenario)),
        }
    }
}

/// The client and its deviation that a finding of a scenario shows, if it is a known one. The client
/// is the one that sent the request that shows it, else the one that sent the first.
#[must_use]
pub fn known_deviation(
    finding: &Finding,
    scenario: &str,
    recipe: Option<&Recipe>,
    interactions: &[Interaction],
) -> Option<(&'static KnownClient, &'static Deviation)> {
    let shown = finding.interactions.last().and_then(|index| interactions.get(*index)).or(interactions.first())?;
    let agent = shown.request.headers.get("user-agent")?;
    let client = known_clients().iter().find(|client| client.is(agent))?;
    let fits = |deviation: &&Deviation| {
        deviation.rule == finding.rule && finding.severity <= deviation.severity && deviation.shows_in(scenario, recipe)
    };
    client.deviations.iter().find(fits).map(|deviation| (client, deviation))
}
