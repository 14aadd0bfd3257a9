//! Operations in real recordings, compared line by line with a table that was made without any code
//! of this project.
//!
//! The recordings are not part of the package: they are looked for in `ARMTAPE_SHARED`, else in
//! `../shared`. Without them every case is listed as ignored, or fails if `ARMTAPE_REQUIRE_SHARED=1`.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use armtape::{
    arm::{Operation, Polled, State, operations},
    cassette::{Cassette, Interaction},
};
use fs_err as fs;
use libtest_mimic::{Arguments, Failed, Trial};

const FOLDERS: [&str; 6] =
    ["dotnet-session-records", "go-vcr", "java-session-records", "ruby-vcr", "test-proxy", "vcrpy-yaml"];

fn main() -> ExitCode {
    let shared = env::var_os("ARMTAPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let recordings = shared.join("data/recordings");
    let required = env::var_os("ARMTAPE_REQUIRE_SHARED").is_some_and(|value| value == "1");
    let ignored = !recordings.is_dir() && !required;

    let folder = recordings.clone();
    let mut trials = vec![Trial::test("every recording is compared", move || compare_files(&folder))];
    for file in files(&recordings) {
        let (folder, name) = (recordings.clone(), file.clone());
        trials.push(Trial::test(format!("operations::{file}"), move || compare_operations(&folder, &name)));
        let folder = recordings.clone();
        trials.push(Trial::test(format!("exchanges::{file}"), move || compare_exchanges(&folder, &file)));
    }
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(ignored)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The recordings, as the table names them.
fn files(recordings: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(recordings.join(folder)).into_iter().flatten().flatten() {
            found.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
        }
    }
    found.sort_unstable();
    found
}

fn read(recordings: &Path, file: &str) -> Result<Cassette, Failed> {
    let read = Cassette::load(&recordings.join(file));
    Ok(read?)
}

/// As many files and exchanges as the list of the recordings has.
fn compare_files(recordings: &Path) -> Result<(), Failed> {
    let files = files(recordings);
    let mut exchanges = 0;
    for file in &files {
        exchanges += read(recordings, file)?.interactions.len();
    }
    check(files.len() == 29 && exchanges == 808, || format!("{} files, {exchanges} exchanges", files.len()))
}

/// Every line of the table, and no operation more.
fn compare_operations(recordings: &Path, file: &str) -> Result<(), Failed> {
    let table = fs::read_to_string(recordings.join("operations.csv"))?;
    let start = format!("{file},");
    let mut expected: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix(&start)).collect();
    let tape = read(recordings, file)?;
    let found = operations(&tape.interactions);
    let mut found: Vec<String> = found.iter().map(|operation| line(operation, &tape.interactions)).collect();
    expected.sort_unstable();
    found.sort_unstable();
    if found == expected {
        return Ok(());
    }
    Err(format!("expected\n  {}\nfound\n  {}", expected.join("\n  "), found.join("\n  ")).into())
}

/// An operation as a line of the table: write, status, resource, polled by, polls, end status and
/// state. The state is the word in the body of the last poll.
fn line(operation: &Operation, interactions: &[Interaction]) -> String {
    let answer = |index: usize| interactions[index].response.as_ref();
    let write = operation.method.as_deref().unwrap_or("-");
    let status = operation.write.and_then(answer).map_or("-".to_owned(), |response| response.status.to_string());
    let last = operation.polls.last().copied().and_then(answer);
    let end_status = last.map(|response| response.status.to_string()).unwrap_or_default();
    let end_state = last.and_then(|response| State::word(operation.target, response)).unwrap_or_default();
    let note = if operation.write.is_none() { " (write not recorded)" } else { "" };
    format!(
        "{write},{status},{},{}{note},{},{end_status},{}",
        operation.path,
        operation.target,
        operation.polls.len(),
        end_state.to_ascii_lowercase()
    )
}

/// As many exchanges as the list of the recordings says, in the order of time, none of them owned
/// by two operations.
fn compare_exchanges(recordings: &Path, file: &str) -> Result<(), Failed> {
    let list = fs::read_to_string(recordings.join("README.md"))?;
    let start = format!("| `{}` |", file.split_once('/').map_or(file, |(_, name)| name));
    let row = list.lines().find(|line| line.starts_with(&start)).ok_or("the list has no row of this file")?;
    let expected: usize = row.split('|').nth(3).unwrap_or_default().trim().parse()?;
    let tape = read(recordings, file)?;
    check(tape.interactions.len() == expected, || format!("{} exchanges, not {expected}", tape.interactions.len()))?;
    let times: Vec<_> =
        tape.interactions.iter().map(|interaction| interaction.times.map(|times| times.request)).collect();
    check(times.iter().all(Option::is_some) && times.is_sorted(), || format!("out of order: {times:?}"))?;

    let found = operations(&tape.interactions);
    let mut owned: Vec<usize> = found.iter().flat_map(Operation::interactions).collect();
    let count = owned.len();
    owned.sort_unstable();
    owned.dedup();
    check(owned.len() == count, || "an exchange belongs to two operations".to_owned())?;
    for operation in &found {
        let ended = operation.end.is_some() || operation.target == Polled::Nothing;
        check(ended, || format!("no end: {operation:?}"))?;
    }
    Ok(())
}

fn check(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}
