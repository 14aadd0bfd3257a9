//! What became of a tape: used, repeated, missing and left over, by operation.

use super::{
    miss::Miss,
    script::{Role, Script},
    world::World,
};

/// The account of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Requests that were answered from the tape.
    pub answered: usize,
    /// Requests that the tape did not know, each told once, with how often it came.
    pub missing: Vec<(Miss, u32)>,
    /// What there is to tell of operations and interactions, in the order of the tape.
    pub lines: Vec<Line>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A write that the client did not make.
    UnusedWrite(String),
    /// Reads that the client did not make.
    UnusedReads(usize),
    /// A write that came again after its recorded answers were given.
    Repeated(String, u32),
    /// A read that the recording lacks, answered from the operation's result.
    Borrowed(String, u32),
    /// Requests in another api-version than the recorded one: that, the one asked, and how many.
    OtherApiVersion(String, String, u32),
    /// An operation that ended at its first poll: polling was not exercised.
    NotPolled(String),
}

impl Account {
    pub(super) fn close(script: &Script, world: &World, answered: usize, missing: Vec<(Miss, u32)>) -> Self {
        let mut lines = Vec::new();
        let mut unused_reads = 0;
        let name = |number: usize| script.name(number);
        for (number, role) in script.roles.iter().enumerate() {
            match role {
                Role::Write(operation) => {
                    if world.used(number) == 0 {
                        lines.push(Line::UnusedWrite(name(number)));
                    }
                    if world.repeated(number) > 0 {
                        lines.push(Line::Repeated(name(number), world.repeated(number)));
                    }
                    if let Some(operation) = operation {
                        if world.borrowed(*operation) > 0 {
                            lines.push(Line::Borrowed(name(number), world.borrowed(*operation)));
                        }
                        let polled = script.operations[*operation].polls.iter().any(|poll| world.used(*poll) > 0);
                        let recorded_running = !script.operations[*operation].running_polls().is_empty();
                        if world.used(number) > 0 && polled && recorded_running && world.shown(*operation) == 0 {
                            lines.push(Line::NotPolled(name(number)));
                        }
                    }
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
        Self { answered, missing, lines }
    }

    /// Whether something is wrong: a request that is missing, a write that was not made.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        !self.missing.is_empty() || self.lines.iter().any(|line| matches!(line, Line::UnusedWrite(_)))
    }

    /// Whether the client came at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answered == 0 && self.missing.is_empty()
    }
}
