//! Bodies as JSON, more tolerant than the tape: a byte order mark (E9) and repeated keys are read.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::cassette::{Body, Key};

/// The body as a JSON document, if it is one.
pub(crate) fn document(body: &Body) -> Option<Value> {
    serde_json::from_slice(text_of(body)?).ok()
}

/// The member at the end of a path of names, each of which is found as by [`member`]. What stands beside the
/// path is passed over and not read: most of what is asked of a body is a word in it.
pub(crate) fn member_at(body: &Body, path: &[&str]) -> Option<Value> {
    let mut json = serde_json::Deserializer::from_slice(text_of(body)?);
    let found = At(path).deserialize(&mut json).ok()?;
    json.end().ok()?;
    found
}

fn text_of(body: &Body) -> Option<&[u8]> {
    match body {
        Body::Json(bytes) => Some(bytes),
        Body::Text(text) => Some(text.trim_start_matches('\u{feff}').as_bytes()),
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

/// Reads the value at a path. A value on the way that is no object is an error.
struct At<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<Value>, D::Error> {
        if self.0.is_empty() { Value::deserialize(json).map(Some) } else { json.deserialize_map(self) }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<Value>, A::Error> {
        let Some((name, rest)) = self.0.split_first() else { return Ok(None) };
        let mut found = None;
        while let Some(Key(key)) = members.next_key()? {
            if key == *name || found.is_none() && key.eq_ignore_ascii_case(name) {
                found = Some(members.next_value_seed(At(rest))?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found.flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_at_a_path_is_the_one_that_the_document_has() {
        let paths: [&[&str]; 4] = [&["status"], &["properties", "status"], &["properties", "a\u{e9}"], &[]];
        for text in [
            r#"{"status":"Running","properties":{"Status":1,"a\u00e9":[{}]}}"#,
            r#"{"Status":"first","STATUS":"second"}"#,
            r#"{"STATUS":"other","status":"exact","Status":"late"}"#,
            r#"{"status":"one","status":"two"}"#,
            r#"{"Properties":{"status":"other"},"properties":{}}"#,
            r#"{"properties":null,"status":null}"#,
            r#"{"properties":[{"status":1}]}"#,
            "\u{feff}{\"status\":\"marked\"}",
            r#"{"status":"cut"#,
            r#"{"status":"Running"} and more"#,
            r#"["status"]"#,
            "<html>",
        ] {
            let body = Body::from_bytes(text.to_owned().into());
            for path in paths {
                let whole = document(&body);
                let by_hand = path.iter().try_fold(whole.as_ref(), |value, name| {
                    Some(value.and_then(Value::as_object).and_then(|object| member(object, name)))
                });
                assert_eq!(member_at(&body, path).as_ref(), by_hand.flatten(), "{text} {path:?}");
            }
        }
    }
}
