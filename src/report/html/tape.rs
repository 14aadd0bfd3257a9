//! From a recording and what was found on it to a section of a page.

use super::{
    model::{Course, Entry, Mark, Remark, Role, Row, Section},
    room::{REMARKS, Room},
};
use crate::{
    arm::{Operation, Overview, Polled, State, Summary},
    cassette::{Cassette, Interaction},
    judge::{Finding, Severity},
};

impl Section {
    /// A recording: its operations, then what belongs to none; the remarks where they belong.
    pub(crate) fn of_tape(title: String, tape: &Cassette, remarks: Vec<Remark>, room: &mut Room) -> Self {
        let Overview { operations, others } = Overview::of(&tape.interactions);
        let mut owner: Vec<Option<usize>> = vec![None; tape.interactions.len()];
        for (entry, summary) in operations.iter().enumerate() {
            summary.operation.interactions().for_each(|number| owner[number] = Some(entry));
        }
        let rest: Vec<usize> = others.iter().flat_map(|other| other.interactions.iter().copied()).collect();
        rest.iter().for_each(|number| owner[*number] = Some(operations.len()));

        let mut by_entry: Vec<Vec<Remark>> = vec![Vec::new(); operations.len() + 1];
        let mut section = Self { name: title.clone(), title, ..Self::default() };
        let told = remarks.len().min(REMARKS);
        for remark in remarks.into_iter().take(told) {
            let at = remark.shown_by.last().and_then(|number| owner.get(*number).copied().flatten());
            at.map_or(&mut section.remarks, |entry| &mut by_entry[entry]).push(remark);
        }
        let mut by_entry = by_entry.into_iter();
        for summary in operations {
            let remarks = by_entry.next().unwrap_or_default();
            section.take(Entry::of_operation(summary, tape, room), remarks, room);
        }
        if !rest.is_empty() {
            section.take(Entry::of_rest(&rest, tape, room), by_entry.next().unwrap_or_default(), room);
        }
        section
    }

    /// Takes an entry, unless there is neither room for it nor anything to say of it.
    fn take(&mut self, entry: Entry, remarks: Vec<Remark>, room: &Room) {
        let is_empty = entry.courses.iter().all(|course| course.rows.is_empty());
        if is_empty && remarks.is_empty() && room.is_full() {
            self.left_out += 1;
        } else {
            self.entries.push(Entry { remarks, ..entry });
        }
    }
}

impl Entry {
    fn of_operation(summary: Summary, tape: &Cassette, room: &mut Room) -> Self {
        let polled = summary.polled();
        let Summary { operation, place, timeline, .. } = summary;
        let method = operation.method.clone().unwrap_or_default();
        let course = Course::of_operation(&operation, &tape.interactions, room);
        Self { method, place, line: Some(timeline), facts: vec![polled], courses: vec![course], ..Self::default() }
    }

    fn of_rest(numbers: &[usize], tape: &Cassette, room: &mut Room) -> Self {
        let members = numbers.iter().map(|number| (*number, Role::Read));
        let course = Course::of(members, Polled::Nothing, &tape.interactions, room);
        Self { place: "Requests of no operation".to_owned(), courses: vec![course], ..Self::default() }
    }
}

impl Course {
    /// The exchanges of an operation.
    pub(super) fn of_operation(operation: &Operation, interactions: &[Interaction], room: &mut Room) -> Self {
        let running = operation.running_polls().len();
        let end = match operation.end.as_ref().map(|end| &end.state) {
            Some(State::Failed | State::Canceled) => Role::Bad,
            _ => Role::Good,
        };
        let write = operation.write.map(|write| (write, Role::Write));
        let polls = operation.polls.iter().enumerate();
        let polls = polls.map(|(at, poll)| (*poll, if at < running { Role::Poll } else { end }));
        let reads = operation.reads.iter().map(|read| (*read, Role::Read));
        Self::of(write.into_iter().chain(polls).chain(reads), operation.target, interactions, room)
    }

    fn of(
        members: impl Iterator<Item = (usize, Role)>,
        polled: Polled,
        interactions: &[Interaction],
        room: &mut Room,
    ) -> Self {
        let mut members: Vec<(usize, Role)> = members.collect();
        let began = |number: usize| interactions[number].times.map_or(0, |times| times.request);
        members.sort_by_key(|(number, _)| (began(*number), *number));
        let first = members.first().map_or(0, |(number, _)| began(*number));
        let mut course = Self::default();
        for (number, role) in members {
            if !room.row() {
                course.left_out += 1;
                continue;
            }
            let mut row = Row::of(number, &interactions[number], role, polled, room);
            (row.at, row.end) = (row.at.saturating_sub(first), row.end.saturating_sub(first));
            course.rows.push(row);
        }
        course.is_timed = course.rows.iter().any(|row| row.end > 0);
        course
    }
}

impl Remark {
    /// A finding; `place` tells where an interaction is found outside of the page.
    pub(crate) fn of(finding: &Finding, place: Option<String>) -> Self {
        Self {
            mark: Mark::from(finding.severity),
            rule: Some(finding.rule),
            message: finding.message.clone(),
            lines: vec![format!("Expected: {}", finding.expected)],
            shown_by: finding.interactions.clone(),
            place,
        }
    }

    /// Something that no rule says.
    pub(crate) fn plain(mark: Mark, message: impl Into<String>) -> Self {
        Self { mark, rule: None, message: message.into(), lines: Vec::new(), shown_by: Vec::new(), place: None }
    }
}

impl From<Severity> for Mark {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Warning => Self::Warning,
            Severity::Violation => Self::Violation,
        }
    }
}
