//! A tape for people: its operations with their timelines, then what belongs to none. The text is a
//! promise (docs/show.md): users compare it.

use std::fmt;

use super::{Operation, Polled, State, Target, authority_key, operations, printable};
use crate::cassette::Interaction;

/// What a list of interactions holds.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The operations, in the order of their writes.
    pub operations: Vec<Summary>,
    /// What belongs to none, in the order of the tape; equal ones that follow each other together.
    pub others: Vec<Other>,
}

/// An operation in words.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The operation itself.
    pub operation: Operation,
    /// The status of the answer to the write.
    pub status: Option<u16>,
    /// What was written, as a person may read it: host, path, api-version.
    pub place: String,
    /// [`Operation::timeline`].
    pub timeline: String,
    /// Status of the last poll.
    pub end_status: Option<u16>,
    /// The state word of the last poll, in the service's spelling.
    pub end_state: Option<String>,
}

/// Requests that belong to no operation, one or several that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The method.
    pub method: String,
    /// `None` where there was no answer.
    pub status: Option<u16>,
    /// As [`Summary::place`].
    pub place: String,
    /// Their numbers on the tape, from 0.
    pub interactions: Vec<usize>,
}

impl Overview {
    /// Looks at a list of interactions.
    #[must_use]
    pub fn of(interactions: &[Interaction]) -> Self {
        let found = operations(interactions);
        let mut owned = vec![false; interactions.len()];
        for number in found.iter().flat_map(Operation::interactions) {
            owned[number] = true;
        }
        let mut others: Vec<Other> = Vec::new();
        for (number, interaction) in interactions.iter().enumerate().filter(|(number, _)| !owned[*number]) {
            let method = interaction.request.method.clone();
            let status = interaction.response.as_ref().map(|response| response.status);
            let other = Other { method, status, place: place(interaction), interactions: vec![number] };
            match others.last_mut() {
                Some(last) if last.is_like(&other) => last.interactions.push(number),
                _ => others.push(other),
            }
        }
        let operations = found.into_iter().map(|operation| Summary::of(operation, interactions)).collect();
        Self { operations, others }
    }
}

impl Summary {
    fn of(operation: Operation, interactions: &[Interaction]) -> Self {
        let answer = |number: usize| interactions[number].response.as_ref();
        let first = operation.write.or_else(|| operation.polls.first().copied());
        let last = operation.polls.last().copied().and_then(answer);
        Self {
            status: operation.write.and_then(answer).map(|response| response.status),
            place: first.map(|number| place(&interactions[number])).unwrap_or_default(),
            timeline: operation.timeline(interactions),
            end_status: last.map(|response| response.status),
            end_state: last.and_then(|response| State::word(operation.target, response)),
            operation,
        }
    }

    /// Where was asked, and whether that is what was offered.
    pub(crate) fn polled(&self) -> String {
        let Operation { target, offered, write, .. } = &self.operation;
        match (target, offered) {
            _ if write.is_none() => format!("polled by {target}; the write is not on the tape"),
            (Polled::Nothing, Polled::Nothing) => "not polled; no URL was offered".to_owned(),
            (Polled::Nothing, offered) => format!("not polled; offered: {offered}"),
            (target, offered) if target == offered || *offered == Polled::Nothing => format!("polled by {target}"),
            (target, offered) => format!("polled by {target}; offered: {offered}"),
        }
    }
}

impl Other {
    fn is_like(&self, other: &Self) -> bool {
        (&self.method, self.status, &self.place) == (&other.method, other.status, &other.place)
    }
}

impl fmt::Display for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, summary) in self.operations.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let method = summary.operation.method.as_deref().unwrap_or("-");
            writeln!(f, "{method} {}", printable(&summary.place))?;
            writeln!(f, "  {}", printable(&summary.timeline))?;
            writeln!(f, "  {}", summary.polled())?;
        }
        if self.others.is_empty() {
            return Ok(());
        }
        if !self.operations.is_empty() {
            writeln!(f)?;
        }
        writeln!(f, "of no operation")?;
        for other in &self.others {
            let times = match other.interactions.len() {
                1 => String::new(),
                times => format!("{times} × "),
            };
            let status = other.status.map_or("no answer".to_owned(), |status| status.to_string());
            writeln!(f, "  {times}{} {status} {}", printable(&other.method), printable(&other.place))?;
        }
        Ok(())
    }
}

/// Host, path and query, without what changes from run to run: of query parameters other than
/// `api-version` the name alone. The host of ARM's public cloud is left out.
pub(crate) fn place(interaction: &Interaction) -> String {
    let request = &interaction.request;
    let target = Target::parse(&request.target);
    let mut place = String::new();
    if let Some(authority) = &request.authority {
        let host = authority_key(request.scheme.as_deref(), authority);
        if host != "management.azure.com" {
            place.push_str(&host);
        }
    }
    place.push_str(target.path());
    for (number, (name, value)) in target.query_pairs().enumerate() {
        place.push(if number == 0 { '?' } else { '&' });
        let value = if name.eq_ignore_ascii_case("api-version") { value } else { "…" };
        place.push_str(&format!("{name}={value}"));
    }
    place
}
