//! A server of the test, with an authority of its own, stands for `management.azure.com`.

use fs_err as fs;

use crate::{
    harness::{Harness, Ran, shows, steps},
    support::scripted::Scripted,
};

/// What a client sends, and a service answers, that nobody may find again.
const CANARIES: [&str; 4] = ["canary-bearer", "canary-cookie", "canary-auxiliary", "canary-answered"];

fn record(harness: &Harness, service: &Scripted, words: &[&str], script: &str) -> Ran {
    let to = format!("management.azure.com:443:{}", service.address());
    let ca = service.authority().display().to_string();
    let record = ["record", "--cassette", "new.json", "--connect-to", &to, "--upstream-ca", &ca];
    harness.around(&[&record, words].concat(), script)
}

const PUT: &str = r#"curl -sS -o /dev/null -X PUT -H 'content-type: application/json' \
    -H 'authorization: Bearer canary-bearer' -H 'cookie: session=canary-cookie' \
    -H 'x-ms-authorization-auxiliary: Bearer canary-auxiliary' -H 'accept: application/json' -d '{"properties":{}}' \
    -w '%{http_code} HTTP/%{http_version}\n' "https://management.azure.com$RESOURCE?api-version=1""#;

#[test]
fn the_reference_client_is_recorded_and_replayed() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let client = r#""$BIN" client --interval 0.05 >/dev/null"#;
    shows!(harness, record(&harness, &service, &[], client), @r"
    exit 0
    ----- stderr
    armtape: 3 interactions on new.json (new)
    armtape: exit 0, the client's own
    ");
    let asked: Vec<_> =
        service.seen().into_iter().map(|seen| (seen.method, seen.host, u64::from(seen.status))).collect();
    assert_eq!(steps(&harness.path("new.json")), asked);
    drop(service);
    shows!(harness, harness.around(&["replay", "new.json"], client), @r"
    exit 0
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    ");
}

#[test]
fn no_credential_reaches_the_disk() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let ran = record(&harness, &service, &[], PUT).ends_with(0);
    assert_eq!(ran.stdout, "202 HTTP/2\n");
    let sent = &service.seen()[0];
    for name in ["authorization", "cookie", "x-ms-authorization-auxiliary"] {
        assert!(sent.headers.contains_key(name), "{name} did not reach the service");
    }
    for (path, bytes) in harness.files() {
        let text = String::from_utf8_lossy(&bytes);
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} is in {}", path.display());
        }
    }
    let tape = harness.read("new.json");
    assert!(tape.contains("\"kind\": \"bearer\""), "{tape}");
}

#[test]
fn another_host_is_passed_and_listed_and_not_taped() {
    let harness = Harness::new();
    let (service, other) = (Scripted::start().unwrap(), Scripted::start().unwrap());
    fs::copy(other.authority(), harness.path("other.pem")).unwrap();
    let script = format!(
        "{PUT}
        curl -sS -o /dev/null -w '%{{http_code}}\\n' --noproxy '' --cacert other.pem https://{}/secret",
        other.address()
    );
    shows!(harness, record(&harness, &service, &["--allow-private"], &script), @r"
    exit 0
    ----- stdout
    202 HTTP/2
    404
    ----- stderr
    armtape: passed, not taped: 127.0.0.1 (1 connection)
    armtape: 1 interaction on new.json (new)
    armtape: the client did not wait for the end of 1 operation, which is not on the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
    armtape: exit 0, the client's own
    ");
    assert_eq!(other.seen()[0].path, "/secret");
    assert_eq!(steps(&harness.path("new.json")).len(), 1);
}

#[test]
fn a_client_that_talks_to_another_host_only() {
    let harness = Harness::new();
    let (service, other) = (Scripted::start().unwrap(), Scripted::start().unwrap());
    fs::copy(other.authority(), harness.path("other.pem")).unwrap();
    let script = format!("curl -sS -o /dev/null --noproxy '' --cacert other.pem https://{}/x", other.address());
    shows!(harness, record(&harness, &service, &["--allow-private"], &script), @r"
    exit 2
    ----- stderr
    armtape: passed, not taped: 127.0.0.1 (1 connection)
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client talked only to 127.0.0.1: `--allow-host` tapes a host
    armtape: exit 2, armtape's (the client ended with 0)
    ");
    assert!(!harness.exists("new.json"));
}

#[test]
fn a_private_address_is_not_passed_unless_allowed() {
    let harness = Harness::new();
    let (service, other) = (Scripted::start().unwrap(), Scripted::start().unwrap());
    let script = format!(
        "{PUT}
        curl -s -o /dev/null -w '%{{http_connect}}\\n' --noproxy '' https://{}/x; exit 0",
        other.address()
    );
    shows!(harness, record(&harness, &service, &[], &script), @r"
    exit 0
    ----- stdout
    202 HTTP/2
    502
    ----- stderr
    armtape: not reached: 127.0.0.1: 127.0.0.1 is a private address; `--allow-private` allows it
    armtape: 1 interaction on new.json (new)
    armtape: the client did not wait for the end of 1 operation, which is not on the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
    armtape: exit 0, the client's own
    ");
    assert!(other.seen().is_empty());
}

#[test]
fn a_client_that_talks_only_to_a_host_that_cannot_be_reached() {
    let harness = Harness::new();
    let script = "curl -s --noproxy '' https://127.0.0.1:1/x; exit 0";
    let service = Scripted::start().unwrap();
    shows!(harness, record(&harness, &service, &["--allow-private"], script), @r"
    exit 2
    ----- stderr
    armtape: not reached: 127.0.0.1: Connection refused
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client talked only to 127.0.0.1, which could not be reached
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn reverse_mode_in_front_of_a_real_host() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let client = r#"echo "$ARMTAPE_ENDPOINT" >>endpoint
        "$BIN" client --endpoint "$ARMTAPE_ENDPOINT" --interval 0.05 >/dev/null"#;
    // Signing in is the identity service's part, which is not there.
    let client = format!("unset AZURE_TENANT_ID\n{client}");
    record(&harness, &service, &[], &client).ends_with(0);
    let seen = service.seen();
    assert!(seen.iter().all(|seen| seen.host == "management.azure.com"), "{seen:?}");
    let tape = harness.read("new.json");
    assert!(!tape.contains("127.0.0.1"), "{tape}");
    harness.around(&["replay", "new.json"], &client).ends_with(0);
}
