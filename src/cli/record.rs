//! `armtape record`

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio_util::sync::CancellationToken;

use super::{
    Code, again,
    ca::Kept,
    child::Ended,
    complaint::Complaint,
    gitignore, pending, recover, rehearsal,
    replay::{self, Terms},
    say::{self, Failure, count},
    scan,
    settings::Settings,
    stage::{Ending, LISTEN, Stage},
    tapes,
    used::UsedList,
};
use crate::{
    arm::same_facts,
    cassette::{Cassette, Journal, JournalError, Reel, Stored, journal_path, pending_path, store},
    config::{self, Sections},
    proxy::{ARM_HOSTS, Authority, ConnectTo, HostPolicy, Unknown, Upstream, UpstreamConfig, system_roots},
    record::{Before, Embedded, Mode, Origin, Real, Recorder, RecorderConfig, Seen, Tape, now_in_seconds},
    redact::{self, Named, Redactor, Report},
    replay::{Pace, Player, Script},
    simulate::{Options, RunningPolls, Service, Update, Visible},
};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// The cassette to write [default: cassettes/NAME.json, after the client's script or program]
    #[arg(long, value_name = "FILE")]
    pub(super) cassette: Option<PathBuf>,
    /// What to do with a cassette that is there: `none` and `once` replay it, `new-episodes` answers
    /// from it and records the rest, `all` records everything anew; where there is none, `none`
    /// records nothing [default: all]
    #[arg(long, value_name = "MODE", env = config::MODE)]
    pub(super) mode: Option<Mode>,
    /// Record cassettes again, each with the command that is on it: those that are meant by GLOB
    /// [default: cassettes]
    #[arg(long, value_name = "GLOB", num_args = 0..=1, default_missing_value = tapes::FOLDER,
          conflicts_with_all = ["cassette", "mode", "command"])]
    pub(super) again: Option<String>,
    /// With `--again`: only those that are stale by `[freshness]` of armtape.toml
    #[arg(long)]
    pub(super) stale: bool,
    /// Trust the recording only after so many replays to the client have passed; else it waits in
    /// `NAME.json.new`
    #[arg(long, value_name = "N")]
    verify: Option<u32>,
    /// The service behind armtape's endpoint: a URL, or `embedded` for the one in this binary
    #[arg(long, value_name = "URL|embedded", default_value = "https://management.azure.com")]
    pub(super) upstream: String,
    /// Trust this certificate authority, too, when talking to the service (PEM)
    #[arg(long, value_name = "FILE")]
    upstream_ca: Vec<PathBuf>,
    /// Whoever asks for HOST:PORT gets ADDR:PORT, as in curl
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    connect_to: Vec<ConnectTo>,
    /// Tape this host, too (a glob such as `*.vault.azure.net`)
    #[arg(long, value_name = "GLOB")]
    allow_host: Vec<String>,
    /// Allow private addresses to be dialled
    #[arg(long)]
    allow_private: bool,
    /// Embedded service: running answers before an operation ends; `1-6` draws a number for each
    #[arg(long, value_name = "N", default_value = "1")]
    polls: RunningPolls,
    /// Embedded service: seconds in `Retry-After`
    #[arg(long, value_name = "S", default_value_t = 1)]
    retry_after: u32,
    /// Embedded service: the answer to a PUT of a profile that is there already
    #[arg(long, value_enum, value_name = "FORM", default_value_t = UpdateForm::Done)]
    update: UpdateForm,
    /// Embedded service: a profile answers 404 until its creation has ended
    #[arg(long)]
    hidden_until_done: bool,
    /// Let git ignore pending recordings: adds `*.json.new` to .gitignore where that is missing
    #[arg(long)]
    gitignore: bool,
    /// Put `{NAME}` on the tape wherever VALUE occurs
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Replace the value of this environment variable wherever it occurs, in every encoding
    #[arg(long, value_name = "NAME")]
    secret_env: Vec<String>,
    /// Where to listen; port 0 chooses
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN)]
    listen: String,
    /// Use the authority that `armtape ca` keeps in this folder
    #[arg(long, value_name = "FOLDER")]
    ca_dir: Option<PathBuf>,
    #[command(flatten)]
    used: UsedList,
    #[command(flatten)]
    pub(super) settings: Settings,
    /// The client and its arguments
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum UpdateForm {
    /// 200, `Succeeded`
    Done,
    /// 202 and polls
    Accepted,
    /// 200, `Provisioning`
    Provisioning,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    if args.again.is_some() {
        return again::run(&args).await;
    }
    // Of an argument that excludes others clap does not see that it is missing.
    if args.stale {
        return Err(Failure::usage("`--stale` chooses among the cassettes of `--again`")
            .hint("`armtape record --again --stale`"));
    }
    if args.verify.is_some() && args.command.is_empty() {
        return Err(Failure::usage("`--verify` needs a client to replay to").hint("name it behind `--`"));
    }
    let (code, client) = one(args).await?;
    say::ending(code, client);
    Ok(code)
}

/// Records one cassette. The code, and that of the client, if there was one.
pub(super) async fn one(args: Args) -> Result<(Code, Option<Code>), Failure> {
    let settings = args.settings.read()?.sections;
    let embedded = args.upstream == "embedded";
    let service = if embedded { "https://management.azure.com" } else { &args.upstream };
    let (scheme, own) = parse_upstream(service)?;
    let path = args.cassette.clone().unwrap_or_else(|| default_cassette(&args.command));
    let mode = args.mode.or(settings.record.mode).unwrap_or_default();
    let is_there = path.exists();
    if mode == Mode::None && !is_there && !pending_path(&path).exists() {
        return Err(Failure::usage(format!("{} is not there, and mode `none` never records", path.display()))
            .hint("record it first: `armtape record --mode once`"));
    }
    if mode == Mode::None || (mode == Mode::Once && is_there) {
        let replayed = replay::Args::of(path, args.listen, args.ca_dir, args.used, args.settings, args.command);
        return replay::one(replayed).await;
    }
    writable(&path)?;
    pending::recover()?;
    recover::orphan(&path, &settings.redact)?;
    let known = match mode {
        Mode::NewEpisodes if is_there => Some(replay::load(std::slice::from_ref(&path), &settings.redact)?),
        _ => None,
    };
    let connected = args.connect_to.iter().filter(|to| !to.host.is_empty()).map(|to| &to.host);
    let named = args.allow_host.iter().chain(connected).chain([&own.host]);
    let hosts = HostPolicy::new(ARM_HOSTS, Unknown::Pass)
        .and_then(|policy| policy.with(&settings.hosts))
        .and_then(|policy| policy.insisting(named))
        .map_err(|error| Failure::usage(format!("`--allow-host`: {error}")).hint("for example `*.azure.net`"))?;
    let config = RecorderConfig { hosts, scheme, own };
    let redactor = redactor(&args, &settings.redact)?;
    let run = Run {
        path: &path,
        command: &args.command,
        mend_gitignore: args.gitignore,
        verify: args.verify.unwrap_or(0),
        known,
        settings: &settings,
        redactor,
    };
    let kept = args.ca_dir.as_deref().map(Kept::open).transpose()?;
    let stage = Stage::set(
        &args.listen,
        config.hosts.names(),
        &settings.hosts.direct,
        embedded,
        kept.as_ref().map(|kept| &kept.identity),
    )
    .await?;
    let recorded = if embedded {
        let options = Options {
            polls: args.polls,
            retry_after: Some(args.retry_after),
            update: match args.update {
                UpdateForm::Done => Update::Done,
                UpdateForm::Accepted => Update::Accepted,
                UpdateForm::Provisioning => Update::Provisioning,
            },
            visible: if args.hidden_until_done { Visible::Absent } else { Visible::Provisioning },
            ..Options::default()
        };
        record(stage, config, Embedded::new(Service::new(options)), run).await?
    } else {
        let upstream = upstream(&args, &config)?;
        record(stage, config, Real::new(upstream, !args.command.is_empty()), run).await?
    };
    if path.exists() {
        args.used.add([&path])?;
    }
    Ok(recorded)
}

impl Args {
    /// The same for one cassette, which is recorded anew.
    pub(super) fn for_tape(&self, path: &Path, command: Vec<String>) -> Self {
        let (cassette, mode) = (Some(path.to_owned()), Some(Mode::All));
        Self { cassette, mode, again: None, stale: false, command, ..self.clone() }
    }
}

/// What is recorded, and where.
struct Run<'a> {
    path: &'a Path,
    command: &'a [String],
    mend_gitignore: bool,
    /// How many replays must pass before the recording is trusted.
    verify: u32,
    /// What was recorded before, and is to be kept.
    known: Option<Reel>,
    settings: &'a Sections,
    redactor: Redactor,
}

async fn record<O: Origin>(
    stage: Stage,
    config: RecorderConfig,
    origin: O,
    run: Run<'_>,
) -> Result<(Code, Option<Code>), Failure> {
    let Run { path, command, mend_gitignore, verify, known, settings, redactor } = run;
    let player = known.as_ref().map(|known| player(known, settings)).transpose()?;
    let words = redactor.command(command);
    let tape = Arc::new(tape(path, &words, redactor, &settings.redact)?);
    let syncing = tokio::spawn(sync(Arc::clone(&tape)));
    let recorder = Recorder::new(config, origin, Arc::clone(&tape)).knowing(player);
    let played = stage.play(recorder, command).await;
    syncing.abort();
    let number = tape.len();
    // One that cannot be read is told of where it is compared.
    let accepted = if known.is_none() { Cassette::load(path).ok() } else { None };
    let before = match (&known, &played, &accepted) {
        (Some(known), Ok((server, _)), _) => {
            let bound = server.handler().known().map(Player::bound).unwrap_or_default();
            Before::Known { tape: known.cassette.clone(), bound }
        }
        (_, _, Some(accepted)) => Before::Accepted(accepted),
        _ => Before::Nothing,
    };
    let (cassette, report) = tape.finish(words, before);
    let (server, ending) = match played {
        Ok(played) => played,
        Err(failure) => {
            end_journal(&tape);
            return Err(failure);
        }
    };
    let seen = server.handler().seen();
    let client = match &ending {
        Ending::Client(Ended { status }) => Code::of_client(*status),
        Ending::Stopped => Code::Fine,
    };
    account(&seen);
    let answered = server.handler().known().map_or(0, |player| player.account().answered);
    let stopped = replaced(&report, &cassette);
    let mut ours = if number == 0 && answered > 0 {
        end_journal(&tape);
        say::line(&format!("{} answered from {}, and nothing new", count(answered, "request"), path.display()));
        Code::Fine
    } else if number == 0 {
        end_journal(&tape);
        empty_tape(&seen, (!command.is_empty()).then_some(client))
    } else {
        if known.is_some() {
            say::line(&format!("{} answered from {}", count(answered, "request"), path.display()));
        }
        let number = cassette.interactions.len();
        let first = gitignore::is_first(path);
        // Of a client that failed, or that was stopped in the middle, nobody knows how far it got.
        let doubt = match client.number() {
            0 => verified(&cassette, path, command, settings, verify).await?,
            _ => Some(Doubt::ClientFailed),
        };
        match store(&cassette, path, doubt.is_none(), same_facts) {
            Ok(done) => {
                end_journal(&tape);
                let code = stored(&done, number, doubt);
                if let Stored::Pending { path, .. } = &done {
                    gitignore::see_to(path, first, mend_gitignore)?;
                }
                code
            }
            Err(error) => {
                let code = say::failure(&Failure::from(error));
                // For longer than it takes the next command to come by.
                tape.sync();
                let journal = journal_path(path);
                let journal = journal.display();
                say::line(&match number - tape.unwritten().min(number) {
                    0 => format!("nothing of it could be written to {journal}: the recording is lost"),
                    kept => format!(
                        "{kept} of {} are in {journal}; the next `armtape record` to this cassette recovers them",
                        count(number, "interaction")
                    ),
                });
                code
            }
        }
    };
    if let Some(trouble) = tape.trouble() {
        say::line(&format!("error: the journal was not written to its end: {trouble}"));
        ours = ours.or(Code::Machine);
    }
    ours = ours.or(stopped);
    let network = if seen.upstream_errors.is_empty() { Code::Fine } else { Code::Machine };
    Ok((client.or(ours).or(network), (!command.is_empty()).then_some(client)))
}

/// Why a recording is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// Nobody knows how far the client got.
    ClientFailed,
    /// The client does otherwise when it is replayed to.
    NotReplayed,
}

/// Replays what was recorded to its client, as often as is asked for, and says where it fails.
async fn verified(
    cassette: &Cassette,
    path: &Path,
    command: &[String],
    settings: &Sections,
    times: u32,
) -> Result<Option<Doubt>, Failure> {
    /// A replay waits for nothing; what takes longer hangs.
    const LIMIT: Duration = Duration::from_secs(600);
    let terms = Terms { settings, pace: Pace::Instant, polls: None };
    for number in 1..=times {
        let reel = Reel { cassette: cassette.clone(), ..Reel::default() };
        let words = command.to_vec();
        let played = rehearsal::play(path, reel, words, &terms, LIMIT, &CancellationToken::new()).await?;
        if !played.is_clean() {
            say::line(&format!("replay {number} of {times} did not pass:"));
            let nothing = played.nothing.iter().map(|nothing| format!("  {nothing}"));
            let told = |complaint: &Complaint| {
                let more = complaint.more.iter().map(|line| format!("    {line}"));
                [format!("  {}", complaint.message)].into_iter().chain(more).collect::<Vec<_>>()
            };
            let grave = played.complaints.iter().filter(|complaint| complaint.is_grave());
            nothing.chain(grave.flat_map(told)).for_each(|line| say::line(&line));
            return Ok(Some(Doubt::NotReplayed));
        }
    }
    if times > 0 {
        say::line(&format!("{} passed", count(times as usize, "replay")));
    }
    Ok(None)
}

/// The tape that is there, to be asked first.
fn player(known: &Reel, settings: &Sections) -> Result<Player, Failure> {
    let script = Script::new(known.cassette.clone(), settings.matching.clone()).at(known.places.clone());
    Player::new(script, &settings.hosts, Pace::Instant, None).map_err(Failure::usage)
}

/// What is replaced besides what the rules find.
fn redactor(args: &Args, settings: &redact::Settings) -> Result<Redactor, Failure> {
    let mut named = Named::default();
    for name in &args.secret_env {
        let value = std::env::var(name).map_err(|_| {
            Failure::usage(format!(
                "`--secret-env {name}`: there is no such variable in the environment, or it is no text"
            ))
            .hint(format!("set it as the client gets it: `{name}=… armtape record …`"))
        })?;
        named.secret(name, &value).map_err(|error| {
            Failure::usage(format!("`--secret-env {name}`: {error}")).hint("a secret of this length protects nothing")
        })?;
    }
    for variable in &args.var {
        let (name, value) = variable.split_once('=').ok_or_else(|| {
            Failure::usage("`--var` takes NAME=VALUE".to_owned()).hint("for example `--var hub=my-hub`")
        })?;
        named.variable(name, value).map_err(|error| Failure::usage(format!("`--var {name}=…`: {error}")))?;
    }
    let rules = redact::Rules::new(settings)?;
    Ok(Redactor::new(rules, named))
}

/// Which rule replaced what, and what no rule knew.
fn replaced(report: &Report, cassette: &Cassette) -> Code {
    if !report.replaced.is_empty() {
        let rules: Vec<_> = report.replaced.iter().map(|(rule, times)| format!("{rule} {times}")).collect();
        say::line(&format!("replaced: {}", rules.join(", ")));
    }
    for suspect in &report.suspects {
        let asked = suspect.interaction.and_then(|number| cassette.interactions.get(number));
        let asked = asked.map(|asked| format!(" ({} {})", asked.request.method, asked.request.target));
        let asked = asked.unwrap_or_default();
        say::line(&format!("this looks like a secret, and was replaced: {}{asked}", scan::place(suspect)));
    }
    if report.suspects.is_empty() {
        return Code::Fine;
    }
    say::line("if it is one, a rule for it in `[redact]` of armtape.toml names it; see `armtape explain gate`");
    Code::Findings
}

/// A tape whose journal lies beside the cassette.
fn tape(path: &Path, words: &[String], redactor: Redactor, rules: &redact::Settings) -> Result<Tape, Failure> {
    let recorded = now_in_seconds();
    let journal = loop {
        match Journal::begin(path, words, &recorded) {
            // Another recorder came and crashed since we looked.
            Err(JournalError::Orphaned { .. }) => recover::orphan(path, rules)?,
            begun => break begun?,
        }
    };
    Ok(Tape::with_journal(redactor, journal, recorded, |trouble| {
        say::line(&format!("error: the journal cannot be written: {trouble}: the recording goes on in memory"));
    }))
}

/// A crash of the machine loses at most the last second.
async fn sync(tape: Arc<Tape>) {
    const EVERY: Duration = Duration::from_secs(1);
    loop {
        tokio::time::sleep(EVERY).await;
        let tape = Arc::clone(&tape);
        let _ = tokio::task::spawn_blocking(move || tape.sync()).await;
    }
}

fn end_journal(tape: &Tape) {
    if let Err(error) = tape.end_journal() {
        say::line(&format!("the journal could not be removed: {error}: the next command recovers it once more"));
    }
}

/// What came by beside the tape.
fn account(seen: &Seen) {
    for (host, times) in &seen.passed {
        say::line(&format!(
            "passed, not taped: {host} ({})",
            count(usize::try_from(*times).unwrap_or(usize::MAX), "connection")
        ));
    }
    for (host, reason) in &seen.unreached {
        say::line(&format!("not reached: {host}: {reason}"));
    }
    for (host, times) in &seen.refused {
        let times = count(usize::try_from(*times).unwrap_or(usize::MAX), "attempt");
        say::line(&format!("refused: {host} ({times}); `--allow-host {host}` tapes it"));
    }
    for (host, reason) in &seen.distrusted {
        say::line(&format!("the client did not accept armtape's certificate for {host}: {reason}"));
    }
    for (reason, hint) in &seen.upstream_errors {
        say::line(&format!("error: {reason}"));
        if let Some(hint) = hint {
            say::line(&format!("hint: {hint}"));
        }
    }
}

/// Nothing to write: say the likeliest reason.
fn empty_tape(seen: &Seen, client: Option<Code>) -> Code {
    say::line("error: nothing was recorded, so no cassette was written");
    let hosts = |hosts: &std::collections::BTreeMap<String, u64>| {
        hosts.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let reason = if !seen.upstream_errors.is_empty() {
        // Said above.
        return Code::Usage;
    } else if !seen.distrusted.is_empty() {
        say::DISTRUST.to_owned()
    } else if !seen.refused.is_empty() {
        format!("the client asked only for {}: `--allow-host` tapes a host", hosts(&seen.refused))
    } else if seen.passed.is_empty() && !seen.unreached.is_empty() {
        let hosts = seen.unreached.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("the client talked only to {hosts}, which could not be reached")
    } else if !seen.passed.is_empty() {
        format!("the client talked only to {}: `--allow-host` tapes a host", hosts(&seen.passed))
    } else if seen.tokens > 0 {
        "the client asked for a token and then for nothing".to_owned()
    } else {
        say::never_came(client)
    };
    say::line(&format!("likely: {reason}"));
    Code::Usage
}

fn stored(stored: &Stored, number: usize, doubt: Option<Doubt>) -> Code {
    let interactions = count(number, "interaction");
    match stored {
        Stored::New(path) => {
            say::line(&format!("{interactions} on {} (new)", path.display()));
            Code::Fine
        }
        Stored::Unchanged(path) => {
            say::line(&format!("{interactions}: nothing changed, {} stays as it is", path.display()));
            Code::Fine
        }
        Stored::Pending { path, replaced } => {
            let why = match doubt {
                None => "it differs from the accepted cassette",
                Some(Doubt::ClientFailed) => "the client did not end well",
                Some(Doubt::NotReplayed) => "it does not replay",
            };
            say::line(&format!("{interactions} on {}, pending: {why}", path.display()));
            if *replaced {
                say::line("it replaced an earlier pending recording that nobody had reviewed");
            }
            say::line(&format!(
                "to accept it: armtape accept {0}; to throw it away: armtape reject {0}",
                path.display()
            ));
            if doubt == Some(Doubt::ClientFailed) { Code::Fine } else { Code::Findings }
        }
    }
}

fn parse_upstream(url: &str) -> Result<(&'static str, Authority), Failure> {
    let wrong = || {
        Failure::usage(format!("`--upstream {url}` is no URL of a service"))
            .hint("for example `https://management.azure.com`, or `embedded`")
    };
    let (scheme, rest) = match url.split_once("://") {
        Some(("https", rest)) => ("https", rest),
        Some(("http", rest)) => ("http", rest),
        _ => return Err(wrong()),
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let own = Authority::parse(authority, if scheme == "https" { 443 } else { 80 }).ok_or_else(wrong)?;
    Ok((scheme, own))
}

fn upstream(args: &Args, config: &RecorderConfig) -> Result<Upstream, Failure> {
    let mut roots = system_roots().unwrap_or_default();
    for path in &args.upstream_ca {
        let fail = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("{}: {error}", path.display())).hint("`--upstream-ca` takes certificates in PEM")
        };
        let pem = std::fs::read(path).map_err(|error| fail(&error))?;
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.push(certificate.map_err(|error| fail(&error))?);
        }
        if roots.len() == before {
            return Err(fail(&"there is no certificate in it"));
        }
    }
    let explicit = args.upstream != "https://management.azure.com";
    let config = UpstreamConfig {
        roots,
        connect_to: args.connect_to.clone(),
        allow_private: args.allow_private,
        named: if explicit { vec![config.own.host.clone()] } else { Vec::new() },
    };
    Upstream::new(config).map_err(|error| Failure::machine(format!("cannot set up TLS: {error}")))
}

/// After the first argument that is a file (a script), else after the program.
fn default_cassette(command: &[String]) -> PathBuf {
    let script = command.iter().skip(1).find(|word| Path::new(word).is_file());
    let name = script
        .or(command.first())
        .and_then(|word| Path::new(word).file_stem())
        .map_or_else(|| "recording".into(), std::ffi::OsStr::to_os_string);
    let mut file = name;
    file.push(".json");
    Path::new("cassettes").join(file)
}

/// Found out before the client has created anything that costs money.
fn writable(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let fail = |error: std::io::Error| {
        Failure::machine(format!("{}: {error}", folder.display())).hint("the cassette could not be written there")
    };
    if path.is_dir() {
        return Err(Failure::usage(format!("{} is a folder", path.display())).hint("`--cassette` takes a file"));
    }
    std::fs::create_dir_all(folder).map_err(fail)?;
    // Without a name, where the system can: nothing is left of it if we are killed now.
    tempfile::tempfile_in(folder).map_err(fail)?;
    Ok(())
}
