//! Small recordings of every format, whole and damaged.

use std::path::PathBuf;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::cassette::{Body, Completion, ErrorKind};

const TEST_PROXY: &str = r#"{
  "Entries": [
    {
      "RequestUri": "https://Sanitized.azure.com/subscriptions/s/things/a?api-version=1",
      "RequestMethod": "PUT",
      "RequestHeaders": { ":authority": "h", "Authorization": "Sanitized", "Content-Type": "application/json" },
      "RequestBody": { "x": 1e2, "y": [ 1, "a  b" ] },
      "StatusCode": 202,
      "ResponseHeaders": {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "7",
        "Date": "Wed, 31 Oct 2018 09:35:43 GMT",
        "Location": "https://Sanitized.azure.com/ops/1",
        "Set-Cookie": [ "a=b", "c=d" ]
      },
      "ResponseBody": [ "one\r\n", "two" ]
    },
    {
      "RequestUri": "https://h/blob",
      "RequestMethod": "GET",
      "RequestHeaders": { "Content-Type": "multipart/mixed; boundary=x" },
      "RequestBody": [ "--x\r\n", [], "b64:/wD/", "\r\n" ],
      "StatusCode": 200,
      "ResponseHeaders": { "Content-Type": "application/octet-stream", "Date": "Wed, 31 Oct 2018 09:35:40 GMT" },
      "ResponseBody": "/wD/"
    }
  ],
  "Variables": { "RandomSeed": "1" }
}"#;

const JAVA: &str = r#"{
  "networkCallRecords" : [ {
    "Method" : "PUT",
    "Uri" : "http://localhost:1234/subscriptions/s/things/a?api-version=1",
    "Headers" : { "Content-Type" : "application/json; charset=utf-8" },
    "Response" : {
      "date" : "Thu, 17 Oct 2019 14:11:35 GMT",
      "content-length" : "7",
      "StatusCode" : "201",
      "content-type" : "application/json",
      "Body" : "{\"a\":1}"
    }
  }, {
    "Method" : "GET",
    "Uri" : "http://localhost:1234/x",
    "Headers" : { },
    "Response" : null
  } ],
  "variables" : [ "s" ]
}"#;

const VCRPY: &str = r#"interactions:
- request:
    body: '{"a": 1,
      "b": 2}'
    headers:
      Accept: [application/json]
      Authorization: [Bearer abc.def]
      Content-Type:
      - application/json
    method: PUT
    uri: https://management.azure.com/subscriptions/s/things/a?api-version=1
  response:
    body:
      string: !!python/unicode '{"provisioningState":"Creating"}'
    headers: &shared
      date: [null, 'Mon, 14 Sep 2020 08:20:14 GMT']
      retry-after: 5
      content-length: '523'
    status: {code: 201, message: Created}
    url: https://management.azure.com/elsewhere
- request:
    body: null
    headers: null
    method: GET
    uri: https://management.azure.com/x
  response:
    body: {string: !!binary "/wD/"}
    headers: *shared
    status: {code: 200, message: null}
version: 1
"#;

const RUBY: &str = r#"---
http_interactions:
- request:
    method: put
    uri: https://management.azure.com/subscriptions/<ID>/things/a?api-version=1
    body:
      encoding: UTF-8
      string: '{"a":1}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 201
      message: 
    headers:
      set-cookie:
      - a=b
    body:
      encoding: ASCII-8BIT
      base64_string: |
        eyJh
        IjoxfQ==
    http_version: 
  recorded_at: Thu, 19 May 2016 04:39:30 GMT
recorded_with: VCR 2.9.3
"#;

const GO_1: &str = r#"---
version: 1
interactions:
- request:
    body: '{"url: ":1}'
    form: {}
    headers:
      X-Ms-Date:
      - Wed, 20 Oct 2021 18:05:42 GMT
    url: https://management.azure.com/subscriptions/s/things/a?api-version=1
    method: PUT
  response:
    body: ""
    headers: {}
    status: 201 Created
    code: 201
    duration: ""
"#;

const GO_2: &str = r#"---
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        host: h
        body: !!binary |
          /wD/
        form: {}
        headers: {}
        url: https://h:443/subscriptions/s/things/a?api-version=1
        method: PUT
      response:
        proto: HTTP/2.0
        uncompressed: false
        body: |
          {"a":1}
          {"b":2}
        headers:
            Date:
                - Fri, 14 Jun 2024 21:32:29 GMT
        status: 200 OK
        code: 200
        duration: 1.5s
---
time: "1718400745"
"#;

const HAR: &str = r#"{"log": {"version": "1.2", "creator": {"name": "a", "version": "1"}, "entries": [
  {"startedDateTime": "2024-06-14T21:32:31.500Z", "time": 12.4, "timings": {"wait": 10, "receive": 2},
   "request": {"method": "GET", "url": "https://h/y#z", "httpVersion": "h2", "headers": [], "cookies": []},
   "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "image/png"}],
     "content": {"size": 3, "text": "/wD/", "encoding": "base64"}}},
  {"startedDateTime": "2024-06-14T23:32:30+02:00", "time": -1,
   "request": {"method": "PUT", "url": "https://h/subscriptions/s/things/a?api-version=1", "httpVersion": "HTTP/1.1",
     "headers": [{"name": "Cookie", "value": "a=b"}], "postData": {"mimeType": "application/json", "text": "{\"a\":1}"}},
   "response": {"status": 0, "headers": [], "content": {"size": 0}}},
  {"request": {"method": "GET", "url": "data:image/png;base64,AAAA"}, "response": {"status": 200}, "startedDateTime": ""}
]}}"#;

const ALL: [(&str, &str); 7] = [
    ("test-proxy", TEST_PROXY),
    ("java-session-records", JAVA),
    ("vcrpy", VCRPY),
    ("ruby-vcr", RUBY),
    ("go-vcr", GO_1),
    ("go-vcr", GO_2),
    ("har", HAR),
];

fn read(text: &str) -> Result<Cassette, Error> {
    Cassette::from_bytes(text.as_bytes(), &PathBuf::from("tape"))
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

/// Method, URL, status, times and line of each interaction.
fn summary(text: &str) -> Vec<String> {
    let tape = read(text).unwrap();
    let lines = tape.interactions.iter().map(|interaction| {
        let request = &interaction.request;
        let times = interaction.times.map(|times| [times.request, times.answer, times.end]);
        format!(
            "{} {}://{}{} {:?} {:?} line {}",
            request.method,
            request.scheme.as_deref().unwrap_or_default(),
            request.authority.as_deref().unwrap_or_default(),
            request.target,
            interaction.response.as_ref().map(|response| response.status),
            times,
            interaction.provenance.as_ref().unwrap().line,
        )
    });
    lines.collect()
}

fn bodies(text: &str) -> Vec<[Body; 2]> {
    let tape = read(text).unwrap();
    let bodies = tape.interactions.into_iter().map(|interaction| {
        [interaction.request.body, interaction.response.map(|response| response.body).unwrap_or_default()]
    });
    bodies.collect()
}

fn json(text: &'static str) -> Body {
    Body::Json(Bytes::from_static(text.as_bytes()))
}

fn bytes() -> Body {
    Body::Binary(Bytes::from_static(b"\xff\0\xff"))
}

#[test]
fn every_format_is_recognised_by_content() {
    for (format, text) in ALL {
        for text in [text.to_owned(), format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
            let tape = read(&text).unwrap();
            assert_eq!(tape.interactions[0].provenance.as_ref().unwrap().format, format);
            let kept = format!("{tape:?}");
            for secret in ["abc.def", "a=b", "c=d"] {
                assert!(!kept.contains(secret), "{format}: {secret}");
            }
            assert!(!kept.to_ascii_lowercase().contains("content-length"), "{format}");
        }
    }
    for other in [
        "{}",
        "version: 2\n",
        "name: x\nsteps:\n  interactions: 1\n",
        "<html>",
        "[]",
        "{\"log\": \"x\"}",
        "{\"interactions\": 2}",
        "{\"interactions\": [{\"request\": 1}]}",
    ] {
        assert!(matches!(read(other).unwrap_err().kind, ErrorKind::Unrecognised { .. }), "{other}");
    }
}

/// As `serializer="json"` of VCR.py and `serialize_with: :json` of Ruby's VCR write it.
#[test]
fn the_vcr_family_in_json() {
    let request = r#""method": "put", "uri": "https://management.azure.com/subscriptions/s/things/a?api-version=1""#;
    let text = r#"{\"a\":\"\\ud83d\ud83d\ude00 \u00e9\"}"#;
    let answer =
        r#""status": {"code": 201, "message": "Created"}, "headers": {"date": ["Mon, 14 Sep 2020 08:20:14 GMT"]}"#;
    let python = format!(
        r#"{{
    "version": 1,
    "interactions": [
        {{
            "request": {{{request}, "body": "{text}", "headers": {{"Authorization": ["Bearer abc.def"]}}}},
            "response": {{{answer}, "body": {{"string": "{text}"}}}}
        }}
    ]
}}"#
    );
    let ruby = format!(
        r#"{{"http_interactions":[{{"request":{{{request},"body":{{"encoding":"UTF-8","string":"{text}"}},"headers":{{}}}},"response":{{{answer},"body":{{"encoding":"UTF-8","string":"{text}"}}}},"recorded_at":"Mon, 14 Sep 2020 08:20:14 GMT"}}],"recorded_with":"VCR 6.1.0"}}"#
    );
    for (format, text, line) in [("vcrpy", python, 4), ("ruby-vcr", ruby, 1)] {
        let tape = read(&text).unwrap();
        let one = &tape.interactions[0];
        let provenance = one.provenance.as_ref().unwrap();
        assert_eq!((provenance.format.as_str(), provenance.line), (format, line));
        assert!(one.request.method.eq_ignore_ascii_case("PUT") && one.response.as_ref().unwrap().status == 201);
        for body in [&one.request.body, &one.response.as_ref().unwrap().body] {
            assert_eq!(body.bytes().unwrap(), r#"{"a":"\ud83d😀 é"}"#, "{format}");
        }
        assert!(!format!("{tape:?}").contains("abc.def"), "{format}");
    }
}

#[test]
fn requests_answers_times_and_lines() {
    let all: Vec<_> = ALL.iter().map(|(format, text)| format!("{format}\n  {}", summary(text).join("\n  "))).collect();
    insta::assert_snapshot!(all.join("\n"), @"
    test-proxy
      PUT https://Sanitized.azure.com/subscriptions/s/things/a?api-version=1 Some(202) Some([0, 0, 0]) line 3
      GET https://h/blob Some(200) Some([0, 0, 0]) line 18
    java-session-records
      PUT http://localhost:1234/subscriptions/s/things/a?api-version=1 Some(201) Some([0, 0, 0]) line 2
      GET http://localhost:1234/x None Some([0, 0, 0]) line 13
    vcrpy
      PUT https://management.azure.com/subscriptions/s/things/a?api-version=1 Some(201) Some([0, 0, 0]) line 2
      GET https://management.azure.com/x Some(200) Some([0, 0, 0]) line 21
    ruby-vcr
      PUT https://management.azure.com/subscriptions/<ID>/things/a?api-version=1 Some(201) Some([0, 0, 0]) line 3
    go-vcr
      PUT https://management.azure.com/subscriptions/s/things/a?api-version=1 Some(201) Some([0, 0, 0]) line 4
    go-vcr
      PUT https://h:443/subscriptions/s/things/a?api-version=1 Some(200) Some([0, 1500, 1500]) line 4
    har
      PUT https://h/subscriptions/s/things/a?api-version=1 None Some([0, 0, 0]) line 6
      GET https://h/y Some(200) Some([1500, 1510, 1512]) line 2
    ");
    assert_eq!(read(JAVA).unwrap().interactions[1].completion, Completion::Reset);
    assert_eq!(read(VCRPY).unwrap().recorded.as_deref(), Some("2020-09-14T08:20:14Z"));
    assert_eq!(read(RUBY).unwrap().recorded.as_deref(), Some("2016-05-19T04:39:30Z"));
    assert_eq!(read(HAR).unwrap().interactions[0].notes.len(), 1, "one entry is no HTTP");
}

#[test]
fn bodies_are_what_was_sent() {
    let text = |text: &str| Body::Text(text.to_owned());
    assert_eq!(
        bodies(TEST_PROXY),
        [
            [json("{\"x\":1e2,\"y\":[1,\"a  b\"]}"), text("one\r\ntwo")],
            [Body::Binary(Bytes::from_static(b"--x\r\n\xff\0\xff\r\n")), bytes()],
        ]
    );
    assert_eq!(bodies(JAVA)[0], [Body::Empty, json("{\"a\":1}")]);
    assert_eq!(
        bodies(VCRPY),
        [[json("{\"a\": 1, \"b\": 2}"), json("{\"provisioningState\":\"Creating\"}")], [Body::Empty, bytes()]]
    );
    assert_eq!(bodies(RUBY), [[json("{\"a\":1}"), json("{\"a\":1}")]]);
    assert_eq!(bodies(GO_2), [[bytes(), text("{\"a\":1}\n{\"b\":2}\n")]]);
    assert_eq!(bodies(&GO_2.replace('\n', "\r\n")), bodies(GO_2), "line ends of the file are not the body's");
    assert_eq!(bodies(HAR), [[json("{\"a\":1}"), Body::Empty], [Body::Empty, bytes()]]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let binary = Cassette::from_bytes(b"interactions:\n- x: \xff\n", &PathBuf::from("tape")).unwrap_err();
    let errors = [
        error(&TEST_PROXY.replace("\"/wD/\"", "\"$\"")),
        error(&TEST_PROXY.replace("\"two\"", "2")),
        error(&TEST_PROXY[..TEST_PROXY.len() - 60]),
        error(&JAVA.replace("\"201\"", "\"OK\"")),
        error(&JAVA.replace("\"content-length\"", "\"date\"")),
        error(&JAVA.replace("\"Uri\"", "\"Method\"")),
        error(&VCRPY.replace("code: 200", "code: OK")),
        error(&VCRPY.replace("\"/wD/\"", "\"$\"")),
        error(&VCRPY.replace("    body: null\n", "    body: [1]\n")),
        error(&VCRPY[..VCRPY.len() - 70]),
        error(&GO_1.replace("    form: {}", "    method: GET")),
        error(&GO_2.replace("version: 2", "version: 3")),
        error(&RUBY.replace("put", "''")),
        error(&HAR.replace("\"/wD/\"", "3")),
        binary.to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"), @"
    tape: invalid at `Entries[1].ResponseBody` (line 18): expected base64: Invalid symbol 36, offset 0.
    tape: invalid at `Entries[0].ResponseBody[1]` (line 3): expected a line of text
    tape: not valid JSON at line 25, column 18: EOF while parsing a string
    tape: invalid at `networkCallRecords[0].Response.StatusCode` (line 2): expected a status code, 100 to 999
    tape: invalid at `networkCallRecords[0].Response` (line 8): duplicate header `date`
    tape: invalid at `networkCallRecords[0]` (line 4): duplicate field `Method`
    tape: invalid at `interactions[1].response.status.code` (line 29): expected a number
    tape: invalid at `interactions[1].response.body.string` (line 21): expected base64: Invalid symbol 36, offset 0.
    tape: invalid at `interactions[1].request.body` (line 22): expected string scalar
    tape: invalid at `interactions[1].response` (line 27): missing field `status`
    tape: invalid at `interactions[0].request` (line 11): duplicate mapping key: method
    tape: invalid at `version` (line 1): version 3 of go-vcr's format is not known; 1 and 2 are
    tape: invalid at `http_interactions[0].request.method` (line 3): expected an HTTP method, such as `PUT`
    tape: invalid at `log.entries[0].response.content.text` (line 5): invalid type: integer `3`, expected a string
    tape: not UTF-8 at line 2
    ");
}

/// What is read can be written and read again, so its method is one that a cassette may hold.
#[test]
fn a_method_that_http_does_not_know_is_refused_with_its_place() {
    let methods = [
        ("test-proxy", TEST_PROXY.replace("\"GET\"", "\"G[T\"")),
        ("java-session-records", JAVA.replace("\"GET\"", "\"G[T\"")),
        ("vcrpy", VCRPY.replace("GET", "'G[T'")),
        ("ruby-vcr", RUBY.replace("put", "'p[t'")),
        ("go-vcr", GO_1.replace("PUT", "'P[T'")),
        ("go-vcr", GO_2.replace("PUT", "'P[T'")),
        ("har", HAR.replace("\"PUT\"", "\"P[T\"")),
    ];
    let errors: Vec<_> = methods.iter().map(|(format, text)| format!("{format}: {}", error(text))).collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    test-proxy: tape: invalid at `Entries[1].RequestMethod` (line 18): expected an HTTP method, such as `PUT`
    java-session-records: tape: invalid at `networkCallRecords[1].Method` (line 13): expected an HTTP method, such as `PUT`
    vcrpy: tape: invalid at `interactions[1].request.method` (line 21): expected an HTTP method, such as `PUT`
    ruby-vcr: tape: invalid at `http_interactions[0].request.method` (line 3): expected an HTTP method, such as `PUT`
    go-vcr: tape: invalid at `interactions[0].request.method` (line 4): expected an HTTP method, such as `PUT`
    go-vcr: tape: invalid at `interactions[0].request.method` (line 4): expected an HTTP method, such as `PUT`
    har: tape: invalid at `log.entries[1].request.method` (line 6): expected an HTTP method, such as `PUT`
    ");
}

#[test]
fn tags_run_nothing_and_aliases_are_bounded() {
    let tagged = VCRPY.replace("body: null", "body: !!python/object/apply:os.system [id]");
    assert!(error(&tagged).contains("`interactions[1].request.body`"));
    let scalar = VCRPY.replace("body: null", "body: !!python/object/apply:os.system id");
    assert_eq!(bodies(&scalar)[1][0], Body::Text("id".to_owned()), "data");
    let mut bomb = VCRPY.replace("version: 1\n", "");
    bomb = bomb.replace("retry-after: 5", &format!("x: {}", "x".repeat(2000)));
    let entry = bomb[bomb.rfind("- request").unwrap()..].to_owned();
    let error = error(&(bomb + &entry.repeat(2000)));
    assert!(error.contains("aliases make more of it than stands in the file"), "{error}");
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(100_000);
    for (_, text) in ALL {
        let text = text.replacen("\"x\": 1e2", &format!("\"x\": {deep}"), 1).replacen(
            "headers: {}",
            &format!("headers: {deep}"),
            1,
        );
        let text = text.replacen("headers:\n", &format!("headers: {deep}\n"), 1).replacen(
            "\"cookies\": []",
            &format!("\"cookies\": {deep}"),
            1,
        );
        let text = text.replacen("\"Headers\" : {", &format!("\"Headers\" : {{ \"a\": {deep}"), 1);
        assert!(read(&text).is_err());
    }
}

proptest! {
    #[test]
    fn a_damaged_file_is_never_a_panic(
        which in 0..ALL.len(),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let mut bytes = ALL[which].1.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let cut = cut.index(bytes.len());
        for bytes in [&bytes[..], &bytes[..cut]] {
            if let Ok(tape) = Cassette::from_bytes(bytes, &PathBuf::from("tape")) {
                prop_assert!(tape.interactions.is_sorted_by_key(|interaction| interaction.times.map(|times| times.request)));
                let written = Cassette::from_bytes(tape.to_text().as_bytes(), &PathBuf::from("tape"));
                prop_assert_eq!(written.unwrap(), tape);
            }
        }
    }
}
