//! Whose a journal is: locked while its recorder lives.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

use super::{JournalError, journal_path, records::head};

/// Opens and locks a journal; `None` where there is none.
pub(super) fn open_locked(cassette: &Path, create: bool) -> Result<Option<File>, JournalError> {
    let path = journal_path(cassette);
    let fail = |error| JournalError::Io { path: path.clone(), error };
    loop {
        // Not truncated: it may be somebody else's.
        let opened = OpenOptions::new().read(true).write(true).create(create).truncate(false).open(&path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !create => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = head(&mut file).map_or(0, |head| head.pid);
                return Err(JournalError::InUse { path: cassette.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        // The one who had it before may have removed the file under us: then ours is nowhere.
        if same_file(&file, &path).map_err(fail)? {
            return Ok(Some(file));
        }
    }
}

/// Whether an open file still has this name.
#[cfg(unix)]
pub(in crate::cassette) fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(in crate::cassette) fn same_file(_: &File, path: &Path) -> io::Result<bool> {
    // An open file cannot be removed here.
    path.try_exists()
}
