//! The flags that change what is played and judged, and the command that runs one case again.

use std::time::Duration;

use super::{Args, args::BodyMatch};
use crate::{check, cli::env::typed, simulate::generated::Recipe};

impl Args {
    /// The flags that choose among the cases.
    fn choice(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.scenario.iter().flat_map(|chosen| ["--scenario".to_owned(), chosen.to_string()]));
        if !self.operations.is_empty() {
            let names: Vec<String> = self.operations.iter().map(ToString::to_string).collect();
            words.extend(["--operations".to_owned(), names.join(",")]);
        }
        words.extend(self.cases.iter().flat_map(|cases| ["--cases".to_owned(), cases.to_string()]));
        words.extend(self.recipe.iter().flat_map(|recipe| ["--recipe".to_owned(), check::recipe_text(recipe)]));
        words.extend(self.quick.then(|| "--quick".to_owned()));
        words
    }

    /// The flags that say how a case is played and judged.
    fn manner(&self) -> Vec<String> {
        let flags = [
            ("--slow", self.slow),
            ("--plain-http", self.plain_http),
            ("--via-proxy", self.via_proxy),
            ("--strict-sdk", self.strict_sdk),
            ("--worker", self.worker),
            ("--body-match=typed", self.body_match == BodyMatch::Typed),
        ];
        let mut words: Vec<String> =
            flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag.to_owned()).collect();
        let interval = Some(self.interval).filter(|interval| *interval != Duration::from_secs(1));
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        for (flag, value) in [
            ("--interval", interval.map(seconds)),
            ("--timeout", self.timeout.map(seconds)),
            ("--from", self.from.as_ref().map(|path| path.display().to_string())),
            ("--resource-id", self.resource_id.clone()),
            ("--api-version", self.api_version.clone()),
            ("--body", self.body.as_ref().map(|path| path.display().to_string())),
        ] {
            words.extend(value.map(|value| [flag.to_owned(), value]).into_iter().flatten());
        }
        words.extend(self.skip_rule.iter().flat_map(|rule| ["--skip-rule".to_owned(), rule.clone()]));
        words
    }

    /// The flags that change what comes of a campaign: what reports that are merged must share.
    pub(super) fn options(&self) -> Vec<String> {
        [self.choice(), self.manner()].concat()
    }

    /// The command that runs one case again.
    pub(super) fn again(&self, scenario: &str) -> String {
        let file = self.scenario.iter().find_map(|chosen| chosen.file_of(scenario, self.scenario.len() > 1));
        let scenario = file.map_or_else(|| scenario.to_owned(), |path| format!("{}:{scenario}", path.display()));
        let mut words = vec!["--scenario".to_owned(), scenario.clone()];
        // Which services are generated depends on what may be asked for.
        if check::read_name(&scenario).is_some() && !self.operations.is_empty() {
            let names: Vec<String> = self.operations.iter().map(ToString::to_string).collect();
            words.extend(["--operations".to_owned(), names.join(",")]);
        }
        self.typed(words)
    }

    /// The command that plays one generated service again, whatever it was made of.
    pub(super) fn again_recipe(&self, recipe: &Recipe) -> String {
        self.typed(vec!["--recipe".to_owned(), check::recipe_text(recipe)])
    }

    fn typed(&self, which: Vec<String>) -> String {
        let mut words = vec!["armtape".to_owned(), "check".to_owned()];
        words.extend(which);
        words.extend(["--seed".to_owned(), self.seed.to_string()]);
        words.extend(self.manner());
        words.push("--".to_owned());
        words.extend(self.command.iter().cloned());
        words.iter().map(|word| typed(word)).collect::<Vec<_>>().join(" ")
    }
}
