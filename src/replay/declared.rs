//! The values that a client chose on a tape: what they are called, and where they count.

use std::collections::BTreeSet;

use super::needles::Where;
use crate::{
    arm::Target,
    cassette::{Cassette, Origin},
};

/// A value that a client chose, and that another may choose otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// What it is called, such as `subscription`.
    pub(super) name: String,
    /// What stands on the tape.
    pub(super) taped: String,
    /// What a client is told that has not named its own value.
    pub(super) shown: String,
    /// Where the taped text counts.
    pub(super) place: Where,
    /// Whether it is the id of a subscription.
    pub(super) is_subscription: bool,
}

impl Variable {
    /// Where a client's value for it counts in the client's texts.
    pub(super) fn place_of(&self, value: &str) -> Where {
        if self.is_subscription && !is_telling(value) {
            Where::Subscription
        } else if self.place == Where::Anywhere && value.len() >= TELLING {
            Where::Anywhere
        } else {
            Where::Word
        }
    }

    /// Whether its values may be told: whose subscription and tenant it is, who asks, and what was named by the user
    /// (`--var`).
    pub(super) fn is_told(&self) -> bool {
        self.is_subscription || IDENTITIES.contains(&self.name.as_str()) || self.taped.starts_with('{')
    }
}

/// Kinds of stand-ins that are no secrets to whoever replays.
const IDENTITIES: [&str; 3] = ["tenant", "client", "principal"];

/// From this length on a text with digits in it is no word of a language.
const TELLING: usize = 8;

/// The kind of a stand-in for the id of a subscription, and what such a variable is called.
const SUBSCRIPTION: &str = "subscription";

/// Whether a value says by itself what it is: long, with several digits, not all the same.
fn is_telling(value: &str) -> bool {
    let digits: BTreeSet<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    value.len() >= TELLING && digits.len() >= 3
}

/// Whether a value is written as a GUID is.
fn is_id(value: &str) -> bool {
    value.len() == 36 && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// What may differ on a tape: subscriptions in the paths of requests, what was named while it was
/// recorded, and what stands for secrets that a request brought.
pub(super) fn declared(cassette: &Cassette) -> Vec<Variable> {
    let mut all: Vec<Variable> = Vec::new();
    for (name, value) in &cassette.variables {
        let taped = format!("{{{name}}}");
        all.push(Variable {
            name: name.clone(),
            taped,
            shown: value.clone(),
            place: Where::Anywhere,
            is_subscription: false,
        });
    }
    for stand_in in cassette.stand_ins.iter().filter(|stand_in| stand_in.origin == Origin::Request) {
        let (name, taped) = (stand_in.kind.clone(), stand_in.value.clone());
        let is_subscription = name == SUBSCRIPTION;
        // A zero GUID that another recorder put there stands for many things.
        let says_little = is_id(&taped) && !is_telling(&taped);
        let place = if says_little { Where::Subscription } else { Where::Word };
        if is_subscription || !says_little {
            all.push(Variable { name, shown: taped.clone(), taped, place, is_subscription });
        }
    }
    let mut known: BTreeSet<String> = all.iter().map(|variable| variable.taped.to_ascii_lowercase()).collect();
    for interaction in &cassette.interactions {
        let target = Target::parse(&interaction.request.target);
        let Some((_, id)) = subscription_in(raw_path(&target)) else { continue };
        if !id.is_empty() && !id.contains('{') && known.insert(id.to_ascii_lowercase()) {
            let (name, taped) = (SUBSCRIPTION.to_owned(), id.to_owned());
            let place = if is_telling(id) { Where::Word } else { Where::Subscription };
            all.push(Variable { name, shown: taped.clone(), taped, place, is_subscription: true });
        }
    }
    all
}

/// The id of the subscription that a path is in, and which segment it is.
pub(super) fn subscription_in(path: &str) -> Option<(usize, &str)> {
    let mut segments = path.split('/');
    let (before, word, id) = (segments.next()?, segments.next()?, segments.next()?);
    (before.is_empty() && word.eq_ignore_ascii_case("subscriptions")).then_some((2, id))
}

/// The path as it is split: with `//subscriptions` as `/subscriptions`, as [`Target::path_key`] has it.
pub(super) fn raw_path(target: &Target) -> &str {
    let path = target.path();
    match path.get(..15) {
        Some(start) if start.eq_ignore_ascii_case("//subscriptions") => &path[1..],
        _ => path,
    }
}
