//! Cassettes on the disk: written whole or not at all, and never over an accepted one that differs.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{Cassette, Error, ErrorKind, sidecar, temporary};

/// What became of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The first cassette of this name.
    New(PathBuf),
    /// Nothing changed: the accepted file was left as it was.
    Unchanged(PathBuf),
    /// It differs from the accepted cassette, or is not to be trusted: it waits beside it.
    Pending {
        /// `NAME.json.new`.
        path: PathBuf,
        /// An earlier pending recording that said something else, never reviewed, was replaced.
        replaced: bool,
    },
}

/// Where a recording that is not accepted yet waits.
#[must_use]
pub fn pending_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// Stores a recording: as the cassette if there is none, as pending if there is one that differs.
/// `trusted` is false for the recording of a client that failed: it only ever becomes pending.
/// `same` says whether the accepted one and this one say the same; then the accepted one stays.
///
/// # Errors
///
/// Where the file system says no. Nothing is half written then.
pub fn store(
    cassette: &Cassette,
    path: &Path,
    trusted: bool,
    same: impl FnOnce(&Cassette, &Cassette) -> bool,
) -> Result<Stored, Error> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |error| Error::new(path, ErrorKind::Io(error))
    };
    let accepted = path.try_exists().map_err(fail(path))?;
    if !accepted && trusted {
        write(cassette, path).map_err(fail(path))?;
        return Ok(Stored::New(path.to_owned()));
    }
    // An accepted file that cannot be read differs: it stays, and the new one waits beside it.
    let unchanged = accepted && trusted && Cassette::load(path).is_ok_and(|accepted| same(&accepted, cassette));
    if unchanged {
        return Ok(Stored::Unchanged(path.to_owned()));
    }
    let pending = pending_path(path);
    let replaced = write(cassette, &pending).map_err(fail(&pending))?;
    Ok(Stored::Pending { path: pending, replaced })
}

/// Writes a cassette over whatever is there, whole or not at all.
///
/// # Errors
///
/// Where the file system says no. The old file is as it was then.
pub fn save(cassette: &Cassette, path: &Path) -> Result<(), Error> {
    write(cassette, path).map(drop).map_err(|error| Error::new(path, ErrorKind::Io(error)))
}

/// Writes a cassette; its large bodies first, so that whatever it names is there. Says whether it
/// took the place of another one.
fn write(cassette: &Cassette, path: &Path) -> io::Result<bool> {
    let text = text_at(cassette, path)?;
    let replaced = match std::fs::read(path) {
        Ok(before) => before != text.as_bytes(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    write_whole(path, text.as_bytes())?;
    Ok(replaced)
}

/// The text of a cassette at `path`, whose large bodies are written beside it.
pub(crate) fn text_at(cassette: &Cassette, path: &Path) -> io::Result<String> {
    let mut cassette = cassette.clone();
    sidecar::put_aside(&mut cassette, path)?;
    Ok(cassette.to_text())
}

/// Writes a file so that after a crash it is either the old or the new one: a temporary file in
/// the same folder, synced, renamed, and the folder synced.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    beside(path, bytes)?.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// A file that only needs to be renamed: beside its place, whole and synced.
pub(super) fn beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut file = temporary::beside(path, folder)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are 0600; a cassette is for everyone who may read the repository.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Brings the names in the folder of `path` to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder_of(path))?.sync_all()?;
    let _ = path;
    Ok(())
}

/// The folder that a file is in, or is to be in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
