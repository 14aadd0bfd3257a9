//! Rules over what is around a body.

use serde_json::Value;

use super::{
    super::{
        Place,
        rule::{Around, Flaw},
    },
    meaning::properties,
    quoted, text,
};

/// The versions of the provider: the Profile operation is equal in both.
pub const API_VERSIONS: [&str; 2] = ["2017-01-01", "2017-04-26"];

pub(super) fn entity_set_is_taken(body: &Value, around: &Around<'_>) -> Vec<Flaw> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    let taken = text(properties, "apiEntitySetName").filter(|name| around.taken.contains(name));
    let flaw = |name| Flaw::new(place.member("apiEntitySetName"), format!("{} is another type's", quoted(name)));
    taken.map(flaw).into_iter().collect()
}

pub(super) fn type_has_another_name(body: &Value, around: &Around<'_>) -> Vec<Flaw> {
    let Some((properties, place)) = properties(body) else { return Vec::new() };
    let other = text(properties, "typeName").filter(|name| *name != around.name);
    let flaw = |name| {
        let words = format!("it is {}, but the profile is {}", quoted(name), quoted(around.name));
        Flaw::new(place.member("typeName"), words)
    };
    other.map(flaw).into_iter().collect()
}

pub(super) fn name_is_none(around: &Around<'_>) -> Vec<Flaw> {
    if is_name(around.name) {
        return Vec::new();
    }
    let words = format!(
        "the resource name '{}' is not valid: 'profileName' has to match '^[a-zA-Z][a-zA-Z0-9_]+$' and to have at most \
         128 characters",
        around.name
    );
    vec![Flaw::new(Place::root(), words)]
}

pub(super) fn version_is_unknown(around: &Around<'_>) -> Vec<Flaw> {
    let words = match around.api_version {
        Some(version) if API_VERSIONS.contains(&version) => return Vec::new(),
        Some(version) => format!("`api-version` {} is unknown; known are {}", quoted(version), API_VERSIONS.join(", ")),
        None => "`api-version` is missing".to_owned(),
    };
    vec![Flaw::new(Place::root(), words)]
}

pub(super) fn content_is_no_json(around: &Around<'_>) -> Vec<Flaw> {
    let media = around.content_type.map(|value| value.split(';').next().unwrap_or_default().trim());
    let words = match media {
        Some(media) if media.eq_ignore_ascii_case("application/json") => return Vec::new(),
        Some(media) => format!("`Content-Type` is {}, not `application/json`", quoted(media)),
        None => "there is no `Content-Type`; it has to be `application/json`".to_owned(),
    };
    vec![Flaw::new(Place::root(), words)]
}

/// Whether a profile may have this name: `^[a-zA-Z][a-zA-Z0-9_]+$`, at most 128 characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let rest = name.strip_prefix(|first: char| first.is_ascii_alphabetic());
    name.len() <= 128
        && rest.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}
