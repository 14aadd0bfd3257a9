//! What was found, and what of it was replaced.

use std::collections::BTreeMap;

/// What was replaced, and what the gate stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rules by id, and how often each replaced something.
    pub replaced: BTreeMap<String, u64>,
    /// What looked like a secret though no rule knew it.
    pub suspects: Vec<Finding>,
}

impl Report {
    /// The rules that replaced something, with how often each did: `password-name 1, subscription-id 2`; `None`
    /// where none did.
    #[must_use]
    pub fn rules(&self) -> Option<String> {
        let rules: Vec<_> = self.replaced.iter().map(|(rule, times)| format!("{rule} {times}")).collect();
        (!rules.is_empty()).then(|| rules.join(", "))
    }
}

/// Something that was found: where, never what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The interaction, from 0, in the order of the tape; `None`: in its head.
    pub interaction: Option<usize>,
    /// Where in it, such as `response.body.properties.key`, or `command[2]` in the head.
    pub place: String,
    /// The rule that found it.
    pub rule: String,
    /// The same number for the same value.
    pub value: usize,
}

impl Finding {
    /// The place as a path from the root of the cassette.
    #[must_use]
    pub fn path(&self) -> String {
        match self.interaction {
            Some(number) => format!("interactions[{number}].{}", self.place),
            None => self.place.clone(),
        }
    }
}
