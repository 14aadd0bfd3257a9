//! A create: its answer, its polls, its end.

use super::*;

#[test]
fn a_create_is_answered_as_recorded() {
    let mut world = world(options());
    let uri = format!("https://management.azure.com{}", profile());
    let answer = world.send("PUT", &uri, &[], &seed::profile_body(seed::PROFILE));
    assert_eq!(answer.status, 202);
    let mut headers: Vec<String> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    insta::assert_snapshot!(headers.join("\n"), @r##"
    cache-control: no-cache
    content-type: application/json; charset=utf-8
    date: Thu, 08 Jun 2017 10:11:12 GMT
    expires: -1
    location: https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396/operations/910a2dec89024cc1beeb8da1658eec67?api-version=2017-04-26
    pragma: no-cache
    retry-after: 1
    strict-transport-security: max-age=31536000; includeSubDomains
    x-ms-correlation-request-id: 71bb54d8-d101-45b9-834d-0bff90150280
    x-ms-ratelimit-remaining-subscription-writes: 1198
    x-ms-request-id: f893a2ee-fb32-455e-b1c1-8690ee42c90b
    x-ms-routing-request-id: EASTUS:20170608T101112Z:71bb54d8-d101-45b9-834d-0bff90150280
    "##);
    insta::assert_snapshot!(brief(&answer.json()), @r##"
    {
      "id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396",
      "name": "sdkTestHub/TestProfileType396",
      "properties": {
        "strongIds": [
          {
            "keyPropertyNames": ["Id","SavingAccountBalance"],
            "strongIdName": "Id"
          },
          {
            "keyPropertyNames": ["ProfileId","LastName"],
            "strongIdName": "ProfileId"
          },
          {
            "keyPropertyNames": ["ProfileId"],
            "strongIdName": "ProfileId"
          }
        ],
        "apiEntitySetName": "TestProfileType396",
        "entityType": 1,
        "fields": [
          {"fieldName":"Id","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id1","maxLength":4000,"isAvailableInGraph":true},
          {"fieldName":"ProfileId","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"PROFILEID","maxLength":4000,"isAvailableInGraph":true},
          {"fieldName":"LastName","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id2","maxLength":4000,"isAvailableInGraph":true},
          {"fieldName":"TestProfileType396","fieldType":"Edm.String","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id3","maxLength":4000,"isAvailableInGraph":true},
          {"fieldName":"SavingAccountBalance","fieldType":"Edm.Int32","isArray":false,"isEnum":false,"isFlagEnum":false,"isImage":false,"isLocalizedString":false,"isName":false,"isRequired":true,"propertyId":"id4"}
        ],
        "instancesCount": 0,
        "provisioningState": "Provisioning",
        "schemaItemTypeLink": "SchemaItemTypeLink",
        "tenantId": "sdktesthub",
        "typeName": "TestProfileType396",
        "largeImage": "\\\\Images\\\\LargeImage.jpg",
        "smallImage": "\\\\Images\\\\smallImage.jpg"
      },
      "type": "Microsoft.CustomerInsights/hubs/profiles"
    }
    "##);
}

#[test]
fn the_location_answers_202_and_then_200_for_ever() {
    let mut world = world(Options { polls: 2.into(), ..options() });
    let first = world.put(&seed::profile_body(seed::PROFILE));
    let location = first.header("location").unwrap();
    for _ in 0..2 {
        let running = world.get(location);
        assert_eq!(
            (running.status, running.header("location"), running.header("retry-after")),
            (202, Some(location), Some("1"))
        );
        assert_eq!(running.text, first.text);
    }
    for _ in 0..2 {
        let done = world.get(location);
        assert_eq!((done.status, done.header("location"), done.header("retry-after")), (200, None, None));
        assert_eq!(done.text, first.text.replace("\"Provisioning\"", "\"Succeeded\""));
    }
    assert_eq!(world.get(&profile()).state(), "Succeeded");
}

#[test]
fn polls_may_be_none_and_retry_after_may_be_absent() {
    let mut world = world(Options { polls: 0.into(), retry_after: None, ..options() });
    let first = world.put(&seed::profile_body(seed::PROFILE));
    assert_eq!((first.status, first.header("retry-after")), (202, None));
    let done = world.get(first.header("location").unwrap());
    assert_eq!((done.status, done.state()), (200, "Succeeded".to_owned()));
}

#[test]
fn a_client_that_only_reads_the_resource_comes_to_an_end() {
    let mut world = world(Options { polls: 2.into(), ..options() });
    let location = world.create();
    let states: Vec<String> = (0..4).map(|_| world.get(&profile()).state()).collect();
    assert_eq!(states, ["Provisioning", "Provisioning", "Succeeded", "Succeeded"]);
    // The operation agrees, although it was never asked before.
    assert_eq!(world.get(&location).status, 200);
}

#[test]
fn the_two_counts_are_apart() {
    let mut world = world(options());
    let location = world.create();
    assert_eq!(world.get(&location).status, 202);
    let read = world.get(&profile());
    assert_eq!((read.state(), read.header("retry-after")), ("Provisioning".to_owned(), Some("1")));
    assert_eq!(world.get(&location).status, 200);
}

#[test]
fn a_create_may_be_hidden_until_its_end() {
    let mut world = world(Options { visible: Visible::Absent, ..options() });
    let list = format!("{}?api-version=2017-04-26", seed::resource_id("x").strip_suffix("/x").unwrap());
    let location = world.create();
    assert_eq!(world.get(&list).json(), json!({ "value": [] }));
    let read = world.get(&profile());
    assert_eq!((read.status, read.code()), (404, "ResourceNotFound".to_owned()));
    assert_eq!(world.get(&profile()).state(), "Succeeded");
    assert_eq!(world.get(&location).status, 200);
    // An update hides nothing.
    assert_eq!(world.put(&seed::profile_body(seed::PROFILE)).status, 200);
    assert_eq!(world.get(&profile()).status, 200);
}
