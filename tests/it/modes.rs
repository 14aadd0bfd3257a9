//! What `record` does with the cassette that is there.

use crate::harness::{CREATE_SEED, EMBEDDED, Harness, Ran, shows};

const TAPE: &str = "tapes/a.json";

const OTHER_ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/\
                        Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/other";

/// Another profile than that of the seed, in the same hub.
const OTHER: &str = r#""$BIN" client --interval 0.05 --resource-id "$OTHER" --body other.json"#;

fn record(harness: &Harness, words: &[&str], variables: &[(&str, &str)], script: &str) -> Ran {
    let words = [&["record", "--cassette", TAPE], EMBEDDED, words, &["--", "sh", "-c", script]].concat();
    harness.write("other.json", armtape::simulate::seed::profile_body("other"));
    let mut command = harness.command(words);
    command.envs(variables.iter().copied()).env("OTHER", OTHER_ID);
    harness.run(&mut command)
}

#[test]
fn none_never_records() {
    let harness = Harness::new();
    shows!(harness, record(&harness, &["--mode", "none"], &[], CREATE_SEED), @"
    exit 2
    ----- stderr
    error: tapes/a.json is not there, and mode `none` never records
    hint: record it first: `armtape record --mode once`
    ");
    assert_eq!(harness.names(), ["other.json"]);
    record(&harness, &[], &[], CREATE_SEED).ends_with(0);
    let before = harness.read(TAPE);
    shows!(harness, record(&harness, &["--mode", "none"], &[], OTHER).stderr, @r#"
    armtape: missing from the tape: PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/other?api-version=2017-04-26
    armtape:   nearest on the tape: interaction 1 (tapes/a.json:17, not used yet)
    armtape:   - path: the tape has `profiles/TestProfileType396`, the client sent `profiles/other`
    armtape:   - body `$.properties.apiEntitySetName`: the tape has `"TestProfileType396"`, the client sent `"other"`
    armtape:   - body `$.properties.fields[3].fieldName`: the tape has `"TestProfileType396"`, the client sent `"other"`
    armtape: unused: the client did not make PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26 (interaction 1)
    armtape: 0 requests answered from the tape, 1 missing
    armtape: to add what is missing: armtape record --mode new-episodes --cassette tapes/a.json -- sh -c '"$BIN" client --interval 0.05 --resource-id "$OTHER" --body other.json'
    armtape: exit 1, armtape's (the client ended with 1)
    "#);
    assert_eq!((harness.read(TAPE), harness.exists("tapes/a.json.new")), (before, false));
}

#[test]
fn once_records_once() {
    let harness = Harness::new();
    let once = |script: &str| record(&harness, &["--mode", "once"], &[], script);
    assert!(once(CREATE_SEED).ends_with(0).stderr.contains("on tapes/a.json (new)"));
    shows!(harness, once(CREATE_SEED).stderr, @"
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    ");
    once(OTHER).ends_with(1);
    assert!(!harness.exists("tapes/a.json.new"));
}

#[test]
fn new_episodes_are_added_to_the_old_ones() {
    let harness = Harness::new();
    let more = |script: &str| record(&harness, &["--mode", "new-episodes"], &[], script);
    more(CREATE_SEED).ends_with(0);
    let before = harness.read(TAPE);
    shows!(harness, more(CREATE_SEED).stderr, @"
    armtape: 2 requests answered from tapes/a.json, and nothing new
    armtape: exit 0, the client's own
    ");
    shows!(harness, more(&format!("{CREATE_SEED}; {OTHER}")).stderr, @"
    armtape: 2 requests answered from tapes/a.json
    armtape: 4 interactions on tapes/a.json.new, pending: it differs from the accepted cassette
    armtape: to accept it: armtape accept tapes/a.json.new; to throw it away: armtape reject tapes/a.json.new
    armtape: exit 1, armtape's (the client ended with 0)
    ");
    assert_eq!(harness.read(TAPE), before);
    shows!(harness, harness.armtape(&["show", "tapes/a.json.new"]), @"
    exit 0
    ----- stdout
    tapes/a.json.new: 2 operations, 4 interactions

    PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26
      PUT 202 → 200 Succeeded
      polled by location

    PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/other?api-version=2017-04-26
      PUT 202 → 200 Succeeded
      polled by location
    ");
    harness.armtape(&["accept", "tapes/a.json.new"]).ends_with(0);
    // Everything is on it now, and the service is gone.
    let replayed = record(&harness, &["--mode", "none"], &[], &format!("{OTHER}; {CREATE_SEED}"));
    assert!(replayed.ends_with(0).stderr.contains(" 0 missing"));
    shows!(harness, more("exit 0").stderr, @"
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client never came by: it may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let harness = Harness::new();
    let refused = |ran: Ran| ran.stderr.contains("mode `none` never records");
    harness.write("armtape.toml", "[record]\nmode = 'none'\n");
    assert!(refused(record(&harness, &[], &[], CREATE_SEED)));
    assert!(!refused(record(&harness, &[], &[("ARMTAPE_MODE", "all")], CREATE_SEED)));
    std::fs::remove_file(harness.path(TAPE)).unwrap();
    harness.write("armtape.toml", "[record]\nmode = 'all'\n");
    assert!(refused(record(&harness, &[], &[("ARMTAPE_MODE", "none")], CREATE_SEED)));
    assert!(!refused(record(&harness, &["--mode", "once"], &[("ARMTAPE_MODE", "none")], CREATE_SEED)));
    shows!(harness, record(&harness, &[], &[("ARMTAPE_MODE", "never")], CREATE_SEED), @"
    exit 2
    ----- stderr
    error: invalid value 'never' for '--mode <MODE>': expected `none`, `once`, `new-episodes` or `all`

    For more information, try '--help'.
    ");
}

#[test]
fn git_is_told_of_the_first_pending_recording() {
    let harness = Harness::new();
    harness.write(".git/HEAD", "");
    let said = |words: &[&str]| {
        record(&harness, words, &[], &format!("{OTHER} > /dev/null; {CREATE_SEED} > /dev/null")).stderr
    };
    record(&harness, &[], &[], CREATE_SEED).ends_with(0);
    shows!(harness, said(&[]), @"
    armtape: 4 interactions on tapes/a.json.new, pending: it differs from the accepted cassette
    armtape: to accept it: armtape accept tapes/a.json.new; to throw it away: armtape reject tapes/a.json.new
    armtape: git would commit it: `*.json.new` in [FOLDER]/.gitignore keeps pending recordings out (`--gitignore` adds it)
    armtape: exit 1, armtape's (the client ended with 0)
    ");
    assert!(!said(&[]).contains("git"), "it is not the first one any more");
    assert!(said(&["--gitignore"]).contains("/.gitignore: *.json.new"));
    assert_eq!(harness.read(".gitignore"), "*.json.new\n");
    harness.armtape(&["reject", TAPE]).ends_with(0);
    assert!(!said(&["--gitignore"]).contains("git"), "git ignores it");
}
