//! Replay judges: what a client does wrong while the tape has an answer for it.

use crate::harness::{CREATE, Harness, Ran, shows};

const REPLAY: &[&str] = &["replay", "tape.json"];

/// A client of curl: writes with `put`, asks with `get`.
const CLIENT: &str = r#"
put() { curl -sS -o /dev/null -X PUT -H 'content-type: application/json' -d @body.json \
    "https://management.azure.com$RESOURCE?api-version=1"; }
get() { curl -sS -o /dev/null "https://management.azure.com/subscriptions/s/operations/1$1"; }
"#;

fn replayed(harness: &Harness, words: &[&str], steps: &str) -> Ran {
    harness.around(&[REPLAY, words].concat(), &format!("{CLIENT}{steps}"))
}

#[test]
fn a_correct_client_has_no_finding() {
    let harness = Harness::with_tape();
    for words in [&[][..], &["--polls", "3"], &["--pace", "0.01", "--polls", "2"]] {
        harness.around(&[REPLAY, words].concat(), CREATE).ends_with(0);
    }
    let polls = "put; get '?api-version=1'; get '?api-version=1'";
    replayed(&harness, &["--polls", "1"], polls).ends_with(0);
}

#[test]
fn polling_goes_on_after_the_end() {
    let harness = Harness::with_tape();
    let client = "put; for i in 1 2 3 4; do get '?api-version=1'; done";
    shows!(harness, replayed(&harness, &[], client), @"
    exit 1
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 5 requests answered from the tape, 0 missing
    armtape: violation: polled 3 more times after `Succeeded` [LRO-C-35], at request 5: GET /subscriptions/s/operations/1
    armtape: exit 1, armtape's (the client ended with 0)
    ");
}

#[test]
fn an_accepted_write_comes_again() {
    let harness = Harness::with_tape();
    shows!(harness, replayed(&harness, &[], "put; put; get '?api-version=1'"), @"
    exit 0
    ----- stderr
    armtape: repeated: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) came 1 time more than it was recorded
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 3 requests answered from the tape, 0 missing
    armtape: warning: PUT was sent again, and nobody had asked whether its operation had ended [LRO-C-04], at request 2: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a
    armtape: exit 0, the client's own
    ");
}

/// BUG-01: the first answer is taken for the last.
#[test]
fn an_accepted_write_is_left_alone() {
    let harness = Harness::with_tape();
    shows!(harness, replayed(&harness, &[], "put"), @"
    exit 1
    ----- stderr
    armtape: left: the tape follows PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) to its end, and the client never asked how it went
    armtape: 1 request answered from the tape, 0 missing
    armtape: exit 1, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_polling_url_loses_a_parameter() {
    let harness = Harness::with_tape();
    let signed = harness.read("tape.json").replace("operations/1?api-version=1", "operations/1?api-version=1&t=5");
    harness.write("tape.json", signed);
    let correct = "put; get '?api-version=1&t=5'";
    replayed(&harness, &[], correct).ends_with(0);
    shows!(harness, replayed(&harness, &[], "put; get '?api-version=1'"), @"
    exit 1
    ----- stderr
    armtape: missing from the tape: GET /subscriptions/s/operations/1?api-version=1
    armtape:   nearest on the tape: interaction 2 (tape.json:31, not used yet)
    armtape:   - query `t`: the tape has `5`, the client sent none
    armtape:   - that is a poll of PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1); this URL was never handed out: a polling URL must be asked letter by letter
    armtape: 1 request answered from the tape, 1 missing
    armtape: violation: the polling URL was not used as it was given: `t` is missing [LRO-C-16], at request 2: GET /subscriptions/s/operations/1
    armtape: to add what is missing: armtape record --mode new-episodes --cassette tape.json -- CLIENT
    armtape: exit 1, armtape's (the client ended with 0)
    ");
}
