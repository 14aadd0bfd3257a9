//! A request that the tape does not know, as a stranger is told of it.

use crate::harness::{Harness, Ran, shows};

const REPLAY: &[&str] = &["replay", "tape.json"];
const RESOURCE: &str = "$RESOURCE?api-version=1";
/// Where the operation is polled.
const POLL: &str = "/subscriptions/s/operations/1?api-version=1&t=638&s=Sig";

/// `tape.json`, with a polling URL that is signed.
fn harness() -> Harness {
    let harness = Harness::with_tape();
    harness.write(
        "tape.json",
        harness.read("tape.json").replace("operations/1?api-version=1", &POLL["/subscriptions/s/".len()..]),
    );
    harness
}

fn curl(method: &str, target: &str) -> String {
    let body = if method == "GET" { "" } else { "-H 'content-type: application/json' -d @body.json" };
    format!(r#"curl -sS -w '\n%{{http_code}}\n' -X {method} {body} "https://management.azure.com{target}""#)
}

/// The right write, whose answer is not shown.
fn create() -> String {
    format!("{} > /dev/null\n", curl("PUT", RESOURCE))
}

fn miss(harness: &Harness, script: &str) -> Ran {
    harness.around(REPLAY, script).ends_with(1)
}

/// Why a request is missing, as the person is told; the client is told the same in its answer.
fn why(harness: &Harness, script: &str) -> String {
    let ran = miss(harness, script);
    let lines = ran.stderr.lines().filter_map(|line| line.strip_prefix("armtape: "));
    let mut lines = lines.skip_while(|line| !line.starts_with("missing from the tape"));
    let first = lines.next().unwrap();
    let rest: Vec<&str> = lines.take_while(|line| line.starts_with("  ")).collect();
    let (answer, status) = ran.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(status, "501");
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["error"]["code"], "ArmtapeNoMatch");
    let told = answer["error"]["message"].as_str().unwrap();
    for line in &rest {
        let fact = line.trim_start().trim_start_matches("- ").trim_start_matches("nearest on the tape: ");
        assert!(told.contains(fact), "{fact}: {told}");
    }
    [&[first], &rest[..]].concat().join("\n")
}

#[test]
fn another_api_version() {
    let harness = harness();
    shows!(harness, miss(&harness, &curl("PUT", "$RESOURCE?api-version=2")), @r#"
    exit 1
    ----- stdout
    {"error":{"code":"ArmtapeNoMatch","message":"PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=2 is not on the tape; nearest is interaction 1 (tape.json:4, not used yet): query `api-version`: the tape has `1`, the client sent `2`; to ignore that, in armtape.toml, under [match]: api-version = \"warn\""}}
    501
    ----- stderr
    armtape: missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=2
    armtape:   nearest on the tape: interaction 1 (tape.json:4, not used yet)
    armtape:   - query `api-version`: the tape has `1`, the client sent `2`
    armtape:   to ignore that, in armtape.toml, under [match]: api-version = "warn"
    armtape: unused: the client did not make PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 0 requests answered from the tape, 1 missing
    armtape: violation: the api-version `2` is none [LRO-C-01], at request 1: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a
    armtape: to add what is missing: armtape record --mode new-episodes --cassette tape.json -- CLIENT
    armtape: exit 1, armtape's (the client ended with 0)
    "#);
}

#[test]
fn a_value_of_the_body_that_changed() {
    let harness = harness();
    harness.write("body.json", r#"{"location": "westus", "properties": {"size": 2, "color": "red"}}"#);
    insta::assert_snapshot!(why(&harness, &curl("PUT", RESOURCE)), @r#"
    missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - body `$.properties.size`: the tape has `1`, the client sent `2`
      to ignore that, in armtape.toml, under [match]: ignore-body = ["$.properties.size"]
    "#);
}

#[test]
fn a_field_that_is_missing_and_one_that_is_new() {
    let harness = harness();
    harness.write("body.json", r#"{"properties": {"size": 1, "color": "red", "depth": [1, {"x": null}]}}"#);
    insta::assert_snapshot!(why(&harness, &curl("PUT", RESOURCE)), @r#"
    missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - body `$.location`: the tape has `"westus"`, the client sent none
      - body `$.properties.depth`: the tape has none, the client sent `[1,{"x":null}]`
      to ignore that, in armtape.toml, under [match]: ignore-body = ["$.location", "$.properties.depth"]
    "#);
}

#[test]
fn a_value_in_another_case() {
    let harness = harness();
    harness.write("body.json", r#"{"location": "WestUS", "properties": {"size": 1, "color": "red"}}"#);
    insta::assert_snapshot!(why(&harness, &curl("PUT", RESOURCE)), @r#"
    missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - body `$.location`: the tape has `"westus"`, the client sent `"WestUS"` (only upper and lower case differ)
      to ignore that, in armtape.toml, under [match]: ignore-body = ["$.location"]
    "#);
}

#[test]
fn another_name() {
    let harness = harness();
    insta::assert_snapshot!(why(&harness, &curl("PUT", "${RESOURCE}b?api-version=1")), @"
    missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/ab?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - path: the tape has `things/a`, the client sent `things/ab`
    ");
}

#[test]
fn another_method() {
    let harness = harness();
    insta::assert_snapshot!(why(&harness, &curl("PATCH", RESOURCE)), @"
    missing from the tape: PATCH /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - method: the tape has `PUT`, the client sent `PATCH`
    ");
}

#[test]
fn another_host() {
    let harness = harness();
    harness.write("armtape.toml", "[hosts]\ntaped = ['management.usgovcloudapi.net']\n");
    let script = curl("PUT", RESOURCE).replace("azure.com", "usgovcloudapi.net");
    insta::assert_snapshot!(why(&harness, &script), @"
    missing from the tape: PUT management.usgovcloudapi.net/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - host: the tape has `management.azure.com`, the client sent `management.usgovcloudapi.net`
    ");
}

#[test]
fn a_poll_of_an_operation_that_nobody_knows() {
    let harness = harness();
    let script = create() + &curl("GET", "/subscriptions/s/operations/2?api-version=1&t=638&s=Sig");
    insta::assert_snapshot!(why(&harness, &script), @"
    missing from the tape: GET /subscriptions/s/operations/2?api-version=1&t=638&s=Sig
      nearest on the tape: interaction 2 (tape.json:31, not used yet)
      - path: the tape has `operations/1`, the client sent `operations/2`
      - that is a poll of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1); this URL was never handed out: a polling URL must be asked letter by letter
    ");
}

#[test]
fn a_polling_url_that_lost_a_parameter() {
    let harness = harness();
    let script = create() + &curl("GET", "/subscriptions/s/operations/1?api-version=1&t=638");
    insta::assert_snapshot!(why(&harness, &script), @"
    missing from the tape: GET /subscriptions/s/operations/1?api-version=1&t=638
      nearest on the tape: interaction 2 (tape.json:31, not used yet)
      - query `s`: the tape has `Sig`, the client sent none
      - that is a poll of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1); this URL was never handed out: a polling URL must be asked letter by letter
    ");
}

#[test]
fn a_query_parameter_too_many() {
    let harness = harness();
    insta::assert_snapshot!(why(&harness, &curl("PUT", "$RESOURCE?api-version=1&trace=on")), @r#"
    missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1&trace=on
      nearest on the tape: interaction 1 (tape.json:4, not used yet)
      - query `trace`: the tape has none, the client sent `on`
      to ignore that, in armtape.toml, under [match]: ignore-query = ["trace"]
    "#);
}

#[test]
fn nothing_like_anything_on_the_tape() {
    let harness = harness();
    insta::assert_snapshot!(why(&harness, &curl("GET", "/providers/Microsoft.Test/operations?api-version=1")), @"
    missing from the tape: GET /providers/Microsoft.Test/operations?api-version=1
      nearest on the tape: interaction 2 (tape.json:31, not used yet)
      - path: the tape has `/subscriptions/s/operations/1`, the client sent `/providers/Microsoft.Test/operations`
      - query `s`: the tape has `Sig`, the client sent none
      - query `t`: the tape has `638`, the client sent none
    ");
}

#[test]
fn a_ci_system_is_told_of_it_and_not_of_what_is_fine() {
    let harness = harness();
    let replay = |script: &str| {
        let mut command = harness.command(["replay", "tape.json", "--", "sh", "-c", script]);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", harness.path("summary.md"));
        harness.run(&mut command)
    };
    let fine = replay(&format!("{}{} > /dev/null", create(), curl("GET", POLL)));
    assert_eq!((fine.code(), fine.stdout.as_str(), harness.exists("summary.md")), (0, "", false), "{fine}");
    let missed = replay(&format!("{}{} > /dev/null", create(), curl("GET", &POLL.replace("s=Sig", "s=sig"))));
    insta::assert_snapshot!(missed.stdout, @"
    ::error file=tape.json,line=31,title=TAPE-01::missing from the tape: GET /subscriptions/s/operations/1?api-version=1&t=638&s=sig
    ::error file=tape.json,line=1,title=LRO-C-16::the polling URL was not used as it was given: `s` was changed
    ");
    insta::assert_snapshot!(harness.read("summary.md"), @r"
    # armtape replay

    1 replay, 1 judged, 0 without a finding: 2 violations, 0 warnings, 0 known, 0 baselined.

    | scenario | operation | severity | rule | what the client did |
    | --- | --- | --- | --- | --- |
    | tape.json | replay | violation | TAPE-01 | missing from the tape: GET /subscriptions/s/operations/1?api-version=1&t=638&s=sig; nearest on the tape: interaction 2 (tape.json:31, not used yet); - query \`s\`: the tape has \`Sig\`, the client sent \`sig\` (only upper and lower case differ); - that is a poll of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1); this URL was never handed out: a polling URL must be asked letter by letter |
    | tape.json | replay | violation | LRO-C-16 | the polling URL was not used as it was given: \`s\` was changed |
    ");
}

#[test]
fn another_subscription_is_no_difference() {
    let harness = harness();
    for path in ["resourceGroups/g/providers/Microsoft.Test/others/a", "resourceGroups/g"] {
        let target = format!("/subscriptions/11111111-2222-3333-4444-555555555555/{path}?api-version=1");
        let ran = miss(&harness, &curl("GET", &target));
        let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("  - ")).collect();
        assert!(ran.stderr.contains(&format!("missing from the tape: GET {target}")), "{ran}");
        assert!(!told.is_empty() && !told.join("\n").contains("1111"), "{ran}");
    }
}
