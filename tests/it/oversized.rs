//! Requests whose body is larger than what is kept and compared: they are answered, never dropped.

use crate::harness::{EMBEDDED, Harness, shows};

/// Sends a PUT with 17 MiB of JSON in curl's `words`; shows code and status.
fn put(url: &str, words: &str) -> String {
    format!(
        r#"{{ printf '{{"a":"'; head -c 17825792 /dev/zero | tr '\0' x; printf '"}}'; }} > large.json
        curl -sS -w '\n%{{http_code}}\n' -X PUT -H 'content-type: application/json' {words} --data-binary @large.json "{url}""#
    )
}

const CHUNKED: &str = "-H 'transfer-encoding: chunked'";
const AT_ONCE: &str = "-H 'expect:'";

#[test]
fn replay_says_that_it_does_not_compare() {
    let harness = Harness::with_tape();
    for words in ["", AT_ONCE, CHUNKED, "--http1.1 -H 'expect:' -H 'transfer-encoding: chunked'"] {
        for host in ["https://management.azure.com", "$ARMTAPE_ENDPOINT"] {
            let ran = harness.around(&["replay", "tape.json"], &put(&format!("{host}$RESOURCE?api-version=1"), words));
            insta::allow_duplicates! {
            shows!(harness, ran, @r#"
            exit 1
            ----- stdout
            {"error":{"code":"ArmtapeRequestTooLarge","message":"the request's body has more than 16 MiB: it is not compared with the tape"}}
            413
            ----- stderr
            armtape: 1 request refused: a body of more than 16 MiB is not compared with the tape
            armtape: unused: the client did not make PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
            armtape: 0 requests answered from the tape, 0 missing
            armtape: violation: the api-version `1` is none [LRO-C-01], at request 1: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a
            armtape: exit 1, armtape's (the client ended with 0)
            "#);
            }
        }
    }
}

#[test]
fn what_was_recorded_of_one_is_replayed() {
    let harness = Harness::new();
    let resource = "/subscriptions/s/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub\
                    /profiles/TestProfileType396?api-version=2017-04-26";
    for words in [AT_ONCE, CHUNKED] {
        for host in ["https://management.azure.com", "$ARMTAPE_ENDPOINT"] {
            let put = put(&format!("{host}{resource}"), words);
            let record = [&["record", "--cassette", "large.json.tape"], EMBEDDED].concat();
            let ran = harness.around(&record, &put).ends_with(0);
            assert!(ran.stdout.contains("RequestContentTooLarge") && ran.stdout.ends_with("\n413\n"), "{ran}");
            let tape = harness.read("large.json.tape");
            assert!(tape.contains("request body of 17825800 bytes not kept"), "{words} {host}: {tape}");
            let replayed = harness.around(&["replay", "large.json.tape"], &put).ends_with(0);
            assert_eq!(replayed.stdout, ran.stdout, "{words} {host}");
            fs_err::remove_file(harness.path("large.json.tape")).unwrap();
        }
    }
}
