//! The file that becomes another one: written beside it under a name of its own, renamed when whole.
//!
//! The name is made of the other's, so that what a killed writer left behind is found, and
//! overwritten, by the next one. A writer that lives holds a lock on it.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

use tempfile::{Builder, NamedTempFile};

/// `.armtape-NAME.tmp` in `folder`, locked. Where somebody is writing it just now: one with a
/// random name.
pub(super) fn beside(path: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    // The pending file takes the accepted one's: there is never more than one left behind.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".new").unwrap_or(&name);
    let prefix = format!(".armtape-{name}");
    loop {
        // Never an existing file, nor the target of a link.
        match Builder::new().prefix(&prefix).suffix(".tmp").rand_bytes(0).tempfile_in(folder) {
            Ok(file) => match file.as_file().try_lock() {
                Ok(()) if super::journal::same_file(file.as_file(), file.path())? => return Ok(file),
                // Taken for an orphan before it was locked. It is another's now, if it is there.
                Ok(()) | Err(TryLockError::WouldBlock) => drop(file.keep()),
                // A file system without locks: then names must differ.
                Err(TryLockError::Error(_)) => break,
            },
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !remove_orphan(&folder.join(format!("{prefix}.tmp")))? {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Builder::new().prefix(&prefix).tempfile_in(folder)
}

/// Removes what a killed writer left behind; false where its writer lives.
fn remove_orphan(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if file.as_ref().is_some_and(|file| file.try_lock().is_err()) {
        return Ok(false);
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_writer_left_is_overwritten_and_a_living_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tape.json");
        let left = folder.path().join(".armtape-tape.json.tmp");
        std::fs::write(&left, "half").unwrap();
        let mine = beside(&path, folder.path()).unwrap();
        assert_eq!(mine.path(), left);
        assert_eq!(mine.as_file().metadata().unwrap().len(), 0);
        let other = beside(&folder.path().join("tape.json.new"), folder.path()).unwrap();
        assert_ne!(other.path(), left);
        drop((mine, other));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
