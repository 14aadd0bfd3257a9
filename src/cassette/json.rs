//! JSON whose tokens are kept: bodies are stored by writing the same tokens with other white
//! space, so that people can read them and the exact bytes come back.
//!
//! A trip through a parsed value would turn `1e2` into `100.0`, round long numbers, merge repeated
//! keys and unescape `\u00e9`; here the spelling of numbers and strings never changes.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::spacing::Spacing;

/// Whether `bytes` can be kept as JSON: one document without repeated keys (they are legal, but a
/// reader of the tape would silently lose one of them) whose bytes come back from its tokens.
/// Everything else is kept as text.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    keys_are_unique(bytes) && Spacing::of(bytes).is_some()
}

/// Whether `bytes` are one JSON document without repeated keys.
pub(super) fn keys_are_unique(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Plain>(bytes).is_ok()
}

/// A key of an object, without a copy where it has no escapes.
#[derive(serde::Deserialize)]
pub(crate) struct Key<'k>(#[serde(borrow)] pub(crate) Cow<'k, str>);

/// A document that was checked and thrown away. The parser bounds the depth (128).
struct Plain;

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlainVisitor.deserialize(deserializer)
    }
}

struct PlainVisitor;

impl<'de> DeserializeSeed<'de> for PlainVisitor {
    type Value = Plain;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Plain, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document without repeated keys")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_str<E>(self, _: &str) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_unit<E>(self) -> Result<Plain, E> {
        Ok(Plain)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Plain, A::Error> {
        while items.next_element::<Plain>()?.is_some() {}
        Ok(Plain)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Plain, A::Error> {
        let mut keys = Vec::new();
        while let Some(Key(key)) = members.next_key()? {
            keys.push(key);
            members.next_value::<Plain>()?;
        }
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(serde::de::Error::custom(format!("key `{}` occurs twice", pair[0]))),
            None => Ok(Plain),
        }
    }
}
