//! `armtape show`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    Code, convert,
    env::print,
    say::{self, Failure, count},
};
use crate::{
    arm::{Overview, Summary},
    cassette::{Cassette, Error, ErrorKind},
};

/// What a recording's file name ends in, when a folder is named and not the file.
const ENDINGS: [&str; 4] = ["har", "json", "yaml", "yml"];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recordings of any format of docs/formats.md, or folders of them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let mut code = Code::Fine;
    let mut shown = Vec::new();
    for named in &args.files {
        let (files, is_folder) = match files(named) {
            Ok(found) => found,
            Err(error) => {
                let failure = Failure::machine(format!("{}: {error}", named.display()));
                code = code.or(say::failure(&failure));
                continue;
            }
        };
        let before = shown.len();
        for file in files {
            match Cassette::load(&file) {
                Ok(cassette) if args.json => shown.push(as_json(&file, &cassette)),
                Ok(cassette) => {
                    print(&say::printable(&as_text(&file, &cassette, shown.is_empty())))?;
                    shown.push(Value::Null);
                }
                // A folder may hold other files, too.
                Err(Error { kind: ErrorKind::Unrecognised { .. }, .. }) if is_folder => {
                    say::line(&format!("passed over: {} is no recording", file.display()));
                }
                Err(error) => code = code.or(say::failure(&Failure::from(error))),
            }
        }
        if is_folder && shown.len() == before {
            let failure = Failure::usage(format!("{}: no recording in this folder", named.display()))
                .hint(format!("their names end in {}", ENDINGS.map(|ending| format!(".{ending}")).join(", ")));
            code = code.or(say::failure(&failure));
        }
    }
    if args.json {
        print(&format!("{:#}\n", json!({ "armtape": 1, "files": shown })))?;
    }
    Ok(code)
}

/// The files that are meant, and whether a folder was named. In a folder: by their endings, sorted,
/// hidden ones left out; in the folders in it, too.
fn files(named: &Path) -> std::io::Result<(Vec<PathBuf>, bool)> {
    if !named.is_dir() {
        return Ok((vec![named.to_owned()], false));
    }
    let (mut found, mut folders) = (Vec::new(), vec![named.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // A link may lead back here.
            let kind = entry.file_type()?;
            let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            } else if kind.is_dir() {
                folders.push(path);
            } else if ENDINGS.contains(&ending.as_str()) {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok((found, true))
}

fn as_text(file: &Path, cassette: &Cassette, is_first: bool) -> String {
    let overview = Overview::of(&cassette.interactions);
    let gap = if is_first { "" } else { "\n" };
    let shown = overview.to_string();
    let rest = if shown.is_empty() { String::new() } else { format!("\n{shown}") };
    format!(
        "{gap}{}: {}, {}\n{rest}",
        file.display(),
        count(overview.operations.len(), "operation"),
        count(cassette.interactions.len(), "interaction"),
    )
}

fn as_json(file: &Path, cassette: &Cassette) -> Value {
    let overview = Overview::of(&cassette.interactions);
    let others = overview.others.iter().map(|other| {
        json!({
            "method": other.method,
            "status": other.status,
            "place": other.place,
            "interactions": other.interactions,
        })
    });
    json!({
        "file": file.display().to_string(),
        "format": convert::format(cassette),
        "interactions": cassette.interactions.len(),
        "operations": overview.operations.iter().map(operation).collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
    })
}

fn operation(summary: &Summary) -> Value {
    let operation = &summary.operation;
    json!({
        "write": operation.method,
        "status": summary.status,
        "resource": operation.path,
        "polled_by": operation.target.to_string(),
        "polls": operation.polls.len(),
        "end_status": summary.end_status,
        "end_state": summary.end_state.as_deref().map(str::to_ascii_lowercase),
        "offered": operation.offered.to_string(),
        "outcome": operation.end.as_ref().map(|end| end.state.to_string().to_ascii_lowercase()),
        "place": summary.place,
        "timeline": summary.timeline,
        "interactions": {
            "write": operation.write,
            "polls": operation.polls,
            "reads": operation.reads,
            "final_read": operation.final_read,
        },
    })
}
