//! Several files written or removed, all or none, and the way back.
//!
//! What the files become is laid down in `.armtape/batch/` first; its `intent.json`, written last, is
//! the moment from which on it is decided. Whoever is killed after that has the next command finish
//! it; before that, the next command throws it away. The batch that was finished last stays as
//! `.armtape/undo/`.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    Error, ErrorKind,
    store::{beside, folder_of, sync_folder, write_whole},
    temporary,
};

/// One file, as it was read and as it shall be; `None` is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub path: PathBuf,
    /// What it held when it was decided on.
    pub before: Option<Vec<u8>>,
    /// What it shall hold.
    pub after: Option<Vec<u8>>,
}

/// Where a project keeps what its files become: `.armtape` in the nearest folder upwards that has
/// one, or an `armtape.toml`, or a `.git`; else in the folder itself.
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
}

/// A desk that nobody else works at.
struct Held<'a> {
    desk: &'a Desk,
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Intent {
    armtape: u64,
    files: Vec<PathBuf>,
}

const MARKS: [&str; 3] = [".armtape", "armtape.toml", ".git"];

/// The nearest folder upwards, or this one, that is the top of a project.
pub(super) fn project(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| MARKS.iter().any(|mark| folder.join(mark).exists()))
}

impl Desk {
    /// The desk of the project that `folder` is in.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: project(folder).unwrap_or(folder).join(MARKS[0]) }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a command was interrupted that the next one finishes, or throws away.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.batch().exists()
    }

    fn batch(&self) -> PathBuf {
        self.folder.join("batch")
    }

    fn last(&self) -> PathBuf {
        self.folder.join("undo")
    }

    /// Finishes what a killed command had decided, throws away what it had not. The files that were
    /// finished.
    ///
    /// # Errors
    ///
    /// Where the file system says no, or somebody has changed one of the files since.
    pub fn recover(&self) -> Result<Vec<PathBuf>, Error> {
        if !self.is_interrupted() {
            return Ok(Vec::new());
        }
        self.hold()?.recover()
    }

    /// Makes all of the edits or none of them.
    ///
    /// # Errors
    ///
    /// Where one of the files is not as it was read, or the file system says no. Nothing has changed
    /// then.
    pub fn commit(&self, edits: &[Edit]) -> Result<(), Error> {
        self.hold()?.commit(edits)
    }

    /// Takes back the batch that was finished last. To do so again brings it back.
    ///
    /// # Errors
    ///
    /// As [`Desk::commit`]; and where there is none.
    pub fn undo(&self) -> Result<Vec<PathBuf>, Error> {
        let held = self.hold()?;
        held.recover()?;
        if !self.last().join("intent.json").exists() {
            return Err(Error::new(self.last(), ErrorKind::NothingToUndo));
        }
        let edits: Vec<Edit> = read(&self.last())?
            .into_iter()
            .map(|Edit { path, before, after }| Edit { path, before: after, after: before })
            .collect();
        held.commit(&edits)?;
        Ok(edits.into_iter().map(|edit| edit.path).collect())
    }

    fn hold(&self) -> Result<Held<'_>, Error> {
        let lock = || {
            std::fs::create_dir_all(&self.folder)?;
            let ignore = self.folder.join(".gitignore");
            if !ignore.exists() {
                write_whole(&ignore, b"*\n")?;
            }
            let lock = File::create(self.folder.join("lock"))?;
            match lock.lock() {
                // A file system without locks has one user, it is hoped.
                Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
                _ => Ok(lock),
            }
        };
        Ok(Held { desk: self, _lock: lock().map_err(|error| fail(&self.folder, error))? })
    }
}

impl Held<'_> {
    fn recover(&self) -> Result<Vec<PathBuf>, Error> {
        let batch = self.desk.batch();
        if !batch.join("intent.json").exists() {
            return remove_folder(&batch).map(|()| Vec::new()).map_err(|error| fail(&batch, error));
        }
        let edits = read(&batch)?;
        let open: Vec<&Edit> =
            edits.iter().filter(|edit| current(&edit.path).ok() != Some(edit.after.clone())).collect();
        for edit in &open {
            if current(&edit.path).map_err(|error| fail(&edit.path, error))? != edit.before {
                return Err(Error::new(&edit.path, ErrorKind::ChangedMeanwhile));
            }
        }
        apply(&open)?;
        self.finish()?;
        Ok(edits.into_iter().map(|edit| edit.path).collect())
    }

    fn commit(&self, edits: &[Edit]) -> Result<(), Error> {
        self.recover()?;
        for edit in edits {
            if current(&edit.path).map_err(|error| fail(&edit.path, error))? != edit.before {
                return Err(Error::new(&edit.path, ErrorKind::ChangedMeanwhile));
            }
        }
        let batch = self.desk.batch();
        let done = lay_down(&batch, edits)
            .map_err(|error| fail(&batch, error))
            .and_then(|()| apply(&edits.iter().collect::<Vec<_>>()));
        if let Err(error) = done {
            let _ = std::fs::remove_file(batch.join("intent.json")).and_then(|()| remove_folder(&batch));
            return Err(error);
        }
        self.finish()
    }

    fn finish(&self) -> Result<(), Error> {
        let (batch, last) = (self.desk.batch(), self.desk.last());
        remove_folder(&last)
            .and_then(|()| std::fs::rename(&batch, &last))
            .and_then(|()| sync_folder(&last))
            .map_err(|error| fail(&batch, error))
    }
}

fn fail(path: &Path, error: io::Error) -> Error {
    Error::new(path, ErrorKind::Io(error))
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What a file holds; `None` where there is none.
fn current(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Both states of every file, then the intent.
fn lay_down(batch: &Path, edits: &[Edit]) -> io::Result<()> {
    std::fs::create_dir_all(batch)?;
    let mut files = Vec::new();
    for (number, Edit { path, before, after }) in edits.iter().enumerate() {
        for (state, content) in [("before", before), ("after", after)] {
            if let Some(bytes) = content {
                write_whole(&batch.join(format!("{number}.{state}")), bytes)?;
            }
        }
        files.push(std::path::absolute(path)?);
    }
    let intent = serde_json::to_vec_pretty(&Intent { armtape: 1, files })?;
    write_whole(&batch.join("intent.json"), &intent)
}

fn read(batch: &Path) -> Result<Vec<Edit>, Error> {
    let intent = batch.join("intent.json");
    let read = || -> io::Result<Vec<Edit>> {
        let Intent { files, .. } = serde_json::from_slice(&std::fs::read(&intent)?)?;
        let state = |number: usize, state: &str| current(&batch.join(format!("{number}.{state}")));
        let edits = files.into_iter().enumerate();
        edits
            .map(|(number, path)| Ok(Edit { path, before: state(number, "before")?, after: state(number, "after")? }))
            .collect()
    };
    read().map_err(|error| fail(&intent, error))
}

/// First every new file is written beside its place, which is where a full disk or a folder that is
/// read-only says no; then all of them are renamed.
fn apply(edits: &[&Edit]) -> Result<(), Error> {
    let mut ready: Vec<(&Path, NamedTempFile)> = Vec::new();
    for Edit { path, after, .. } in edits {
        let written = match after {
            Some(bytes) => beside(path, bytes).map(Some),
            // Whoever may not write a file here may not remove one either.
            None => temporary::beside(path, folder_of(path)).map(|_| None),
        };
        ready.extend(written.map_err(|error| fail(path, error))?.map(|file| (path.as_path(), file)));
    }
    for (path, file) in ready {
        file.persist(path).map_err(|error| fail(path, error.error))?;
    }
    for Edit { path, after, .. } in edits {
        let removed = match (after, std::fs::symlink_metadata(path)) {
            (None, Ok(_)) => std::fs::remove_file(path),
            _ => Ok(()),
        };
        removed.and_then(|()| sync_folder(path)).map_err(|error| fail(path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(path: &Path, before: Option<&str>, after: Option<&str>) -> Edit {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        Edit { path: path.to_owned(), before: bytes(before), after: bytes(after) }
    }

    fn text(path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }

    #[test]
    fn all_is_done_and_taken_back_and_brought_back() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("deep/c"));
        std::fs::write(&a, "1").unwrap();
        std::fs::write(&b, "2").unwrap();
        let desk = Desk::of(folder.path());
        assert!(desk.undo().is_err());
        desk.commit(&[edit(&a, Some("1"), Some("3")), edit(&b, Some("2"), None), edit(&c, None, Some("4"))]).unwrap();
        assert_eq!((text(&a).as_deref(), text(&b), text(&c).as_deref()), (Some("3"), None, Some("4")));
        assert_eq!(desk.undo().unwrap().len(), 3);
        assert_eq!((text(&a).as_deref(), text(&b).as_deref(), text(&c)), (Some("1"), Some("2"), None));
        desk.undo().unwrap();
        assert_eq!((text(&a).as_deref(), text(&b), text(&c).as_deref()), (Some("3"), None, Some("4")));
        std::fs::write(&a, "somebody else").unwrap();
        assert!(matches!(desk.undo().unwrap_err().kind, ErrorKind::ChangedMeanwhile));
        assert_eq!((text(&b), text(&c).as_deref()), (None, Some("4")));
    }

    #[test]
    fn nothing_is_done_where_a_file_has_changed_or_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&a, "1").unwrap();
        let desk = Desk::of(folder.path());
        let error = desk.commit(&[edit(&a, Some("1"), Some("2")), edit(&b, Some("gone"), None)]).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::ChangedMeanwhile), "{error}");
        // A file in the place of a folder.
        let error = desk.commit(&[edit(&a, Some("1"), Some("2")), edit(&a.join("x"), None, Some("3"))]).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Io(_)), "{error}");
        assert_eq!(text(&a).as_deref(), Some("1"));
        assert_eq!(desk.recover().unwrap(), Vec::<PathBuf>::new());
        assert_eq!(text(&a).as_deref(), Some("1"));
    }

    #[test]
    fn what_was_decided_is_finished_and_what_was_not_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&a, "1").unwrap();
        std::fs::write(&b, "2").unwrap();
        let desk = Desk::of(folder.path());
        let edits = [edit(&a, Some("1"), Some("3")), edit(&b, Some("2"), None)];
        lay_down(&desk.batch(), &edits).unwrap();
        std::fs::remove_file(desk.batch().join("intent.json")).unwrap();
        assert!(desk.recover().unwrap().is_empty());
        assert_eq!((text(&a).as_deref(), desk.batch().exists()), (Some("1"), false));

        lay_down(&desk.batch(), &edits).unwrap();
        std::fs::write(&a, "3").unwrap();
        assert_eq!(desk.recover().unwrap().len(), 2);
        assert_eq!((text(&a).as_deref(), text(&b), desk.batch().exists()), (Some("3"), None, false));
    }
}
