//! Recordings that wait: listed, accepted, rejected.

use crate::harness::{Harness, shows};

/// A cassette with two operations, and a recording in which both differ; one that was never accepted.
fn waiting() -> Harness {
    let harness = Harness::with_tape();
    let one = harness.read("tape.json");
    let interactions = |text: &str| text.split_once("[\n").unwrap().1.rsplit_once("\n  ]").unwrap().0.to_owned();
    let other = interactions(&one).replace("things/a", "things/b").replace("operations/1", "operations/2");
    let both = format!("{{\n  \"armtape\": 1,\n  \"interactions\": [\n{},\n{other}\n  ]\n}}\n", interactions(&one));
    harness.write("tapes/a.json", &both);
    harness.write(
        "tapes/a.json.new",
        both.replace("\"retry-after\": \"3\"", "\"retry-after\": \"10\"").replacen("\"size\": 1", "\"size\": 2", 1),
    );
    harness.write("tapes/b.json.new", one);
    harness
}

#[test]
fn what_waits_is_listed() {
    let harness = waiting();
    shows!(harness, harness.armtape(&["status"]), @"
    exit 1
    ----- stdout
    differs: ./tapes/a.json (3 changes: 3 behavioural)
    new: ./tapes/b.json
    ----- stderr
    armtape: 2 recordings pending
    ");
    shows!(harness, harness.armtape(&["status", "tapes", "--json"]), @r#"
    exit 1
    ----- stdout
    {
      "armtape": 1,
      "pending": [
        "tapes/a.json",
        "tapes/b.json"
      ],
      "cassettes": [
        {
          "path": "tapes/a.json",
          "kind": "differs",
          "operations": [
            {
              "id": "put-a",
              "operation": "PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
              "class": "behavioural",
              "changes": [
                "request body has `properties.size` 1 → 2",
                "`Retry-After` 3 → 10"
              ]
            },
            {
              "id": "put-b",
              "operation": "PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/b?api-version=1",
              "class": "behavioural",
              "changes": [
                "`Retry-After` 3 → 10"
              ]
            }
          ]
        },
        {
          "path": "tapes/b.json",
          "kind": "new",
          "operations": [
            {
              "id": "put-a",
              "operation": "PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
              "class": "additive",
              "changes": [
                "is new (answers 202 with Location)"
              ]
            }
          ]
        }
      ],
      "kept": [],
      "crashed": [],
      "orphaned": [],
      "stale": [],
      "unreadable": []
    }
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
    let pending = harness.read("tapes/a.json.new");
    shows!(harness, harness.armtape(&["accept", "--cassette", "a.*"]), @"
    exit 0
    ----- stderr
    armtape: accepted: ./tapes/a.json
    ");
    assert_eq!(harness.read("tapes/a.json"), pending);
    assert!(!harness.exists("tapes/a.json.new"));
    shows!(harness, harness.armtape(&["reject", "tapes/b.json.new"]), @"
    exit 0
    ----- stderr
    armtape: rejected: tapes/b.json
    ");
    assert!(!harness.exists("tapes/b.json") && !harness.exists("tapes/b.json.new"));
    shows!(harness, harness.armtape(&["undo"]), @"
    exit 0
    ----- stderr
    armtape: taken back: [FOLDER]/tapes/b.json.new
    ");
    assert!(harness.exists("tapes/b.json.new"));
    shows!(harness, harness.armtape(&["reject", "tapes"]), @"
    exit 0
    ----- stderr
    armtape: rejected: tapes/b.json
    ");
    shows!(harness, harness.armtape(&["accept"]), @"
    exit 2
    ----- stderr
    error: nothing that fits is pending under .
    hint: `armtape status` lists what is; with `--json`, by operation
    ");
    shows!(harness, harness.armtape(&["accept", "--cassette", "["]), @"
    exit 2
    ----- stderr
    error: `--cassette`: error parsing glob '[': unclosed character class; missing ']'
    hint: for example `create-*.json`
    ");
    shows!(harness, harness.armtape(&["accept", "--class", "grave"]), @"
    exit 2
    ----- stderr
    error: invalid value 'grave' for '--class <CLASS>': cosmetic, additive, behavioural, breaking

    For more information, try '--help'.
    ");
}

#[test]
fn operations_of_one_tape_are_decided_apart() {
    let harness = waiting();
    shows!(harness, harness.armtape(&["accept", "tapes/a.json", "--operation", "put-b"]), @"
    exit 0
    ----- stderr
    armtape: accepted: put-b of tapes/a.json
    ");
    shows!(harness, harness.armtape(&["diff", "tapes/a.json", "tapes/a.json.new"]), @r#"
    exit 1
    ----- stdout
    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      behavioural  request body has `properties.size` 1 → 2
      behavioural  `Retry-After` 3 → 10 [answer]

                "json": {
                  "location": "westus",
                  "properties": {
        -           "size": 1,
        +           "size": 2,
                    "color": "red"
                  }
                },
        …
              "status": 202,
              "headers": {
                "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        -       "retry-after": "3"
        +       "retry-after": "10"
              }
            }
          }
    ----- stderr
    armtape: 2 changes: 2 behavioural
    "#);
    shows!(harness, harness.armtape(&["reject", "tapes/a.json", "--class", "behavioural"]), @"
    exit 0
    ----- stderr
    armtape: rejected: put-a of tapes/a.json
    ");
    // Nothing is left to decide: the pending one is gone, and the accepted one has one of the two.
    assert!(!harness.exists("tapes/a.json.new"));
    assert_eq!(harness.read("tapes/a.json").matches("\"retry-after\": \"10\"").count(), 1);
    shows!(harness, harness.armtape(&["accept", "tapes/a.json", "--operation", "put-a"]), @"
    exit 2
    ----- stderr
    error: nothing that fits is pending under tapes/a.json
    hint: `armtape status` lists what is; with `--json`, by operation
    ");
}

/// A variable is no operation: it goes with all of them, and alone it cannot be decided on.
#[test]
fn what_belongs_to_the_whole_tape_is_not_decided_on_alone() {
    let harness = waiting();
    let variable = |name: &str, value: &str| {
        let text = harness.read(name).replacen(
            "\"armtape\": 1,",
            &format!("\"armtape\": 1,\n  \"variables\": {{\"hub\": \"{value}\"}},"),
            1,
        );
        harness.write(name, text);
    };
    variable("tapes/a.json", "one");
    variable("tapes/a.json.new", "two");
    let before = harness.files();
    shows!(harness, harness.armtape(&["accept", "tapes/a.json", "--class", "cosmetic"]), @"
    exit 2
    ----- stderr
    error: variables of tapes/a.json is told of several operations, or of the whole tape, and decided with all of it
    hint: name these operations, or the whole recording
    ");
    let tapes = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
        files.into_iter().filter(|(path, _)| path.to_string_lossy().contains("/tapes/")).collect::<Vec<_>>()
    };
    assert_eq!(tapes(harness.files()), tapes(before));
    shows!(harness, harness.armtape(&["accept", "tapes/a.json", "--class", "cosmetic", "--class", "behavioural"]), @"
    exit 0
    ----- stderr
    armtape: accepted: variables of tapes/a.json
    armtape: accepted: put-a of tapes/a.json
    armtape: accepted: put-b of tapes/a.json
    ");
    assert!(harness.read("tapes/a.json").contains("\"two\"") && !harness.exists("tapes/a.json.new"));
}

#[test]
fn several_are_decided_all_or_none() {
    let harness = waiting();
    // The marks of a merge.
    let text = harness.read("tapes/b.json.new");
    harness.write("tapes/b.json.new", format!("<<<<<<< HEAD\n{text}"));
    let before = harness.files();
    shows!(harness, harness.armtape(&["accept"]), @r#"
    exit 2
    ----- stderr
    error: ./tapes/b.json.new: the marks of a merge are in it, at line 1
    hint: take one side whole, such as with `git checkout --ours FILE`, or record the cassette again
    "#);
    assert_eq!(harness.files().len(), before.len());
    let mut in_ci = harness.command(["accept", "tapes/a.json"]);
    shows!(harness, harness.run(in_ci.env("CI", "true")), @"
    exit 2
    ----- stderr
    error: with CI=true recordings are neither accepted nor rejected
    hint: decide where the change is reviewed, and commit what comes of it
    ");
}

#[test]
fn help() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["accept", "--help"]), @"
    exit 0
    ----- stdout
    Put pending recordings in the place of the accepted ones

    Usage: armtape accept [OPTIONS] [FILE]...

    Arguments:
      [FILE]...  Cassettes, or folders to look in [default: .]

    Options:
          --cassette <GLOB>  Only cassettes whose path or file name fits
          --operation <ID>   Only operations of this name, as `status --json` and `diff --json` tell it
          --class <CLASS>    Only operations whose heaviest change is of this class: cosmetic, additive,
                             behavioural, breaking
      -h, --help             Print help
    ");
    shows!(harness, harness.armtape(&["reject", "--help"]), @"
    exit 0
    ----- stdout
    Throw pending recordings away

    Usage: armtape reject [OPTIONS] [FILE]...

    Arguments:
      [FILE]...  Cassettes, or folders to look in [default: .]

    Options:
          --cassette <GLOB>  Only cassettes whose path or file name fits
          --operation <ID>   Only operations of this name, as `status --json` and `diff --json` tell it
          --class <CLASS>    Only operations whose heaviest change is of this class: cosmetic, additive,
                             behavioural, breaking
      -h, --help             Print help
    ");
}
