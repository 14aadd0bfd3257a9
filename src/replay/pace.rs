//! The two knobs of waiting (docs/replay.md): what the wire says of time, and how many running answers
//! are shown.

use std::{str::FromStr, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Finer forms of `Retry-After`, in milliseconds. Clients that know them ask them first.
const MILLISECONDS: [HeaderName; 2] =
    [HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-ms-retry-after-ms")];

/// What the wire says of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nobody waits: `Retry-After: 0` on the answer that starts an operation, 1 on running ones.
    #[default]
    Instant,
    /// As taped.
    Recorded,
    /// Taped times multiplied.
    Times(Factor),
}

/// What times are multiplied with: more than nothing, to six decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor {
    millionths: u64,
}

/// How many running answers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    /// As many as were taped.
    Recorded,
    /// So many, whatever was taped.
    Number(u32),
    /// As many as come before the operation's recorded duration, multiplied, has passed.
    Clock(Factor),
}

impl Factor {
    const ONE: u64 = 1_000_000;

    /// Whoever wants more than this has written the wrong unit.
    const MOST: f64 = 1_000.0;

    /// `None` unless it is a number from a millionth to a thousand.
    #[must_use]
    pub fn new(factor: f64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let millionths = (factor * Self::ONE as f64).round() as u64;
        (factor.is_finite() && factor <= Self::MOST && millionths > 0).then_some(Self { millionths })
    }

    /// A time, multiplied.
    #[must_use]
    pub fn of(self, time: Duration) -> Duration {
        let nanos = time.as_nanos() * u128::from(self.millionths) / u128::from(Self::ONE);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Whole seconds or milliseconds of a header, multiplied and rounded up, at least 1.
    fn of_header(self, units: u64) -> u64 {
        units.saturating_mul(self.millionths).div_ceil(Self::ONE).max(1)
    }
}

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "instant" => Ok(Self::Instant),
            "recorded" => Ok(Self::Recorded),
            factor => factor
                .parse()
                .ok()
                .and_then(Factor::new)
                .map(Self::Times)
                .ok_or_else(|| "expected `instant`, `recorded` or a factor, such as 0.01".to_owned()),
        }
    }
}

impl Polls {
    /// What a pace implies: a client that is not to wait sees no running answer.
    #[must_use]
    pub fn of(pace: Pace) -> Self {
        match pace {
            Pace::Instant => Self::Number(0),
            Pace::Recorded => Self::Recorded,
            Pace::Times(factor) => Self::Clock(factor),
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
    /// Whether time is another than the recorded one, so that nobody waits: gaps between requests show nothing
    /// then.
    #[must_use]
    pub fn is_accelerated(self) -> bool {
        self != Self::Recorded
    }

    /// Says of time what this pace says. `starts`: the accepted write of an operation; `running`: a
    /// poll before its end.
    pub(super) fn apply(self, headers: &mut HeaderMap, starts: bool, running: bool) {
        match self {
            Self::Recorded => {}
            // Without any a client would wait its own default before the first poll.
            Self::Instant if starts => set(headers, "0"),
            // 0 is "absent" to some clients, which then wait half a minute.
            Self::Instant if running => set(headers, "1"),
            Self::Instant => {}
            Self::Times(factor) => {
                let mut says = false;
                for name in MILLISECONDS.iter().chain([&header::RETRY_AFTER]) {
                    says |= headers.contains_key(name);
                    let taped = headers.get(name).and_then(|value| value.to_str().ok()?.trim().parse().ok());
                    if let Some(taped) = taped {
                        headers.insert(name, HeaderValue::from(factor.of_header(taped)));
                    }
                }
                // No factor shortens what a client waits of its own accord, half a minute and more.
                if !says && (starts || running) {
                    set(headers, "1");
                }
            }
        }
    }
}

fn set(headers: &mut HeaderMap, seconds: &'static str) {
    for name in &MILLISECONDS {
        headers.remove(name);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pace: &str, taped: &[(&'static str, &'static str)], starts: bool, running: bool) -> Vec<String> {
        let pairs = taped.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers: HeaderMap = pairs.collect();
        pace.parse::<Pace>().unwrap().apply(&mut headers, starts, running);
        let mut said: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name} {}", value.to_str().unwrap())).collect();
        said.sort();
        said
    }

    #[test]
    fn what_the_wire_says() {
        let taped = [("retry-after", "30"), ("x-ms-retry-after-ms", "30000")];
        assert_eq!(said("instant", &taped, true, false), ["retry-after 0"]);
        assert_eq!(said("instant", &[], false, true), ["retry-after 1"]);
        assert_eq!(said("instant", &taped, false, false), ["retry-after 30", "x-ms-retry-after-ms 30000"]);
        assert_eq!(said("recorded", &taped, true, false), ["retry-after 30", "x-ms-retry-after-ms 30000"]);
        assert_eq!(said("0.04", &taped, true, false), ["retry-after 2", "x-ms-retry-after-ms 1200"]);
        assert_eq!(said("0.0001", &taped, false, true), ["retry-after 1", "x-ms-retry-after-ms 3"]);
        assert_eq!(said("2", &[("retry-after", "0")], false, true), ["retry-after 1"]);
        assert_eq!(said("2", &[], false, true), ["retry-after 1"], "the clock ends it, not the client's own wait");
        assert_eq!(said("2", &[], true, false), ["retry-after 1"]);
        assert_eq!(said("2", &[], false, false), [""; 0], "nobody waits: nothing is said");
    }

    #[test]
    fn a_factor_is_more_than_nothing() {
        for wrong in ["0", "-1", "nan", "inf", "0.0000001", "1001", "fast", ""] {
            assert!(wrong.parse::<Pace>().is_err(), "{wrong}");
        }
        let factor = Factor::new(0.01).unwrap();
        assert_eq!(factor.of(Duration::from_secs(3_120)), Duration::from_millis(31_200));
    }
}
