//! Several recordings as one tape, and where on the disk each interaction stands.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Cassette, Error, ErrorKind};

/// What a recording's file name ends in, when a folder is named and not the file.
const ENDINGS: [&str; 4] = ["har", "json", "yaml", "yml"];

/// Recordings, one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Reel {
    /// Everything that is on them.
    pub cassette: Cassette,
    /// Where each interaction stands.
    pub places: Vec<Place>,
    /// Files of named folders that are no recordings.
    pub passed_over: Vec<PathBuf>,
}

/// Where an interaction stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its number in the file, from 1.
    pub number: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

impl Reel {
    /// Reads files, and every recording in folders. What cannot be read is returned beside what can.
    #[must_use]
    pub fn load(named: &[PathBuf]) -> (Self, Vec<Error>) {
        let mut reel = Self::default();
        let mut errors = Vec::new();
        for named in named {
            let (files, is_folder) = match recordings(named) {
                Ok(found) => found,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            let before = reel.places.len();
            for file in files {
                match Cassette::load_with_lines(&file) {
                    Ok((cassette, lines)) => reel.push(&file, cassette, &lines),
                    // A folder may hold other files, too.
                    Err(Error { kind: ErrorKind::Unrecognised { .. }, path }) if is_folder => {
                        reel.passed_over.push(path);
                    }
                    Err(error) => errors.push(error),
                }
            }
            if is_folder && errors.is_empty() && reel.places.len() == before {
                errors.push(Error::new(named, ErrorKind::NoRecording));
            }
        }
        (reel, errors)
    }

    fn push(&mut self, file: &Path, read: Cassette, lines: &[u64]) {
        let file: Arc<Path> = file.into();
        let places = lines.iter().enumerate();
        self.places.extend(places.map(|(at, line)| Place { file: Arc::clone(&file), line: *line, number: at + 1 }));
        if self.cassette.interactions.is_empty() {
            self.cassette = read;
        } else {
            self.cassette.append(read);
        }
    }
}

impl Cassette {
    /// Puts another recording behind this one. Each counts time and connections from its own
    /// beginning, and values that stand for others keep their names.
    pub fn append(&mut self, mut other: Self) {
        let behind =
            self.interactions.iter().filter_map(|one| one.times.map(|times| times.end.saturating_add(1))).max();
        let connections = self.interactions.iter().filter_map(|one| one.connection).max().unwrap_or_default();
        for interaction in &mut other.interactions {
            interaction.connection = interaction.connection.map(|number| number.saturating_add(connections));
            if let (Some(times), Some(behind)) = (&mut interaction.times, behind) {
                for time in [&mut times.request, &mut times.answer, &mut times.end] {
                    *time = time.saturating_add(behind);
                }
            }
        }
        self.interactions.append(&mut other.interactions);
        other.stand_ins.retain(|one| !self.stand_ins.contains(one));
        self.stand_ins.append(&mut other.stand_ins);
        for (name, value) in other.variables {
            self.variables.entry(name).or_insert(value);
        }
    }
}

/// The files that are meant by a name, and whether that is a folder's. In a folder: by their
/// endings, sorted, hidden ones left out; in the folders in it, too.
///
/// # Errors
///
/// Where a folder cannot be read.
pub fn recordings(named: &Path) -> Result<(Vec<PathBuf>, bool), Error> {
    if !named.is_dir() {
        return Ok((vec![named.to_owned()], false));
    }
    let (mut found, mut folders) = (Vec::new(), vec![named.to_owned()]);
    while let Some(folder) = folders.pop() {
        let fail = |error| Error::new(&folder, ErrorKind::Io(error));
        for entry in std::fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let path = entry.path();
            // A link may lead back here.
            let kind = entry.file_type().map_err(fail)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::{Times, tests::example};

    #[test]
    fn files_follow_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut tape = example();
        for interaction in &mut tape.interactions {
            interaction.times = Some(Times { request: 5, answer: 7, end: 9 });
            interaction.connection = Some(2);
            interaction.response.as_mut().unwrap().body = crate::cassette::Body::Empty;
        }
        let text = tape.to_text();
        std::fs::create_dir(path("in")).unwrap();
        std::fs::write(path("in/b.json"), &text).unwrap();
        std::fs::write(path("in/a.json"), &text).unwrap();
        std::fs::write(path("in/package.json"), "{}").unwrap();
        std::fs::write(path("single.json"), &text).unwrap();
        let (reel, errors) = Reel::load(&[path("in"), path("single.json")]);
        assert!(errors.is_empty(), "{errors:?}");
        let number = tape.interactions.len();
        assert_eq!(reel.places.len(), 3 * number);
        assert_eq!(reel.passed_over, [path("in/package.json")]);
        let begun = |at: usize| {
            let one = &reel.cassette.interactions[at];
            (one.times.unwrap().request, one.connection.unwrap(), reel.places[at].file.to_path_buf())
        };
        assert_eq!(begun(0), (5, 2, path("in/a.json")));
        assert_eq!(begun(number), (15, 4, path("in/b.json")));
        assert_eq!(begun(2 * number), (25, 6, path("single.json")));
        for Place { file, line, number } in &reel.places {
            let text = std::fs::read_to_string(file).unwrap();
            let line = text.lines().nth(usize::try_from(*line).unwrap() - 1).unwrap();
            assert_eq!((line, *number > 0), ("    {", true));
        }
        assert_eq!(reel.places[number + 1].number, 2);
    }

    #[test]
    fn what_ends_at_the_end_of_all_time_is_still_before_what_follows() {
        let mut tape = example();
        let interaction = &mut tape.interactions[0];
        interaction.times = Some(Times { request: 1, answer: 1, end: u64::MAX });
        interaction.connection = Some(u64::MAX);
        tape.append(tape.clone());
        let last = &tape.interactions[tape.interactions.len() / 2];
        assert_eq!((last.times.unwrap().request, last.connection), (u64::MAX, Some(u64::MAX)));
    }

    #[test]
    fn each_file_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.json"), "{").unwrap();
        std::fs::create_dir(path("empty")).unwrap();
        let (reel, errors) = Reel::load(&[path("a.json"), path("absent.json")]);
        assert_eq!((reel.places.len(), errors.len()), (0, 2));
        let (_, errors) = Reel::load(&[path("empty")]);
        assert!(errors[0].to_string().ends_with("no recording in this folder"), "{}", errors[0]);
    }
}
