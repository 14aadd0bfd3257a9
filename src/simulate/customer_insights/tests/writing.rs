//! Bodies, updates, deletes and conditions.

use super::*;

#[test]
fn a_read_sorts_and_adds() {
    let mut world = world(options());
    world.created();
    let read = world.get(&profile()).json();
    let properties = read["properties"].as_object().unwrap();
    insta::assert_snapshot!(properties.keys().cloned().collect::<Vec<_>>().join(" "), @"strongIds apiEntitySetName entityType fields instancesCount lastChangedUtc provisioningState schemaItemTypeLink tenantId typeName attributes largeImage localizedAttributes smallImage");
    let names: Vec<&str> =
        properties["fields"].as_array().unwrap().iter().map(|field| field["fieldName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Id", "LastName", "ProfileId", "SavingAccountBalance", "TestProfileType396"]);
    assert_eq!(properties["fields"][0]["localizedAttributes"], json!({}));
    assert_eq!(properties["lastChangedUtc"], "2017-06-08T10:11:12.12");

    let list =
        world.get(&format!("{}?api-version=2017-04-26", seed::resource_id("x").strip_suffix("/x").unwrap())).json();
    assert_eq!(list["value"][0]["name"], "sdkTestHub/TestProfileType396");
    assert_eq!(list["value"][0]["properties"].get("lastChangedUtc"), None);
    assert_eq!(list.as_object().unwrap().len(), 1);
}

#[test]
fn a_body_without_profile_id_gets_it() {
    let mut world = world(options());
    let body = json!({ "properties": {
        "smallImage": "s", "apiEntitySetName": "A", "unknown": 1,
        "strongIds": [{ "strongIdName": "A", "keyPropertyNames": ["A"] }],
        "fields": [{ "fieldName": "B", "fieldType": "Edm.Int32", "isName": true, "propertyId": "mine" }, { "fieldName": "A", "fieldType": "Edm.String", "maxLength": 5 }],
    } });
    insta::assert_snapshot!(brief(&world.put(&body.to_string()).json()["properties"]), @r#"
    {
      "strongIds": [
        {
          "strongIdName": "A",
          "keyPropertyNames": ["A"]
        },
        {
          "keyPropertyNames": ["ProfileId"],
          "strongIdName": "ProfileId"
        }
      ],
      "apiEntitySetName": "A",
      "entityType": 1,
      "fields": [
        {"fieldName":"B","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":true,"isRequired":false,"propertyId":"id1"},
        {"fieldName":"A","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":false,"propertyId":"id2","maxLength":5,"isAvailableInGraph":true},
        {"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":false,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true}
      ],
      "instancesCount": 0,
      "provisioningState": "Provisioning",
      "tenantId": "sdktesthub",
      "typeName": "TestProfileType396",
      "smallImage": "s",
      "unknown": 1
    }
    "#);
}

#[test]
fn what_was_read_can_be_put_back() {
    let mut world = world(options());
    world.created();
    let read = world.get(&profile()).json();
    let back = world.put(&read.to_string());
    assert_eq!((back.status, back.state()), (200, "Succeeded".to_owned()));
    let mut again = world.get(&profile()).json();
    assert_ne!(again["properties"]["lastChangedUtc"], read["properties"]["lastChangedUtc"]);
    again["properties"]["lastChangedUtc"] = read["properties"]["lastChangedUtc"].clone();
    // The read had sorted the fields, so that they are numbered anew; nothing else may differ.
    let fields = read["properties"]["fields"].as_array().unwrap();
    for (field, old) in again["properties"]["fields"].as_array_mut().unwrap().iter_mut().zip(fields) {
        field["propertyId"] = old["propertyId"].clone();
    }
    assert_eq!(again, read);
}

#[test]
fn an_update_is_answered_in_three_ways() {
    let changed = seed::profile_body(seed::PROFILE).replace("smallImage.jpg", "other.jpg");
    let image = |answer: &Answer| answer.json()["properties"]["smallImage"].as_str().unwrap().to_owned();

    let mut done = world(options());
    done.created();
    let answer = done.put(&changed);
    assert_eq!((answer.status, answer.state(), answer.header("location")), (200, "Succeeded".to_owned(), None));
    assert_eq!(image(&done.get(&profile())), r"\\Images\\other.jpg");

    let mut accepted = world(Options { update: Update::Accepted, ..options() });
    accepted.created();
    let answer = accepted.put(&changed);
    assert_eq!((answer.status, answer.state()), (202, "Provisioning".to_owned()));
    let location = answer.header("location").unwrap();
    assert_eq!(accepted.get(location).status, 202);
    assert_eq!(accepted.get(location).status, 200);
    assert_eq!(accepted.get(&profile()).state(), "Succeeded");

    let mut provisioning = world(Options { update: Update::Provisioning, ..options() });
    provisioning.created();
    let answer = provisioning.put(&changed);
    assert_eq!((answer.status, answer.state(), answer.header("location")), (200, "Provisioning".to_owned(), None));
    assert_eq!(provisioning.get(&profile()).state(), "Provisioning");
    assert_eq!(provisioning.get(&profile()).state(), "Succeeded");
}

#[test]
fn a_second_put_takes_over_a_running_create() {
    let mut world = world(options());
    let first = world.create();
    let second = world.create();
    assert_ne!(first, second);
    assert_eq!(world.get(&first).status, 202);
    // The first one's end is not the profile's.
    assert_eq!(world.get(&first).status, 200);
    assert_eq!(world.get(&profile()).state(), "Provisioning");
    assert_eq!(world.get(&second).status, 202);
    assert_eq!(world.get(&second).status, 200);
    assert_eq!(world.get(&profile()).state(), "Succeeded");
}

#[test]
fn a_delete_is_answered_as_recorded() {
    let mut world = world(options());
    assert_eq!(world.send("DELETE", &profile(), &[], "").status, 204);
    world.created();
    let answer = world.send("DELETE", &profile(), &[], "");
    assert_eq!((answer.status, answer.text.as_str(), answer.header("retry-after")), (202, "null", Some("1")));
    let location = answer.header("location").unwrap();
    assert_eq!(world.get(&profile()).state(), "Provisioning");
    let running = world.get(location);
    assert_eq!(
        (running.status, running.state(), running.header("location")),
        (202, "Provisioning".to_owned(), Some(location))
    );
    let done = world.get(location);
    assert_eq!((done.status, done.state()), (200, "Succeeded".to_owned()));
    assert_eq!(world.get(&profile()).code(), "ResourceNotFound");
    assert_eq!(world.get(location).status, 200);
    assert_eq!(world.send("DELETE", &profile(), &[], "").status, 204);
    // A profile of the same name is a new one.
    assert_eq!(world.put(&seed::profile_body(seed::PROFILE)).status, 202);
}

#[test]
fn a_delete_ends_for_a_client_that_reads_the_resource() {
    let mut world = world(options());
    world.created();
    world.send("DELETE", &profile(), &[], "");
    assert_eq!(world.get(&profile()).status, 200);
    assert_eq!(world.get(&profile()).status, 404);
}

#[test]
fn conditions_are_those_of_the_contract() {
    let body = seed::profile_body(seed::PROFILE);
    let cases = [
        ("if-match", "*", 412, 200),
        ("if-match", "\"x\"", 412, 412),
        ("if-none-match", "*", 202, 412),
        ("if-none-match", "\"x\"", 202, 200),
    ];
    for (name, value, missing, exists) in cases {
        let mut empty = world(options());
        assert_eq!(empty.send("PUT", &profile(), &[(name, value)], &body).status, missing, "{name}: {value}, missing");
        let mut full = world(options());
        full.created();
        let answer = full.send("PUT", &profile(), &[(name, value)], &body);
        assert_eq!(answer.status, exists, "{name}: {value}, exists");
        if exists == 412 {
            assert_eq!(answer.code(), "PreconditionFailed");
        }
    }
    // What is not there is gone, whatever the condition (section 1.10).
    assert_eq!(world(options()).send("DELETE", &profile(), &[("if-match", "\"x\"")], "").status, 204);
}

#[test]
fn paths_match_in_any_case_and_names_keep_theirs() {
    let mut world = world(options());
    let shouted = format!("//SUBSCRIPTIONS{}", profile().strip_prefix("/subscriptions").unwrap())
        .replace("/profiles/", "/PROFILES/");
    let answer = world.send("PUT", &shouted, &[], &seed::profile_body(seed::PROFILE));
    assert_eq!(answer.json()["id"], seed::resource_id(seed::PROFILE));
    let location = answer.header("location").unwrap();
    assert!(location.starts_with("https://management.azure.com/SUBSCRIPTIONS/"), "{location}");
    assert_eq!(world.get(&location.to_lowercase()).status, 202);
    let read = world.get(&profile().to_lowercase());
    assert_eq!(read.json()["name"], "sdkTestHub/TestProfileType396");
}

#[test]
fn the_location_is_at_the_host_that_was_called() {
    let mut world = world(options());
    let uri = format!("http://127.0.0.1:4000{}", profile());
    let answer = world.send("PUT", &uri, &[], &seed::profile_body(seed::PROFILE));
    assert!(answer.header("location").unwrap().starts_with("http://127.0.0.1:4000/subscriptions/"));
}

#[test]
fn an_operation_belongs_to_its_profile() {
    let mut world = world(options());
    let location = world.create();
    let other = location.replace("TestProfileType396", "Other");
    assert_eq!(world.get(&other).status, 404);
    assert_eq!(
        world.get(&format!("{}/operations/0123?api-version=2017-04-26", seed::resource_id(seed::PROFILE))).code(),
        "NotFound"
    );
}
