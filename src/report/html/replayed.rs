//! The page of `armtape replay`.

use super::{
    model::{Mark, Page, Remark, Section},
    room::Room,
    short,
};
use crate::{
    arm::count,
    cassette::Cassette,
    judge::{Replayed, Severity},
    replay::Account,
};

/// What there is to tell of a replay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replay<'a> {
    /// What was played.
    pub files: &'a str,
    /// The client's command; empty where it was started by hand.
    pub command: &'a str,
    /// How the client ended, in words.
    pub ended: &'a str,
    /// What was said, and what the rules found in it. It should be redacted: it comes onto the page.
    pub replayed: &'a Replayed,
    /// What became of the tape.
    pub account: &'a Account,
}

/// The page.
pub(crate) fn replayed(replay: Replay<'_>) -> Page {
    let Replay { files, command, ended, replayed: Replayed { trace, findings, left_out, .. }, account } = replay;
    let mut remarks: Vec<Remark> = findings.iter().map(|finding| Remark::of(finding, None)).collect();
    let missing = missing(account, trace);
    let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (violations, warnings) = (of(Severity::Violation), of(Severity::Warning));
    let lines = account_lines(account);
    let unused = lines.iter().filter(|remark| remark.mark == Mark::Violation).count();
    let problems = missing.len() + unused;
    remarks.extend(missing);
    remarks.extend(lines);
    let section = Section::of_tape("What the client asked".to_owned(), trace, remarks, &mut Room::default());
    let told = [("Tape", files), ("Client", command), ("It ended", ended)];
    let mut facts: Vec<(&'static str, String)> =
        told.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.to_owned())).collect();
    facts.push(("Answered from the tape", count(account.answered, "request")));
    let mut notes = vec!["Secret and personal values are replaced by stand-ins.".to_owned()];
    if *left_out > 0 {
        notes.push(format!("{left_out} exchanges after the first {} are not here.", trace.interactions.len()));
    }
    let nothing = account.is_empty().then(|| (Mark::Violation, "Nothing was asked of the tape".to_owned()));
    Page {
        command: "armtape replay",
        title: short::file(files).to_owned(),
        verdict: nothing.unwrap_or_else(|| verdict(violations + problems, warnings)),
        facts,
        sections: vec![section],
        tables: Vec::new(),
        notes,
    }
}

/// What was found, in a sentence.
pub(super) fn verdict(violations: usize, warnings: usize) -> (Mark, String) {
    let mark = match (violations, warnings) {
        (0, 0) => return (Mark::Clean, "Nothing to complain about".to_owned()),
        (0, _) => Mark::Warning,
        _ => Mark::Violation,
    };
    (mark, format!("{}, {}", count(violations, "violation"), count(warnings, "warning")))
}

/// Requests that the tape did not know, at the rows where they were made.
fn missing(account: &Account, trace: &Cassette) -> Vec<Remark> {
    let mut missing = Vec::new();
    for (miss, times) in &account.unanswered.explained {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        let at = trace.interactions.iter().position(|interaction| {
            let asked = &interaction.request;
            let refused = interaction.response.as_ref().is_some_and(|response| response.status == 501);
            refused && miss.asked.starts_with(&asked.method) && miss.asked.ends_with(&asked.target)
        });
        missing.push(Remark {
            lines: miss.lines().into_iter().skip(1).map(|line| line.trim().to_owned()).collect(),
            shown_by: at.into_iter().collect(),
            ..Remark::plain(Mark::Violation, format!("missing from the tape{times}: {}", short::request(&miss.asked)))
        });
    }
    missing
}

fn account_lines(account: &Account) -> Vec<Remark> {
    let nobody = !account.sessions.iter().any(|session| session.has_written);
    let mut lines = Vec::new();
    lines.extend(account.unanswered.counted().map(|line| Remark::plain(Mark::Violation, line)));
    for session in &account.sessions {
        let is_judged = nobody || session.has_written;
        for line in &session.lines {
            let is_grave = is_judged && line.is_finding();
            lines.push(Remark::plain(if is_grave { Mark::Violation } else { Mark::Note }, line.to_string()));
        }
    }
    lines
}
