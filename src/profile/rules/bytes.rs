//! Rules over the bytes of a body.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::super::{Place, rule::Flaw};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// The body as JSON, if it can be read at all. A byte order mark is a defect of its own.
pub(in super::super) fn document(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix(MARK).unwrap_or(body)).ok()
}

pub(super) fn is_empty(body: &[u8]) -> Vec<Flaw> {
    if body.trim_ascii().is_empty() { vec![Flaw::new(Place::root(), "there is no body")] } else { Vec::new() }
}

/// A text that is not UTF-8 is not JSON either, and said to be not UTF-8.
pub(super) fn is_not_json(body: &[u8]) -> Vec<Flaw> {
    let text = body.strip_prefix(MARK).unwrap_or(body);
    if body.trim_ascii().is_empty() || std::str::from_utf8(text).is_err() {
        return Vec::new();
    }
    let error = serde_json::from_slice::<Value>(text).err();
    error.map(|error| Flaw::new(Place::root(), format!("it is not JSON: {error}"))).into_iter().collect()
}

pub(super) fn is_not_plain_utf8(body: &[u8]) -> Vec<Flaw> {
    if body.starts_with(MARK) {
        return vec![Flaw::new(Place::root(), "it begins with a byte order mark")];
    }
    match std::str::from_utf8(body) {
        Ok(_) => Vec::new(),
        Err(error) => vec![Flaw::new(Place::root(), format!("byte {} is not UTF-8", error.valid_up_to() + 1))],
    }
}

/// A reader keeps one of the two values, and nobody knows which.
pub(super) fn repeats_a_key(body: &[u8]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(body.strip_prefix(MARK).unwrap_or(body));
    // What can't be read, is another rule's.
    let _ = Keys { place: Place::root(), flaws: &mut flaws }.deserialize(&mut reader);
    flaws
}

/// Reads a document for its keys alone.
struct Keys<'a> {
    place: Place,
    flaws: &'a mut Vec<Flaw>,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON document")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut at = 0;
        while items.next_element_seed(Keys { place: self.place.item(at), flaws: self.flaws })?.is_some() {
            at += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            let place = self.place.member(&key);
            if seen.contains(&key) {
                self.flaws.push(Flaw::new(place.clone(), "the key occurs twice in its object"));
            }
            members.next_value_seed(Keys { place, flaws: self.flaws })?;
            seen.insert(key);
        }
        Ok(())
    }
}
