//! Recordings of ours, found: those that wait, and those that do not.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{Error, ErrorKind, is_orphaned, pending_path, read::begins_a_cassette};

/// The cassettes under `root` that have a pending recording beside them, sorted. A file is its own
/// root; folders are walked, but for hidden ones and `target`.
///
/// # Errors
///
/// Where `root` is absent, or a folder cannot be read.
pub fn pending(root: &Path) -> Result<Vec<PathBuf>, Error> {
    if !root.is_dir() {
        let fail = |error| Error::new(root, ErrorKind::Io(error));
        let cassette = accepted_path(root).unwrap_or_else(|| root.to_owned());
        if pending_path(&cassette).is_file() {
            return Ok(vec![cassette]);
        }
        // A path that names nothing must not look like one with nothing pending.
        return std::fs::symlink_metadata(&cassette).map(|_| Vec::new()).map_err(fail);
    }
    let mut found = Vec::new();
    walk(root, &mut |path, name| {
        let waits = name.ends_with(".json.new") || (name.ends_with(".new") && is_recording(path)?);
        found.extend(waits.then(|| accepted_path(path)).flatten());
        Ok(())
    })?;
    found.sort();
    Ok(found)
}

/// The accepted cassettes under `root`, sorted: files named `*.json` that begin as ours do, or with the
/// marks of a merge. A file that is named is taken for one, whatever it holds; folders are walked as
/// [`pending`] does.
///
/// # Errors
///
/// Where `root` is absent, or a folder cannot be read.
pub fn accepted(root: &Path) -> Result<Vec<PathBuf>, Error> {
    if !root.is_dir() {
        let fail = |error| Error::new(root, ErrorKind::Io(error));
        let cassette = accepted_path(root).unwrap_or_else(|| root.to_owned());
        // One that waits and was never accepted is there, and is none.
        if !cassette.exists() && pending_path(&cassette).is_file() {
            return Ok(Vec::new());
        }
        std::fs::symlink_metadata(&cassette).map_err(fail)?;
        return Ok(vec![cassette]);
    }
    let mut found = Vec::new();
    walk(root, &mut |path, name| {
        if name.ends_with(".json") && (is_recording(path)? || is_torn(path)?) {
            found.push(path.to_owned());
        }
        Ok(())
    })?;
    found.sort();
    Ok(found)
}

/// The cassettes under `root` beside which a recorder that is gone left a journal to be recovered, sorted. A
/// file is its own root; folders are walked as [`pending`] does.
///
/// # Errors
///
/// Where a folder cannot be read.
pub fn crashed(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    if root.is_dir() {
        walk(root, &mut |path, name| {
            found.extend(name.ends_with(".journal").then(|| path.with_extension("")));
            Ok(())
        })?;
    } else {
        found.push(accepted_path(root).unwrap_or_else(|| root.to_owned()));
    }
    found.retain(|cassette| is_orphaned(cassette));
    found.sort();
    Ok(found)
}

/// Hands every file below a folder on, with its name.
fn walk(root: &Path, with: &mut impl FnMut(&Path, &str) -> io::Result<()>) -> Result<(), Error> {
    let fail = |error| Error::new(root, ErrorKind::Io(error));
    for entry in std::fs::read_dir(root).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // Links are not followed: a loop of them has no end.
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            walk(&path, with)?;
        } else if kind.is_file() {
            with(&path, &name).map_err(|error| Error::new(&path, ErrorKind::Io(error)))?;
        }
    }
    Ok(())
}

/// Whether a file begins as the recordings do that we write. Their names are the user's, and other
/// programs write `.new` files, too.
fn is_recording(path: &Path) -> io::Result<bool> {
    const ENOUGH: u64 = 256;
    Ok(begins_a_cassette(&beginning(path, ENOUGH)?))
}

/// Whether a file is one of ours that a merge has torn at its top.
fn is_torn(path: &Path) -> io::Result<bool> {
    const ENOUGH: u64 = 1024;
    let beginning = beginning(path, ENOUGH)?;
    Ok(beginning.starts_with(b"<<<<<<<") && beginning.windows(9).any(|bytes| bytes == b"\"armtape\""))
}

fn beginning(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut beginning)?;
    Ok(beginning)
}

/// `x.json` of `x.json.new`.
pub(crate) fn accepted_path(path: &Path) -> Option<PathBuf> {
    path.extension().is_some_and(|ending| ending == "new").then(|| path.with_extension(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf, text: &str) -> PathBuf {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn pending_ones_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| write(folder.path().join(name), text);
        let a = file("a.json", "old");
        let new = r#"{"armtape": 1, "interactions": []}"#;
        file("a.json.new", new);
        file("deep/b.tape.new", new);
        file("target/c.json.new", new);
        file("c.json", "accepted");
        file("rpm.conf.new", "somebody else's");
        let b = folder.path().join("deep/b.tape");
        assert_eq!(pending(folder.path()).unwrap(), [a.clone(), b.clone()]);
        assert_eq!(pending(&a).unwrap(), std::slice::from_ref(&a));
        assert_eq!(pending(&pending_path(&a)).unwrap(), std::slice::from_ref(&a));

        std::fs::remove_file(pending_path(&b)).unwrap();
        assert!(pending(&b).is_err());
    }

    #[test]
    fn accepted_ones_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| write(folder.path().join(name), text);
        let ours = r#"{"armtape": 1, "interactions": []}"#;
        let a = file("deep/a.json", ours);
        let torn = file("torn.json", &format!("<<<<<<< HEAD\n{ours}\n=======\n{ours}\n>>>>>>> other\n"));
        file("package.json", "{}");
        file("report.json", r#"{"armtape": 1, "seed": 1, "interactions": []}"#);
        file("waits.json.new", ours);
        file(".hidden/b.json", ours);
        assert_eq!(accepted(folder.path()).unwrap(), [a.clone(), torn]);
        assert_eq!(accepted(&a).unwrap(), [a]);
        assert!(accepted(&folder.path().join("waits.json")).unwrap().is_empty());
        assert!(accepted(&folder.path().join("absent.json")).is_err());
    }
}
