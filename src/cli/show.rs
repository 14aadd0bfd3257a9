//! `armtape show`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    Code, convert,
    env::print,
    recordings::{self, Read},
    say::{self, Failure, count},
};
use crate::{
    arm::{Overview, Summary},
    cassette::Cassette,
};

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
    let mut shown = Vec::new();
    let code = recordings::each(&args.files, |Read { file, cassette, .. }| {
        if args.json {
            shown.push(as_json(file, cassette));
            return Ok(());
        }
        print(&say::printable(&as_text(file, cassette, shown.is_empty())))?;
        shown.push(Value::Null);
        Ok(())
    })?;
    if args.json {
        print(&format!("{:#}\n", json!({ "armtape": 1, "files": shown })))?;
    }
    Ok(code)
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
