//! `armtape replay`

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Code,
    ca::Kept,
    ci,
    complaint::{self, Complaint},
    env::typed,
    page::Cleaner,
    recover,
    report::Reports,
    say::{self, Failure, count},
    settings::Settings,
    stage::{LISTEN, Stage, no_more},
    timing::Timing,
    used::UsedList,
};
use crate::{
    cassette::{Reel, pending_path},
    config::Sections,
    judge::Replayed,
    proxy::{DirectHost, Identity},
    redact,
    replay::{Account, OpenDoor, Player, Refused, Script, open_doors},
    report::{CaseReport, Kind, Report, Reported, Work, conversation, html},
    simulate::scenario::Interposed,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Cassettes, or any recordings of docs/formats.md, or folders of them: played as one tape
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    timing: Timing,
    /// Lay a fault over the tape: `429 retry-after=2 at poll 2`, `503 at write`, `cut 100 at read` (docs/sessions.md)
    #[arg(long, value_name = "SPEC")]
    fault: Vec<Interposed>,
    /// Where to listen; port 0 chooses
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN)]
    listen: String,
    /// Use the authority that `armtape ca` keeps in this folder
    #[arg(long, value_name = "FOLDER")]
    ca_dir: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    used: UsedList,
    #[command(flatten)]
    settings: Settings,
    /// The client and its arguments
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

impl Args {
    /// To replay one cassette around a client, with the defaults of everything else.
    pub(super) fn of(
        file: PathBuf,
        listen: String,
        ca_dir: Option<PathBuf>,
        used: UsedList,
        settings: Settings,
        command: Vec<String>,
    ) -> Self {
        Self {
            files: vec![file],
            timing: Timing::INSTANT,
            fault: Vec::new(),
            listen,
            ca_dir,
            reports: Reports::default(),
            used,
            settings,
            command,
        }
    }
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let (code, client) = one(args).await?;
    say::ending(code, client);
    Ok(code)
}

/// Replays to one client. The code, and that of the client, if there was one.
pub(super) async fn one(args: Args) -> Result<(Code, Option<Code>), Failure> {
    args.reports.prepare(&args.files)?;
    args.used.prepare(&args.files)?;
    let began = Instant::now();
    let config = args.settings.read()?.sections;
    let cleaner = args.reports.wants(Kind::Html).then(|| Cleaner::by(config.redact.clone())).transpose()?;
    let reel = load(&args.files, &config.redact)?;
    let played: BTreeSet<Arc<Path>> = reel.places.iter().map(|place| Arc::clone(&place.file)).collect();
    // What another recorder made is not ours to go on with, and of several files nobody knows which.
    let is_ours = reel.cassette.interactions.iter().all(|interaction| interaction.provenance.is_none());
    let ours_alone = args.files.first().filter(|file| is_ours && args.files.len() == 1 && file.is_file());
    let kept = args.ca_dir.as_deref().map(Kept::open).transpose()?;
    let identity = kept.as_ref().map(|kept| &kept.identity);
    let at = Terms { settings: &config, timing: args.timing };
    let Set { stage, player, others } =
        set(&args.files[0], reel, &at, args.fault.clone(), &args.listen, identity).await?;
    let (server, ending) = stage.play_all(player, others, &args.command).await?;
    let client = ending.code();
    for (host, Refused { times, reason }) in server.handler().refused() {
        let times = count(usize::try_from(times).unwrap_or(usize::MAX), "attempt");
        say::line(&format!("refused: {host} ({times}): it {reason}"));
    }
    let ours = tell(server.handler(), (!args.command.is_empty()).then_some(client));
    let replayed = Replayed::new(server.handler().trace(), args.timing.pace.is_accelerated());
    replayed.to_string().lines().for_each(say::line);
    let account = server.handler().account();
    let found = replayed.findings.iter().cloned().map(Complaint::from);
    let blamed = complaint::once(complaint::of_account(&account).into_iter().chain(found).collect());
    let report = as_report(&args, &account, &replayed, &blamed, began.elapsed());
    args.reports.write_beside_page(&report)?;
    // A job replays many tapes, each by a command of its own: its summary is for what went wrong.
    if !blamed.is_empty() {
        ci::announce(&report, &blamed.iter().map(|complaint| complaint.note(&args.files[0])).collect::<Vec<_>>());
    }
    let ours = if replayed.has_violations() { ours.or(Code::Findings) } else { ours };
    if let Some(cleaner) = &cleaner {
        write_page(&args, cleaner, server.handler(), client)?;
    }
    if let Some(file) = ours_alone.filter(|_| !account.unanswered.explained.is_empty()) {
        add_to(file, &args.command);
    }
    if !account.is_empty() {
        args.used.add(&played)?;
    }
    Ok((client.or(ours), (!args.command.is_empty()).then_some(client)))
}

/// How a tape is played.
pub(super) struct Terms<'a> {
    pub(super) settings: &'a Sections,
    pub(super) timing: Timing,
}

/// A tape that only has to be played.
pub(super) struct Set {
    pub(super) stage: Stage,
    pub(super) player: Arc<Player>,
    /// One for each listener beside the first.
    pub(super) others: Vec<Arc<Player>>,
}

/// Makes a tape ready, with a listener for each host on it that is not its own.
pub(super) async fn set(
    named: &Path,
    reel: Reel,
    terms: &Terms<'_>,
    faults: Vec<Interposed>,
    listen: &str,
    identity: Option<&Identity>,
) -> Result<Set, Failure> {
    let Sections { matching, hosts, redact, .. } = terms.settings;
    let script = Script::new(reel.cassette, matching.clone()).at(reel.places).hiding(redact);
    let open = open_doors(&script).map_err(|error| no_more(&error))?;
    let mut direct = hosts.direct.clone();
    for OpenDoor { meant, .. } in &open {
        direct.push(DirectHost::try_from(meant.to_string()).map_err(Failure::usage)?);
    }
    let player = Player::new(script, hosts, terms.timing.pace, terms.timing.polls)
        .map_err(|error| Failure::usage(format!("{}: {error}", named.display())))?;
    let mut stage = Stage::set(listen, player.hosts(), &direct, true, identity).await?;
    let mut doors = Vec::new();
    for OpenDoor { door, meant, listener } in open {
        if door.at.ip() != meant {
            say::line(&format!("{meant} is no address of this machine: {} is served at {}", door.taped.1, door.at));
        }
        stage.serve_at(listener)?;
        doors.push(door);
    }
    let beside = doors.len();
    let own = stage.endpoint().trim_start_matches("https://");
    let player = Arc::new(player.with_doors(own, doors).with_faults(faults));
    let others = vec![Arc::clone(&player); beside];
    Ok(Set { stage, player, others })
}

/// The replay as a page.
fn write_page(args: &Args, cleaner: &Cleaner, player: &Player, client: Code) -> Result<(), Failure> {
    let files: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
    let (trace, left_out) = player.trace();
    let replayed = Replayed::new((cleaner.clean(&trace)?, left_out), args.timing.pace.is_accelerated());
    let ended = if args.command.is_empty() { String::new() } else { format!("with {}", client.number()) };
    args.reports.write_page(&html::replayed(html::Replay {
        files: &files.join(", "),
        command: &redact::command(&args.command).join(" "),
        ended: &ended,
        replayed: &replayed,
        account: &player.account(),
    }))
}

/// The replay as a report of one case.
fn as_report(args: &Args, account: &Account, replayed: &Replayed, blamed: &[Complaint], took: Duration) -> Report {
    let files: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
    let case = CaseReport {
        number: 1,
        scenario: files.join(", "),
        operation: "replay".to_owned(),
        nothing: account.is_empty().then(|| "nothing was asked of the tape".to_owned()),
        findings: blamed.iter().cloned().map(Reported::from).collect(),
        conversation: conversation(&replayed.trace),
        took,
        file: files.first().cloned(),
        ..CaseReport::default()
    };
    // A report is handed around: no secret of the command goes with it.
    Report { work: Work::Replay, command: redact::command(&args.command), cases: vec![case], took, ..Report::default() }
}

/// How to bring what is missing on this cassette.
fn add_to(cassette: &Path, command: &[String]) {
    // Longer than this nobody types it again.
    const LONGEST: usize = 100;
    let client = command.iter().map(|word| typed(word)).collect::<Vec<_>>().join(" ");
    let fits = !client.is_empty() && client.len() <= LONGEST && !client.contains('\n');
    let client = if fits { &client } else { "CLIENT" };
    let cassette = typed(&cassette.display().to_string()).into_owned();
    say::line(&format!("to add what is missing: armtape record --mode new-episodes --cassette {cassette} -- {client}"));
}

/// What is to be played. Every file that cannot be read is told.
pub(super) fn load(files: &[PathBuf], rules: &redact::Settings) -> Result<Reel, Failure> {
    for file in files.iter().filter(|file| !file.is_dir()) {
        recover::orphan_if_possible(file, rules)?;
        if !file.exists() && pending_path(file).exists() {
            return Err(Failure::usage(format!("{} is not accepted yet", file.display()))
                .hint(format!("`armtape accept {}` accepts it", pending_path(file).display())));
        }
    }
    let reel = say::loaded(Reel::load(files))?;
    if reel.places.is_empty() {
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        return Err(Failure::usage(format!("{}: there is no interaction on it", files.join(", ")))
            .hint("record it again: `armtape record --cassette FILE -- CLIENT`"));
    }
    Ok(reel)
}

fn tell(player: &Player, client: Option<Code>) -> Code {
    let account = player.account();
    for (host, reason) in player.distrusted() {
        say::line(&format!("the client did not accept armtape's certificate for {host}: {reason}"));
    }
    if account.is_empty() {
        say::line("error: nothing was asked of the tape, so nothing was judged");
        let reason = if !player.distrusted().is_empty() {
            say::DISTRUST.to_owned()
        } else if !player.refused().is_empty() {
            "the client asked only for hosts that are not on the tape".to_owned()
        } else if player.looked_up() > 0 {
            "the client asked for a token or for the clouds, and then for nothing".to_owned()
        } else {
            say::never_came(client)
        };
        say::line(&format!("likely: {reason}"));
        return Code::Usage;
    }
    account.to_string().lines().for_each(say::line);
    if player.met_faults() > 0 {
        say::line(&format!("{} met a fault that was asked for", count(player.met_faults(), "request")));
    }
    let in_vain = player.in_vain();
    in_vain.iter().for_each(|fault| say::line(fault));
    if !in_vain.is_empty() {
        say::line("how many running answers there are before an end: `--polls recorded`, or a number");
    }
    if account.has_findings() || !in_vain.is_empty() { Code::Findings } else { Code::Fine }
}
