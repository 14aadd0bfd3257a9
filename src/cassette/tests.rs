//! The format, seen from outside: what is written, that it comes back, and what is said of a file
//! that is none.

use std::path::Path;

use proptest::prelude::*;

use super::*;

pub(super) fn example() -> Cassette {
    let answer =
        r#"{"id":"/subscriptions/s/profiles/p","properties":{"n":1.10,"e":1e2,"provisioningState":"Provisioning"}}"#;
    Cassette {
        command: vec!["python".into(), "create.py".into()],
        recorded: Some("2026-11-24T16:42:01Z".into()),
        interactions: vec![
            Interaction {
                request: Request {
                    method: "PUT".into(),
                    target: "/subscriptions/s/profiles/p?api-version=2017-04-26".into(),
                    scheme: Some("https".into()),
                    authority: Some("management.azure.com".into()),
                    version: Some("HTTP/1.1".into()),
                    auth: Some(Auth { kind: "bearer".into(), stand_in: None }),
                    headers: [("Content-Type", "application/json")].into_iter().collect(),
                    body: Body::from_bytes(r#"{"properties": {"description": "caf\u00e9"}}"#.into()),
                },
                response: Some(Response {
                    status: 202,
                    headers: [("server", "a"), ("location", "https://management.azure.com/o/1"), ("server", "b")]
                        .into_iter()
                        .collect(),
                    body: Body::from_bytes(answer.into()),
                }),
                completion: Completion::Whole,
                connection: Some(1),
                times: Some(Times { request: 0, answer: 12, end: 13 }),
                provenance: None,
                notes: vec![],
            },
            Interaction {
                request: Request {
                    method: "GET".into(),
                    target: "/o/1".into(),
                    scheme: None,
                    authority: None,
                    version: None,
                    auth: None,
                    headers: Headers::new(),
                    body: Body::Empty,
                },
                response: Some(Response {
                    status: 200,
                    headers: Headers::new(),
                    body: Body::from_bytes("<error>\n  gone\n</error>\n".into()),
                }),
                completion: Completion::Cut(24),
                connection: None,
                times: None,
                provenance: Some(Provenance {
                    format: "dotnet-session-records".into(),
                    file: "x.json".into(),
                    line: 7,
                }),
                notes: vec!["the answer was cut".into()],
            },
        ],
        ..Cassette::default()
    }
}

#[test]
fn the_text_of_a_cassette() {
    insta::assert_snapshot!(example().to_text());
}

#[test]
fn what_is_written_comes_back() {
    let text = example().to_text();
    let read = Cassette::from_bytes(text.as_bytes(), Path::new("x.json")).unwrap();
    assert_eq!(read, example());
    assert_eq!(read.to_text(), text);
}

fn complaint(text: &str) -> String {
    let error = Cassette::from_bytes(text.as_bytes(), Path::new("tape.json")).unwrap_err();
    format!("{error}\n  hint: {}", error.hint())
}

#[test]
fn what_is_said_of_a_file_that_is_no_cassette() {
    let text = example().to_text();
    let cases = [
        ("empty", String::new()),
        ("cut off", text[..700].to_owned()),
        ("newer", text.replace("\"armtape\": 1", "\"armtape\": 2")),
        ("another object", r#"{"name": "x"}"#.to_owned()),
        ("a page", "<html></html>".to_owned()),
        ("a list", "[1, 2]".to_owned()),
        ("prose", "armtape: 1\n".to_owned()),
        ("wrong type", text.replace("\"status\": 200", "\"status\": \"200\"")),
        ("wrong range", text.replace("\"status\": 200", "\"status\": 42")),
        ("mistyped field", text.replace("\"completion\"", "\"complete\"")),
        ("no method", text.replace("\"GET\"", "\"G\\u001bET\"")),
        ("missing field", text.replace("\"method\": \"GET\",", "")),
        ("bad spacing", text.replace("\"spacing\": \"spaced\"", "\"spacing\": \"airy\"")),
        ("two bodies", text.replace("\"spacing\": \"spaced\"", "\"base64\": \"AA==\"")),
        ("conflict", text.replace("  \"recorded\"", "<<<<<<< HEAD\n  \"recorded\"")),
        ("wrong version type", text.replace("\"armtape\": 1", "\"armtape\": \"1\"")),
    ];
    let report: Vec<String> = cases.iter().map(|(name, text)| format!("{name}:\n{}\n", complaint(text))).collect();
    insta::assert_snapshot!(report.join("\n"));
}

#[test]
fn a_repeated_key_is_kept_as_text() {
    let body = Body::from_bytes(r#"{"a":1,"a":2}"#.into());
    assert_eq!(body, Body::Text(r#"{"a":1,"a":2}"#.into()));
}

#[test]
fn a_sidecar_cannot_name_another_folder() {
    let text = example().to_text();
    let body = r#""body": {"file": "../../etc/passwd", "size": 1}"#;
    let text = text.replacen("\"headers\": {", &format!("{body},\n        \"headers\": {{"), 1);
    let text = text.replacen("\"body\": {\n          \"json\"", "\"bodyx\": {\n          \"json\"", 1);
    assert!(complaint(&text).contains("request"), "{}", complaint(&text));
    let name = format!("sha256-{}", "0".repeat(64));
    let good = Body::Sidecar { name, size: 3 };
    let mut cassette = example();
    cassette.interactions[1].request.body = good.clone();
    let read = Cassette::from_bytes(cassette.to_text().as_bytes(), Path::new("x")).unwrap();
    assert_eq!(read.interactions[1].request.body, good);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        json().prop_map(|json| serde_json::to_vec(&json).unwrap()),
        json().prop_map(|json| serde_json::to_vec_pretty(&json).unwrap()),
        json().prop_map(|json| serde_json::to_string_pretty(&json).unwrap().replace('\n', "\r\n").into_bytes()),
        "\\PC{0,40}\n?\\PC{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..60),
        prop::collection::vec(prop::sample::select(&b"{}[]\",:\\ \n\r1e-.tru"[..]), 0..40),
    ]
}

proptest! {
    /// Exactness: whatever the body is, the tape gives back its bytes, and its text is stable.
    #[test]
    fn any_body_comes_back_byte_for_byte(request in bytes(), response in bytes()) {
        let mut cassette = example();
        cassette.interactions[0].request.body = Body::from_bytes(request.clone().into());
        cassette.interactions[0].response.as_mut().unwrap().body = Body::from_bytes(response.clone().into());
        let text = cassette.to_text();
        let read = Cassette::from_bytes(text.as_bytes(), Path::new("x.json")).unwrap();
        prop_assert_eq!(&read.interactions[0].request.body.bytes().unwrap()[..], &request[..]);
        prop_assert_eq!(&read.interactions[0].response.as_ref().unwrap().body.bytes().unwrap()[..], &response[..]);
        prop_assert_eq!(read.to_text(), text);
    }

    #[test]
    fn any_strings_come_back(target in "/\\PC{0,40}", value in ".{0,20}", note in ".{0,20}") {
        let mut cassette = example();
        cassette.interactions[0].request.target = target;
        cassette.interactions[0].request.headers.append("x-a", value);
        cassette.interactions[0].notes.push(note);
        let read = Cassette::from_bytes(cassette.to_text().as_bytes(), Path::new("x.json")).unwrap();
        prop_assert_eq!(read, cassette);
    }

    /// No text makes the reader panic.
    #[test]
    fn a_damaged_file_is_an_error_or_a_cassette(at in 0usize..2000, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = example().to_text().into_bytes();
        let at = at.min(bytes.len() - 1);
        if cut { bytes.truncate(at); } else { bytes[at] = byte; }
        let _ = Cassette::from_bytes(&bytes, Path::new("x.json"));
    }
}
