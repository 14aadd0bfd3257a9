//! What can be wrong with the file: file, line, key, what was expected, what was likely meant.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The file cannot be read, or says something that it cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// From 1; `None` where the file as a whole is meant.
    pub line: Option<usize>,
    /// What is wrong there.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Error {
    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            message: error.to_string(),
            hint: "check the path and the permissions".to_owned(),
        }
    }

    pub(super) fn encoding(path: &Path, error: &std::string::FromUtf8Error) -> Self {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Self {
            path: path.to_owned(),
            line: Some(before.iter().filter(|byte| **byte == b'\n').count() + 1),
            message: "not UTF-8".to_owned(),
            hint: "save the file as UTF-8".to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path.display(), self.message),
            None => write!(f, "{}: {}", self.path.display(), self.message),
        }
    }
}

impl std::error::Error for Error {}

const HINT: &str = "docs/config.md describes every key";

/// In our words what the parser found. `key` is the path of the key as far as it is known.
pub(super) fn explain(fault: &toml::de::Error, key: &str, text: &str, path: &Path) -> Error {
    let before = fault.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| before.matches('\n').count() + 1);
    let (message, hint) = match Unknown::read(fault.message()) {
        Some(unknown) => unknown.words(key),
        None if matches!(key, "" | ".") => (format!("not valid TOML: {}", fault.message()), HINT.to_owned()),
        // serde's word for what TOML calls an array.
        None => (format!("`{key}`: {}", fault.message().replace("a sequence", "an array")), HINT.to_owned()),
    };
    Error { path: path.to_owned(), line, message, hint }
}

/// A key or a word that is none of those that can stand there. serde knows them all, and so says
/// them for every section that is added; it says them in words alone.
struct Unknown<'a> {
    kind: &'static str,
    found: &'a str,
    expected: Vec<&'a str>,
}

impl<'a> Unknown<'a> {
    fn read(message: &'a str) -> Option<Self> {
        let (kind, rest) = match message.strip_prefix("unknown field ") {
            Some(rest) => ("key", rest),
            None => ("value", message.strip_prefix("unknown variant ")?),
        };
        // What was found may hold any letter, a backtick as well; what is expected may not.
        let (found, expected) = rest.rsplit_once(", expected ").or_else(|| rest.rsplit_once(", there are no "))?;
        let found = found.strip_prefix('`')?.strip_suffix('`')?;
        Some(Self { kind, found, expected: expected.split('`').skip(1).step_by(2).collect() })
    }

    fn words(&self, key: &str) -> (String, String) {
        let Self { kind, found, expected } = self;
        let place = match *kind {
            "key" => key.strip_suffix(found).unwrap_or(key).trim_end_matches('.'),
            _ => key,
        };
        let place = match (*kind, place) {
            (_, "") => String::new(),
            ("key", section) => format!(" in `[{section}]`"),
            (_, key) => format!(" for `{key}`"),
        };
        let list = expected.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let hint = match nearest(found, expected) {
            Some(meant) if expected.len() > 1 => format!("did you mean `{meant}`? Possible are {list}"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("possible are {list} (docs/config.md)"),
        };
        (format!("unknown {kind} `{found}`{place}"), hint)
    }
}

/// The word that was likely meant: at most a third of its letters differ.
fn nearest<'a>(found: &str, words: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase().replace('_', "-");
    let distance = |word: &str| strsim::damerau_levenshtein(&found, word);
    let word = words.iter().min_by_key(|word| distance(word))?;
    (distance(word) <= (word.chars().count() / 3).max(1)).then_some(word)
}
