//! Recordings that wait: listed, accepted, rejected.

use crate::harness::{Harness, shows};

fn waiting() -> Harness {
    let harness = Harness::new();
    harness.write("tapes/a.json", "accepted");
    harness.write("tapes/a.json.new", "differs");
    harness.write("tapes/b.json.new", "first");
    harness
}

#[test]
fn what_waits_is_listed() {
    let harness = waiting();
    shows!(harness, harness.armtape(&["status"]), @"
    exit 1
    ----- stdout
    differs: ./tapes/a.json
    new: ./tapes/b.json
    ----- stderr
    armtape: 2 recordings pending
    ");
    shows!(harness, harness.armtape(&["status", "tapes", "--json"]), @r#"
    exit 1
    ----- stdout
    {"pending":["tapes/a.json","tapes/b.json"]}
    "#);
    shows!(harness, Harness::new().armtape(&["status"]), @"
    exit 0
    ----- stderr
    armtape: 0 recordings pending
    ");
    shows!(harness, harness.armtape(&["status", "absent"]), @"
    exit 2
    ----- stderr
    error: absent: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn one_is_accepted_and_the_other_rejected() {
    let harness = waiting();
    shows!(harness, harness.armtape(&["accept", "--cassette", "a.*"]), @"
    exit 0
    ----- stderr
    armtape: accepted: ./tapes/a.json
    ");
    assert_eq!(harness.read("tapes/a.json"), "differs");
    shows!(harness, harness.armtape(&["reject", "tapes/b.json.new"]), @"
    exit 0
    ----- stderr
    armtape: rejected: tapes/b.json
    ");
    assert!(!harness.exists("tapes/b.json") && !harness.exists("tapes/b.json.new"));
    shows!(harness, harness.armtape(&["accept"]), @"
    exit 2
    ----- stderr
    error: nothing that fits is pending under .
    hint: `armtape status` lists what is
    ");
    shows!(harness, harness.armtape(&["accept", "--cassette", "["]), @"
    exit 2
    ----- stderr
    error: `--cassette`: error parsing glob '[': unclosed character class; missing ']'
    hint: for example `create-*.json`
    ");
}

#[test]
fn help() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["status", "--help"]), @"
    exit 0
    ----- stdout
    List recordings that wait to be accepted

    Usage: armtape status [OPTIONS] [PATH]

    Arguments:
      [PATH]  Where to look [default: .]

    Options:
          --json  One JSON object instead of lines
      -h, --help  Print help
    ");
    shows!(harness, harness.armtape(&["accept", "--help"]), @"
    exit 0
    ----- stdout
    Put pending recordings in the place of the accepted ones

    Usage: armtape accept [OPTIONS] [PATH]

    Arguments:
      [PATH]  Where to look [default: .]

    Options:
          --cassette <GLOB>  Only cassettes whose path or file name fits
      -h, --help             Print help
    ");
    shows!(harness, harness.armtape(&["reject", "--help"]), @"
    exit 0
    ----- stdout
    Throw pending recordings away

    Usage: armtape reject [OPTIONS] [PATH]

    Arguments:
      [PATH]  Where to look [default: .]

    Options:
          --cassette <GLOB>  Only cassettes whose path or file name fits
      -h, --help             Print help
    ");
}
