//! The library in a test, as a user writes one.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::{panic::catch_unwind, time::Duration};

use armtape::{
    Playing, Replay, ReplayError,
    client::{Https, HttpsSettings, Transport as _},
    replay::Polls,
};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};

const TAPED: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";
const OTHER: &str = "c0ffee00-1234-4b7e-855d-04bfcac8bf05";
const HOST: &str = "management.azure.com";

fn hub(subscription: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1")
}

/// A hub that is created, polled three times and read.
fn cassette() -> Value {
    let operation = format!(
        "/subscriptions/{TAPED}/providers/Microsoft.CustomerInsights/locations/westus/operations/\
         9c1b7a52-0d3e-4f61-8a77-1f2e3d4c5b6a?api-version=1"
    );
    let body = |state| json!({"name": "h", "tenant": TAPED, "properties": {"provisioningState": state}});
    let location = json!({"location": format!("https://{HOST}{operation}"), "retry-after": "10"});
    let json_body = json!({"content-type": "application/json"});
    let exchange = |method: &str, target: &str, sent: Value, status: u16, headers: &Value, body: Value| {
        let mut request = json!({"method": method, "target": target, "scheme": "https", "authority": HOST});
        if !sent.is_null() {
            request["body"] = json!({"json": sent});
        }
        let mut response = json!({"status": status, "headers": headers});
        if !body.is_null() {
            response["body"] = json!({"json": body});
        }
        json!({"request": request, "response": response})
    };
    let interactions = [
        exchange("PUT", &hub(TAPED), json!({"location": "westus"}), 202, &location, Value::Null),
        exchange("GET", &operation, Value::Null, 202, &location, Value::Null),
        exchange("GET", &operation, Value::Null, 202, &location, Value::Null),
        exchange("GET", &operation, Value::Null, 200, &json_body, body("Succeeded")),
        exchange("GET", &hub(TAPED), Value::Null, 200, &json_body, body("Succeeded")),
    ];
    json!({"armtape": 1, "interactions": interactions})
}

fn open() -> Replay {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hub.json");
    fs_err::write(&file, serde_json::to_string_pretty(&cassette()).unwrap()).unwrap();
    // Once it is open, the file is not needed any more.
    Replay::open(&file).unwrap()
}

struct Client {
    https: Https,
}

impl Client {
    fn at(settings: &HttpsSettings) -> Self {
        Self { https: Https::new(settings).unwrap() }
    }

    fn trusting(tape: &Playing) -> Self {
        Self::at(&HttpsSettings { ca: Some(tape.ca_file().to_owned()), ..HttpsSettings::default() })
    }

    async fn send(&self, method: &str, url: &str, body: &str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(url).body(Bytes::copy_from_slice(body.as_bytes()));
        self.https.send(request.unwrap()).await.unwrap()
    }

    /// Creates a hub, polls to the end, reads it; the polling URL and what was read.
    async fn create(&self, endpoint: &str, subscription: &str) -> (String, Value) {
        let url = format!("{endpoint}{}", hub(subscription));
        let accepted = self.send("PUT", &url, r#"{"location":"westus"}"#).await;
        assert_eq!(accepted.status(), StatusCode::ACCEPTED);
        let location = accepted.headers()[header::LOCATION].to_str().unwrap().to_owned();
        while self.send("GET", &location, "").await.status() == StatusCode::ACCEPTED {}
        let read = self.send("GET", &url, "").await;
        (location, serde_json::from_slice(read.body()).unwrap())
    }
}

#[tokio::test]
async fn two_clients_at_once_on_one_tape() {
    let tape = open().polls(Polls::Number(1)).start().await.unwrap();
    let (first, second) = (Client::trusting(&tape), Client::trusting(&tape));
    let ((one, read_one), (two, read_two)) =
        tokio::join!(first.create(tape.endpoint(), TAPED), second.create(tape.endpoint(), OTHER));
    assert_ne!(one.replace(TAPED, ""), two.replace(OTHER, ""), "each polls an operation of its own");
    assert_eq!((&read_one["tenant"], &read_two["tenant"]), (&json!(TAPED), &json!(OTHER)));
    insta::assert_snapshot!(tape.timeline(), @r"
    PUT /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1
      PUT 202 → 1 × 202 (10 s) → 200 Succeeded → GET 200
      polled by location

    PUT /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1
      PUT 202 → 1 × 202 (10 s) → 200 Succeeded → GET 200
      polled by location
    ");
    let played = tape.finish().await.unwrap();
    played.assert_clean();
    assert_eq!(played.account.sessions.len(), 2);
}

#[tokio::test]
async fn through_the_proxy_by_the_recorded_name() {
    let tape = open().start().await.unwrap();
    assert!(tape.ca().starts_with("-----BEGIN CERTIFICATE-----"));
    let settings = HttpsSettings {
        ca: Some(tape.ca_file().to_owned()),
        proxy: Some(tape.proxy().to_owned()),
        ..HttpsSettings::default()
    };
    let (location, _) = Client::at(&settings).create(&format!("https://{HOST}"), TAPED).await;
    assert!(location.starts_with("https://management.azure.com/"), "{location}");
    tape.finish().await.unwrap().assert_clean();
}

#[tokio::test]
async fn a_miss_is_no_clean_account() {
    let tape = open().start().await.unwrap();
    let client = Client::trusting(&tape);
    client.create(tape.endpoint(), TAPED).await;
    tape.account().assert_clean();
    let url = format!("{}{}", tape.endpoint(), hub(TAPED).replace("hubs/h", "hubs/x"));
    assert_eq!(client.send("GET", &url, "").await.status(), StatusCode::NOT_IMPLEMENTED);
    let played = tape.finish().await.unwrap();
    let panic = catch_unwind(|| played.assert_clean()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    insta::with_settings!({filters => [(r"\([^(]*hub\.json", "(hub.json")]}, {
        insta::assert_snapshot!(text, @r"
    the client did not do what is right by the tape:
    missing from the tape: GET /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/x?api-version=1
      nearest on the tape: interaction 5 (hub.json:77, used once)
      - path: the tape has `hubs/h`, the client sent `hubs/x`
    ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1 (interaction 1)
    3 requests answered from the tape, 1 missing
    ");
    });
}

#[tokio::test]
async fn a_write_that_was_not_made_is_no_clean_account() {
    let tape = open().start().await.unwrap();
    let url = format!("{}{}", tape.endpoint(), hub(TAPED));
    Client::trusting(&tape).send("GET", &url, "").await;
    let played = tape.finish().await.unwrap();
    let panic = catch_unwind(|| played.assert_clean()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("unused: the client did not make PUT"), "{text}");
}

#[tokio::test]
async fn a_client_that_breaks_a_rule_is_not_clean() {
    let tape = open().start().await.unwrap();
    let client = Client::trusting(&tape);
    let url = format!("{}{}", tape.endpoint(), hub(TAPED));
    let accepted = client.send("PUT", &url, r#"{"location":"westus"}"#).await;
    let location = accepted.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(client.send("GET", location, "{}").await.status(), StatusCode::OK, "the tape itself lets it pass");
    client.send("GET", &url, "").await;
    let played = tape.finish().await.unwrap();
    played.account.assert_clean();
    let panic = catch_unwind(|| played.assert_clean()).unwrap_err();
    insta::assert_snapshot!(panic.downcast_ref::<String>().unwrap(), @r"
    the client did not do what is right by the tape:
    ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1 (interaction 1)
    3 requests answered from the tape, 0 missing
    violation: a poll has a body [LRO-C-15], at request 2: GET /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/providers/Microsoft.CustomerInsights/locations/westus/operations/9c1b7a52-0d3e-4f61-8a77-1f2e3d4c5b6a?api-version=1
    ");
}

#[tokio::test]
async fn a_client_that_went_past_the_tape_is_not_judged() {
    let tape = open().start().await.unwrap();
    let foreign = HttpsSettings { timeout: Duration::from_secs(20), ..HttpsSettings::default() };
    let foreign =
        HttpsSettings { proxy: Some(tape.proxy().to_owned()), ca: Some(tape.ca_file().to_owned()), ..foreign };
    let client = Client::at(&foreign);
    let request = Request::get("https://elsewhere.example/").body(Bytes::new()).unwrap();
    client.https.send(request).await.unwrap_err();
    let error = tape.finish().await.unwrap_err();
    assert_eq!(error.to_string(), "nothing was asked of the tape; elsewhere.example was asked for and is not on it");
}

#[test]
fn what_cannot_be_played_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tape.json");
    assert!(matches!(Replay::open(&file), Err(ReplayError::Recordings(errors)) if errors[0].path == file));
    fs_err::write(&file, r#"{"armtape": 1, "interactions": []}"#).unwrap();
    let error = Replay::open(&file).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: there is no interaction on it", file.display()));
}
