//! Pending recordings, found.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{Error, ErrorKind, pending_path, read::looks_like_ours};

/// The cassettes under `root` that have a pending recording beside them, sorted. A file is its own
/// root; folders are walked, but for hidden ones and `target`.
///
/// # Errors
///
/// Where `root` is absent, or a folder cannot be read.
pub fn pending(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    walk(root, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(root: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let fail = |error| Error::new(root, ErrorKind::Io(error));
    if !root.is_dir() {
        let cassette = accepted_path(root).unwrap_or_else(|| root.to_owned());
        if pending_path(&cassette).is_file() {
            found.push(cassette);
        } else {
            // A path that names nothing must not look like one with nothing pending.
            std::fs::symlink_metadata(&cassette).map_err(fail)?;
        }
        return Ok(());
    }
    for entry in std::fs::read_dir(root).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links are not followed: a loop of them has no end.
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            walk(&entry.path(), found)?;
        } else if kind.is_file()
            && name.ends_with(".new")
            && (name.ends_with(".json.new") || is_recording(&entry.path()).map_err(fail)?)
        {
            found.extend(accepted_path(&entry.path()));
        }
    }
    Ok(())
}

/// Whether a file begins as the recordings do that we write. Their names are the user's, and other
/// programs write `.new` files, too.
fn is_recording(path: &Path) -> std::io::Result<bool> {
    const ENOUGH: u64 = 64;
    let mut beginning = Vec::new();
    std::fs::File::open(path)?.take(ENOUGH).read_to_end(&mut beginning)?;
    Ok(looks_like_ours(&beginning))
}

/// `x.json` of `x.json.new`.
fn accepted_path(path: &Path) -> Option<PathBuf> {
    path.extension().is_some_and(|ending| ending == "new").then(|| path.with_extension(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_ones_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
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
}
