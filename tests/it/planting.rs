//! Made-up secrets of every kind, at every place where traffic can hold them, through the real
//! binary; then each is looked for in all that armtape wrote and said.

mod hunt;
mod kinds;
mod places;
mod service;

use std::{collections::BTreeSet, path::Path};

use crate::harness::{Harness, Ran, Running, wait_until};
use hunt::Hunt;
use kinds::{HEADERS, KINDS, Kind, NAMED};
use places::{PLACES, Place, Planted};
use service::{Exchange, Service, Side};

/// A client that only waits: the requests are the test's own.
const WAITS: &str = r#"printf %s "$ARMTAPE_PROXY" >proxy.part; mv proxy.part proxy
    until [ -s done ]; do sleep 0.02; done; exit "$(cat done)""#;

/// More than goes into a cassette in line.
const LARGE: usize = 300_000;

/// A recording that runs, with everything that was planted in it.
struct Recording {
    harness: Harness,
    running: Running,
    service: Service,
    planted: Vec<Planted>,
}

impl Recording {
    /// Records with these words on the client's command line.
    fn start(harness: Harness, words: &[String], secret: Option<&str>) -> Self {
        let service = Service::start();
        let upstream = format!("http://{}", service.address());
        let mut command = harness.command(["record", "--cassette", "t.json", "--upstream", &upstream]);
        if let Some(secret) = secret {
            command.args(["--secret-env", NAMED]).env(NAMED, secret);
        }
        command.args(["--", "sh", "-c", WAITS, "sh"]).args(words).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
        let running = Running::start(&mut command);
        wait_until("the client runs", || harness.exists("proxy"));
        service.through(harness.read("proxy").trim_start_matches("http://").parse().unwrap());
        Self { harness, running, service, planted: Vec::new() }
    }

    /// Sends what holds this kind at this place, in the request and in the answer.
    fn plant(&mut self, kind: &'static Kind, place: Place) {
        let mut exchange = Exchange::of(kind);
        for side in [Side::Request, Side::Answer] {
            let planted = Planted::new(kind, place, self.planted.len());
            if kind.fits(side) && place.put(&planted, side, &mut exchange) {
                self.planted.push(planted);
            }
        }
        self.service.send(&exchange);
    }

    /// One large body with every kind in it.
    fn plant_large(&mut self) {
        let mut members = serde_json::Map::new();
        members.insert("padding".into(), "lorem ipsum ".repeat(LARGE / 12).into());
        for kind in KINDS.iter().filter(|kind| kind.fits(Side::Request)) {
            let planted = Planted::new(kind, Place::Json, self.planted.len());
            let member = serde_json::json!({ (planted.name()): planted.text() });
            members.insert(format!("m{}", members.len()), member);
            self.planted.push(planted);
        }
        let body = serde_json::Value::from(members).to_string().into_bytes();
        let mut exchange = Exchange::new();
        exchange.body = body;
        self.service.send(&exchange);
    }

    /// Every header that says who asks, each with a value of its own.
    fn plant_headers(&mut self) {
        for header in HEADERS {
            let mut exchange = Exchange::new();
            for side in [Side::Request, Side::Answer] {
                let planted = Planted::new(header, Place::Header, self.planted.len());
                exchange.header(side, planted.name(), &planted.text());
                self.planted.push(planted);
            }
            self.service.send(&exchange);
        }
    }

    /// What is refused, and what the service does not answer: both are told on stderr.
    fn plant_failures(&mut self) {
        for broken in [Exchange::refused(), Exchange::unanswered()] {
            let kind = KINDS.iter().find(|kind| kind.rule == "sas").unwrap();
            let planted = Planted::new(kind, Place::Query, self.planted.len());
            let mut exchange = broken;
            assert!(Place::Query.put(&planted, Side::Request, &mut exchange));
            self.planted.push(planted);
            self.service.send(&exchange);
        }
    }

    fn plant_everything(&mut self) {
        for kind in KINDS {
            for place in PLACES {
                self.plant(kind, *place);
            }
        }
        self.plant_headers();
        self.plant_large();
        self.plant_failures();
    }

    fn end(self, code: &str) -> (Harness, Ran, Vec<Planted>) {
        self.harness.write("done", code);
        (self.harness, self.running.end(), self.planted)
    }
}

/// The client's command line, with a secret in every form that options have.
fn command_line(planted: &mut Vec<Planted>) -> Vec<String> {
    let mut words = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.fits(Side::Request)) {
        let secret = Planted::new(kind, Place::CommandLine, planted.len());
        match kind.is_named() {
            true => words.extend([format!("--{}={}", secret.name(), secret.value)]),
            false => words.push(secret.text()),
        }
        planted.push(secret);
    }
    words
}

/// What was found of what was planted, in every file below the folder and in what was said.
fn hunt(harness: &Harness, said: &[&str], planted: &[Planted]) -> Vec<String> {
    let hunt = Hunt::new(planted);
    let mut found = BTreeSet::new();
    for (path, bytes) in harness.files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        found.extend(hunt.search(&bytes).map(|secret| format!("{name}: {secret}")));
        found.extend(hunt.search(path.to_string_lossy().as_bytes()).map(|secret| format!("name of {name}: {secret}")));
    }
    for said in said {
        found.extend(hunt.search(said.as_bytes()).map(|secret| format!("said: {secret}")));
    }
    found.into_iter().collect()
}

fn nothing_was_found(found: &[String], planted: &[Planted]) {
    let kinds: BTreeSet<_> = planted.iter().map(|planted| planted.kind.name).collect();
    assert!(kinds.len() >= 60, "{} kinds", kinds.len());
    was_not_found(found, planted);
}

fn was_not_found(found: &[String], planted: &[Planted]) {
    assert!(found.is_empty(), "found: {} of {}\n{}", found.len(), planted.len(), found.join("\n"));
    let told = format!("0 of {}", planted.len());
    assert!(include_str!("../../docs/secrets.md").contains(&told), "docs/secrets.md does not say {told}");
}

fn record_everything() -> Recording {
    let mut on_the_line = Vec::new();
    let words = command_line(&mut on_the_line);
    let secret = Planted::of_the_environment();
    let mut recording = Recording::start(Harness::new(), &words, Some(&secret));
    recording.planted = on_the_line;
    recording.plant_everything();
    recording
}

/// The command lines of all processes on this machine, but for what a client was given on its own.
fn command_lines() -> Vec<Vec<u8>> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).collect()
}

#[test]
fn nothing_of_what_was_planted_is_on_the_tape() {
    let recording = record_everything();
    // While it runs.
    nothing_was_found(&hunt(&recording.harness, &[], &recording.planted), &recording.planted);
    let of_the_client = recording.planted.iter().filter(|planted| planted.place == Place::CommandLine);
    let of_the_client: BTreeSet<_> = of_the_client.map(|planted| planted.value.clone()).collect();
    let is_of_traffic = |planted: &&Planted| !of_the_client.contains(&planted.value);
    let of_traffic: Vec<_> = recording.planted.iter().filter(is_of_traffic).cloned().collect();
    let hunt_of_traffic = Hunt::new(&of_traffic);
    let lines = command_lines();
    let found: Vec<_> =
        lines.iter().flat_map(|line| hunt_of_traffic.search(line)).map(|secret| secret.to_string()).collect();
    assert!(found.is_empty(), "on a command line: {found:?}");
    let (harness, ran, planted) = recording.end("0");
    assert!(harness.exists("t.json"), "{ran}");
    assert!(harness.files().iter().any(|(path, _)| is_sidecar(path)), "{:?}", harness.names());
    nothing_was_found(&hunt(&harness, &[&ran.stdout, &ran.stderr], &planted), &planted);
    let scanned = harness.armtape(&["scan", "t.json"]);
    nothing_was_found(&hunt(&harness, &[&scanned.stdout, &scanned.stderr], &planted), &planted);
    let shown = harness.armtape(&["show", "t.json"]);
    nothing_was_found(&hunt(&harness, &[&shown.stdout, &shown.stderr], &planted), &planted);
}

fn is_sidecar(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.contains("t.json") || path.parent().unwrap().to_string_lossy().contains("t.json") || name.ends_with(".body")
}

#[test]
fn nothing_of_what_was_planted_outlives_a_kill() {
    let recording = record_everything();
    let journal = recording.harness.path("t.json.journal");
    wait_until("the journal is written", || journal.metadata().is_ok_and(|journal| journal.len() > 100_000));
    recording.running.signal(nix::sys::signal::Signal::SIGKILL);
    recording.harness.write("done", "0");
    let Recording { harness, running, planted, .. } = recording;
    // Its own end is by a signal: nothing to be asked.
    let ran = running.end();
    assert!(ran.status.code().is_none() && journal.exists(), "{:?}", ran.status);
    nothing_was_found(&hunt(&harness, &[&ran.stdout, &ran.stderr], &planted), &planted);
    // The next recorder finds the journal.
    let next = harness.around(&["record", "--cassette", "t.json", "--upstream", "embedded"], "exit 0");
    assert!(harness.exists("t.json.new"), "{next}");
    nothing_was_found(&hunt(&harness, &[&next.stdout, &next.stderr], &planted), &planted);
}

/// What is known to be a secret only after the journal has it.
#[test]
fn nothing_that_was_mentioned_before_it_was_named_outlives_a_kill() {
    let mut recording = Recording::start(Harness::new(), &[], None);
    for kind in KINDS.iter().filter(|kind| kind.is_named()) {
        let planted = Planted::new(kind, Place::Json, recording.planted.len());
        // Shorter ones, and numbers, are secrets where they have a name and nowhere else.
        if planted.value.len() < 8 || planted.value.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let mut mentioned = Exchange::new();
        mentioned.body = serde_json::json!({ "note": format!("it says {} there", planted.value) }).to_string().into();
        recording.service.send(&mentioned);
        let mut named = Exchange::new();
        assert!(Place::Json.put(&planted, Side::Request, &mut named));
        recording.service.send(&named);
        recording.planted.push(planted);
    }
    recording.running.signal(nix::sys::signal::Signal::SIGKILL);
    recording.harness.write("done", "0");
    let Recording { harness, running, planted, .. } = recording;
    let ran = running.end();
    assert!(ran.status.code().is_none() && harness.exists("t.json.journal"), "{:?}", ran.status);
    let journal = harness.read("t.json.journal");
    assert!(
        journal.matches("it says ").count() >= planted.len(),
        "{} of {}",
        journal.matches("it says ").count(),
        planted.len()
    );
    was_not_found(&hunt(&harness, &[&ran.stdout, &ran.stderr], &planted), &planted);
    let next = harness.around(&["record", "--cassette", "t.json", "--upstream", "embedded"], "exit 0");
    assert!(harness.exists("t.json.new"), "{next}");
    was_not_found(&hunt(&harness, &[&next.stdout, &next.stderr], &planted), &planted);
}

#[test]
fn nothing_of_what_was_planted_is_pending() {
    let mut recording = Recording::start(Harness::new(), &[], None);
    for kind in KINDS.iter().filter(|kind| kind.rule != "named-value") {
        recording.plant(kind, Place::Json);
    }
    let (harness, ran, planted) = recording.end("1");
    assert!(harness.exists("t.json.new"), "{ran}");
    let found = hunt(&harness, &[&ran.stdout, &ran.stderr], &planted);
    nothing_was_found(&found, &planted);
}

/// A rule that the project switched off is not switched on by a crash.
#[test]
fn what_is_recovered_keeps_to_the_rules_of_the_project() {
    let harness = Harness::new();
    harness.write("armtape.toml", "[redact]\noff = [\"email\"]\n");
    let mut recording = Recording::start(harness, &[], None);
    for kind in KINDS.iter().filter(|kind| ["email", "jwt"].contains(&kind.rule)) {
        recording.plant(kind, Place::Json);
    }
    recording.running.signal(nix::sys::signal::Signal::SIGKILL);
    recording.harness.write("done", "0");
    let Recording { harness, running, planted, .. } = recording;
    running.end();
    let next = harness.around(&["record", "--cassette", "t.json", "--upstream", "embedded"], "exit 0");
    let pending = harness.read("t.json.new");
    for planted in planted {
        assert_eq!(pending.contains(&planted.value), planted.kind.rule == "email", "{}: {next}", planted.value);
    }
}

/// The proof that the hunt finds something: without a rule, what it alone finds is on the tape.
#[test]
fn a_rule_that_is_switched_off_is_missed() {
    let mut rules: BTreeSet<_> = KINDS.iter().map(|kind| kind.rule).collect();
    // They cannot be switched off.
    rules.retain(|rule| !["named-value", "gate"].contains(rule));
    for rule in rules {
        let harness = Harness::new();
        harness.write("armtape.toml", format!("[redact]\noff = [\"{rule}\"]\n"));
        let mut recording = Recording::start(harness, &[], None);
        for kind in KINDS.iter().filter(|kind| kind.rule == rule) {
            recording.plant(kind, Place::Query);
            recording.plant(kind, Place::Json);
        }
        let (harness, ran, planted) = recording.end("0");
        let found = hunt(&harness, &[&ran.stdout, &ran.stderr], &planted);
        assert!(!found.is_empty(), "without {rule}, nothing of {} was found: {ran}", planted.len());
    }
    // Every rule that can be switched off has a kind, but for that of the headers: those are not kept
    // in a recording of armtape's own, whatever the rules say.
    let known: BTreeSet<_> = armtape::redact::rules().iter().map(|rule| rule.id).collect();
    let planted: BTreeSet<_> = KINDS.iter().map(|kind| kind.rule).chain(["stand-in", "header-credential"]).collect();
    assert_eq!(known, planted);
}
