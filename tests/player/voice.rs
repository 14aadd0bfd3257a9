//! What one of several clients says in the place of what was recorded: a subscription of its own (on
//! a redacted tape also a tenant and other identities), and the ids of operations that it was handed.

use armtape::{arm::Target, cassette::Origin};

use crate::{recording::Recording, wire::Answered};

/// Headers that hand out the URL of an operation.
pub(crate) const POLLING: [&str; 3] = ["location", "azure-asyncoperation", "operation-location"];

/// Texts of the tape, with those of this client.
#[derive(Default)]
pub(crate) struct Voice(Vec<(String, String)>);

impl Voice {
    /// Client `number` of several: it has subscriptions of its own.
    pub(crate) fn of(recording: &Recording, number: usize) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for interaction in recording.interactions() {
            let path = Target::parse(&interaction.request.target).path().to_owned();
            let path = path.trim_start_matches('/');
            let Some(id) = path.strip_prefix("subscriptions/").and_then(|rest| rest.split('/').next()) else {
                continue;
            };
            if id.is_empty() || pairs.iter().any(|(taped, _)| taped.ends_with(id)) {
                continue;
            }
            let own = format!("{:08x}-5e55-4000-8000-{:012x}", 0xc0ff_ee00 + number, pairs.len());
            // Nothing but zeros, or a word, may stand for something else elsewhere.
            let says_all = id.bytes().filter(|byte| matches!(byte, b'1'..=b'9')).count() > 3;
            pairs.push(match says_all {
                true => (id.to_owned(), own),
                false => (format!("subscriptions/{id}"), format!("subscriptions/{own}")),
            });
        }
        for stand_in in &recording.cassette.stand_ins {
            let is_identity = ["subscription", "tenant", "client", "principal"].contains(&stand_in.kind.as_str());
            // A zero GUID may stand for anything.
            let is_of_armtape = stand_in.value.ends_with(|digit: char| digit != '0');
            let id = &stand_in.value;
            if !is_identity || stand_in.origin == Origin::Answer || !is_of_armtape || !id.contains("-4000-8000-") {
                continue;
            }
            if !pairs.iter().any(|(taped, _)| taped.ends_with(id)) {
                pairs.push((id.clone(), format!("{:08x}-5e55-4000-8000-{:012x}", 0xc0ff_ee00 + number, pairs.len())));
            }
        }
        Self(pairs)
    }

    /// Whether this client has anything of its own to say.
    pub(crate) fn is_of_its_own(&self) -> bool {
        !self.0.is_empty()
    }

    /// A text of the tape in this client's words.
    pub(crate) fn say(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (taped, own)| replace(&text, taped, own))
    }

    /// A text that this client was told in the words of the tape.
    fn back(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (taped, own)| replace(&text, own, taped))
    }

    /// The answer in the words of the tape, where `recorded` says how URLs look there.
    ///
    /// An id in a URL that is not the recorded one is this client's own from now on; it has to have
    /// the length of the recorded one.
    pub(crate) fn hear(&mut self, mut answered: Answered, recorded: impl Fn(&str) -> Vec<String>) -> Answered {
        for name in POLLING {
            for (taped, told) in recorded(name).iter().zip(answered.header(name)) {
                let told = self.back(&told);
                let words = |url: &str| -> Vec<String> { url.split(['/', '?', '&', '=']).map(str::to_owned).collect() };
                let pairs = words(taped).into_iter().zip(words(&told));
                self.0.extend(pairs.filter(|(taped, own)| taped != own && taped.len() == own.len()));
            }
        }
        answered.put(|text| self.back(text));
        answered
    }
}

/// Replaces without regard to case: ids are spelled in either.
fn replace(text: &str, from: &str, to: &str) -> String {
    let (lower, from) = (text.to_ascii_lowercase(), from.to_ascii_lowercase());
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    for (found, _) in lower.match_indices(&from) {
        replaced.push_str(&text[at..found]);
        replaced.push_str(to);
        at = found + from.len();
    }
    replaced.push_str(&text[at..]);
    replaced
}
