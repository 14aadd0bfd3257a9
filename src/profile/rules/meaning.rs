//! Rules about what the members of a body mean together. Each looks at what has the right type: the
//! rest is another rule's.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    super::{
        Place,
        model::{FIELD_TYPES, PROFILE_ID},
        rule::Flaw,
    },
    quoted, text,
};

/// `properties`, where it is an object.
pub(super) fn properties(body: &Value) -> Option<(&Value, Place)> {
    body.get("properties")
        .filter(|properties| properties.is_object())
        .map(|found| (found, Place::root().member("properties")))
}

/// The objects in the array `name` under `properties`.
fn objects<'a>(body: &'a Value, name: &str) -> Vec<(&'a Map<String, Value>, Place)> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    let place = place.member(name);
    let items = properties.get(name).and_then(Value::as_array).into_iter().flatten().enumerate();
    items.filter_map(|(at, item)| Some((item.as_object()?, place.item(at)))).collect()
}

fn fields(body: &Value) -> Vec<(&Map<String, Value>, Place)> {
    objects(body, "fields")
}

fn strong_ids(body: &Value) -> Vec<(&Map<String, Value>, Place)> {
    objects(body, "strongIds")
}

fn word<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn is_set(object: &Map<String, Value>, flag: &str) -> bool {
    object.get(flag) == Some(&Value::Bool(true))
}

/// Whether a flag is off or absent; of another type is another rule's.
fn is_off(object: &Map<String, Value>, flag: &str) -> bool {
    matches!(object.get(flag), None | Some(Value::Null | Value::Bool(false)))
}

/// A flaw at `name` under `properties` where there is no value, or one that is `hollow`.
fn hollow(body: &Value, name: &str, hollow: fn(&Value) -> bool) -> Vec<Flaw> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    match properties.get(name) {
        None | Some(Value::Null) => vec![Flaw::new(place, format!("`{name}` is missing"))],
        Some(value) if hollow(value) => vec![Flaw::new(place.member(name), format!("`{name}` is empty"))],
        Some(_) => Vec::new(),
    }
}

pub(super) fn lacks_entity_set(body: &Value) -> Vec<Flaw> {
    hollow(body, "apiEntitySetName", |value| value == "")
}

pub(super) fn lacks_strong_ids(body: &Value) -> Vec<Flaw> {
    hollow(body, "strongIds", |value| value.as_array().is_some_and(Vec::is_empty))
}

pub(super) fn lacks_fields(body: &Value) -> Vec<Flaw> {
    hollow(body, "fields", |value| value.as_array().is_some_and(Vec::is_empty))
}

/// The texts of every list of keys, with their places.
fn keys(body: &Value) -> Vec<Vec<(&str, Place)>> {
    strong_ids(body)
        .into_iter()
        .filter_map(|(strong_id, place)| {
            let place = place.member("keyPropertyNames");
            let items = strong_id.get("keyPropertyNames")?.as_array()?.iter().enumerate();
            Some(items.filter_map(|(at, item)| Some((item.as_str()?, place.item(at)))).collect())
        })
        .collect()
}

pub(super) fn keys_are_hollow(body: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let empty = |list: &&(&Map<String, Value>, Place)| {
        list.0.get("keyPropertyNames").and_then(Value::as_array).is_some_and(Vec::is_empty)
    };
    for (_, place) in strong_ids(body).iter().filter(empty) {
        flaws.push(Flaw::new(place.member("keyPropertyNames"), "a strong id needs a key"));
    }
    for keys in keys(body) {
        let mut seen = HashSet::new();
        for (key, place) in keys {
            if key.is_empty() {
                flaws.push(Flaw::new(place, "a key is empty"));
            } else if !seen.insert(key) {
                flaws.push(Flaw::new(place, format!("the key {} occurs twice", quoted(key))));
            }
        }
    }
    flaws
}

/// How a name stands to the fields that are declared.
#[derive(PartialEq, Eq)]
enum Declared {
    Yes,
    /// In another case alone.
    Otherwise,
    /// Not at all, but the service adds it.
    ByService,
    No,
}

/// The names of the fields.
struct Names<'a> {
    exact: HashSet<&'a str>,
    lower: HashSet<String>,
}

impl<'a> Names<'a> {
    /// Without a field there is nothing to compare a name with.
    fn of(body: &'a Value) -> Option<Self> {
        let exact: HashSet<&str> = fields(body).into_iter().filter_map(|(field, _)| word(field, "fieldName")).collect();
        let lower = exact.iter().map(|name| name.to_lowercase()).collect();
        (!exact.is_empty()).then_some(Self { exact, lower })
    }

    fn declare(&self, name: &str) -> Declared {
        if self.exact.contains(name) {
            Declared::Yes
        } else if name == PROFILE_ID {
            Declared::ByService
        } else if self.lower.contains(&name.to_lowercase()) {
            Declared::Otherwise
        } else {
            Declared::No
        }
    }
}

fn keys_declared(body: &Value, how: &Declared, words: &str) -> Vec<Flaw> {
    let Some(names) = Names::of(body) else { return Vec::new() };
    keys(body)
        .into_iter()
        .flatten()
        .filter(|(key, _)| !key.is_empty() && names.declare(key) == *how)
        .map(|(key, place)| Flaw::new(place, format!("{} {words}", quoted(key))))
        .collect()
}

pub(super) fn key_is_no_field(body: &Value) -> Vec<Flaw> {
    keys_declared(body, &Declared::No, "is not among the fields")
}

pub(super) fn key_is_the_services_field(body: &Value) -> Vec<Flaw> {
    keys_declared(body, &Declared::ByService, "is not among the fields; the service adds it")
}

pub(super) fn key_has_another_case(body: &Value) -> Vec<Flaw> {
    keys_declared(body, &Declared::Otherwise, "is a field in another case only")
}

/// The objects whose name is the same as an earlier one's.
fn repeated<'a>(
    objects: Vec<(&'a Map<String, Value>, Place)>,
    name: &str,
    is_same: fn(&str, &str) -> bool,
) -> Vec<Flaw> {
    let mut seen: HashMap<String, Vec<&'a str>> = HashMap::new();
    let mut flaws = Vec::new();
    for (object, place) in objects {
        let Some(word) = word(object, name).filter(|word| !word.is_empty()) else { continue };
        let before = seen.entry(word.to_lowercase()).or_default();
        if before.iter().any(|other| is_same(other, word)) {
            flaws.push(Flaw::new(place.member(name), format!("{} is there already", quoted(word))));
        }
        before.push(word);
    }
    flaws
}

pub(super) fn strong_id_is_repeated(body: &Value) -> Vec<Flaw> {
    repeated(strong_ids(body), "strongIdName", |one, other| one == other)
}

pub(super) fn field_is_repeated(body: &Value) -> Vec<Flaw> {
    repeated(fields(body), "fieldName", |one, other| one == other)
}

pub(super) fn field_is_repeated_in_another_case(body: &Value) -> Vec<Flaw> {
    repeated(fields(body), "fieldName", |one, other| one != other)
}

/// An identifier as OData has it: letters, digits and `_`, no digit first, at most 128 characters.
fn is_identifier(name: &str) -> bool {
    let letter = |letter: char| letter.is_alphabetic() || letter == '_';
    name.starts_with(letter) && name.chars().all(|one| letter(one) || one.is_numeric()) && name.chars().count() <= 128
}

/// Flaws in the fields, at `member` of each.
fn in_fields(body: &Value, member: &str, flaw: impl Fn(&Map<String, Value>) -> Option<String>) -> Vec<Flaw> {
    let found = |(field, place): (&Map<String, Value>, Place)| Some(Flaw::new(place.member(member), flaw(field)?));
    fields(body).into_iter().filter_map(found).collect()
}

pub(super) fn field_name_is_no_identifier(body: &Value) -> Vec<Flaw> {
    in_fields(body, "fieldName", |field| {
        let name = word(field, "fieldName").filter(|name| !is_identifier(name))?;
        Some(format!("{} is no identifier", quoted(name)))
    })
}

fn same_type(word: &str) -> Option<&'static str> {
    FIELD_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(word))
}

pub(super) fn field_type_is_unknown(body: &Value) -> Vec<Flaw> {
    in_fields(body, "fieldType", |field| {
        let word = word(field, "fieldType").filter(|word| same_type(word).is_none())?;
        Some(format!("{} is none of {}", quoted(word), FIELD_TYPES.join(", ")))
    })
}

pub(super) fn field_type_has_another_case(body: &Value) -> Vec<Flaw> {
    in_fields(body, "fieldType", |field| {
        let word = word(field, "fieldType")?;
        let known = same_type(word).filter(|known| *known != word)?;
        Some(format!("{} is `{known}` in another case", quoted(word)))
    })
}

/// The values of an enum, where there are any.
fn enum_values(field: &Map<String, Value>) -> Option<&Vec<Value>> {
    field.get("enumValidValues").and_then(Value::as_array)
}

pub(super) fn enum_has_no_values(body: &Value) -> Vec<Flaw> {
    in_fields(body, "enumValidValues", |field| {
        let hollow = match field.get("enumValidValues") {
            None | Some(Value::Null) => true,
            Some(values) => values.as_array().is_some_and(Vec::is_empty),
        };
        (is_set(field, "isEnum") && hollow).then(|| "`isEnum` is set, but there is no value to choose from".to_owned())
    })
}

pub(super) fn values_have_no_enum(body: &Value) -> Vec<Flaw> {
    in_fields(body, "enumValidValues", |field| {
        let values = enum_values(field).is_some_and(|values| !values.is_empty());
        (values && is_off(field, "isEnum"))
            .then(|| "there are values to choose from, but `isEnum` is not set".to_owned())
    })
}

pub(super) fn enum_value_is_missing_or_repeated(body: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (field, place) in fields(body) {
        let place = place.member("enumValidValues");
        let mut seen = HashSet::new();
        for (at, value) in enum_values(field).into_iter().flatten().enumerate().filter(|(_, value)| value.is_object()) {
            match value.get("value") {
                None | Some(Value::Null) => flaws.push(Flaw::new(place.item(at), "`value` is missing")),
                Some(value) if !seen.insert(value) => {
                    flaws.push(Flaw::new(place.item(at).member("value"), "the value occurs twice"));
                }
                Some(_) => {}
            }
        }
    }
    flaws
}

pub(super) fn is_a_flag_enum(body: &Value) -> Vec<Flaw> {
    in_fields(body, "isFlagEnum", |field| {
        is_set(field, "isFlagEnum").then(|| "it is reserved for future use".to_owned())
    })
}

pub(super) fn max_length_is_not_positive(body: &Value) -> Vec<Flaw> {
    in_fields(body, "maxLength", |field| {
        let length = field.get("maxLength").and_then(Value::as_i64).filter(|length| *length <= 0)?;
        Some(format!("{length} is no length"))
    })
}

pub(super) fn max_length_is_not_of_a_string(body: &Value) -> Vec<Flaw> {
    in_fields(body, "maxLength", |field| {
        let other = word(field, "fieldType").and_then(same_type).filter(|known| *known != "Edm.String")?;
        field.get("maxLength").filter(|length| !length.is_null())?;
        Some(format!("it is used for strings only, not for `{other}`"))
    })
}

pub(super) fn separator_has_no_array(body: &Value) -> Vec<Flaw> {
    in_fields(body, "arrayValueSeparator", |field| {
        word(field, "arrayValueSeparator")?;
        is_off(field, "isArray").then(|| "`isArray` is not set".to_owned())
    })
}

pub(super) fn is_of_another_kind(body: &Value) -> Vec<Flaw> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    let other = text(properties, "entityType").filter(|kind| matches!(*kind, "None" | "Interaction" | "Relationship"));
    let flaw = |kind| Flaw::new(place.member("entityType"), format!("{} is not `Profile`", quoted(kind)));
    other.map(flaw).into_iter().collect()
}

pub(super) fn timestamp_is_no_field(body: &Value) -> Vec<Flaw> {
    timestamp(body, |name| {
        let unknown = !name.is_empty() && Names::of(body).is_some_and(|names| names.declare(name) == Declared::No);
        unknown.then(|| format!("{} is not among the fields", quoted(name)))
    })
}

pub(super) fn timestamp_is_empty(body: &Value) -> Vec<Flaw> {
    timestamp(body, |name| name.is_empty().then(|| "it names no field".to_owned()))
}

fn timestamp(body: &Value, flaw: impl Fn(&str) -> Option<String>) -> Vec<Flaw> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    let words = text(properties, "timestampFieldName").and_then(flaw);
    words.map(|words| Flaw::new(place.member("timestampFieldName"), words)).into_iter().collect()
}
