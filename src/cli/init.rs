//! `armtape init`

use std::{
    io::{self, Write as _},
    path::Path,
};

use super::{
    Code, gitignore,
    say::{self, Failure},
    tapes,
};
use crate::{cassette::pending_path, config};

/// The file, explained.
const CONFIG: &str = include_str!("init.toml");

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<Code, Failure> {
    match write_new(Path::new(config::FILE), CONFIG) {
        Ok(()) => say::line(&format!("written: {}, with every setting explained", config::FILE)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            say::line(&format!("left as it is: {}", config::FILE));
        }
        Err(error) => return Err(Failure::machine(format!("{}: {error}", config::FILE))),
    }
    // As if one were there: git is to ignore it before the first comes.
    gitignore::see_to(&pending_path(&Path::new(tapes::FOLDER).join("first.json")), true, true)?;
    for line in [
        "next, record what your client says, to your subscription or to the service in this binary:",
        "  armtape record -- CLIENT",
        "  armtape record --upstream embedded -- CLIENT",
        "then play every cassette to the command that made it, offline, here and in CI (docs/ci.md):",
        "  armtape test",
    ] {
        say::line(line);
    }
    Ok(Code::Fine)
}

/// Never over anything, be it a link.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of it would be taken for all of it.
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_parses_as_it_is_and_with_every_line_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(config::FILE);
        write_new(&file, CONFIG).unwrap();
        let as_it_is = config::Config::load(file.clone()).unwrap().sections;
        assert!(as_it_is.freshness.after.is_some());
        assert_eq!(as_it_is, config::Sections { freshness: as_it_is.freshness.clone(), ..config::Sections::default() });
        let in_force = |line: &str| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_setting = bare.starts_with('[') || bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
            format!("{}\n", if is_setting { bare } else { line })
        };
        std::fs::write(&file, CONFIG.lines().map(in_force).collect::<String>()).unwrap();
        let all = config::Config::load(file.clone()).unwrap().sections;
        assert!(!all.matching.ignore_body.is_empty() && !all.hosts.taped.is_empty() && all.record.mode.is_some());
        assert_eq!(write_new(&file, "x").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
