//! What is around a profile: hubs, groups, looking around.

use super::*;

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
