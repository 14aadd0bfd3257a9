//! `armtape check`

use std::{
    io::IsTerminal as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use globset::Glob;
use tokio_util::sync::CancellationToken;

use super::{
    Code,
    child::Signals,
    env::print,
    say::{self, Failure, count},
};
use crate::{
    cassette,
    check::{Ability, Campaign, Judged, Plan, Progress, RunError, Settings, Target},
    judge::Severity,
    redact,
    report::{CaseReport, Report, case_text, json, junit, markdown, summary_text},
    simulate::{
        identity,
        scenario::{Operation, Pace, Subject},
    },
};

/// What the seconds of scripts are multiplied by: 10 s become 2.
const SCALE: f64 = 0.2;

/// With `--quick`, no scenario takes longer.
const QUICK: Duration = Duration::from_secs(6);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only scenarios whose id fits, such as `SC-03*`
    #[arg(long, value_name = "GLOB")]
    scenario: Option<Glob>,
    /// Only these operations, such as `put,delete`
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = operation)]
    operations: Vec<Operation>,
    /// List what would be run
    #[arg(long)]
    list: bool,
    /// Leave out what takes long
    #[arg(long, conflicts_with = "slow")]
    quick: bool,
    /// Play every second of the scripts as it is written
    #[arg(long)]
    slow: bool,
    /// Serve plain HTTP in the place of https
    #[arg(long)]
    plain_http: bool,
    /// Clients at once [default: three for each processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Stop after so many seconds
    #[arg(long, value_name = "S")]
    max_time: Option<u64>,
    /// Stop after so many cases with a violation
    #[arg(long, value_name = "N")]
    max_fail: Option<usize>,
    /// Seconds between polls that clients are told where the service says nothing
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    interval: f64,
    /// Seconds after which clients are told to give up, in the place of each scenario's limit
    #[arg(long, value_name = "S")]
    timeout: Option<f64>,
    /// Only every Nth case, from the Ith on, such as `1/4`: for several machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// A rule that is not to be judged
    #[arg(long, value_name = "ID", value_parser = known_rule)]
    skip_rule: Vec<String>,
    /// What everything that is drawn comes from: a number, or `random`
    #[arg(long, value_name = "S", default_value = "1", value_parser = seed)]
    seed: u64,
    /// The resource, in the place of a profile
    #[arg(long, value_name = "ID", requires = "api_version")]
    resource_id: Option<String>,
    /// Its api-version
    #[arg(long, value_name = "V", requires = "resource_id")]
    api_version: Option<String>,
    /// File with the body to send, JSON
    #[arg(long, value_name = "FILE", requires = "resource_id")]
    body: Option<PathBuf>,
    /// What is enough for exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "violation", value_parser = severity)]
    fail_on: Severity,
    /// Write a report: `json=FILE`, `junit=FILE` or `markdown=FILE`
    #[arg(long, value_name = "KIND=FILE", value_parser = report_file)]
    report: Vec<(Kind, PathBuf)>,
    /// Where cases with findings are kept
    #[arg(long, value_name = "FOLDER", default_value = "cassettes/regressions")]
    keep: PathBuf,
    /// The client and its arguments, with placeholders such as {url}
    #[arg(last = true, value_name = "CMD", required_unless_present = "list")]
    command: Vec<String>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Junit,
    Markdown,
}

fn operation(name: &str) -> Result<Operation, String> {
    let known = Operation::NAMES.iter().find(|(known, _)| *known == name);
    let names = || Operation::NAMES.map(|(name, _)| name).join(", ");
    known.map(|(_, operation)| *operation).ok_or_else(|| format!("the operations are {}", names()))
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
    let in_range = |(index, count): &(usize, usize)| (1..=*count).contains(index);
    parts.filter(in_range).ok_or_else(|| "a shard is I/N, I from 1 to N".to_owned())
}

fn known_rule(id: &str) -> Result<String, String> {
    match crate::judge::rule(id) {
        Some(rule) => Ok(rule.id.to_owned()),
        None => Err("no rule has this id; docs/rules.md lists them".to_owned()),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        return Ok(uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    }
    text.parse().map_err(|_| "a seed is a whole number, or `random`".to_owned())
}

fn severity(word: &str) -> Result<Severity, String> {
    let known = [Severity::Warning, Severity::Violation].into_iter().find(|known| known.word() == word);
    known.ok_or_else(|| "`violation` or `warning`".to_owned())
}

fn report_file(text: &str) -> Result<(Kind, PathBuf), String> {
    let named = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let kind = match named.map(|(kind, _)| kind) {
        Some("json") => Kind::Json,
        Some("junit") => Kind::Junit,
        Some("markdown") => Kind::Markdown,
        _ => return Err("a report is `json=FILE`, `junit=FILE` or `markdown=FILE`".to_owned()),
    };
    Ok((kind, named.map_or_else(PathBuf::new, |(_, file)| file.into())))
}

impl Args {
    fn settings(&self) -> Result<Settings, Failure> {
        let seconds = |name: &str, seconds: f64| {
            Duration::try_from_secs_f64(seconds).map_err(|error| Failure::usage(format!("--{name}: {error}")))
        };
        Ok(Settings {
            seed: self.seed,
            pace: if self.slow { Pace::AS_WRITTEN } else { Pace::scaled(SCALE) },
            interval: seconds("interval", self.interval)?,
            timeout: self.timeout.map(|limit| seconds("timeout", limit)).transpose()?,
            plain_http: self.plain_http,
            subject: self.subject()?,
        })
    }

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

    /// The command that runs one case again.
    fn again(&self, scenario: &str) -> String {
        let mut words = vec!["armtape".to_owned(), "check".to_owned()];
        words.extend(["--scenario".to_owned(), scenario.to_owned(), "--seed".to_owned(), self.seed.to_string()]);
        for (flag, is_set) in [("--slow", self.slow), ("--plain-http", self.plain_http)] {
            words.extend(is_set.then(|| flag.to_owned()));
        }
        if (self.interval - 1.0).abs() > f64::EPSILON {
            words.extend(["--interval".to_owned(), self.interval.to_string()]);
        }
        for (flag, value) in [
            ("--timeout", self.timeout.map(|limit| limit.to_string())),
            ("--resource-id", self.resource_id.clone()),
            ("--api-version", self.api_version.clone()),
            ("--body", self.body.as_ref().map(|path| path.display().to_string())),
        ] {
            words.extend(value.map(|value| [flag.to_owned(), value]).into_iter().flatten());
        }
        words.push("--".to_owned());
        words.extend(self.command.iter().cloned());
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let settings = args.settings()?;
    let glob = args.scenario.as_ref().map(Glob::compile_matcher);
    let ability = Ability::of(&args.command);
    let mut plan = Plan::new(&settings, ability, glob.as_ref(), &args.operations);
    if args.quick {
        plan = plan.quick(&settings, QUICK);
    }
    if let Some((index, count)) = args.shard {
        plan = plan.shard(index, count);
    }
    if args.list {
        return list(&plan);
    }
    if plan.cases.is_empty() {
        let failure = Failure::usage("there is no scenario to run");
        return Err(match plan.skipped.first() {
            Some(skipped) => failure.hint(format!("{} is left out: {}", skipped.scenario, skipped.reason)),
            None => failure.hint("`armtape check --list` lists them"),
        });
    }
    let report = play(&args, settings, &plan).await?;
    for (kind, path) in &args.report {
        let text = match kind {
            Kind::Json => format!("{:#}\n", json(&report)),
            Kind::Junit => junit(&report),
            Kind::Markdown => markdown(&report),
        };
        std::fs::write(path, text).map_err(|error| Failure::machine(format!("{}: {error}", path.display())))?;
    }
    for line in summary_text(&report).lines() {
        say::line(line);
    }
    Ok(code(&args, &report))
}

fn list(plan: &Plan) -> Result<Code, Failure> {
    let mut text = String::new();
    for case in &plan.cases {
        text.push_str(&format!(
            "{:<12} {:<12} {}\n",
            case.scenario.name(),
            case.scenario.operation,
            case.scenario.title
        ));
    }
    for skipped in &plan.skipped {
        text.push_str(&format!("{:<12} skipped      {}\n", skipped.scenario, skipped.reason));
    }
    print(&text)?;
    Ok(Code::Fine)
}

async fn play(args: &Args, settings: Settings, plan: &Plan) -> Result<Report, Failure> {
    let jobs = args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(4, |cores| cores.get() * 3));
    let target =
        Target { words: args.command.clone(), cleared: [&["ALL_PROXY", "all_proxy"][..], identity::CLEARED].concat() };
    let campaign = Campaign::new(settings, target, jobs)
        .map_err(|error| Failure::machine(format!("cannot make certificates: {error}")))?;
    let mut signals = Signals::listen().map_err(|error| Failure::machine(format!("cannot watch signals: {error}")))?;
    let stop = CancellationToken::new();
    let mut report = Report {
        command: args.command.clone(),
        seed: args.seed,
        skipped: plan.skipped.iter().map(Into::into).collect(),
        ..Report::default()
    };
    let began = Instant::now();
    let (mut shown, mut failed) = (Instant::now(), 0);
    let told = |judged: Judged, progress: Progress| {
        let case = kept(args, &judged);
        if case.counting().any(|finding| finding.severity == Severity::Violation) {
            failed += 1;
        }
        let _ = print(&say::printable(&case_text(&case, &args.again(&case.scenario), false)));
        report.cases.push(case);
        if std::io::stderr().is_terminal() || shown.elapsed() > Duration::from_secs(5) || progress.done == progress.of {
            shown = Instant::now();
            say::line(&progress_line(progress, failed));
        }
        args.max_fail.is_none_or(|most| failed < most)
    };
    let limit = async {
        match args.max_time {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let ended = {
        let running = campaign.run(plan, &stop, told);
        tokio::pin!(running, limit);
        loop {
            tokio::select! {
                ended = &mut running => break ended,
                _ = signals.next() => stop.cancel(),
                () = &mut limit, if !stop.is_cancelled() => stop.cancel(),
            }
        }
    };
    ended.map_err(failure)?;
    report.cases.sort_by_key(|case| case.number);
    report.not_run = plan.cases.len() - report.cases.len();
    report.took = began.elapsed();
    Ok(report)
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::Start(error) => {
            let reason = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
            Failure::usage(format!("{error}{reason}"))
                .hint("the client's command goes behind `--`, as you would type it")
        }
        error => {
            let reason = std::error::Error::source(&error).map_or(String::new(), |source| format!(": {source}"));
            Failure::machine(format!("{error}{reason}"))
        }
    }
}

fn progress_line(progress: Progress, failed: usize) -> String {
    let Progress { done, of, took } = progress;
    let left = took.mul_f64((of - done) as f64 / done.max(1) as f64);
    format!("{done} of {}, {failed} with violations, about {} s left", count(of, "case"), left.as_secs())
}

/// The case, its rules that are not to be judged left out, kept as a cassette where it has findings.
fn kept(args: &Args, judged: &Judged) -> CaseReport {
    let mut case = CaseReport::of(judged);
    case.findings.retain(|reported| !args.skip_rule.iter().any(|id| id == reported.finding.rule));
    if !case.findings.is_empty() {
        let name = format!("{}-{}.json", case.scenario.replace(':', "-"), case.operation);
        let path = cassette::pending_path(&args.keep.join(name));
        let saved = without_secrets(with_command(judged, args))
            .and_then(|tape| cassette::save(&tape, &path).map_err(|error| error.to_string()));
        match saved {
            Ok(()) => case.cassette = Some(path.display().to_string()),
            Err(error) => say::line(&format!("not kept: {error}")),
        }
    }
    case
}

/// What a client sent of itself is no business of a cassette that is committed.
fn without_secrets(tape: cassette::Cassette) -> Result<cassette::Cassette, String> {
    let rules = redact::Rules::new(&redact::Settings::default()).map_err(|error| error.to_string())?;
    Ok(redact::cassette(tape, rules, redact::Named::default()).0)
}

fn with_command(judged: &Judged, args: &Args) -> cassette::Cassette {
    let mut trace = judged.trace.clone();
    trace.command = crate::redact::command(&args.command);
    trace
}

fn code(args: &Args, report: &Report) -> Code {
    let summary = report.summary();
    if summary.judged == 0 {
        say::line("error: nothing was judged");
        return Code::Usage;
    }
    let severe = summary.tally.violations > 0 || args.fail_on == Severity::Warning && summary.tally.warnings > 0;
    if severe { Code::Findings } else { Code::Fine }
}
