//! Where in a file of JSON something is wrong.

use std::path::Path;

use serde::de::DeserializeOwned;
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

impl Part<'_> {
    pub(super) fn parse<T: DeserializeOwned>(self, text: &str) -> Result<T, Error> {
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

    fn below(self, inner: &str) -> String {
        match (self.json_path, inner) {
            ("", inner) => inner.to_owned(),
            // The parser's name for the value itself.
            (part, "" | ".") => part.to_owned(),
            (part, inner) => format!("{part}.{inner}"),
        }
    }
}
