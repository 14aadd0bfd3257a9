//! Bodies as JSON, more tolerant than the tape: a byte order mark (E9) and repeated keys are read.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::cassette::Body;

/// The body as a JSON document, if it is one.
pub(crate) fn document(body: &Body) -> Option<Value> {
    match body {
        Body::Json(bytes) => serde_json::from_slice(bytes).ok(),
        Body::Text(text) => serde_json::from_str(text.trim_start_matches('\u{feff}')).ok(),
        Body::Empty | Body::Binary(_) | Body::Sidecar { .. } => None,
    }
}

/// The member `name`; where there is none, the first whose name differs only by case (S-19, E3).
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A string or a number as text (E8: some services write codes as numbers).
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}
