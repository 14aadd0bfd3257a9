//! Bodies of a profile: strategies, rules and the published description against each other.
//!
//! `ARMTAPE_BODIES=10000` makes the long form; what it prints is in docs/profile.md.

use std::collections::{BTreeMap, BTreeSet};

use armtape::profile::{self, Case, Finding, Payload, Severity};
use proptest::strategy::BoxedStrategy;
use serde_json::{Value, json};

use crate::support::shared;

/// What is drawn where nobody asks for more.
const BODIES: u64 = 500;
const SEED: u64 = 20_170_426;

fn bodies() -> u64 {
    std::env::var("ARMTAPE_BODIES").map_or(BODIES, |number| number.parse().unwrap())
}

fn drawn<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>) -> impl Iterator<Item = T> {
    (0..bodies()).map(move |index| profile::draw(strategy, SEED, index).unwrap())
}

fn rules(findings: &[Finding]) -> BTreeSet<(Severity, &'static str)> {
    findings.iter().map(|finding| (finding.rule.severity, finding.rule.id)).collect()
}

fn named(case: &Case) -> BTreeSet<(Severity, &'static str)> {
    case.defects.iter().map(|rule| (rule.severity, rule.id)).collect()
}

/// Draws the bodies of a strategy that names what is wrong with them; how often it was each.
fn count(strategy: &BoxedStrategy<Case>, check: impl Fn(&Case, &[Finding])) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for case in drawn(strategy) {
        let findings = profile::judge(&case.payload.bytes());
        assert_eq!(rules(&findings), named(&case), "{case:?}\n{findings:#?}");
        check(&case, &findings);
        for rule in &case.defects {
            *counts.entry(rule.id).or_default() += 1;
        }
    }
    counts
}

/// The published description of a body, as a JSON Schema.
fn description() -> Option<(Value, jsonschema::Validator)> {
    let file = shared::shared()?.join("data/customer-insights/customer-insights-2017-04-26.swagger.json");
    let swagger: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        // What is a type in the description may be anything in a schema that does not say so.
        "type": "object",
        "allOf": [{ "$ref": "#/definitions/ProfileResourceFormat" }],
        "definitions": typed(&swagger["definitions"]),
    });
    let validator = jsonschema::draft4::new(&schema).unwrap();
    Some((swagger, validator))
}

/// The definitions with the type that each of them has without saying so: later revisions of the
/// file write it down.
fn typed(definitions: &Value) -> Value {
    let mut definitions = definitions.clone();
    for definition in definitions.as_object_mut().unwrap().values_mut() {
        let object = definition.as_object_mut().unwrap();
        if object.contains_key("properties") {
            object.entry("type").or_insert(json!("object"));
        }
    }
    definitions
}

#[test]
fn no_rule_complains_about_a_valid_body() {
    let description = description();
    let mut sizes = BTreeMap::<&str, u64>::new();
    for body in drawn(&profile::valid()) {
        let text = body.to_string();
        let findings = profile::judge(text.as_bytes());
        assert!(findings.is_empty(), "{text}\n{findings:#?}");
        if let Some((_, description)) = &description {
            assert!(description.is_valid(&body), "{text}");
        }
        *sizes.entry(size(text.len())).or_default() += 1;
    }
    println!("valid: {sizes:?}");
    assert_eq!(sizes.len(), 3, "{sizes:?}");

    for body in drawn(&profile::valid_with_null()) {
        let text = body.to_string();
        assert!(text.contains("null"), "{text}");
        assert!(profile::judge(text.as_bytes()).is_empty(), "{text}");
    }
}

fn size(length: usize) -> &'static str {
    match length {
        0..300 => "under 300 bytes",
        300..10_000 => "up to 10 kB",
        _ => "more",
    }
}

#[test]
fn valid_bodies_meet_what_a_profile_may_be() {
    let text: String = drawn(&profile::valid()).map(|body| body.to_string()).collect();
    for kind in ["String", "Int32", "Boolean", "Byte", "DateTimeOffset", "Decimal", "Double", "Guid", "Int16", "Int64"]
    {
        assert!(text.contains(&format!("\"Edm.{kind}\"")), "{kind}");
    }
    for sign in [
        "\"isEnum\":true",
        "\"isArray\":true",
        "\"arrayValueSeparator\":",
        "\"maxLength\":2147483647",
        "\"value\":-2147483648",
        "\"timestampFieldName\":",
        "\"entityType\":\"Profile\"",
        "\"localizedAttributes\":{\"",
        "名前",
        r"\u0000",
    ] {
        assert!(text.contains(sign), "{sign}");
    }
}

/// The rows whose every body the description refuses; of rows 5 and 26 it refuses some.
const REFUSED: [&str; 8] =
    ["PROFILE-03", "PROFILE-12", "PROFILE-13", "PROFILE-19", "PROFILE-28", "PROFILE-32", "PROFILE-33", "PROFILE-34"];

#[test]
fn an_invalid_body_has_the_error_that_it_names_and_no_other() {
    let description = description();
    let counts = count(&profile::invalid(), |case, findings| {
        let (Payload::Json(body), Some((_, description))) = (&case.payload, &description) else { return };
        let id = case.defects[0].id;
        let refused = match id {
            "PROFILE-05" => body.get("properties").is_some(),
            "PROFILE-26" => findings.iter().any(|finding| finding.rule.words.contains("not an integer")),
            id => REFUSED.contains(&id),
        };
        // To the description `null` is no string, no array, no anything.
        let refused = refused || has_null(body);
        assert_eq!(!description.is_valid(body), refused, "{id}: {body}");
    });
    println!("invalid: {counts:?}");
    let all: BTreeSet<&str> = profile::RULES
        .iter()
        .filter(|rule| rule.severity == Severity::Error && !OUTSIDE.contains(&rule.id))
        .map(|rule| rule.id)
        .collect();
    assert_eq!(counts.into_keys().collect::<BTreeSet<_>>(), all);
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

/// What a body alone cannot show: it takes the hub, the URL, a header, or an answer.
const OUTSIDE: [&str; 6] = ["PROFILE-10", "PROFILE-37", "PROFILE-38", "PROFILE-40", "PROFILE-41", "PROFILE-44"];

#[test]
fn an_unusual_body_has_the_warning_that_it_names_and_no_other() {
    let description = description();
    let counts = count(&profile::unusual(), |case, _| {
        let (Payload::Json(body), Some((_, description))) = (&case.payload, &description) else { return };
        assert!(description.is_valid(body), "{body}");
    });
    println!("unusual: {counts:?}");
    let all: BTreeSet<&str> = profile::RULES
        .iter()
        .filter(|rule| rule.severity == Severity::Warning && !OUTSIDE.contains(&rule.id))
        .map(|rule| rule.id)
        .collect();
    assert_eq!(counts.into_keys().collect::<BTreeSet<_>>(), all);
}

#[test]
fn a_pair_has_two_errors() {
    let counts = count(&profile::invalid_pair(), |case, _| assert_eq!(case.defects.len(), 2));
    assert!(counts.len() > 15, "{counts:?}");
}

#[test]
fn what_is_not_json_is_said_to_be_none() {
    for bytes in drawn(&profile::not_json()) {
        assert!(serde_json::from_slice::<Value>(&bytes).is_err());
        let found = rules(&profile::judge(&bytes));
        assert!(found.contains(&(Severity::Error, "PROFILE-02")) || found.contains(&(Severity::Error, "PROFILE-43")));
    }
}

#[test]
fn names_and_versions_are_what_they_are_called() {
    for name in drawn(&profile::names()) {
        assert!(profile::is_name(&name), "{name}");
    }
    for name in drawn(&profile::invalid_names()) {
        assert!(!profile::is_name(&name), "{name}");
    }
    for version in drawn(&profile::invalid_api_versions()) {
        assert!(!profile::API_VERSIONS.contains(&version.as_str()), "{version}");
    }
}

/// Every recorded body of a profile, sent or shown.
#[test]
fn the_real_service_and_its_clients_break_no_rule() {
    let Some(shared) = shared::shared() else { return };
    let (mut sent, mut shown) = (0, 0);
    let mut warnings = BTreeSet::new();
    for file in std::fs::read_dir(shared.join("data/recordings/dotnet-session-records")).unwrap() {
        let cassette = armtape::cassette::Cassette::load(&file.unwrap().path()).unwrap();
        for interaction in &cassette.interactions {
            let target = &interaction.request.target;
            if !target.contains("Microsoft.CustomerInsights/hubs/") || !target.contains("/profiles/") {
                continue;
            }
            if interaction.request.method == "PUT" {
                let findings = profile::judge(&body(&interaction.request.body));
                warnings.extend(findings.iter().map(|finding| finding.rule.id));
                assert!(findings.iter().all(|finding| finding.rule.severity == Severity::Warning), "{findings:#?}");
                sent += 1;
            }
            let answer = interaction.response.as_ref().map(|response| body(&response.body)).unwrap_or_default();
            if let Ok(answer @ Value::Object(_)) = serde_json::from_slice(&answer) {
                let findings = profile::judge_answer(&answer);
                assert!(findings.is_empty(), "{findings:#?}");
                shown += 1;
            }
        }
    }
    println!("recorded: {sent} sent, {shown} shown, warnings {warnings:?}");
    assert!(sent >= 7 && shown > 100, "{sent} {shown}");
}

fn body(body: &armtape::cassette::Body) -> Vec<u8> {
    match body {
        armtape::cassette::Body::Json(bytes) => bytes.to_vec(),
        armtape::cassette::Body::Text(text) => text.clone().into_bytes(),
        _ => Vec::new(),
    }
}

/// `docs/profile.md` lists the rules as they are.
#[test]
fn the_document_lists_the_rules() {
    let mut table = "| rule | severity | defect | says so |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in profile::RULES {
        let evidence: Vec<String> = rule.evidence.iter().map(ToString::to_string).collect();
        table.push_str(&format!("| {} | {} | {} | {} |\n", rule.id, rule.severity, rule.words, evidence.join(", ")));
    }
    let document = std::fs::read_to_string("docs/profile.md").unwrap();
    assert!(document.contains(&table), "docs/profile.md lacks this table:\n\n{table}");
}
