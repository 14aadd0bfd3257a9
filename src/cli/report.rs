//! `--report KIND=FILE`, of every command that has something to report.

use std::path::{Path, PathBuf};

use super::say::Failure;
use crate::report::{Kind, Report};

/// The flag; flattened into a command's arguments.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Reports {
    /// Write a report as well: `text`, `json`, `junit` or `markdown`, each with its file; may be repeated
    #[arg(long = "report", value_name = "KIND=FILE", value_parser = file)]
    files: Vec<(Kind, PathBuf)>,
}

fn file(text: &str) -> Result<(Kind, PathBuf), String> {
    let named = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let known = named.and_then(|(word, file)| Some((Kind::of(word)?, file.into())));
    known.ok_or_else(|| {
        let kinds: Vec<String> = Kind::ALL.iter().map(|(word, _)| format!("{word}=FILE")).collect();
        format!("a report is one of {}", kinds.join(", "))
    })
}

impl Reports {
    /// Makes the folders, so that nobody waits for a campaign whose report then has no place.
    ///
    /// # Errors
    ///
    /// Where two reports would go into one file, or a folder cannot be made.
    pub(super) fn prepare(&self) -> Result<(), Failure> {
        for (at, (_, path)) in self.files.iter().enumerate() {
            if self.files[..at].iter().any(|(_, other)| other == path) {
                return Err(Failure::usage(format!("--report: two reports would be written to {}", path.display()))
                    .hint("give each a file of its own"));
            }
            if path.is_dir() {
                return Err(
                    Failure::usage(format!("--report: {} is a folder", path.display())).hint("name a file in it")
                );
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                std::fs::create_dir_all(folder).map_err(|error| failure(folder, &error))?;
            }
        }
        Ok(())
    }

    /// Writes each that is wanted.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub(super) fn write(&self, report: &Report) -> Result<(), Failure> {
        for (kind, path) in &self.files {
            std::fs::write(path, kind.render(report)).map_err(|error| failure(path, &error))?;
        }
        Ok(())
    }
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot write the report to {}: {error}", path.display()))
        .hint("`--report KIND=FILE` names another place")
}
