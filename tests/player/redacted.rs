//! `armtape redact`, as users run it, over all recordings at once.

use std::{collections::BTreeMap, path::Path, process::Command};

use armtape::cassette::Cassette;
use fs_err as fs;
use libtest_mimic::Failed;

use crate::{
    recording::{self, Recording},
    support::shared::shared,
};

/// What the command writes is what the other trials play; nothing is found afterwards, and a second
/// time nothing is changed.
pub(crate) fn by_the_command() -> Result<(), Failed> {
    let shared = shared().ok_or("the recordings are gone")?;
    let folder = tempfile::tempdir()?;
    let files = recording::files()?;
    for file in &files {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap_or(folder.path()))?;
        fs::copy(shared.join("data/recordings").join(file), to)?;
    }
    let raw: Vec<Recording> = files.iter().map(|file| Recording::read(&shared, file)).collect::<Result<_, String>>()?;
    armtape(folder.path(), &["redact", ".", "--in-place"], 0)?;
    for (file, raw) in files.iter().zip(raw) {
        let written = without_provenance(Cassette::load(&folder.path().join(file))?);
        let wanted = without_provenance(raw.redacted()?.cassette);
        if written.to_text() != wanted.to_text() {
            return Err(format!("{file}: the command writes something else").into());
        }
    }
    armtape(folder.path(), &["scan", "."], 0)?;
    let before: Vec<Vec<u8>> = files.iter().map(|file| fs::read(folder.path().join(file))).collect::<Result<_, _>>()?;
    armtape(folder.path(), &["redact", ".", "--in-place"], 0)?;
    for (file, before) in files.iter().zip(before) {
        if fs::read(folder.path().join(file))? != before {
            return Err(format!("{file}: redacted twice it is another").into());
        }
    }
    Ok(())
}

/// The table of docs/secrets.md has what `armtape scan` finds in the recordings as they are.
pub(crate) fn scanned() -> Result<(), Failed> {
    let recordings = shared().ok_or("the recordings are gone")?.join("data/recordings");
    let ran = Command::new(env!("CARGO_BIN_EXE_armtape")).args(["scan", "."]).current_dir(recordings).output()?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for line in said.lines() {
        let rule = line.rsplit(": ").next().unwrap_or_default().split(' ').next().unwrap_or_default();
        *found.entry(rule.to_owned()).or_default() += 1;
    }
    let page = include_str!("../../docs/secrets.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| rule | found |")).skip(2);
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>();
    let told = rows.take_while(|line| line.starts_with('|')).map(cells);
    let told: BTreeMap<String, usize> = told.map(|cells| (cells[1].clone(), cells[2].parse().unwrap_or(0))).collect();
    let sum = format!("finds {} values in them", found.values().sum::<usize>());
    if found == told && page.contains(&sum) { Ok(()) } else { Err(format!("{sum}: {found:#?}").into()) }
}

/// It names the file as it was asked for.
fn without_provenance(mut cassette: Cassette) -> Cassette {
    cassette.interactions.iter_mut().for_each(|interaction| interaction.provenance = None);
    cassette
}

fn armtape(folder: &Path, words: &[&str], code: i32) -> Result<(), Failed> {
    let ran = Command::new(env!("CARGO_BIN_EXE_armtape")).args(words).current_dir(folder).output()?;
    if ran.status.code() == Some(code) {
        return Ok(());
    }
    Err(format!("{words:?}: {:?}\n{}", ran.status, String::from_utf8_lossy(&ran.stderr)).into())
}
