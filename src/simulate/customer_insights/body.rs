//! What the service makes of a Profile body (`spec/profile.md`, section 4, the second table).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::route::ProfileId;

/// The field that every profile has.
const PROFILE_ID: &str = "ProfileId";
/// The order of the properties in an answer, whatever it was in the request.
const ORDER: [&str; 18] = [
    "strongIds",
    "apiEntitySetName",
    "entityType",
    "fields",
    "instancesCount",
    "lastChangedUtc",
    "provisioningState",
    "schemaItemTypeLink",
    "tenantId",
    "timestampFieldName",
    "typeName",
    "attributes",
    "description",
    "displayName",
    "largeImage",
    "localizedAttributes",
    "mediumImage",
    "smallImage",
];
/// The flags that a field has in an answer.
const FLAGS: [&str; 7] = ["isArray", "isEnum", "isFlagEnum", "isImage", "isLocalizedString", "isName", "isRequired"];
/// The properties of a profile as PUT and operation show them, out of a request body in which no
/// rule found an error.
pub(super) fn accepted(id: &ProfileId, body: &Value) -> Map<String, Value> {
    let mut properties = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let items = |name: &str| properties.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let (fields, strong_ids) = (fields(items("fields")), strong_ids(items("strongIds")));
    let hub = id.hub.hub.to_lowercase();
    for (name, value) in [
        ("strongIds", Value::Array(strong_ids)),
        // A number, although the description says that it is a string.
        ("entityType", json!(1)),
        ("fields", Value::Array(fields)),
        ("instancesCount", json!(0)),
        // Its place; the value is set when the profile is shown.
        ("provisioningState", Value::Null),
        ("tenantId", json!(hub)),
        ("typeName", json!(id.profile)),
    ] {
        properties.insert(name.to_owned(), value);
    }
    // A body that was read and comes back has it; reads add it anew.
    properties.shift_remove("lastChangedUtc");
    ordered(&properties)
}

/// Takes off what the service itself adds and no request may hold: a client that reads a profile,
/// changes it and puts it back sends it all.
pub(super) fn without_additions(body: &mut Value) {
    let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) else { return };
    if properties.get("entityType") == Some(&json!(1)) {
        properties.shift_remove("entityType");
    }
    if let Some(Value::Array(strong_ids)) = properties.get_mut("strongIds") {
        let named = strong_ids.iter().filter(|strong_id| strong_id.get("strongIdName") == Some(&json!(PROFILE_ID)));
        if named.count() > 1
            && let Some(at) = strong_ids.iter().rposition(|strong_id| *strong_id == own_strong_id())
        {
            strong_ids.remove(at);
        }
    }
}

/// The properties as GET and list show them; only the GET of one profile says when it `changed`.
pub(super) fn read(accepted: &Map<String, Value>, changed: Option<Timestamp>) -> Map<String, Value> {
    let mut properties = accepted.clone();
    if let Some(Value::Array(fields)) = properties.get_mut("fields") {
        fields.sort_by(|one, other| field_name(one).cmp(field_name(other)));
        for field in fields.iter_mut().filter_map(Value::as_object_mut) {
            field.entry("attributes").or_insert_with(|| json!({}));
            field.entry("localizedAttributes").or_insert_with(|| json!({}));
        }
    }
    // The real service puts signed URLs of the images here, which expire two hours after the read:
    // no two reads are equal, and the signature reads as a secret. Nothing is at such a URL here, so
    // it is left out.
    properties.entry("attributes").or_insert_with(|| json!({}));
    properties.entry("localizedAttributes").or_insert_with(|| json!({}));
    if let Some(changed) = changed {
        properties.insert("lastChangedUtc".to_owned(), json!(zoneless(changed)));
    }
    ordered(&properties)
}

/// A profile, with its properties in `state`.
pub(super) fn resource(id: &ProfileId, mut properties: Map<String, Value>, state: &str) -> Value {
    properties.insert("provisioningState".to_owned(), json!(state));
    json!({
        "id": id.path(),
        "name": format!("{}/{}", id.hub.hub, id.profile),
        "properties": properties,
        "type": "Microsoft.CustomerInsights/hubs/profiles",
    })
}

fn fields(sent: &[Value]) -> Vec<Value> {
    let mut fields = Vec::with_capacity(sent.len() + 1);
    let mut number = 0;
    for field in sent.iter().filter_map(Value::as_object) {
        // Numbers go to the other fields in the order of the request.
        let id = if field.get("fieldName") == Some(&json!(PROFILE_ID)) {
            "PROFILEID".to_owned()
        } else {
            number += 1;
            format!("id{number}")
        };
        fields.push(filled(field, &id));
    }
    if !sent.iter().any(|field| field_name(field) == PROFILE_ID) {
        let field = json!({ "fieldName": PROFILE_ID, "fieldType": "Edm.String" });
        fields.extend(field.as_object().map(|field| filled(field, "PROFILEID")));
    }
    fields
}

/// A field with all that the service fills in.
fn filled(sent: &Map<String, Value>, property_id: &str) -> Value {
    let mut field = Map::new();
    for name in ["fieldName", "fieldType"] {
        if let Some(value) = sent.get(name) {
            field.insert(name.to_owned(), value.clone());
        }
    }
    for flag in FLAGS {
        field.insert(flag.to_owned(), sent.get(flag).cloned().unwrap_or(json!(false)));
    }
    field.insert("propertyId".to_owned(), json!(property_id));
    for (name, value) in sent {
        if !field.contains_key(name) {
            field.insert(name.clone(), value.clone());
        }
    }
    // Since April 2017, in either api-version.
    if field.get("fieldType") == Some(&json!("Edm.String")) {
        field.entry("maxLength").or_insert(json!(4000));
        field.entry("isAvailableInGraph").or_insert(json!(true));
    }
    Value::Object(field)
}

/// The strong ids with the one that every profile gets, even where another has its name already.
fn strong_ids(sent: &[Value]) -> Vec<Value> {
    let own = own_strong_id();
    let mut strong_ids = sent.to_vec();
    // Not a second time: a body that was read and is put back would grow with each round. What the
    // real service does then is not recorded.
    if !strong_ids.contains(&own) {
        strong_ids.push(own);
    }
    strong_ids
}

fn own_strong_id() -> Value {
    json!({ "keyPropertyNames": [PROFILE_ID], "strongIdName": PROFILE_ID })
}

fn field_name(field: &Value) -> &str {
    field.get("fieldName").and_then(Value::as_str).unwrap_or_default()
}

/// The properties in the service's order; those that it does not know follow in the request's.
fn ordered(properties: &Map<String, Value>) -> Map<String, Value> {
    let known = ORDER.iter().filter_map(|name| properties.get_key_value(*name));
    let others = properties.iter().filter(|(name, _)| !ORDER.contains(&name.as_str()));
    known.chain(others).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A time as the service writes it: without a zone, so not RFC 3339.
fn zoneless(time: Timestamp) -> String {
    let time = Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time);
    time.strftime("%Y-%m-%dT%H:%M:%S%.f").to_string()
}
