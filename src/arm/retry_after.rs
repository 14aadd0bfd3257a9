//! How long a service asks a client to wait.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::cassette::Headers;

/// What an answer says about the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after the answer.
    Delay(Duration),
    /// Not before this moment. Not in ARM's contract, but legal HTTP (S-11, A-16).
    Until(Timestamp),
}

impl RetryAfter {
    /// Reads the first of `retry-after-ms`, `x-ms-retry-after-ms` and `retry-after` that can be read;
    /// the finer ones first, as the SDKs do.
    #[must_use]
    pub fn of(headers: &Headers) -> Option<Self> {
        let milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"]
            .into_iter()
            .find_map(|name| headers.get_all(name).iter().find_map(|value| whole_number(value)))
            .map(|milliseconds| Self::Delay(Duration::from_millis(milliseconds)));
        milliseconds.or_else(|| headers.get_all("retry-after").iter().find_map(|value| Self::parse(value)))
    }

    /// Reads a value of `retry-after`: whole seconds or an HTTP date.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match whole_number(value) {
            Some(seconds) => Some(Self::Delay(Duration::from_secs(seconds))),
            None => http_date(value).map(Self::Until),
        }
    }

    /// How long to wait from `now` on, `now` being the moment of the answer. A date that has passed
    /// is no wait.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Duration {
        match self {
            Self::Delay(delay) => *delay,
            Self::Until(moment) => moment.duration_since(now).try_into().unwrap_or(Duration::ZERO),
        }
    }
}

/// A date of HTTP in the one form that may be sent (RFC 9110 section 5.6.7), such as
/// `Wed, 31 Oct 2018 09:35:43 GMT`.
#[must_use]
pub fn http_date(value: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", value.trim()).ok()?;
    TimeZone::UTC.to_timestamp(date).ok()
}

/// Digits alone: no sign, no fraction.
fn whole_number(value: &str) -> Option<u64> {
    let value = value.trim();
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| value.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Option<RetryAfter> {
        RetryAfter::of(&pairs.iter().copied().collect())
    }

    #[test]
    fn seconds_and_milliseconds() {
        assert_eq!(of(&[("Retry-After", " 17 ")]), Some(RetryAfter::Delay(Duration::from_secs(17))));
        assert_eq!(of(&[("Retry-After", "0")]), Some(RetryAfter::Delay(Duration::ZERO)));
        let both = [("Retry-After", "17"), ("x-ms-retry-after-ms", "250")];
        assert_eq!(of(&both), Some(RetryAfter::Delay(Duration::from_millis(250))));
        let three = [("Retry-After", "17"), ("x-ms-retry-after-ms", "250"), ("retry-after-ms", "90")];
        assert_eq!(of(&three), Some(RetryAfter::Delay(Duration::from_millis(90))));
    }

    #[test]
    fn a_date_counts_from_the_answer() {
        let until = of(&[("Retry-After", "Wed, 31 Oct 2018 09:35:43 GMT")]).unwrap();
        let now = http_date("Wed, 31 Oct 2018 09:35:40 GMT").unwrap();
        assert_eq!(until.wait(now), Duration::from_secs(3));
        assert_eq!(until.wait(http_date("Wed, 31 Oct 2018 10:00:00 GMT").unwrap()), Duration::ZERO);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for value in ["", "-1", "1.5", "soon", "99999999999999999999999", "Mon, 31 Oct 2018 09:35:43 GMT", "١"] {
            assert_eq!(of(&[("Retry-After", value)]), None, "{value}");
        }
        let pairs = [("retry-after-ms", "x"), ("Retry-After", "5")];
        assert_eq!(of(&pairs), Some(RetryAfter::Delay(Duration::from_secs(5))));
    }
}
