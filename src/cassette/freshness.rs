//! `[freshness]`: how old a cassette may become.

use std::fmt;

use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;

/// How old a cassette may become, and what is said of one that is older.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Freshness {
    /// How long after its recording a cassette is stale; never, where this is not said.
    pub after: Option<Age>,
    /// What a stale one is.
    pub stale: Stale,
}

/// What a stale cassette is to `armtape status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stale {
    /// Something that is told.
    #[default]
    Warn,
    /// A finding.
    Fail,
}

/// So many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Age {
    days: u32,
}

impl TryFrom<String> for Age {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no age such as `90d` or `12w`");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let days = match unit {
            "d" => 1,
            "w" => 7,
            _ => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        // A thousand years, and no sum of it overflows.
        let days = number.checked_mul(days).filter(|days| *days <= 365_000).ok_or_else(wrong)?;
        Ok(Self { days })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days {
            1 => f.write_str("1 day"),
            days => write!(f, "{days} days"),
        }
    }
}

impl Freshness {
    /// How old a recording is, where that is older than it may be. `recorded` is when it was made, as
    /// [`super::Cassette::recorded`] says it; without a date nothing is known, and nothing is said.
    #[must_use]
    pub fn too_old(&self, recorded: Option<&str>, now: Timestamp) -> Option<Age> {
        let most = self.after?;
        let recorded: Timestamp = recorded?.parse().ok()?;
        let hours = now.duration_since(recorded).as_hours();
        let days = u32::try_from(hours / 24).ok()?;
        let ends = recorded.checked_add((i64::from(most.days) * 24).hours()).ok()?;
        (ends < now).then_some(Age { days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(text: &str) -> Result<Age, String> {
        Age::try_from(text.to_owned())
    }

    #[test]
    fn an_age_is_a_number_of_days_or_weeks() {
        assert_eq!(age("90d").unwrap().to_string(), "90 days");
        assert_eq!(age("1d").unwrap().to_string(), "1 day");
        assert_eq!(age("2w"), age("14d"));
        for text in ["", "d", "90", "-1d", "1.5d", "90 d", "4294967295w", "999999d", "ü", "9é"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_recording_is_too_old_the_moment_its_days_are_over() {
        let fresh = |after: &str| Freshness { after: Some(age(after).unwrap()), stale: Stale::Warn };
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let old = |freshness: &Freshness, recorded| freshness.too_old(recorded, now).map(|age| age.to_string());
        assert_eq!(old(&fresh("90d"), Some("2026-08-30T12:00:00Z")), None);
        assert_eq!(old(&fresh("90d"), Some("2026-08-30T11:59:59Z")).as_deref(), Some("90 days"));
        assert_eq!(old(&fresh("1w"), Some("2026-08-30T00:00:00Z")).as_deref(), Some("90 days"));
        assert_eq!(old(&fresh("0d"), Some("2026-11-28T11:59:59Z")).as_deref(), Some("0 days"));
        for recorded in [None, Some("yesterday"), Some("2027-01-01T00:00:00Z")] {
            assert_eq!(old(&fresh("90d"), recorded), None, "{recorded:?}");
        }
        assert_eq!(old(&Freshness::default(), Some("1999-01-01T00:00:00Z")), None);
    }
}
