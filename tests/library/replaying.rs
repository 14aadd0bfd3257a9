//! A tape that is played.

use std::{panic::catch_unwind, time::Duration};

use armtape::{
    Replay, ReplayError,
    client::{HttpsSettings, Transport as _},
    replay::Polls,
};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::client::{Client, HOST, hub};

const TAPED: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";
const OTHER: &str = "c0ffee00-1234-4b7e-855d-04bfcac8bf05";

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
    open_text(&serde_json::to_string_pretty(&cassette()).unwrap())
}

fn open_text(text: &str) -> Replay {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hub.json");
    fs_err::write(&file, text).unwrap();
    // Once it is open, the file is not needed any more.
    Replay::open(&file).unwrap()
}

/// What `armtape status --used` reads. The variable is another process's: this one has threads.
#[test]
fn what_was_played_is_on_the_list_of_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("deep/used.txt");
    let ran = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "replaying::two_clients_at_once_on_one_tape"])
        .env("ARMTAPE_USED", &list)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let used = fs_err::read_to_string(&list).unwrap();
    assert!(used.lines().count() == 1 && used.ends_with("hub.json\n"), "{used}");
}

#[tokio::test]
async fn two_clients_at_once_on_one_tape() {
    let tape = open().polls(Polls::Number(1)).start().await.unwrap();
    let (first, second) = (Client::trusting(tape.ca_file()), Client::trusting(tape.ca_file()));
    let ((one, read_one), (two, read_two)) =
        tokio::join!(first.create(tape.endpoint(), hub(TAPED)), second.create(tape.endpoint(), hub(OTHER)));
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
    let (location, _) = Client::at(&settings).create(&format!("https://{HOST}"), hub(TAPED)).await;
    assert!(location.starts_with("https://management.azure.com/"), "{location}");
    tape.finish().await.unwrap().assert_clean();
}

#[tokio::test]
async fn a_miss_is_no_clean_account() {
    let tape = open().start().await.unwrap();
    let client = Client::trusting(tape.ca_file());
    client.create(tape.endpoint(), hub(TAPED)).await;
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
    Client::trusting(tape.ca_file()).send("GET", &url, "").await;
    let played = tape.finish().await.unwrap();
    let panic = catch_unwind(|| played.assert_clean()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("unused: the client did not make PUT"), "{text}");
}

#[tokio::test]
async fn a_client_that_breaks_a_rule_is_not_clean() {
    let tape = open().start().await.unwrap();
    let client = Client::trusting(tape.ca_file());
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
    violation: a poll has a body [LRO-C-15], at request 2: GET /subscriptions/5a19f233-79ae-4b7e-855d-04bfcac8bf04/providers/Microsoft.CustomerInsights/locations/westus/operations/9c1b7a52-0d3e-4f61-8a77-1f2e3d4c5b6a
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

/// A client that was given an endpoint, and an operation at another host.
#[tokio::test]
async fn a_polling_url_of_another_host_leads_to_another_address_of_this_machine() {
    let mut tape = cassette();
    for interaction in tape["interactions"].as_array_mut().unwrap() {
        if let Some(location) = interaction["response"]["headers"].get_mut("location") {
            *location = json!(location.as_str().unwrap().replace(HOST, "operations.example"));
        }
        if interaction["request"]["target"].as_str().unwrap().contains("/operations/") {
            interaction["request"]["authority"] = json!("operations.example");
        }
    }
    let tape = open_text(&tape.to_string()).start().await.unwrap();
    let (location, _) = Client::trusting(tape.ca_file()).create(tape.endpoint(), hub(TAPED)).await;
    assert!(location.starts_with("https://127.0.0."), "{location}");
    assert!(!location.starts_with(tape.endpoint()), "{location}");
    tape.finish().await.unwrap().assert_clean();
}

#[test]
fn a_tape_is_played_in_a_test_without_a_runtime() {
    let tape = open().start_blocking().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Client::trusting(tape.ca_file()).create(tape.endpoint(), hub(TAPED)));
    tape.finish_blocking().unwrap().assert_clean();
}
