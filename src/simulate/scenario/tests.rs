use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use http::{Method, Request};
use jiff::Timestamp;

use super::*;
use crate::client::{Outcome, OutcomeKind};

const START: &str = r#"
[[scenario]]
id = "MINE-1"
title = "mine"
kind = "normal"
"#;

fn error(rest: &str) -> String {
    read("mine.toml", &format!("{START}{rest}")).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    insta::assert_snapshot!(read("mine.toml", "[[scenario]").unwrap_err(), @"mine.toml:1: unclosed array table, expected `]`");
    insta::assert_snapshot!(read("mine.toml", "").unwrap_err(), @"mine.toml:1: there is no `[[scenario]]` in it");
    insta::assert_snapshot!(read("mine.toml", "[[scenarios]]").unwrap_err(), @"mine.toml:1: `scenarios` is no key of a file of scenarios; did you mean `scenario`?");
    insta::assert_snapshot!(error("rigth = ['success']"), @"mine.toml:6: `rigth` is no key of a scenario; did you mean `right`?");
    insta::assert_snapshot!(error("write = ['200']"), @"mine.toml:2: a scenario has the key `right`, which is missing");
    insta::assert_snapshot!(error("right = ['sucess']\nwrite = ['200']"), @"mine.toml:6: `right`: `sucess` is none; did you mean `success`?");
    insta::assert_snapshot!(error("right = ['success']\nwrite = [\n  '201',\n  '200 +monitr',\n]"), @"mine.toml:9: `write`: `+monitr` says nothing; did you mean `+monitor`?");
    insta::assert_snapshot!(error("right = ['success']\nwrite = '200'"), @"mine.toml:7: `write` is a list");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\noperation = 'putt'"), @"mine.toml:8: `operation`: `putt` is none; did you mean `put`?");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200 body=od']\nbodies = { odd = '' }"), @"mine.toml:7: MINE-1: there is no body `od` in `bodies`; did you mean `odd`?");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200 body=odd']\nbodies = { odd = '${prof}' }"), @"mine.toml:8: MINE-1: `${prof}` in `odd` stands for nothing; did you mean `${proof}`?");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\ndemanded = ['monitor many']"), @"mine.toml:8: `demanded`: `monitor many` is no demand, such as `write 1`, `monitor 2..` or `monitor 1..3`");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\ntimeout = 1.5"), @"mine.toml:8: `timeout` is a whole number");
}

#[test]
fn what_cannot_be_is_said() {
    insta::assert_snapshot!(error("right = ['success']"), @"mine.toml:2: MINE-1: there is no `write`: what the service answers to it, also where it came before (`resume`)");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['202 +result']\nmonitor = ['200 {Succeeded}']"), @"mine.toml:8: MINE-1: nothing leads to `monitor`: no answer hands out its URL");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['201 {Creating} +monitor']\nmonitor = ['200 {Failed} !X']"), @"mine.toml:6: MINE-1: success is right, and no answer ever says that the operation succeeded");
    insta::assert_snapshot!(error("right = ['failure !Y']\nwrite = ['400 !X']"), @"mine.toml:6: MINE-1: the code `Y` is right, and no answer has it");
    insta::assert_snapshot!(error("right = ['canceled']\nwrite = ['400 !X']"), @"mine.toml:6: MINE-1: `canceled` is right, and no answer says so");
    insta::assert_snapshot!(error("right = ['timeout']\nwrite = ['202 +result']"), @"mine.toml:6: MINE-1: `timeout` is right, and the client is given no limit (`timeout`)");
    insta::assert_snapshot!(error("right = ['success']\ntolerated = ['success']\nwrite = ['200']"), @"mine.toml:7: MINE-1: `Success` is right and no more than tolerated");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\ndemanded = ['monitor 1']"), @"mine.toml:8: MINE-1: `monitor` is demanded, and nothing leads to it");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\nforbidden = ['write']\ndemanded = ['write 1']"), @"mine.toml:9: MINE-1: `write` is demanded and forbidden");
    insta::assert_snapshot!(error("right = ['failure']\nresult-from = 'write'\nwrite = ['400']"), @"mine.toml:7: MINE-1: the result comes from `write`, and success is not right");
    insta::assert_snapshot!(error("right = ['success']\nwrite = ['200']\nrules = ['C-08']"), @"mine.toml:8: MINE-1: `C-08` is no rule, such as `LRO-C-08`");
}

#[test]
fn a_variant_changes_what_it_names() {
    let text =
        format!("{START}right = ['failure']\n[scenario.variant]\nA = {{ write = ['400'] }}\nB = {{ write = ['404'] }}");
    let scenarios = read("mine.toml", &text).unwrap();
    let names: Vec<_> = scenarios.iter().map(Scenario::name).collect();
    assert_eq!(names, ["MINE-1:A", "MINE-1:B"]);
    assert_eq!(scenarios[1].answers(Target::Write)[0].status, Some(404));
}

/// A service in the hands of a test.
struct Hands(Play);

impl Hands {
    fn of(id: &str) -> Self {
        let scenario = all().iter().find(|scenario| scenario.name() == id).unwrap().clone();
        let subjects = vec![Subject::profile("Mine")];
        Self(Play::new(Case {
            scenario,
            draw: Draw::new(7),
            subjects,
            places: Places::default(),
            pace: Pace::AS_WRITTEN,
        }))
    }

    /// Sends a request, and says what came back: status, links, and what it meant.
    fn send(&mut self, method: Method, url: &str) -> (Reply, Seen) {
        let body = if method == Method::GET { Bytes::new() } else { Bytes::from_static(br#"{"properties":{}}"#) };
        let request = Request::builder().method(method).uri(url).body(body).unwrap();
        self.0.step(Place::Own, &request, Timestamp::UNIX_EPOCH)
    }

    fn resource(&self) -> String {
        let subject = &self.0.case().subjects[0];
        format!("https://management.azure.com{}?api-version={}", subject.id, subject.api_version)
    }
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(reply.response.as_ref().unwrap().body()).unwrap()
}

#[test]
fn a_monitor_leads_and_the_resource_follows() {
    let mut service = Hands::of("SC-005");
    let resource = service.resource();
    let proof = service.0.case().draw.proof.clone();
    let (before, seen) = service.send(Method::GET, &resource);
    assert_eq!((before.response.unwrap().status().as_u16(), seen.instance), (404, None));

    let (written, seen) = service.send(Method::PUT, &resource);
    assert!(seen.accepted && !seen.repeated && !text(&written).contains(&proof));
    let headers = written.response.unwrap().headers().clone();
    assert_eq!(headers["retry-after"], "10");
    let monitor = headers["azure-asyncoperation"].to_str().unwrap().to_owned();

    let mut told = Vec::new();
    for _ in 0..2 {
        let (reply, seen) = service.send(Method::GET, &monitor);
        assert_eq!((seen.target, seen.fidelity, seen.instance), (Target::Monitor, Fidelity::Exact, Some(0)));
        told.push(seen.told.unwrap().to_string());
        assert!(text(&reply).contains("\"status\":\"InProgress\""));
        let (reply, _) = service.send(Method::GET, &resource);
        assert!(text(&reply).contains("Creating") && !text(&reply).contains(&proof));
    }
    let (_, seen) = service.send(Method::GET, &format!("{monitor}&x=1"));
    assert_eq!((seen.fidelity, seen.state.clone()), (Fidelity::Altered, Some(crate::arm::State::Succeeded)));
    let (reply, _) = service.send(Method::GET, &resource);
    assert!(text(&reply).contains("Succeeded") && text(&reply).contains(&proof));
    assert_eq!(told, ["InProgress", "InProgress"]);
}

/// Some clients put whatever they are given behind their endpoint.
#[test]
fn a_url_of_another_protocol_has_no_answer_behind_the_endpoint() {
    let mut service = Hands::of("SC-193:ftp");
    let resource = service.resource();
    let (written, _) = service.send(Method::PUT, &resource);
    let monitor = written.response.unwrap().headers()["azure-asyncoperation"].to_str().unwrap().to_owned();
    assert!(monitor.starts_with("ftp://"), "{monitor}");
    let (reply, seen) = service.send(Method::GET, &format!("/{monitor}"));
    assert_eq!((reply.response.unwrap().status().as_u16(), seen.target), (404, Target::Other));
}

#[test]
fn who_never_asks_the_monitor_comes_to_an_end_too() {
    let mut service = Hands::of("SC-005");
    let resource = service.resource();
    service.send(Method::PUT, &resource);
    let states: Vec<_> = (0..8).map(|_| service.send(Method::GET, &resource).1.told.unwrap().to_string()).collect();
    assert_eq!(states[..6], ["Creating"; 6]);
    assert_eq!(states[6..], ["Succeeded"; 2]);
}

#[test]
fn a_write_that_comes_again_while_it_runs_is_seen() {
    let mut service = Hands::of("SC-005");
    let resource = service.resource();
    service.send(Method::PUT, &resource);
    let (_, seen) = service.send(Method::PUT, &resource);
    assert_eq!((seen.accepted, seen.repeated, seen.instance), (true, true, Some(0)));
}

/// A case of a scenario as the binary has it.
fn case(scenario: &Scenario, seed: u64) -> Case {
    let subjects = match scenario.operation {
        Operation::Pair => vec![Subject::profile("First"), Subject::profile("Second")],
        _ => vec![Subject::profile("Mine")],
    };
    Case {
        scenario: scenario.clone(),
        draw: Draw::new(seed),
        subjects,
        places: Places::default(),
        pace: Pace::AS_WRITTEN,
    }
}

/// Runs the reference client through a scenario.
pub(in crate::simulate) fn run(scenario: &Scenario, seed: u64) -> Ran {
    let case = case(scenario, seed);
    let settings = settings(&case, Duration::from_secs(3));
    run_virtually(case, &settings)
}

/// Each request by its target, second and status.
fn timeline(ran: &Ran) -> String {
    let requests = ran.seen.iter().zip(&ran.trace.interactions).map(|(seen, interaction)| {
        let target = seen.as_ref().map_or("nowhere".to_owned(), |seen| seen.target.to_string());
        let second = interaction.times.map_or(0, |times| times.request) as f64 / 1000.0;
        let status = interaction.response.as_ref().map_or("-".to_owned(), |response| response.status.to_string());
        format!("{target}@{second}:{status}")
    });
    requests.collect::<Vec<_>>().join(" ")
}

/// What is wrong with a run by the truth of its script.
pub(in crate::simulate) fn wrong(scenario: &Scenario, ran: &Ran, draw: &Draw) -> Vec<String> {
    let truth = &scenario.truth;
    let mut wrong = Vec::new();
    for outcome in &ran.outcomes {
        if !truth.right.iter().any(|expected| fits(expected, outcome.as_ref(), draw)) {
            wrong.push(format!("{outcome:?} is none of {:?}", truth.right));
        }
        let resource = outcome.as_ref().and_then(|outcome| outcome.resource.as_ref());
        if let Some(resource) = resource.filter(|_| truth.result.is_some())
            && !resource.to_string().contains(&draw.proof)
        {
            wrong.push(format!("not the result: {resource}"));
        }
    }
    let count = |target| ran.seen.iter().flatten().filter(|seen| seen.target == target).count();
    wrong.extend(
        truth.forbidden.iter().filter(|target| count(**target) > 0).map(|target| format!("{target} was asked")),
    );
    let unmet = |demand: &&Demand| {
        let count = count(demand.target);
        count < demand.at_least || demand.at_most.is_some_and(|most| count > most)
    };
    wrong.extend(truth.demanded.iter().filter(unmet).map(|demand| format!("not {demand}")));
    wrong
}

fn fits(expected: &Expected, outcome: Option<&Outcome>, draw: &Draw) -> bool {
    let Some(outcome) = outcome else { return *expected == Expected::Any };
    match (expected, outcome.kind) {
        (Expected::Any, _)
        | (Expected::Success, OutcomeKind::Succeeded)
        | (Expected::Canceled, OutcomeKind::Canceled)
        | (Expected::Indeterminate, OutcomeKind::Unknown)
        | (Expected::Timeout, OutcomeKind::Timeout) => true,
        (Expected::Failure { codes }, OutcomeKind::Failed) => {
            let code = outcome.code.as_deref();
            codes.is_empty() || codes.iter().any(|known| code == Some(draw.code(known).as_str()))
        }
        _ => false,
    }
}

#[test]
fn the_reference_client_is_right_in_every_scenario() {
    let mut report = String::new();
    for scenario in all() {
        for seed in [1, 2, 3] {
            let ran = run(scenario, seed);
            for wrong in wrong(scenario, &ran, &Draw::new(seed)) {
                report.push_str(&format!("\n{} seed {seed}: {wrong}\n  {}", scenario.name(), timeline(&ran)));
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn the_scripts_are_those_of_the_fact_sheet() {
    let Some(shared) = std::env::var_os("ARMTAPE_SHARED") else { return };
    let sheet = fs_err::read_to_string(std::path::Path::new(&shared).join("spec/arm-lro.md")).unwrap();
    let rows = sheet.lines().filter_map(|line| line.strip_prefix("| ")).filter(|line| line.starts_with("SC-"));
    let rows: BTreeMap<&str, Vec<&str>> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            (cells[0], cells[1..].to_vec())
        })
        .collect();
    let ours: BTreeMap<&str, &Scenario> = all().iter().map(|scenario| (scenario.id.as_str(), scenario)).collect();
    let ours_of_sheet: Vec<_> = ours.keys().filter(|id| id.starts_with("SC-")).collect();
    assert_eq!(ours_of_sheet, rows.keys().collect::<Vec<_>>());
    assert_eq!(rows.len(), 150);
    for (id, cells) in rows {
        let kind = match cells[0] {
            "N" => Kind::Normal,
            "T" => Kind::Tricky,
            "F" => Kind::Fault,
            "M" => Kind::Misbehaving,
            "X" => Kind::Security,
            other => panic!("{other}"),
        };
        assert_eq!(ours[id].kind, kind, "{id}");
        let rules = cells.last().unwrap().trim_end_matches(" |").split_whitespace();
        let rules: Vec<_> = rules.filter(|word| word.len() == 2).map(|rule| format!("LRO-C-{rule}")).collect();
        assert_eq!(ours[id].truth.rules, rules, "{id}");
    }
}

/// What the reference client does in each scenario, for people to read.
#[test]
fn the_conversations_of_the_reference_client() {
    let mut conversations = String::new();
    for scenario in all() {
        let ran = run(scenario, 1);
        let word = |outcome: &Option<Outcome>| match outcome {
            Some(outcome) => format!("{:?}", outcome.kind).to_lowercase(),
            None => "still at it".to_owned(),
        };
        let words: Vec<_> = ran.outcomes.iter().map(word).collect();
        conversations.push_str(&format!("{} {}: {}\n", scenario.name(), words.join(" "), timeline(&ran)));
    }
    insta::assert_snapshot!(conversations);
}

#[test]
fn an_update_sends_back_what_it_does_not_know() {
    let scenario = all().iter().find(|scenario| scenario.id == "OP-01").unwrap();
    let ran = run(scenario, 1);
    let [read, write, ..] = &ran.trace.interactions[..] else { panic!("{}", timeline(&ran)) };
    let etag = read.response.as_ref().unwrap().headers.get("etag").unwrap();
    assert_eq!(write.request.headers.get("if-match"), Some(etag));
    let sent = write.request.body.json().unwrap();
    let draw = Draw::new(1);
    assert_eq!(sent["properties"][draw.unknown_property()], draw.token.as_str());
    assert!(sent["properties"].get("provisioningState").is_none() && sent.get("id").is_none(), "{sent}");
}

#[test]
fn each_of_two_operations_has_urls_of_its_own() {
    let scenario = all().iter().find(|scenario| scenario.id == "OP-05").unwrap();
    let ran = run(scenario, 1);
    let polls = |instance| {
        ran.seen
            .iter()
            .flatten()
            .filter(|seen| seen.target == Target::Monitor && seen.instance == Some(instance))
            .count()
    };
    assert_eq!((polls(0), polls(1), ran.outcomes.len()), (3, 3, 2));
    assert_eq!(
        timeline(&ran).split(' ').take(4).collect::<Vec<_>>(),
        ["write@0:201", "write@0:201", "monitor@2:200", "monitor@2:200"]
    );
}
