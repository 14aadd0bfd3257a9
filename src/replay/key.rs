//! What makes two requests the same one: method, host, path, query, and the meaning of the body.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use super::rules::Rules;
use crate::{
    arm::Target,
    cassette::{Headers, Places},
};

/// A request as the tape is asked for it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// The host as it is compared ([`crate::arm::authority_key`]); `None`: armtape's own endpoint.
    pub host: Option<String>,
    /// Path and query.
    pub target: &'a str,
    /// The headers that count ([`Rules::compared`]).
    pub headers: Headers,
    /// The body.
    pub body: &'a [u8],
}

/// Everything that counts but the host, which is looked at apart, since a foreign recording may
/// lack it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    headers: Vec<(String, Vec<String>)>,
    /// Of requests that change something: what they say, where the recorder kept it.
    body: Option<u64>,
}

impl Key {
    pub(super) fn new(rules: &Rules, method: &str, target: &str, headers: &Headers, body: &[u8]) -> Self {
        let target = Target::parse(target);
        let mut query = target.query_key();
        query.retain(|(name, _)| !rules.ignore_query.contains(name));
        let counts = rules.headers.iter().map(|name| (name.to_string(), headers.get_all(name.as_str()).to_vec()));
        Self {
            method: method.to_owned(),
            path: target.path_key(),
            query,
            headers: counts.filter(|(_, values)| !values.is_empty()).collect(),
            body: changes(method).then(|| meaning(body, rules)),
        }
    }

    /// The same with whatever body.
    pub(super) fn of_any_body(self) -> Self {
        Self { body: None, ..self }
    }

    /// The same in whatever api-version.
    pub(super) fn of_any_api_version(mut self) -> Self {
        self.query.retain(|(name, _)| name != "api-version");
        self
    }
}

/// Whether a request of this method changes something.
pub(super) fn changes(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// A number that is equal for bodies that mean the same: JSON without regard to spacing, the order
/// of members and the spelling of numbers; everything else by its bytes.
fn meaning(body: &[u8], rules: &Rules) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Some(places) = Places::start(&rules.ignore_body) {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => hash_value(&value, &places, &mut hasher),
            Err(_) => body.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// Hashes what counts of a value; `places` is where it stands.
fn hash_value(value: &Value, places: &Places<'_>, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0u8.hash(hasher),
        Value::Bool(truth) => (1u8, truth).hash(hasher),
        Value::Number(number) => (2u8, number_key(number)).hash(hasher),
        Value::String(text) => (3u8, text).hash(hasher),
        Value::Array(items) => {
            let items = items.iter().enumerate().filter_map(|(place, item)| Some((item, places.item(place)?)));
            let items: Vec<_> = items.collect();
            (4u8, items.len()).hash(hasher);
            for (item, places) in items {
                hash_value(item, &places, hasher);
            }
        }
        Value::Object(members) => {
            let members = members.iter().filter_map(|(name, member)| Some((name, member, places.member(name)?)));
            let mut members: Vec<_> = members.collect();
            members.sort_by_key(|(name, _, _)| *name);
            (5u8, members.len()).hash(hasher);
            for (name, member, places) in members {
                name.hash(hasher);
                hash_value(member, &places, hasher);
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

    fn key(rules: &str, request: &str, headers: &[(&str, &str)], body: &str) -> Key {
        let rules: Rules = toml::from_str(rules).unwrap();
        let (method, target) = request.split_once(' ').unwrap();
        Key::new(&rules, method, target, &headers.iter().copied().collect(), body.as_bytes())
    }

    #[test]
    fn bodies_are_compared_by_meaning() {
        let key = |body: &str| key("", "PUT /x?b=2&a=1", &[], body);
        assert_eq!(key(r#"{"a":1,"b":[1.0,"x"]}"#), key("{ \"b\": [1, \"\\u0078\"],\r\n \"a\": 1e0 }"));
        for other in
            [r#"{"a":1}"#, r#"{"a":1,"b":["x",1]}"#, r#"{"a":"1","b":[1,"x"]}"#, r#"{"a":null,"b":[1,"x"]}"#, ""]
        {
            assert_ne!(key(r#"{"a":1,"b":[1,"x"]}"#), key(other), "{other}");
        }
    }

    #[test]
    fn paths_without_case_and_queries_without_order() {
        let key = |target: &str| key("", &format!("GET {target}"), &[], "");
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

    #[test]
    fn what_is_ignored_does_not_count() {
        let rules = "ignore-query = ['Trace']\nignore-body = ['$.properties.tags', '$..etag', '$.list[0]']";
        let key = |target: &str, body: &str| key(rules, &format!("PUT {target}"), &[], body);
        let one = key("/x?trace=1&a=1", r#"{"properties":{"tags":{"a":1},"n":1},"list":[1,{"etag":"x"}]}"#);
        assert_eq!(one, key("/x?a=1", r#"{"properties":{"n":1},"etag":"y","list":[2,{}]}"#));
        for (target, body) in [
            ("/x?a=2", r#"{"properties":{"n":1},"list":[2,{}]}"#),
            ("/x?a=1", r#"{"properties":{"n":2},"list":[2,{}]}"#),
            ("/x?a=1", r#"{"properties":{"n":1},"list":[2,{}],"tags":{}}"#),
            ("/x?a=1", r#"{"properties":{"n":1},"list":[2,3]}"#),
        ] {
            assert_ne!(one, key(target, body), "{target} {body}");
        }
    }

    #[test]
    fn headers_count_where_they_are_named() {
        let key = |headers: &[(&str, &str)]| key("headers = ['If-Match']", "GET /x", headers, "");
        assert_eq!(key(&[("if-match", "*"), ("accept", "a")]), key(&[("If-Match", "*")]));
        assert_ne!(key(&[("if-match", "*")]), key(&[("if-match", "1")]));
        assert_ne!(key(&[("if-match", "*")]), key(&[]));
    }

    proptest! {
        #[test]
        fn equal_meaning_is_equal_hash(text in "[a-z]{0,5}", number in any::<i32>()) {
            let one = serde_json::json!({"t": text, "n": number, "l": [number, {"x": text}]});
            let other: Value = serde_json::from_str(&serde_json::to_string_pretty(&one).unwrap()).unwrap();
            let meaning = |value: &Value| meaning(value.to_string().as_bytes(), &Rules::default());
            prop_assert_eq!(meaning(&one), meaning(&other));
            prop_assert!(same(&one, &other));
        }
    }
}
