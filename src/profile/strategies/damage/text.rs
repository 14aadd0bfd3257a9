//! Texts that no value can hold.

use serde_json::{Map, Value, json};

use super::Pick;

pub(super) fn no_json(body: &Value, pick: Pick) -> Vec<u8> {
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

pub(super) fn no_utf8(body: &Value, pick: Pick) -> Vec<u8> {
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

pub(super) fn repeated_key(body: &Value, pick: Pick) -> Vec<u8> {
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
