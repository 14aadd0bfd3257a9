//! What a project decides in `armtape.toml`: it is found, obeyed, and told where it is wrong.

use crate::harness::{CREATE, Harness, shows};

const REPLAY: &[&str] = &["replay", "tape.json"];

/// The tape asks for api-version 1.
fn create_in(api_version: u32) -> String {
    CREATE.replace("--api-version 1", &format!("--api-version {api_version}"))
}

#[test]
fn another_api_version_is_told_once() {
    let harness = Harness::with_tape();
    harness.write("armtape.toml", "[match.api-version-of]\n\"microsoft.test/things\" = \"warn\"\n");
    let create = create_in(2);
    shows!(harness, harness.around(REPLAY, &format!("{create}; {create}")), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: repeated: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1) came 1 time more than it was recorded
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests: api-version 1 on the tape, 2 asked
    armtape: 4 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    "#);
    harness.write("armtape.toml", "[match]\napi-version = \"ignore\"\n");
    shows!(harness, harness.around(REPLAY, &create), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a","name":"a","properties":{"size":1,"color":"red","provisioningState":"Succeeded"}}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0, the client's own
    "#);
}

#[test]
fn what_is_ignored_may_differ() {
    let harness = Harness::with_tape();
    harness
        .write("body.json", r#"{"location": "eastus", "tags": {"a": "b"}, "properties": {"size": 1, "color": "red"}}"#);
    harness.around(REPLAY, CREATE).ends_with(1);
    harness.write("armtape.toml", "[match]\nignore-body = [\"$.tags\", \"$.location\"]\n");
    harness.around(REPLAY, CREATE).ends_with(0);
    // From a folder below, and not where another file is named.
    harness.write("deep/body.json", harness.read("body.json"));
    let deep = |words: &[&str]| {
        let mut command = harness.command(words.iter().chain(&["--", "sh", "-c", CREATE]));
        harness.run(command.current_dir(harness.path("deep")))
    };
    deep(&["replay", "../tape.json"]).ends_with(0);
    harness.write("other.toml", "");
    deep(&["replay", "../tape.json", "--config", "../other.toml"]).ends_with(1);
}

#[test]
fn hosts_are_decided_by_the_project() {
    let harness = Harness::with_tape();
    harness.write(
        "armtape.toml",
        "[hosts]\ntaped = ['vault.example']\npassed = ['packages.example']\nrefused = ['bad.example']\n\
         direct = ['.intranet.example']\n",
    );
    let script = format!(
        "{CREATE} > /dev/null
        echo \"$NO_PROXY\"
        for host in vault packages bad; do curl -s -w '%{{http_connect}} %{{http_code}}\\n' -o /dev/null https://$host.example/x; done; true"
    );
    shows!(harness, harness.around(REPLAY, &script), @"
    exit 1
    ----- stdout
    localhost,127.0.0.1,::1,.intranet.example
    200 501
    403 000
    403 000
    ----- stderr
    armtape: refused: bad.example (1 attempt): it is named by `[hosts] refused`
    armtape: refused: packages.example (1 attempt): it is named by `[hosts] passed`
    armtape: missing from the tape: GET vault.example/x
    armtape:   nearest on the tape: interaction 2 (tape.json:31, not used yet)
    armtape:   - host: the tape has `management.azure.com`, the client sent `vault.example`
    armtape:   - path: the tape has `/subscriptions/s/operations/1`, the client sent `/x`
    armtape:   - query `api-version`: the tape has `1`, the client sent none
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 1 missing
    armtape: to add what is missing: armtape record --mode new-episodes --cassette tape.json -- CLIENT
    armtape: exit 1, armtape's (the client ended with 0)
    ");
}

#[test]
fn a_wrong_file_is_told_before_anything_is_opened() {
    let harness = Harness::with_tape();
    harness.write("armtape.toml", "[match]\n\nignore-querry = []\n");
    let words = [&["replay", "absent.json"][..], &["record", "--cassette", "new/x.json"], &["env", "--dir", "ca"]];
    let [replay, record, env] = words.map(|words| harness.armtape(words).ends_with(2).stderr);
    assert!(replay == record && record == env, "{replay}{record}{env}");
    shows!(harness, replay, @"
    error: [FOLDER]/armtape.toml:3: unknown key `ignore-querry` in `[match]`
    hint: did you mean `ignore-query`? Possible are `api-version`, `api-version-of`, `ignore-query`, `ignore-body`, `headers`
    ");
    assert_eq!(harness.names(), ["armtape.toml", "body.json", "tape.json"]);
}
