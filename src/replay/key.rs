//! What makes two requests the same one: method, host, path, query, and the meaning of the body.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use crate::arm::Target;

/// A request as the tape is asked for it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// The host as it is compared ([`crate::arm::authority_key`]); `None`: armtape's own endpoint.
    pub host: Option<String>,
    /// Path and query.
    pub target: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// Method, path and query. The host is looked at apart, since a foreign recording may lack it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// Of requests that change something: what they say.
    pub(super) body: Option<u64>,
}

impl Key {
    pub(super) fn new(method: &str, target: &str, body: &[u8]) -> Self {
        let target = Target::parse(target);
        Self {
            method: method.to_owned(),
            path: target.path_key(),
            query: target.query_key(),
            body: changes(method).then(|| meaning(body)),
        }
    }
}

/// Whether a request of this method changes something.
pub(super) fn changes(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// A number that is equal for bodies that mean the same: JSON without regard to spacing, the order
/// of members and the spelling of numbers; everything else by its bytes.
fn meaning(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => hash_value(&value, &mut hasher),
        Err(_) => body.hash(&mut hasher),
    }
    hasher.finish()
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0u8.hash(hasher),
        Value::Bool(truth) => (1u8, truth).hash(hasher),
        Value::Number(number) => (2u8, number_key(number)).hash(hasher),
        Value::String(text) => (3u8, text).hash(hasher),
        Value::Array(items) => {
            (4u8, items.len()).hash(hasher);
            for item in items {
                hash_value(item, hasher);
            }
        }
        Value::Object(members) => {
            (5u8, members.len()).hash(hasher);
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (name, member) in members {
                name.hash(hasher);
                hash_value(member, hasher);
            }
        }
    }
}

/// `1`, `1.0` and `1e0` are one number.
fn number_key(number: &serde_json::Number) -> String {
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

    #[test]
    fn bodies_are_compared_by_meaning() {
        let key = |body: &str| Key::new("PUT", "/x?b=2&a=1", body.as_bytes());
        assert_eq!(key(r#"{"a":1,"b":[1.0,"x"]}"#), key("{ \"b\": [1, \"\\u0078\"],\r\n \"a\": 1e0 }"));
        for other in
            [r#"{"a":1}"#, r#"{"a":1,"b":["x",1]}"#, r#"{"a":"1","b":[1,"x"]}"#, r#"{"a":null,"b":[1,"x"]}"#, ""]
        {
            assert_ne!(key(r#"{"a":1,"b":[1,"x"]}"#), key(other), "{other}");
        }
    }

    #[test]
    fn paths_without_case_and_queries_without_order() {
        let key = |target: &str| Key::new("GET", target, b"");
        assert_eq!(key("/Subscriptions/S/x?api-version=1&b=2"), key("//subscriptions/s/X?b=2&api-version=1"));
        for other in [
            "/subscriptions/s/x?api-version=2&b=2",
            "/subscriptions/s/x?api-version=1",
            "/subscriptions/s/y?api-version=1&b=2",
        ] {
            assert_ne!(key("/subscriptions/s/x?api-version=1&b=2"), key(other), "{other}");
        }
        assert_ne!(key("/x?v=A"), key("/x?v=a"), "values keep their case");
    }

    proptest! {
        #[test]
        fn equal_meaning_is_equal_hash(text in "[a-z]{0,5}", number in any::<i32>()) {
            let one = serde_json::json!({"t": text, "n": number, "l": [number, {"x": text}]});
            let other: Value = serde_json::from_str(&serde_json::to_string_pretty(&one).unwrap()).unwrap();
            prop_assert_eq!(meaning(one.to_string().as_bytes()), meaning(other.to_string().as_bytes()));
            prop_assert!(same(&one, &other));
        }
    }
}
