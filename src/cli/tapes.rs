//! Cassettes that a user means: files, folders, and patterns of them.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use super::say::Failure;
use crate::{
    cassette::{Cassette, accepted, pending_path},
    check::Seeded,
};

/// Where `record` puts cassettes unless told otherwise.
pub(super) const FOLDER: &str = "cassettes";

/// The accepted cassettes that are meant, sorted, each once. A word that names a file or a folder means
/// that one; another is a pattern, which a shell may have left as it is.
pub(super) fn meant(words: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for word in words {
        let path = Path::new(word);
        let is_pattern = word.contains(['*', '?', '[', '{']) && path.symlink_metadata().is_err();
        let here = if is_pattern { fitting(word)? } else { accepted(path)? };
        if here.is_empty() {
            return Err(Failure::usage(format!("there is no accepted cassette of armtape's at `{word}`"))
                .hint("name a cassette, a folder of them or a pattern such as 'cassettes/create-*.json'"));
        }
        found.extend(here);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn fitting(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob
        .map_err(|error| Failure::usage(error.to_string()).hint("for example 'cassettes/create-*.json'"))?
        .compile_matcher();
    // Down to the first folder that is no plain name.
    let plain = |part: &&str| !part.contains(['*', '?', '[', '{']);
    let parts: Vec<&str> = pattern.split('/').collect();
    let folder = parts[..parts.len() - 1].iter().copied().take_while(plain).collect::<Vec<_>>().join("/");
    let folder = match (folder.as_str(), pattern.starts_with('/')) {
        ("", true) => PathBuf::from("/"),
        ("", false) => PathBuf::from("."),
        (folder, _) => PathBuf::from(folder),
    };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = accepted(&folder)?;
    for path in &mut found {
        // A pattern does not begin with `./`, and so the names that it fits do not.
        if let Ok(bare) = path.strip_prefix(".").map(Path::to_owned) {
            *path = bare;
        }
    }
    found.retain(|path| glob.is_match(path));
    Ok(found)
}

/// Why a cassette is none that its command is run for again: what it needs, `check` alone gives it.
pub(super) const OF_CHECK: &str = "a case of `armtape check`, which plays it first";

/// Whether a cassette is the kept case of a check, and no recording.
pub(super) fn is_of_check(cassette: &Cassette) -> bool {
    Seeded::of(cassette).is_some()
}

/// Whether what waits beside a cassette is the kept case of a check.
pub(super) fn keeps_case(path: &Path) -> bool {
    Cassette::load(&pending_path(path)).is_ok_and(|cassette| is_of_check(&cassette))
}

/// The command that made a cassette, with the recorded values in the place of its variables. Empty
/// where it was made by hand, or by another tool.
pub(super) fn command(cassette: &Cassette) -> Vec<String> {
    let fill = |word: &String| {
        cassette.variables.iter().fold(word.clone(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
    };
    cassette.command.iter().map(fill).collect()
}
