//! Replay: what a client is told that asks for something else, and the account at the end.

use crate::harness::{CREATE, Harness, Ran, shows};

/// Replays `tape.json`.
const REPLAY: &[&str] = &["replay", "tape.json"];

/// A PUT of `body.json`, whose answer is shown with its status.
fn put(target: &str) -> String {
    format!(
        r#"curl -sS -w '\n%{{http_code}}\n' -X PUT -H 'content-type: application/json' -d @body.json \
            "https://management.azure.com{target}""#
    )
}

const TARGET: &str = "$RESOURCE?api-version=1";

fn miss(harness: &Harness, script: &str) -> Ran {
    harness.around(REPLAY, script).ends_with(1)
}

#[test]
fn a_miss_that_comes_again_is_told_once() {
    let harness = Harness::with_tape();
    let script = format!("{}\n{}", put("$RESOURCE?api-version=2"), put("$RESOURCE?api-version=2"));
    let ran = miss(&harness, &script);
    assert_eq!(ran.stderr.matches("missing from the tape (2 times): PUT").count(), 1, "{ran}");
}

#[test]
fn the_same_meaning_in_other_words_is_no_miss() {
    let harness = Harness::with_tape();
    harness
        .write("body.json", "{ \"properties\": {\"color\":\"\\u0072ed\", \"size\": 1.0},\r\n\"location\":\"westus\"}");
    let target = "/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.test/THINGS/a?api-version=1";
    let read = format!("\ncurl -sS -o /dev/null 'https://management.azure.com{target}'");
    let ran = harness.around(REPLAY, &(put(target) + &read)).ends_with(0);
    assert_eq!(ran.stdout, "\n202\n");
}

#[test]
fn a_write_that_was_not_made() {
    let harness = Harness::with_tape();
    let read = "curl -sS -o /dev/null https://management.azure.com/subscriptions/s/operations/1?api-version=1";
    shows!(harness, harness.around(REPLAY, read), @r"
    exit 1
    ----- stderr
    armtape: unused: the client did not make PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 1 request answered from the tape, 0 missing
    armtape: exit 1, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_client_that_never_comes_by() {
    let harness = Harness::with_tape();
    shows!(harness, harness.around(REPLAY, "exit 0"), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was asked of the tape, so nothing was judged
    armtape: likely: the client never came by: it may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_client_that_does_not_trust_the_authority() {
    let harness = Harness::with_tape();
    let other = harness.armtape(&["ca", "--dir", "other", "--pem"]).ends_with(0).stdout;
    harness.write("other.pem", other);
    let ask = "curl -s --cacert other.pem https://management.azure.com/subscriptions?api-version=1; exit 0";
    shows!(harness, harness.around(REPLAY, ask), @r"
    exit 2
    ----- stderr
    armtape: the client did not accept armtape's certificate for management.azure.com: received fatal alert: UnknownCA
    armtape: error: nothing was asked of the tape, so nothing was judged
    armtape: likely: the client trusts neither SSL_CERT_FILE, REQUESTS_CA_BUNDLE nor NODE_EXTRA_CA_CERTS: give it the file in ARMTAPE_CA by its own option
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_client_that_asks_for_other_hosts_only() {
    let harness = Harness::with_tape();
    shows!(harness, harness.around(REPLAY, "curl -s https://other.example/x; exit 0"), @r"
    exit 2
    ----- stderr
    armtape: refused: other.example (1 attempt): it is not on the tape
    armtape: error: nothing was asked of the tape, so nothing was judged
    armtape: likely: the client asked only for hosts that are not on the tape
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_write_that_comes_again() {
    let harness = Harness::with_tape();
    shows!(harness, harness.around(REPLAY, &format!("{CREATE}; {CREATE}")), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: repeated: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) came 1 time more than it was recorded
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 4 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    "#);
}

#[test]
fn a_final_read_that_the_tape_lacks() {
    let harness = Harness::with_tape();
    let read = format!(
        "{CREATE} >/dev/null; curl -sS -H 'authorization: Bearer t' \
         \"https://management.azure.com$RESOURCE?api-version=1\""
    );
    shows!(harness, harness.around(REPLAY, &read), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    ----- stderr
    armtape: 1 read not on the tape, answered from the result of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 3 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    "#);
}

/// Prints each answer's status and `Retry-After` while it polls by hand.
fn polling(times: usize) -> String {
    let show = "-o /dev/null -w '%{http_code} %header{retry-after}\\n'";
    let write = put(TARGET).replace("-w '\\n%{http_code}\\n'", show);
    let poll = format!("curl -sS {show} https://management.azure.com/subscriptions/s/operations/1?api-version=1");
    format!("{write}\n{}", vec![poll; times].join("\n"))
}

fn polls(words: &[&str], times: usize) -> String {
    let harness = Harness::with_tape();
    let script = polling(times);
    harness.around(&[REPLAY, words].concat(), &script).ends_with(0).stdout
}

#[test]
fn nobody_waits_unless_told() {
    insta::assert_snapshot!(polls(&[], 2), @r"
    202 0
    200 
    200
    ");
}

#[test]
fn as_many_polls_as_asked_for() {
    insta::assert_snapshot!(polls(&["--polls", "2"], 4), @r"
    202 0
    202 1
    202 1
    200 
    200
    ");
}

#[test]
fn the_recorded_pace() {
    insta::assert_snapshot!(polls(&["--pace", "recorded"], 3), @r"
    202 3
    202 1
    200 
    200
    ");
    insta::assert_snapshot!(polls(&["--pace", "recorded", "--polls", "0"], 1), @r"
    202 3
    200
    ");
}

#[test]
fn a_foreign_host_is_refused() {
    let harness = Harness::with_tape();
    let script = format!(
        "{CREATE} >/dev/null
        curl -s -w '%{{http_connect}}\\n' https://other.example/x
        curl -sS -w '\\n%{{http_code}}\\n' http://other.example/x"
    );
    shows!(harness, harness.around(REPLAY, &script), @r#"
    exit 0
    ----- stdout
    403
    {"error":{"code":"ArmtapeHostRefused","message":"other.example is not on the tape, and replay never leaves this machine"}}
    403
    ----- stderr
    armtape: refused: other.example (2 attempts): it is not on the tape
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    "#);
}

/// The committed tapes of the two SDKs, for clients that are neither.
#[test]
fn the_committed_tapes_serve_other_clients() {
    for (name, updated) in [
        ("js-create-update.json", include_str!("../../cassettes/js-create-update.json")),
        ("python-create-update.json", include_str!("../../cassettes/python-create-update.json")),
    ] {
        let harness = Harness::new();
        harness.write(name, updated);
        let tape: serde_json::Value = serde_json::from_str(updated).unwrap();
        let interactions = tape["interactions"].as_array().unwrap();
        let writes: Vec<_> = interactions.iter().filter(|taped| taped["request"]["method"] == "PUT").collect();
        for (number, write) in writes.iter().enumerate() {
            harness.write(&format!("{number}.json"), write["request"]["body"]["json"].to_string());
        }
        let version = "2017-04-26";
        let target = writes[0]["request"]["target"].as_str().unwrap();
        let id = target.split('?').next().unwrap();
        let client = format!(r#""$BIN" client --resource-id {id} --api-version {version} --body 0.json --body 1.json"#);
        harness.around(&["replay", name], &client).ends_with(0);

        let curl = |number| {
            format!(
                "curl -sS -o /dev/null -w '%{{http_code}}\\n' -X PUT \
                 -H 'content-type: application/json' -d @{number}.json 'https://management.azure.com{target}'"
            )
        };
        let read = format!("curl -sS -o /dev/null 'https://management.azure.com{target}'");
        let ran = harness.around(&["replay", name], &format!("{}\n{read}\n{}", curl(0), curl(1))).ends_with(0);
        assert_eq!(ran.stdout, "202\n200\n");
    }
}

#[test]
fn several_files_are_one_tape() {
    let harness = Harness::with_tape();
    let other = harness.read("tape.json").replace("things/a", "things/b").replace("operations/1", "operations/2");
    harness.write("tapes/other.json", other);
    harness.write("tapes/package.json", "{}");
    let script = format!("{CREATE} > /dev/null; {} > /dev/null", CREATE.replace("$RESOURCE", "${RESOURCE%a}b"));
    shows!(harness, harness.around(&["replay", "tape.json", "tapes", "--polls", "1"], &script), @"
    exit 0
    ----- stderr
    armtape: passed over: tapes/package.json is no recording
    armtape: 6 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    ");
    // A name says which file is meant, and every file that cannot be read is told.
    shows!(harness, harness.around(&["replay", "tape.json", "tapes"], CREATE), @r#"
    exit 1
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: passed over: tapes/package.json is no recording
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1 of tape.json)
    armtape: unused: the client did not make PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/b?api-version=1 (interaction 1 of tapes/other.json)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 1, armtape's (the client ended with 0)
    "#);
    harness.write("tapes/cut.json", r#"{"armtape": 1, "#);
    shows!(harness, harness.around(&["replay", "tape.json", "tapes", "absent.json"], CREATE), @"
    exit 2
    ----- stderr
    armtape: passed over: tapes/package.json is no recording
    error: tapes/cut.json: not valid JSON at line 1, column 15: EOF while parsing a value
    hint: the file was cut off or edited by hand: restore it from version control, or record it again
    error: absent.json: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
    // As one cassette.
    std::fs::remove_file(harness.path("tapes/cut.json")).unwrap();
    harness.armtape(&["convert", "tape.json", "tapes", "-o", "both.json"]).ends_with(0);
    harness.around(&["replay", "both.json"], &script).ends_with(0);
}
