//! Recording: the first cassette, the ones after it, and a client that never comes by.

use crate::harness::{CREATE_SEED, EMBEDDED, Harness, Ran, shows, steps};

/// A body of the embedded service's profile that says something else.
const OTHER: &str = r#"{"properties": {"apiEntitySetName": "Other",
    "strongIds": [{"strongIdName": "Id", "keyPropertyNames": ["Id"]}],
    "fields": [{"fieldName": "Id", "fieldType": "Edm.String"}]}}"#;

fn record(harness: &Harness, script: &str) -> Ran {
    harness.around(&[&["record", "--cassette", "tapes/new.json"], EMBEDDED].concat(), script)
}

#[test]
fn the_first_recording_is_the_cassette() {
    let harness = Harness::new();
    let client = format!("{CREATE_SEED} >/dev/null");
    shows!(harness, record(&harness, &client), @r"
    exit 0
    ----- stderr
    armtape: 2 interactions on tapes/new.json (new)
    armtape: exit 0, the client's own
    ");
    let host = "management.azure.com".to_owned();
    let expected = [("PUT".to_owned(), host.clone(), 202), ("GET".to_owned(), host, 200)];
    assert_eq!(steps(&harness.path("tapes/new.json")), expected);
    harness.left_nothing();
    let replayed = harness.around(&["replay", "tapes/new.json"], &client);
    shows!(harness, replayed, @r"
    exit 0
    ----- stderr
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    ");
}

#[test]
fn a_recording_that_differs_waits_beside_the_accepted_one() {
    let harness = Harness::new();
    record(&harness, CREATE_SEED).ends_with(0);
    let accepted = harness.read("tapes/new.json");
    harness.write("other.json", OTHER);
    let other = format!("{CREATE_SEED} --body other.json >/dev/null");
    shows!(harness, record(&harness, &other), @"
    exit 1
    ----- stderr
    armtape: 2 interactions on tapes/new.json.new, pending: it differs from the accepted cassette
    armtape: to accept it: armtape accept tapes/new.json.new; to throw it away: armtape reject tapes/new.json.new
    armtape: exit 1, armtape's (the client ended with 0)
    ");
    assert_eq!(harness.read("tapes/new.json"), accepted);
    assert!(harness.read("tapes/new.json.new").contains("\"Other\""));
    shows!(harness, record(&harness, &other), @"
    exit 1
    ----- stderr
    armtape: 2 interactions on tapes/new.json.new, pending: it differs from the accepted cassette
    armtape: it replaced an earlier pending recording that nobody had reviewed
    armtape: to accept it: armtape accept tapes/new.json.new; to throw it away: armtape reject tapes/new.json.new
    armtape: exit 1, armtape's (the client ended with 0)
    ");
    assert_eq!(harness.read("tapes/new.json"), accepted);
    // The advice works.
    harness.armtape(&["accept", "tapes/new.json.new"]).ends_with(0);
    harness.around(&["replay", "tapes/new.json"], &other).ends_with(0);
}

#[test]
fn the_same_facts_leave_the_accepted_bytes() {
    let harness = Harness::new();
    let read = r#"curl -sS "$ARMTAPE_ENDPOINT/subscriptions/s/resourceGroups/g?api-version=2021-04-01""#;
    record(&harness, read).ends_with(0);
    let accepted = harness.read("tapes/new.json");
    shows!(harness, record(&harness, read), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g","name":"g","type":"Microsoft.Resources/resourceGroups","location":"eastus","tags":{},"properties":{"provisioningState":"Succeeded"}}
    ----- stderr
    armtape: 1 interaction: nothing changed, tapes/new.json stays as it is
    armtape: exit 0, the client's own
    "#);
    assert_eq!(harness.read("tapes/new.json"), accepted);
    assert!(!harness.exists("tapes/new.json.new"));
}

#[test]
fn a_client_that_fails_never_replaces_anything() {
    let harness = Harness::new();
    record(&harness, CREATE_SEED).ends_with(0);
    let accepted = harness.read("tapes/new.json");
    shows!(harness, record(&harness, &format!("{CREATE_SEED} >/dev/null; exit 3")), @"
    exit 3
    ----- stderr
    armtape: 2 interactions on tapes/new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept tapes/new.json.new; to throw it away: armtape reject tapes/new.json.new
    armtape: exit 3, the client's own
    ");
    assert_eq!(harness.read("tapes/new.json"), accepted);
}

#[test]
fn a_cassette_is_named_after_the_script_of_the_client() {
    let harness = Harness::new();
    harness.write("create-profile.sh", CREATE_SEED);
    let mut command = harness.command([&["record"], EMBEDDED, &["--", "sh", "create-profile.sh"]].concat());
    harness.run(&mut command).ends_with(0);
    assert!(harness.exists("cassettes/create-profile.json"));
}

#[test]
fn in_reverse_mode_the_client_sees_armtape_and_the_tape_the_service() {
    let harness = Harness::new();
    // The client tells where it is sent on.
    let script = format!(
        r#"echo "$ARMTAPE_ENDPOINT" >endpoint
        curl -sS -o /dev/null -D headers -X PUT -H 'content-type: application/json' -H 'authorization: Bearer t' -d @body.json \
            "$ARMTAPE_ENDPOINT{PROFILE}"
        {CREATE_SEED} --endpoint "$ARMTAPE_ENDPOINT" --body body.json >/dev/null"#
    );
    harness.write("body.json", OTHER);
    record(&harness, &script).ends_with(0);
    let endpoint = harness.read("endpoint").trim().to_owned();
    let headers = harness.read("headers");
    assert!(headers.contains(&format!("ocation: {endpoint}/subscriptions/")), "{headers}");
    let tape = harness.read("tapes/new.json");
    assert!(tape.contains("\"location\": \"https://management.azure.com/subscriptions/"), "{tape}");
    assert!(!tape.contains("127.0.0.1"), "{tape}");
    // What was recorded at the endpoint replays there, and through the proxy as well.
    harness.around(&["replay", "tapes/new.json"], &script).ends_with(0);
}

const PROFILE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/\
    Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26";

#[test]
fn a_client_that_never_comes_by() {
    let harness = Harness::new();
    shows!(harness, record(&harness, "exit 0"), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client never came by: it may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint
    armtape: exit 2, armtape's (the client ended with 0)
    ");
    shows!(harness, record(&harness, "exit 7"), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client failed (with 7) before it asked for anything, or it went past armtape: it may not read HTTPS_PROXY, and none does for localhost; give it the URL in ARMTAPE_ENDPOINT as its endpoint
    armtape: exit 2, armtape's (the client ended with 7)
    ");
    assert!(!harness.exists("tapes/new.json"));
    harness.left_nothing();
}

#[test]
fn a_client_that_only_signs_in() {
    let harness = Harness::new();
    let script = "curl -sS -o /dev/null https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration";
    shows!(harness, record(&harness, script), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client asked for a token and then for nothing
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_client_that_does_not_trust_the_authority() {
    let harness = Harness::new();
    let other = harness.armtape(&["ca", "--dir", "other", "--pem"]).ends_with(0).stdout;
    harness.write("other.pem", other);
    let ran = record(&harness, "curl -s --cacert other.pem https://management.azure.com/subscriptions?api-version=1");
    shows!(harness, ran, @r"
    exit 2
    ----- stderr
    armtape: the client did not accept armtape's certificate for management.azure.com: received fatal alert: UnknownCA
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client trusts neither SSL_CERT_FILE, REQUESTS_CA_BUNDLE nor NODE_EXTRA_CA_CERTS: give it the file in ARMTAPE_CA by its own option
    armtape: exit 2, armtape's (the client ended with 60)
    ");
}

#[test]
fn a_client_that_does_not_wait() {
    let harness = Harness::new();
    let url = PROFILE.replace("396", "$name");
    let script = format!(
        r#"for name in 1 2; do
            "$BIN" generate --bare --seed $name | curl -sS -o /dev/null -X PUT -H 'content-type: application/json' -d @- \
                "https://management.azure.com{url}"
        done"#
    );
    let ran = record(&harness, &script).ends_with(0);
    let told =
        "armtape: the client did not wait for the ends of 2 operations, which are not on the tape; the first: PUT /";
    assert!(ran.stderr.contains(told), "{ran}");
}

#[test]
fn a_client_that_is_not_there() {
    let harness = Harness::new();
    shows!(harness, record(&harness, "no-such-client 2>/dev/null"), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client failed (with 127) before it asked for anything
    armtape: exit 2, armtape's (the client ended with 127)
    ");
}

#[test]
fn a_client_that_asks_the_embedded_service_for_another_host() {
    let harness = Harness::new();
    let ran = record(&harness, "curl -s -o /dev/null https://other.example/x; exit 0");
    shows!(harness, ran, @r"
    exit 2
    ----- stderr
    armtape: refused: other.example (1 attempt); `--allow-host other.example` tapes it
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client asked only for other.example: `--allow-host` tapes a host
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}
