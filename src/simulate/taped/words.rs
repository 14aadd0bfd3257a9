//! What a tape and its replay call differently: ids of operations, signatures, and what a recorder put
//! in the place of a part of a path.

use crate::{
    arm::{self, Target},
    cassette::Interaction,
    simulate::scenario::like,
};

/// The words of an operation that are not the replay's.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// Drawn by the service, the longest first.
    drawn: Vec<String>,
    /// What stands in the write's path and cannot be asked, with what is asked.
    renamed: Vec<(String, String)>,
}

/// A path as it can be asked: other recorders leave `<SUBSCRIPTION_ID>` in it.
pub(super) fn askable(path: &str) -> String {
    path.replace(['<', '>', '{', '}'], "")
}

impl Words {
    pub(super) fn of(operation: &arm::Operation, interactions: &[Interaction], path: &str) -> Self {
        let mut drawn = arm::names_of(operation, interactions);
        let places: Vec<String> = operation.urls.iter().filter_map(|url| location(url)).collect();
        drawn.retain(|word| !word.contains(['$', '{', '}']) && !places.contains(word));
        let segments = path.split('/').filter(|segment| askable(segment) != **segment);
        let mut renamed: Vec<(String, String)> =
            segments.map(|segment| (segment.to_owned(), askable(segment))).collect();
        renamed.dedup();
        Self { drawn, renamed }
    }

    /// A recorded text as a template: what is drawn anew has its place in it, and all else is as it was.
    pub(super) fn template(&self, text: &str) -> String {
        let mut template = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (instead, length) = if let Some(word) = self.drawn.iter().find(|word| rest.starts_with(*word)) {
                (like(word), word.len())
            } else if let Some((taped, asked)) = self.renamed.iter().find(|(taped, _)| rest.starts_with(taped)) {
                (asked.clone(), taped.len())
            } else if rest.starts_with("${") {
                ("${dollar}".to_owned(), 1)
            } else {
                (letter.to_string(), letter.len_utf8())
            };
            template.push_str(&instead);
            rest = &rest[length..];
        }
        template
    }
}

/// The place that a URL names behind `locations`: `eastus2(stage)` looks drawn and is not.
fn location(url: &str) -> Option<String> {
    let target = arm::Url::parse(url).map_or_else(|| Target::parse(url), |url| url.target);
    let mut segments = target.path().split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case("locations"))?;
    segments.next().map(str::to_owned)
}
