//! Pending recordings are nobody's but the one's who made them: git should not see them.

use std::{
    io,
    path::{Path, PathBuf},
};

use globset::GlobBuilder;

use super::say::{self, Failure};
use crate::cassette::{folder_of, pending};

/// Whether nothing is pending in the folder of a cassette.
pub(super) fn is_first(cassette: &Path) -> bool {
    let folder = folder_of(cassette);
    pending(folder).is_ok_and(|pending| pending.is_empty())
}

/// Lets git ignore a pending recording if that is wanted; else, of the first one in a folder, says how.
pub(super) fn see_to(pending: &Path, first: bool, mend: bool) -> Result<(), Failure> {
    let Some(missing) = Unignored::of(pending).filter(|_| first || mend) else { return Ok(()) };
    let (line, file) = (&missing.line, missing.file.display());
    if mend {
        missing.mend().map_err(|error| Failure::machine(format!("{file}: {error}")))?;
        say::line(&format!("added to {file}: {line}"));
    } else {
        say::line(&format!(
            "git would commit it: `{line}` in {file} keeps pending recordings out (`--gitignore` adds it)"
        ));
    }
    Ok(())
}

/// A work tree of git in which a file lies that git would take for one to commit.
#[derive(Debug, PartialEq, Eq)]
struct Unignored {
    /// The `.gitignore` at the top of the work tree.
    file: PathBuf,
    /// The line that it lacks.
    line: String,
}

impl Unignored {
    /// Looks whether git would see this file; `None` where it would not, or where there is no git.
    fn of(path: &Path) -> Option<Self> {
        let path = std::path::absolute(path).ok()?;
        let top = path.ancestors().skip(1).find(|folder| folder.join(".git").exists())?;
        let mut ignored = false;
        // From the top down: what stands lower, and later, wins.
        let mut folders: Vec<&Path> = path.ancestors().skip(1).take_while(|folder| folder.starts_with(top)).collect();
        folders.reverse();
        let excluded = std::iter::once((top.join(".git/info/exclude"), top));
        for (file, folder) in excluded.chain(folders.iter().map(|folder| (folder.join(".gitignore"), *folder))) {
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            let below = path.strip_prefix(folder).ok()?;
            for line in text.lines() {
                if let Some(verdict) = verdict(line, below) {
                    ignored = verdict;
                }
            }
        }
        let line = if path.to_string_lossy().ends_with(".json.new") { "*.json.new" } else { "*.new" };
        (!ignored).then(|| Self { file: top.join(".gitignore"), line: line.to_owned() })
    }

    /// Adds the line.
    fn mend(&self) -> io::Result<()> {
        let mut text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&self.line);
        text.push('\n');
        std::fs::write(&self.file, text)
    }
}

/// What a line says of the file at `below`, seen from the line's folder: ignored, not ignored, or
/// nothing.
fn verdict(line: &str, below: &Path) -> Option<bool> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (pattern, ignores) = line.strip_prefix('!').map_or((line, true), |pattern| (pattern, false));
    let folder_only = pattern.ends_with('/');
    let pattern = pattern.trim_end_matches('/');
    let anchored = pattern.contains('/');
    let glob = GlobBuilder::new(pattern.trim_start_matches('/')).literal_separator(true).build().ok()?;
    let glob = glob.compile_matcher();
    // A folder that is ignored takes along what is in it.
    let fits = below.ancestors().enumerate().take_while(|(_, path)| !path.as_os_str().is_empty()).any(|(up, path)| {
        let name = if anchored { Some(path) } else { path.file_name().map(Path::new) };
        (up > 0 || !folder_only) && name.is_some_and(|name| glob.is_match(name))
    });
    fits.then_some(ignores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_ignore_file() {
        let below = Path::new("cassettes/deep/x.json.new");
        for line in ["*.json.new", "*.new", "cassettes/", "/cassettes", "cassettes/**/*.new", "deep", "**/x.json.new"] {
            assert_eq!(verdict(line, below), Some(true), "{line}");
        }
        for line in ["", "# *.new", "*.json", "/*.new", "cassettes/*.new", "x.json.new/", "/deep"] {
            assert_eq!(verdict(line, below), None, "{line}");
        }
        assert_eq!(verdict("!x.json.new", below), Some(false));
    }

    #[test]
    fn the_line_is_asked_for_where_git_would_see_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        std::fs::create_dir_all(top.join("tapes")).unwrap();
        let pending = top.join("tapes/x.json.new");
        assert_eq!(Unignored::of(&pending), None, "there is no git");
        std::fs::create_dir(top.join(".git")).unwrap();
        std::fs::write(top.join(".gitignore"), "/target").unwrap();
        let found = Unignored::of(&pending).unwrap();
        assert_eq!((found.line.as_str(), &found.file), ("*.json.new", &top.join(".gitignore")));
        found.mend().unwrap();
        assert_eq!(std::fs::read_to_string(top.join(".gitignore")).unwrap(), "/target\n*.json.new\n");
        assert_eq!(Unignored::of(&pending), None);
        std::fs::write(top.join("tapes/.gitignore"), "!*.new\n").unwrap();
        assert!(Unignored::of(&pending).is_some(), "a line further down wins");
        assert_eq!(Unignored::of(&top.join("x.tape.new")).unwrap().line, "*.new");
    }
}
