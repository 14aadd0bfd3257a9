//! What the project and the environment say, before anything is opened.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use crate::{
    cassette::{self, Used},
    config::{self, Config, Sections},
    record::Mode,
};

/// Why the settings cannot be read.
pub(super) enum Unread {
    /// The working directory is none.
    Machine(io::Error),
    /// The file says something that it cannot say.
    Settings(config::Error),
}

/// The settings of the project: the file in `ARMTAPE_CONFIG`, else the nearest `armtape.toml`.
pub(super) fn settings() -> Result<Sections, Unread> {
    let config = match set(config::CONFIG) {
        Some(file) => Config::load(file.into()),
        None => Config::find(&std::env::current_dir().map_err(Unread::Machine)?),
    };
    Ok(config.map_err(Unread::Settings)?.sections)
}

/// Puts cassettes on the list in the file that `ARMTAPE_USED` names, if it does.
pub(super) fn used<'a>(cassettes: impl IntoIterator<Item = &'a Path>) -> Result<(), cassette::Error> {
    set(config::USED).map_or(Ok(()), |list| Used::at(PathBuf::from(list)).add(cassettes))
}

/// What `ARMTAPE_MODE` says, else what the test does.
pub(super) fn mode(in_test: Mode) -> Result<Mode, String> {
    let variable = set(config::MODE).map(|mode| mode.to_string_lossy().into_owned());
    chosen(variable.as_deref(), in_test)
}

fn chosen(variable: Option<&str>, in_test: Mode) -> Result<Mode, String> {
    match variable {
        Some(mode) => mode.parse().map_err(|error| format!("`{}={mode}`: {error}", config::MODE)),
        None => Ok(in_test),
    }
}

/// A variable that says something.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_wins_over_the_test() {
        assert_eq!(chosen(None, Mode::Once), Ok(Mode::Once));
        assert_eq!(chosen(Some("new-episodes"), Mode::None), Ok(Mode::NewEpisodes));
        let wrong = chosen(Some("1"), Mode::None).unwrap_err();
        assert_eq!(wrong, "`ARMTAPE_MODE=1`: expected `none`, `once`, `new-episodes` or `all`");
    }
}
