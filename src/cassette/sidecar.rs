//! Large bodies lie in files of their own, `NAME.bodies/sha256-…` beside `NAME.json`: nobody
//! reviews them line by line, and the tape stays one that people can open.

use std::{
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{Body, Cassette, Error, ErrorKind, store::write_whole};

/// Larger bodies than this are put aside. Real ARM bodies are a few KB; a list may have some
/// hundred.
const LARGE: usize = 1024 * 1024;

/// The folder of a cassette's large bodies.
fn folder(cassette: &Path) -> PathBuf {
    // `x.json` and its pending `x.json.new` share it: names are hashes.
    let name = cassette.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".new").unwrap_or(&name);
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    cassette.with_file_name(format!("{stem}.bodies"))
}

fn bodies(cassette: &mut Cassette) -> impl Iterator<Item = (usize, &'static str, &mut Body)> {
    cassette.interactions.iter_mut().enumerate().flat_map(|(number, interaction)| {
        let answer = interaction.response.as_mut().map(|response| (number, "response", &mut response.body));
        [Some((number, "request", &mut interaction.request.body)), answer].into_iter().flatten()
    })
}

/// Writes large bodies to their files and leaves their names in the cassette.
pub(super) fn put_aside(cassette: &mut Cassette, path: &Path) -> io::Result<()> {
    for (_, _, body) in bodies(cassette) {
        let Some(bytes) = body.bytes().filter(|bytes| bytes.len() > LARGE) else { continue };
        let name = name_of(&bytes);
        let file = folder(path).join(&name);
        // One that is there may have been damaged since.
        if std::fs::read(&file).ok().as_deref() != Some(&bytes[..]) {
            write_whole(&file, &bytes)?;
        }
        *body = Body::Sidecar { name, size: bytes.len() as u64 };
    }
    Ok(())
}

/// Reads bodies that were put aside. A file that is absent, or is not what its name says, is an
/// error: a tape that answers something else than it recorded is none.
pub(super) fn bring_back(cassette: &mut Cassette, path: &Path) -> Result<(), Error> {
    for (number, side, body) in bodies(cassette) {
        let Body::Sidecar { name, size } = &*body else { continue };
        let file = folder(path).join(name);
        let wrong = |reason: String| {
            let json_path = format!("interactions[{number}].{side}.body.file");
            Error::new(path, ErrorKind::Sidecar { json_path, file: file.clone(), reason })
        };
        let bytes = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
        if bytes.len() as u64 != *size || name_of(&bytes) != *name {
            return Err(wrong("its content is not what its name says".to_owned()));
        }
        *body = Body::from_bytes(bytes.into());
    }
    Ok(())
}

/// Removes the bodies beside a cassette that neither it nor the recording that waits beside it names. Those
/// that could not be removed, and why.
#[cfg(feature = "cli")]
pub(crate) fn remove_unnamed_bodies(cassette: &Path) -> Vec<(PathBuf, io::Error)> {
    let folder = folder(cassette);
    let Ok(bodies) = std::fs::read_dir(&folder) else { return Vec::new() };
    let stem = folder.file_stem().unwrap_or_default().to_string_lossy();
    let named: String = ["", ".json", ".json.new"]
        .iter()
        .filter_map(|ending| std::fs::read_to_string(cassette.with_file_name(format!("{stem}{ending}"))).ok())
        .collect();
    let unnamed = bodies.flatten().filter(|body| !named.contains(&*body.file_name().to_string_lossy()));
    unnamed.filter_map(|body| Some((body.path(), std::fs::remove_file(body.path()).err()?))).collect()
}

fn name_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut name = "sha256-".to_owned();
    for byte in Sha256::digest(bytes) {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::{store, tests::example};

    #[test]
    fn a_large_body_lies_beside_the_tape_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tape.json");
        let mut cassette = example();
        let large = Body::Text("large ".repeat(LARGE / 6 + 1));
        cassette.interactions[1].request.body = large.clone();
        store(&cassette, &path, true, |_, _| false).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < 10_000);
        assert_eq!(Cassette::load(&path).unwrap(), cassette);

        let file = std::fs::read_dir(folder.path().join("tape.bodies")).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&file, "something else").unwrap();
        let error = Cassette::load(&path).unwrap_err().to_string();
        assert!(
            error.contains("interactions[1].request.body.file") && error.contains("not what its name says"),
            "{error}"
        );
        std::fs::remove_file(&file).unwrap();
        assert!(Cassette::load(&path).unwrap_err().to_string().contains("No such file"));
    }
}
