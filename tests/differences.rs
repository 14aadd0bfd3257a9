//! Pairs of recordings that differ in one known way get exactly the right sentences and classes, and
//! pairs that differ in nothing that matters get none.
//!
//! They are made of real recordings, which are not part of the package: they are looked for in
//! `ARMTAPE_SHARED`, else in `../shared`. Without them every case is listed as ignored, or fails if
//! `ARMTAPE_REQUIRE_SHARED=1`.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use armtape::{
    arm::same_facts,
    cassette::{Body, Cassette, Completion, Desk, Interaction, Response, Times, pending_path},
    review::{Decision, Diff, Pending},
};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

const PROFILE: &str = "dotnet-session-records/CustomerInsights.ProfileTypeScenarioTests.CreateAndReadProfileType.json";
const PROFILES: &str = "dotnet-session-records/CustomerInsights.ProfileTypeScenarioTests.ListProfileTypesInHub.json";
const CDN: &str = "dotnet-session-records/Cdn.EndpointCreateTest.json";
const HUB: &str = "dotnet-session-records/CustomerInsights.HubScenarioTests.CrdHubFullCycle.json";
const SQL: &str = "test-proxy/js.arm-sql.recording_servers_create_test.json";
const NAT: &str = "go-vcr/aso-2024.Test_Networking_NatGateway_CRUD.yaml";
const COMMUNICATION: &str = "test-proxy/go.armcommunication.TestCommunicationServicesTestSuite.json";

/// What is done to a copy of a recording.
type Edit = fn(&mut Cassette);

/// The recording, what is done to it, and what is told of that: class and words, in order.
type Case = (&'static str, &'static str, Edit, &'static [&'static str]);

fn main() -> ExitCode {
    let shared = env::var_os("ARMTAPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let recordings = shared.join("data/recordings");
    let required = env::var_os("ARMTAPE_REQUIRE_SHARED").is_some_and(|value| value == "1");
    let ignored = !recordings.is_dir() && !required;
    let mut trials = Vec::new();
    for &(name, file, edit, told) in CHANGES.iter().chain(NOTHING) {
        let path = recordings.join(file);
        trials.push(Trial::test(name, move || compare(&path, edit, told)).with_ignored_flag(ignored));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn compare(path: &Path, edit: Edit, expected: &[&str]) -> Result<(), Failed> {
    let left = Cassette::load(path)?;
    let mut right = left.clone();
    edit(&mut right);
    if left == right {
        return Err("nothing was done to it".into());
    }
    let diff = Diff::of(&left, &right, false);
    let told: Vec<String> = diff
        .items
        .iter()
        .flat_map(|item| item.changes.iter().map(|change| format!("{}: {}", change.class, change.words)))
        .collect();
    if told != expected {
        return Err(format!("told: {told:#?}").into());
    }
    decide_apart(&left, &right, &diff)?;
    // One idea of the same: re-recording and the diff agree.
    if same_facts(&left, &right) != expected.is_empty() {
        return Err("what counts as the same differs from what is told".into());
    }
    Ok(())
}

/// Each item can be accepted, and rejected, without any other.
fn decide_apart(left: &Cassette, right: &Cassette, diff: &Diff) -> Result<(), Failed> {
    for (chosen, item) in diff.items.iter().enumerate().filter(|(_, item)| item.id != "variables") {
        for decision in [Decision::Accept, Decision::Reject] {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("x.json");
            std::fs::write(&path, left.to_text())?;
            std::fs::write(pending_path(&path), right.to_text())?;
            let mut decisions = vec![Decision::Skip; diff.items.len()];
            decisions[chosen] = decision;
            Desk::of(folder.path()).commit(&Pending::load(&path)?.edits(&decisions)?)?;
            let ids = |diff: &Diff| diff.items.iter().map(|item| item.title.clone()).collect::<Vec<_>>();
            let rest: Vec<_> =
                ids(diff).into_iter().enumerate().filter(|(at, _)| *at != chosen).map(|(_, id)| id).collect();
            let now = if pending_path(&path).exists() { ids(&Pending::load(&path)?.diff) } else { Vec::new() };
            if now != rest {
                return Err(format!("{decision:?} {}: left {now:?}, not {rest:?}", item.id).into());
            }
        }
    }
    Ok(())
}

/// Thirty and more in which one thing differs.
const CHANGES: &[Case] = &[
    (
        "another way to poll",
        PROFILE,
        another_way,
        &["behavioural: now answers 201 with Azure-AsyncOperation instead of 202 with Location"],
    ),
    ("done at once", PROFILE, done_at_once, &["behavioural: now answers 200 instead of 202 with Location"]),
    ("refused", CDN, |tape| refuse(tape, 0, 409, "Conflict"), &["breaking: now answers 409 (Conflict) instead of 201"]),
    ("accepted without a URL", PROFILE, without_url, &["breaking: now answers 202 instead of 202 with Location"]),
    (
        "another code",
        CDN,
        |tape| refuse(tape, status(tape, 400), 400, "InvalidName"),
        &[
            "behavioural: now fails with `InvalidName` instead of `BadRequest`",
            "cosmetic: `error.message` \"Cache duration must be null for bypass caching behavior.\" → \"no\"",
        ],
    ),
    ("it fails", SQL, fails, &["breaking: now ends Failed (NotEnoughQuota) instead of Succeeded"]),
    ("it is cancelled", SQL, cancelled, &["breaking: now ends Canceled instead of Succeeded"]),
    ("no end", SQL, |tape| drop(tape.interactions.drain(9..10)), &["behavioural: is no longer seen to end"]),
    (
        "a new member",
        PROFILE,
        |tape| in_answers(tape, new_member),
        &[
            "additive: `properties.fields[3].maxLength` 4000 is new",
            "additive: `properties.fields[3].maxLength` 4000 is new",
        ],
    ),
    (
        "a lost member",
        PROFILE,
        |tape| in_answers(tape, |body| drop(object(body, "/properties").remove("schemaItemTypeLink"))),
        &[
            "breaking: `properties.schemaItemTypeLink` is gone (was \"SchemaItemTypeLink\")",
            "breaking: `properties.schemaItemTypeLink` is gone (was \"SchemaItemTypeLink\")",
        ],
    ),
    (
        "another type",
        PROFILE,
        |tape| in_answers(tape, |body| set(body, "/properties/schemaItemTypeLink", json!(5))),
        &[
            "breaking: `properties.schemaItemTypeLink` is a number (5) instead of a string (\"SchemaItemTypeLink\")",
            "breaking: `properties.schemaItemTypeLink` is a number (5) instead of a string (\"SchemaItemTypeLink\")",
        ],
    ),
    (
        "another value",
        HUB,
        |tape| in_answer(tape, 1, |body| set(body, "/location", json!("westus"))),
        &["behavioural: `location` \"East US\" → \"westus\""],
    ),
    (
        "to null",
        HUB,
        |tape| in_answer(tape, 1, |body| set(body, "/location", Value::Null)),
        &["behavioural: `location` \"East US\" → null"],
    ),
    (
        "a longer wait",
        SQL,
        |tape| answer(tape, 0).headers.set("retry-after", "10"),
        &["behavioural: `Retry-After` 1 → 10"],
    ),
    (
        "a wait",
        PROFILE,
        |tape| answer(tape, 0).headers.set("retry-after", "30"),
        &["behavioural: `Retry-After` 30 is new"],
    ),
    (
        "no wait",
        SQL,
        |tape| assert!(answer(tape, 0).headers.remove("retry-after")),
        &["behavioural: `Retry-After` is gone (was 1)"],
    ),
    ("another state", SQL, |tape| running(tape, "Creating"), &["behavioural: `status` \"InProgress\" → \"Creating\""]),
    (
        "a lost member of the request",
        PROFILE,
        |tape| request(tape, 0, |body| drop(object(body, "/properties").remove("mediumImage"))),
        &["behavioural: request body lost `properties.mediumImage`"],
    ),
    (
        "a new member of the request",
        PROFILE,
        |tape| request(tape, 0, |body| set(body, "/tags", json!({"a": "b"}))),
        &["behavioural: request body gained `tags` {…}"],
    ),
    (
        "another member of the request",
        PROFILE,
        |tape| request(tape, 0, |body| set(body, "/properties/apiEntitySetName", json!("Other"))),
        &["behavioural: request body has `properties.apiEntitySetName` \"TestProfileType5243\" → \"Other\""],
    ),
    (
        "no request body",
        PROFILE,
        |tape| tape.interactions[0].request.body = Body::Empty,
        &["behavioural: request has no body any more"],
    ),
    (
        "a condition",
        PROFILE,
        |tape| tape.interactions[0].request.headers.set("if-none-match", "*"),
        &["behavioural: request header `If-None-Match` * is new"],
    ),
    (
        "another api-version",
        CDN,
        |tape| everywhere(tape, "api-version=2017-10-12", "api-version=2023-11-01"),
        &["behavioural: 21 requests: api-version 2017-10-12 → 2023-11-01"],
    ),
    (
        "another api-version of one",
        HUB,
        |tape| {
            tape.interactions[0].request.target =
                tape.interactions[0].request.target.replace("2017-01-01", "2017-04-26");
        },
        &["behavioural: api-version 2017-01-01 → 2017-04-26"],
    ),
    (
        "renamed",
        CDN,
        |tape| everywhere(tape, "profile3972", "fresh"),
        &["cosmetic: 15 requests: name `profile3972` → `fresh`"],
    ),
    (
        "another subscription",
        PROFILES,
        |tape| everywhere(tape, "c909e979-ef71-4def-a970-bc7c154db8c5", "00000000-0000-0000-0000-000000000001"),
        &[
            "cosmetic: 13 requests: name `c909e979-ef71-4def-a970-bc7c154db8c5` → `00000000-0000-0000-0000-000000000001`",
            "cosmetic: variable `SubscriptionId` c909e979-ef71-4def-a970-bc7c154db8c5 → 00000000-0000-0000-0000-000000000001",
        ],
    ),
    (
        "another host",
        SQL,
        |tape| everywhere(tape, "management.azure.com", "management.chinacloudapi.cn"),
        &["behavioural: 11 requests: host management.azure.com → management.chinacloudapi.cn"],
    ),
    ("a new read", PROFILE, |tape| repeat(tape, 7, "?"), &["additive: is new (answers 200)"]),
    ("a read again", PROFILE, |tape| repeat(tape, 7, ""), &["behavioural: is made once more (answers 200)"]),
    ("a read less", PROFILE, |tape| drop(tape.interactions.pop()), &["behavioural: is gone (answered 200)"]),
    (
        "an operation less",
        CDN,
        |tape| without(tape, "endpoint810"),
        &["behavioural: is gone (answered 201 with Azure-AsyncOperation)", "behavioural: is gone (answered 200)"],
    ),
    (
        "a retry",
        NAT,
        |tape| repeat(tape, status(tape, 429), ""),
        &["behavioural: is made once more (answers 429 (RetryableError))"],
    ),
    (
        "another method",
        PROFILE,
        |tape| tape.interactions[0].request.method = "PATCH".to_owned(),
        &["behavioural: is made with PATCH instead of PUT"],
    ),
    (
        "cut off",
        PROFILE,
        |tape| tape.interactions[7].completion = Completion::Cut(10),
        &["breaking: now answers 200 (cut off) instead of 200"],
    ),
    (
        "no answer",
        PROFILE,
        |tape| (tape.interactions[7].response, tape.interactions[7].completion) = (None, Completion::Reset),
        &["breaking: now is reset instead of answering 200"],
    ),
    (
        "a query parameter",
        PROFILE,
        |tape| tape.interactions[7].request.target.push_str("&$expand=all"),
        &["behavioural: query parameter `$expand` all is new"],
    ),
    (
        "another order of requests",
        COMMUNICATION,
        reordered,
        &["behavioural: comes at another place among the requests to this path"],
    ),
    (
        "another order of members",
        PROFILE,
        |tape| in_answer(tape, 7, |body| body.as_object_mut().unwrap().sort_keys()),
        &["cosmetic: answer body is written differently (order, spacing or numbers)"],
    ),
    (
        "another message",
        CDN,
        |tape| {
            let at = status(tape, 409);
            in_answer(tape, at, |body| set(body, "/error/message", json!("Sorry.")));
        },
        &["cosmetic: `error.message` \"The resource 'profile3972/endpoint2188' already exists in l… → \"Sorry.\""],
    ),
    (
        "no entity tag",
        SQL,
        |tape| {
            tape.interactions
                .iter_mut()
                .for_each(|interaction| interaction.response.as_mut().unwrap().headers.set("etag", "x"));
        },
        &["additive: `ETag` is new", "additive: `ETag` is new"],
    ),
];

/// Ten and more in which nothing that matters differs.
const NOTHING: &[Case] = &[
    ("dates", SQL, |tape| headers(tape, "date", "Mon, 02 Nov 2026 10:00:00 GMT"), &[]),
    ("ids of requests", CDN, |tape| headers(tape, "x-ms-request-id", "11111111-2222-3333-4444-555555555555"), &[]),
    ("rate limits", PROFILE, |tape| headers(tape, "x-ms-ratelimit-remaining-subscription-writes", "7"), &[]),
    ("more polls", PROFILE, |tape| (0..9).for_each(|_| repeat(tape, 2, "")), &[]),
    ("fewer polls", PROFILE, |tape| drop(tape.interactions.drain(2..5)), &[]),
    ("no poll while it runs", PROFILE, |tape| drop(tape.interactions.drain(1..6)), &[]),
    ("ids of operations", PROFILE, operation_ids, &[]),
    ("times and connections", PROFILES, times, &[]),
    ("times in bodies", PROFILE, |tape| everywhere(tape, "2017-01-31T23:22", "2026-10-02T01:02"), &[]),
    ("times of operations", SQL, |tape| everywhere(tape, "2023-03-15T09:17", "2026-10-02T01:02"), &[]),
    ("entity tags", NAT, |tape| everywhere(tape, "W/\\\"", "W/\\\"1"), &[]),
    ("interleaved operations", CDN, interleaved, &[]),
    ("converted", NAT, converted, &[]),
    ("converted, too", COMMUNICATION, converted, &[]),
];

fn answer(tape: &mut Cassette, at: usize) -> &mut Response {
    tape.interactions[at].response.as_mut().unwrap()
}

/// The first interaction with this status.
fn status(tape: &Cassette, status: u16) -> usize {
    let is_it = |interaction: &Interaction| interaction.response.as_ref().is_some_and(|answer| answer.status == status);
    tape.interactions.iter().position(is_it).unwrap()
}

fn edit(body: &mut Body, change: impl FnOnce(&mut Value)) {
    if let Some(mut value) = body.json() {
        change(&mut value);
        *body = Body::from_bytes(value.to_string().into());
    }
}

fn in_answer(tape: &mut Cassette, at: usize, change: impl FnOnce(&mut Value)) {
    edit(&mut answer(tape, at).body, change);
}

/// In every answer with an object.
fn in_answers(tape: &mut Cassette, change: impl Fn(&mut Value)) {
    for interaction in &mut tape.interactions {
        edit(&mut interaction.response.as_mut().unwrap().body, |body| {
            if body.get("properties").is_some() {
                change(body);
            }
        });
    }
}

fn request(tape: &mut Cassette, at: usize, change: impl FnOnce(&mut Value)) {
    edit(&mut tape.interactions[at].request.body, change);
}

fn object<'a>(body: &'a mut Value, path: &str) -> &'a mut serde_json::Map<String, Value> {
    body.pointer_mut(path).unwrap().as_object_mut().unwrap()
}

fn set(body: &mut Value, path: &str, value: Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    object(body, parent).insert(name.to_owned(), value);
}

fn new_member(body: &mut Value) {
    body["properties"]["fields"][3]["maxLength"] = json!(4000);
}

/// In the text of the tape: targets, headers, bodies.
fn everywhere(tape: &mut Cassette, from: &str, to: &str) {
    let text = tape.to_text().replace(from, to);
    *tape = Cassette::from_bytes(text.as_bytes(), Path::new("x.json")).unwrap();
}

fn headers(tape: &mut Cassette, name: &str, value: &str) {
    for interaction in &mut tape.interactions {
        let headers = &mut interaction.response.as_mut().unwrap().headers;
        if headers.get(name).is_some() {
            headers.set(name, value);
        }
    }
}

fn repeat(tape: &mut Cassette, at: usize, suffix: &str) {
    let mut again = tape.interactions[at].clone();
    if !suffix.is_empty() {
        again.request.target = again.request.target.replace("/profiles/", "/connectors/");
    }
    tape.interactions.insert(at + 1, again);
}

fn without(tape: &mut Cassette, word: &str) {
    let urls: Vec<String> = tape
        .interactions
        .iter()
        .filter(|interaction| interaction.request.target.contains(word))
        .filter_map(|interaction| interaction.response.as_ref()?.headers.get("azure-asyncoperation").map(str::to_owned))
        .collect();
    tape.interactions.retain(|interaction| {
        let target = &interaction.request.target;
        !target.contains(word) && !urls.iter().any(|url| url.ends_with(target.as_str()))
    });
}

fn another_way(tape: &mut Cassette) {
    let first = answer(tape, 0);
    first.status = 201;
    let url = first.headers.get("location").unwrap().to_owned();
    first.headers.remove("location");
    first.headers.set("azure-asyncoperation", url);
    for at in 1..6 {
        let poll = answer(tape, at);
        (poll.status, poll.body) = (200, Body::from_bytes(r#"{"status":"Running"}"#.into()));
    }
    answer(tape, 6).body = Body::from_bytes(r#"{"status":"Succeeded"}"#.into());
}

fn done_at_once(tape: &mut Cassette) {
    let first = answer(tape, 0);
    first.status = 200;
    first.headers.remove("location");
    edit(&mut first.body, |body| set(body, "/properties/provisioningState", json!("Succeeded")));
    tape.interactions.drain(1..7);
}

/// The client then asks for the resource.
fn without_url(tape: &mut Cassette) {
    answer(tape, 0).headers.remove("location");
    tape.interactions.drain(1..7);
}

fn refuse(tape: &mut Cassette, at: usize, status: u16, code: &str) {
    let answer = answer(tape, at);
    answer.status = status;
    answer.body = Body::from_bytes(format!(r#"{{"error":{{"code":"{code}","message":"no"}}}}"#).into());
}

fn fails(tape: &mut Cassette) {
    in_answer(tape, 9, |body| {
        body["status"] = json!("Failed");
        body["error"] = json!({"code": "NotEnoughQuota", "message": "no"});
    });
}

fn cancelled(tape: &mut Cassette) {
    in_answer(tape, 9, |body| body["status"] = json!("Canceled"));
}

fn running(tape: &mut Cassette, state: &str) {
    for at in 1..9 {
        in_answer(tape, at, |body| body["status"] = json!(state));
    }
}

/// The list is read before the resource is made.
fn reordered(tape: &mut Cassette) {
    let reads: Vec<usize> =
        (0..tape.interactions.len()).filter(|at| tape.interactions[*at].request.method == "PATCH").collect();
    let patch = tape.interactions.remove(reads[0]);
    for interaction in &mut tape.interactions {
        interaction.times = None;
    }
    tape.interactions.insert(1, Interaction { times: None, ..patch });
}

/// Our own format does not say where a foreign one said something.
fn converted(tape: &mut Cassette) {
    *tape = Cassette::from_bytes(tape.to_text().as_bytes(), Path::new("x.json")).unwrap();
    for interaction in &mut tape.interactions {
        interaction.provenance = None;
    }
}

fn operation_ids(tape: &mut Cassette) {
    let url = answer(tape, 0).headers.get("location").unwrap().to_owned();
    let id = url.split(['/', '?']).rfind(|word| word.len() >= 32).unwrap().to_owned();
    everywhere(tape, &id, "0123456789abcdef0123456789abcdef");
}

fn times(tape: &mut Cassette) {
    for (at, interaction) in tape.interactions.iter_mut().enumerate() {
        let begin = at as u64 * 1000;
        interaction.times = Some(Times { request: begin, answer: begin + 1, end: begin + 2 });
        interaction.connection = Some(7);
    }
}

/// Two operations that were made one after the other are made at once.
fn interleaved(tape: &mut Cassette) {
    let of = |word: &str, tape: &Cassette| -> Vec<usize> {
        let url = |interaction: &Interaction| {
            interaction
                .response
                .as_ref()
                .and_then(|answer| answer.headers.get("azure-asyncoperation").map(str::to_owned))
        };
        let own: Vec<usize> =
            (0..tape.interactions.len()).filter(|at| tape.interactions[*at].request.target.contains(word)).collect();
        let urls: Vec<String> = own.iter().filter_map(|at| url(&tape.interactions[*at])).collect();
        (0..tape.interactions.len())
            .filter(|at| {
                own.contains(at) || urls.iter().any(|url| url.ends_with(tape.interactions[*at].request.target.as_str()))
            })
            .collect()
    };
    let (a, b) = (of("endpoint810", tape), of("endpoint515", tape));
    assert!(a.len() > 2 && b.len() > 2, "{a:?} {b:?}");
    let (mut mixed, mut rest) = (Vec::new(), Vec::new());
    for pair in 0..a.len().max(b.len()) {
        mixed.extend([b.get(pair), a.get(pair)].into_iter().flatten().map(|at| tape.interactions[*at].clone()));
    }
    let begin = a[0].min(b[0]);
    for (at, interaction) in tape.interactions.iter().enumerate() {
        if at == begin {
            rest.append(&mut mixed);
        }
        if !a.contains(&at) && !b.contains(&at) {
            rest.push(interaction.clone());
        }
    }
    for interaction in &mut rest {
        interaction.times = None;
    }
    tape.interactions = rest;
}
