//! Operations in real recordings, as `armtape show --json` tells them, compared line by line with a
//! table that was made without any code of this project.
//!
//! The recordings are not part of the package: they are looked for in `ARMTAPE_SHARED`, else in
//! `../shared`. Without them every case is listed as ignored, or fails if `ARMTAPE_REQUIRE_SHARED=1`.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use armtape::{
    arm::{Operation, Polled, operations},
    cassette::Cassette,
};
use fs_err as fs;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

const FOLDERS: [&str; 6] =
    ["dotnet-session-records", "go-vcr", "java-session-records", "ruby-vcr", "test-proxy", "vcrpy-yaml"];

/// Their recorder, or the tests that it recorded, dropped every date.
const WITHOUT_DATES: [&str; 4] = [
    "go-vcr/aso-2022.Test_DBForPostgreSQL_FlexibleServer_CRUD.yaml",
    "go-vcr/aso-2024.Test_Network_v1api20201101_CreationAndDeletion.yaml",
    "go-vcr/aso-2024.Test_Networking_NatGateway_CRUD.yaml",
    "go-vcr/aso-2024.Test_Networking_PrivateDnsZone_CRUD.yaml",
];

/// A line of the table that is wrong.
struct Wrong {
    file: &'static str,
    /// How the line begins and ends.
    begin: &'static str,
    end: &'static str,
    /// How it should end; `None` where it should not be there.
    right: Option<&'static str>,
}

/// The lines of the table that are wrong; docs/formats.md says why.
const WRONG: [Wrong; 2] = [
    // The subnet is read (404) after its DELETE, and nothing was written to it in between: by the
    // table's own rule that is `resource`, as in the lines of the network, the load balancer and the
    // address, which were deleted in the same minute.
    Wrong {
        file: "go-vcr/aso-2022.Test_Compute_VMSS_CRUD.yaml",
        begin: "DELETE,202,",
        end: "/subnets/asotest-subnet-sexygt,none,0,,",
        right: Some("/subnets/asotest-subnet-sexygt,resource,1,404,"),
    },
    // One operation was polled three times (404, 202, 200). Its URL moved with the 202, and the table
    // counts the last poll once more, under the new URL.
    Wrong {
        file: "go-vcr/azd.Test_CLI_DevCenter_Init_Up_Down.yaml",
        begin: "-,-,",
        end: ",location (write not recorded),1,200,",
        right: None,
    },
];

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

/// Every line of the table, and no operation more, in what `show --json` says.
fn compare_operations(recordings: &Path, file: &str) -> Result<(), Failed> {
    let table = fs::read_to_string(recordings.join("operations.csv"))?;
    let start = format!("{file},");
    let lines = table.lines().filter_map(|line| line.strip_prefix(&start));
    let mut expected: Vec<String> = lines.map(str::to_owned).collect();
    for wrong in WRONG.iter().filter(|wrong| wrong.file == file) {
        let is_it = |line: &String| line.starts_with(wrong.begin) && line.ends_with(wrong.end);
        let at = expected.iter().position(is_it).ok_or("the table has been corrected: take the exception away")?;
        let line = expected.remove(at);
        expected.extend(wrong.right.map(|right| line.replace(wrong.end, right)));
    }

    let shown = Command::new(env!("CARGO_BIN_EXE_armtape"))
        .args(["show", "--json"])
        .arg(recordings.join(file))
        .output()
        .map_err(|error| format!("cannot run armtape: {error}"))?;
    check(shown.status.success(), || String::from_utf8_lossy(&shown.stderr).into_owned())?;
    let shown: Value = serde_json::from_slice(&shown.stdout)?;
    let operations = shown["files"][0]["operations"].as_array().ok_or("no operations")?;
    let mut found: Vec<String> = operations.iter().map(line).collect();
    expected.sort_unstable();
    found.sort_unstable();
    if found == expected {
        return Ok(());
    }
    Err(format!("expected\n  {}\nfound\n  {}", expected.join("\n  "), found.join("\n  ")).into())
}

/// An operation of `show --json` as a line of the table.
fn line(operation: &Value) -> String {
    let text = |name: &str, absent: &str| match &operation[name] {
        Value::Null => absent.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let note = if operation["write"].is_null() { " (write not recorded)" } else { "" };
    format!(
        "{},{},{},{}{note},{},{},{}",
        text("write", "-"),
        text("status", "-"),
        text("resource", ""),
        text("polled_by", ""),
        text("polls", ""),
        text("end_status", ""),
        text("end_state", ""),
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
    check(times.is_sorted(), || format!("out of order: {times:?}"))?;
    let untimed = times.iter().filter(|time| time.is_none()).count();
    let has_dates = !WITHOUT_DATES.contains(&file);
    check(if has_dates { untimed == 0 } else { untimed == times.len() }, || format!("{untimed} without a time"))?;
    compare_lines(recordings, file, &tape)?;

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

/// Every interaction says on which line of its file it begins.
fn compare_lines(recordings: &Path, file: &str, tape: &Cassette) -> Result<(), Failed> {
    let text = fs::read_to_string(recordings.join(file))?;
    let lines: Vec<&str> = text.lines().collect();
    for interaction in &tape.interactions {
        let provenance = interaction.provenance.as_ref().ok_or("no provenance")?;
        check(file.starts_with(&provenance.format), || format!("format {}", provenance.format))?;
        let number = usize::try_from(provenance.line)?;
        // The entry's own method comes before that of the next.
        let named = lines[number - 1..].iter().find(|line| {
            let line = line.trim().trim_matches(['"', '-', ' ']);
            ["Method", "RequestMethod", "method"]
                .iter()
                .any(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['"', ':'])))
        });
        let method = &interaction.request.method;
        let is_of = named.is_some_and(|line| line.to_ascii_uppercase().contains(method.as_str()));
        let begins = ["{", "-", "- request:", "- id:"].iter().any(|mark| lines[number - 1].trim().starts_with(mark))
            || lines[number - 1].trim_start().starts_with("request:")
            || lines[number - 1].contains('{');
        check(is_of && begins, || format!("line {number} begins no {method}: {}", lines[number - 1]))?;
    }
    Ok(())
}

fn check(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}
