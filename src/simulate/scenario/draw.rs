//! What is drawn anew for each case, so that nobody passes by luck.

use crate::simulate::reply::Ids;

/// What is drawn for one case. The same seed gives the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The seed.
    pub seed: u64,
    /// Stands for `*` in error codes.
    pub code: String,
    /// Stands for `*` in states: a word that nobody knows.
    pub word: String,
    /// The value of `properties.revision`, and of `tenantId` in a profile, of the resource that the
    /// operation made, and of nothing else.
    pub proof: String,
    /// What stands in its place in every body that the operation did not make.
    pub lure: String,
    /// The message of errors: for people, and to be seen in what the client says.
    pub message: String,
    /// What the URLs of this case have in common.
    pub token: String,
}

impl Draw {
    /// Draws by `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed);
        let mut hex = |length: usize| ids.uuid().simple().to_string()[..length].to_owned();
        let letters = |hex: &str| -> String {
            hex.bytes()
                .map(|digit| char::from(b'a' + if digit.is_ascii_digit() { digit - b'0' } else { digit - 87 }))
                .collect()
        };
        let code = letters(&hex(6)).to_uppercase();
        let mut word = letters(&hex(9));
        word[..1].make_ascii_uppercase();
        let message = format!("there is no room for {} today", letters(&hex(8)));
        Self { seed, code, word, proof: hex(12), lure: hex(12), message, token: hex(16) }
    }

    /// Draws by a seed that nobody chose.
    #[must_use]
    pub fn by_chance() -> Self {
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        Self::new(high ^ low)
    }

    /// An error code with the drawn text in the place of `*`.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        code.replace('*', &self.code)
    }

    /// The name of a property that no client knows, of resources that are there to be updated.
    #[must_use]
    pub fn unknown_property(&self) -> String {
        format!("future{}", self.word)
    }

    /// A state with the drawn word in the place of `*`.
    #[must_use]
    pub fn state(&self, state: &str) -> String {
        state.replace('*', &self.word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_and_neighbours_differ() {
        let (one, same, other) = (Draw::new(1), Draw::new(1), Draw::new(2));
        assert_eq!(one, same);
        assert_ne!((&one.code, &one.word, &one.proof), (&other.code, &other.word, &other.proof));
        assert_ne!(one.proof, one.lure);
        assert!(one.word.chars().all(char::is_alphabetic) && one.word.starts_with(char::is_uppercase));
        assert_eq!(one.code("Quota*"), format!("Quota{}", one.code));
    }
}
