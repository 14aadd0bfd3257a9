//! From a client's words into those of the tape, and the reverse.

use std::{borrow::Cow, sync::Arc};

use super::{declared::Variable, needles::Needles, variables::Variables};
use crate::cassette::Headers;

/// By variable: what it is in this session.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) bound: Vec<Option<String>>,
    /// The bound values, to be found in the client's texts; then what the tape has for them.
    needles: Needles,
    /// The client and the tape say the same.
    pub(super) as_taped: bool,
}

/// The ids of an operation: recorded, and in this session.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) minted: Vec<String>,
    pub(super) needles: Needles,
}

/// From the tape's words into those of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) values: Option<Arc<Values>>,
    pub(super) names: Option<Arc<Names>>,
}

impl Values {
    pub(super) fn new(variables: &Variables, bound: Vec<Option<String>>) -> Self {
        let pairs = || variables.all.iter().zip(&bound).enumerate();
        let as_taped =
            pairs().all(|(_, (variable, value))| *value.as_ref().unwrap_or(&variable.shown) == variable.taped);
        let own = pairs().filter_map(|(number, (variable, value))| {
            let value = value.as_deref()?;
            Some((number, value, variable.place_of(value)))
        });
        let taped = pairs().filter(|(_, (_, value))| value.is_some());
        let taped =
            taped.map(|(number, (variable, _))| (bound.len() + number, variable.taped.as_str(), variable.place));
        let needles = Needles::new(own.chain(taped));
        Self { needles, as_taped, bound }
    }

    /// Those that may be told.
    pub(super) fn shown(&self, variables: &Variables) -> Self {
        let shown = |(variable, value): (&Variable, &Option<String>)| value.clone().filter(|_| variable.is_told());
        Self::new(variables, variables.all.iter().zip(&self.bound).map(shown).collect())
    }

    /// A client's text in the words of the tape, and the reverse. Where a client says what the tape
    /// has for a value of its own, that becomes the client's: it is another value, and must not fit.
    pub(super) fn taped<'a>(&self, variables: &Variables, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.as_taped {
            return Cow::Borrowed(text);
        }
        self.needles.replace(text, |number| self.other(variables, number))
    }

    pub(super) fn taped_text<'a>(&self, variables: &Variables, text: &'a str) -> Cow<'a, str> {
        if self.as_taped {
            return Cow::Borrowed(text);
        }
        self.needles.replace_text(text, |number| self.other(variables, number))
    }

    pub(super) fn taped_headers(&self, variables: &Variables, headers: &Headers) -> Headers {
        let pairs = headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        pairs.map(|(name, value)| (name, self.taped_text(variables, value).into_owned())).collect()
    }

    fn other<'a>(&'a self, variables: &'a Variables, needle: usize) -> &'a str {
        match needle.checked_sub(self.bound.len()) {
            Some(number) => self.bound[number].as_deref().unwrap_or_default(),
            None => &variables.all[needle].taped,
        }
    }
}

impl Words {
    /// Whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.values.is_none() && self.names.is_none()
    }

    /// Says it in the session's words.
    pub(super) fn say<'a>(&self, variables: &Variables, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut said = Cow::Borrowed(text);
        if let Some(names) = &self.names {
            said = then(said, |text| names.needles.replace(text, |number| &names.minted[number]));
        }
        if let Some(values) = &self.values {
            let own = |number: usize| values.bound[number].as_deref().unwrap_or(&variables.all[number].shown);
            said = then(said, |text| variables.needles.replace(text, own));
        }
        said
    }
}

/// One replacement after the other; what is copied is copied once.
fn then<'a>(text: Cow<'a, [u8]>, replace: impl Fn(&[u8]) -> Cow<'_, [u8]>) -> Cow<'a, [u8]> {
    match replace(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(other) => Cow::Owned(other),
    }
}
