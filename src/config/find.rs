//! The file: found upwards, read, and its settings.

use std::path::{Path, PathBuf};

use super::{Error, FILE, Sections, error};

/// What the file says; the defaults, where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The file; `None` where there is none.
    pub path: Option<PathBuf>,
    /// What is in it.
    pub sections: Sections,
}

impl Config {
    /// Reads the nearest `armtape.toml` in `folder` and the folders above it.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read, or says something that it cannot say.
    pub fn find(folder: &Path) -> Result<Self, Error> {
        match folder.ancestors().map(|folder| folder.join(FILE)).find(|path| path.symlink_metadata().is_ok()) {
            Some(path) => Self::load(path),
            None => Ok(Self::default()),
        }
    }

    /// Reads this file.
    ///
    /// # Errors
    ///
    /// As [`Config::find`].
    pub fn load(path: PathBuf) -> Result<Self, Error> {
        let bytes = std::fs::read(&path).map_err(|error| Error::io(&path, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| Error::encoding(&path, &error))?;
        Ok(Self { sections: parse(&text, &path)?, path: Some(path) })
    }
}

/// Reads the text of a file; `path` is for messages alone.
pub(super) fn parse(text: &str, path: &Path) -> Result<Sections, Error> {
    let deserializer = toml::Deserializer::parse(text).map_err(|fault| error::explain(&fault, "", text, path))?;
    serde_path_to_error::deserialize(deserializer)
        .map_err(|fault| error::explain(fault.inner(), &fault.path().to_string(), text, path))
}
