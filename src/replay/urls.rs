//! The polling URLs that a tape hands out: whose they are, what they are asked for, and whether one
//! came back as it was given.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use crate::{
    arm::{Operation, Polled, Target, Url},
    cassette::Interaction,
};

/// A URL that was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HandedOut {
    pub(super) operation: usize,
    /// By which header, the more telling one if by several.
    pub(super) polled: Polled,
}

/// How a polling URL came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// As it was handed out, or as the recorded client asked.
    AsGiven,
    /// With another api-version, or with another spelling of the same bytes (LRO-C-16, LRO-C-17).
    Respelled,
    /// Otherwise: with something added, missing, moved, or in other case.
    Changed,
}

/// Every polling URL of a tape.
#[derive(Debug, Default)]
pub(super) struct Urls {
    /// By path and query without the api-version, which some clients put their own in.
    known: HashMap<(String, Vec<(String, String)>), HandedOut>,
    /// Targets as they were handed out or asked, letter by letter.
    exact: HashSet<u64>,
    /// The same as [`respelled`].
    lenient: HashSet<u64>,
}

impl Urls {
    pub(super) fn of(interactions: &[Interaction], operations: &[Operation]) -> Self {
        let mut urls = Self::default();
        for (number, operation) in operations.iter().enumerate() {
            for interaction in operation.interactions().map(|member| &interactions[member]) {
                let Some(response) = &interaction.response else { continue };
                for polled in [Polled::AsyncOperation, Polled::OperationLocation, Polled::Location] {
                    for url in polled.header().map(|name| response.headers.get_all(name)).unwrap_or_default() {
                        // A `Location` may be the resource, which is read and not polled. Of an operation
                        // whose write is not on the tape, all that is known is the URL itself.
                        let is_resource =
                            |target: &Target| operation.write.is_some() && target.path_key() == operation.path;
                        if let Some(target) = target_of(url).filter(|target| !is_resource(target)) {
                            urls.keep(&target, HandedOut { operation: number, polled });
                        }
                    }
                }
            }
            for poll in &operation.polls {
                urls.spell(&interactions[*poll].request.target);
            }
        }
        urls
    }

    fn keep(&mut self, target: &Target, handed_out: HandedOut) {
        self.spell(target.raw());
        let known = self.known.entry(key(target)).or_insert(handed_out);
        // Of several operations that were handed the same one, the newest has it.
        if handed_out.operation > known.operation {
            *known = handed_out;
        } else if handed_out.operation == known.operation {
            known.polled = known.polled.min(handed_out.polled);
        }
    }

    fn spell(&mut self, raw: &str) {
        self.exact.insert(hash_of(raw));
        self.lenient.insert(hash_of(&respelled(raw)));
    }

    /// Whose URL this is.
    pub(super) fn get(&self, target: &Target) -> Option<HandedOut> {
        self.known.get(&key(target)).copied()
    }

    /// How a URL that was handed out came back; of any other, that is nobody's business.
    pub(super) fn spelling(&self, target: &Target) -> Spelling {
        if self.get(target).is_none() || self.exact.contains(&hash_of(target.raw())) {
            Spelling::AsGiven
        } else if self.lenient.contains(&hash_of(&respelled(target.raw()))) {
            Spelling::Respelled
        } else {
            Spelling::Changed
        }
    }
}

fn target_of(url: &str) -> Option<Target> {
    match Url::parse(url) {
        Some(url) => Some(url.target),
        None => url.starts_with('/').then(|| Target::parse(url)),
    }
}

fn key(target: &Target) -> (String, Vec<(String, String)>) {
    let mut query = target.query_key();
    query.retain(|(name, _)| name != "api-version");
    (target.path_key(), query)
}

/// A target without what may differ: the api-version, the fragment, the case of hexadecimal digits in
/// escapes, and whether what is illegal in a URL is escaped. Everything else is kept, order and all.
fn respelled(raw: &str) -> String {
    let raw = raw.split('#').next().unwrap_or_default();
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    let is_version = |pair: &&str| pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("api-version"));
    let query: Vec<&str> = query.split('&').filter(|pair| !is_version(pair)).collect();
    let mut out = String::with_capacity(raw.len());
    let mut escaped = 0;
    for byte in path.bytes().chain([b'?']).chain(query.join("&").bytes()) {
        match byte {
            _ if escaped > 0 => out.push(char::from(byte).to_ascii_uppercase()),
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{'..=b'}' | 0x7f.. => {
                out.push_str(&format!("%{byte:02X}"));
            }
            _ => out.push(char::from(byte)),
        }
        escaped = if byte == b'%' { 2 } else { i32::max(escaped - 1, 0) };
    }
    out
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "/subscriptions/s/operations/a%2fB?api-version=1&t=x{1}&c=&s=y~*";

    fn spelling(asked: &str) -> Spelling {
        let mut urls = Urls::default();
        urls.keep(&Target::parse(GIVEN), HandedOut { operation: 0, polled: Polled::Location });
        urls.spelling(&Target::parse(asked))
    }

    #[test]
    fn what_may_differ_is_let_pass() {
        assert_eq!(spelling(GIVEN), Spelling::AsGiven);
        for respelled in [
            GIVEN.replace("api-version=1", "api-version=2"),
            GIVEN.replace("api-version=1&", ""),
            GIVEN.replace("%2f", "%2F"),
        ] {
            assert_eq!(spelling(&respelled), Spelling::Respelled, "{respelled}");
        }
    }

    #[test]
    fn a_polling_url_comes_back_letter_by_letter() {
        for changed in [
            GIVEN.replace("subscriptions", "Subscriptions"),
            GIVEN.replace("&c=&s=y~*", "&s=y~*&c="),
            GIVEN.replace("y~*", "y%7E*"),
        ] {
            assert_eq!(spelling(&changed), Spelling::Changed, "{changed}");
        }
    }
}
