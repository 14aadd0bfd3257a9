//! What is refused, in which words.

use super::*;

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
    insta::assert_snapshot!(brief(&world.put(&body).json()), @r#"
    {
      "error": {
        "code": "InvalidRequestContent",
        "message": "properties.strongIds[0].keyPropertyNames[1]: `Balance` is not among the fields.",
        "target": "properties.strongIds[0].keyPropertyNames[1]",
        "details": [
          {"code":"PROFILE-15","target":"properties.strongIds[0].keyPropertyNames[1]","message":"properties.strongIds[0].keyPropertyNames[1]: `Balance` is not among the fields."},
          {"code":"PROFILE-22","target":"properties.fields[4].fieldType","message":"properties.fields[4].fieldType: `Edm.Int33` is none of Edm.String, Edm.Int32, Edm.Boolean, Edm.Byte, Edm.DateTimeOffset, Edm.Decimal, Edm.Double, Edm.Guid, Edm.Int16, Edm.Int64."}
        ]
      }
    }
    "#);
}
