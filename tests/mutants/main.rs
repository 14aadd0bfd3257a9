//! Faulty clients against the scenarios, in virtual time: each is the reference client with one fault
//! of `judge::faults()`, and each has to be found out by a rule that the fault is about.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![allow(clippy::result_large_err, reason = "what comes back is a step of the client, not an error")]

mod bend;
mod faults;
mod generated;
mod taped;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use armtape::{
    client::{self, OutcomeKind, Settings},
    judge::{self, Conversation, Ending, Finding, Kind, Knobs, Known, Outcome, Severity, Sight},
    simulate::scenario::{self, Case, Draw, Operation, Pace, Places, Scenario, Subject},
};
use serde_json::json;

use bend::{Bent, CRASH, Mutant};
use faults::BENT;

/// How many draws there are; with `ARMTAPE_SEEDS=3` nobody is found out, or passes, by luck.
fn seeds() -> std::ops::RangeInclusive<u64> {
    1..=std::env::var("ARMTAPE_SEEDS").map_or(1, |number| number.parse().unwrap())
}

const INTERVAL: Duration = Duration::from_secs(1);

fn case(scenario: &Scenario, seed: u64) -> Case {
    let subject = |number: u32| {
        let mut subject = Subject::profile(&format!("Profile{seed}x{number}"));
        // Something that a careless writer leaves out.
        subject.body["properties"]["description"] = json!(null);
        subject
    };
    let subjects = if scenario.operation == Operation::Pair { vec![subject(1), subject(2)] } else { vec![subject(1)] };
    Case {
        scenario: scenario.clone(),
        draw: Draw::new(seed),
        subjects,
        places: Places::default(),
        pace: Pace::AS_WRITTEN,
    }
}

/// What the judge makes of a run.
fn findings(scenario: &Scenario, seed: u64, bent: Option<&'static Bent>) -> Vec<Finding> {
    findings_in(scenario, seed, bent, |subject| subject)
}

/// As [`findings`], with the bodies that `dress` gives.
fn findings_in(
    scenario: &Scenario,
    seed: u64,
    bent: Option<&'static Bent>,
    dress: impl Fn(Subject) -> Subject,
) -> Vec<Finding> {
    run(scenario, seed, bent, dress).0
}

/// How many answers a run has.
fn answers(scenario: &Scenario, seed: u64, bent: &'static Bent, dress: impl Fn(Subject) -> Subject) -> usize {
    run(scenario, seed, Some(bent), dress).1
}

fn run(
    scenario: &Scenario,
    seed: u64,
    bent: Option<&'static Bent>,
    dress: impl Fn(Subject) -> Subject,
) -> (Vec<Finding>, usize) {
    let mut case = case(scenario, seed);
    case.subjects = case.subjects.into_iter().map(dress).collect();
    let mut settings: Settings = scenario::settings(&case, INTERVAL);
    let trusted = settings.trusted_hosts.clone();
    let (timeout, draw, body) = (case.timeout(), case.draw.clone(), case.subjects[0].body.clone());
    if bent.is_some_and(|bent| bent.forgets_limit) {
        settings.timeout = None;
    }
    let shared = Rc::default();
    let ran = scenario::run_bent(case, &settings, &|operation, write| match bent {
        Some(bent) => Box::new(Mutant::new(operation, bent, write, Rc::clone(&shared))),
        None => Box::new(operation),
    });
    // Of two runs, the second has the last word.
    let first = if scenario.operation == Operation::Rerun { ran.outcomes.len() - 1 } else { 0 };
    let outcome = outcome(&ran.outcomes[first..]);
    let sends_body = matches!(scenario.operation.method(), http::Method::PUT | http::Method::PATCH);
    let plain_body = sends_body && !matches!(scenario.operation, Operation::Update | Operation::Pair);
    let knobs = Knobs {
        typed_body: false,
        accelerated: false,
        interval: Some(INTERVAL),
        timeout,
        plain_http: false,
        trusted_hosts: trusted,
        resumes: scenario.operation == Operation::Resume,
        intended: (plain_body && !body.is_null()).then(|| body.to_string().into()),
        sends_a_plain_one: false,
        over: Some(ran.interrupted.unwrap_or(ran.took)),
        again: ran.again,
        interrupted: scenario.operation == Operation::Abort,
    };
    let known = Known { scenario, draw: &draw, seen: &ran.seen };
    let conversation = Conversation::new(&ran.trace).with_knobs(knobs).with_outcome(&outcome).with_known(known);
    let findings = judge::judge(&conversation).findings;
    assert!(!is_told_twice(&findings), "{}: {findings:#?}", scenario.name());
    (findings, ran.seen.len())
}

/// Whether it is told that a script's demand was not met, and in a second finding why. What is wrong with the
/// write itself is no reason for it.
fn is_told_twice(findings: &[Finding]) -> bool {
    const OTHERS: [&str; 7] = ["SCRIPT-", "BODY-", "ID-", "LRO-C-01", "LRO-C-02", "LRO-C-03", "LRO-C-05"];
    let is_other = |finding: &Finding| OTHERS.iter().any(|others| finding.rule.starts_with(others));
    let has_why = |finding: &Finding| finding.severity == Severity::Violation && !is_other(finding);
    findings.iter().any(|finding| finding.rule == "SCRIPT-02") && findings.iter().any(has_why)
}

/// The last word of the client; of two operations, of the one that went worse.
fn outcome(outcomes: &[Option<client::Outcome>]) -> Outcome {
    let worst = outcomes.iter().max_by_key(|outcome| match outcome {
        None => 2,
        Some(outcome) => u8::from(outcome.kind != OutcomeKind::Succeeded),
    });
    let Some(Some(outcome)) = worst else {
        return Outcome { kind: Kind::NoSuccess, ending: Ending::Stopped, output: String::new(), resource: None };
    };
    let crashed = outcome.message == CRASH;
    Outcome {
        kind: match outcome.kind {
            _ if crashed => Kind::NoSuccess,
            OutcomeKind::Succeeded => Kind::Success,
            OutcomeKind::Failed => Kind::Failed,
            OutcomeKind::Canceled => Kind::Canceled,
            OutcomeKind::Timeout => Kind::Timeout,
            OutcomeKind::Unknown => Kind::Unknown,
        },
        ending: if crashed { Ending::Crashed } else { Ending::Itself },
        output: if crashed {
            String::new()
        } else {
            format!("{} {}", outcome.code.as_deref().unwrap_or_default(), outcome.message)
        },
        resource: outcome.resource.clone(),
    }
}

type Found = BTreeMap<&'static str, (Severity, BTreeSet<String>)>;

/// What a client breaks in every scenario of a seed. The reference client breaks nothing.
fn broken(bent: &'static Bent, seed: u64) -> Found {
    let mut found = Found::new();
    for scenario in scenario::all() {
        for finding in findings(scenario, seed, Some(bent)) {
            let entry = found.entry(finding.rule).or_insert((finding.severity, BTreeSet::new()));
            entry.0 = entry.0.max(finding.severity);
            entry.1.insert(scenario.name());
        }
    }
    found
}

#[test]
fn the_reference_client_breaks_no_rule() {
    for seed in seeds() {
        for scenario in scenario::all() {
            let findings = findings(scenario, seed, None);
            assert!(findings.is_empty(), "{}: {findings:#?}", scenario.name());
        }
    }
}

/// Each line of the table that says that a fault is found out is true: the scenario that it names
/// first shows the rule that it names, as grave as it says.
#[test]
fn the_table_holds() {
    let table = std::fs::read_to_string("docs/proof.md").unwrap();
    let (mut held, mut wrong) = (0, Vec::new());
    for bent in BENT {
        let line = table.lines().find(|line| line.starts_with(&format!("| {} |", bent.id)));
        let cells: Vec<&str> = line.unwrap_or_default().trim_matches(['|', ' ']).split(" | ").collect();
        let [_, rule, weight, scenarios] = cells[..] else { continue };
        let first = scenarios.split([',', ' ']).next().unwrap();
        let scenario = scenario::all().iter().find(|scenario| scenario.name() == first).unwrap();
        let found = findings(scenario, 1, Some(bent));
        // The table names the gravest weight of all scenarios.
        let is_found = found.iter().any(|finding| {
            finding.rule == rule && (finding.severity.word() == weight || finding.severity == Severity::Warning)
        });
        if is_found {
            held += 1;
        } else {
            let found: Vec<_> = found.iter().map(|finding| (finding.rule, finding.severity.word())).collect();
            wrong.push(format!("{}: {first} does not show {rule} ({weight}), but {found:?}", bent.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.contains(&format!("\n{held} of {} faults are found out", judge::faults().len())), "{held}");
}

/// The whole table: every fault in every scenario. It takes minutes.
#[test]
#[ignore = "takes minutes; `cargo test --test mutants -- --ignored`, with ARMTAPE_SEEDS=3 for three draws"]
fn the_table_is_whole() {
    let tables = std::sync::Mutex::new(BTreeMap::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let faults = judge::faults();
    let work = || {
        while let Some(fault) = faults.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let line = match (BENT.iter().find(|bent| bent.id == fault.id), &fault.sight) {
                (_, Sight::Unseen(why)) => (false, format!("| {} | | | cannot be seen: {why} |", fault.id)),
                (None, Sight::Rules(_)) => (false, format!("| {} | | | not planted |", fault.id)),
                (Some(bent), Sight::Rules(meant)) => tried(bent, meant),
            };
            tables.lock().unwrap().insert(fault.id, line);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let lines = tables.into_inner().unwrap();
    let found_out = lines.values().filter(|(found_out, _)| *found_out).count();
    let mut table = "| fault | rule | weight | scenarios |\n| --- | --- | --- | --- |\n".to_owned();
    for (_, line) in lines.values() {
        table.push_str(&format!("{line}\n"));
    }
    let count = faults.len();
    table.push_str(&format!("\n{found_out} of {count} faults are found out by a rule that they are about.\n"));
    let document = std::fs::read_to_string("docs/proof.md").unwrap();
    assert!(document.contains(&table), "docs/proof.md lacks this:\n\n{table}\n");
}

/// Whether a faulty client is found out with every seed, and the line about it.
fn tried(bent: &'static Bent, meant: &[&'static str]) -> (bool, String) {
    let by_seed: Vec<Found> = seeds().map(|seed| broken(bent, seed)).collect();
    let found_out = by_seed.iter().all(|found| meant.iter().any(|rule| found.contains_key(rule)));
    let shown = meant.iter().filter_map(|rule| Some((*rule, by_seed[0].get(rule)?)));
    let line = match shown.max_by_key(|(_, (severity, at))| (*severity, at.len())) {
        Some((rule, (severity, at))) => {
            let first: Vec<&str> = at.iter().take(3).map(String::as_str).collect();
            let more = if at.len() > 3 { format!(" and {} more", at.len() - 3) } else { String::new() };
            format!("| {} | {rule} | {} | {}{more} |", bent.id, severity.word(), first.join(", "))
        }
        None if by_seed[0].is_empty() => format!("| {} | | | passes: nothing is found |", bent.id),
        None => {
            let others: Vec<&str> = by_seed[0].keys().copied().collect();
            format!("| {} | | | passes: found by {} alone |", bent.id, others.join(", "))
        }
    };
    (found_out, line)
}
