//! Whether two JSON texts mean the same, with what a parser leaves out: keys that are there twice, and
//! numbers beyond what a machine's number holds.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A JSON value, nothing left out.
#[derive(Debug, PartialEq)]
enum Exact {
    /// `null`, `true`, `false`, or a text without its escapes.
    Word(String),
    /// As it was written.
    Number(String),
    List(Vec<Exact>),
    Object(Vec<(String, Exact)>),
}

/// Which members count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// All.
    All,
    /// Those that the published description of a profile has, but for those that can only be read.
    OfProfile,
}

/// The first difference between what was to be sent and what was, by JSON path; `None` where both mean the
/// same. `Err` where one of them is not JSON.
pub(super) fn difference(meant: &[u8], sent: &[u8], members: Members) -> Result<Option<String>, NotJson> {
    Ok(differs(&Exact::read(meant)?, &Exact::read(sent)?, "$", &mut Vec::new(), members))
}

/// A text is no JSON.
#[derive(Debug)]
pub(super) struct NotJson;

fn differs<'v>(
    meant: &'v Exact,
    sent: &'v Exact,
    path: &str,
    names: &mut Vec<&'v str>,
    members: Members,
) -> Option<String> {
    match (meant, sent) {
        (Exact::Object(meant), Exact::Object(sent)) => {
            let times = |pairs: &[(String, Exact)], key: &str| pairs.iter().filter(|(other, _)| other == key).count();
            if let Some((twice, _)) = sent.iter().find(|(key, _)| times(sent, key) > times(meant, key).max(1)) {
                return Some(format!("`{path}.{twice}` is there twice"));
            }
            for (key, value) in meant {
                let at = format!("{path}.{key}");
                names.push(key);
                let found = match sent.iter().find(|(other, _)| other == key) {
                    Some((_, sent)) => differs(value, sent, &at, names, members),
                    None if members == Members::OfProfile && !crate::profile::writes(names) => None,
                    None if *value == Exact::Word("null".to_owned()) => {
                        Some(format!("`{at}` is null, and was left out"))
                    }
                    None => Some(format!("`{at}` is missing")),
                };
                names.pop();
                if found.is_some() {
                    return found;
                }
            }
            let added = sent.iter().find(|(key, _)| meant.iter().all(|(other, _)| other != key));
            added.map(|(key, _)| format!("`{path}.{key}` was added"))
        }
        (Exact::List(meant), Exact::List(sent)) if meant.len() == sent.len() => {
            let mut pairs = meant.iter().zip(sent).enumerate();
            pairs.find_map(|(at, (meant, sent))| differs(meant, sent, &format!("{path}[{at}]"), names, members))
        }
        (Exact::Number(meant), Exact::Number(sent)) => match (Decimal::of(meant), Decimal::of(sent)) {
            (one, other) if one == other => None,
            _ => Some(format!("`{path}` is {meant}, and {sent} was sent")),
        },
        _ if meant == sent => None,
        _ => Some(format!("`{path}` is another one")),
    }
}

impl Exact {
    fn read(text: &[u8]) -> Result<Self, NotJson> {
        let raw: &RawValue = serde_json::from_slice(text).map_err(|_| NotJson)?;
        Self::of(raw).ok_or(NotJson)
    }

    fn of(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Pairs(pairs) = serde_json::from_str(text).ok()?;
                Self::Object(pairs.into_iter().map(|(key, raw)| Some((key, Self::of(&raw)?))).collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text).ok()?;
                Self::List(items.iter().map(|raw| Self::of(raw)).collect::<Option<_>>()?)
            }
            // A quote in front tells a text from a word.
            b'"' => Self::Word(format!("\"{}", serde_json::from_str::<String>(text).ok()?)),
            b'-' | b'0'..=b'9' => Self::Number(text.to_owned()),
            _ => Self::Word(text.to_owned()),
        })
    }
}

/// The members of an object in their order, each as often as it is there.
struct Pairs(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Every;

        impl<'de> Visitor<'de> for Every {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Every)
    }
}

/// A number by its value: sign, digits without zeros at either end, and what power of ten they begin at.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // An exponent beyond that is beyond every number that anybody means.
        let beyond = i64::from(if exponent.starts_with('-') { i32::MIN } else { i32::MAX });
        let exponent = exponent.trim_start_matches('+').parse().map_or(beyond, |exponent: i32| exponent.into());
        let digits = format!("{whole}{fraction}");
        let leading = digits.len() - digits.trim_start_matches('0').len();
        let kept = digits.trim_matches('0').to_owned();
        if kept.is_empty() {
            return Self { negative: false, digits: kept, exponent: 0 };
        }
        Self { negative, digits: kept, exponent: exponent + whole.len() as i64 - leading as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(meant: &str, sent: &str, members: Members) -> String {
        difference(meant.as_bytes(), sent.as_bytes(), members).unwrap().unwrap_or_default()
    }

    #[test]
    fn the_same_in_other_words() {
        for (one, other) in [
            ("{\"a\": 1.0, \"b\": [true, null]}", "{\"b\":[true,null],\"a\":1}"),
            ("1e2", "100.00"),
            ("-0", "0"),
            ("0.010", "1E-2"),
            ("1e9223372036854775807", "1.0e9223372036854775807"),
            ("\"\\u0041\"", "\"A\""),
        ] {
            assert_eq!(found(one, other, Members::All), "", "{one} {other}");
        }
    }

    #[test]
    fn nothing_is_lost_on_the_way() {
        let all = |meant, sent| found(meant, sent, Members::All);
        assert_eq!(all(r#"{"a": {"b": null}}"#, r#"{"a": {}}"#), "`$.a.b` is null, and was left out");
        assert_eq!(all(r#"{"a": [{"b": 1}]}"#, r#"{"a": [{}]}"#), "`$.a[0].b` is missing");
        assert_eq!(all("{}", r#"{"a": 1}"#), "`$.a` was added");
        assert_eq!(all(r#"{"a": 1}"#, r#"{"a": 1, "a": 1}"#), "`$.a` is there twice");
        assert_eq!(
            all(r#"{"a": 9007199254740993}"#, r#"{"a": 9007199254740992}"#),
            "`$.a` is 9007199254740993, and 9007199254740992 was sent"
        );
        assert_eq!(all(r#"{"a": 1e400}"#, r#"{"a": 1e401}"#), "`$.a` is 1e400, and 1e401 was sent");
        assert!(all("1e-99999999999999999999", "1e99999999999999999999").ends_with(" was sent"));
        assert_eq!(all(r#"{"a": "null"}"#, r#"{"a": null}"#), "`$.a` is another one");
        assert!(difference(b"{}", b"{", Members::All).is_err());
    }

    #[test]
    fn a_typed_client_may_lose_what_its_model_has_not() {
        let typed = |meant, sent| found(meant, sent, Members::OfProfile);
        let meant = r#"{"properties": {"future": 1, "fields": [{"fieldName": "Id", "later": 2}]}, "own": 3}"#;
        assert_eq!(typed(meant, r#"{"properties": {"fields": [{"fieldName": "Id"}]}}"#), "");
        let read_only = r#"{"id": "x", "properties": {"tenantId": "x", "typeName": "y"}}"#;
        assert_eq!(typed(read_only, r#"{"properties": {"typeName": "y"}}"#), "");
        assert_eq!(typed(read_only, r#"{"properties": {"tenantId": "x"}}"#), "`$.properties.typeName` is missing");
        assert_eq!(
            typed(meant, r#"{"properties": {"fields": [{"later": 2}]}}"#),
            "`$.properties.fields[0].fieldName` is missing"
        );
        assert_eq!(
            typed(r#"{"properties": {"displayName": {"en-us": "x"}}}"#, r#"{"properties": {"displayName": {}}}"#),
            "`$.properties.displayName.en-us` is missing"
        );
    }
}
