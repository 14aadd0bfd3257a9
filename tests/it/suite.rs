//! `armtape test`: every tape is played to the command that made it.

use crate::harness::{CREATE, CREATE_SEED, EMBEDDED, Harness, Running, shows, wait_until};

/// `tape.json` with an api-version that is one, so that no rule has anything to say.
fn tape(harness: &Harness) -> String {
    harness.read("tape.json").replace("api-version=1\"", "api-version=2020-01-01\"")
}

/// The words that make the reference client create what is on it.
fn create() -> String {
    CREATE.replace("--api-version 1", "--api-version 2020-01-01")
}

/// A tape whose command is a shell script.
fn with_command(tape: &str, script: &str) -> String {
    let command = serde_json::json!(["sh", "-c", script]);
    tape.replacen("\"armtape\": 1,", &format!("\"armtape\": 1,\n  \"command\": {command},"), 1)
}

/// Two tapes: one of the embedded service with its command on it, `tape.json` with that of a client.
fn recorded(script: &str) -> Harness {
    let harness = Harness::with_tape();
    let record = [&["record", "--cassette", "cassettes/seed.json"], EMBEDDED].concat();
    harness.around(&record, CREATE_SEED).ends_with(0);
    let tape = tape(&harness);
    harness.write("cassettes/thing.json", with_command(&tape, script));
    harness
}

/// Without the seconds, and the lines in an order that does not depend on who was first.
fn told(ran: &crate::harness::Ran) -> String {
    let seconds = |text: &str| {
        let at = text.find(" in ").filter(|_| text.contains(" s: "));
        at.map_or_else(
            || text.to_owned(),
            |at| format!("{} in [TIME]{}", &text[..at], &text[text.find(" s: ").unwrap()..]),
        )
    };
    let stderr: Vec<String> = ran.stderr.lines().map(seconds).collect();
    format!("exit {}\n{}-----\n{}\n", ran.code(), ran.stdout, stderr.join("\n"))
}

#[test]
fn every_tape_is_played_to_its_command() {
    let harness = recorded(&create());
    let before = harness.files();
    let ran = harness.armtape(&["test", "--jobs", "1"]);
    insta::assert_snapshot!(told(&ran), @"
    exit 0
    ok       cassettes/seed.json
    ok       cassettes/thing.json
    -----
    armtape: 2 cassettes in [TIME] s: 2 passed, 0 failed
    ");
    assert_eq!(harness.files(), before, "nothing is written");
    // A pattern that no shell has resolved, a folder, a file; each once.
    let ran = harness.armtape(&["test", "--jobs", "1", "cassettes/th*.json", "cassettes/thing.json"]);
    insta::assert_snapshot!(told(&ran), @"
    exit 0
    ok       cassettes/thing.json
    -----
    armtape: 1 cassette in [TIME] s: 1 passed, 0 failed
    ");
    shows!(harness, harness.armtape(&["test", "cassettes/x*.json"]), @"
    exit 2
    ----- stderr
    error: there is no accepted cassette of armtape's at `cassettes/x*.json`
    hint: name a cassette, a folder of them or a pattern such as 'cassettes/create-*.json'
    ");
    shows!(harness, harness.armtape(&["test", "absent"]), @"
    exit 2
    ----- stderr
    error: absent: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn a_client_that_does_otherwise_is_told_with_all_there_is_to_know() {
    let other = create().replace("2020-01-01", "2020-02-02") + "; echo goodbye >&2; exit 3";
    let harness = recorded(&other);
    let ran =
        harness.armtape(&["test", "--jobs", "1", "--report", "junit=out/armtape.xml", "--report", "json=armtape.json"]);
    insta::assert_snapshot!(told(&ran), @r#"
    exit 1
    ok       cassettes/seed.json
    failed   cassettes/thing.json
      missing from the tape: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=2020-02-02 [TAPE-01]
        nearest on the tape: interaction 1 (cassettes/thing.json:5, not used yet)
        - query `api-version`: the tape has `2020-01-01`, the client sent `2020-02-02`
        to ignore that, in armtape.toml, under [match]: api-version = "warn"
      the client did not make PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=2020-01-01 (interaction 1) [TAPE-02]
      the client ended with 3
      | {"outcome":"failed","code":"ArmtapeNoMatch","message":"HTTP 501: PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=2020-02-02 is not on the tape; nearest is interaction 1 (cassettes/thing.json:5, not used yet): query `api-version`: the tape has `2020-01-01`, the client sent `2020-02-02`; to ignore that, in armtape.toml, under [match]: api-version = \"warn\""}
      | goodbye
      again: armtape replay cassettes/thing.json -- sh -c '"$BIN" client --resource-id "$RESOURCE" --api-version 2020-02-02 --body body.json --interval 0.05; echo goodbye >&2; exit 3'
    -----
    armtape: 2 cassettes in [TIME] s: 1 passed, 1 failed
    "#);
    let xml = harness.read("out/armtape.xml");
    assert!(xml.contains("<testsuite name=\"armtape test\" tests=\"2\" failures=\"1\""), "{xml}");
    let json: serde_json::Value = serde_json::from_str(&harness.read("armtape.json")).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["TAPE-01", "TAPE-02"], "{json:#}");
}

#[test]
fn the_clients_code_counts_where_nothing_on_the_tape_failed() {
    let harness = recorded(&format!("{}; exit 7", create()));
    let ran = harness.armtape(&["test", "cassettes/thing.json"]).ends_with(1);
    assert!(ran.stdout.contains("  the client ended with 7 [TAPE-03]\n"), "{ran}");
    // On this tape the service refuses, and a client may say so.
    let refused = harness.read("cassettes/thing.json").replacen("\"status\": 202", "\"status\": 400", 1);
    harness.write("cassettes/thing.json", refused);
    let ran = harness.armtape(&["test", "cassettes/thing.json"]).ends_with(0);
    assert!(ran.stdout.starts_with("ok "), "{ran}");
}

#[test]
fn what_cannot_be_played_is_told() {
    let harness = Harness::with_tape();
    let tape = tape(&harness);
    harness.write("cassettes/by-hand.json", &tape);
    harness.write(
        "cassettes/gone.json",
        tape.replacen("\"armtape\": 1,", "\"armtape\": 1, \"command\": [\"no-such-program\"],", 1),
    );
    harness.write("cassettes/idle.json", with_command(&tape, "true"));
    harness.write("cassettes/torn.json", format!("{}<<<<<<< HEAD\n", tape.trim_end().trim_end_matches('}')));
    let ran = harness.armtape(&["test", "--jobs", "1"]);
    insta::assert_snapshot!(told(&ran), @"
    exit 2
    skipped  cassettes/by-hand.json: no command is on it: it was recorded without `-- CLIENT`
    failed   cassettes/gone.json
      cannot start `no-such-program`: No such file or directory (os error 2) [TAPE-07]
    failed   cassettes/idle.json
      nothing was asked of the tape: the client never came by: it may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint [TAPE-06]
      the client ended with 0
      again: armtape replay cassettes/idle.json -- sh -c true
    failed   cassettes/torn.json
      cassettes/torn.json: the marks of a merge are in it, at line 72 [TAPE-07]
        hint: take one side whole, such as with `git checkout --ours FILE`, or record the cassette again
    -----
    armtape: 4 cassettes in [TIME] s: 0 passed, 3 failed, 1 skipped
    ");
    // Where there is nothing to run, nothing was judged.
    let ran = harness.armtape(&["test", "cassettes/by-hand.json"]);
    insta::assert_snapshot!(told(&ran), @"
    exit 2
    skipped  cassettes/by-hand.json: no command is on it: it was recorded without `-- CLIENT`
    -----
    armtape: 1 cassette in [TIME] s: 0 passed, 0 failed, 1 skipped
    armtape: error: nothing was judged
    ");
}

#[test]
fn a_client_that_hangs_is_stopped() {
    let harness = recorded("sleep 1000");
    let ran = harness.armtape(&["test", "cassettes/thing.json", "--timeout", "0.3"]).ends_with(1);
    assert!(ran.stdout.contains("  the client was still at it after 0.3 s, and was stopped [TAPE-04]\n"), "{ran}");
    harness.left_nothing();
    shows!(harness, harness.armtape(&["test", "--timeout", "-1"]), @"
    exit 2
    ----- stderr
    error: unexpected argument '-1' found

      tip: to pass '-1' as a value, use '-- -1'

    Usage: armtape test [OPTIONS] [GLOB]...

    For more information, try '--help'.
    ");
}

#[test]
fn ctrl_c_ends_it_with_what_was_done() {
    let harness = recorded("touch started; sleep 1000");
    let words = ["test", "--jobs", "1", "cassettes/seed.json", "cassettes/thing.json"];
    let running = Running::start(&mut harness.command(words));
    wait_until("the client", || harness.exists("started"));
    running.signal(nix::sys::signal::Signal::SIGINT);
    let ran = running.end();
    insta::assert_snapshot!(told(&ran), @"
    exit 2
    ok       cassettes/seed.json
    -----
    armtape: 2 cassettes in [TIME] s: 1 passed, 0 failed, 1 not run
    ");
    harness.left_nothing();
}

#[test]
fn values_of_variables_stand_in_the_command() {
    let harness = recorded("true");
    let record = [&["record", "--cassette", "cassettes/hub.json", "--var", "hub=my-hub"], EMBEDDED].concat();
    let script = [
        "--",
        "sh",
        "-c",
        r#"exec "$BIN" client --interval 0.05 --resource-id "$1" --api-version 2017-04-26 --body body.json"#,
        "sh",
    ];
    let id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/my-hub/profiles/p";
    let words: Vec<&str> = record.iter().copied().chain(script).chain([id]).collect();
    harness.armtape(&words);
    let tape = harness.read("cassettes/hub.json.new");
    assert!(tape.contains("hubs/{hub}/profiles/p\""), "{tape}");
    harness.armtape(&["accept"]).ends_with(0);
    let ran = harness.armtape(&["test", "cassettes/hub.json"]);
    assert!(!ran.stdout.contains("{hub}") && !ran.stdout.contains("missing from the tape"), "{ran}");
}

#[test]
fn in_ci_what_waits_is_a_finding_and_the_system_is_told() {
    let harness = recorded(&create());
    harness.write("cassettes/thing.json.new", harness.read("cassettes/thing.json"));
    let ran = harness.armtape(&["test", "cassettes/thing.json"]).ends_with(0);
    assert!(ran.stdout.contains("a recording waits beside it"), "{ran}");
    let before = harness.files();
    let mut command = harness.command(["test", "--jobs", "1"]);
    command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", harness.path("summary.md"));
    let ran = harness.run(&mut command);
    insta::assert_snapshot!(told(&ran), @"
    exit 1
    ok       cassettes/seed.json
    failed   cassettes/thing.json
      cassettes/thing.json.new waits to be accepted or rejected [TAPE-08]
    ::error file=cassettes/thing.json,line=1,title=TAPE-08::cassettes/thing.json.new waits to be accepted or rejected
    -----
    armtape: 2 cassettes in [TIME] s: 1 passed, 1 failed
    ");
    insta::assert_snapshot!(harness.read("summary.md"), @"
    # armtape test

    2 cassettes, 2 judged, 1 without a finding: 1 violation, 0 warnings, 0 known, 0 baselined.

    | scenario | operation | severity | rule | what the client did |
    | --- | --- | --- | --- | --- |
    | cassettes/thing.json | replay | violation | TAPE-08 | cassettes/thing.json.new waits to be accepted or rejected |
    ");
    std::fs::remove_file(harness.path("summary.md")).unwrap();
    let mut command = harness.command(["test", "cassettes/thing.json"]);
    let ran = harness.run(command.env("TF_BUILD", "True")).ends_with(1);
    assert!(ran.stdout.contains("\n##vso[task.logissue type=error;sourcepath=cassettes/thing.json;linenumber=1;code=TAPE-08;]cassettes/thing.json.new waits"), "{ran}");
    assert_eq!(harness.files(), before, "nothing is written");
}

#[test]
fn help() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["test", "--help"]), @"
    exit 0
    ----- stdout
    Play every tape to the command that made it

    Usage: armtape test [OPTIONS] [GLOB]...

    Arguments:
      [GLOB]...  Cassettes, folders of them, or patterns such as 'cassettes/create-*.json' [default:
                 cassettes]

    Options:
          --jobs <N>            Cassettes at once [default: one for each processor]
          --pace <P>            What the wire says of time: `instant`, `recorded`, or a factor of it,
                                such as 0.01 [default: instant]
          --polls <N>           Running answers before an operation ends: `recorded` or a number
                                [default: 0 at `instant`, by the clock at a factor]
          --timeout <S>         Seconds after which a client is stopped [default: 120]
          --report <KIND=FILE>  Write a report as well, as `text`, `json`, `junit`, `markdown`, `sarif`
                                or `html`; may be repeated
          --used <FILE>         Put the cassettes that were used on the list in this file, for `armtape
                                status --used` [env: ARMTAPE_USED=]
          --config <FILE>       Read this file instead of the nearest `armtape.toml` (docs/config.md)
                                [env: ARMTAPE_CONFIG=]
      -h, --help                Print help
    ");
}
