//! Values that the user names, to be replaced wherever they occur.

use std::collections::BTreeMap;

/// Values that the user names.
#[derive(Clone, Default)]
pub struct Named {
    pub(super) secrets: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
}

/// Why a value cannot be replaced wherever it occurs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamedError {
    /// It would be found in every other word.
    #[error("the value of `{name}` is too short to be looked for everywhere: {SHORTEST} characters at least")]
    Short {
        /// The name; the value is nobody's business.
        name: String,
    },
    /// Not a word that can stand in braces on the tape.
    #[error("`{0}` is no name of a variable: letters, digits, `-` and `_`")]
    Name(String),
}

/// A shorter value would be found in every other word.
const SHORTEST: usize = 4;

impl Named {
    /// Adds a secret: it is replaced wherever it occurs, in every encoding.
    ///
    /// # Errors
    ///
    /// Where it is too short.
    pub fn secret(&mut self, name: &str, value: &str) -> Result<(), NamedError> {
        if value.chars().count() < SHORTEST {
            return Err(NamedError::Short { name: name.to_owned() });
        }
        self.secrets.push(value.to_owned());
        Ok(())
    }

    /// Adds a variable: `{name}` stands on the tape where the value was.
    ///
    /// # Errors
    ///
    /// Where the value is too short, or the name is none.
    pub fn variable(&mut self, name: &str, value: &str) -> Result<(), NamedError> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_part) {
            return Err(NamedError::Name(name.to_owned()));
        }
        if value.chars().count() < 2 {
            return Err(NamedError::Short { name: name.to_owned() });
        }
        self.variables.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
}
