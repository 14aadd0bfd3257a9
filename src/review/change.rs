//! One change, in words, with what it means for a client.

use std::fmt;

/// What a change means for clients; docs/review.md defines them. From the lightest to the heaviest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// No client can tell, or none may care: spelling, spacing, order of members, names.
    Cosmetic,
    /// Something more than before; what was there is as it was.
    Additive,
    /// A correct client still works, and does or sees something else.
    Behavioural,
    /// A client that worked may not work any more.
    Breaking,
}

impl Class {
    /// All of them, from the lightest.
    pub const ALL: [Self; 4] = [Self::Cosmetic, Self::Additive, Self::Behavioural, Self::Breaking];

    /// The class of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// Its word, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cosmetic => "cosmetic",
            Self::Additive => "additive",
            Self::Behavioural => "behavioural",
            Self::Breaking => "breaking",
        }
    }

    /// What it means for clients, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Cosmetic => "no client can tell, or none may care",
            Self::Additive => "something more than before",
            Self::Behavioural => "a correct client still works, and does or sees something else",
            Self::Breaking => "a client that worked may not work any more",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Something that one recording says and the other does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it means for clients.
    pub class: Class,
    /// One sentence, in Markdown's `code` marks where it cites.
    pub words: String,
    /// Where it shows: `request`, `answer`, `poll`, `end`, `read`. Empty for what concerns a whole act
    /// or the whole tape.
    pub parts: Vec<&'static str>,
    /// The first interaction that shows it, on the first tape, from 0.
    pub left: Option<usize>,
    /// The first interaction that shows it, on the second tape, from 0.
    pub right: Option<usize>,
}

impl Change {
    /// The words, with the parts that show it behind them.
    #[must_use]
    pub fn sentence(&self) -> String {
        // Of a request the words say so themselves.
        let shown: Vec<&str> = self.parts.iter().copied().filter(|part| *part != "request").collect();
        if shown.is_empty() { self.words.clone() } else { format!("{} [{}]", self.words, shown.join(", ")) }
    }

    /// A change of no one place.
    pub(super) fn whole(class: Class, words: impl Into<String>) -> Self {
        Self { class, words: words.into(), parts: Vec::new(), left: None, right: None }
    }
}
