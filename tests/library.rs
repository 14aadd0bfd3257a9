//! The library in a test, as a user writes one.

#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::{panic::catch_unwind, time::Duration};

use armtape::{
    Playing, Replay, ReplayError,
    check::{Campaign, Job},
    client::{Command, Https, HttpsSettings, OutcomeKind, ResultAt, Tokens, Transport as _, execute},
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

/// What `armtape status --used` reads. The variable is another process's: this one has threads.
#[test]
fn what_was_played_is_on_the_list_of_what_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("deep/used.txt");
    let ran = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "two_clients_at_once_on_one_tape"])
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

/// The reference client, as a function.
async fn reference(job: Job) -> Result<Value, String> {
    let command = Command {
        endpoint: job.endpoint.clone(),
        resource_id: job.resource_ids[0].clone(),
        api_version: job.api_version.clone(),
        method: job.operation.method(),
        body: job.body.clone(),
        headers: http::HeaderMap::new(),
        update: false,
        resume: None,
        interval: job.interval,
        timeout: job.timeout,
        trusted_hosts: job.trusted_hosts.clone(),
        result: ResultAt::default(),
        tokens: Tokens::none(),
        https: HttpsSettings { ca: Some(job.ca_file.clone()), ..HttpsSettings::default() },
    };
    let outcome = execute(command).await.map_err(|error| error.to_string())?;
    match outcome.kind {
        OutcomeKind::Succeeded => Ok(outcome.resource.unwrap_or_default()),
        _ => Err(format!("{}: {}", outcome.code.unwrap_or_default(), outcome.message)),
    }
}

#[tokio::test]
async fn a_campaign_of_a_function() {
    let checked = Campaign::new().scenarios("SC-00*").run(reference).await.unwrap();
    assert!(checked.cases.len() >= 8, "{checked}");
    checked.assert_clean();
}

#[tokio::test]
async fn a_campaign_that_finds_something() {
    // 202 is no end.
    let impatient = |job: Job| async move {
        let settings = HttpsSettings { ca: Some(job.ca_file.clone()), ..HttpsSettings::default() };
        let request = Request::put(job.url()).header("content-type", "application/json");
        let request = request.header("authorization", "Bearer t").body(job.body).unwrap();
        Https::new(&settings).unwrap().send(request).await.map(drop)
    };
    let checked = Campaign::new().scenarios("SC-007").run(impatient).await.unwrap();
    let panic = catch_unwind(|| checked.assert_clean()).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    insta::with_settings!({filters => [(r"Profile\w+", "PROFILE"), (r"\b\d+ ms\b", "N ms")]}, {
        insta::assert_snapshot!(text, @"
        violation: reports success after a 202 without a poll [LRO-C-13]
          expected: 202 means running. Without a URL to poll the client reports an error, or reads the resource (PUT, PATCH).
        violation: did not ask the result; this scenario demands it 3 times [SCRIPT-02]
          expected: Some URLs of a scenario have to be asked, and some no more often than it says.
          SC-007 (put): the legacy create: 202 and a result URL
          PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/PROFILE?api-version=2017-04-26
            PUT 202
            not polled; offered: location
        1 of 1 cases judged, 0 scenarios skipped
        ");
    });
}

#[tokio::test]
async fn a_function_that_panics_has_crashed_in_that_case_alone() {
    let campaign = Campaign::new().scenarios("{SC-001,SC-003}");
    let checked = campaign.run(|job: Job| async move {
        assert_eq!(job.case, "SC-001", "only one of them");
        reference(job).await
    });
    let checked = checked.await.unwrap();
    let clean =
        checked.cases.iter().filter(|judged| judged.nothing().is_none() && judged.judgement.findings.is_empty());
    assert_eq!(clean.map(|judged| judged.case.scenario.name()).collect::<Vec<_>>(), ["SC-001"]);
    assert!(!checked.is_clean());
}

#[tokio::test]
async fn a_campaign_without_cases() {
    let run = |glob: &str| Campaign::new().scenarios(glob).run(|_| async { Ok::<_, String>(Value::Null) });
    assert_eq!(run("SC-9*").await.unwrap_err().to_string(), "there is no scenario to play");
    assert!(run("[").await.is_err());
}
