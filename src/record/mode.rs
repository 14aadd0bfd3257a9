//! What a recorder does with the cassette that is there.

use std::str::FromStr;

use serde::Deserialize;

/// What a recorder does with the cassette that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Never records: replays it, and a miss is an error.
    None,
    /// Records where there is none, and then never again.
    Once,
    /// Answers from it, and records what is not on it.
    NewEpisodes,
    /// Records everything anew.
    #[default]
    All,
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "once" => Ok(Self::Once),
            "new-episodes" => Ok(Self::NewEpisodes),
            "all" => Ok(Self::All),
            _ => Err("expected `none`, `once`, `new-episodes` or `all`".to_owned()),
        }
    }
}
