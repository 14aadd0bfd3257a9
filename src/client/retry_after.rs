//! How long a service asks to be left alone.

use std::time::Duration;

use http::{
    HeaderMap,
    header::{DATE, HeaderName, RETRY_AFTER},
};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// Waits in milliseconds, which ARM services send beside or instead of the standard header.
const MILLISECONDS: [HeaderName; 2] =
    [HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-ms-retry-after-ms")];

/// A longer wait is as good as for ever, and sums of it don't overflow (SC-127).
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The wait that the headers ask for; `None` where they ask for none or can't be read (LRO-C-23).
/// A date counts from the service's own `Date`, so that clocks need not agree, else from `wall`.
pub(super) fn retry_after(headers: &HeaderMap, wall: Option<Timestamp>) -> Option<Duration> {
    let milliseconds = MILLISECONDS.iter().find_map(|name| number(headers.get(name)?.to_str().ok()?));
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds).min(LONGEST));
    }
    let from = || headers.get(DATE).and_then(|date| instant(date.to_str().ok()?)).or(wall);
    // The longest of several, which satisfies them all (SC-129).
    headers.get_all(RETRY_AFTER).iter().filter_map(|value| wait(value.to_str().ok()?, from)).max()
}

fn wait(text: &str, from: impl FnOnce() -> Option<Timestamp>) -> Option<Duration> {
    if let Some(seconds) = number(text) {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let wait = instant(text)?.duration_since(from()?);
    // A date in the past means now.
    Some(Duration::try_from(wait).unwrap_or_default().min(LONGEST))
}

/// A number without sign, fraction or anything else; one that is too large counts as the largest.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn instant(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(pairs: &[(&str, &str)]) -> Option<f64> {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let wall = "2026-02-03T10:00:00Z".parse().unwrap();
        retry_after(&headers, Some(wall)).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(seconds(&[("retry-after", "17")]), Some(17.0));
        assert_eq!(seconds(&[("retry-after", "0")]), Some(0.0));
        assert_eq!(seconds(&[("retry-after", "Tue, 03 Feb 2026 10:00:12 GMT")]), Some(12.0));
        assert_eq!(seconds(&[("retry-after", "Tue, 03 Feb 2026 09:00:12 GMT")]), Some(0.0));
        assert_eq!(seconds(&[("retry-after-ms", "1500"), ("retry-after", "9")]), Some(1.5));
        assert_eq!(seconds(&[("x-ms-retry-after-ms", "250")]), Some(0.25));
        assert_eq!(seconds(&[("retry-after", "10"), ("retry-after", "20")]), Some(20.0));
        assert_eq!(seconds(&[("retry-after", "abc"), ("retry-after", "20")]), Some(20.0));
    }

    #[test]
    fn counts_a_date_from_the_clock_of_the_service() {
        let ours_is_slow =
            [("date", "Tue, 03 Feb 2026 11:00:00 GMT"), ("retry-after", "Tue, 03 Feb 2026 11:00:12 GMT")];
        assert_eq!(seconds(&ours_is_slow), Some(12.0));
    }

    #[test]
    fn ignores_what_is_no_wait_and_survives_what_is_too_long() {
        for text in ["", "-5", "abc", "/bar", "1.5", "+3", "1 2"] {
            assert_eq!(seconds(&[("retry-after", text)]), None, "{text:?}");
        }
        for text in ["99999999999", "99999999999999999999999"] {
            assert_eq!(seconds(&[("retry-after", text)]), Some(LONGEST.as_secs_f64()), "{text:?}");
        }
    }
}
