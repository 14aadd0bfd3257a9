//! Seconds as they are typed.

use std::time::Duration;

/// Nobody waits longer. What is added to it stays a time.
const MOST: f64 = 10.0 * 365.0 * 24.0 * 3600.0;

/// A number of seconds, fractions among them.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|number| (0.0..=MOST).contains(number));
    number.map(Duration::from_secs_f64).ok_or_else(|| "expected a number of seconds, such as 60 or 0.5".to_owned())
}

/// A number of seconds above 0.
pub(super) fn limit(text: &str) -> Result<Duration, String> {
    let limit = seconds(text).ok().filter(|limit| !limit.is_zero());
    limit.ok_or_else(|| "a limit is a number of seconds above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_that_somebody_could_wait_is_refused() {
        assert_eq!(seconds("0.05"), Ok(Duration::from_millis(50)));
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        for wrong in ["-1", "1e19", "inf", "nan", "1s", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert!(limit("0").is_err() && limit("0.1").is_ok());
    }
}
