//! What became of a tape: used, repeated, missing and left over, by session and operation.

use std::fmt;

use super::{
    misses::Misses,
    script::{Role, Script},
    sessions::Sessions,
    world::World,
};
use crate::arm::{Polled, printable};

/// The account of a replay. Its text is what people read at the end, a line for each fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Requests that were answered from the tape.
    pub answered: usize,
    /// Requests that were not.
    pub unanswered: Misses,
    /// What happened in each session, in the order in which they began.
    pub sessions: Vec<SessionAccount>,
}

/// What there is to tell of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionAccount {
    /// The values of the session, such as `subscription 5a19f233-…`.
    pub values: String,
    /// Whether a write was made in it.
    pub has_written: bool,
    /// Of operations and interactions, in the order of the tape.
    pub lines: Vec<Line>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A write that the client did not make.
    UnusedWrite(String),
    /// A write whose operation the tape follows to its end, and the client did not ask about.
    Left(String),
    /// Reads that the client did not make.
    UnusedReads(usize),
    /// A write that came again after its recorded answers were given.
    Repeated(String, u32),
    /// A read that the recording lacks, answered from the operation's result.
    Borrowed(String, u32),
    /// Polls of a URL that the recorded client did not ask, answered from how the operation went.
    Made(String, Polled, u32),
    /// Polls of a URL in another spelling than the one that was handed out, which was let pass.
    Respelled(String, u32),
    /// Requests in another api-version than the recorded one: that, the one asked, and how many.
    OtherApiVersion(String, String, u32),
    /// An operation that ended at its first poll: polling was not exercised.
    NotPolled(String),
    /// An operation that the client was told to be running, so many times, and did not follow to the end that
    /// the tape has.
    NotFollowed(String, u32),
}

impl Account {
    pub(super) fn close(script: &Script, sessions: &Sessions, answered: usize, unanswered: Misses) -> Self {
        let nobody = sessions.all.is_empty().then(|| SessionAccount::of(script, &World::new(script, sessions.polls)));
        let sessions = sessions.all.iter().map(|session| SessionAccount {
            values: session.describe(&script.variables),
            ..SessionAccount::of(script, &session.world)
        });
        let mut sessions: Vec<SessionAccount> = sessions.chain(nobody).collect();
        if !unanswered.is_empty() {
            // What was missing may have been what asked.
            sessions.iter_mut().for_each(|session| session.lines.retain(|line| !matches!(line, Line::Left(_))));
        }
        Self { answered, unanswered, sessions }
    }

    /// Whether something is wrong: a request that is missing, a write that was not made, an operation
    /// that was left alone.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        !self.unanswered.is_empty() || self.unused_writes().next().is_some() || self.left().next().is_some()
    }

    /// Ends a test in which something is wrong, with the account in words.
    ///
    /// # Panics
    ///
    /// Where there is a finding: see [`Account::has_findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        let text = self.to_string();
        let words: Vec<String> = text.lines().map(printable).collect();
        assert!(!self.has_findings(), "the client did not do what is on the tape:\n{}", words.join("\n"));
    }

    /// Whether the client came at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answered == 0 && self.unanswered.is_empty()
    }

    /// Recorded writes that a client did not make and should have, once for each session.
    pub fn unused_writes(&self) -> impl Iterator<Item = &str> {
        self.judged().flat_map(|session| &session.lines).filter_map(|line| match line {
            Line::UnusedWrite(write) => Some(write.as_str()),
            _ => None,
        })
    }

    /// Writes whose operations the tape follows to their ends, and the client did not, once for each
    /// session.
    pub fn left(&self) -> impl Iterator<Item = &str> {
        self.judged().flat_map(|session| &session.lines).filter_map(|line| match line {
            Line::Left(write) => Some(write.as_str()),
            _ => None,
        })
    }

    /// The sessions that must have made every write: those that made one, or all if none did. A
    /// client that only looks around under values of its own has not forgotten to write.
    fn judged(&self) -> impl Iterator<Item = &SessionAccount> {
        let nobody = !self.sessions.iter().any(|session| session.has_written);
        self.sessions.iter().filter(move |session| nobody || session.has_written)
    }
}

impl SessionAccount {
    pub(super) fn of(script: &Script, world: &World) -> Self {
        let mut lines = Vec::new();
        let (mut unused_reads, mut has_written) = (0, false);
        for (number, role) in script.roles.iter().enumerate() {
            match role {
                Role::Write(operation) => {
                    has_written |= world.used(number) > 0;
                    lines.extend(of_write(script, world, number));
                    if let Some(operation) = operation {
                        lines.extend(of_operation(script, world, number, *operation));
                    }
                }
                // Where the tape lacks the write, its first poll stands for it.
                Role::Poll(operation)
                    if script.operations[*operation].write.is_none()
                        && script.operations[*operation].polls.first() == Some(&number)
                        && world.respelled(*operation) > 0 =>
                {
                    lines.push(Line::Respelled(script.name(number), world.respelled(*operation)));
                }
                Role::Read if world.used(number) == 0 => unused_reads += 1,
                Role::Read | Role::Poll(_) => {}
            }
        }
        if unused_reads > 0 {
            lines.push(Line::UnusedReads(unused_reads));
        }
        let other = |((taped, asked), times): (&(String, String), &u32)| {
            Line::OtherApiVersion(taped.clone(), asked.clone(), *times)
        };
        lines.extend(world.api_versions().iter().map(other));
        Self { values: String::new(), has_written, lines }
    }
}

impl Line {
    /// Whether it is something that is wrong, in a session that is judged.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        matches!(self, Self::UnusedWrite(_) | Self::Left(_))
    }
}

/// What became of a write.
fn of_write(script: &Script, world: &World, number: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if world.used(number) == 0 {
        lines.push(Line::UnusedWrite(script.name(number)));
    }
    if world.repeated(number) > 0 {
        lines.push(Line::Repeated(script.name(number), world.repeated(number)));
    }
    lines
}

/// What became of the operation that a write began.
fn of_operation(script: &Script, world: &World, write: usize, operation: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let name = || script.name(write);
    if world.borrowed(operation) > 0 {
        lines.push(Line::Borrowed(name(), world.borrowed(operation)));
    }
    if let Some((polled, times)) = world.made(operation) {
        lines.push(Line::Made(name(), polled, times));
    }
    if world.respelled(operation) > 0 {
        lines.push(Line::Respelled(name(), world.respelled(operation)));
    }
    let recorded = &script.operations[operation];
    let polled = recorded.polls.iter().any(|poll| world.used(*poll) > 0) || world.made(operation).is_some();
    if world.used(write) > 0 && !recorded.running_polls().is_empty() {
        if polled && world.shown(operation) == 0 {
            lines.push(Line::NotPolled(name()));
        }
        if is_left(script, world, operation) {
            lines.push(Line::Left(name()));
        }
    }
    if world.used(write) > 0 && is_not_followed(script, world, operation) {
        lines.push(Line::NotFollowed(name(), world.shown(operation)));
    }
    lines
}

/// Whether the tape shows how an operation ended, and nobody asked for anything of it but its write.
fn is_left(script: &Script, world: &World, number: usize) -> bool {
    let operation = &script.operations[number];
    let asked = operation.polls.iter().chain(&operation.reads).any(|read| world.used(*read) > 0)
        || world.made(number).is_some()
        || world.borrowed(number) > 0;
    operation.end.is_some() && !asked
}

/// Whether the tape shows how an operation ended, and the client only heard that it runs. Why it asked no more
/// is not known: it may have been told to wait no longer.
fn is_not_followed(script: &Script, world: &World, number: usize) -> bool {
    let end = script.operations[number].terminal_poll();
    world.shown(number) > 0 && end.is_some_and(|end| world.used(end) == 0) && world.made(number).is_none()
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unanswered.fmt(f)?;
        let several = self.sessions.len() > 1;
        for (number, session) in self.sessions.iter().enumerate() {
            if several {
                writeln!(f, "session {}: {}", number + 1, session.values)?;
            }
            let looked_around = several && !self.judged().any(|judged| std::ptr::eq(judged, session));
            if looked_around {
                writeln!(f, "  made no write")?;
                continue;
            }
            for line in &session.lines {
                writeln!(f, "{}{line}", if several { "  " } else { "" })?;
            }
        }
        write!(f, "{} answered from the tape, {}", count(self.answered, "request"), self.unanswered.total())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedWrite(write) => write!(f, "unused: the client did not make {write}"),
            Self::Left(write) => {
                write!(f, "left: the tape follows {write} to its end, and the client never asked how it went")
            }
            Self::UnusedReads(number) => write!(f, "{} on the tape not used", count(*number, "read")),
            Self::Repeated(write, times) => {
                write!(f, "repeated: {write} came {} more than it was recorded", count(*times as usize, "time"))
            }
            Self::Borrowed(write, times) => {
                let reads = count(*times as usize, "read");
                write!(f, "{reads} not on the tape, answered from the result of {write}")
            }
            Self::Made(write, polled, times) => {
                let polls = count(*times as usize, "poll");
                write!(f, "{polls} by {polled} not on the tape, answered from how {write} went")
            }
            Self::Respelled(write, times) => {
                let polls = count(*times as usize, "poll");
                write!(
                    f,
                    "{polls} of {write} with the URL spelled otherwise, or in another api-version, than handed out"
                )
            }
            Self::OtherApiVersion(taped, asked, times) => {
                write!(f, "{}: api-version {taped} on the tape, {asked} asked", count(*times as usize, "request"))
            }
            Self::NotPolled(write) => {
                write!(f, "ended at the first poll, polling not exercised (try `--polls 2`): {write}")
            }
            Self::NotFollowed(write, times) => {
                let answers = count(*times as usize, "running answer");
                write!(f, "not followed to its end, the client asked no more after {answers}: {write}")
            }
        }
    }
}

/// `1 request`, `2 requests`.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
