//! The page of `armtape check`, and of `armtape merge`.

use super::{
    model::{Course, Entry, Mark, Page, Remark, Role, Row, Section, Table},
    replayed::verdict,
    room::{Room, TABLE},
    time,
};
use crate::{
    arm::count,
    redact,
    report::{CaseReport, Report, Reported, Shown, Work},
};

/// The name of the command that runs a case again.
const AGAIN: &str = "Again";

/// The page.
pub(crate) fn checked(report: &Report) -> Page {
    let summary = report.summary();
    let (mark, words) = verdict(summary.tally.violations, summary.tally.warnings);
    let nothing = (summary.judged == 0).then(|| (Mark::Violation, "Nothing was judged".to_owned()));
    let apart = [(summary.tally.known, "known"), (summary.tally.baselined, "baselined")];
    let apart: String = apart
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!(", {number} {word}"))
        .collect();
    let mut room = Room::default();
    let with_findings = report.told().filter(|case| !case.findings.is_empty());
    let mut sections: Vec<Section> = with_findings.map(|case| of_case(&case, &mut room)).collect();
    // The command that runs a case again holds the client's, which may hold a secret.
    if redact::command(&report.command) != report.command {
        sections.iter_mut().for_each(|section| section.facts.retain(|(name, _)| *name != AGAIN));
    }
    let unit = report.work.unit();
    let mut facts = vec![("Took", time::long(milliseconds(report.took)))];
    facts.extend(report.seed.map(|seed| ("Seed", seed.to_string())));
    let command = redact::command(&report.command);
    if !command.is_empty() {
        facts.insert(0, ("Client", command.join(" ")));
    }
    facts.push(("Judged", format!("{} of {}", summary.judged, count(summary.cases, unit))));
    if summary.not_run > 0 {
        facts.push(("Not run", count(summary.not_run, unit)));
    }
    Page {
        command: match report.work {
            Work::Check => "armtape check",
            Work::Lint => "armtape lint",
            Work::Replay => "armtape replay",
            Work::Diff => "armtape diff",
            Work::Test => "armtape test",
        },
        title: format!("{}, {} without a finding", count(summary.cases, unit), summary.clean),
        verdict: nothing.unwrap_or((mark, words + &apart)),
        facts,
        sections,
        tables: tables(report),
        notes: vec!["Secret and personal values are replaced by stand-ins.".to_owned()],
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where an interaction begins in the file that holds the case.
fn place(case: &CaseReport, interaction: usize) -> Option<String> {
    Some(format!("{}:{}", case.file.as_ref()?, case.conversation.get(interaction)?.line?))
}

fn of_case(case: &CaseReport, room: &mut Room) -> Section {
    let remarks = case.findings.iter().map(|reported| {
        let Reported { finding, known, baselined, .. } = reported;
        let mut remark = Remark::of(finding, finding.interactions.last().and_then(|number| place(case, *number)));
        if let Some(reason) = known {
            remark.mark = Mark::Known;
            remark.lines.push(format!("Known: {reason}"));
        } else if let Some(reason) = baselined {
            remark.mark = Mark::Known;
            remark.lines.push(format!("Baselined: {reason}"));
        }
        remark
    });
    let notes = case.notes.iter().map(|note| Remark {
        shown_by: vec![note.interaction],
        place: place(case, note.interaction),
        ..Remark::plain(Mark::Note, &note.message)
    });
    let remarks: Vec<Remark> = remarks.chain(notes).collect();
    let name = format!("{} ({})", case.scenario, case.operation);
    let title = if case.title.is_empty() { name.clone() } else { format!("{name}: {}", case.title) };
    let mut section = match &case.trace {
        Some(trace) => Section::of_tape(title, trace, remarks, room),
        None => Section { title, entries: of_conversation(case, remarks, room), ..Section::default() },
    };
    section.name = name;
    section.anchor = Some(case.scenario.clone());
    section.facts = vec![("Took", time::long(milliseconds(case.took)))];
    if !case.ended.is_empty() {
        section.facts.insert(0, ("The client", case.ended.clone()));
    }
    section.facts.extend(case.again.clone().map(|again| (AGAIN, again)));
    section.facts.extend(case.file.clone().map(|path| ("Kept", path)));
    section
}

/// What a merged report still has of a conversation: its lines.
fn of_conversation(case: &CaseReport, remarks: Vec<Remark>, room: &mut Room) -> Vec<Entry> {
    let mut course = Course::default();
    for (interaction, shown) in case.conversation.iter().enumerate() {
        if room.row() {
            course.rows.push(of_line(interaction, shown));
        } else {
            course.left_out += 1;
        }
    }
    course.is_timed = course.rows.iter().any(|row| row.end > 0);
    vec![Entry { place: "What the client asked".to_owned(), courses: vec![course], remarks, ..Entry::default() }]
}

fn of_line(interaction: usize, shown: &Shown) -> Row {
    let (method, place) = shown.request.split_once(' ').unwrap_or(("", &shown.request));
    let mut words = shown.answer.split(' ').map(str::to_owned).peekable();
    let status = words.next_if(|word| word.parse::<u16>().is_ok()).and_then(|word| word.parse().ok());
    let at = milliseconds(shown.at);
    let role = if method == "GET" { Role::Poll } else { Role::Write };
    Row {
        interaction,
        role,
        at,
        end: at,
        method: method.to_owned(),
        place: place.to_owned(),
        status,
        words: words.collect(),
        ..Row::default()
    }
}

fn tables(report: &Report) -> Vec<Table> {
    let clean = report.cases.iter().filter(|case| case.findings.is_empty() && case.nothing.is_none());
    let not_judged = report
        .cases
        .iter()
        .filter_map(|case| Some(vec![case.scenario.clone(), case.operation.clone(), case.nothing.clone()?]));
    let skipped = report.skipped.iter().map(|(scenario, reason)| vec![scenario.clone(), reason.clone()]);
    vec![
        table(
            "Cases without a finding",
            &["Scenario", "Operation", "What happens", "The client", "Took"],
            clean.map(|case| {
                let took = time::long(milliseconds(case.took));
                vec![case.scenario.clone(), case.operation.clone(), case.title.clone(), case.ended.clone(), took]
            }),
        ),
        table("Cases that were not judged", &["Scenario", "Operation", "Why"], not_judged),
        table("Scenarios that were not played", &["Scenario", "Why"], skipped),
    ]
}

fn table(caption: &str, head: &'static [&'static str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut rows: Vec<Vec<String>> = rows.collect();
    let left_out = rows.len().saturating_sub(TABLE);
    rows.truncate(TABLE);
    Table { caption: caption.to_owned(), head, rows, left_out }
}
