//! `armtape simulate`: scripts and faults, in the hands of the reference client.

use crate::harness::{Harness, shows};

/// The reference client, in a hurry.
const CLIENT: &str = r#""$BIN" client --interval 0.05"#;

/// Runs the client in a scenario, and gives what armtape said without the times.
fn simulate(words: &[&str], client: &str) -> (String, i32) {
    let harness = Harness::new();
    let words = [&["simulate"], words, &["--", "sh", "-c", client]].concat();
    let ran = harness.armtape(&words);
    let timeless = |line: &str| match line.split_once(" s  ") {
        Some((_, rest)) if line.starts_with("armtape:  ") => format!("  {rest}"),
        _ => line.to_owned(),
    };
    let said: Vec<_> = ran.stderr.lines().map(timeless).collect();
    (said.join("\n"), ran.code())
}

#[test]
fn a_script_is_played_through_the_proxy_and_at_the_endpoint() {
    let through = simulate(&["--scenario", "SC-036", "--seed", "1"], CLIENT);
    insta::assert_snapshot!(through.0, @"
    armtape: SC-036: put: the result URL ends with 409
      PUT    202  write: running
      GET    202  result: running
      GET    409  result: Failed
    armtape: right here: a failure (Conflict*)
    armtape: exit 1, the client's own
    ");
    let at = simulate(&["--scenario", "SC-036", "--seed", "1"], &format!(r#"{CLIENT} --endpoint "$ARMTAPE_ENDPOINT""#));
    assert_eq!(at, through);
}

#[test]
fn the_second_host_and_the_plain_listener_are_there() {
    let endpoint = format!(r#"{CLIENT} --endpoint "$ARMTAPE_ENDPOINT""#);
    for client in [CLIENT, &endpoint] {
        let (said, code) = simulate(&["--scenario", "SC-190"], client);
        assert!(code == 0 && said.contains("GET    200  second-host: Succeeded"), "{said}");
    }
    let plain = r#"curl -s -o /dev/null -X PUT -D head --cacert "$ARMTAPE_CA" "$ARMTAPE_ENDPOINT$RESOURCE?api-version=1" \
        -H 'content-type: application/json' -d '{}' &&
        curl -s -o /dev/null "$(sed -n 's/^azure-asyncoperation: \(.*\)\r$/\1/p' head)""#;
    let (said, code) = simulate(&["--scenario", "SC-192"], plain);
    assert!(code == 0 && said.contains("GET    200  plain-listener: Succeeded"), "{said}");
}

/// Who signs in with the Azure CLI asks for its subscriptions, and who creates something for the group.
#[test]
fn a_client_may_look_around_before_it_writes() {
    let look =
        |path: &str| format!(r#"curl -sSfo /dev/null "https://management.azure.com{path}?api-version=2022-12-01""#);
    let (all, group) = (look("/subscriptions"), look("/subscriptions/s/resourceGroups/g"));
    let client = format!("{all} && {group} && {CLIENT} && {group}");
    let (said, code) = simulate(&["--scenario", "SC-001", "--seed", "1"], &client);
    assert_eq!(code, 0, "curl fails at what is not there: {said}");
}

#[test]
fn every_fault_of_the_wire_is_shown() {
    for (fault, outcome) in [
        ("monitor:1=reset", 0),
        ("monitor:1=close", 0),
        ("monitor:1=cut", 0),
        ("monitor:1=short", 0),
        ("monitor:1=503 !Busy", 0),
        ("write:1=applied reset", 0),
        ("write=400 !No", 1),
    ] {
        let (said, code) = simulate(&["--scenario", "SC-006", "--fault", fault], CLIENT);
        assert!(code == outcome && said.contains("(as asked by --fault)"), "{fault}: {said}");
    }
}

#[test]
fn the_embedded_service_with_a_fault() {
    let (said, code) = simulate(&["--fault", "PUT:1=429 !Busy RA=1"], CLIENT);
    assert!(code == 0 && said.contains("PUT    429") && said.contains("PUT    202"), "{said}");
}

#[test]
fn what_cannot_be_played() {
    let harness = Harness::new();
    harness.write(
        "mine.toml",
        "[[scenario]]\nid = 'A'\ntitle = 'a'\nkind = 'normal'\nright = ['success']\nwrite = ['20']\n",
    );
    let said = |words: &[&str]| harness.armtape(&[&["simulate"], words].concat()).to_string();
    shows!(harness, said(&["--scenario", "SC-1", "--", "true"]), @"
    exit 2
    ----- stderr
    error: there is no scenario `SC-1`
    hint: `armtape simulate --list` lists those in the binary; a file of your own ends in `.toml`
    ");
    shows!(harness, said(&["--scenario", "SC-044", "--", "true"]), @"
    exit 2
    ----- stderr
    error: 8 scenarios are meant, and one can be played
    hint: there are SC-044:E2, SC-044:E3, SC-044:E4, SC-044:E5, SC-044:E6, SC-044:E7, SC-044:E8, SC-044:E9
    ");
    shows!(harness, said(&["--scenario", "no.toml", "--", "true"]), @"
    exit 2
    ----- stderr
    error: no.toml: No such file or directory
    ");
    shows!(harness, said(&["--scenario", "mine.toml", "--", "true"]), @"
    exit 2
    ----- stderr
    error: mine.toml:6: `write`: `20` is no status: an answer begins with a number from 200 to 599, or is `reset`, `close` or `silent`
    hint: docs/scenarios.md describes the keys
    ");
    shows!(harness, said(&["--scenario", "SC-022", "--", "true"]), @"
    exit 2
    ----- stderr
    error: in SC-022 the operation runs before the client comes
    hint: say of which resource: `--resource-id /subscriptions/…`
    ");
    shows!(harness, said(&["--fault", "GET=rest", "--", "true"]), @"
    exit 2
    ----- stderr
    error: invalid value 'GET=rest' for '--fault <SPEC>': at character 5: `rest` is no answer: a fault begins with a status from 200 to 599, with `reset`, `close` or `silent`, or, of the service's own answer, with `cut`, `short`, `stall` or `slow`

    For more information, try '--help'.
    ");
    shows!(harness, said(&["--scenario", "SC-001", "--", "true"]), @"
    exit 2
    ----- stderr
    armtape: SC-001: put: PUT answers 200, Succeeded
    armtape: error: nothing was asked of the service
    armtape: likely: the client never came by: it may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}
