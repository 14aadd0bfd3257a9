//! The 44 rows of `spec/profile.md`, section 6, as rules.

mod around;
mod bytes;
mod meaning;
mod shape;

use serde_json::Value;

pub use self::around::{API_VERSIONS, is_name};
pub(super) use self::bytes::document;
use super::rule::{
    Check::{self, Answer, Around, Body, Both, Bytes, Head},
    Evidence::{self, Description, Inferred, Page, Recording, Review},
    Rule,
    Severity::{self, Error, Warning},
};

/// Every rule, by id. An id occurs twice where a row has a milder case.
pub static RULES: &[Rule] = &[
    rule("PROFILE-01", Error, &[Description], "no body, or an empty one", Bytes(bytes::is_empty)),
    rule("PROFILE-02", Error, &[Inferred], "a body that is not JSON", Bytes(bytes::is_not_json)),
    rule("PROFILE-03", Error, &[Description], "JSON, but not an object", Both(shape::is_no_object)),
    rule(
        "PROFILE-04",
        Error,
        &[Description, Recording],
        "a flat body: what belongs under `properties` stands at the top",
        Body(shape::is_flat),
    ),
    rule(
        "PROFILE-05",
        Error,
        &[Description, Inferred],
        "`properties` missing, null or not an object",
        Both(shape::lacks_properties),
    ),
    rule("PROFILE-06", Error, &[Inferred], "flat and nested at once", Body(shape::is_flat_and_nested)),
    rule(
        "PROFILE-07",
        Error,
        &[Review],
        "an unknown member at the top, such as `location` or `tags`",
        Body(shape::has_unknown_at_the_top),
    ),
    rule(
        "PROFILE-08",
        Warning,
        &[Inferred],
        "an unknown member inside `properties`, a field or a strong id",
        Body(shape::has_unknown_inside),
    ),
    rule("PROFILE-09", Error, &[Page], "`apiEntitySetName` missing or empty", Body(meaning::lacks_entity_set)),
    rule(
        "PROFILE-10",
        Error,
        &[Page],
        "`apiEntitySetName` is that of another type of the hub",
        Around(around::entity_set_is_taken),
    ),
    rule("PROFILE-11", Error, &[Page], "`strongIds` missing or empty", Body(meaning::lacks_strong_ids)),
    rule(
        "PROFILE-12",
        Error,
        &[Description],
        "a strong id without `strongIdName` or `keyPropertyNames`",
        Both(shape::strong_id_lacks_a_member),
    ),
    rule("PROFILE-13", Error, &[Description], "`keyPropertyNames` is not an array", Both(shape::keys_are_no_array)),
    rule(
        "PROFILE-14",
        Error,
        &[Inferred],
        "`keyPropertyNames` is empty, or a key of it is empty or repeated",
        Body(meaning::keys_are_hollow),
    ),
    rule("PROFILE-15", Error, &[Inferred], "a key that is not among the fields", Body(meaning::key_is_no_field)),
    rule(
        "PROFILE-15",
        Warning,
        &[Recording],
        "the key `ProfileId` without its field, which the service adds",
        Body(meaning::key_is_the_services_field),
    ),
    rule(
        "PROFILE-16",
        Warning,
        &[Description],
        "a key that is a field in another case only",
        Body(meaning::key_has_another_case),
    ),
    rule("PROFILE-17", Error, &[Inferred], "two strong ids of one name", Body(meaning::strong_id_is_repeated)),
    rule("PROFILE-18", Error, &[Inferred], "`fields` missing or empty", Body(meaning::lacks_fields)),
    rule(
        "PROFILE-19",
        Error,
        &[Description, Page],
        "a field without `fieldName` or `fieldType`",
        Both(shape::field_lacks_a_member),
    ),
    rule(
        "PROFILE-20",
        Error,
        &[Inferred],
        "a `fieldName` that is no identifier",
        Body(meaning::field_name_is_no_identifier),
    ),
    rule("PROFILE-21", Error, &[Inferred], "two fields of one name", Body(meaning::field_is_repeated)),
    rule(
        "PROFILE-21",
        Warning,
        &[Inferred],
        "two fields whose names differ in case only",
        Body(meaning::field_is_repeated_in_another_case),
    ),
    rule("PROFILE-22", Error, &[Page], "an unknown `fieldType`", Body(meaning::field_type_is_unknown)),
    rule("PROFILE-23", Warning, &[Page], "a `fieldType` in another case", Body(meaning::field_type_has_another_case)),
    rule("PROFILE-24", Error, &[Inferred], "an enum without values", Body(meaning::enum_has_no_values)),
    rule("PROFILE-25", Warning, &[Inferred], "values of an enum without `isEnum`", Body(meaning::values_have_no_enum)),
    rule(
        "PROFILE-26",
        Error,
        &[Description],
        "the value of an enum is not an integer",
        Both(shape::enum_value_is_no_integer),
    ),
    rule(
        "PROFILE-26",
        Error,
        &[Inferred],
        "the value of an enum is missing or repeated",
        Body(meaning::enum_value_is_missing_or_repeated),
    ),
    rule("PROFILE-27", Warning, &[Page], "`isFlagEnum` is set", Body(meaning::is_a_flag_enum)),
    rule("PROFILE-28", Error, &[Description], "`maxLength` is not an integer", Both(shape::max_length_is_no_integer)),
    rule("PROFILE-29", Error, &[Inferred], "`maxLength` is not positive", Body(meaning::max_length_is_not_positive)),
    rule(
        "PROFILE-30",
        Warning,
        &[Description],
        "`maxLength` of what is not a string",
        Body(meaning::max_length_is_not_of_a_string),
    ),
    rule(
        "PROFILE-31",
        Warning,
        &[Inferred],
        "`arrayValueSeparator` without `isArray`",
        Body(meaning::separator_has_no_array),
    ),
    rule("PROFILE-32", Error, &[Description], "a value of the wrong type", Both(shape::has_another_type)),
    rule(
        "PROFILE-33",
        Error,
        &[Description],
        "localized texts or attributes of another shape",
        Both(shape::dictionary_has_another_shape),
    ),
    rule("PROFILE-34", Error, &[Description], "an unknown `entityType`", Body(shape::entity_type_is_unknown)),
    rule(
        "PROFILE-34",
        Error,
        &[Description, Recording],
        "an unknown `entityType` in an answer",
        Answer(shape::shown_entity_type_is_unknown),
    ),
    rule("PROFILE-35", Error, &[Inferred], "`entityType` is not `Profile`", Body(meaning::is_of_another_kind)),
    rule(
        "PROFILE-36",
        Warning,
        &[Description],
        "a member that is only read is set",
        Body(shape::sets_what_is_only_read),
    ),
    rule(
        "PROFILE-37",
        Warning,
        &[Description, Recording],
        "an unknown `provisioningState` in an answer",
        Answer(shape::shown_state_is_unknown),
    ),
    rule(
        "PROFILE-38",
        Warning,
        &[Inferred],
        "`typeName` is not the profile's name",
        Around(around::type_has_another_name),
    ),
    rule(
        "PROFILE-39",
        Error,
        &[Inferred],
        "`timestampFieldName` is not among the fields",
        Body(meaning::timestamp_is_no_field),
    ),
    rule("PROFILE-39", Warning, &[Recording], "`timestampFieldName` is empty", Body(meaning::timestamp_is_empty)),
    rule("PROFILE-40", Error, &[Description], "a name that no profile may have", Head(around::name_is_none)),
    rule(
        "PROFILE-41",
        Error,
        &[Description],
        "`api-version` missing, or not a known one",
        Head(around::version_is_unknown),
    ),
    rule("PROFILE-42", Error, &[Inferred], "a key twice in one object", Bytes(bytes::repeats_a_key)),
    rule(
        "PROFILE-43",
        Error,
        &[Inferred],
        "a body with a byte order mark, or not UTF-8",
        Bytes(bytes::is_not_plain_utf8),
    ),
    rule(
        "PROFILE-44",
        Error,
        &[Description],
        "`Content-Type` is not `application/json`",
        Head(around::content_is_no_json),
    ),
];

const fn rule(
    id: &'static str,
    severity: Severity,
    evidence: &'static [Evidence],
    words: &'static str,
    check: Check,
) -> Rule {
    Rule { id, severity, evidence, words, check }
}

/// The text of a member.
fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// A text of the body in a message: what is long is cut.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
