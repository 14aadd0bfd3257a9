//! The command that runs one case again.

use super::Args;
use crate::cli::env::typed;

impl Args {
    /// The command that runs one case again.
    pub(super) fn again(&self, scenario: &str) -> String {
        let mut words = vec!["armtape".to_owned(), "check".to_owned()];
        words.extend(["--scenario".to_owned(), scenario.to_owned(), "--seed".to_owned(), self.seed.to_string()]);
        let flags = [
            ("--slow", self.slow),
            ("--plain-http", self.plain_http),
            ("--strict-sdk", self.strict_sdk),
            ("--worker", self.worker),
        ];
        for (flag, is_set) in flags {
            words.extend(is_set.then(|| flag.to_owned()));
        }
        if (self.interval - 1.0).abs() > f64::EPSILON {
            words.extend(["--interval".to_owned(), self.interval.to_string()]);
        }
        for (flag, value) in [
            ("--timeout", self.timeout.map(|limit| limit.to_string())),
            ("--resource-id", self.resource_id.clone()),
            ("--api-version", self.api_version.clone()),
            ("--body", self.body.as_ref().map(|path| path.display().to_string())),
        ] {
            words.extend(value.map(|value| [flag.to_owned(), value]).into_iter().flatten());
        }
        words.push("--".to_owned());
        words.extend(self.command.iter().cloned());
        words.iter().map(|word| typed(word)).collect::<Vec<_>>().join(" ")
    }
}
