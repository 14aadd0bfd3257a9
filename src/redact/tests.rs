//! What is replaced, and by what.

mod properties;
mod settled;

use bytes::Bytes;
use http::HeaderMap;

use super::*;
use crate::cassette::{Auth, Body, Cassette, Completion, Interaction, Origin, Times};

fn redactor() -> Redactor {
    Redactor::new(Rules::new(&Settings::default()).unwrap(), Named::default())
}

fn headers(pairs: &[(&'static str, &str)]) -> Raw<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(*name, value.parse().unwrap());
    }
    Raw::new(map)
}

/// An exchange of which only what is named here matters.
pub(super) struct Said<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) request: &'a [(&'static str, &'a str)],
    pub(super) sent: &'a str,
    pub(super) response: &'a [(&'static str, &'a str)],
    pub(super) status: u16,
    pub(super) answer: &'a str,
}

impl Default for Said<'_> {
    fn default() -> Self {
        Self { method: "PUT", target: "/x", request: &[], sent: "", response: &[], status: 200, answer: "" }
    }
}

impl Said<'_> {
    pub(super) fn raw(&self) -> RawExchange {
        RawExchange {
            method: self.method.into(),
            target: Raw::new(self.target.into()),
            scheme: "https",
            authority: Raw::new("management.azure.com".into()),
            version: "HTTP/1.1",
            request_headers: headers(self.request),
            request_body: Raw::new(Bytes::copy_from_slice(self.sent.as_bytes())),
            response: Some(RawResponse {
                status: self.status,
                headers: headers(self.response),
                body: Raw::new(Bytes::copy_from_slice(self.answer.as_bytes())),
            }),
            completion: Completion::Whole,
            connection: 1,
            times: Times { request: 0, answer: 0, end: 0 },
            notes: Vec::new(),
        }
    }
}

/// The tape of these exchanges.
fn tape(said: &[Said<'_>]) -> (Cassette, Report) {
    let redactor = redactor();
    let interactions = said.iter().map(|said| redactor.exchange(0, said.raw()).into_inner()).collect();
    redactor.finish(Cassette { interactions, ..Cassette::default() })
}

fn sent(body: &str) -> String {
    let (cassette, _) = tape(&[Said { sent: body, ..Said::default() }]);
    text(&cassette.interactions[0].request.body)
}

pub(super) fn text(body: &Body) -> String {
    String::from_utf8(body.bytes().unwrap().into()).unwrap()
}

fn only(request: &[(&'static str, &str)], response: &[(&'static str, &str)]) -> Interaction {
    tape(&[Said { request, response, ..Said::default() }]).0.interactions.remove(0)
}

const SUBSCRIPTION: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

#[test]
fn no_credential_and_no_cookie_is_kept() {
    let canary = "canary-5f0c";
    let secret = |name: &'static str| (name, canary);
    let kept = only(
        &[
            ("authorization", "Bearer canary-5f0c"),
            secret("proxy-authorization"),
            secret("cookie"),
            secret("x-ms-authorization-auxiliary"),
            secret("ocp-apim-subscription-key"),
            secret("x-api-key"),
            ("content-type", "application/json"),
        ],
        &[
            secret("set-cookie"),
            secret("x-ms-secret"),
            ("retry-after", "1"),
            ("x-ms-ratelimit-remaining-tenant-reads", "9"),
        ],
    );
    assert!(!format!("{kept:?}").contains(canary), "{kept:?}");
    assert_eq!(kept.request.auth, Some(Auth { kind: "bearer".into(), stand_in: None }));
    assert_eq!(kept.request.headers.get("content-type"), Some("application/json"));
    let response = kept.response.unwrap();
    assert_eq!(response.headers.get("retry-after"), Some("1"));
    assert_eq!(response.headers.get("x-ms-ratelimit-remaining-tenant-reads"), Some("9"));
    insta::assert_snapshot!(kept.notes.join("\n"), @r"
    request headers not kept: cookie, ocp-apim-subscription-key, x-api-key, x-ms-authorization-auxiliary
    response headers not kept: set-cookie, x-ms-secret
    ");
}

#[test]
fn a_credential_without_a_scheme_is_all_secret() {
    for value in ["c2VjcmV0", "bearer", "Canary abc"] {
        assert_eq!(only(&[("authorization", value)], &[]).request.auth.unwrap().kind, "other", "{value}");
    }
}

#[test]
fn a_polling_url_still_joins_its_poll() {
    let operation = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Sql/locations/westus/operationresults/e40cff6d?api-version=2023-01-01\
         &t=638526476436741234&c=MIIHpTCCBo2gAwIBAgIQ&s=k_LYQcr1UqPl-x&h=vwhCVI0G3XNI"
    );
    let location = format!("https://management.azure.com{operation}");
    let (cassette, report) = tape(&[
        Said {
            target: &format!("/subscriptions/{SUBSCRIPTION}/x?api-version=1"),
            response: &[("location", &location)],
            ..Said::default()
        },
        Said {
            method: "GET",
            target: &operation,
            answer: &format!(r#"{{"id": "{SUBSCRIPTION}"}}"#),
            ..Said::default()
        },
    ]);
    let [write, poll] = &cassette.interactions[..] else { panic!() };
    let handed_out = write.response.as_ref().unwrap().headers.get("location").unwrap();
    assert_eq!(handed_out, format!("https://management.azure.com{}", poll.request.target));
    assert_eq!(crate::arm::operations(&cassette.interactions).len(), 1);
    insta::assert_snapshot!(poll.request.target, @"/subscriptions/00000001-0000-4000-8000-000000000001/providers/Microsoft.Sql/locations/westus/operationresults/e40cff6d?api-version=2023-01-01&t=911000001&c=armtape-Signature_000002AAAAAAAA&s=armtape-Signature_000003AAAAAAAA&h=armtape-Signature_000004AAAAAAAA");
    insta::assert_snapshot!(text(&poll.response.as_ref().unwrap().body), @r#"{"id": "00000001-0000-4000-8000-000000000001"}"#);
    insta::assert_debug_snapshot!(cassette.stand_ins, @r#"
    [
        StandIn {
            kind: "subscription",
            value: "00000001-0000-4000-8000-000000000001",
            origin: Request,
        },
        StandIn {
            kind: "signature",
            value: "911000001",
            origin: Answer,
        },
        StandIn {
            kind: "signature",
            value: "armtape-Signature_000002AAAAAAAA",
            origin: Answer,
        },
        StandIn {
            kind: "signature",
            value: "armtape-Signature_000003AAAAAAAA",
            origin: Answer,
        },
        StandIn {
            kind: "signature",
            value: "armtape-Signature_000004AAAAAAAA",
            origin: Answer,
        },
    ]
    "#);
    insta::assert_debug_snapshot!(report.replaced, @r#"
    {
        "polling-url": 8,
        "subscription-id": 4,
    }
    "#);
}

#[test]
fn an_array_that_begins_with_a_literal_is_json() {
    let body = r#"[null,{"password":null},{"password":true}]"#;
    assert_eq!(sent(body), body);
}

#[test]
fn json_keeps_its_types_and_its_spelling() {
    insta::assert_snapshot!(
        sent(concat!(
            "{ \"a\" : 1e2,\n\"password\":\"hunter2!\", \"adminPassword\": {\"value\": \"p@ss\\u0021\"},\"pin\": 471100, ",
            "\"clientSecret\": null, \"token\": [\"one two\", true, 3],\"nested\": \"{\\\"password\\\": \\\"in\\\\u0020here\\\"}\", ",
            "\"id\": \"\\/subscriptions\\/5a19f233-79ae-4b7e-855d-04bfcac8bf04\\/x\",",
            "\"createdBy\": \"ada@lovelace.org\", \"createdByType\": \"User\", \"\\u00e9\": \"\\u00e9\"}"
        )),
        @r#"
    { "a" : 1e2,
    "password":"armtape-Password_000001AAAAAAAAA", "adminPassword": {"value": "armtape-Password_000002AAAAAAAAA"},"pin": 908000003, "clientSecret": null, "token": ["armtape-Token_000001AAAAAAAAAAAA", true, 910000002],"nested": "{\"password\": \"armtape-Password_000004AAAAAAAAA\"}", "id": "\/subscriptions\/00000001-0000-4000-8000-000000000001\/x","createdBy": "person-1@armtape.example", "createdByType": "User", "\u00e9": "\u00e9"}
    "#
    );
}

#[test]
fn every_encoding_is_looked_through() {
    use base64::{Engine as _, engine::general_purpose};
    let inner = format!(r#"{{"tenantId": "{TENANT}", "x": "é"}}"#);
    for encoded in [
        general_purpose::STANDARD.encode(&inner),
        general_purpose::URL_SAFE_NO_PAD.encode(&inner),
        inner.replace('"', "%22").replace(' ', "%20"),
        inner.replace('"', "%2522").replace(' ', "%2520"),
        inner.replace('"', "&quot;"),
        serde_json::Value::from(inner.as_str()).to_string(),
        general_purpose::STANDARD.encode(general_purpose::STANDARD.encode(&inner)),
    ] {
        let body = format!("it says {encoded} there");
        let new = sent(&body);
        assert!(new != body && new.starts_with("it says ") && new.ends_with(" there"), "{new}");
        let again = new.replace("%25", "%").replace("%22", "\"").replace("&quot;", "\"");
        let word = again.split(' ').nth(2).unwrap();
        let decoded = [general_purpose::STANDARD, general_purpose::URL_SAFE_NO_PAD]
            .iter()
            .find_map(|engine| engine.decode(word).ok())
            .map(|bytes| String::from_utf8(bytes).unwrap());
        let decoded = decoded.map(|text| {
            general_purpose::STANDARD.decode(&text).map_or(text, |bytes| String::from_utf8(bytes).unwrap())
        });
        let shown = decoded.unwrap_or(again);
        assert!(
            shown.contains("00000002-0000-4000-8000-000000000001") && !shown.contains(TENANT),
            "{encoded}: {shown}"
        );
    }
}

#[test]
fn a_value_that_is_known_late_is_replaced_where_it_stood_before() {
    let (cassette, _) = tape(&[
        Said { sent: &format!("see {TENANT}"), ..Said::default() },
        Said { sent: &format!(r#"{{"tenantId":"{TENANT}"}}"#), ..Said::default() },
    ]);
    assert!(!cassette.to_text().contains(TENANT), "{}", cassette.to_text());
    assert_eq!(cassette.stand_ins.len(), 1);
    assert_eq!(cassette.stand_ins[0].origin, Origin::Request);
}

#[test]
fn what_looks_like_a_stand_in_is_none() {
    let (first, second) = ("armtape-Password_000001AAAAAAAAA", "hunter2!hunter2!");
    let new = sent(&format!(r#"{{"x": "{second} and {first}", "password": "{second}"}}"#));
    let words: Vec<_> = new.split('"').filter(|word| word.contains("armtape")).collect();
    assert_eq!(words.len(), 2, "{new}");
    let (one, other) = words[0].split_once(" and ").unwrap();
    assert_eq!(one, words[1]);
    assert_ne!(one, other);
}

#[test]
fn what_no_rule_knows_is_stopped_by_the_gate() {
    let (cassette, report) =
        tape(&[Said { sent: r#"{"note": "q8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF"}"#, ..Said::default() }]);
    insta::assert_snapshot!(text(&cassette.interactions[0].request.body), @r#"{"note": "armtape-Suspect_000001AAAAAAAAAA"}"#);
    insta::assert_debug_snapshot!(report.suspects, @r#"
    [
        Finding {
            interaction: Some(
                0,
            ),
            place: "request.body.note",
            rule: "gate",
            value: 0,
        },
    ]
    "#);
}

#[test]
fn an_object_in_a_string_is_no_placeholder() {
    assert_eq!(
        sent(r#"{"protectedSettings": "{\"password\": \"hunter2!\"}", "credential": "{NAME}"}"#),
        r#"{"protectedSettings": "armtape-Secret_000001AAAAAAAAAAA", "credential": "{NAME}"}"#
    );
}

#[test]
fn a_value_is_named_by_what_stands_beside_it() {
    for (body, is_hidden) in [
        (r#"{"name": "DB_PASSWORD", "value": "swordfish"}"#, true),
        (r#"[{"value": "sword\u0066ish", "slotSetting": false, "name": "API_KEY"}]"#, true),
        (r#"{"key": "clientSecret", "value": "swordfish", "x": "other"}"#, true),
        (r#"{"name": "REGION", "value": "swordfish"}"#, false),
        (r#"{"name": "DB_PASSWORD", "inner": {"value": "swordfish"}}"#, false),
        (r#"{"adminPassword": {"type": "securestring", "defaultValue": "swordfish"}}"#, true),
        (r#"{"parameters": {"p": {"defaultValue": "swordfish", "type": "secureString"}}, "name": ""}"#, true),
        (r#"{"name": "run", "args": ["x", "--password", "swordfish", "other"]}"#, true),
        (r#"{"name": "run", "args": ["--verbose", "swordfish"]}"#, false),
        (r#"{"name": "run", "script": "x.sh --admin-password swordfish -y"}"#, true),
        (r#"{"name": "error", "message": "password is swordfish99, too short"}"#, true),
        (r#"{"name": "error", "message": "the password is swordfish"}"#, false),
        (r#"{"secrets": [{"name": "db", "value": "swordfish"}]}"#, true),
        ("<Password><![CDATA[swordfish]]></Password>", true),
    ] {
        let new = sent(body);
        assert_eq!(!new.contains("fish"), is_hidden, "{body}: {new}");
        assert!(new.contains("name") == body.contains("name"), "{new}");
    }
}

#[test]
fn text_of_two_bytes_a_letter_is_looked_through() {
    let body = r#"{"password":"swordfish"}"#;
    let wide: String = body.chars().flat_map(|letter| [letter, '\0']).collect();
    let new = sent(&wide);
    assert!(
        new.replace('\0', "").starts_with(r#"{"password":"armtape-Password"#) && new.len().is_multiple_of(2),
        "{new:?}"
    );
    let table = sent("user,password\nada,swordfish\n");
    assert_eq!(table, "user,password\nada,armtape-Password_000001AAAAAAAAA\n");
}

#[test]
fn the_secret_of_a_vault_is_found_on_both_sides() {
    let target = "/vaults/v/secrets/db?api-version=1";
    let body = r#"{"value": "swordfish", "id": "https://v.vault.azure.net/secrets/db/1"}"#;
    let (cassette, _) = tape(&[Said { target, sent: body, answer: body, ..Said::default() }]);
    let text = cassette.to_text();
    assert!(!text.contains("swordfish") && text.contains("/secrets/db/1"), "{text}");
    let of_arm = r#"{"properties": {"value": "swordfish"}}"#;
    let (cassette, _) = tape(&[Said { target, sent: of_arm, ..Said::default() }]);
    assert!(!cassette.to_text().contains("swordfish"));
    let (cassette, _) = tape(&[Said { target: "/vaults/v/secrets/", answer: body, ..Said::default() }]);
    assert!(cassette.to_text().contains("swordfish"));
}

#[test]
fn keys_that_are_listed_are_found_in_any_form_and_the_head_of_the_answer_stays() {
    for answer in [
        r#"{"keys": [{"keyName": "key1", "value": "swordfish"}]}"#,
        r#"{"content": "{\"value\": \"swordfish\"}"}"#,
        "<?xml version=\"1.0\"?><keys><name>key1</name><value>swordfish</value></keys>",
        "name=key1&value=swordfish",
    ] {
        let said = Said {
            method: "POST",
            target: "/x/listKeys",
            response: &[("content-type", "text/plain")],
            answer,
            ..Said::default()
        };
        let (cassette, _) = tape(&[said]);
        let response = cassette.interactions[0].response.as_ref().unwrap();
        let shown = text(&response.body);
        assert!(!shown.contains("swordfish") && shown.contains("armtape-Key_000001"), "{shown}");
        assert!(shown.contains("key1") == answer.contains("key1"), "{shown}");
        assert_eq!(response.headers.get("content-type"), Some("text/plain"));
    }
}

#[test]
fn what_is_sanitised_already_passes_unharmed() {
    let body = r#"{"password":"Sanitized","key":"U2FuaXRpemVk","subscriptionId":"00000000-0000-0000-0000-000000000000","adminPassword":"{PASSWORD}","connectionString":"endpoint=https://a.b/;accesskey=Sanitized","etag":"\"0x8D4BCC2E4835CD0\"","roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c","cidr":"52.1.2.0/24"}"#;
    assert_eq!(sent(body), body);
}

#[test]
fn a_tape_that_is_redacted_again_stays_as_it_is() {
    let (once, _) = tape(&[
        Said {
            target: &format!("/subscriptions/{SUBSCRIPTION}/b?sig=ab%2Bc%3D"),
            sent: &format!(r#"{{"password":"hunter2!","tenantId":"{TENANT}","pin":12345,"by":"ada@lovelace.org"}}"#),
            ..Said::default()
        },
        Said { target: &format!("/subscriptions/{TENANT}/a"), ..Said::default() },
    ]);
    let (again, ..) = cassette(once.clone(), Rules::new(&Settings::default()).unwrap(), Named::default());
    assert_eq!(again.to_text(), once.to_text());
}

#[test]
fn values_that_the_user_named_are_replaced_everywhere() {
    let mut named = Named::default();
    named.secret("S", "swordfish").unwrap();
    named.secret("N", "470011").unwrap();
    named.variable("hub", "myhub").unwrap();
    assert!(named.secret("X", "x").is_err() && named.variable("a b", "value").is_err());
    let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), named);
    let said = Said {
        target: "/hubs/myhub/x?y=swordfish",
        sent: r#"{"a":"myhub.myhubs","n":470011,"b":"c3dvcmRmaXNoIGFuZCBtb3Jl","h":"73776F726466697368","j":"sword\u0066ish"}"#,
        ..Said::default()
    };
    let interactions = vec![redactor.exchange(0, said.raw()).into_inner()];
    let (cassette, _) = redactor.finish(Cassette { interactions, ..Cassette::default() });
    insta::assert_snapshot!(cassette.interactions[0].request.target, @"/hubs/{hub}/x?y=armtape-Secret_000002AAAAAAAAAAA");
    insta::assert_snapshot!(text(&cassette.interactions[0].request.body), @r#"{"a":"{hub}.myhubs","n":912000001,"b":"YXJtdGFwZS1TZWNyZXRfMDAwMDAyQUFBQUFBQUFBQUEgYW5kIG1vcmU=","h":"armtape-Secret_000002AAAAAAAAAAA","j":"armtape-Secret_000002AAAAAAAAAAA"}"#);
    assert_eq!(cassette.variables.get("hub").map(String::as_str), Some("myhub"));
}

#[test]
fn of_a_value_that_contains_another_the_longer_one_is_replaced() {
    let mut named = Named::default();
    for secret in ["swordfish", "swordfish-7", "fish-7-and"] {
        named.secret("S", secret).unwrap();
    }
    named.variable("hub", "sword").unwrap();
    let redactor = Redactor::new(Rules::new(&Settings::default()).unwrap(), named);
    let said = Said { sent: "swordfish swordfish-7 xswordfishy swordfish-7-and sword", ..Said::default() };
    let interactions = vec![redactor.exchange(0, said.raw()).into_inner()];
    let (cassette, _) = redactor.finish(Cassette { interactions, ..Cassette::default() });
    let new = text(&cassette.interactions[0].request.body);
    let words: Vec<_> = new.split(' ').collect();
    assert!(!new.contains("fish") && !new.contains("-7") && !new.contains("and"), "{new}");
    assert!(words[0] != words[1] && words[2] == format!("x{}y", words[0]) && words[4] == "{hub}", "{new}");
}

#[test]
fn what_other_tools_keep_of_credentials_is_looked_for() {
    let rules = Rules::new(&Settings::default()).unwrap();
    for name in crate::cassette::CREDENTIALS {
        assert!(rules.by_header(name).is_some(), "{name}");
    }
}
