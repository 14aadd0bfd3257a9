//! A tape of any length: so many resources, each created in five interactions.

use std::fmt::Write as _;

use armtape::cassette::{Body, Cassette, Headers, Interaction, Request, Response};

/// The interactions of one resource: the write, three polls, the read of the result.
pub(crate) const EACH: usize = 5;

pub(crate) const HOST: &str = "management.azure.com";

const HUB: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG\
                   /providers/Microsoft.CustomerInsights/hubs/sdkTestHub";
const VERSION: &str = "api-version=2017-04-26";

/// How many resources a tape of `size` interactions has.
pub(crate) fn resources(size: usize) -> usize {
    (size / EACH).max(1)
}

pub(crate) fn resource(number: usize) -> String {
    format!("{HUB}/profiles/TestProfileType{number:06}?{VERSION}")
}

pub(crate) fn operation(number: usize) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.CustomerInsights\
         /locations/westus/operationResults/7a1b2c3d-0000-4000-8000-{number:012}?{VERSION}"
    )
}

/// All profiles of the hub: the list above every resource.
pub(crate) fn list() -> String {
    format!("{HUB}/profiles?{VERSION}")
}

/// What the client sends: about as large as the seed's profile.
pub(crate) fn body(number: usize) -> String {
    profile(number, "")
}

fn profile(number: usize, more: &str) -> String {
    let mut fields = String::new();
    for name in ["Id", "ProfileId", "LastName", "FirstName", "SavingAccountBalance"] {
        let _ = write!(
            fields,
            r#"{}{{"fieldName":"{name}","fieldType":"Edm.String","isArray":false,"isRequired":true}}"#,
            if fields.is_empty() { "" } else { "," }
        );
    }
    format!(
        r#"{{"properties":{{{more}"schemaItemTypeLink":"SchemaItemTypeLink","strongIds":[{{"keyPropertyNames":["Id","SavingAccountBalance"],"strongIdName":"Id"}}],"fields":[{fields}],"apiEntitySetName":"TestProfileType{number:06}"}}}}"#
    )
}

/// The tape: `size` interactions, and the list behind every tenth resource and behind the last.
pub(crate) fn cassette(size: usize) -> Cassette {
    let mut interactions = Vec::with_capacity(size + size / 50 + 2);
    for number in 0..resources(size) {
        let location = format!("https://{HOST}{}", operation(number));
        let accepted = [("location", location.as_str()), ("retry-after", "10")];
        let result = profile(number, r#""provisioningState":"Succeeded","#);
        interactions.push(exchange("PUT", resource(number), body(number), 202, &accepted, String::new()));
        for _ in 0..2 {
            interactions.push(exchange("GET", operation(number), String::new(), 202, &accepted, String::new()));
        }
        interactions.push(exchange("GET", operation(number), String::new(), 200, &[], result.clone()));
        interactions.push(exchange("GET", resource(number), String::new(), 200, &[], result));
        if number % 10 == 0 || number + 1 == resources(size) {
            interactions.push(exchange("GET", list(), String::new(), 200, &[], r#"{"value":[]}"#.to_owned()));
        }
    }
    Cassette { interactions, ..Cassette::default() }
}

fn exchange(
    method: &str,
    target: String,
    sent: String,
    status: u16,
    headers: &[(&str, &str)],
    answered: String,
) -> Interaction {
    let mut answer: Headers = headers.iter().copied().collect();
    answer.append("cache-control", "no-cache");
    answer.append("x-ms-request-id", "5d3b8f6e-0000-4000-8000-000000000001");
    answer.append("date", "Mon, 02 Nov 2026 10:00:00 GMT");
    if !answered.is_empty() {
        answer.append("content-type", "application/json; charset=utf-8");
    }
    let asked = [("accept", "application/json"), ("content-type", "application/json")];
    Interaction {
        request: Request {
            method: method.to_owned(),
            target,
            scheme: Some("https".to_owned()),
            authority: Some(HOST.to_owned()),
            version: Some("HTTP/1.1".to_owned()),
            auth: None,
            headers: asked.into_iter().collect(),
            body: Body::from_bytes(sent.into()),
        },
        response: Some(Response { status, headers: answer, body: Body::from_bytes(answered.into()) }),
        completion: armtape::cassette::Completion::Whole,
        connection: Some(1),
        times: None,
        provenance: None,
        notes: Vec::new(),
    }
}
