//! `record --again` and `--verify`.

use crate::harness::{CREATE_SEED, EMBEDDED, Harness, shows};

/// A cassette of the embedded service, with the command that made it.
fn recorded(script: &str) -> Harness {
    let harness = Harness::new();
    let record = [&["record", "--cassette", "cassettes/seed.json"], EMBEDDED].concat();
    harness.around(&record, script).ends_with(0);
    harness
}

#[test]
fn a_cassette_is_recorded_again_with_its_command() {
    let harness = recorded(CREATE_SEED);
    let accepted = harness.read("cassettes/seed.json");
    let again = [&["record", "--again"], EMBEDDED].concat();
    shows!(harness, harness.armtape(&again), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396","name":"sdkTestHub/TestProfileType396","properties":{"strongIds":[{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"},{"keyPropertyNames":["ProfileId","LastName"],"strongIdName":"ProfileId"},{"keyPropertyNames":["ProfileId"],"strongIdName":"ProfileId"}],"apiEntitySetName":"TestProfileType396","entityType":1,"fields":[{"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}],"instancesCount":0,"provisioningState":"Succeeded","schemaItemTypeLink":"SchemaItemTypeLink","tenantId":"sdktesthub","typeName":"TestProfileType396","largeImage":"\\\\Images\\\\LargeImage.jpg","smallImage":"\\\\Images\\\\smallImage.jpg"},"type":"Microsoft.CustomerInsights/hubs/profiles"}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: cassettes/seed.json: sh -c '"$BIN" client --interval 0.05'
    armtape: 2 interactions: nothing changed, cassettes/seed.json stays as it is
    armtape: 1 cassette recorded again
    armtape: exit 0
    "#);
    assert_eq!(harness.read("cassettes/seed.json"), accepted);
    let slower =
        ["record", "--again", "cassettes/s*.json", "--upstream", "embedded", "--polls", "0", "--retry-after", "1"];
    shows!(harness, harness.armtape(&slower), @r#"
    exit 1
    ----- stdout
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396","name":"sdkTestHub/TestProfileType396","properties":{"strongIds":[{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"},{"keyPropertyNames":["ProfileId","LastName"],"strongIdName":"ProfileId"},{"keyPropertyNames":["ProfileId"],"strongIdName":"ProfileId"}],"apiEntitySetName":"TestProfileType396","entityType":1,"fields":[{"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}],"instancesCount":0,"provisioningState":"Succeeded","schemaItemTypeLink":"SchemaItemTypeLink","tenantId":"sdktesthub","typeName":"TestProfileType396","largeImage":"\\\\Images\\\\LargeImage.jpg","smallImage":"\\\\Images\\\\smallImage.jpg"},"type":"Microsoft.CustomerInsights/hubs/profiles"}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: cassettes/seed.json: sh -c '"$BIN" client --interval 0.05'
    armtape: 2 interactions on cassettes/seed.json.new, pending: it differs from the accepted cassette
    armtape: to accept it: armtape accept cassettes/seed.json.new; to throw it away: armtape reject cassettes/seed.json.new
    armtape: 1 cassette recorded again, 1 pending
    armtape: exit 1
    "#);
    assert_eq!(harness.read("cassettes/seed.json"), accepted);
    assert!(harness.exists("cassettes/seed.json.new"));
}

#[test]
fn what_cannot_be_recorded_again_is_left() {
    let harness = recorded(CREATE_SEED);
    let tape = harness.read("cassettes/seed.json");
    let with = |command: &str| {
        let (head, rest) = tape.split_once("\"command\": [").unwrap();
        format!("{head}\"command\": [{command}{}", &rest[rest.find(']').unwrap()..])
    };
    harness.write("cassettes/by-hand.json", with(""));
    harness.write("cassettes/secret.json", with("\"az\", \"--password=[redacted]\""));
    harness.write("cassettes/gone.json", with("\"no-such-program\""));
    std::fs::remove_file(harness.path("cassettes/seed.json")).unwrap();
    let before = harness.files();
    shows!(harness, harness.armtape(&[&["record", "--again"], EMBEDDED].concat()), @"
    exit 2
    ----- stderr
    armtape: left as it is: cassettes/by-hand.json: no command is on it
    armtape: cassettes/gone.json: no-such-program
    error: cannot start `no-such-program`: No such file or directory
    hint: the client's command goes behind `--`, as you would type it
    armtape: left as it is: cassettes/secret.json: its command had a secret in it, which is not kept: give it by the environment, and record once by hand
    armtape: 0 cassettes recorded again, 2 left as they are, 1 failed
    armtape: exit 2
    ");
    assert_eq!(harness.files(), before);
    // What stands for a value is none of the real service's.
    harness
        .write("cassettes/secret.json", with("\"az\", \"--subscription\", \"00000000-0000-0000-0000-000000000001\""));
    shows!(harness, harness.armtape(&["record", "--again", "cassettes/secret.json"]), @"
    exit 2
    ----- stderr
    armtape: left as it is: cassettes/secret.json: its command has a stand-in, `00000000-0000-0000-0000-000000000001`, where the value itself is needed: give it by the environment, and record once by hand
    armtape: 0 cassettes recorded again, 1 left as they are
    armtape: exit 2
    ");
    shows!(harness, harness.armtape(&["record", "--again", "--", "true"]), @"
    exit 2
    ----- stderr
    error: the argument '--again [<GLOB>]' cannot be used with '[CMD]...'

    Usage: armtape record --again [<GLOB>] [-- <CMD>...]

    For more information, try '--help'.
    ");
    shows!(harness, harness.armtape(&["record", "--stale", "--", "true"]), @"
    exit 2
    ----- stderr
    error: `--stale` chooses among the cassettes of `--again`
    hint: `armtape record --again --stale`
    ");
    shows!(harness, harness.armtape(&["record", "--again", "--stale"]), @r#"
    exit 2
    ----- stderr
    error: `--stale`: nothing is ever stale here
    hint: say when, in armtape.toml, under [freshness]: after = "90d"
    "#);
}

#[test]
fn what_is_stale_is_recorded_again_and_is_not_stale_any_more() {
    let harness = recorded(CREATE_SEED);
    harness.write("armtape.toml", "[freshness]\nafter = \"90d\"\nstale = \"fail\"\n");
    let tape = harness.read("cassettes/seed.json");
    let dated = tape.split("\"recorded\": \"").nth(1).unwrap().split('"').next().unwrap();
    harness.write("cassettes/old.json", tape.replacen(dated, "2001-01-01T00:00:00Z", 1));
    harness.armtape(&["status"]).ends_with(1);
    shows!(harness, harness.armtape(&[&["record", "--again", "--stale"], EMBEDDED].concat()), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396","name":"sdkTestHub/TestProfileType396","properties":{"strongIds":[{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"},{"keyPropertyNames":["ProfileId","LastName"],"strongIdName":"ProfileId"},{"keyPropertyNames":["ProfileId"],"strongIdName":"ProfileId"}],"apiEntitySetName":"TestProfileType396","entityType":1,"fields":[{"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}],"instancesCount":0,"provisioningState":"Succeeded","schemaItemTypeLink":"SchemaItemTypeLink","tenantId":"sdktesthub","typeName":"TestProfileType396","largeImage":"\\\\Images\\\\LargeImage.jpg","smallImage":"\\\\Images\\\\smallImage.jpg"},"type":"Microsoft.CustomerInsights/hubs/profiles"}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: cassettes/old.json: sh -c '"$BIN" client --interval 0.05'
    armtape: 2 interactions: nothing changed, cassettes/old.json stays as it is
    armtape: cassettes/old.json: its date is renewed
    armtape: 1 cassette recorded again, 1 not stale
    armtape: exit 0
    "#);
    harness.armtape(&["status"]).ends_with(0);
    assert_eq!(harness.read("cassettes/seed.json"), tape, "it was not stale");
    // One line has changed, and that can be taken back.
    let (old, new) = (tape.replacen(dated, "2001-01-01T00:00:00Z", 1), harness.read("cassettes/old.json"));
    assert_eq!(old.lines().zip(new.lines()).filter(|(one, other)| one != other).count(), 1);
    harness.armtape(&["undo"]).ends_with(0);
    assert_eq!(harness.read("cassettes/old.json"), old);
}

#[test]
fn a_recording_is_trusted_after_so_many_replays() {
    let harness = Harness::new();
    let record = |cassette: &str, script: &str| {
        let words = [&["record", "--cassette", cassette, "--verify", "2"], EMBEDDED].concat();
        harness.around(&words, script)
    };
    shows!(harness, record("cassettes/good.json", CREATE_SEED), @r#"
    exit 0
    ----- stdout
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396","name":"sdkTestHub/TestProfileType396","properties":{"strongIds":[{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"},{"keyPropertyNames":["ProfileId","LastName"],"strongIdName":"ProfileId"},{"keyPropertyNames":["ProfileId"],"strongIdName":"ProfileId"}],"apiEntitySetName":"TestProfileType396","entityType":1,"fields":[{"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}],"instancesCount":0,"provisioningState":"Succeeded","schemaItemTypeLink":"SchemaItemTypeLink","tenantId":"sdktesthub","typeName":"TestProfileType396","largeImage":"\\\\Images\\\\LargeImage.jpg","smallImage":"\\\\Images\\\\smallImage.jpg"},"type":"Microsoft.CustomerInsights/hubs/profiles"}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: 2 replays passed
    armtape: 2 interactions on cassettes/good.json (new)
    armtape: exit 0, the client's own
    "#);
    // A client that finds something on the disk that was not there before.
    let other = format!(
        r#"if test -e second; then exec "$BIN" client --interval 0.05 --api-version 2017-01-01; fi; touch second; {CREATE_SEED}"#
    );
    shows!(harness, record("cassettes/bad.json", &other), @r#"
    exit 1
    ----- stdout
    {"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396","name":"sdkTestHub/TestProfileType396","properties":{"strongIds":[{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"},{"keyPropertyNames":["ProfileId","LastName"],"strongIdName":"ProfileId"},{"keyPropertyNames":["ProfileId"],"strongIdName":"ProfileId"}],"apiEntitySetName":"TestProfileType396","entityType":1,"fields":[{"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},{"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}],"instancesCount":0,"provisioningState":"Succeeded","schemaItemTypeLink":"SchemaItemTypeLink","tenantId":"sdktesthub","typeName":"TestProfileType396","largeImage":"\\\\Images\\\\LargeImage.jpg","smallImage":"\\\\Images\\\\smallImage.jpg"},"type":"Microsoft.CustomerInsights/hubs/profiles"}
    {"outcome":"succeeded","code":null,"message":""}
    ----- stderr
    armtape: replay 1 of 2 did not pass:
    armtape:   missing from the tape: PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-01-01
    armtape:     nearest on the tape: interaction 1 (not used yet)
    armtape:     - query `api-version`: the tape has `2017-04-26`, the client sent `2017-01-01`
    armtape:     to ignore that, in armtape.toml, under [match]: api-version = "warn"
    armtape:   the client did not make PUT /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396?api-version=2017-04-26 (interaction 1)
    armtape: 2 interactions on cassettes/bad.json.new, pending: it does not replay
    armtape: to accept it: armtape accept cassettes/bad.json.new; to throw it away: armtape reject cassettes/bad.json.new
    armtape: exit 1, armtape's (the client ended with 0)
    "#);
    assert!(!harness.exists("cassettes/bad.json") && harness.exists("cassettes/bad.json.new"));
    shows!(harness, harness.armtape(&["record", "--verify", "2"]), @"
    exit 2
    ----- stderr
    error: `--verify` needs a client to replay to
    hint: name it behind `--`
    ");
}
