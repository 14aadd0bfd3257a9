//! What the file and the environment say, before anything is opened.

use std::path::{Path, PathBuf};

use super::say::Failure;
use crate::{
    config::{self, Config},
    redact::RuleError,
};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Settings {
    /// Read this file instead of the nearest `armtape.toml` (docs/config.md)
    #[arg(long, value_name = "FILE", env = config::CONFIG)]
    config: Option<PathBuf>,
}

impl Settings {
    pub(super) fn read(&self) -> Result<Config, Failure> {
        match &self.config {
            Some(path) => Ok(Config::load(path.clone())?),
            None => {
                let here = std::env::current_dir();
                let here = here.map_err(|error| Failure::machine(format!("the working directory: {error}")))?;
                let mut config = Config::find(&here)?;
                // As the user would name it.
                if let Some(path) = &mut config.path
                    && let Ok(below) = path.strip_prefix(&here).map(Path::to_owned)
                {
                    *path = below;
                }
                Ok(config)
            }
        }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self::usage(error.to_string()).hint(error.hint)
    }
}

impl From<RuleError> for Failure {
    fn from(error: RuleError) -> Self {
        Self::usage(format!("`[redact]`: {error}")).hint("docs/secrets.md names the rules and shows how one is written")
    }
}
