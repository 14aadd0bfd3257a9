//! `armtape simulate`

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use super::{
    Code,
    ca::Kept,
    check::tape,
    env::print,
    say::{self, Failure, count},
    stage::{LISTEN, Stage},
};
use crate::{
    proxy::DirectHost,
    simulate::{
        Asked, Behind, Endpoints, Options, Service, Simulator, Taped,
        scenario::{self, Case, Draw, Expected, Interposed, Operation, Pace, Place, Places, Scenario, Subject},
        seed,
    },
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The script to follow: an id of `--list`, FILE, or FILE:ID [default: the embedded service]
    #[arg(long, value_name = "ID|FILE")]
    scenario: Option<String>,
    /// Play an operation of a recording, as it was or with one change: `--scenario` names it (docs/check.md)
    #[arg(long, value_name = "FILE", conflicts_with = "resource_id")]
    from: Option<PathBuf>,
    /// List the scenarios: those of `--from` or `--scenario FILE`, or those in the binary
    #[arg(long)]
    list: bool,
    /// Lay a fault over the service: `429 retry-after=2 at poll 2`, `reset at write` (docs/scenarios.md)
    #[arg(long, value_name = "SPEC")]
    fault: Vec<Interposed>,
    /// What error codes, unknown states and URLs are drawn from [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The script's seconds times this, but never below two
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pace: f64,
    /// The resource that a scenario is about [default: the first that is written]
    #[arg(long, value_name = "ID", requires = "scenario")]
    resource_id: Option<String>,
    /// Its api-version
    #[arg(long, value_name = "V", default_value = seed::API_VERSION)]
    api_version: String,
    /// File with its body, for reads before anything was written
    #[arg(long, value_name = "FILE", requires = "resource_id")]
    body: Option<PathBuf>,
    /// Where to listen; port 0 chooses
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN)]
    listen: String,
    /// Use the authority that `armtape ca` keeps in this folder
    #[arg(long, value_name = "FOLDER")]
    ca_dir: Option<PathBuf>,
    /// The client and its arguments
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

/// Another address of this machine, so that the second host is one by name, too.
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let taped =
        args.from.as_ref().map(|file| Ok::<_, Failure>((file, tape::played(file, seed_of(&args))?.0))).transpose()?;
    let scenarios = match &taped {
        Some((file, taped)) => Some(of_tape(file, taped, args.scenario.as_deref(), args.list)?),
        None => args.scenario.as_deref().map(select).transpose()?,
    };
    if args.list {
        return list(scenarios.as_deref().unwrap_or(scenario::all()));
    }
    let scenario = scenarios.map(only).transpose()?;
    let subject = taped
        .iter()
        .flat_map(|(_, taped)| taped)
        .find(|taped| scenario.as_ref().is_some_and(|one| taped.scenarios.contains(one)));
    let behind = behind(&args, scenario.clone(), subject.map(|taped| taped.subject.clone()))?;
    let mut hosts = Simulator::hosts(&Places::default());
    hosts.push(SECOND.to_string());
    let direct = DirectHost::try_from(SECOND.to_string()).map_err(Failure::usage)?;
    let kept = args.ca_dir.as_deref().map(Kept::open).transpose()?;
    let identity = kept.as_ref().map(|kept| &kept.identity);
    let mut stage = Stage::set(&args.listen, &hosts, &[direct], true, identity).await?;
    let endpoints = Endpoints {
        own: stage.endpoint().to_owned(),
        second: format!("https://{}", stage.beside(SECOND)?),
        plain: format!("http://{}", stage.beside(Ipv4Addr::LOCALHOST)?),
    };
    let simulator = Simulator::new(behind, args.fault, endpoints).map_err(Failure::usage)?;
    if let Some(scenario) = &scenario {
        introduce(scenario, &simulator);
    }
    let doors = vec![simulator.at(Place::Second), simulator.at(Place::Plain)];
    let (server, ending) = stage.play_all(simulator, doors, &args.command).await?;
    let client = ending.code();
    let started = (!args.command.is_empty()).then_some(client);
    let code = client.or(account(server.handler(), scenario.as_ref(), started));
    say::ending(code, started);
    Ok(code)
}

/// What is drawn from the same seed in `check`.
fn seed_of(args: &Args) -> u64 {
    args.seed.unwrap_or(1)
}

/// The scenarios of a tape that are meant; the first operation as it was where none is named.
fn of_tape(file: &Path, taped: &[Taped], name: Option<&str>, all: bool) -> Result<Vec<Scenario>, Failure> {
    const FIRST: &str = "FROM-1:recorded";
    let scenarios = || taped.iter().flat_map(|taped| &taped.scenarios);
    if all && name.is_none() {
        return Ok(scenarios().cloned().collect());
    }
    let name = name.unwrap_or(FIRST);
    let named = |scenario: &&Scenario| scenario.name().eq_ignore_ascii_case(name) || all && is_called(scenario, name);
    // An operation without a variant is the recorded one.
    let recorded = |scenario: &&Scenario| scenario.name().eq_ignore_ascii_case(&format!("{name}:recorded"));
    let mut found: Vec<Scenario> = scenarios().filter(named).cloned().collect();
    if found.is_empty() {
        found = scenarios().filter(recorded).cloned().collect();
    }
    let file = file.display();
    match found.is_empty() {
        true => Err(Failure::usage(format!("{file}: there is no scenario `{name}`"))
            .hint(format!("`armtape simulate --from {file} --list` lists them"))),
        false => Ok(found),
    }
}

/// The scenarios that are meant: one of the binary by its name, or those of a file.
fn select(text: &str) -> Result<Vec<Scenario>, Failure> {
    let known: Vec<Scenario> = scenario::all().iter().filter(|scenario| is_called(scenario, text)).cloned().collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let (path, id) = match text.rsplit_once(".toml:") {
        Some((path, id)) => (format!("{path}.toml"), Some(id)),
        None => (text.to_owned(), None),
    };
    if !Path::new(&path).exists() && !path.ends_with(".toml") {
        return Err(Failure::usage(format!("there is no scenario `{text}`"))
            .hint("`armtape simulate --list` lists those in the binary; a file of your own ends in `.toml`"));
    }
    let read = std::fs::read_to_string(&path).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
    let scenarios = scenario::read(&path, &read)
        .map_err(|error| Failure::usage(error.to_string()).hint("docs/scenarios.md describes the keys"))?;
    let Some(id) = id else { return Ok(scenarios) };
    let chosen: Vec<Scenario> = scenarios.iter().filter(|scenario| is_called(scenario, id)).cloned().collect();
    if chosen.is_empty() {
        return Err(Failure::usage(format!("{path}: there is no scenario `{id}`")).hint(names(&scenarios)));
    }
    Ok(chosen)
}

fn is_called(scenario: &Scenario, name: &str) -> bool {
    scenario.name().eq_ignore_ascii_case(name) || scenario.id.eq_ignore_ascii_case(name)
}

fn only(mut scenarios: Vec<Scenario>) -> Result<Scenario, Failure> {
    match scenarios.len() {
        1 => Ok(scenarios.remove(0)),
        number => {
            Err(Failure::usage(format!("{number} scenarios are meant, and one can be played")).hint(names(&scenarios)))
        }
    }
}

fn names(scenarios: &[Scenario]) -> String {
    let names: Vec<_> = scenarios.iter().map(Scenario::name).collect();
    format!("there are {}", names.join(", "))
}

fn list(scenarios: &[Scenario]) -> Result<Code, Failure> {
    let width = scenarios.iter().map(|scenario| scenario.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for scenario in scenarios {
        let Scenario { operation, title, .. } = scenario;
        text.push_str(&format!("{:width$}  {operation:11}  {title}\n", scenario.name()));
    }
    print(&say::printable(&text))?;
    Ok(Code::Fine)
}

fn behind(args: &Args, scenario: Option<Scenario>, taped: Option<Subject>) -> Result<Behind, Failure> {
    let draw = args.seed.map_or_else(Draw::by_chance, Draw::new);
    let Some(scenario) = scenario else {
        return Ok(Behind::Service(Box::new(Service::new(Options { seed: draw.seed, ..Options::default() }))));
    };
    if scenario.operation == Operation::Resume && args.resource_id.is_none() {
        return Err(Failure::usage(format!("in {} the operation runs before the client comes", scenario.name()))
            .hint("say of which resource: `--resource-id /subscriptions/…`"));
    }
    let body = match &args.body {
        None => serde_json::Value::Null,
        Some(path) => {
            let path = path.display();
            let text = std::fs::read(path.to_string()).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
            serde_json::from_slice(&text).map_err(|error| Failure::usage(format!("{path}: {error}")))?
        }
    };
    let subject = args.resource_id.clone().map(|id| Subject { id, api_version: args.api_version.clone(), body });
    Ok(Behind::Scenario(Box::new(Case {
        scenario,
        draw,
        subjects: taped.or(subject).into_iter().collect(),
        places: Places::default(),
        pace: Pace::scaled(args.pace),
    })))
}

/// What is played, before it is.
fn introduce(scenario: &Scenario, simulator: &Simulator) {
    say::line(&format!("{}: {}: {}", scenario.name(), scenario.operation, scenario.title));
    if let Some(url) = simulator.polling_url() {
        say::line(&format!("the operation runs: {url}"));
    }
}

/// What was asked, and what would have been right.
fn account(simulator: &Simulator, scenario: Option<&Scenario>, client: Option<Code>) -> Code {
    for (host, times) in simulator.refused() {
        let times = count(usize::try_from(times).unwrap_or(usize::MAX), "attempt");
        say::line(&format!("refused: {host} ({times}): it is no host of the service"));
    }
    for (host, reason) in simulator.distrusted() {
        say::line(&format!("the client did not accept armtape's certificate for {host}: {reason}"));
    }
    let asked = simulator.asked();
    if asked.is_empty() {
        say::line("error: nothing was asked of the service");
        let reason = if simulator.distrusted().is_empty() { say::never_came(client) } else { say::DISTRUST.to_owned() };
        say::line(&format!("likely: {reason}"));
        return Code::Usage;
    }
    for request in &asked {
        say::line(&told(request));
    }
    let unnamed = simulator.unnamed();
    if unnamed > 0 {
        say::line(&format!("and {}, of which nothing was kept", count(unnamed, "request")));
    }
    let in_vain = simulator.in_vain();
    in_vain.iter().for_each(|fault| say::line(fault));
    if let Some(scenario) = scenario {
        let outcomes = |outcomes: &[Expected]| {
            outcomes.iter().map(|outcome| outcome.in_words(str::to_owned)).collect::<Vec<_>>().join(" or ")
        };
        let mut right = format!("right here: {}", outcomes(&scenario.truth.right));
        if !scenario.truth.tolerated.is_empty() {
            right.push_str(&format!("; tolerated: {}", outcomes(&scenario.truth.tolerated)));
        }
        say::line(&right);
    }
    if in_vain.is_empty() { Code::Fine } else { Code::Findings }
}

/// A request in a line.
fn told(asked: &Asked) -> String {
    let status = asked.status.map_or("-".to_owned(), |status| status.to_string());
    let mut line = format!("{:6.1} s  {:6} {status:3}", asked.at.as_secs_f64(), asked.method.as_str());
    match &asked.seen {
        Some(seen) => {
            line.push_str(&format!("  {}", seen.target));
            // What a fault took the place of was not told.
            if let Some(told) = seen.told.as_ref().filter(|_| !asked.faulty) {
                line.push_str(&format!(": {told}"));
            }
        }
        None => line.push_str(&format!("  {}", asked.target)),
    }
    if asked.faulty {
        line.push_str(" (as asked by --fault)");
    }
    line
}
