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

/// What becomes of a run in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// The cassette is replayed.
    Replay,
    /// Everything is recorded.
    Record,
    /// The cassette answers what it knows, the rest is recorded.
    Extend,
}

impl Mode {
    /// What is done where a cassette is there, or is not.
    #[must_use]
    pub fn course(self, is_there: bool) -> Course {
        match (self, is_there) {
            (Self::None, _) | (Self::Once, true) => Course::Replay,
            (Self::NewEpisodes, true) => Course::Extend,
            (Self::All, _) | (Self::Once | Self::NewEpisodes, false) => Course::Record,
        }
    }
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
