//! Where in a file something is wrong, and the shapes that several formats have.

use std::{collections::HashSet, fmt, path::Path};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::cassette::{Error, ErrorKind};

/// The lines of a file, asked for in ascending order.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    /// The line of `part`, a piece of the text behind those that were asked for before.
    pub(super) fn of(&mut self, part: &str) -> usize {
        // Both are addresses in one buffer.
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        if let Some(passed) = self.text.get(self.offset..offset) {
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.offset = offset;
        }
        self.line
    }
}

/// A part of a file: what error messages need to know about it.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub path: &'a Path,
    /// The JSON path of the part.
    pub json_path: &'a str,
    /// The line on which it begins.
    pub line: usize,
}

impl<'a> Part<'a> {
    pub(super) fn whole(path: &'a Path) -> Self {
        Self { path, json_path: "", line: 1 }
    }

    /// Parses the whole file, of which the result may borrow.
    pub(super) fn parse_slice<'t, T: Deserialize<'t>>(self, text: &'t [u8]) -> Result<T, Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let inner = error.path().to_string();
            self.error(&inner, &error.into_inner())
        })?;
        deserializer.end().map_err(|error| self.error("", &error))?;
        Ok(parsed)
    }

    pub(super) fn parse<'t, T: Deserialize<'t>>(self, text: &'t str) -> Result<T, Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let inner = error.path().to_string();
            self.error(&inner, &error.into_inner())
        })
    }

    /// The parser's error at `inner` below this part.
    pub(super) fn error(self, inner: &str, error: &serde_json::Error) -> Error {
        let line = self.line + error.line().saturating_sub(1);
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        let kind = match error.classify() {
            Category::Data => ErrorKind::Shape { json_path: self.below(inner), line, message },
            Category::Syntax | Category::Eof | Category::Io => {
                ErrorKind::Syntax { line, column: error.column(), message }
            }
        };
        Error::new(self.path, kind)
    }

    /// A value at `inner` that has the right type and makes no sense.
    pub(super) fn invalid(self, inner: &str, message: &str) -> Error {
        let kind = ErrorKind::Shape { json_path: self.below(inner), line: self.line, message: message.to_owned() };
        Error::new(self.path, kind)
    }

    pub(super) fn below(self, inner: &str) -> String {
        match (self.json_path, inner) {
            ("", inner) => inner.to_owned(),
            // The parser's name for the value itself.
            (part, "" | ".") => part.to_owned(),
            (part, inner) if inner.starts_with('[') => format!("{part}{inner}"),
            (part, inner) => format!("{part}.{inner}"),
        }
    }
}

/// Headers as an object: names, each with one value or several. A name that comes twice is refused.
#[derive(Debug, Default)]
pub(super) struct HeaderMap(pub Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for HeaderMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;

        impl<'de> Visitor<'de> for OfMap {
            type Value = HeaderMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers: names with values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<HeaderMap, A::Error> {
                let mut found = Vec::new();
                let mut seen = HashSet::new();
                while let Some(name) = members.next_key::<String>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("duplicate header `{name}`")));
                    }
                    found.push((name, members.next_value::<Values>()?.0));
                }
                Ok(HeaderMap(found))
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}

/// The values of a header: an array of strings, one string, or null.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header value, or an array of them")
    }

    fn visit_unit<E>(self) -> Result<Values, E> {
        Ok(Values(Vec::new()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Values, E> {
        Ok(Values(vec![value.to_string()]))
    }

    fn visit_str<E>(self, value: &str) -> Result<Values, E> {
        Ok(Values(vec![value.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element::<Option<String>>()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}
