//! What is done to a valid body so that exactly one rule is broken.
//!
//! Where it can be, a damage adds something of its own (a field, a strong id): it then breaks nothing
//! else, and two of them can be done to one body.

use proptest::sample::Index;
use serde_json::{Map, Value, json};

use super::super::{
    Rule,
    Severity::{self, Error, Warning},
    model::PROFILE_ID,
};

/// Which of the places and which of the variants of a damage is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    pub(super) place: Index,
    pub(super) variant: Index,
}

/// One way to break a rule.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) number: u8,
    pub(super) severity: Severity,
    pub(super) act: Act,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Adds or sets something of its own, so that another damage can be done as well.
    Local(fn(&mut Value, Pick)),
    /// Takes away or changes what others may need.
    Whole(fn(&mut Value, Pick)),
    /// Writes text that no value can hold.
    Text(fn(&Value, Pick) -> Vec<u8>),
}

impl Damage {
    pub(super) fn rule(&self) -> Option<&'static Rule> {
        Rule::named(self.number, self.severity)
    }
}

/// Every damage, by row.
pub(super) static DAMAGES: &[Damage] = &[
    damage(1, Error, Act::Text(|_, pick| pick.of(&["", " ", "\r\n"]).into())),
    damage(2, Error, Act::Text(no_json)),
    damage(
        3,
        Error,
        Act::Whole(|body, pick| *body = pick.of(&[json!([]), json!("text"), json!(5), Value::Null, json!([body])])),
    ),
    damage(4, Error, Act::Whole(|body, _| *body = body["properties"].take())),
    damage(
        5,
        Error,
        Act::Whole(|body, pick| {
            *body = pick.of(&[
                json!({}),
                json!({ "properties": null }),
                json!({ "properties": [] }),
                json!({ "properties": "{}" }),
            ]);
        }),
    ),
    damage(
        6,
        Error,
        Act::Whole(|body, pick| {
            let name = pick.of(&["apiEntitySetName", "fields", "strongIds"]);
            body[name] = body["properties"][name].clone();
        }),
    ),
    damage(
        7,
        Error,
        Act::Local(|body, pick| body[pick.of(&["location", "tags", "kind", "Properties", "etag"])] = json!("west us")),
    ),
    damage(8, Warning, Act::Local(unknown_member)),
    damage(9, Error, Act::Local(|body, pick| hollow(body, "apiEntitySetName", pick, json!("")))),
    damage(11, Error, Act::Whole(|body, pick| hollow(body, "strongIds", pick, json!([])))),
    damage(
        12,
        Error,
        Act::Local(|body, pick| {
            let strong_id = pick.of(&[
                json!({ "strongIdName": fresh(body) }),
                json!({ "keyPropertyNames": [a_field(body, pick)] }),
                json!({ "strongIdName": fresh(body), "keyPropertyNames": null }),
                json!({ "strongIdName": null, "keyPropertyNames": [a_field(body, pick)] }),
            ]);
            insert(body, "strongIds", pick, strong_id);
        }),
    ),
    damage(
        13,
        Error,
        Act::Local(|body, pick| {
            let keys = pick.of(&[json!(a_field(body, pick)), json!(1), json!({ "key": a_field(body, pick) })]);
            add_strong_id(body, pick, &keys);
        }),
    ),
    damage(
        14,
        Error,
        Act::Local(|body, pick| {
            let field = a_field(body, pick);
            add_strong_id(body, pick, &pick.of(&[json!([]), json!([""]), json!([field, field])]));
        }),
    ),
    damage(
        15,
        Error,
        Act::Local(|body, pick| {
            let keys = pick.of(&[json!([fresh(body)]), json!([a_field(body, pick), fresh(body)])]);
            add_strong_id(body, pick, &keys);
        }),
    ),
    damage(
        15,
        Warning,
        Act::Whole(|body, pick| {
            rename_field(body, PROFILE_ID);
            add_strong_id(body, pick, &json!([PROFILE_ID]));
        }),
    ),
    damage(
        16,
        Warning,
        Act::Local(|body, pick| {
            let name = add_field(body, pick, json!({}));
            add_strong_id(body, pick, &json!([pick.of(&[name.to_lowercase(), name.to_uppercase()])]));
        }),
    ),
    damage(
        17,
        Error,
        Act::Local(|body, pick| {
            let names = texts(body, "strongIds", "strongIdName");
            let twin = json!({ "strongIdName": pick.place.get(&names), "keyPropertyNames": [a_field(body, pick)] });
            insert(body, "strongIds", pick, twin);
        }),
    ),
    damage(18, Error, Act::Whole(|body, pick| hollow(body, "fields", pick, json!([])))),
    damage(
        19,
        Error,
        Act::Local(|body, pick| {
            let field = pick.of(&[
                json!({ "fieldName": fresh(body) }),
                json!({ "fieldType": "Edm.String" }),
                json!({ "fieldName": fresh(body), "fieldType": null }),
                json!({ "fieldName": null, "fieldType": "Edm.String" }),
            ]);
            insert(body, "fields", pick, field);
        }),
    ),
    damage(
        20,
        Error,
        Act::Local(|body, pick| {
            let long = "a".repeat(129);
            let name = pick.of(&["", " ", "1st", "a-b", "a b", "a.b", "a/b", "@id", "a\u{0}", "💰", long.as_str()]);
            insert(body, "fields", pick, json!({ "fieldName": name, "fieldType": "Edm.String" }));
        }),
    ),
    damage(
        21,
        Error,
        Act::Local(|body, pick| {
            let name = a_field(body, pick);
            insert(body, "fields", pick, json!({ "fieldName": name, "fieldType": "Edm.Guid" }));
        }),
    ),
    damage(
        21,
        Warning,
        Act::Local(|body, pick| {
            let name = add_field(body, pick, json!({}));
            insert(body, "fields", pick, json!({ "fieldName": name.to_uppercase(), "fieldType": "Edm.Guid" }));
        }),
    ),
    damage(
        22,
        Error,
        Act::Local(|body, pick| {
            let kind = pick.of(&[
                "String",
                "int",
                "",
                "Edm",
                "Edm.Binary",
                "Edm.DateTime",
                "Edm.String ",
                "Collection(Edm.String)",
            ]);
            add_field(body, pick, json!({ "fieldType": kind }));
        }),
    ),
    damage(
        23,
        Warning,
        Act::Local(|body, pick| {
            add_field(body, pick, json!({ "fieldType": pick.of(&["edm.string", "EDM.INT32", "Edm.datetimeoffset"]) }));
        }),
    ),
    damage(
        24,
        Error,
        Act::Local(|body, pick| {
            let field = pick.of(&[
                json!({ "isEnum": true }),
                json!({ "isEnum": true, "enumValidValues": [] }),
                json!({ "isEnum": true, "enumValidValues": null }),
            ]);
            add_field(body, pick, field);
        }),
    ),
    damage(
        25,
        Warning,
        Act::Local(|body, pick| {
            let values = json!([{ "value": 1 }]);
            let field =
                pick.of(&[json!({ "enumValidValues": values }), json!({ "isEnum": false, "enumValidValues": values })]);
            add_field(body, pick, field);
        }),
    ),
    damage(
        26,
        Error,
        Act::Local(|body, pick| {
            let values = pick.of(&[
                json!([{ "value": "1" }]),
                json!([{ "value": 1.5 }]),
                json!([{ "value": 1 }, { "value": true }]),
                json!([{}]),
                json!([{ "value": 1 }, { "value": null }]),
                json!([{ "value": 1 }, { "value": 2 }, { "value": 1 }]),
            ]);
            add_field(body, pick, json!({ "isEnum": true, "enumValidValues": values }));
        }),
    ),
    damage(
        27,
        Warning,
        Act::Local(|body, pick| {
            add_field(body, pick, json!({ "isEnum": true, "isFlagEnum": true, "enumValidValues": [{ "value": 1 }] }));
        }),
    ),
    damage(
        28,
        Error,
        Act::Local(|body, pick| {
            let length = pick.of(&[json!("10"), json!(1.5), json!(true), json!([10])]);
            add_field(body, pick, json!({ "maxLength": length }));
        }),
    ),
    damage(
        29,
        Error,
        Act::Local(|body, pick| {
            add_field(body, pick, json!({ "maxLength": pick.of(&[0, -1, i64::MIN]) }));
        }),
    ),
    damage(
        30,
        Warning,
        Act::Local(|body, pick| {
            add_field(body, pick, json!({ "fieldType": pick.of(&["Edm.Int32", "Edm.Guid"]), "maxLength": 10 }));
        }),
    ),
    damage(
        31,
        Warning,
        Act::Local(|body, pick| {
            let field = pick
                .of(&[json!({ "arrayValueSeparator": "," }), json!({ "arrayValueSeparator": ",", "isArray": false })]);
            add_field(body, pick, field);
        }),
    ),
    damage(32, Error, Act::Local(wrong_type)),
    damage(
        32,
        Error,
        Act::Whole(|body, pick| {
            let name = pick.of(&["fields", "strongIds"]);
            body["properties"][name] = json!({ "0": body["properties"][name][0] });
        }),
    ),
    damage(33, Error, Act::Local(wrong_dictionary)),
    damage(
        34,
        Error,
        Act::Whole(|body, pick| {
            body["properties"]["entityType"] =
                pick.of(&[json!("profile"), json!("Link"), json!(""), json!(1), json!([])]);
        }),
    ),
    damage(
        35,
        Error,
        Act::Local(|body, pick| {
            body["properties"]["entityType"] = json!(pick.of(&["None", "Interaction", "Relationship"]));
        }),
    ),
    damage(36, Warning, Act::Local(read_only)),
    damage(39, Error, Act::Local(|body, _| body["properties"]["timestampFieldName"] = json!(fresh(body)))),
    damage(39, Warning, Act::Local(|body, _| body["properties"]["timestampFieldName"] = json!(""))),
    damage(42, Error, Act::Text(repeated_key)),
    damage(43, Error, Act::Text(no_utf8)),
];

const fn damage(number: u8, severity: Severity, act: Act) -> Damage {
    Damage { number, severity, act }
}

impl Pick {
    fn of<T: Clone>(self, variants: &[T]) -> T {
        self.variant.get(variants).clone()
    }
}

/// The texts that the items of a list have at `member`.
fn texts<'a>(body: &'a Value, list: &str, member: &str) -> Vec<&'a str> {
    let items = body["properties"][list].as_array().into_iter().flatten();
    items.filter_map(|item| item[member].as_str()).filter(|text| !text.is_empty()).collect()
}

/// The name of one of the fields.
fn a_field(body: &Value, pick: Pick) -> String {
    pick.place.get(&texts(body, "fields", "fieldName")).to_string()
}

/// A name that nothing in the body has, in no case.
fn fresh(body: &Value) -> String {
    let text = body.to_string().to_lowercase();
    (0..).map(|turn| format!("Extra{turn}")).find(|name| !text.contains(&name.to_lowercase())).unwrap_or_default()
}

fn insert(body: &mut Value, name: &str, pick: Pick, item: Value) {
    if let Some(items) = body["properties"][name].as_array_mut() {
        items.insert(pick.place.index(items.len() + 1), item);
    }
}

/// Adds a field, a string unless its `members` say otherwise; gives its name.
fn add_field(body: &mut Value, pick: Pick, members: Value) -> String {
    let name = fresh(body);
    let mut field = json!({ "fieldName": name, "fieldType": "Edm.String" });
    if let (Some(field), Value::Object(members)) = (field.as_object_mut(), members) {
        field.extend(members);
    }
    insert(body, "fields", pick, field);
    name
}

fn add_strong_id(body: &mut Value, pick: Pick, keys: &Value) {
    let strong_id = json!({ "strongIdName": fresh(body), "keyPropertyNames": keys });
    insert(body, "strongIds", pick, strong_id);
}

/// A member of `properties` that is absent, `null` or `empty`.
fn hollow(body: &mut Value, name: &str, pick: Pick, empty: Value) {
    match pick.of(&[None, Some(Value::Null), Some(empty)]) {
        Some(value) => body["properties"][name] = value,
        None => drop(body["properties"].as_object_mut().map(|properties| properties.shift_remove(name))),
    }
}

/// Gives a field another name, wherever it is named.
fn rename_field(body: &mut Value, old: &str) {
    let new = json!(fresh(body));
    let rename = |value: &mut Value| {
        if value == old {
            *value = new.clone();
        }
    };
    let properties = &mut body["properties"];
    properties.get_mut("timestampFieldName").into_iter().for_each(rename);
    for field in properties["fields"].as_array_mut().into_iter().flatten() {
        rename(&mut field["fieldName"]);
    }
    for strong_id in properties["strongIds"].as_array_mut().into_iter().flatten() {
        strong_id["keyPropertyNames"].as_array_mut().into_iter().flatten().for_each(rename);
    }
}

fn unknown_member(body: &mut Value, pick: Pick) {
    match pick.of(&[0, 1, 2, 3]) {
        0 => body["properties"]["newMember"] = json!({ "any": [1] }),
        1 => drop(add_field(body, pick, json!({ "newMember": 1 }))),
        2 => {
            add_field(body, pick, json!({ "isEnum": true, "enumValidValues": [{ "value": 1, "newMember": "" }] }));
        }
        _ => {
            let strong_id =
                json!({ "strongIdName": fresh(body), "keyPropertyNames": [a_field(body, pick)], "NewMember": true });
            insert(body, "strongIds", pick, strong_id);
        }
    }
}

fn read_only(body: &mut Value, pick: Pick) {
    match pick.of(&[0, 1, 2, 3, 4, 5, 6]) {
        0 => body["id"] = json!("/subscriptions/s"),
        1 => body["name"] = json!("hub/profile"),
        2 => body["type"] = json!("Microsoft.CustomerInsights/hubs/profiles"),
        3 => body["properties"]["lastChangedUtc"] = json!("2017-01-31T23:22:49.63Z"),
        4 => body["properties"]["provisioningState"] = json!("Succeeded"),
        5 => body["properties"]["tenantId"] = json!("hub"),
        _ => drop(add_field(
            body,
            pick,
            json!({ "dataSourcePrecedenceRules": [{ "dataSource": { "name": "a" }, "precedence": 1 }] }),
        )),
    }
}

fn wrong_type(body: &mut Value, pick: Pick) {
    match pick.of(&[0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        0 => body["properties"]["smallImage"] = json!(5),
        1 => body["properties"]["schemaItemTypeLink"] = json!(["http://schema.org"]),
        2 => body["properties"]["instancesCount"] = json!("0"),
        3 => drop(add_field(body, pick, json!({ "isRequired": "true" }))),
        4 => drop(add_field(body, pick, json!({ "isArray": 1 }))),
        5 => drop(add_field(body, pick, json!({ "propertyId": 5 }))),
        6 => insert(body, "fields", pick, json!("Edm.String")),
        7 => add_strong_id(body, pick, &json!([5])),
        _ => {
            let strong_id = json!({ "strongIdName": true, "keyPropertyNames": [a_field(body, pick)] });
            insert(body, "strongIds", pick, strong_id);
        }
    }
}

fn wrong_dictionary(body: &mut Value, pick: Pick) {
    let texts =
        pick.place.get(&[json!("text"), json!(["text"]), json!({ "en-us": 5 }), json!({ "en-us": null })]).clone();
    match pick.of(&[0, 1, 2, 3, 4, 5, 6, 7]) {
        0 => body["properties"]["displayName"] = texts,
        1 => body["properties"]["description"] = texts,
        2 => body["properties"]["attributes"] = json!({ "a": "text" }),
        3 => body["properties"]["attributes"] = json!({ "a": ["text", 1] }),
        4 => body["properties"]["localizedAttributes"] = json!({ "en-us": "text" }),
        5 => body["properties"]["localizedAttributes"] = json!({ "en-us": { "a": ["text"] } }),
        6 => {
            let strong_id =
                json!({ "strongIdName": fresh(body), "keyPropertyNames": [a_field(body, pick)], "displayName": texts });
            insert(body, "strongIds", pick, strong_id);
        }
        _ => {
            let values = json!([{ "value": 1, "localizedValueNames": texts }]);
            add_field(body, pick, json!({ "isEnum": true, "enumValidValues": values }));
        }
    }
}

fn no_json(body: &Value, pick: Pick) -> Vec<u8> {
    let text = body.to_string();
    let rest = &text[1..];
    let text = match pick.of(&[0, 1, 2, 3, 4, 5, 6]) {
        0 => r#"{ "properties": { <profileProperties> } }"#.to_owned(),
        1 => "{'properties': {}}".to_owned(),
        // No part of an object is one: cut it anywhere.
        2 => {
            let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
            text[..*pick.place.get(&cuts)].to_owned()
        }
        3 => format!("{},}}", &text[..text.len() - 1]),
        4 => format!("{{/* a comment */{rest}"),
        5 => format!("{{properties: {{}},{rest}"),
        _ => format!("{text}{text}"),
    };
    text.into_bytes()
}

fn no_utf8(body: &Value, pick: Pick) -> Vec<u8> {
    let text = body.to_string();
    match pick.of(&[0, 1, 2]) {
        0 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        // Latin-1 for é.
        1 => text
            .replacen("\"apiEntitySetName\":\"", "\"apiEntitySetName\":\"\u{1}", 1)
            .bytes()
            .map(|byte| if byte == 1 { 0xe9 } else { byte })
            .collect(),
        _ => b"\xff\xfe".iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
    }
}

fn repeated_key(body: &Value, pick: Pick) -> Vec<u8> {
    let none = Map::new();
    let properties = body["properties"].as_object().unwrap_or(&none);
    let text = match pick.of(&[0, 1, 2]) {
        0 => twice(body.as_object().unwrap_or(&none), "properties"),
        1 => format!(r#"{{"properties":{}}}"#, twice(properties, "apiEntitySetName")),
        _ => {
            let mut others = properties.clone();
            let fields = others.shift_remove("fields").unwrap_or_default();
            let fields = fields.as_array().into_iter().flatten().filter_map(Value::as_object);
            let fields: Vec<String> = fields.map(|field| twice(field, "fieldName")).collect();
            format!(r#"{{"properties":{{"fields":[{}],{}}}"#, fields.join(","), &json!(others).to_string()[1..])
        }
    };
    text.into_bytes()
}

/// The text of an object that has the member `name` two times.
fn twice(object: &Map<String, Value>, name: &str) -> String {
    let member = format!("{}:{}", json!(name), object.get(name).unwrap_or(&Value::Null));
    format!("{{{member},{}", &json!(object).to_string()[1..])
}
