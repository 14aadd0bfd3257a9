//! Rules that the published shape says.

use serde_json::Value;

use super::{
    super::{
        Place,
        model::{DATA_SOURCE, FIELD, Object, PROFILE, ROOT, STATES, STRONG_ID, Seen, members, misfits},
        rule::Flaw,
    },
    quoted, text,
};

pub(super) fn is_no_object(body: &Value) -> Vec<Flaw> {
    if body.is_object() { Vec::new() } else { vec![Flaw::new(Place::root(), "it is JSON, but not an object")] }
}

/// Members that belong under `properties` and stand beside it.
fn flat(body: &Value) -> impl Iterator<Item = &String> {
    body.as_object().into_iter().flat_map(|body| body.keys()).filter(|name| PROFILE.member(name).is_some())
}

pub(super) fn is_flat(body: &Value) -> Vec<Flaw> {
    if body.get("properties").is_some() || flat(body).next().is_none() {
        return Vec::new();
    }
    // The page that people copy from shows it so.
    let words = "the body is flat. The documentation page 'Create or Update Profile Type' shows it so, but on the wire \
                 it is nested: {\"properties\": {\"apiEntitySetName\": ..., \"fields\": [...], \"strongIds\": [...]}}";
    vec![Flaw::new(Place::root(), words)]
}

pub(super) fn lacks_properties(body: &Value) -> Vec<Flaw> {
    let place = Place::root().member("properties");
    match body.get("properties") {
        _ if !body.is_object() => Vec::new(),
        None if flat(body).next().is_some() => Vec::new(),
        None => vec![Flaw::new(Place::root(), "`properties` is missing")],
        Some(Value::Object(_)) => Vec::new(),
        Some(_) => vec![Flaw::new(place, "`properties` is not an object")],
    }
}

pub(super) fn is_flat_and_nested(body: &Value) -> Vec<Flaw> {
    if body.get("properties").is_none() {
        return Vec::new();
    }
    let flaw = |name: &String| Flaw::new(Place::root().member(name), "it belongs under `properties`");
    flat(body).map(flaw).collect()
}

pub(super) fn has_unknown_at_the_top(body: &Value) -> Vec<Flaw> {
    let names = body.as_object().into_iter().flat_map(|body| body.keys());
    names
        .filter(|name| ROOT.member(name).is_none() && PROFILE.member(name).is_none())
        .map(|name| Flaw::new(Place::root().member(name), "a profile has no such member"))
        .collect()
}

pub(super) fn has_unknown_inside(body: &Value) -> Vec<Flaw> {
    let unknown = members(body).into_iter().filter(|seen| seen.member.is_none() && seen.object.name != ROOT.name);
    unknown.map(|seen| Flaw::new(seen.place, format!("{} has no such member", seen.object.name))).collect()
}

pub(super) fn strong_id_lacks_a_member(body: &Value) -> Vec<Flaw> {
    lacking(body, "strongIds", &STRONG_ID)
}

pub(super) fn field_lacks_a_member(body: &Value) -> Vec<Flaw> {
    lacking(body, "fields", &FIELD)
}

fn lacking(body: &Value, list: &str, object: &Object) -> Vec<Flaw> {
    let place = Place::root().member("properties").member(list);
    let items = body.get("properties").and_then(|properties| properties.get(list)).and_then(Value::as_array);
    let mut flaws = Vec::new();
    for (at, item) in items.into_iter().flatten().enumerate().filter(|(_, item)| item.is_object()) {
        for member in object.members.iter().filter(|member| member.required) {
            if item.get(member.name).is_none_or(Value::is_null) {
                flaws.push(Flaw::new(place.item(at), format!("`{}` is missing", member.name)));
            }
        }
    }
    flaws
}

fn misfit(body: &Value, number: u8) -> Vec<Flaw> {
    let misfits = misfits(body).into_iter().filter(|misfit| misfit.number == number);
    misfits.map(|misfit| Flaw::new(misfit.place, format!("it has to be {}", misfit.wanted))).collect()
}

pub(super) fn keys_are_no_array(body: &Value) -> Vec<Flaw> {
    misfit(body, 13)
}

pub(super) fn enum_value_is_no_integer(body: &Value) -> Vec<Flaw> {
    misfit(body, 26)
}

pub(super) fn max_length_is_no_integer(body: &Value) -> Vec<Flaw> {
    misfit(body, 28)
}

pub(super) fn has_another_type(body: &Value) -> Vec<Flaw> {
    misfit(body, 32)
}

pub(super) fn dictionary_has_another_shape(body: &Value) -> Vec<Flaw> {
    misfit(body, 33)
}

pub(super) fn entity_type_is_unknown(body: &Value) -> Vec<Flaw> {
    misfit(body, 34)
}

/// The real service shows the number 1 for `Profile`.
pub(super) fn shown_entity_type_is_unknown(answer: &Value) -> Vec<Flaw> {
    let shown = answer.get("properties").and_then(|properties| properties.get("entityType"));
    if shown.and_then(Value::as_u64) == Some(1) { Vec::new() } else { misfit(answer, 34) }
}

/// What is below something that is only read is not said again.
pub(super) fn sets_what_is_only_read(body: &Value) -> Vec<Flaw> {
    let set = |seen: &Seen<'_>| {
        let read_only = seen.member.is_some_and(|member| member.read_only);
        read_only && !seen.value.is_null() && seen.object.name != DATA_SOURCE.name
    };
    let words = "the service sets it; in a request it is ignored";
    members(body).into_iter().filter(set).map(|seen| Flaw::new(seen.place, words)).collect()
}

pub(super) fn shown_state_is_unknown(answer: &Value) -> Vec<Flaw> {
    let state = answer.get("properties").and_then(|properties| text(properties, "provisioningState"));
    let unknown = state.filter(|state| !STATES.contains(state));
    let place = Place::root().member("properties").member("provisioningState");
    unknown
        .map(|state| Flaw::new(place, format!("{} is no state of the description", quoted(state))))
        .into_iter()
        .collect()
}
