//! What the command line of `check` says.

use std::{path::PathBuf, time::Duration};

use super::chosen::Chosen;
use crate::{
    check::{Ability, PLACEHOLDERS, Settings},
    cli::{
        ci,
        report::Reports,
        say::Failure,
        seconds::{limit, seconds},
        secret_env::SecretEnv,
        settings,
    },
    judge::Severity,
    report::Shard,
    simulate::{
        generated::Recipe,
        scenario::{Operation, Pace, Subject},
    },
};

/// What the seconds of scripts are multiplied by: 10 s become 2.
const SCALE: f64 = 0.2;

/// How many generated services are played where nothing else is said.
const CASES: usize = 64;

/// Where cases with findings are kept.
const REGRESSIONS: &str = "cassettes/regressions";

/// How long `--quick` may take.
pub(super) const QUICK: Duration = Duration::from_secs(15);

/// What a client must send of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum BodyMatch {
    /// All of it, by its meaning
    Exact,
    /// What the client's types have: members that the published description has not may be dropped
    Typed,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only scenarios whose id fits, such as `SC-03*`; or those of a file: FILE.toml or FILE.toml:GLOB
    #[arg(long, value_name = "GLOB|FILE")]
    pub(super) scenario: Vec<Chosen>,
    /// Only these operations, such as `put,delete`
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = operation)]
    pub(super) operations: Vec<Operation>,
    /// Begin with the operations of a recording, as they were and varied (docs/check.md)
    #[arg(long, value_name = "FILE", conflicts_with = "resource_id")]
    pub(super) from: Option<PathBuf>,
    /// So many generated services beside what is chosen [default: 64; none beside --scenario, --quick or --recipe]
    #[arg(long, value_name = "N")]
    pub(super) cases: Option<usize>,
    /// One generated service, as a finding names it
    #[arg(long, value_name = "JSON", value_parser = recipe, conflicts_with_all = ["scenario", "cases", "quick", "shard"])]
    pub(super) recipe: Option<Recipe>,
    /// Seconds for making a generated case small that failed; 0 for not at all
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(super) shrink_time: u64,
    /// List what would be run
    #[arg(long)]
    pub(super) list: bool,
    /// The list as one JSON object
    #[arg(long, requires = "list")]
    pub(super) json: bool,
    /// Take about 20 seconds: the worst faults first, and nothing that takes long
    #[arg(long, conflicts_with = "slow")]
    pub(super) quick: bool,
    /// Play every second of the scripts as it is written
    #[arg(long)]
    pub(super) slow: bool,
    /// Serve plain HTTP in the place of https
    #[arg(long)]
    pub(super) plain_http: bool,
    /// Let the client talk to management.azure.com, through the proxy in HTTPS_PROXY
    #[arg(long, conflicts_with_all = ["plain_http", "worker"])]
    pub(super) via_proxy: bool,
    /// Clients at once [default: eight for each processor, and no more than 32: they wait most of the time]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Start the command once and hand it case after case, a line of JSON each (docs/worker.md)
    #[arg(long)]
    pub(super) worker: bool,
    /// Stop after so many seconds
    #[arg(long, value_name = "S")]
    pub(super) max_time: Option<u64>,
    /// Stop after so many cases with a violation
    #[arg(long, value_name = "N")]
    pub(super) max_fail: Option<usize>,
    /// Seconds between polls that clients are told where the service says nothing
    #[arg(long, value_name = "S", default_value = "1", value_parser = seconds)]
    pub(super) interval: Duration,
    /// Seconds after which clients are told to give up, in the place of each scenario's limit
    #[arg(long, value_name = "S", value_parser = limit)]
    pub(super) timeout: Option<Duration>,
    /// Only every Nth case, from the Ith on, such as `1/4`: for several machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<Shard>,
    /// A rule that is not to be judged
    #[arg(long, value_name = "ID", value_parser = known_rule)]
    pub(super) skip_rule: Vec<String>,
    /// Count what is known of released SDKs like any other finding (docs/clients.md)
    #[arg(long)]
    pub(super) strict_sdk: bool,
    /// What everything that is drawn comes from: a number, or `random`
    #[arg(long, value_name = "S", default_value = "1", value_parser = seed)]
    pub(super) seed: u64,
    /// The resource, in the place of a profile
    #[arg(long, value_name = "ID", requires = "api_version")]
    pub(super) resource_id: Option<String>,
    /// Its api-version
    #[arg(long, value_name = "V", requires = "resource_id")]
    pub(super) api_version: Option<String>,
    /// File with the body to send, JSON
    #[arg(long, value_name = "FILE", requires = "resource_id")]
    pub(super) body: Option<PathBuf>,
    /// What a client must send of a body: all of it, or what the published description of a profile has
    #[arg(long, value_name = "HOW", value_enum, default_value = "exact")]
    pub(super) body_match: BodyMatch,
    /// What is enough for exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "violation", value_parser = severity)]
    pub(super) fail_on: Severity,
    /// Findings that the project lives with for now: a file of rules, scenarios and reasons (docs/check.md)
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Put what is found into the baseline, for this reason
    #[arg(long, value_name = "REASON")]
    pub(super) update_baseline: Option<String>,
    #[command(flatten)]
    pub(super) reports: Reports,
    #[command(flatten)]
    pub(super) secret_env: SecretEnv,
    #[command(flatten)]
    pub(super) settings: settings::Settings,
    /// Where cases with findings are kept [default: cassettes/regressions; with CI=true beside the report]
    #[arg(long, value_name = "FOLDER")]
    pub(super) keep: Option<PathBuf>,
    /// The client and its arguments, with placeholders such as {url}
    #[arg(last = true, value_name = "CMD", required_unless_present = "list")]
    pub(super) command: Vec<String>,
}

impl Args {
    /// The files that are read.
    pub(super) fn read(&self) -> Vec<PathBuf> {
        let scenarios = self.scenario.iter().filter_map(|chosen| match chosen {
            Chosen::File { path, .. } => Some(path),
            Chosen::Glob(_) => None,
        });
        [&self.from, &self.body, &self.baseline].into_iter().flatten().chain(scenarios).cloned().collect()
    }

    /// How many generated services are played.
    pub(super) fn cases(&self) -> usize {
        let narrow = !self.scenario.is_empty() || self.quick || self.recipe.is_some();
        self.cases.unwrap_or(if narrow { 0 } else { CASES })
    }

    /// Where cases with findings are kept. In CI no cassette of the project is written: they are kept beside
    /// the report, and without one nowhere.
    pub(super) fn keep(&self) -> Option<PathBuf> {
        match &self.keep {
            Some(folder) => Some(folder.clone()),
            None if ci::is_ci() => self.reports.folder().map(|folder| folder.join("regressions")),
            None => Some(REGRESSIONS.into()),
        }
    }

    /// Says in time that nothing can be kept where it is to be.
    pub(super) fn can_keep(&self) -> Result<(), Failure> {
        match self.keep().filter(|folder| folder.exists() && !folder.is_dir()) {
            Some(file) => Err(Failure::usage(format!("--keep: {} is no folder", file.display()))
                .hint("name the folder in which cases with findings are to be kept")),
            None => Ok(()),
        }
    }

    /// Where cases are that failed once and were accepted.
    pub(super) fn accepted(&self) -> PathBuf {
        self.keep.clone().unwrap_or_else(|| REGRESSIONS.into())
    }

    /// What the client can be told.
    pub(super) fn ability(&self) -> Result<Ability, Failure> {
        if !self.worker {
            return Ok(Ability::of(&self.command));
        }
        let named = |name: &&&str| self.command.iter().any(|word| word.contains(&format!("{{{name}}}")));
        match PLACEHOLDERS.iter().find(named) {
            None => Ok(Ability::of_jobs()),
            Some(name) => Err(Failure::usage(format!("`{{{name}}}`: a worker is started once, for all cases"))
                .hint("what a placeholder would say is in each line on its stdin (docs/worker.md)")),
        }
    }

    /// How many clients run at once.
    pub(super) fn jobs(&self) -> usize {
        let for_cores = || std::thread::available_parallelism().map_or(8, |cores| (cores.get() * 8).min(32));
        self.jobs.map_or_else(for_cores, usize::from)
    }

    /// What is to be checked, and how.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings {
            seed: self.seed,
            pace: if self.slow { Pace::AS_WRITTEN } else { Pace::scaled(SCALE) },
            interval: self.interval,
            timeout: self.timeout,
            plain_http: self.plain_http,
            via_proxy: self.via_proxy,
            subject: self.subject()?,
            typed_bodies: self.body_match == BodyMatch::Typed,
            look_ups: None,
        })
    }

    /// The resource, where another than the profile is given.
    fn subject(&self) -> Result<Option<Subject>, Failure> {
        let (Some(id), Some(version)) = (&self.resource_id, &self.api_version) else { return Ok(None) };
        if crate::arm::ResourceId::parse(id).is_none() {
            return Err(Failure::usage(format!("--resource-id: `{id}` is no resource id"))
                .hint("one begins with /subscriptions/ and names a provider, a type and a name"));
        }
        let body = match &self.body {
            Some(path) => {
                let text =
                    std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
                serde_json::from_slice(&text)
                    .map_err(|error| Failure::usage(format!("{}: not JSON: {error}", path.display())))?
            }
            None => serde_json::json!({}),
        };
        Ok(Some(Subject { id: id.clone(), api_version: version.clone(), body }))
    }
}

fn operation(name: &str) -> Result<Operation, String> {
    let known = Operation::NAMES.iter().find(|(known, _)| *known == name);
    let names = || Operation::NAMES.map(|(name, _)| name).join(", ");
    known.map(|(_, operation)| *operation).ok_or_else(|| format!("the operations are {}", names()))
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    let in_range = |(index, count): &(usize, usize)| (1..=*count).contains(index);
    let (index, count) = parts.filter(in_range).ok_or_else(|| "a shard is I/N, I from 1 to N".to_owned())?;
    Ok(Shard { index, count })
}

fn known_rule(id: &str) -> Result<String, String> {
    match crate::judge::rule(id) {
        Some(rule) => Ok(rule.id.to_owned()),
        None => Err("no rule has this id; docs/rules.md lists them".to_owned()),
    }
}

fn recipe(text: &str) -> Result<Recipe, String> {
    serde_json::from_str(text).map_err(|error| format!("{error}: a recipe is what a finding prints behind `--recipe`"))
}

fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        return Ok(uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    }
    text.parse().map_err(|_| "a seed is a whole number, or `random`".to_owned())
}

/// The severity of this word.
pub(in crate::cli) fn severity(word: &str) -> Result<Severity, String> {
    let known = [Severity::Warning, Severity::Violation].into_iter().find(|known| known.word() == word);
    known.ok_or_else(|| "`violation` or `warning`".to_owned())
}
