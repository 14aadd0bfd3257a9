use serde_json::json;

use super::super::seed;
use super::*;

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn state(&self) -> String {
        self.json()["properties"]["provisioningState"].as_str().unwrap().to_owned()
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A service with its clock: each request comes a second later.
struct World {
    service: Service,
    now: Timestamp,
}

fn world(options: Options) -> World {
    World { service: Service::new(options), now: "2017-06-08T10:11:12.120Z".parse().unwrap() }
}

fn options() -> Options {
    Options { seed: 1, ..Options::default() }
}

fn profile() -> String {
    format!("{}?api-version=2017-04-26", seed::resource_id(seed::PROFILE))
}

impl World {
    fn send(&mut self, method: &str, uri: &str, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(uri).body(Bytes::from(body.to_owned())).unwrap();
        if !body.is_empty() {
            request.headers_mut().insert("content-type", "application/json; charset=utf-8".parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = self.service.answer(&request, self.now);
        self.now += jiff::SignedDuration::from_secs(1);
        let (head, body) = response.into_parts();
        Answer { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8(body.into()).unwrap() }
    }

    fn get(&mut self, uri: &str) -> Answer {
        self.send("GET", uri, &[], "")
    }

    fn put(&mut self, body: &str) -> Answer {
        self.send("PUT", &profile(), &[], body)
    }

    fn create(&mut self) -> String {
        let answer = self.put(&seed::profile_body(seed::PROFILE));
        assert_eq!(answer.status, 202);
        answer.header("location").unwrap().to_owned()
    }

    fn created(&mut self) {
        let location = self.create();
        while self.get(&location).status == 202 {}
    }
}

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
    insta::assert_snapshot!(format!("{:#}", answer.json()), @r##"
    {
      "id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396",
      "name": "sdkTestHub/TestProfileType396",
      "properties": {
        "strongIds": [
          {
            "keyPropertyNames": [
              "Id",
              "SavingAccountBalance"
            ],
            "strongIdName": "Id"
          },
          {
            "keyPropertyNames": [
              "ProfileId",
              "LastName"
            ],
            "strongIdName": "ProfileId"
          },
          {
            "keyPropertyNames": [
              "ProfileId"
            ],
            "strongIdName": "ProfileId"
          }
        ],
        "apiEntitySetName": "TestProfileType396",
        "entityType": 1,
        "fields": [
          {
            "fieldName": "Id",
            "fieldType": "Edm.String",
            "isArray": false,
            "isEnum": false,
            "isFlagEnum": false,
            "isImage": false,
            "isLocalizedString": false,
            "isName": false,
            "isRequired": true,
            "propertyId": "id1",
            "maxLength": 4000,
            "isAvailableInGraph": true
          },
          {
            "fieldName": "ProfileId",
            "fieldType": "Edm.String",
            "isArray": false,
            "isEnum": false,
            "isFlagEnum": false,
            "isImage": false,
            "isLocalizedString": false,
            "isName": false,
            "isRequired": true,
            "propertyId": "PROFILEID",
            "maxLength": 4000,
            "isAvailableInGraph": true
          },
          {
            "fieldName": "LastName",
            "fieldType": "Edm.String",
            "isArray": false,
            "isEnum": false,
            "isFlagEnum": false,
            "isImage": false,
            "isLocalizedString": false,
            "isName": false,
            "isRequired": true,
            "propertyId": "id2",
            "maxLength": 4000,
            "isAvailableInGraph": true
          },
          {
            "fieldName": "TestProfileType396",
            "fieldType": "Edm.String",
            "isArray": false,
            "isEnum": false,
            "isFlagEnum": false,
            "isImage": false,
            "isLocalizedString": false,
            "isName": false,
            "isRequired": true,
            "propertyId": "id3",
            "maxLength": 4000,
            "isAvailableInGraph": true
          },
          {
            "fieldName": "SavingAccountBalance",
            "fieldType": "Edm.Int32",
            "isArray": false,
            "isEnum": false,
            "isFlagEnum": false,
            "isImage": false,
            "isLocalizedString": false,
            "isName": false,
            "isRequired": true,
            "propertyId": "id4"
          }
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
    insta::assert_snapshot!(format!("{:#}", world.put(&body.to_string()).json()["properties"]), @r#"
    {
      "strongIds": [
        {
          "strongIdName": "A",
          "keyPropertyNames": [
            "A"
          ]
        },
        {
          "keyPropertyNames": [
            "ProfileId"
          ],
          "strongIdName": "ProfileId"
        }
      ],
      "apiEntitySetName": "A",
      "entityType": 1,
      "fields": [
        {
          "fieldName": "B",
          "fieldType": "Edm.Int32",
          "isArray": false,
          "isEnum": false,
          "isFlagEnum": false,
          "isImage": false,
          "isLocalizedString": false,
          "isName": true,
          "isRequired": false,
          "propertyId": "id1"
        },
        {
          "fieldName": "A",
          "fieldType": "Edm.String",
          "isArray": false,
          "isEnum": false,
          "isFlagEnum": false,
          "isImage": false,
          "isLocalizedString": false,
          "isName": false,
          "isRequired": false,
          "propertyId": "id2",
          "maxLength": 5,
          "isAvailableInGraph": true
        },
        {
          "fieldName": "ProfileId",
          "fieldType": "Edm.String",
          "isArray": false,
          "isEnum": false,
          "isFlagEnum": false,
          "isImage": false,
          "isLocalizedString": false,
          "isName": false,
          "isRequired": false,
          "propertyId": "PROFILEID",
          "maxLength": 4000,
          "isAvailableInGraph": true
        }
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

#[test]
fn bad_requests_are_refused_in_arms_words() {
    let path = seed::resource_id(seed::PROFILE);
    let good = seed::profile_body(seed::PROFILE);
    let flat = serde_json::from_str::<Value>(&good).unwrap()["properties"].to_string();
    let doubled = good.replacen("\"properties\": {", "\"properties\": {}, \"properties\": {", 1);
    let hub = path.split("/profiles").next().unwrap().to_owned();
    let at = |path: &str| format!("{path}?api-version=2017-04-26");
    let long = format!("{hub}/profiles/{}", "a".repeat(129));
    let cases: Vec<(&str, String, &str)> = vec![
        ("PUT", path.clone(), good.as_str()),
        ("PUT", format!("{path}?api-version="), good.as_str()),
        ("PUT", format!("{path}?api-version=2016-01-01"), good.as_str()),
        ("GET", at(&format!("{hub}/interactions/i")), ""),
        ("GET", at(&hub.replace("CustomerInsights", "Storage")), ""),
        ("GET", at("/nowhere"), ""),
        ("PUT", at(&path), ""),
        ("PUT", at(&path), "{'properties': {}}"),
        ("PUT", at(&path), "[]"),
        ("PUT", at(&path), "{}"),
        ("PUT", at(&path), r#"{"properties": null}"#),
        ("PUT", at(&path), r#"{"properties": {"fields": {}}}"#),
        (
            "PUT",
            at(&path),
            r#"{"properties": {"apiEntitySetName": "A", "strongIds": [{"strongIdName": "A", "keyPropertyNames": ["B"]}], "fields": [{"fieldName": "A", "fieldType": "Edm.String"}]}}"#,
        ),
        ("PUT", at(&path), doubled.as_str()),
        ("PUT", at(&path), flat.as_str()),
        ("PUT", at(&format!("{hub}/profiles/a")), good.as_str()),
        ("PUT", at(&format!("{hub}/profiles/1ab")), good.as_str()),
        ("PUT", at(&format!("{hub}/profiles/a-b")), good.as_str()),
        ("PUT", at(&long), good.as_str()),
        ("GET", at(&path), ""),
        ("PATCH", at(&path), good.as_str()),
    ];
    let mut world = world(options());
    let lines: Vec<String> = cases
        .iter()
        .map(|(method, uri, body)| {
            let answer = world.send(method, uri, &[], body);
            let message = answer.json()["error"]["message"].as_str().unwrap().replace(&"a".repeat(129), "aaa…");
            format!("{} {}: {message}", answer.status, answer.code())
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    400 MissingApiVersionParameter: The api-version query parameter (?api-version=) is required for all requests.
    400 MissingApiVersionParameter: The api-version query parameter (?api-version=) is required for all requests.
    400 NoRegisteredProviderFound: No registered resource provider found for location '' and API version '2016-01-01' for type 'hubs/profiles'. The supported api-versions are '2017-01-01, 2017-04-26'.
    404 InvalidResourceType: The resource type 'hubs/interactions' could not be found in the namespace 'Microsoft.CustomerInsights' for api version '2017-04-26'.
    404 InvalidResourceNamespace: The resource namespace 'Microsoft.Storage' is invalid. The simulated service knows 'Microsoft.CustomerInsights' alone.
    404 NotFound: The simulated service has nothing at '/nowhere'.
    400 InvalidRequestContent: The request is invalid: there is no body.
    400 InvalidRequestContent: The request is invalid: it is not JSON: key must be a string at line 1 column 2.
    400 InvalidRequestContent: The request is invalid: it is JSON, but not an object.
    400 InvalidRequestContent: The request is invalid: `properties` is missing.
    400 InvalidRequestContent: properties: `properties` is not an object.
    400 InvalidRequestContent: properties: `apiEntitySetName` is missing.
    400 InvalidRequestContent: properties.strongIds[0].keyPropertyNames[0]: `B` is not among the fields.
    400 InvalidRequestContent: properties: the key occurs twice in its object.
    400 InvalidRequestContent: The request is invalid: the body is flat. The documentation page 'Create or Update Profile Type' shows it so, but on the wire it is nested: {"properties": {"apiEntitySetName": ..., "fields": [...], "strongIds": [...]}}.
    400 InvalidResourceName: The request is invalid: the resource name 'a' is not valid: 'profileName' has to match '^[a-zA-Z][a-zA-Z0-9_]+$' and to have at most 128 characters.
    400 InvalidResourceName: The request is invalid: the resource name '1ab' is not valid: 'profileName' has to match '^[a-zA-Z][a-zA-Z0-9_]+$' and to have at most 128 characters.
    400 InvalidResourceName: The request is invalid: the resource name 'a-b' is not valid: 'profileName' has to match '^[a-zA-Z][a-zA-Z0-9_]+$' and to have at most 128 characters.
    400 InvalidResourceName: The request is invalid: the resource name 'aaa…' is not valid: 'profileName' has to match '^[a-zA-Z][a-zA-Z0-9_]+$' and to have at most 128 characters.
    404 ResourceNotFound: The Resource 'Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType396' under resource group 'TestHubRG' was not found.
    405 MethodNotAllowed: The simulated service does not answer PATCH here.
    "#);
    let form = world.send("PUT", &at(&path), &[("content-type", "application/x-www-form-urlencoded")], &good);
    assert_eq!((form.status, form.code()), (415, "UnsupportedMediaType".to_owned()));
    // None of them left anything behind.
    assert_eq!(world.get(&at(&path)).status, 404);
}

#[test]
fn a_refusal_names_every_error_and_its_place() {
    let mut world = world(options());
    let body = seed::profile_body(seed::PROFILE)
        .replace("Edm.Int32", "Edm.Int33")
        .replace("\"SavingAccountBalance\"\n        ],", "\"Balance\"\n        ],");
    insta::assert_snapshot!(format!("{:#}", world.put(&body).json()), @r#"
    {
      "error": {
        "code": "InvalidRequestContent",
        "message": "properties.strongIds[0].keyPropertyNames[1]: `Balance` is not among the fields.",
        "target": "properties.strongIds[0].keyPropertyNames[1]",
        "details": [
          {
            "code": "PROFILE-15",
            "target": "properties.strongIds[0].keyPropertyNames[1]",
            "message": "properties.strongIds[0].keyPropertyNames[1]: `Balance` is not among the fields."
          },
          {
            "code": "PROFILE-22",
            "target": "properties.fields[4].fieldType",
            "message": "properties.fields[4].fieldType: `Edm.Int33` is none of Edm.String, Edm.Int32, Edm.Boolean, Edm.Byte, Edm.DateTimeOffset, Edm.Decimal, Edm.Double, Edm.Guid, Edm.Int16, Edm.Int64."
          }
        ]
      }
    }
    "#);
}

#[test]
fn an_entity_set_belongs_to_one_profile() {
    let mut world = world(options());
    world.created();
    let other = format!("{}?api-version=2017-04-26", seed::resource_id("Other"));
    let answer = world.send("PUT", &other, &[], &seed::profile_body(seed::PROFILE));
    assert_eq!((answer.status, answer.code()), (409, "Conflict".to_owned()));
    assert_eq!(world.send("PUT", &other, &[], &seed::profile_body("Other")).status, 202);
}

#[test]
fn groups_and_hubs_are_there_as_soon_as_they_are_named() {
    let mut world = world(options());
    let hub = seed::resource_id("x").split("/profiles").next().unwrap().to_owned();
    let group = hub.split("/providers").next().unwrap().to_owned();
    let (hub, group) = (format!("{hub}?api-version=2017-04-26"), format!("{group}?api-version=2021-04-01"));
    assert_eq!(world.get(&hub).state(), "Succeeded");
    let head = world.send("HEAD", &group, &[], "");
    assert_eq!((head.status, head.text.as_str()), (204, ""));
    assert_eq!(world.get(&group).json()["name"], "TestHubRG");
    assert_eq!(world.send("PUT", &group, &[], r#"{"location": "westus"}"#).status, 201);
    assert_eq!(world.send("PUT", &group, &[], r#"{"location": "westus"}"#).status, 200);
    assert_eq!(world.get(&group).json()["location"], "westus");
}

#[test]
fn a_hub_is_created_without_an_operation() {
    let mut world = world(options());
    let hub = format!("{}?api-version=2017-04-26", seed::resource_id("x").split("/profiles").next().unwrap());
    let answer = world.send("PUT", &hub, &[], r#"{"location": "eastus"}"#);
    assert_eq!(
        (answer.status, answer.state(), answer.header("location"), answer.header("retry-after")),
        (201, "Creating".to_owned(), None, None)
    );
    assert_eq!(world.get(&hub).state(), "Creating");
    assert_eq!(world.get(&hub).state(), "Succeeded");
    assert_eq!(world.send("PUT", &hub, &[], r#"{"location": "eastus"}"#).status, 200);
}

#[test]
fn looks_around_like_arm() {
    let mut world = world(options());
    let version = "?api-version=2022-12-01";
    assert_eq!(world.get(&format!("/subscriptions{version}")).json()["value"][0]["subscriptionId"], seed::SUBSCRIPTION);
    assert_eq!(world.get(&format!("/subscriptions/Abc{version}")).json()["id"], "/subscriptions/Abc");
    assert_eq!(world.get(&format!("/tenants{version}")).json()["value"].as_array().unwrap().len(), 1);
    let provider = world.get(&format!("/subscriptions/s/providers/microsoft.customerinsights{version}")).json();
    assert_eq!(
        (&provider["registrationState"], &provider["resourceTypes"][1]["resourceType"]),
        (&json!("Registered"), &json!("hubs/profiles"))
    );
    assert_eq!(
        world.send("POST", &format!("/subscriptions/s/providers/Microsoft.Other/register{version}"), &[], "").status,
        200
    );

    let request = |uri: &str| Request::get(uri.to_owned()).body(Bytes::new()).unwrap();
    let now = world.now;
    assert!(world.service.answer_look_up(&request(&format!("/tenants{version}")), now).is_some());
    assert!(world.service.answer_look_up(&request(&profile()), now).is_none());
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let run = |seed| {
        let mut world = world(Options { seed, ..options() });
        let put = world.put(&seed::profile_body(seed::PROFILE));
        (put.header("location").unwrap().to_owned(), put.header("x-ms-request-id").unwrap().to_owned())
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
    assert_ne!(Options::default().seed, Options::default().seed);
}
