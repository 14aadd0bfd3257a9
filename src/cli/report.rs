//! `--report KIND=FILE`, of every command that has something to report.

use std::path::{Path, PathBuf};

use super::{say::Failure, spare::spare};
use crate::report::{Kind, Report, html::Page};

/// The flag; flattened into a command's arguments.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Reports {
    /// Write a report as well, as `text`, `json`, `junit`, `markdown`, `sarif` or `html`; may be repeated
    #[arg(id = "report", long = "report", value_name = "KIND=FILE", value_parser = file)]
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
    /// Makes the folders and tries the files, so that nobody waits for a campaign whose report then has no place.
    ///
    /// # Errors
    ///
    /// Where two reports would go into one file, or one of them cannot be written, or would go over a recording or
    /// over what is `read`.
    pub(super) fn prepare<P: AsRef<Path>>(&self, read: &[P]) -> Result<(), Failure> {
        for (at, (_, path)) in self.files.iter().enumerate() {
            if self.files[..at].iter().any(|(_, other)| other == path) {
                return Err(Failure::usage(format!("--report: two reports would be written to {}", path.display()))
                    .hint("give each a file of its own"));
            }
            if path.as_os_str() == "-" {
                return Err(Failure::usage("--report: a report goes into a file, and `-` is none")
                    .hint("name a file; `/dev/stdout` is one, too"));
            }
            if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
                return Err(
                    Failure::usage(format!("--report: {} is a folder", path.display())).hint("name a file in it")
                );
            }
            spare("--report", path, read)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                std::fs::create_dir_all(folder).map_err(|error| failure(folder, &error))?;
            }
            can_be_written(path).map_err(|error| failure(path, &error))?;
        }
        Ok(())
    }

    /// Whether this form is wanted.
    pub(super) fn wants(&self, kind: Kind) -> bool {
        self.files.iter().any(|(wanted, _)| *wanted == kind)
    }

    /// Writes the page wherever it is wanted.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub(super) fn write_page(&self, page: &Page) -> Result<(), Failure> {
        for (_, path) in self.files.iter().filter(|(kind, _)| *kind == Kind::Html) {
            std::fs::write(path, page.to_html()).map_err(|error| failure(path, &error))?;
        }
        Ok(())
    }

    /// The folder of the first one.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let (_, path) = self.files.first()?;
        Some(path.parent().map(Path::to_owned).unwrap_or_default())
    }

    /// Writes each that is wanted.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub(super) fn write(&self, report: &Report) -> Result<(), Failure> {
        self.write_those(report, |_| true)
    }

    /// Writes each but the page, which a command makes itself that has more to show.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub(super) fn write_beside_page(&self, report: &Report) -> Result<(), Failure> {
        self.write_those(report, |kind| kind != Kind::Html)
    }

    fn write_those(&self, report: &Report, which: impl Fn(Kind) -> bool) -> Result<(), Failure> {
        for (kind, path) in self.files.iter().filter(|(kind, _)| which(*kind)) {
            std::fs::write(path, kind.render(report)).map_err(|error| failure(path, &error))?;
        }
        Ok(())
    }
}

/// Tries to open a file for writing, and leaves the folder as it was.
fn can_be_written(path: &Path) -> std::io::Result<()> {
    // A pipe would wait for its reader.
    if path.exists() && !path.is_file() {
        return Ok(());
    }
    let is_new = !path.exists();
    std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    if is_new { std::fs::remove_file(path) } else { Ok(()) }
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot write the report to {}: {error}", path.display()))
        .hint("`--report KIND=FILE` names another place")
}
