//! Ids that a further session's operations have in the place of the recorded ones.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::arm::{Operation, Target, Url, alike};

/// Shorter words are names of types, places and versions.
const SHORTEST: usize = 8;

/// A word with fewer digits may be a place, such as `eastus2euap`.
const FEWEST_DIGITS: usize = 3;

/// The words in an operation's URLs that the service has drawn: long, with digits in them, and not in
/// the target of the write.
pub(super) fn drawn_words(operation: &Operation, written: &str) -> Vec<String> {
    let mut drawn: Vec<String> = Vec::new();
    for url in &operation.urls {
        let target = Url::parse(url).map_or_else(|| Target::parse(url), |url| url.target);
        for word in words(target.raw()) {
            if is_drawn(word) && !written.contains(word) && !drawn.iter().any(|known| known.eq_ignore_ascii_case(word))
            {
                drawn.push(word.to_owned());
            }
        }
    }
    drawn
}

/// What stands between the separators of a target: segments, names and values.
pub(super) fn words(target: &str) -> impl Iterator<Item = &str> {
    target.split(['/', '?', '&', '=']).filter(|word| !word.is_empty())
}

fn is_drawn(word: &str) -> bool {
    let is_version = word.len() <= "2017-04-26-preview".len()
        && word.as_bytes().get(4) == Some(&b'-')
        && word.as_bytes().get(7) == Some(&b'-');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= SHORTEST && digits >= FEWEST_DIGITS && !is_version
}

/// A word of the same form. Always the same for the same `seed`.
pub(super) fn redrawn(word: &str, seed: (usize, u32)) -> String {
    alike(word, |at, below| {
        let mut hasher = DefaultHasher::new();
        (seed, word, at).hash(&mut hasher);
        u8::try_from(hasher.finish() % u64::from(below)).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_a_word_of_its_own() {
        let word = "3b1a4f7e-79ae-4b7e-855d-04bfcac8bf04";
        let other = redrawn(word, (1, 0));
        assert_eq!(other, redrawn(word, (1, 0)));
        assert!(other != word && other != redrawn(word, (2, 0)) && other.len() == word.len(), "{other}");
    }

    #[test]
    fn what_a_service_has_drawn() {
        for drawn in ["3b1a4f7e-79ae-4b7e-855d-04bfcac8bf04", "c9a1f0b2d3e4", "638123456789"] {
            assert!(is_drawn(drawn), "{drawn}");
        }
        for word in ["2017-04-26", "2021-01-01-preview", "eastus2euap", "operationResults", "Microsoft.Test2", "1"] {
            assert!(!is_drawn(word), "{word}");
        }
    }
}
