//! `armtape diff`

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Instant,
};

use serde_json::{Value, json};

use super::{
    Code,
    diff_text::{Form, Layout},
    env::print,
    page::Cleaner,
    report::Reports,
    say::{self, Failure, count, printable},
    settings::Settings,
};
use crate::{
    cassette::{Cassette, Error, ErrorKind, recordings},
    judge::Finding,
    report::{BREAKING, CHANGED, CaseReport, Kind, Report, Reported, Work, html::Differences, subject},
    review::{Change, Class, Diff, Item},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A recording of any format, or a folder of them
    #[arg(value_name = "A")]
    left: PathBuf,
    /// Another one, or a folder with files of the same names
    #[arg(value_name = "B")]
    right: PathBuf,
    /// How often was polled and how long it took, too
    #[arg(long)]
    timings: bool,
    /// How the text behind the words is shown
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Form::Unified)]
    text: Form,
    /// Most lines of text for one operation; 0 for all of them
    #[arg(long, value_name = "N", default_value_t = 40)]
    lines: usize,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let Args { left, right, timings, json, reports, settings, .. } = args;
    reports.prepare(&[left, right])?;
    let began = Instant::now();
    let cleaner = reports.wants(Kind::Html).then(|| Cleaner::of(settings)).transpose()?;
    let mut page = Differences::new(*timings);
    let mut compared = Vec::new();
    let mut code = Code::Fine;
    let in_folder = left.is_dir();
    for [left, right] in files(left, right)? {
        match (load(&left, in_folder), load(&right, in_folder)) {
            (Ok(one), Ok(other)) => {
                if let Some(cleaner) = &cleaner {
                    let names = [left.display().to_string(), right.display().to_string()];
                    page.take(names.each_ref().map(String::as_str), [&cleaner.clean(&one)?, &cleaner.clean(&other)?]);
                }
                let (diff, text) = Diff::with_text(&one, &other, *timings);
                compared.push((left, right, diff, text));
            }
            (one, other) => {
                for error in [one.err(), other.err()].into_iter().flatten() {
                    // A folder may hold other files, too.
                    if in_folder && matches!(error.kind, ErrorKind::Unrecognised { .. }) {
                        say::line(&format!("passed over: {} is no recording", error.path.display()));
                    } else {
                        code = code.or(say::failure(&Failure::from(error)));
                    }
                }
            }
        }
    }
    if cleaner.is_some() {
        reports.write_page(&page.finish())?;
    }
    let cases = compared.iter().enumerate().map(|(at, (left, right, diff, _))| case(at + 1, left, right, diff));
    reports.write_beside_page(&Report {
        work: Work::Diff,
        cases: cases.collect(),
        took: began.elapsed(),
        ..Report::default()
    })?;
    if *json {
        let files: Vec<Value> = compared.iter().map(|(left, right, diff, _)| as_json(left, right, diff)).collect();
        print(&format!("{:#}\n", json!({ "armtape": 1, "files": files })))?;
    } else {
        let several = compared.len() > 1;
        let layout = Layout::new(args.text, args.lines);
        let shown = compared.iter().filter(|(_, _, diff, _)| !diff.is_empty()).map(|(left, _, diff, text)| {
            let head = if several { format!("{}\n\n", left.display()) } else { String::new() };
            let blocks = diff.items.iter().map(|item| {
                let text = if layout.is_empty() { String::new() } else { layout.text(&text.of(item)) };
                format!("{}\n{}{text}", item.title, lines(&item.changes))
            });
            format!("{head}{}", blocks.collect::<Vec<_>>().join("\n"))
        });
        print(&printable(&shown.collect::<Vec<_>>().join("\n")))?;
        if compared.is_empty() {
            return Ok(code);
        }
        say::line(&summary(compared.iter().flat_map(|(_, _, diff, _)| &diff.items)));
    }
    let differs = compared.iter().any(|(_, _, diff, _)| !diff.is_empty());
    Ok(code.or(if differs { Code::Findings } else { Code::Fine }))
}

/// The pairs of files that are meant: of two folders, those with the same names in them.
fn files(left: &Path, right: &Path) -> Result<Vec<[PathBuf; 2]>, Failure> {
    match (left.is_dir(), right.is_dir()) {
        (false, false) => return Ok(vec![[left.to_owned(), right.to_owned()]]),
        (true, true) => {}
        _ => return Err(Failure::usage("a file and a folder cannot be compared").hint("name two files or two folders")),
    }
    let mut names = BTreeSet::new();
    for root in [left, right] {
        let (found, _) = recordings(root)?;
        names.extend(found.iter().filter_map(|file| Some(file.strip_prefix(root).ok()?.to_owned())));
    }
    if names.is_empty() {
        return Err(Failure::usage("no recording in these folders"));
    }
    Ok(names.into_iter().map(|name| [left.join(&name), right.join(&name)]).collect())
}

/// A recording. One that the other folder has alone is compared with nothing.
fn load(path: &Path, in_folder: bool) -> Result<Cassette, Error> {
    if in_folder && !path.exists() {
        return Ok(Cassette::default());
    }
    Cassette::load(path)
}

/// One line a change.
pub(super) fn lines(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("  {:<11}  {}\n", change.class, change.sentence())).collect()
}

/// How many there are, by class.
pub(super) fn summary<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let classes: Vec<Class> = items.flat_map(|item| &item.changes).map(|change| change.class).collect();
    if classes.is_empty() {
        return "nothing differs".to_owned();
    }
    let by_class = Class::ALL.iter().rev().filter_map(|class| {
        let number = classes.iter().filter(|other| *other == class).count();
        (number > 0).then(|| format!("{number} {class}"))
    });
    format!("{}: {}", count(classes.len(), "change"), by_class.collect::<Vec<_>>().join(", "))
}

/// A pair of recordings as a case: each change is a finding.
fn case(number: usize, left: &Path, right: &Path, diff: &Diff) -> CaseReport {
    let changes = diff.items.iter().flat_map(|item| item.changes.iter().map(move |change| (item, change)));
    let findings = changes.filter_map(|(item, change)| {
        let breaks = change.class == Class::Breaking;
        let subject = subject(if breaks { BREAKING } else { CHANGED })?;
        Some(Reported::from(Finding {
            rule: subject.id,
            severity: subject.severity,
            operation: None,
            interactions: Vec::new(),
            message: format!("{}: {} ({})", item.title, change.sentence(), change.class),
            expected: subject.words,
        }))
    });
    CaseReport {
        number,
        scenario: left.display().to_string(),
        title: format!("compared with {}", right.display()),
        operation: "diff".to_owned(),
        findings: findings.collect(),
        file: Some(right.display().to_string()),
        ..CaseReport::default()
    }
}

fn as_json(left: &Path, right: &Path, diff: &Diff) -> Value {
    let changes = diff.items.iter().flat_map(|item| item.changes.iter().map(move |change| (item, change)));
    let changes = changes.map(|(item, change)| {
        json!({
            "class": change.class.word(),
            "words": change.words,
            "operation": item.title,
            "id": item.id,
            "place": { "parts": change.parts, "left": change.left, "right": change.right },
        })
    });
    json!({
        "left": left.display().to_string(),
        "right": right.display().to_string(),
        "class": diff.class().map(Class::word),
        "changes": changes.collect::<Vec<_>>(),
    })
}
