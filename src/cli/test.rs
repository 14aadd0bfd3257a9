//! `armtape test`

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    Code,
    child::Signals,
    ci,
    complaint::Complaint,
    env::{print, typed},
    page::Cleaner,
    rehearsal::{self, Played},
    replay::{self, Terms},
    report::Reports,
    say::{self, Failure, count},
    seconds::seconds,
    settings::Settings,
    tapes,
    timing::Timing,
    used::UsedList,
};
use crate::{
    cassette::pending_path,
    config::Sections,
    judge::Ending,
    report::{CRASHED, CaseReport, EXIT, IDLE, Kind, NOT_PLAYED, PENDING, Report, Reported, STOPPED, Work},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Cassettes, folders of them, or patterns such as 'cassettes/create-*.json'
    #[arg(value_name = "GLOB", default_value = tapes::FOLDER)]
    tapes: Vec<String>,
    /// Cassettes at once [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    #[command(flatten)]
    timing: Timing,
    /// Seconds after which a client is stopped
    #[arg(long, value_name = "S", default_value = "120", value_parser = seconds)]
    timeout: Duration,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    used: UsedList,
    #[command(flatten)]
    settings: Settings,
}

/// One cassette, and what came of it.
struct Tested {
    number: usize,
    path: PathBuf,
    command: Vec<String>,
    verdict: Verdict,
    /// A recording waits beside it.
    pending: bool,
}

enum Verdict {
    Played(Box<Played>),
    /// There is nothing to run.
    Skipped(&'static str),
    /// It could not be read, or its command not be started.
    Hindered(Failure),
    /// armtape was told to stop before it came to its end.
    NotRun,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let settings = args.settings.read()?.sections;
    let cleaner = args.reports.wants(Kind::Html).then(|| Cleaner::by(settings.redact.clone())).transpose()?;
    let tapes = tapes::meant(&args.tapes)?;
    args.reports.prepare(&tapes)?;
    args.used.prepare(&tapes)?;
    let began = Instant::now();
    let mut tested = test(&args, settings, tapes).await?;
    tested.sort_by_key(|tested| tested.number);
    let played =
        tested.iter().filter(|tested| matches!(&tested.verdict, Verdict::Played(played) if played.nothing.is_none()));
    args.used.add(played.map(|tested| &tested.path))?;
    let report = report(&tested, cleaner.as_ref(), began.elapsed())?;
    args.reports.write(&report)?;
    ci::announce(&report, &notes(&tested));
    Ok(summary(&tested, began.elapsed()))
}

/// Tests all of them, some at once, and tells of each as soon as it is done.
async fn test(args: &Args, settings: Sections, tapes: Vec<PathBuf>) -> Result<Vec<Tested>, Failure> {
    let mut signals = Signals::listen()?;
    let jobs = args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(2, usize::from), usize::from);
    let (stop, settings, of) = (CancellationToken::new(), Arc::new(settings), tapes.len());
    let (mut waiting, mut running) = (tapes.into_iter().enumerate(), JoinSet::new());
    let (mut tested, mut shown, mut failed) = (Vec::new(), Instant::now(), 0);
    while tested.len() < of {
        while running.len() < jobs
            && let Some((number, path)) = waiting.next()
        {
            let (stop, settings) = (stop.clone(), Arc::clone(&settings));
            let (timing, limit) = (args.timing, args.timeout);
            running.spawn(async move {
                let terms = Terms { settings: &settings, timing };
                one(number, path, &terms, limit, &stop).await
            });
        }
        let ended = tokio::select! {
            ended = running.join_next() => ended,
            _ = signals.next(), if !stop.is_cancelled() => {
                stop.cancel();
                continue;
            }
        };
        let one = match ended {
            Some(Ok(one)) => one,
            Some(Err(error)) => return Err(Failure::machine(format!("a cassette could not be tested: {error}"))),
            None => break,
        };
        failed += usize::from(one.code() != Code::Fine);
        print(&say::printable(&one.told()))?;
        tested.push(one);
        if std::io::stderr().is_terminal() || shown.elapsed() > Duration::from_secs(5) {
            shown = Instant::now();
            say::line(&format!("{} of {}, {failed} failed", tested.len(), count(of, "cassette")));
        }
    }
    Ok(tested)
}

async fn one(number: usize, path: PathBuf, terms: &Terms<'_>, limit: Duration, stop: &CancellationToken) -> Tested {
    let (command, verdict) = played(&path, terms, limit, stop).await;
    // What check keeps beside a case of its own is its business, too.
    let pending = pending_path(&path).exists() && !matches!(verdict, Verdict::Skipped(tapes::OF_CHECK));
    Tested { number, path, command, verdict, pending }
}

async fn played(path: &Path, terms: &Terms<'_>, limit: Duration, stop: &CancellationToken) -> (Vec<String>, Verdict) {
    if stop.is_cancelled() {
        return (Vec::new(), Verdict::NotRun);
    }
    let reel = match replay::load(&[path.to_owned()], &terms.settings.redact) {
        Ok(reel) => reel,
        Err(failure) => return (Vec::new(), Verdict::Hindered(failure)),
    };
    let command = tapes::command(&reel.cassette);
    if tapes::is_of_check(&reel.cassette) {
        return (command, Verdict::Skipped(tapes::OF_CHECK));
    }
    if command.is_empty() {
        let is_foreign = reel.cassette.interactions.iter().any(|one| one.provenance.is_some());
        return (command, Verdict::Skipped(if is_foreign { FOREIGN } else { BY_HAND }));
    }
    let verdict = match rehearsal::play(path, reel, command.clone(), terms, limit, stop).await {
        Ok(_) if stop.is_cancelled() => Verdict::NotRun,
        Ok(played) => Verdict::Played(Box::new(played)),
        Err(failure) => Verdict::Hindered(failure),
    };
    (command, verdict)
}

const FOREIGN: &str = "another tool recorded it, and no command is on it";
const BY_HAND: &str = "no command is on it: it was recorded without `-- CLIENT`";

impl Tested {
    fn code(&self) -> Code {
        match &self.verdict {
            _ if !self.undecided().is_empty() => Code::Findings.or(self.own_code()),
            _ => self.own_code(),
        }
    }

    /// Whether there was nothing to run, and nothing else is wrong.
    fn is_skipped(&self) -> bool {
        matches!(self.verdict, Verdict::Skipped(_)) && self.code() == Code::Fine
    }

    fn own_code(&self) -> Code {
        match &self.verdict {
            Verdict::Played(played) if played.nothing.is_some() => Code::Usage,
            Verdict::Played(played) if played.is_clean() => Code::Fine,
            Verdict::Played(_) => Code::Findings,
            Verdict::Skipped(_) => Code::Fine,
            Verdict::Hindered(failure) => failure.code(),
            Verdict::NotRun => Code::Usage,
        }
    }

    /// In CI nobody is there to decide: what waits is a finding.
    fn undecided(&self) -> Vec<Complaint> {
        let complaint = || {
            Complaint::new(PENDING, format!("{} waits to be accepted or rejected", pending_path(&self.path).display()))
        };
        (self.pending && ci::is_ci()).then(complaint).into_iter().collect()
    }

    /// Everything that is wrong.
    fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = match &self.verdict {
            Verdict::Played(played) => match &played.nothing {
                Some(nothing) => vec![Complaint::new(IDLE, nothing.clone())],
                None => played.complaints.clone(),
            },
            Verdict::Hindered(failure) => {
                let more = failure.hint_text().map(|hint| format!("hint: {hint}")).into_iter().collect();
                vec![Complaint { more, ..Complaint::new(NOT_PLAYED, failure.message()) }]
            }
            Verdict::Skipped(_) | Verdict::NotRun => Vec::new(),
        };
        complaints.extend(self.undecided());
        complaints
    }

    /// What is said of it when it is done.
    fn told(&self) -> String {
        let path = self.path.display();
        let why = match &self.verdict {
            Verdict::Skipped(why) => format!(": {why}"),
            Verdict::NotRun => return String::new(),
            Verdict::Played(_) | Verdict::Hindered(_) => String::new(),
        };
        let word = match self.code() {
            Code::Fine if self.is_skipped() => "skipped",
            Code::Fine => "ok",
            _ => "failed",
        };
        let mut text = format!("{word:<8} {path}{why}\n");
        for complaint in self.complaints() {
            let severity = if complaint.is_grave() { "" } else { "warning: " };
            text.push_str(&format!("  {severity}{} [{}]\n", complaint.message, complaint.rule));
            text.extend(complaint.more.iter().map(|line| format!("    {line}\n")));
        }
        let Verdict::Played(played) = &self.verdict else { return text };
        if self.own_code() != Code::Fine {
            text.extend(played.facts.iter().map(|fact| format!("  {fact}\n")));
            let is_told = |complaint: &Complaint| [CRASHED, EXIT, STOPPED].contains(&complaint.rule);
            if !played.complaints.iter().any(is_told) {
                text.push_str(&format!("  {}\n", self.ended(played)));
            }
            text.extend(last_lines(&played.ended.outcome.output).map(|line| format!("  | {line}\n")));
            text.push_str(&format!("  again: {}\n", self.again()));
        }
        if self.pending && !ci::is_ci() {
            text.push_str("  a recording waits beside it; `armtape review` shows it\n");
        }
        text
    }

    fn ended(&self, played: &Played) -> String {
        match played.ended.outcome.ending {
            Ending::Stopped => "the client was still at it when its time was up".to_owned(),
            Ending::Crashed => format!("the client crashed ({})", played.ended.code),
            Ending::Itself => format!("the client ended with {}", played.ended.code),
        }
    }

    fn again(&self) -> String {
        let path = self.path.display().to_string();
        let words = ["armtape", "replay", &path, "--"].into_iter().chain(self.command.iter().map(String::as_str));
        words.map(typed).collect::<Vec<_>>().join(" ")
    }
}

/// What a client said last.
fn last_lines(output: &str) -> impl Iterator<Item = &str> {
    const MOST: usize = 10;
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let first = lines.len().saturating_sub(MOST);
    lines.into_iter().skip(first)
}

fn report(tested: &[Tested], cleaner: Option<&Cleaner>, took: Duration) -> Result<Report, Failure> {
    let mut report = Report { work: Work::Test, took, ..Report::default() };
    for one in tested {
        let path = one.path.display().to_string();
        match &one.verdict {
            Verdict::Skipped(why) if one.is_skipped() => report.skipped.push((path, (*why).to_owned())),
            Verdict::NotRun => report.not_run += 1,
            _ => report.cases.push(case(one, cleaner)?),
        }
    }
    Ok(report)
}

fn case(one: &Tested, cleaner: Option<&Cleaner>) -> Result<CaseReport, Failure> {
    let played = match &one.verdict {
        Verdict::Played(played) => Some(played),
        _ => None,
    };
    let findings = one.complaints().into_iter().map(Reported::from);
    let trace = match (cleaner, played) {
        (Some(cleaner), Some(played)) => Some(cleaner.clean(&played.trace)?),
        _ => None,
    };
    Ok(CaseReport {
        number: one.number,
        scenario: one.path.display().to_string(),
        title: one.command.join(" "),
        operation: "replay".to_owned(),
        ended: played.map_or_else(|| "was not run".to_owned(), |played| one.ended(played)),
        findings: findings.collect(),
        conversation: played.map(|played| played.conversation.clone()).unwrap_or_default(),
        judged: played.map_or(0, |played| played.judged),
        not_judged: played.map_or(0, |played| played.not_judged),
        took: played.map_or(Duration::ZERO, |played| played.took),
        again: Some(one.again()),
        file: Some(one.path.display().to_string()),
        trace,
        ..CaseReport::default()
    })
}

fn notes(tested: &[Tested]) -> Vec<ci::Note> {
    let of = |one: &Tested| one.complaints().iter().map(|complaint| complaint.note(&one.path)).collect::<Vec<_>>();
    tested.iter().flat_map(of).collect()
}

/// The last lines, and the code.
fn summary(tested: &[Tested], took: Duration) -> Code {
    let number = |wanted: fn(&Tested) -> bool| tested.iter().filter(|one| wanted(one)).count();
    let skipped = number(Tested::is_skipped);
    let not_run = number(|one| matches!(one.verdict, Verdict::NotRun));
    let failed = number(|one| !matches!(one.verdict, Verdict::NotRun) && one.code() != Code::Fine);
    let passed = number(|one| matches!(one.verdict, Verdict::Played(_)) && one.code() == Code::Fine);
    let mut words = vec![format!("{passed} passed"), format!("{failed} failed")];
    for (times, word) in [(skipped, "skipped"), (not_run, "not run")] {
        words.extend((times > 0).then(|| format!("{times} {word}")));
    }
    let seconds = took.as_secs_f64();
    say::line(&format!("{} in {seconds:.1} s: {}", count(tested.len(), "cassette"), words.join(", ")));
    let mut code = tested.iter().fold(Code::Fine, |code, one| code.or(one.code()));
    if passed + failed == 0 {
        say::line("error: nothing was judged");
        code = code.or(Code::Usage);
    }
    code
}
