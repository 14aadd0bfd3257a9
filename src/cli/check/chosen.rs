//! `--scenario`: some of those in the binary, or those of a file.

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use globset::Glob;

use crate::{
    cli::say::Failure,
    simulate::scenario::{self, Scenario},
};

/// Which scenarios are meant.
#[derive(Clone, Debug)]
pub(in crate::cli) enum Chosen {
    /// Those in the binary, or those whose id fits.
    Glob(Option<Glob>),
    /// Those of a file, or some of them.
    File {
        /// The file.
        path: PathBuf,
        /// Which of them.
        glob: Option<Glob>,
    },
}

impl FromStr for Chosen {
    type Err = globset::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((path, glob)) = text.rsplit_once(".toml:") {
            return Ok(Self::File { path: format!("{path}.toml").into(), glob: Some(Glob::new(glob)?) });
        }
        if text.ends_with(".toml") {
            return Ok(Self::File { path: text.into(), glob: None });
        }
        Ok(Self::Glob(Some(Glob::new(text)?)))
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glob(Some(glob)) => glob.fmt(f),
            Self::Glob(None) => f.write_str("*"),
            Self::File { path, glob: None } => path.display().fmt(f),
            Self::File { path, glob: Some(glob) } => write!(f, "{}:{glob}", path.display()),
        }
    }
}

impl Chosen {
    /// All of those in the binary, and whatever else there is.
    pub(super) fn every() -> Self {
        Self::Glob(None)
    }

    pub(super) fn glob(&self) -> Option<&Glob> {
        match self {
            Self::Glob(glob) | Self::File { glob, .. } => glob.as_ref(),
        }
    }

    /// The file of this scenario; where there are `others`, only if it is in it.
    pub(super) fn file_of(&self, scenario: &str, others: bool) -> Option<&Path> {
        let Self::File { path, .. } = self else { return None };
        let holds = || self.scenarios().is_ok_and(|held| held.iter().any(|one| one.name() == scenario));
        (!others || holds()).then_some(path)
    }

    /// Those of the file, if one is meant.
    pub(super) fn scenarios(&self) -> Result<Cow<'static, [Scenario]>, Failure> {
        let Self::File { path, .. } = self else { return Ok(scenario::all().into()) };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        let scenarios = scenario::read(&name, &text)
            .map_err(|error| Failure::usage(error.to_string()).hint("docs/scenarios.md describes the keys"))?;
        Ok(scenarios.into())
    }
}
