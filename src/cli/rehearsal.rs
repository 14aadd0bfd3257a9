//! A tape played to a client in silence, and what there is to complain of.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{
    complaint::{self, Complaint},
    replay::{Set, Terms, set},
    say::{self, Failure},
    stage::LISTEN,
};
use crate::{
    arm::{State, operations},
    cassette::{Cassette, Reel},
    check::Ended,
    judge::{Ending, Replayed},
    replay::{Account, Player},
    report::{CRASHED, EXIT, STOPPED, Shown, conversation},
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
    let Replayed { trace, findings, judged, not_judged, left_out } =
        Replayed::new(player.trace(), terms.timing.pace.is_accelerated());
    let mut complaints = Vec::new();
    if is_stopped {
        let message = format!("the client was still at it after {} s, and was stopped", limit.as_secs_f64());
        complaints.push(Complaint::new(STOPPED, message));
    }
    let mut facts = Vec::new();
    if nothing.is_none() {
        complaints.extend(complaint::of_account(&account));
        facts = facts_of(&account, left_out);
        complaints.extend(findings.into_iter().map(Complaint::from));
        // Where something is wrong a client may well say so.
        let may_fail = failed_on_tape || complaints.iter().any(Complaint::is_grave);
        complaints.extend(ending(&ended, may_fail));
    }
    Ok(Played {
        complaints: complaint::once(complaints),
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

fn facts_of(account: &Account, left_out: usize) -> Vec<String> {
    let lines = account.sessions.iter().flat_map(|session| &session.lines);
    let mut facts: Vec<String> = lines.filter(|line| !line.is_finding()).map(ToString::to_string).collect();
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
