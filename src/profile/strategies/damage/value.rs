//! What is done to a body as a value.

use serde_json::{Value, json};

use super::Pick;

/// The texts that the items of a list have at `member`.
pub(super) fn texts<'a>(body: &'a Value, list: &str, member: &str) -> Vec<&'a str> {
    let items = body["properties"][list].as_array().into_iter().flatten();
    items.filter_map(|item| item[member].as_str()).filter(|text| !text.is_empty()).collect()
}

/// The name of one of the fields.
pub(super) fn a_field(body: &Value, pick: Pick) -> String {
    pick.place.get(&texts(body, "fields", "fieldName")).to_string()
}

/// A name that nothing in the body has, in no case.
pub(super) fn fresh(body: &Value) -> String {
    let text = body.to_string().to_lowercase();
    (0..).map(|turn| format!("Extra{turn}")).find(|name| !text.contains(&name.to_lowercase())).unwrap_or_default()
}

pub(super) fn insert(body: &mut Value, name: &str, pick: Pick, item: Value) {
    if let Some(items) = body["properties"][name].as_array_mut() {
        items.insert(pick.place.index(items.len() + 1), item);
    }
}

/// Adds a field, a string unless its `members` say otherwise; gives its name.
pub(super) fn add_field(body: &mut Value, pick: Pick, members: Value) -> String {
    let name = fresh(body);
    let mut field = json!({ "fieldName": name, "fieldType": "Edm.String" });
    if let (Some(field), Value::Object(members)) = (field.as_object_mut(), members) {
        field.extend(members);
    }
    insert(body, "fields", pick, field);
    name
}

pub(super) fn add_strong_id(body: &mut Value, pick: Pick, keys: &Value) {
    let strong_id = json!({ "strongIdName": fresh(body), "keyPropertyNames": keys });
    insert(body, "strongIds", pick, strong_id);
}

/// A member of `properties` that is absent, `null` or `empty`.
pub(super) fn hollow(body: &mut Value, name: &str, pick: Pick, empty: Value) {
    match pick.of(&[None, Some(Value::Null), Some(empty)]) {
        Some(value) => body["properties"][name] = value,
        None => drop(body["properties"].as_object_mut().map(|properties| properties.shift_remove(name))),
    }
}

/// Gives a field another name, wherever it is named.
pub(super) fn rename_field(body: &mut Value, old: &str) {
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

pub(super) fn unknown_member(body: &mut Value, pick: Pick) {
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

pub(super) fn read_only(body: &mut Value, pick: Pick) {
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

pub(super) fn wrong_type(body: &mut Value, pick: Pick) {
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

pub(super) fn wrong_dictionary(body: &mut Value, pick: Pick) {
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
