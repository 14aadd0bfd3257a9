//! Each rule with a client that breaks it, and with everything that it must let pass.

mod answers;
mod before;
mod clients;
mod completion;
mod each;
#[cfg(feature = "profile")]
mod generated;
mod mode;
mod own;
mod pacing;
mod polling;
mod scripts;
mod table;
mod taped;

use std::time::Duration;

use super::*;
use crate::{
    cassette::{Auth, Body, Cassette, Completion, Headers, Interaction, Request, Response, Times},
    simulate::scenario::{self, Draw, Seen, Target},
};

const HOST: &str = "https://management.azure.com";
const ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Widgets/widgets/w";
const R: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Widgets/widgets/w?api-version=2024-01-01";
const OP: &str = "/subscriptions/s/providers/Microsoft.Widgets/operationStatuses/5b1e?api-version=2024-01-01&t=1";
const LOC: &str = "/subscriptions/s/providers/Microsoft.Widgets/operationResults/77aa?api-version=2024-01-01&t=1";
const BODY: &str = r#"{"properties":{"size":1}}"#;

/// A conversation in the making. Each request comes a second after the answer before it, unless
/// told otherwise.
#[derive(Clone)]
struct Tape {
    cassette: Cassette,
    now: u64,
    outcome: Option<Outcome>,
    knobs: Knobs,
    /// The scenario that was played, and which of its targets were asked.
    scenario: Option<&'static str>,
    reached: Vec<Option<Target>>,
    /// The tokens that were sent, where they are told apart.
    tokens: Vec<usize>,
}

impl Tape {
    fn new() -> Self {
        let cassette = Cassette { recorded: Some("2026-02-03T10:00:00Z".to_owned()), ..Cassette::default() };
        Self {
            cassette,
            now: 0,
            outcome: None,
            knobs: Knobs::default(),
            scenario: None,
            reached: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// So many milliseconds more before the next request; a second passes anyhow.
    fn after(mut self, milliseconds: u64) -> Self {
        self.now = (self.now + milliseconds).saturating_sub(1000);
        self
    }

    /// A request that is answered. `answer` is a status and words: `+AAO`, `+LOC`, `+OPL`,
    /// `Header:value`; then, behind a blank line, the body.
    fn ask(mut self, method: &str, target: &str, answer: &str) -> Self {
        self.now += 1000;
        let (head, body) = answer.split_once('\n').unwrap_or((answer, ""));
        let mut words = head.split(' ').filter(|word| !word.is_empty());
        let status = words.next().unwrap();
        let mut completion = Completion::Whole;
        let mut headers = Headers::new();
        if !body.is_empty() {
            headers.append("content-type", "application/json");
        }
        for word in words {
            match word {
                "+AAO" => headers.append("azure-asyncoperation", format!("{HOST}{OP}")),
                "+LOC" => headers.append("location", format!("{HOST}{LOC}")),
                "+OPL" => headers.append("operation-location", format!("{HOST}{OP}")),
                "cut" => completion = Completion::Cut(3),
                "-type" => drop(headers.remove("content-type")),
                word => {
                    let (name, value) = word.split_once(':').unwrap();
                    let value = if name == "Retry-After" { value.replace('_', " ") } else { value.to_owned() };
                    headers.append(name, value);
                }
            }
        }
        let response = match status {
            "reset" => {
                completion = Completion::Reset;
                None
            }
            "silent" => {
                completion = Completion::Silent;
                None
            }
            status => Some(Response {
                status: status.parse().unwrap(),
                headers,
                body: Body::from_bytes(body.to_owned().into()),
            }),
        };
        let writes = matches!(method, "PUT" | "PATCH" | "POST");
        let mut headers = Headers::new();
        if writes {
            headers.append("content-type", "application/json");
        }
        let (scheme, rest) = target.split_once("://").unwrap_or(("https", target));
        let at = rest.find('/').unwrap();
        let authority = if at == 0 { "management.azure.com" } else { &rest[..at] };
        let times = Times { request: self.now, answer: self.now, end: self.now };
        self.cassette.interactions.push(Interaction {
            request: Request {
                method: method.to_owned(),
                target: rest[at..].to_owned(),
                scheme: Some(scheme.to_owned()),
                authority: Some(authority.to_owned()),
                version: Some("HTTP/1.1".to_owned()),
                auth: Some(Auth { kind: "bearer".to_owned(), stand_in: None }),
                headers,
                body: Body::from_bytes(if writes { BODY } else { "" }.into()),
            },
            response,
            completion,
            connection: Some(1),
            times: Some(times),
            provenance: None,
            notes: Vec::new(),
        });
        self
    }

    fn put(self, answer: &str) -> Self {
        self.ask("PUT", R, answer)
    }

    fn get(self, target: &str, answer: &str) -> Self {
        self.ask("GET", target, answer)
    }

    /// A poll of the status URL that shows a state.
    fn op(self, state: &str) -> Self {
        self.get(OP, &format!("200\n{{\"status\":\"{state}\"}}"))
    }

    /// A read of the resource that shows a state.
    fn res(self, state: &str) -> Self {
        self.get(R, &resource(200, state))
    }

    fn change(mut self, change: impl FnOnce(&mut Interaction)) -> Self {
        change(self.cassette.interactions.last_mut().unwrap());
        self
    }

    fn knobs(mut self, change: impl FnOnce(&mut Knobs)) -> Self {
        change(&mut self.knobs);
        self
    }

    /// A run of that scenario.
    fn of(mut self, scenario: &'static str) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// The last request reached a target of the scenario.
    fn at(mut self, target: Target) -> Self {
        self.reached.resize(self.cassette.interactions.len(), None);
        *self.reached.last_mut().unwrap() = Some(target);
        self
    }

    fn success(self) -> Self {
        self.outcome(true, Ending::Itself, "")
    }

    fn failure(self, output: &str) -> Self {
        self.outcome(false, Ending::Itself, output)
    }

    fn stopped(self) -> Self {
        self.outcome(false, Ending::Stopped, "")
    }

    fn outcome(mut self, succeeded: bool, ending: Ending, output: &str) -> Self {
        self.outcome = Some(Outcome::read(succeeded, ending, output, ""));
        self
    }

    fn judge(&self) -> Judgement {
        let mut conversation = Conversation::new(&self.cassette).with_knobs(self.knobs.clone());
        if let Some(outcome) = &self.outcome {
            conversation = conversation.with_outcome(outcome);
        }
        let Some(name) = self.scenario else { return each::bent(judge(&conversation)) };
        let draw = Draw::new(1);
        let mut seen: Vec<Option<Seen>> = self.reached.iter().map(|target| target.map(reached)).collect();
        seen.resize(self.cassette.interactions.len(), None);
        for (seen, token) in seen.iter_mut().zip(&self.tokens) {
            seen.get_or_insert_with(|| reached(Target::Other)).token = Some(*token);
        }
        let scenario = scenario::all().iter().find(|scenario| scenario.name() == name).unwrap();
        let known = Known { scenario, draw: &draw, seen: &seen };
        each::bent(judge(&conversation.with_known(known)))
    }

    /// What is found: `!` for a violation, `?` for a warning, then the rule without `LRO-C-`.
    fn found(&self) -> String {
        let judgement = self.judge();
        let words = judgement.findings.iter().map(|finding| {
            let mark = if finding.severity == Severity::Violation { '!' } else { '?' };
            format!("{mark}{}", finding.rule.trim_start_matches("LRO-C-"))
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

fn reached(target: Target) -> Seen {
    Seen {
        target,
        instance: None,
        subject: None,
        fidelity: scenario::Fidelity::Own,
        token: None,
        accepted: false,
        repeated: false,
        told: None,
        state: None,
    }
}

/// An answer with a resource in that state.
fn resource(status: u16, state: &str) -> String {
    format!("{status}\n{{\"id\":\"{ID}\",\"properties\":{{\"provisioningState\":\"{state}\"}}}}")
}

/// An answer with words and a resource in that state.
fn answer(head: &str, state: &str) -> String {
    format!("{head}\n{{\"id\":\"{ID}\",\"properties\":{{\"provisioningState\":\"{state}\"}}}}")
}

/// A create with a status URL, accepted.
fn created() -> Tape {
    Tape::new().put(&answer("201 +AAO", "Creating"))
}

/// A write that was accepted with `Location` alone.
fn accepted(method: &str) -> Tape {
    Tape::new().ask(method, R, "202 +LOC")
}

#[test]
fn a_correct_client_breaks_nothing() {
    let client = created().op("InProgress").op("Succeeded").res("Succeeded").success();
    assert_eq!(client.found(), "");
    let judgement = client.judge();
    assert!(judgement.judged > 40, "{judgement:?}");
    let lacks: Vec<&str> = judgement.not_judged.iter().map(|(rule, _)| *rule).collect();
    assert!(lacks.contains(&"LRO-C-28") && lacks.contains(&"BODY-01"), "{lacks:?}");
}

#[test]
fn without_an_outcome_the_rules_that_need_one_are_not_judged() {
    let judgement = created().op("InProgress").judge();
    let lacks = |rule: &str| judgement.not_judged.iter().any(|(lacking, _)| *lacking == rule);
    assert!(["LRO-C-09", "LRO-C-12", "LRO-C-36", "LRO-C-50"].into_iter().all(lacks));
    assert!(!lacks("LRO-C-08") && judgement.findings.is_empty());
}
