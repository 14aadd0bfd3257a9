//! `show` and `convert`: recordings of other tools for people, and as cassettes.

use crate::harness::{Harness, shows};

/// A create with two polls and a lookup, by VCR.py.
const VCRPY: &str = r#"interactions:
- request:
    body: '{"location": "westus"}'
    headers:
      Authorization: [Bearer secret]
    method: PUT
    uri: https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
  response:
    body: {string: '{"properties":{"provisioningState":"Creating"}}'}
    headers:
      azure-asyncoperation: ['https://management.azure.com/subscriptions/s/providers/Microsoft.Test/operations/1?api-version=1']
      date: ['Mon, 14 Sep 2020 08:20:14 GMT']
    status: {code: 201, message: Created}
- request:
    body: null
    headers: {}
    method: GET
    uri: https://management.azure.com/subscriptions/s/providers/Microsoft.Test/operations/1?api-version=1
  response:
    body: {string: '{"status":"InProgress"}'}
    headers: {retry-after: ['15']}
    status: {code: 200, message: OK}
- request:
    body: null
    headers: {}
    method: GET
    uri: https://management.azure.com/subscriptions/s/providers/Microsoft.Test/operations/1?api-version=1
  response:
    body: {string: '{"status":"Failed","error":{"code":"NoRoom","message":"m"}}'}
    headers: {}
    status: {code: 200, message: OK}
- request:
    body: null
    headers: {}
    method: GET
    uri: https://vault.test/keys?api-version=1&$skiptoken=abc
  response:
    body: {string: '{}'}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"#;

#[test]
fn a_recording_in_words() {
    let harness = Harness::new();
    harness.write("tape.yaml", VCRPY);
    shows!(harness, harness.armtape(&["show", "tape.yaml"]), @"
    exit 0
    ----- stdout
    tape.yaml: 1 operation, 4 interactions

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      PUT 201 → 1 × 200 InProgress (15 s) → 200 Failed (NoRoom)
      polled by azure-asyncoperation

    of no operation
      GET 200 vault.test/keys?api-version=1&$skiptoken=…
    ");
    shows!(harness, harness.armtape(&["show", "--json", "tape.yaml"]), @r#"
    exit 0
    ----- stdout
    {
      "armtape": 1,
      "files": [
        {
          "file": "tape.yaml",
          "format": "vcrpy",
          "interactions": 4,
          "operations": [
            {
              "write": "PUT",
              "status": 201,
              "resource": "/subscriptions/s/resourcegroups/g/providers/microsoft.test/things/a",
              "polled_by": "azure-asyncoperation",
              "polls": 2,
              "end_status": 200,
              "end_state": "failed",
              "offered": "azure-asyncoperation",
              "outcome": "failed",
              "place": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
              "timeline": "PUT 201 → 1 × 200 InProgress (15 s) → 200 Failed (NoRoom)",
              "interactions": {
                "write": 0,
                "polls": [
                  1,
                  2
                ],
                "reads": [],
                "final_read": null
              }
            }
          ],
          "others": [
            {
              "method": "GET",
              "status": 200,
              "place": "vault.test/keys?api-version=1&$skiptoken=…",
              "interactions": [
                3
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_folder_and_files_that_cannot_be_read() {
    let harness = Harness::with_tape();
    std::fs::create_dir_all(harness.path("tapes/deep")).unwrap();
    harness.write("tapes/deep/a.yaml", VCRPY);
    harness.write("tapes/cut.yaml", &VCRPY[..VCRPY.len() - 100]);
    harness.write("tapes/package.json", "{\"name\": \"x\"}");
    harness.write("tapes/notes.txt", "x");
    shows!(harness, harness.armtape(&["show", "absent.json", "tapes", "tape.json"]), @"
    exit 2
    ----- stdout
    tapes/deep/a.yaml: 1 operation, 4 interactions

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      PUT 201 → 1 × 200 InProgress (15 s) → 200 Failed (NoRoom)
      polled by azure-asyncoperation

    of no operation
      GET 200 vault.test/keys?api-version=1&$skiptoken=…

    tape.json: 1 operation, 3 interactions

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      PUT 202 → 1 × 202 (1 s) → 200 Succeeded
      polled by location
    ----- stderr
    error: absent.json: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    error: tapes/cut.yaml: invalid at `interactions[3]` (line 32): missing field `response`
    hint: correct the field (docs/cassette.md, docs/formats.md), or record the cassette again
    armtape: passed over: tapes/package.json is no recording
    ");
    let json = harness.armtape(&["show", "--json", "absent.json", "tapes"]);
    assert!(json.stdout.contains("\"file\": \"tapes/deep/a.yaml\""), "{json}");
    shows!(harness, harness.armtape(&["show", "tmp"]), @"
    exit 2
    ----- stderr
    error: tmp: no recording in this folder
    hint: their names end in .har, .json, .yaml or .yml
    ");
    shows!(harness, harness.armtape(&["show"]), @"
    exit 2
    ----- stderr
    error: the following required arguments were not provided:
      <FILE>...

    Usage: armtape show <FILE>...

    For more information, try '--help'.
    ");
}

#[test]
fn a_recording_becomes_a_cassette() {
    let harness = Harness::new();
    harness.write("in.yaml", VCRPY);
    shows!(harness, harness.armtape(&["convert", "in.yaml", "-o", "out.json"]), @"
    exit 0
    ----- stderr
    armtape: 4 interactions, 1 operation from in.yaml (vcrpy) in out.json
    ");
    let first = harness.read("out.json");
    assert!(first.starts_with("{\n  \"armtape\": 1,") && !first.contains("secret"), "{first}");
    shows!(harness, harness.armtape(&["convert", "in.yaml", "-o", "out.json"]), @"
    exit 2
    ----- stderr
    error: out.json is there already
    hint: name another file, or write over it with `--force`
    ");
    harness.armtape(&["convert", "out.json", "-o", "out.json", "--force"]).ends_with(0);
    assert_eq!(harness.read("out.json"), first);
    let [one, other] =
        ["in.yaml", "out.json"].map(|file| harness.armtape(&["show", file]).stdout.replace(file, "FILE"));
    assert_eq!(one, other);
}
