//! What holds of redaction whatever the values are.

use std::collections::HashMap;

use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::{Value, json};

use super::{super::*, Said};
use crate::cassette::{Cassette, Cleared as _};

/// Distinct values of each kind in a recording.
const VALUES: usize = 3;

/// A place in a body, by what stands there.
#[derive(Clone, Copy, Debug)]
struct Slot {
    kind: usize,
    value: usize,
    /// In a text that says nothing of it, instead of by its name.
    mentioned: bool,
}

const NAMES: [&str; 6] = ["password", "subscriptionId", "mail", "pin", "sig", "createdBy"];

/// What the values of one number are made of.
type Drawn = (String, u64, String, u32, String);

/// By kind and number: values that differ from each other.
type Values = Vec<Vec<Value>>;

fn values() -> impl Strategy<Value = Values> {
    let one = || ("[a-zA-Z]{9}", any::<u64>(), "[a-z]{8}", 1_000_000_u32..8_000_000, "[A-Za-z0-9]{40}");
    proptest::collection::vec(one(), VALUES).prop_map(|drawn| {
        let each = |value: &dyn Fn(usize, &Drawn) -> Value| -> Vec<Value> {
            drawn.iter().enumerate().map(|(number, drawn)| value(number, drawn)).collect()
        };
        vec![
            each(&|number, drawn| format!("{}{number}!", drawn.0).into()),
            each(&|number, drawn| format!("5a19f23{number}-79ae-4b7e-855d-{:012x}", drawn.1 >> 16).into()),
            each(&|number, drawn| format!("ada{number}@{}.net", drawn.2).into()),
            each(&|number, drawn| (drawn.3 * 10 + number as u32).into()),
            each(&|number, drawn| format!("{}+{number}/=", drawn.4).into()),
            each(&|number, drawn| format!("Ada{number}{}", drawn.2).into()),
        ]
    })
}

fn slots() -> impl Strategy<Value = Vec<Vec<Slot>>> {
    let slot = (0..NAMES.len(), 0..VALUES, any::<bool>()).prop_map(|(kind, value, mentioned)| Slot {
        kind,
        value,
        // A number is one wherever it stands; and the gate weighs what is random before its name comes.
        mentioned: mentioned && !matches!(kind, 3 | 4),
    });
    proptest::collection::vec(proptest::collection::vec(slot, 1..6), 1..5)
}

/// A value that no name gives away is none: it is mentioned only where it is named elsewhere.
fn is_mentioned(exchanges: &[Vec<Slot>], slot: &Slot) -> bool {
    let names = |other: &Slot| !other.mentioned && (other.kind, other.value) == (slot.kind, slot.value);
    slot.mentioned && exchanges.iter().flatten().any(names)
}

/// The recording with these values in these places.
fn recorded(exchanges: &[Vec<Slot>], values: &Values) -> Cassette {
    let (redactor, cassette) = heard(exchanges, values);
    redactor.finish(cassette).0
}

/// The same, before its stand-ins have their names.
fn heard(exchanges: &[Vec<Slot>], values: &Values) -> (Redactor, Cassette) {
    let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), Named::default());
    let mut interactions = Vec::new();
    for (number, slots) in exchanges.iter().enumerate() {
        let member = |slot: &Slot| match (&values[slot.kind][slot.value], is_mentioned(exchanges, slot)) {
            (Value::String(value), true) => json!({"note": format!("it says {value} there")}),
            (value, _) => json!({NAMES[slot.kind]: value}),
        };
        let body = Value::from(slots.iter().map(member).collect::<Vec<_>>()).to_string();
        let subscription = values[1][slots[0].value].as_str().unwrap();
        let raw = Said {
            target: &format!("/subscriptions/{subscription}/providers/x/things/t{number}?api-version=1"),
            sent: &body,
            answer: &body,
            ..Said::default()
        };
        interactions.push(redactor.exchange(number as u64, raw.raw()).into_inner());
    }
    (redactor, Cassette { interactions, ..Cassette::default() })
}

/// What of the values is in a text.
fn found<'a>(values: &'a Values, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let values = values.iter().flatten().map(|value| value.to_string().trim_matches('"').to_owned());
    values.filter(|value| text.contains(value.as_str()))
}

/// What stands in a slot of the tape.
fn shown(member: &Value, slot: &Slot, mentioned: bool) -> String {
    match (member, mentioned) {
        (member, true) => {
            let note = member["note"].as_str().unwrap();
            note.trim_start_matches("it says ").trim_end_matches(" there").to_owned()
        }
        (member, false) => member[NAMES[slot.kind]].to_string().trim_matches('"').to_owned(),
    }
}

/// Whether two texts of JSON have the same types everywhere.
fn same_types(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_types(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.values().zip(other.values()).all(|(one, other)| same_types(one, other))
        }
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Any JSON, with names of secrets in it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-zA-Z0-9+/=%&;{}\"\\\\ @.:-]{0,60}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        proptest::sample::select(
            &["password", "token", "primaryKey", "createdBy", "tenantId", "sig", "value", "c"][..]
        )
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// [`json_keeps_its_types`] says something only where something is replaced.
#[test]
fn much_of_any_json_is_replaced() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let replaced = (0..200).filter(|_| {
        let body = any_json().new_tree(&mut runner).unwrap().current().to_string();
        let said = Said { sent: &body, ..Said::default() };
        let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), Named::default());
        redactor.exchange(0, said.raw()).interaction().request.body.bytes().unwrap() != body.as_bytes()
    });
    let replaced = replaced.count();
    assert!(replaced >= 40, "{replaced} of 200");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn recordings_that_differ_in_secrets_alone_are_the_same(exchanges in slots(), one in values(), other in values()) {
        let (first, second) = (recorded(&exchanges, &one), recorded(&exchanges, &other));
        prop_assert_eq!(first.to_text(), second.to_text());
        // Nothing is lost, and nothing stays.
        let used = exchanges.iter().flatten().map(|slot| (slot.kind, slot.value));
        let used: std::collections::HashSet<_> = used.collect();
        prop_assert!(first.interactions.len() == exchanges.len() && first.stand_ins.len() >= used.len());
        let left: Vec<_> = found(&one, &first.to_text()).chain(found(&other, &first.to_text())).collect();
        prop_assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn a_recording_with_other_secrets_keeps_every_stand_in(exchanges in slots(), one in values(), other in values()) {
        let accepted = recorded(&exchanges, &one);
        let (redactor, cassette) = heard(&exchanges, &other);
        prop_assert_eq!(redactor.finish_again(cassette, &accepted).0.to_text(), accepted.to_text());
    }

    #[test]
    fn a_stand_in_keeps_its_name_when_an_exchange_before_it_goes(exchanges in slots(), one in values(), other in values()) {
        let accepted = recorded(&exchanges, &one);
        let (redactor, mut cassette) = heard(&exchanges, &other);
        cassette.interactions.remove(0);
        let shrunk = redactor.finish_again(cassette, &accepted).0;
        let text = |interaction: &crate::cassette::Interaction| interaction.to_text();
        let kept: Vec<_> = shrunk.interactions.iter().map(text).collect();
        let before: Vec<_> = accepted.interactions[1..].iter().map(text).collect();
        prop_assert_eq!(kept, before);
    }

    #[test]
    fn redacting_again_changes_nothing(exchanges in slots(), values in values()) {
        let once = recorded(&exchanges, &values);
        let (again, ..) = cassette(once.clone(), Rules::new(&Settings::default()).unwrap(), Named::default());
        prop_assert_eq!(again.to_text(), once.to_text());
    }

    #[test]
    fn equal_stays_equal_and_unequal_unequal(exchanges in slots(), values in values()) {
        let tape = recorded(&exchanges, &values);
        let mut stand_ins: HashMap<(usize, usize), String> = HashMap::new();
        for (interaction, slots) in tape.interactions.iter().zip(&exchanges) {
            let body: Value = serde_json::from_slice(&interaction.request.body.bytes().unwrap()).unwrap();
            for (place, slot) in slots.iter().enumerate() {
                let shown = shown(&body[place], slot, is_mentioned(&exchanges, slot));
                let value = values[slot.kind][slot.value].to_string();
                prop_assert_ne!(&shown, value.trim_matches('"'));
                let first = stand_ins.entry((slot.kind, slot.value)).or_insert_with(|| shown.clone());
                prop_assert_eq!(&*first, &shown);
            }
        }
        let distinct: std::collections::HashSet<_> = stand_ins.values().collect();
        prop_assert_eq!(distinct.len(), stand_ins.len());
    }

    #[test]
    fn json_keeps_its_types(body in any_json()) {
        let text = body.to_string();
        let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), Named::default());
        let raw = Said { sent: &text, ..Said::default() };
        let interaction = redactor.exchange(0, raw.raw()).into_inner();
        let (tape, _) = redactor.finish(Cassette { interactions: vec![interaction], ..Cassette::default() });
        let new: Value = serde_json::from_slice(&tape.interactions[0].request.body.bytes().unwrap()).unwrap();
        prop_assert!(same_types(&body, &new), "{} became {}", body, new);
    }
}
