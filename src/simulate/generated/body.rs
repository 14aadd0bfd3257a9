//! The body of a recipe.

use super::recipe::Recipe;
use crate::simulate::scenario::Subject;

#[cfg(feature = "profile")]
mod drawn;

#[cfg(feature = "profile")]
pub(in crate::simulate) use drawn::refusal;

impl Recipe {
    /// The subject with the recipe's body.
    #[must_use]
    pub fn dress(&self, subject: Subject) -> Subject {
        match self.drawn_body() {
            Some(body) => Subject { body, ..subject },
            None => subject,
        }
    }
}

/// Without the strategies there is but the published page's body, with which nothing is wrong.
#[cfg(not(feature = "profile"))]
impl Recipe {
    /// What is to be written, where it is not the page's.
    #[must_use]
    pub fn drawn_body(&self) -> Option<serde_json::Value> {
        None
    }

    pub(super) fn refusal(&self) -> Option<String> {
        None
    }
}
