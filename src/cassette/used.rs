//! Which cassettes tests have used: a list on the disk, a path a line.
//!
//! Whoever plays a tape appends to it; whoever asks for orphans reads it. A path is written as seen
//! from the folder of the project, so that lists of several machines can be put together.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Error, ErrorKind, batch::project};

/// A list of used cassettes.
#[derive(Clone, Debug)]
pub struct Used {
    list: PathBuf,
}

impl Used {
    /// The list in this file, which need not be there yet.
    #[must_use]
    pub fn at(list: impl Into<PathBuf>) -> Self {
        Self { list: list.into() }
    }

    /// Puts cassettes on the list. Several processes may do so at once.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn add<'a>(&self, cassettes: impl IntoIterator<Item = &'a Path>) -> Result<(), Error> {
        let fail = |error| Error::new(&self.list, ErrorKind::Io(error));
        let paths: BTreeSet<String> = cassettes
            .into_iter()
            .map(|path| named(path).map(|name| name + "\n"))
            .collect::<Result<_, _>>()
            .map_err(fail)?;
        if let Some(folder) = self.list.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        // In one piece behind what is there: nobody's line is torn.
        let mut file = OpenOptions::new().create(true).append(true).open(&self.list).map_err(fail)?;
        file.write_all(paths.into_iter().collect::<String>().as_bytes()).map_err(fail)
    }

    /// Of these cassettes those that are not on the list, in their order.
    ///
    /// # Errors
    ///
    /// Where the list cannot be read.
    pub fn missing(&self, cassettes: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
        let fail = |error| Error::new(&self.list, ErrorKind::Io(error));
        let text = String::from_utf8(std::fs::read(&self.list).map_err(fail)?)
            .map_err(|error| Error::new(&self.list, ErrorKind::Encoding { line: lines(&error) }))?;
        let used: BTreeSet<&str> = text.lines().map(str::trim_end).collect();
        let mut missing = Vec::new();
        for cassette in cassettes {
            if !used.contains(named(cassette).map_err(fail)?.as_str()) {
                missing.push(cassette.clone());
            }
        }
        Ok(missing)
    }
}

/// The line on which a text stops being UTF-8.
fn lines(error: &std::string::FromUtf8Error) -> usize {
    let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// A path as seen from the folder of its project; whole, where it is in none.
fn named(path: &Path) -> io::Result<String> {
    let whole = match path.canonicalize() {
        Ok(whole) => whole,
        Err(_) => std::path::absolute(path)?,
    };
    let below = whole.parent().and_then(project).and_then(|root| whole.strip_prefix(root).ok());
    let parts = below.unwrap_or(&whole).to_string_lossy().replace('\\', "/");
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_not_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("a/tapes")).unwrap();
        std::fs::create_dir_all(path("b/tapes")).unwrap();
        for project in ["a", "b"] {
            std::fs::write(path(project).join("armtape.toml"), "").unwrap();
            for tape in ["one.json", "two.json"] {
                std::fs::write(path(project).join("tapes").join(tape), "").unwrap();
            }
        }
        let used = Used::at(path("deep/used.txt"));
        let tapes = |project: &str| ["one.json", "two.json"].map(|tape| path(project).join("tapes").join(tape));
        assert!(used.missing(&tapes("a")).is_err(), "there is no list");
        used.add([tapes("a")[0].as_path()]).unwrap();
        used.add([path("a/tapes/../tapes/one.json").as_path()]).unwrap();
        assert_eq!(used.missing(&tapes("a")).unwrap(), [tapes("a")[1].clone()]);
        // The same project in another place, as on another machine.
        assert_eq!(used.missing(&tapes("b")).unwrap(), [tapes("b")[1].clone()]);
        std::fs::write(path("deep/used.txt"), b"a\n\xff\n").unwrap();
        assert_eq!(used.missing(&tapes("a")).unwrap_err().to_string().rsplit(' ').next(), Some("2"));
    }
}
