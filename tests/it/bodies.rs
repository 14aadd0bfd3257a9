//! `armtape generate` and `armtape lint --body`: bodies of a profile, made and judged.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::harness::{Harness, shows};

fn lines(harness: &Harness, words: &[&str]) -> Vec<String> {
    let ran = harness.armtape(words);
    assert_eq!(ran.code(), 0, "{words:?}");
    ran.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_first_of_a_seed_are_the_same_however_many_there_are() {
    let harness = Harness::new();
    for kind in ["--valid", "--unusual", "--invalid"] {
        let many = lines(&harness, &["generate", kind, "-n", "20", "--seed", "5"]);
        assert_eq!(lines(&harness, &["generate", kind, "-n", "7", "--seed", "5"]), many[..7]);
        assert_ne!(lines(&harness, &["generate", kind, "-n", "20", "--seed", "6"]), many);
    }
}

#[test]
fn lint_finds_what_generate_names() {
    let harness = Harness::new();
    for (kind, code) in [("--valid", 0), ("--unusual", 0), ("--invalid", 1)] {
        for line in lines(&harness, &["generate", kind, "-n", "12"]) {
            let object: Value = serde_json::from_str(&line).unwrap();
            let body = match object.get("bytes") {
                Some(bytes) => STANDARD.decode(bytes.as_str().unwrap()).unwrap(),
                None => object["body"].to_string().into_bytes(),
            };
            harness.write("body.json", body);
            let ran = harness.armtape(&["lint", "--body", "body.json"]);
            assert_eq!(ran.code(), code, "{line}");
            let found = ran.stdout;
            match object["defect"].as_str() {
                Some(defect) => assert!(found.contains(defect), "{line}: {found}"),
                None => assert_eq!(found, "", "{line}"),
            }
        }
    }
}

#[test]
fn a_rule_is_asked_for_by_its_id() {
    let harness = Harness::new();
    for id in ["PROFILE-24", "24"] {
        let objects = lines(&harness, &["generate", "--invalid", id, "-n", "3"]);
        assert!(objects.iter().all(|line| line.starts_with(r#"{"defect":"PROFILE-24","body":{"#)), "{objects:?}");
    }
    let bare = lines(&harness, &["generate", "--unusual", "23", "--bare"]);
    assert!(bare[0].starts_with(r#"{"properties":{"#), "{bare:?}");
    shows!(harness, harness.armtape(&["generate", "--invalid", "45"]), @"
    exit 2
    ----- stderr
    error: there is no rule 45
    hint: the rules are PROFILE-01 to PROFILE-44
    ");
    shows!(harness, harness.armtape(&["generate", "--invalid", "PROFILE-40"]), @"
    exit 2
    ----- stderr
    error: PROFILE-40 cannot be shown by a body alone: a name that no profile may have
    ");
    shows!(harness, harness.armtape(&["generate", "--invalid", "PROFILE-23"]), @"
    exit 2
    ----- stderr
    error: PROFILE-23 is never an error
    hint: ask for it with `--unusual`
    ");
}

#[test]
fn says_where_a_body_is_wrong() {
    let harness = Harness::new();
    harness.write(
        "body.json",
        r#"{
  "location": "westus",
  "properties": {
    "apiEntitySetName": "Customer",
    "strongIds": [
      { "strongIdName": "Id", "keyPropertyNames": ["id"] }
    ],
    "fields": [
      { "fieldName": "Id", "fieldType": "Edm.String", "maxLength": "10" },
      { "fieldName": "\u001b[2J", "fieldType": "text" }
    ]
  }
}"#,
    );
    shows!(harness, harness.armtape(&["lint", "--body", "body.json"]), @"
    exit 1
    ----- stdout
    body.json:2: error PROFILE-07 at location: a profile has no such member (the review of the description)
    body.json:6: warning PROFILE-16 at properties.strongIds[0].keyPropertyNames[0]: `id` is a field in another case only (the published description)
    body.json:9: error PROFILE-28 at properties.fields[0].maxLength: it has to be an integer (the published description)
    body.json:10: error PROFILE-20 at properties.fields[1].fieldName: `�[2J` is no identifier (inferred)
    body.json:10: error PROFILE-22 at properties.fields[1].fieldType: `text` is none of Edm.String, Edm.Int32, Edm.Boolean, Edm.Byte, Edm.DateTimeOffset, Edm.Decimal, Edm.Double, Edm.Guid, Edm.Int16, Edm.Int64 (a page of the documentation)
    ----- stderr
    armtape: body.json: 4 errors, 1 warning
    ");
    harness.write("body.json", "{\n  'properties': {}\n}");
    shows!(harness, harness.armtape(&["lint", "--body", "body.json"]), @"
    exit 1
    ----- stdout
    body.json:2: error PROFILE-02 at $: it is not JSON: key must be a string at line 2 column 3 (inferred)
    ----- stderr
    armtape: body.json: 1 error, 0 warnings
    ");
    shows!(harness, harness.armtape(&["lint", "--body", "absent.json"]), @"
    exit 2
    ----- stderr
    error: failed to open file `absent.json`: No such file or directory
    hint: name a file with the body of a PUT in it
    ");
}
