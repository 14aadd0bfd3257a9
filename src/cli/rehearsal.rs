//! A tape played to a client in silence, and what there is to complain of.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{
    replay::{Set, Terms, set},
    say::{self, Failure},
    stage::LISTEN,
};
use crate::{
    arm::{State, operations},
    cassette::{Cassette, Reel},
    check::Ended,
    judge::{Ending, Replayed, Severity},
    replay::{Account, Line, Misses, Pace, Player},
    report::{CRASHED, EXIT, MISSING, STOPPED, Shown, UNUSED, conversation, subject},
};

/// What came of one rehearsal.
pub(super) struct Played {
    pub(super) complaints: Vec<Complaint>,
    /// Why nothing was judged, where nothing was.
    pub(super) nothing: Option<String>,
    /// What else the account says, a line for each fact.
    pub(super) facts: Vec<String>,
    /// How the client ended.
    pub(super) ended: Ended,
    pub(super) conversation: Vec<Shown>,
    pub(super) trace: Cassette,
    pub(super) judged: usize,
    pub(super) not_judged: usize,
    pub(super) took: Duration,
}

/// Something that is not as it should be.
#[derive(Clone, Debug)]
pub(super) struct Complaint {
    /// The rule, or what else it is about: docs/ci.md lists them.
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) message: String,
    /// What there is to know beside it, a line for each.
    pub(super) more: Vec<String>,
    /// What should have been.
    pub(super) expected: &'static str,
    /// File and line of the tape.
    pub(super) at: Option<(PathBuf, u64)>,
    /// Requests of the conversation that show it.
    pub(super) interactions: Vec<usize>,
}

impl Complaint {
    pub(super) fn new(rule: &'static str, message: impl Into<String>) -> Self {
        let (message, severity) = (message.into(), Severity::Violation);
        let expected = subject(rule).map_or("", |subject| subject.words);
        Self { rule, severity, message, more: Vec::new(), expected, at: None, interactions: Vec::new() }
    }

    pub(super) fn is_grave(&self) -> bool {
        self.severity == Severity::Violation
    }
}

impl Played {
    /// Whether nothing grave is to be complained of, and there was something to judge.
    pub(super) fn is_clean(&self) -> bool {
        self.nothing.is_none() && !self.complaints.iter().any(Complaint::is_grave)
    }
}

/// Plays a tape to a command. It is stopped after `limit`, and when `stop` says so.
///
/// # Errors
///
/// Where the command cannot be started, or the machine says no.
pub(super) async fn play(
    named: &Path,
    reel: Reel,
    words: Vec<String>,
    terms: &Terms<'_>,
    limit: Duration,
    stop: &CancellationToken,
) -> Result<Played, Failure> {
    let failed_on_tape = has_failure(&reel.cassette);
    let began = Instant::now();
    let Set { stage, player, others } = set(named, reel, terms, Vec::new(), LISTEN, None).await?;
    let time_up = async {
        tokio::select! {
            () = tokio::time::sleep(limit) => {}
            () = stop.cancelled() => {}
        }
    };
    let (server, ended) = stage.play_quietly(player, others, words, time_up).await?;
    let took = began.elapsed();
    let player = server.handler();
    let account = player.account();
    let is_stopped = ended.outcome.ending == Ending::Stopped;
    let nothing = (account.is_empty() && !is_stopped).then(|| why_nothing(player, &ended));
    // Another pace than the recorded one is there so that nobody waits.
    let Replayed { trace, findings, judged, not_judged, left_out } =
        Replayed::new(player.trace(), terms.pace != Pace::Recorded);
    let mut complaints = Vec::new();
    if is_stopped {
        let message = format!("the client was still at it after {} s, and was stopped", limit.as_secs_f64());
        complaints.push(Complaint::new(STOPPED, message));
    }
    let mut facts = Vec::new();
    if nothing.is_none() {
        complaints.extend(of_account(&account));
        facts = facts_of(&account, left_out);
        complaints.extend(findings.into_iter().map(|finding| Complaint {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message,
            more: Vec::new(),
            expected: finding.expected,
            at: None,
            interactions: finding.interactions,
        }));
        // Where something is wrong a client may well say so.
        let may_fail = failed_on_tape || complaints.iter().any(Complaint::is_grave);
        complaints.extend(ending(&ended, may_fail));
    }
    Ok(Played {
        complaints: once(complaints),
        nothing,
        facts,
        ended,
        conversation: conversation(&trace),
        trace,
        judged,
        not_judged,
        took,
    })
}

/// What is complained of several times in the same words, once.
fn once(complaints: Vec<Complaint>) -> Vec<Complaint> {
    let mut told: Vec<(Complaint, usize)> = Vec::new();
    for complaint in complaints {
        let is_like = |(other, _): &&mut (Complaint, usize)| {
            (other.rule, &other.message, &other.more) == (complaint.rule, &complaint.message, &complaint.more)
        };
        match told.iter_mut().find(is_like) {
            Some((other, times)) => {
                other.interactions.extend(complaint.interactions);
                *times += 1;
            }
            None => told.push((complaint, 1)),
        }
    }
    let with_count = |(complaint, times): (Complaint, usize)| match times {
        1 => complaint,
        times => Complaint { message: format!("{} ({times} times)", complaint.message), ..complaint },
    };
    told.into_iter().map(with_count).collect()
}

/// Whether something on a tape did not go well, so that its client may have said so.
fn has_failure(cassette: &Cassette) -> bool {
    let failed = operations(&cassette.interactions)
        .iter()
        .any(|operation| operation.end.as_ref().is_some_and(|end| end.state != State::Succeeded));
    let refused = |status: u16| status >= 400;
    let interactions = &cassette.interactions;
    failed || interactions.iter().any(|one| one.response.as_ref().is_none_or(|response| refused(response.status)))
}

/// A client that complains where nothing on its tape went wrong.
fn ending(ended: &Ended, may_fail: bool) -> Option<Complaint> {
    match ended.outcome.ending {
        Ending::Crashed => {
            let message = format!("signal {} ended the client", ended.code - 128);
            Some(Complaint::new(CRASHED, message))
        }
        _ if ended.code != 0 && !may_fail => {
            Some(Complaint::new(EXIT, format!("the client ended with {}", ended.code)))
        }
        _ => None,
    }
}

fn of_account(account: &Account) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (miss, times) in &account.unanswered.explained {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        let mut lines = miss.lines().into_iter();
        let asked = lines.next().unwrap_or_default();
        let place = miss.nearest.as_ref().and_then(|nearest| nearest.place.as_ref());
        complaints.push(Complaint {
            more: lines.map(|line| line.trim_start().to_owned()).collect(),
            at: place.map(|place| (place.file.to_path_buf(), place.line)),
            ..Complaint::new(MISSING, format!("missing from the tape{times}: {asked}"))
        });
    }
    // The others, by their number alone.
    let others = Misses { explained: Vec::new(), ..account.unanswered.clone() };
    complaints.extend(others.to_string().lines().map(|line| Complaint::new(MISSING, line)));
    let unused = account.unused_writes().map(|write| format!("the client did not make {write}"));
    complaints.extend(unused.map(|message| Complaint::new(UNUSED, message)));
    complaints
}

fn facts_of(account: &Account, left_out: usize) -> Vec<String> {
    let lines = account.sessions.iter().flat_map(|session| &session.lines);
    let mut facts: Vec<String> =
        lines.filter(|line| !matches!(line, Line::UnusedWrite(_))).map(ToString::to_string).collect();
    if left_out > 0 {
        facts.push(format!("not judged: {}", say::count(left_out, "exchange")));
    }
    facts
}

/// Why the tape was asked for nothing.
fn why_nothing(player: &Player, ended: &Ended) -> String {
    let reason = if !player.distrusted().is_empty() {
        say::DISTRUST.to_owned()
    } else if !player.refused().is_empty() {
        let hosts = player.refused().into_keys().collect::<Vec<_>>().join(", ");
        format!("the client asked only for hosts that are not on the tape: {hosts}")
    } else if player.looked_up() > 0 {
        "the client asked for a token or for the clouds, and then for nothing".to_owned()
    } else {
        say::never_came(Some(super::Code::Client(u8::try_from(ended.code).unwrap_or(u8::MAX))))
    };
    format!("nothing was asked of the tape: {reason}")
}
