//! A tape as it answers: what comes next, whatever the client does.

mod made;
mod sessions;

use std::time::Duration;

use super::{Account, Polls, Rules, Script, SessionAccount, World, key::Asked, miss::Miss};
pub(super) use crate::cassette::sample::exchange as interaction;
use crate::cassette::{Body, Cassette, Headers, Interaction};

const PROFILE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles/p";

fn state(state: &str, generation: u8) -> String {
    format!(r#"{{"id":"{PROFILE}","properties":{{"generation":{generation},"provisioningState":"{state}"}}}}"#)
}

/// A profile that is looked for, created with three running polls, read, listed, updated, read.
fn tape() -> Script {
    Script::new(Cassette { interactions: interactions(), ..Cassette::default() }, Rules::default())
}

fn interactions() -> Vec<Interaction> {
    let api = "?api-version=2017-04-26";
    let resource = format!("{PROFILE}{api}");
    let operation = format!("{PROFILE}/operations/1{api}");
    let list = format!("{}{api}", PROFILE.trim_end_matches("/p"));
    let location = format!("https://management.azure.com{operation}");
    let location = [("location", location.as_str()), ("retry-after", "15")];
    let running = || interaction("GET", &operation, "", 202, &location, &state("Provisioning", 1));
    vec![
        interaction("GET", &resource, "", 404, &[], r#"{"error":{"code":"ResourceNotFound"}}"#),
        interaction("PUT", &resource, r#"{"n":1}"#, 202, &location, &state("Provisioning", 1)),
        running(),
        running(),
        running(),
        interaction("GET", &operation, "", 200, &[], &state("Succeeded", 1)),
        interaction("GET", &resource, "", 200, &[], &state("Succeeded", 1)),
        interaction("GET", &list, "", 200, &[], r#"{"value":[1]}"#),
        interaction("PUT", &resource, r#"{"n":2}"#, 200, &[], &state("Succeeded", 2)),
        interaction("GET", &resource, "", 200, &[], &state("Succeeded", 2)),
        interaction("GET", &list, "", 200, &[], r#"{"value":[2]}"#),
    ]
}

/// Asks for each of `requests` in turn; answers are interaction numbers, `-` is a miss.
fn play(script: &Script, polls: Polls, requests: &[&str]) -> (String, World) {
    let mut world = World::new(script, polls);
    let mut answers = Vec::new();
    for request in requests {
        let asked = asked(request);
        answers.push(
            world.ask(script, &asked, Duration::ZERO).map_or("-".to_owned(), |given| given.interaction.to_string()),
        );
    }
    (answers.join(" "), world)
}

/// `create`, `update`, `poll`, `read`, `list`, or a request as it is written.
fn asked(request: &str) -> Asked<'static> {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let api = "?api-version=2017-04-26";
    let (method, target, body) = match request {
        "create" => ("PUT", format!("{PROFILE}{api}"), "{ \"n\": 1.0 }"),
        "update" => ("PUT", format!("{PROFILE}{api}"), r#"{"n":2}"#),
        "poll" => ("GET", format!("{PROFILE}/operations/1{api}"), ""),
        "read" => ("GET", format!("{}{api}", PROFILE.to_uppercase()), ""),
        "list" => ("GET", format!("{}{api}", PROFILE.trim_end_matches("/p")), ""),
        other => {
            let mut words = other.splitn(3, ' ');
            let method = leak(words.next().unwrap_or_default().to_owned());
            let target = words.next().unwrap_or_default().replace("PROFILE", PROFILE);
            return Asked {
                method,
                host: None,
                target: leak(target),
                headers: Headers::new(),
                body: leak(words.next().unwrap_or_default().to_owned()).as_bytes(),
            };
        }
    };
    Asked { method, host: None, target: leak(target), headers: Headers::new(), body: body.as_bytes() }
}

#[test]
fn as_recorded() {
    let script = tape();
    let requests = ["read", "create", "poll", "poll", "poll", "poll", "read", "list", "update", "read", "list"];
    let (answers, world) = play(&script, Polls::Recorded, &requests);
    assert_eq!(answers, "0 1 2 3 4 5 6 7 8 9 10");
    let account = SessionAccount::of(&script, &world);
    assert!(account.has_written && account.lines.is_empty(), "{account:?}");
}

#[test]
fn fewer_and_more_polls_than_recorded() {
    let script = tape();
    assert_eq!(play(&script, Polls::Number(0), &["create", "poll", "poll"]).0, "1 5 5");
    assert_eq!(play(&script, Polls::Number(2), &["create", "poll", "poll", "poll"]).0, "1 2 3 5");
    let many = play(&script, Polls::Number(5), &["create", "poll", "poll", "poll", "poll", "poll", "poll", "poll"]).0;
    assert_eq!(many, "1 2 3 4 4 4 5 5");
}

#[test]
fn a_body_that_the_recorder_dropped_may_be_any() {
    let mut interactions = interactions();
    let writes = interactions.iter_mut().filter(|one| one.request.method == "PUT");
    for write in writes {
        write.request.body = Body::Empty;
        write.notes.push(Interaction::NO_REQUEST_BODY.to_owned());
    }
    let other = "PUT PROFILE?api-version=2017-01-01 {}";
    for (rules, expected) in [("", "1 5 8 -"), ("api-version = 'ignore'", "1 5 8 8")] {
        let cassette = Cassette { interactions: interactions.clone(), ..Cassette::default() };
        let script = Script::new(cassette, toml::from_str(rules).unwrap());
        let (answers, world) = play(&script, Polls::Number(0), &["create", "poll", "update", other]);
        assert_eq!(answers, expected, "{rules}");
        let miss = Miss::explain(&script, &world, &asked(other)).line();
        assert!(!miss.contains("body"), "{miss}");
    }
}

#[test]
fn a_read_is_as_of_now() {
    let script = tape();
    // Before the write, after the create, after the update; never an answer from before a write.
    assert_eq!(play(&script, Polls::Number(0), &["read", "read", "create", "read", "read"]).0, "0 0 1 6 6");
    assert_eq!(play(&script, Polls::Number(0), &["create", "update", "read", "list", "read"]).0, "1 8 9 10 9");
    assert_eq!(play(&script, Polls::Number(0), &["list", "create", "list", "update", "list"]).0, "7 1 7 8 10");
}

#[test]
fn what_a_write_is_still_to_make_is_not_there_yet() {
    let mut interactions = tape().interactions;
    interactions.remove(0);
    let script = Script::new(Cassette { interactions, ..Cassette::default() }, Rules::default());
    // The recording has no look before the create: nobody knows what it would have been told.
    assert_eq!(play(&script, Polls::Number(0), &["read", "create", "read"]).0, "- 0 5");
    let world = World::new(&script, Polls::Number(0));
    insta::assert_snapshot!(Miss::explain(&script, &world, &asked("read")).line(), @"GET /SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CUSTOMERINSIGHTS/HUBS/H/PROFILES/P?api-version=2017-04-26 is not on the tape; nearest is interaction 6 (not used yet): it would match, but it was recorded after PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles/p?api-version=2017-04-26 (interaction 1), which the client has not made yet");
}

#[test]
fn a_write_that_comes_again_is_answered_and_counted() {
    let script = tape();
    let (answers, world) = play(&script, Polls::Number(0), &["create", "create", "poll"]);
    assert_eq!((answers.as_str(), world.repeated(1)), ("1 1 5", 1));
}

#[test]
fn a_final_read_that_was_not_recorded_is_the_operations_result() {
    let mut interactions = tape().interactions;
    interactions.truncate(6);
    let script = Script::new(Cassette { interactions, ..Cassette::default() }, Rules::default());
    let (answers, world) = play(&script, Polls::Number(0), &["create", "poll", "read"]);
    assert_eq!((answers.as_str(), world.borrowed(0)), ("1 5 5", 1));
}

/// Some clients poll the group that they delete while they delete what is in it.
#[test]
fn a_write_below_a_resource_does_not_end_the_polling_of_it() {
    let (group, api) = ("/subscriptions/s/resourceGroups/g", "?api-version=1");
    let (read, delete) = (format!("GET {group}{api}"), format!("DELETE {group}{api}"));
    let within = format!("{group}/providers/Microsoft.Network/virtualNetworks/n{api}");
    let deleting = || interaction("GET", &format!("{group}{api}"), "", 200, &[], &state("Deleting", 1));
    let interactions = vec![
        interaction("DELETE", &format!("{group}{api}"), "", 202, &[], ""),
        deleting(),
        interaction("DELETE", &within, "", 202, &[], ""),
        deleting(),
        interaction("GET", &format!("{group}{api}"), "", 404, &[], ""),
    ];
    let script = Script::new(Cassette { interactions, ..Cassette::default() }, Rules::default());
    let requests = [delete.as_str(), &read, &format!("DELETE {within}"), &read, &read, &read];
    assert_eq!(play(&script, Polls::Recorded, &requests).0, "0 1 2 3 4 4");
    assert_eq!(play(&script, Polls::Number(0), &requests).0, "0 4 2 4 4 4");
}

/// A URL without an id of its own is handed out by every write to its resource.
#[test]
fn one_url_polls_the_operation_that_was_begun_last() {
    let (resource, operation) = (format!("{PROFILE}?api-version=1"), format!("{PROFILE}/status?api-version=1"));
    let handed_out = [("azure-asyncoperation", operation.as_str())];
    let write = |method: &str| interaction(method, &resource, "", 202, &handed_out, "");
    let poll = |status: &str| interaction("GET", &operation, "", 200, &[], &format!(r#"{{"status":"{status}"}}"#));
    let interactions =
        vec![write("PUT"), poll("Creating"), poll("Succeeded"), write("DELETE"), poll("Deleting"), poll("Succeeded")];
    let script = Script::new(Cassette { interactions, ..Cassette::default() }, Rules::default());
    let (put, delete, ask) = (format!("PUT {resource}"), format!("DELETE {resource}"), format!("GET {operation}"));
    let requests = [put.as_str(), &ask, &ask, &ask, &delete, &ask, &ask, &ask];
    assert_eq!(play(&script, Polls::Recorded, &requests).0, "0 1 2 2 3 4 5 5");
}

#[test]
fn unused_writes_and_missing_requests_are_findings() {
    let script = tape();
    let (_, world) = play(&script, Polls::Number(0), &["create", "poll"]);
    let account = Account { answered: 2, sessions: vec![SessionAccount::of(&script, &world)], ..Account::default() };
    assert!(account.has_findings());
    insta::assert_snapshot!(account);
}

#[test]
fn an_operation_that_nobody_asks_about_is_a_finding() {
    let script = tape();
    let account = |steps: &[&str]| {
        let (_, world) = play(&script, Polls::Number(0), steps);
        Account { answered: steps.len(), sessions: vec![SessionAccount::of(&script, &world)], ..Account::default() }
    };
    let left = account(&["create"]);
    assert!(left.left().count() == 1 && left.has_findings(), "{left}");
    assert_eq!(account(&["create", "poll"]).left().count(), 0);
    assert_eq!(account(&["create", "read"]).left().count(), 0);
}

#[test]
fn an_operation_that_is_not_followed_to_its_end_is_told() {
    let script = tape();
    let account = |steps: &[&str]| {
        let (_, world) = play(&script, Polls::Number(2), steps);
        Account { answered: steps.len(), sessions: vec![SessionAccount::of(&script, &world)], ..Account::default() }
    };
    let told = "not followed to its end, the client asked no more after 2 running answers: PUT /subscriptions";
    let early = account(&["create", "poll", "poll", "read"]);
    assert!(early.to_string().contains(told) && early.left().next().is_none(), "{early}");
    let late = account(&["create", "poll", "poll", "poll"]);
    assert!(!late.to_string().contains("not followed"), "{late}");
    assert!(!account(&["create"]).to_string().contains("not followed"), "it is left altogether");
}

#[test]
fn a_miss_explains_itself() {
    let script = tape();
    let world = World::new(&script, Polls::Number(0));
    let misses: Vec<String> = [
        "PUT PROFILE?api-version=2017-01-01 {\"n\":1}",
        "PUT PROFILE?api-version=2017-04-26 {\"n\":3,\"m\":[1]}",
        "PUT PROFILE?api-version=2017-04-26 {}",
        "DELETE PROFILE?api-version=2017-04-26",
        "GET PROFILE2?api-version=2017-04-26",
        "GET PROFILE/operations/2?api-version=2017-04-26",
        "GET PROFILE/operations/1",
        "GET PROFILE?api-version=2017-04-26&locale-code=de",
        "PUT PROFILE?api-version=2017-04-26 <xml>",
    ]
    .iter()
    .map(|request| Miss::explain(&script, &world, &asked(request)).line())
    .collect();
    insta::assert_snapshot!(misses.join("\n"));
}
