use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::cassette::{Body, ErrorKind};

/// A create, its polls and an update, queue after queue as the recorder writes them.
const TAPE: &str = r#"{
  "Entries": [
    {
      "RequestUri": "/subscriptions/S-1/things/a?api-version=1",
      "EncodedRequestUri": "L3N1YnNjcmlwdGlvbnMvUy0xL3RoaW5ncy9hP2FwaS12ZXJzaW9uPTE=",
      "RequestMethod": "PUT",
      "RequestBody": "{\r\n  \"x\": 1\r\n}",
      "RequestHeaders": {
        "Content-Type": ["application/json"],
        "Content-Length": ["9"],
        "Authorization": ["Bearer abc.def"],
        "Cookie": ["a=b"]
      },
      "ResponseBody": "",
      "ResponseHeaders": {
        "Date": ["Wed, 31 Oct 2018 09:35:43 GMT"],
        "Location": ["https://h/ops/1"],
        "Set-Cookie": ["c=d", "e=f"]
      },
      "StatusCode": 202
    },
    {
      "RequestUri": "/subscriptions/S-1/things/a?api-version=1",
      "RequestMethod": "PUT",
      "ResponseHeaders": { "Date": "Wed, 31 Oct 2018 09:36:13 GMT" },
      "ResponseBody": "{\r\n  \"x\": 1e2\r\n}",
      "StatusCode": 200
    },
    {
      "EncodedRequestUri": "L29wcy8x",
      "RequestMethod": "GET",
      "ResponseHeaders": { "Date": ["Wed, 31 Oct 2018 09:35:40 GMT"], "Transfer-Encoding": ["chunked"] },
      "StatusCode": 202
    },
    {
      "EncodedRequestUri": "L29wcy8x",
      "RequestMethod": "GET",
      "ResponseHeaders": { "Date": ["Wed, 31 Oct 2018 09:36:01 GMT"], "Vary": null },
      "ResponseBody": null,
      "StatusCode": 200
    }
  ],
  "Names": {},
  "Variables": { "SubscriptionId": "s-1", "Other": "x" }
}"#;

fn parse(text: &str) -> Cassette {
    Cassette::from_bytes(text.as_bytes(), &PathBuf::from("tape.json")).unwrap()
}

/// A file of entries that differ from a plain GET by what is given, and no `Date` unless in it.
fn entries(members: &[&str]) -> String {
    let entries: Vec<_> =
        members.iter().map(|members| format!("{{\"RequestMethod\":\"GET\",\"StatusCode\":200,{members}}}")).collect();
    format!("{{\"Entries\":[{}]}}", entries.join(",\n"))
}

fn summary(tape: &Cassette) -> Vec<String> {
    tape.interactions
        .iter()
        .map(|interaction| {
            format!(
                "{} {} {} {:?} line {}",
                interaction.request.method,
                interaction.request.target,
                interaction.response.as_ref().unwrap().status,
                interaction.times.map(|times| times.request),
                interaction.provenance.as_ref().unwrap().line,
            )
        })
        .collect()
}

#[test]
fn entries_come_in_the_order_of_time() {
    let tape = parse(TAPE);
    assert_eq!(
        summary(&tape),
        [
            "PUT /subscriptions/S-1/things/a?api-version=1 202 Some(0) line 3",
            // Its clock is behind: a poll comes after the answer that handed out its URL.
            "GET /ops/1 202 Some(0) line 29",
            "GET /ops/1 200 Some(18000) line 35",
            "PUT /subscriptions/S-1/things/a?api-version=1 200 Some(30000) line 22",
        ]
    );
    assert_eq!(tape.recorded.as_deref(), Some("2018-10-31T09:35:43Z"));
    let provenance = tape.interactions[0].provenance.clone().unwrap();
    assert_eq!((provenance.format.as_str(), provenance.file.as_str()), ("dotnet-session-records", "tape.json"));
}

#[test]
fn credentials_and_framing_are_dropped() {
    let tape = parse(TAPE);
    let request = &tape.interactions[0].request;
    assert_eq!(request.auth.as_ref().unwrap().kind, "bearer");
    assert_eq!(request.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["content-type"]);
    let response = tape.interactions[0].response.as_ref().unwrap();
    assert_eq!(response.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["date", "location"]);
    assert!(tape.interactions[1].response.as_ref().unwrap().headers.get("transfer-encoding").is_none());
    assert!(!format!("{tape:?}").contains("abc.def"));
    let alone = parse(&entries(&[r#""RequestUri":"/x","RequestHeaders":{"authorization":"abc.def"}"#]));
    assert_eq!(alone.interactions[0].request.auth.as_ref().unwrap().kind, "unknown");
}

#[test]
fn bodies_keep_their_spelling() {
    let tape = parse(TAPE);
    assert_eq!(tape.interactions[0].request.body, Body::Json(Bytes::from_static(b"{\r\n  \"x\": 1\r\n}")));
    let last = tape.interactions[3].response.as_ref().unwrap();
    assert_eq!(last.body, Body::Json(Bytes::from_static(b"{\r\n  \"x\": 1e2\r\n}")));
    assert_eq!(tape.interactions[2].response.as_ref().unwrap().body, Body::Empty);
}

#[test]
fn a_body_that_is_no_text_may_be_base64() {
    let of = |content_type: &str, body: &str| {
        let entry = format!(
            r#""RequestUri":"/x","ResponseHeaders":{{"Content-Type":"{content_type}"}},"ResponseBody":"{body}""#
        );
        parse(&entries(&[&entry])).interactions.remove(0).response.unwrap().body
    };
    assert_eq!(of("application/octet-stream", "/wD/"), Body::Binary(Bytes::from_static(b"\xff\0\xff")));
    assert_eq!(of("application/octet-stream", "not base64!"), Body::Text("not base64!".into()));
    assert_eq!(of("text/plain", "/wD/"), Body::Text("/wD/".into()));
    assert_eq!(of("", "/wD/"), Body::Text("/wD/".into()));
}

#[test]
fn the_subscription_is_a_variable_if_a_request_names_it() {
    assert_eq!(parse(TAPE).variables, BTreeMap::from([("SubscriptionId".to_owned(), "s-1".to_owned())]));
    let unused = TAPE.replace("\"s-1\"", "\"s-2\"");
    assert_eq!(parse(&unused).variables, BTreeMap::new());
}

#[test]
fn an_encoded_uri_may_be_padded_oddly() {
    let path = "/a?b=~>?>~";
    let encoded = STANDARD.encode(path);
    let bare = encoded.trim_end_matches('=');
    let safe = bare.replace('+', "-").replace('/', "_");
    for encoded in [encoded.as_str(), bare, &format!("{bare}===="), &format!(" {safe} "), &format!("{safe}=")] {
        let tape = parse(&entries(&[&format!(r#""EncodedRequestUri":"{encoded}""#)]));
        assert_eq!(tape.interactions[0].request.target, path, "{encoded}");
    }
    // Broken, but not needed.
    let tape = parse(&entries(&[r#""RequestUri":"/x","EncodedRequestUri":"%""#]));
    assert_eq!((tape.interactions[0].request.target.as_str(), tape.interactions[0].notes.len()), ("/x", 0));
    // Two truths are said to be two.
    let tape = parse(&entries(&[r#""RequestUri":"/x","EncodedRequestUri":"L3k=""#]));
    assert_eq!((tape.interactions[0].request.target.as_str(), tape.interactions[0].notes.len()), ("/x", 1));
}

#[test]
fn a_whole_url_is_split() {
    let tape = parse(&entries(&[r#""RequestUri":"https://H:443/x?y=http://z""#]));
    let request = &tape.interactions[0].request;
    assert_eq!((request.scheme.as_deref(), request.authority.as_deref()), (Some("https"), Some("H:443")));
    assert_eq!(request.target, "/x?y=http://z");
    let tape = parse(&entries(&[r#""RequestUri":"/x?y=http://z""#]));
    assert_eq!(
        (&tape.interactions[0].request.authority, tape.interactions[0].request.target.as_str()),
        (&None, "/x?y=http://z")
    );
}

#[test]
fn one_uri_keeps_its_order_whatever_the_clocks_say() {
    let entry = |uri: &str, second: &str| {
        format!(r#""RequestUri":"{uri}","ResponseHeaders":{{"Date":["Wed, 31 Oct 2018 09:35:{second} GMT"]}}"#)
    };
    let file =
        [entry("/a", "10"), entry("/a", "05"), entry("/b", "09"), entry("/c", "10"), r#""RequestUri":"/c""#.into()];
    let tape = parse(&entries(&file.each_ref().map(String::as_str)));
    let targets: Vec<_> = summary(&tape);
    assert_eq!(
        targets,
        [
            "GET /a 200 Some(0) line 1",
            "GET /a 200 Some(0) line 2",
            "GET /b 200 Some(0) line 3",
            "GET /c 200 Some(0) line 4",
            "GET /c 200 Some(0) line 5"
        ]
    );
}

#[test]
fn without_any_date_the_file_is_the_order() {
    let tape = parse(&entries(&[r#""RequestUri":"/a""#, r#""RequestUri":"/b""#]));
    assert_eq!(summary(&tape), ["GET /a 200 None line 1", "GET /b 200 None line 2"]);
    assert_eq!(tape.recorded, None);
}

#[test]
fn it_is_recognised_by_content() {
    let with_mark = format!("\u{feff}{TAPE}");
    assert!(recognise(TAPE.as_bytes()) && recognise(with_mark.as_bytes()));
    assert_eq!(parse(&with_mark), parse(TAPE));
    assert!(recognise(&TAPE.as_bytes()[..200]), "cut off");
    assert!(recognise(br#"{"Names":{},"Entries":[]}"#));
    for other in [
        "",
        "[]",
        r#"{"armtape":1}"#,
        r#"{"Entries":[{"RequestUri":"https://h/x","RequestMethod":"GET"}],"Variables":{}}"#,
        r#"{"Entries":[]}"#,
        r#"{"networkCallRecords":[]}"#,
        r#"{"log":"\"Entries\":[{\"RequestUri\":\"/x\"}]"}"#,
    ] {
        assert!(!recognise(other.as_bytes()), "{other}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = |text: &str| read(text.as_bytes(), &PathBuf::from("tape.json")).unwrap_err().to_string();
    assert_eq!(
        error(&TAPE.replace("\"StatusCode\": 200", "\"StatusCode\": \"OK\"")),
        "tape.json: invalid at `Entries[1].StatusCode` (line 27): invalid type: string \"OK\", expected u16"
    );
    assert_eq!(
        error(&TAPE.replace("[\"chunked\"]", "[1]")),
        "tape.json: invalid at `Entries[2].ResponseHeaders.Transfer-Encoding[0]` (line 32): invalid type: integer `1`, expected a string"
    );
    assert_eq!(
        error(&TAPE.replace("\"StatusCode\": 202", "\"StatusCode\": 20")),
        "tape.json: invalid at `Entries[0].StatusCode` (line 3): expected a status code, 100 to 999"
    );
    assert_eq!(
        error(&TAPE.replace("L29wcy8x", "L29wcy8x!")),
        "tape.json: invalid at `Entries[2].EncodedRequestUri` (line 29): expected a path in base64"
    );
    assert_eq!(
        error(&TAPE.replace("\"RequestMethod\": \"GET\",", "")),
        "tape.json: invalid at `Entries[2]` (line 34): missing field `RequestMethod`"
    );
    assert_eq!(
        error("{\"Entries\": [3]}"),
        "tape.json: invalid at `Entries[0]` (line 1): invalid type: integer `3`, expected struct Entry"
    );
    assert_eq!(
        error("{\"Entries\":\n3}"),
        "tape.json: invalid at `Entries` (line 2): invalid type: integer `3`, expected a sequence"
    );
    assert_eq!(error(&TAPE[..900]), "tape.json: not valid JSON at line 28, column 0: EOF while parsing an object");
    assert_eq!(error(&format!("{TAPE}x")), "tape.json: not valid JSON at line 45, column 2: trailing characters");
    let deep = format!("{{\"Names\":{}{},\"Entries\":[]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parse(&deep).interactions, []);
    assert!(error(&deep.replace("Names", "Variables")).contains("invalid at `Variables`"));
    assert!(matches!(read(b"\xff\xfe{\0", &PathBuf::new()).unwrap_err().kind, ErrorKind::Syntax { .. }));
}

proptest! {
    #[test]
    fn a_damaged_file_is_never_a_panic(
        cut in 0..TAPE.len(),
        changes in prop::collection::vec((0..TAPE.len(), any::<u8>()), 0..4),
    ) {
        let mut bytes = TAPE.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut]] {
            recognise(bytes);
            if let Ok(tape) = read(bytes, &PathBuf::from("tape.json")) {
                prop_assert!(tape.interactions.is_sorted_by_key(|interaction| interaction.times.map(|times| times.request)));
            }
        }
    }
}
