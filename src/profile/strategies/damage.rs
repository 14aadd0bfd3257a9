//! What is done to a valid body so that exactly one rule is broken.
//!
//! Where it can be, a damage adds something of its own (a field, a strong id): it then breaks nothing
//! else, and two of them can be done to one body.

mod text;
mod value;

use proptest::sample::Index;
use serde_json::{Value, json};

use self::{
    text::{no_json, no_utf8, repeated_key},
    value::{
        a_field, add_field, add_strong_id, fresh, hollow, insert, read_only, rename_field, texts, unknown_member,
        wrong_dictionary, wrong_type,
    },
};
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
