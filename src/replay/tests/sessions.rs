//! Several clients on one tape, each with values of its own.

use std::time::Duration;

use super::interaction;
use crate::{
    cassette::{Body, Cassette, Headers, Origin, StandIn},
    replay::{
        Account, Factor, Misses, Polls, Rules, Script,
        key::Asked,
        made,
        sessions::{MOST, Sessions, Unanswered},
    },
};

const TAPED: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";
const OTHER: &str = "c0ffee00-1234-4b7e-855d-04bfcac8bf05";
const OPERATION: &str = "9c1b7a52-0d3e-4f61-8a77-1f2e3d4c5b6a";

fn hub(subscription: &str, hub: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/{hub}")
}

fn operation(subscription: &str, id: &str) -> String {
    format!(
        "/subscriptions/{subscription}/providers/Microsoft.CustomerInsights/locations/westus/operations/{id}?api-version=1"
    )
}

/// A hub that is created, polled twice and read.
fn cassette(hub_name: &str) -> Cassette {
    let resource = format!("{}?api-version=1", hub(TAPED, hub_name));
    let body = format!(r#"{{"id":"{}","name":"{hub_name}","tenant":"{TAPED}"}}"#, hub(TAPED, hub_name));
    let polled = operation(TAPED, OPERATION);
    let url = format!("https://management.azure.com{polled}");
    let location = [("location", url.as_str()), ("retry-after", "10")];
    let interactions = vec![
        interaction("PUT", &resource, &body, 202, &location, ""),
        interaction("GET", &polled, "", 202, &location, ""),
        interaction("GET", &polled, "", 202, &location, ""),
        interaction("GET", &polled, "", 200, &[], &body),
        interaction("GET", &resource, "", 200, &[], &body),
    ];
    Cassette { interactions, ..Cassette::default() }
}

/// A tape and its clients.
pub(super) struct Stage {
    script: Script,
    sessions: Sessions,
    now: Duration,
}

impl Stage {
    pub(super) fn new(cassette: Cassette, polls: Polls) -> Self {
        Self { script: Script::new(cassette, Rules::default()), sessions: Sessions::new(polls), now: Duration::ZERO }
    }

    /// The number of the session, that of the interaction, then `Location` and body in the session's words.
    pub(super) fn ask(&mut self, method: &str, target: &str, body: &str) -> String {
        let asked = Asked { method, host: None, target, headers: Headers::new(), body: body.as_bytes() };
        match self.sessions.ask(&self.script, &asked, self.now) {
            Ok(answered) => {
                let taped = self.script.interactions()[answered.given.interaction].response.as_ref().unwrap();
                let location = taped.headers.get("location").unwrap_or_default();
                let say = |text: &str| {
                    let said = answered.words.say(&self.script.variables, text.as_bytes()).into_owned();
                    String::from_utf8(said).unwrap()
                };
                let body = String::from_utf8(taped.body.bytes().unwrap().to_vec()).unwrap();
                let (session, given) = self.sessions.given.last().unwrap();
                format!("{session}:{} {}{}", given.interaction, say(location), say(&body)).trim_end().to_owned()
            }
            Err(Unanswered::Missing(missing)) => self.sessions.explain(&self.script, &asked, &missing).line(),
            Err(Unanswered::Crowded) => "crowded".to_owned(),
        }
    }

    /// Status and body of a read, in the tape's words; `-` is a miss.
    pub(super) fn answer(&mut self, target: &str) -> String {
        let asked = Asked { method: "GET", host: None, target, headers: Headers::new(), body: &[] };
        match self.sessions.ask(&self.script, &asked, self.now) {
            Ok(answered) => {
                let response = made::replayed(&self.script, answered.given).response.unwrap();
                format!("{} {}", response.status, String::from_utf8(response.body.bytes().unwrap().to_vec()).unwrap())
            }
            Err(_) => "-".to_owned(),
        }
    }

    pub(super) fn account(&self) -> String {
        let given = self.sessions.given.len();
        Account::close(&self.script, &self.sessions, given, Misses::default()).to_string()
    }

    fn put(&mut self, subscription: &str, name: &str) -> String {
        let id = hub(subscription, name);
        let body = format!(r#"{{"tenant":"{subscription}","name":"{name}","id":"{id}"}}"#);
        self.ask("PUT", &format!("{id}?api-version=1"), &body)
    }

    /// Polls where `put` was told to.
    fn poll(&mut self, told: &str) -> String {
        let target = told.split_once("management.azure.com").unwrap().1;
        self.ask("GET", target, "")
    }
}

#[test]
fn a_client_with_another_subscription_has_a_session_of_its_own() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(1));
    let first = stage.put(TAPED, "h");
    assert_eq!(first, format!("0:0 https://management.azure.com{}", operation(TAPED, OPERATION)));
    let second = stage.put(OTHER, "h");
    assert!(second.starts_with("1:0 ") && !second.contains(OPERATION), "{second}");
    assert_eq!(second.len(), first.len(), "minted ids have the form of recorded ones");
    // Both poll, in turn, each in its own world.
    assert!(stage.poll(&second).starts_with("1:1 "));
    assert!(stage.poll(&first).starts_with("0:1 "));
    let id = hub(OTHER, "h");
    assert_eq!(stage.poll(&second), format!(r#"1:3 {{"id":"{id}","name":"h","tenant":"{OTHER}"}}"#));
    assert!(stage.poll(&first).starts_with(r#"0:3 {"id":"/subscriptions/5a19"#));
    let read = format!("{}?api-version=1", hub(OTHER, "h").to_uppercase());
    assert!(stage.ask("GET", &read, "").starts_with("1:4 "));
    assert_eq!(stage.sessions.all.len(), 2);
}

/// Recorders put placeholders into paths, which a client has to encode.
#[test]
fn a_value_is_what_is_meant_not_how_a_url_spells_it() {
    let mut taped = cassette("h");
    for interaction in &mut taped.interactions {
        interaction.request.target = interaction.request.target.replace(TAPED, "<ID>");
    }
    let mut stage = Stage::new(taped, Polls::Number(0));
    let read = format!("{}?api-version=1", hub("%3cID%3E", "h"));
    let expected = format!(r#"0:4 {{"id":"{}","name":"h","tenant":"{TAPED}"}}"#, hub(TAPED, "h"));
    stage.ask("PUT", &read, &expected[4..]);
    assert_eq!(stage.ask("GET", &read, ""), expected);
    assert!(stage.sessions.all[0].describe(&stage.script.variables).contains("<ID>"));
}

#[test]
fn equal_clients_share_one_world() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(0));
    stage.put(OTHER, "h");
    stage.put(&OTHER.to_uppercase(), "h");
    assert_eq!(stage.sessions.all.len(), 1);
    assert_eq!(stage.sessions.all[0].world.repeated(0), 1);
}

#[test]
fn the_first_session_is_handed_the_recorded_urls_whoever_it_is() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(0));
    assert_eq!(stage.put(OTHER, "h"), format!("0:0 https://management.azure.com{}", operation(OTHER, OPERATION)));
}

#[test]
fn a_bound_value_holds_in_path_and_body() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(0));
    let body = format!(r#"{{"tenant":"{TAPED}","name":"h","id":"{}"}}"#, hub(OTHER, "h"));
    insta::assert_snapshot!(stage.ask("PUT", &format!("{}?api-version=1", hub(OTHER, "h")), &body), @r#"PUT /subscriptions/c0ffee00-1234-4b7e-855d-04bfcac8bf05/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1 is not on the tape; nearest is interaction 1 (not used yet): body `$.tenant`: the tape has `"c0ffee00-1234-4b7e-855d-04bfcac8bf05"`, the client sent `"5a19f233-79ae-4b7e-855d-04bfcac8bf04"`; to ignore that, in armtape.toml, under [match]: ignore-body = ["$.tenant"]"#);
}

#[test]
fn a_recorders_placeholder_is_sent_encoded_and_is_the_tapes_own_value() {
    let target = |id: &str| format!("/subscriptions/{id}/resourceGroups/g?api-version=1");
    let body = r#"{"id":"/subscriptions/<ID>/resourceGroups/g"}"#;
    let interactions = vec![interaction("GET", &target("<ID>"), "", 200, &[], body)];
    let mut stage = Stage::new(Cassette { interactions, ..Cassette::default() }, Polls::Number(0));
    assert_eq!(stage.ask("GET", &target("%3CID%3E"), ""), format!("0:0 {body}"));
}

fn with_variable() -> Cassette {
    let variables = [("hub".to_owned(), "hub-as-recorded".to_owned())].into();
    Cassette { variables, ..cassette("{hub}") }
}

#[test]
fn a_named_variable_is_the_clients_choice() {
    let mut stage = Stage::new(with_variable(), Polls::Number(0));
    let first = stage.put(TAPED, "hub-as-recorded");
    let second = stage.put(TAPED, "mine");
    assert!(first.starts_with("0:0") && second.starts_with("1:0"), "{first} {second}");
    // With the same subscription the URL alone tells the two apart.
    assert_ne!(first[1..], second[1..]);
    let said = stage.poll(&second);
    assert!(said.starts_with("1:3") && said.contains(r#"hubs/mine","name":"mine""#), "{said}");
    let said = stage.poll(&first);
    assert!(said.starts_with("0:3") && said.contains(r#""name":"hub-as-recorded""#), "{said}");
}

#[test]
fn a_short_value_does_not_disturb_the_body() {
    let mut cassette = with_variable();
    let unit = |text: &str| text.replace(r#""name":"#, r#""unit":"h","name":"#);
    for interaction in &mut cassette.interactions {
        let text = String::from_utf8(interaction.request.body.bytes().unwrap().to_vec()).unwrap();
        interaction.request.body = Body::from_bytes(unit(&text).into());
    }
    let mut stage = Stage::new(cassette, Polls::Number(0));
    let id = hub(OTHER, "mh");
    let body = format!(r#"{{"unit":"h","tenant":"{OTHER}","name":"mh","id":"{id}"}}"#);
    assert!(stage.ask("PUT", &format!("{id}?api-version=1"), &body).starts_with("0:0"));
}

/// What a request brought for the first time in its body: a name that is in no path.
#[test]
fn a_stand_in_of_a_request_is_a_variable_and_one_of_an_answer_is_not() {
    let stand_in = |value: &str, origin| StandIn { kind: "email".into(), value: value.into(), origin };
    let stand_ins =
        vec![stand_in("email-1@armtape.example", Origin::Request), stand_in("email-2@armtape.example", Origin::Answer)];
    let (users, user) = ("/users?api-version=1", "/users/email-2@armtape.example?api-version=1");
    let body = r#"{"users":[{"mail":"mailto:email-1@armtape.example"}]}"#;
    let interactions =
        vec![interaction("POST", users, body, 200, &[], body), interaction("GET", user, "", 200, &[], "{}")];
    let mut stage = Stage::new(Cassette { stand_ins, interactions, ..Cassette::default() }, Polls::Number(0));
    let ada = body.replace("email-1@armtape.example", "ada@lovelace.org");
    assert_eq!(stage.ask("POST", users, &ada), format!("0:0 {ada}"));
    let grace = body.replace("email-1@armtape.example", "grace@hopper.org");
    assert_eq!(stage.ask("POST", users, &grace), format!("1:0 {grace}"));
    assert_eq!(stage.ask("GET", user, ""), "0:1 {}");
    let other = stage.ask("GET", "/users/ada@lovelace.org?api-version=1", "");
    assert!(other.contains("is not on the tape"), "{other}");
}

#[test]
fn two_variables_in_one_place_are_told_apart_by_what_is_bound() {
    let variables = ["a", "b"].map(|name| (name.to_owned(), format!("recorded-{name}"))).into();
    let target = |name: &str| format!("{}?api-version=1", hub(TAPED, name));
    let interactions = ["{a}", "{b}"]
        .iter()
        .flat_map(|name| {
            let read = interaction("GET", &target(name), "", 200, &[], &format!(r#"{{"name":"{name}"}}"#));
            [interaction("PUT", &target(name), "{}", 200, &[], ""), read]
        })
        .collect();
    let mut stage = Stage::new(Cassette { variables, interactions, ..Cassette::default() }, Polls::Number(0));
    assert_eq!(stage.ask("PUT", &target("one"), "{}"), "0:0");
    assert_eq!(stage.ask("PUT", &target("two"), "{}"), "0:2");
    assert_eq!(stage.ask("GET", &target("two"), ""), r#"0:3 {"name":"two"}"#);
    assert_eq!(stage.ask("GET", &target("one"), ""), r#"0:1 {"name":"one"}"#);
    // Both are taken: it is somebody else's.
    assert_eq!(stage.ask("PUT", &target("three"), "{}"), "1:0");
}

#[test]
fn sessions_are_bounded() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(0));
    for number in 0..MOST {
        stage.put(&format!("c0ffee00-1234-4b7e-855d-{number:012}"), "h");
    }
    assert_eq!(stage.put(OTHER, "h"), "crowded");
    let known = stage.put("c0ffee00-1234-4b7e-855d-000000000007", "h");
    assert!(known.starts_with("7:0"), "{known}");
}

#[test]
fn the_clock_ends_an_operation_at_a_factor() {
    let factor = Factor::new(0.5).unwrap();
    let mut stage = Stage::new(cassette("h"), Polls::Clock(factor));
    let told = stage.put(TAPED, "h");
    // Without times the tape counts what it asked its client to wait: 3 × 10 s.
    for (millis, answer) in [(0, "0:1"), (1, "0:2"), (14_999, "0:2"), (15_000, "0:3"), (99_000, "0:3")] {
        stage.now = Duration::from_millis(millis);
        assert!(stage.poll(&told).starts_with(answer), "after {millis} ms");
    }
}

#[test]
fn a_path_that_the_tape_does_not_know_is_a_miss_of_its_own_session() {
    let mut stage = Stage::new(cassette("h"), Polls::Number(0));
    stage.put(OTHER, "h");
    insta::assert_snapshot!(stage.ask("GET", &format!("{}?api-version=1", hub(OTHER, "x")), ""), @"GET /subscriptions/c0ffee00-1234-4b7e-855d-04bfcac8bf05/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/x?api-version=1 is not on the tape; nearest is interaction 5 (not used yet): path: the tape has `hubs/h`, the client sent `hubs/x`");
    insta::assert_snapshot!(stage.ask("GET", &format!("{}?api-version=2", hub(OTHER, "h")), ""), @r#"GET /subscriptions/c0ffee00-1234-4b7e-855d-04bfcac8bf05/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=2 is not on the tape; nearest is interaction 5 (not used yet): query `api-version`: the tape has `1`, the client sent `2`; to ignore that, in armtape.toml, under [match]: api-version = "warn""#);
    assert_eq!(stage.sessions.all.len(), 1);
}

/// It goes into the log of a build and into reports.
#[test]
fn a_miss_tells_no_secret() {
    let stand_in =
        StandIn { kind: "password".into(), value: "armtape-Password_000001AAAAAAAA".into(), origin: Origin::Request };
    let taped = r#"{"size":1,"adminPassword":"armtape-Password_000001AAAAAAAA"}"#;
    let sent = r#"{"size":1,"adminPassword":"correct-horse-7"}"#;
    let target = |name: &str, version: u8| format!("{}?api-version={version}", hub(TAPED, name));
    let interactions = |body: &str| vec![interaction("PUT", &target("h", 1), body, 200, &[], "")];
    let stage = |stand_ins: &[StandIn], body: &str| {
        let cassette =
            Cassette { stand_ins: stand_ins.to_vec(), interactions: interactions(body), ..Cassette::default() };
        Stage::new(cassette, Polls::Number(0))
    };

    // Any password is the tape's: what differs is the rest.
    let mut cleaned = stage(&[stand_in], taped);
    let other_name = cleaned.ask("PUT", &target("x", 1), sent);
    assert!(other_name.ends_with(": path: the tape has `hubs/h`, the client sent `hubs/x`"), "{other_name}");
    let other_size = cleaned.ask("PUT", &target("h", 1), &sent.replace('1', "2"));
    assert!(other_size.contains(": body `$.size`: the tape has `1`, the client sent `2`; to ignore"), "{other_size}");
    assert!(cleaned.ask("PUT", &target("h", 1), sent).starts_with("0:0"));
    // It is known now, and in no text for all that.
    let known =
        cleaned.ask("PUT", &target("h", 1), r#"{"size":1,"adminPassword":"correct-horse-7","more":"correct-horse-7"}"#);
    assert!(known.contains("body `$.more`: the tape has none, the client sent `\"armtape-Password_"), "{known}");
    assert!(!known.contains("correct-horse-7"), "{known}");

    let who: Vec<String> =
        cleaned.sessions.all.iter().map(|session| session.describe(&cleaned.script.variables)).collect();
    assert_eq!(who[0], format!("password (not shown), subscription {TAPED}"), "{who:?}");

    // Nor in the request itself, on an empty tape neither.
    for mut stage in [stage(&[], taped), Stage::new(Cassette::default(), Polls::Number(0))] {
        let told = stage.ask("GET", &format!("{}&client_secret=correct-horse-7", target("h", 2)), "");
        assert!(told.starts_with("GET /subscriptions/") && told.contains("&client_secret=armtape-"), "{told}");
        assert!(!told.contains("correct-horse-7"), "{told}");
    }

    // A tape that another tool made holds the real one.
    let mut raw = stage(&[], r#"{"size":1,"adminPassword":"battery-staple-8"}"#);
    let other = raw.ask("PUT", &target("h", 1), sent);
    assert!(other.contains("body `$.adminPassword`: the tape has `\"armtape-Password_"), "{other}");
    assert!(!other.contains("correct-horse-7") && !other.contains("battery-staple-8"), "{other}");

    // What was changed in a polling URL has to be seen.
    let url = format!("/subscriptions/{TAPED}/operations/1?api-version=1&t=638912345678901234&c=MIIHhz&s=Sig7x&h=k-Q2");
    let interactions = vec![interaction("GET", &url, "", 200, &[], "{}")];
    let mut polled = Stage::new(Cassette { interactions, ..Cassette::default() }, Polls::Number(0));
    let other = polled.ask("GET", &url.replace("Sig7x", "sig7x"), "");
    assert!(other.contains("query `s`: the tape has `Sig7x`, the client sent `sig7x`"), "{other}");

    // By the project's own rules.
    let settings = toml::from_str("[[rules]]\nid = 'badge'\nnames = ['badgeNumber']").unwrap();
    let mut badge = stage(&[], r#"{"badgeNumber":"a-17-x"}"#);
    badge.script = badge.script.hiding(&settings);
    let other = badge.ask("PUT", &target("h", 1), r#"{"badgeNumber":"b-18-y"}"#);
    assert!(other.contains("`$.badgeNumber`") && !other.contains("a-17-x") && !other.contains("b-18-y"), "{other}");
}
