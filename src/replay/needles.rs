//! Texts that are looked for all at once, and what stands in their place.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

/// Where a value of [`Where::Subscription`] is meant and nothing else.
const BEHIND: &[&str] = &["/subscriptions/", "%2fsubscriptions%2f", "\"subscriptionid\":\"", "\"subscriptionid\": \""];

/// Where a text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Everywhere, also as a part of a word.
    Anywhere,
    /// As a whole word.
    Word,
    /// Where a subscription is named: the text alone says too little.
    Subscription,
}

/// Texts to look for, without regard to case; each has a number.
#[derive(Debug, Default)]
pub(super) struct Needles {
    /// `None`: there is nothing to look for.
    automaton: Option<AhoCorasick>,
    needles: Vec<Needle>,
}

#[derive(Debug)]
struct Needle {
    number: usize,
    /// How much stands before the text itself.
    skip: usize,
    bounded: bool,
}

/// A place in a text at which one of the needles stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) number: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Needles {
    /// Looks for each text where it counts. Empty texts are found nowhere.
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = (usize, &'a str, Where)>) -> Self {
        let (mut patterns, mut needles) = (Vec::new(), Vec::new());
        for (number, text, place) in texts {
            if text.is_empty() {
                continue;
            }
            match place {
                Where::Anywhere | Where::Word => {
                    patterns.push(text.to_owned());
                    needles.push(Needle { number, skip: 0, bounded: place == Where::Word });
                }
                Where::Subscription => {
                    for before in BEHIND {
                        patterns.push(format!("{before}{text}"));
                        needles.push(Needle { number, skip: before.len(), bounded: true });
                    }
                }
            }
        }
        if patterns.is_empty() {
            return Self::default();
        }
        let mut builder = AhoCorasickBuilder::new();
        let automaton = builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true).build(&patterns);
        // Too many for an automaton: more than memory holds.
        automaton.map_or_else(|_| Self::default(), |automaton| Self { automaton: Some(automaton), needles })
    }

    /// Every place at which one of the texts counts, in order.
    pub(super) fn spots<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Spot> + 'a {
        let found = self.automaton.iter().flat_map(move |automaton| automaton.find_iter(text));
        found.filter_map(move |found| {
            let needle = &self.needles[found.pattern().as_usize()];
            let (start, end) = (found.start() + needle.skip, found.end());
            let whole = !needle.bounded || (!ends_in_word(&text[..start]) && !begins_with_word(&text[end..]));
            whole.then_some(Spot { number: needle.number, start, end })
        })
    }

    /// The text with others in the place of what was found.
    pub(super) fn replace<'a, 'r>(&self, text: &'a [u8], other: impl Fn(usize) -> &'r str) -> Cow<'a, [u8]> {
        let mut out = Vec::new();
        let mut copied = 0;
        for spot in self.spots(text) {
            out.extend_from_slice(&text[copied..spot.start]);
            out.extend_from_slice(other(spot.number).as_bytes());
            copied = spot.end;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.extend_from_slice(&text[copied..]);
        Cow::Owned(out)
    }

    /// As [`Needles::replace`].
    pub(super) fn replace_text<'a, 'r>(&self, text: &'a str, other: impl Fn(usize) -> &'r str) -> Cow<'a, str> {
        match self.replace(text.as_bytes(), other) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

/// Letters and digits make words. An escape such as `%2F` ends one.
fn ends_in_word(before: &[u8]) -> bool {
    match before {
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => false,
        [.., last] => last.is_ascii_alphanumeric(),
        [] => false,
    }
}

fn begins_with_word(behind: &[u8]) -> bool {
    behind.first().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(needle: &str, place: Where, text: &str) -> String {
        Needles::new([(0, needle, place)]).replace_text(text, |_| "*").into_owned()
    }

    #[test]
    fn anywhere() {
        assert_eq!(replaced("{hub}", Where::Anywhere, "/hubs/{hub}/x{hub}s"), "/hubs/*/x*s");
    }

    #[test]
    fn whole_words() {
        assert_eq!(
            replaced("ab-1", Where::Word, "ab-1 /AB-1/ xab-1 ab-12 %2Fab-1%2F ab-1-x"),
            "* /*/ xab-1 ab-12 %2F*%2F *-x"
        );
    }

    #[test]
    fn subscriptions() {
        let text =
            r#"s /subscriptions/s/x /Subscriptions/S %2fsubscriptions%2Fs "subscriptionId":"s" /subscriptions/sx"#;
        let other =
            r#"s /subscriptions/*/x /Subscriptions/* %2fsubscriptions%2F* "subscriptionId":"*" /subscriptions/sx"#;
        assert_eq!(replaced("s", Where::Subscription, text), other);
    }

    #[test]
    fn the_longest_counts_and_nothing_is_no_needle() {
        let needles = Needles::new([(0, "a-b", Where::Word), (1, "a-b-c", Where::Word), (2, "", Where::Anywhere)]);
        assert_eq!(needles.replace_text("a-b-c a-b", |number| ["0", "1", "2"][number]), "1 0");
    }
}
