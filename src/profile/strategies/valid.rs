//! Bodies that no rule complains about.

use std::collections::HashSet;

use proptest::{
    collection,
    prelude::*,
    sample::{self, Index},
};
use serde_json::{Map, Value, json};

use super::{
    super::model::{ENUM_VALUE, FIELD, FIELD_TYPES, Kind, Member, Object, PROFILE, STRONG_ID},
    text::{by_locale, by_name, distinct, lists, text, word},
};

/// Members whose values hang together with others are drawn by hand; `typeName`, which has to be the
/// name in the URL, not at all.
const BY_HAND: [&str; 12] = [
    "apiEntitySetName",
    "arrayValueSeparator",
    "fieldName",
    "fieldType",
    "isArray",
    "isEnum",
    "isFlagEnum",
    "maxLength",
    "strongIdName",
    "timestampFieldName",
    "typeName",
    "value",
];

/// A body that neither a rule nor the published description complains about: the ten types of
/// fields, enums, arrays, strong ids of one or more keys, localized texts in any script, boundary
/// lengths; from the smallest that there is to some hundred fields.
pub fn valid() -> BoxedStrategy<Value> {
    prop_oneof![
        10 => body(field(false), 1..2, false),
        40 => body(field(true), 1..8, true),
        1 => body(field(false), 100..200, true),
    ]
    .boxed()
}

/// As [`valid`], with `null` in the place of members that are not there: the same to the service,
/// and not to be dropped on the way to it.
pub fn valid_with_null() -> BoxedStrategy<Value> {
    (valid(), collection::vec(any::<Index>(), 1..4))
        .prop_map(|(mut body, picks)| {
            for pick in picks {
                set_null(&mut body, pick);
            }
            body
        })
        .boxed()
}

fn body(field: BoxedStrategy<Field>, fields: std::ops::Range<usize>, rich: bool) -> BoxedStrategy<Value> {
    let strong_ids = collection::vec(strong_id(rich), 1..if rich { 4 } else { 2 });
    let properties = if rich { members(&PROFILE) } else { Just(Map::new()).boxed() };
    let kind = proptest::option::of(Just("Profile"));
    let stamp = proptest::option::weighted(0.2, any::<Index>());
    (word(), collection::vec(field, fields), strong_ids, properties, kind, stamp)
        .prop_map(move |(entity_set, fields, strong_ids, mut properties, kind, stamp)| {
            let names = distinct(fields.iter().map(|field| field.name.clone()));
            properties.insert("apiEntitySetName".to_owned(), json!(entity_set));
            if rich {
                properties.extend(kind.map(|kind| ("entityType".to_owned(), json!(kind))));
                properties.extend(stamp.map(|at| ("timestampFieldName".to_owned(), json!(at.get(&names)))));
            }
            let fields: Vec<Value> = fields.into_iter().zip(&names).map(|(field, name)| field.named(name)).collect();
            properties.insert("fields".to_owned(), json!(fields));
            properties.insert("strongIds".to_owned(), json!(made(strong_ids, &names)));
            json!({ "properties": properties })
        })
        .boxed()
}

/// The strong ids over the fields of these names.
fn made(strong_ids: Vec<StrongId>, fields: &[String]) -> Vec<Value> {
    let names = distinct(strong_ids.iter().map(|strong_id| strong_id.name.clone()));
    let make = |(StrongId { keys, mut members, .. }, name): (StrongId, String)| {
        let mut keys: Vec<&String> = keys.iter().map(|key| key.get(fields)).collect();
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(*key));
        members.insert("strongIdName".to_owned(), json!(name));
        members.insert("keyPropertyNames".to_owned(), json!(keys));
        Value::Object(members)
    };
    strong_ids.into_iter().zip(names).map(make).collect()
}

#[derive(Clone, Debug)]
struct StrongId {
    name: String,
    keys: Vec<Index>,
    members: Map<String, Value>,
}

fn strong_id(rich: bool) -> BoxedStrategy<StrongId> {
    let others = if rich { members(&STRONG_ID) } else { Just(Map::new()).boxed() };
    (word(), collection::vec(any::<Index>(), 1..4), others)
        .prop_map(|(name, keys, members)| StrongId { name, keys, members })
        .boxed()
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    members: Map<String, Value>,
}

impl Field {
    fn named(mut self, name: &str) -> Value {
        self.members.shift_insert(0, "fieldName".to_owned(), json!(name));
        Value::Object(self.members)
    }
}

fn field(rich: bool) -> BoxedStrategy<Field> {
    let others = if rich { members(&FIELD) } else { Just(Map::new()).boxed() };
    let kinds = prop_oneof![
        4 => Just(Map::new()),
        2 => length(),
        2 => array(),
        2 => choice(),
    ];
    (word(), sample::select(FIELD_TYPES.to_vec()), kinds, others)
        .prop_map(|(name, kind, special, others)| {
            let mut members = Map::from_iter([("fieldType".to_owned(), json!(kind))]);
            members.extend(special.into_iter().filter(|(name, _)| name != "maxLength" || kind == "Edm.String"));
            members.extend(others);
            Field { name, members }
        })
        .boxed()
}

/// Of a string; a field of another type goes without.
fn length() -> BoxedStrategy<Map<String, Value>> {
    let lengths = prop_oneof![Just(1_i64), Just(4000), Just(i64::from(i32::MAX)), 1..4000_i64];
    lengths.prop_map(|length| Map::from_iter([("maxLength".to_owned(), json!(length))])).boxed()
}

fn array() -> BoxedStrategy<Map<String, Value>> {
    proptest::option::of(sample::select(vec![",", ";", "|", "—", "\t"]))
        .prop_map(|separator| {
            let separator = separator.map(|separator| ("arrayValueSeparator".to_owned(), json!(separator)));
            [("isArray".to_owned(), json!(true))].into_iter().chain(separator).collect()
        })
        .boxed()
}

fn choice() -> BoxedStrategy<Map<String, Value>> {
    let numbers = prop_oneof![0..8_i32, Just(i32::MIN), Just(i32::MAX), any::<i32>()];
    let values = collection::vec((numbers, members(&ENUM_VALUE)), 1..5);
    values
        .prop_map(|mut values| {
            let mut seen = HashSet::new();
            values.retain(|(number, _)| seen.insert(*number));
            let value = |(number, mut members): (i32, Map<String, Value>)| {
                members.shift_insert(0, "value".to_owned(), json!(number));
                Value::Object(members)
            };
            let values: Vec<Value> = values.into_iter().map(value).collect();
            Map::from_iter([("isEnum".to_owned(), json!(true)), ("enumValidValues".to_owned(), json!(values))])
        })
        .boxed()
}

/// Some of the members that a caller may set and that stand for themselves.
fn members(object: &'static Object) -> BoxedStrategy<Map<String, Value>> {
    let free = object.members.iter().filter(|member| !member.read_only && !BY_HAND.contains(&member.name));
    let member = |member: &Member| {
        let name = member.name;
        Some(proptest::option::of(value(member.kind)?.prop_map(move |value| (name.to_owned(), value))))
    };
    let members: Vec<_> = free.filter_map(member).collect();
    members.prop_map(|members| members.into_iter().flatten().collect()).boxed()
}

/// Values of a kind; `None` for what is made of objects, of names or of one word, all drawn by hand.
fn value(kind: Kind) -> Option<BoxedStrategy<Value>> {
    Some(match kind {
        Kind::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Integer => prop_oneof![Just(0_i64), 0..1000_i64, Just(i64::from(i32::MAX))].prop_map(Value::from).boxed(),
        Kind::Text => text().prop_map(Value::from).boxed(),
        Kind::Texts => by_locale(text().prop_map(Value::from)),
        Kind::Lists => lists(),
        Kind::TextsByLocale => by_locale(by_name()),
        Kind::Word(_) | Kind::Names | Kind::One(_) | Kind::Many(_) => return None,
    })
}

/// Sets one optional member that is absent to `null`, anywhere in the body.
fn set_null(body: &mut Value, pick: Index) {
    let mut holes = Vec::new();
    holes_in(&PROFILE, &body["properties"], "/properties", &mut holes);
    if holes.is_empty() {
        return;
    }
    let (pointer, name) = pick.get(&holes).clone();
    if let Some(object) = body.pointer_mut(&pointer).and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), Value::Null);
    }
}

fn holes_in(object: &'static Object, value: &Value, pointer: &str, holes: &mut Vec<(String, &'static str)>) {
    for member in object.members.iter().filter(|member| !member.required && !member.read_only) {
        match (member.kind, value.get(member.name)) {
            // An enum's value has to be there.
            (_, None) if member.name != "value" => holes.push((pointer.to_owned(), member.name)),
            (Kind::Many(inner), Some(Value::Array(items))) => {
                for (at, item) in items.iter().enumerate() {
                    holes_in(inner, item, &format!("{pointer}/{}/{at}", member.name), holes);
                }
            }
            _ => {}
        }
    }
}
