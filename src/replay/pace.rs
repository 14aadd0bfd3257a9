//! The two knobs of waiting (design: how many running answers, and what the wire says of time).

use std::str::FromStr;

/// What the wire says of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nobody waits: `Retry-After: 0` on the answer that starts an operation, 1 on running ones.
    #[default]
    Instant,
    /// As taped.
    Recorded,
}

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "instant" => Ok(Self::Instant),
            "recorded" => Ok(Self::Recorded),
            _ => Err("expected `instant` or `recorded`".to_owned()),
        }
    }
}

/// How many running answers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    /// As many as were taped.
    Recorded,
    /// So many, whatever was taped.
    Number(u32),
}

impl Polls {
    /// What a pace implies: a client that is not to wait sees no running answer.
    #[must_use]
    pub fn of(pace: Pace) -> Self {
        match pace {
            Pace::Instant => Self::Number(0),
            Pace::Recorded => Self::Recorded,
        }
    }
}

impl FromStr for Polls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "recorded" => Ok(Self::Recorded),
            number => number.parse().map(Self::Number).map_err(|_| "expected `recorded` or a number".to_owned()),
        }
    }
}

impl Pace {
    /// What `Retry-After` becomes: `None` leaves the headers as they were taped.
    ///
    /// `starts`: the accepted write of an operation; `running`: a poll before its end.
    #[must_use]
    pub(super) fn retry_after(self, starts: bool, running: bool) -> Option<&'static str> {
        match self {
            Self::Recorded => None,
            // Without any a client would wait its own default before the first poll.
            Self::Instant if starts => Some("0"),
            // 0 is "absent" to some clients, which then wait half a minute.
            Self::Instant if running => Some("1"),
            Self::Instant => None,
        }
    }
}
