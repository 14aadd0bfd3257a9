//! The page of `armtape lint`.

use super::{
    model::{Mark, Page, Remark, Section},
    room::Room,
    short,
};
use crate::{
    arm::count,
    cassette::Cassette,
    judge::{Conversation, Severity, judge, notes},
};

/// Recordings, taken one after the other.
#[derive(Debug, Default)]
pub(crate) struct Linted {
    sections: Vec<Section>,
    room: Room,
    violations: usize,
    warnings: usize,
}

impl Linted {
    /// Holds the rules against a recording. It should be redacted: what it says comes onto the page.
    /// `lines` are where its interactions begin in the file.
    pub(crate) fn take(&mut self, file: &str, tape: &Cassette, lines: &[u64], with_notes: bool) {
        let conversation = Conversation::new(tape);
        let judgement = judge(&conversation);
        for finding in &judgement.findings {
            match finding.severity {
                Severity::Violation => self.violations += 1,
                Severity::Warning => self.warnings += 1,
            }
        }
        let place = |number: usize| Some(format!("{file}:{}", lines.get(number)?));
        let findings = judgement.findings.iter();
        let findings =
            findings.map(|finding| Remark::of(finding, finding.interactions.last().and_then(|at| place(*at))));
        let notes = notes(&conversation).into_iter().filter(|_| with_notes).map(|note| Remark {
            shown_by: vec![note.interaction],
            place: place(note.interaction),
            ..Remark::plain(Mark::Note, note.message)
        });
        let remarks = findings.chain(notes).collect();
        let mut section = Section::of_tape(short::file(file).to_owned(), tape, remarks, &mut self.room);
        section.facts = vec![
            ("File", file.to_owned()),
            ("Exchanges", tape.interactions.len().to_string()),
            ("Rules judged", format!("{}, {} could not be", judgement.judged, judgement.not_judged.len())),
        ];
        section.facts.extend(tape.recorded.clone().map(|recorded| ("Recorded", recorded)));
        self.sections.push(section);
    }

    /// The page.
    pub(crate) fn finish(self) -> Page {
        let Self { sections, violations, warnings, .. } = self;
        let title = match &sections[..] {
            [one] => one.title.clone(),
            several => count(several.len(), "recording"),
        };
        Page {
            command: "armtape lint",
            title,
            verdict: super::replayed::verdict(violations, warnings),
            facts: Vec::new(),
            sections,
            tables: Vec::new(),
            notes: vec!["Secret and personal values are replaced by stand-ins.".to_owned()],
        }
    }
}
