//! What a body says: JSON without regard to spacing, the order of members and the spelling of
//! numbers; everything else by its bytes.

use std::{
    fmt,
    hash::{Hash as _, Hasher as _},
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::{
    hash::{HashMap, hasher, number_of},
    rules::Rules,
};
use crate::cassette::Places;

/// A number that is equal for bodies that mean the same.
fn meaning(body: &[u8], rules: &Rules) -> u64 {
    let Some(places) = Places::start(&rules.ignore_body) else { return 0 };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Meaning(&places).deserialize(&mut reader).and_then(|number| reader.end().map(|()| number));
    read.unwrap_or_else(|_| number_of(body))
}

/// The meanings of the bodies on a tape. What comes byte for byte as it was recorded need not be read.
#[derive(Debug, Default)]
pub(super) struct Meanings(HashMap<u64, u64>);

impl Meanings {
    /// The meaning of a body on the tape.
    pub(super) fn learn(&mut self, body: &[u8], rules: &Rules) -> u64 {
        *self.0.entry(number_of(body)).or_insert_with(|| meaning(body, rules))
    }

    /// The meaning of a body that was sent.
    pub(super) fn of(&self, body: &[u8], rules: &Rules) -> u64 {
        self.0.get(&number_of(body)).copied().unwrap_or_else(|| meaning(body, rules))
    }
}

/// Reads a value into its number, without making the value. Of it, what stands at its places does
/// not count.
struct Meaning<'a>(&'a Places<'a>);

impl<'de> DeserializeSeed<'de> for Meaning<'_> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Meaning<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<u64, E> {
        Ok(number_of(&0u8))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<u64, E> {
        Ok(number_of(&(1u8, truth)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number_of(&(2u8, number_key(&number.into()))))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        Ok(number_of(&(2u8, number_key(&number.into()))))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        Ok(number_of(&(2u8, Number::from_f64(number).as_ref().map(number_key).unwrap_or_default())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        Ok(number_of(&(3u8, text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut hasher = hasher();
        4u8.hash(&mut hasher);
        for place in 0.. {
            let known = match self.0.item(place) {
                Some(places) => items.next_element_seed(Meaning(&places))?.map(|number| number.hash(&mut hasher)),
                None => items.next_element::<serde::de::IgnoredAny>()?.map(|_| ()),
            };
            if known.is_none() {
                break;
            }
        }
        Ok(hasher.finish())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<u64, A::Error> {
        let mut counted: Vec<(u64, u64)> = Vec::new();
        while let Some((name, places)) = members.next_key_seed(Member(self.0))? {
            match places {
                Some(places) => counted.push((name, members.next_value_seed(Meaning(&places))?)),
                None => drop(members.next_value::<serde::de::IgnoredAny>()?),
            }
        }
        // In whatever order they come; of several of one name the last counts, as everywhere.
        counted.reverse();
        counted.sort_by_key(|(name, _)| *name);
        counted.dedup_by_key(|(name, _)| *name);
        Ok(number_of(&(5u8, counted)))
    }
}

/// Reads the name of a member into its number, with what counts below it.
struct Member<'a>(&'a Places<'a>);

impl<'de, 'a> DeserializeSeed<'de> for Member<'a> {
    type Value = (u64, Option<Places<'a>>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Member<'a> {
    type Value = (u64, Option<Places<'a>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok((number_of(name), self.0.member(name)))
    }
}

/// `1`, `1.0` and `1e0` are one number.
fn number_key(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

/// Whether two JSON values mean the same.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => number_key(left) == number_key(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_meaning_is_equal_number(text in "[a-z\\\\\"é]{0,5}", number in any::<i32>()) {
            let one = serde_json::json!({"t": text, "n": number, "f": f64::from(number), "l": [number, {"x": text, "": null}]});
            let other: Value = serde_json::from_str(&serde_json::to_string_pretty(&one).unwrap()).unwrap();
            let meaning = |text: String| meaning(text.as_bytes(), &Rules::default());
            prop_assert_eq!(meaning(one.to_string()), meaning(format!(" {other:#}\n")));
            prop_assert!(same(&one, &other));
        }
    }

    #[test]
    fn the_last_of_equal_members_counts() {
        let meaning = |text: &str| meaning(text.as_bytes(), &Rules::default());
        assert_eq!(meaning(r#"{"a":1,"b":2,"a":3}"#), meaning(r#"{"a":3,"b":2}"#));
        assert_ne!(meaning(r#"{"a":1,"b":2,"a":3}"#), meaning(r#"{"a":1,"b":2}"#));
    }

    #[test]
    fn what_is_no_json_is_its_bytes() {
        let meaning = |text: &str| meaning(text.as_bytes(), &Rules::default());
        assert_eq!(meaning("a=1"), meaning("a=1"));
        for (one, other) in [("a=1", "a=2"), ("{}", "{} x"), ("{} x", "{} y"), ("", "null"), ("[", "[[")] {
            assert_ne!(meaning(one), meaning(other), "{one} {other}");
        }
    }
}
