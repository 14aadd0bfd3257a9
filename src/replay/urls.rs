//! The polling URLs that a tape hands out: whose they are, what they are asked for, and whether one
//! came back as it was given.

use super::{
    hash::{HashMap, HashSet, number_of},
    key::Sought,
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
    /// By [`Sought::url`].
    known: HashMap<u64, HandedOut>,
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
                        let is_resource = |sought: &Sought| operation.write.is_some() && sought.path == operation.path;
                        let sought = target_of(url).map(Sought::new);
                        if let Some(sought) = sought.filter(|sought| !is_resource(sought)) {
                            urls.keep(&sought, HandedOut { operation: number, polled });
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

    fn keep(&mut self, sought: &Sought, handed_out: HandedOut) {
        self.spell(sought.target.raw());
        let known = self.known.entry(sought.url()).or_insert(handed_out);
        // Of several operations that were handed the same one, the newest has it.
        if handed_out.operation > known.operation {
            *known = handed_out;
        } else if handed_out.operation == known.operation {
            known.polled = known.polled.min(handed_out.polled);
        }
    }

    fn spell(&mut self, raw: &str) {
        self.exact.insert(number_of(raw));
        self.lenient.insert(number_of(&respelled(raw)));
    }

    /// Whose URL this is, and how it came back; `None` for one that was never handed out.
    pub(super) fn find(&self, sought: &Sought) -> Option<(HandedOut, Spelling)> {
        let known = self.known.get(&sought.url())?;
        let raw = sought.target.raw();
        let spelling = if self.exact.contains(&number_of(raw)) {
            Spelling::AsGiven
        } else if self.lenient.contains(&number_of(&respelled(raw))) {
            Spelling::Respelled
        } else {
            Spelling::Changed
        };
        Some((*known, spelling))
    }
}

fn target_of(url: &str) -> Option<Target> {
    match Url::parse(url) {
        Some(url) => Some(url.target),
        None => url.starts_with('/').then(|| Target::parse(url)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "/subscriptions/s/operations/a%2fB?api-version=1&t=x{1}&c=&s=y~*";

    fn spelling(asked: &str) -> Spelling {
        let mut urls = Urls::default();
        urls.keep(&Sought::of(GIVEN), HandedOut { operation: 0, polled: Polled::Location });
        urls.find(&Sought::of(asked)).expect("it was handed out").1
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
