//! Services that were recorded once: the operations of a tape as scripts, and what varies them.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    generated,
    scenario::{
        Answer, FinalState, Form, FromTape, Insists, Kind, Operation, RetryAfter, Scenario, Subject, Target, Truth,
    },
};
use crate::{
    arm::{self, POLLING_HEADERS, Polled, operations},
    cassette::{Cassette, Interaction, Request},
};

#[cfg(feature = "profile")]
mod bodies;
mod look_ups;
mod urls;
mod vary;
mod words;

#[cfg(test)]
mod tests;

pub use look_ups::LookUps;
use urls::Urls;
use words::{Words, askable};

/// A resource that was written on a tape, and the services to play for it, the recorded one first.
#[derive(Clone, Debug)]
pub struct Taped {
    /// What was written.
    pub subject: Subject,
    /// `FROM-1`, with a variant for each change.
    pub scenarios: Vec<Scenario>,
}

/// A write on a tape that no service can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The write, by its place on the tape.
    pub interaction: usize,
    /// Method and the end of the path.
    pub asked: String,
    /// What is missing.
    pub reason: Missing,
}

/// Why no service can be made of a recorded operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is about no resource of ARM.
    Resource,
    /// The write has no answer on the tape.
    Answer,
    /// Nobody can ask the URL that the service handed out: a header as it is on the tape.
    Url(String),
    /// The tape ends before the operation does.
    End,
}

impl Missing {
    /// What can be done about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Resource => "operations on `/subscriptions/…/providers/…` are played",
            Self::Answer => "record it again, until the write is answered",
            Self::Url(_) => "record it again without replacing URLs; `armtape record` keeps their form",
            Self::End => "record it again, until the client has seen the end",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource => f.write_str("its path is no resource id of ARM"),
            Self::Answer => f.write_str("its write was not answered"),
            Self::Url(header) => write!(f, "what stands for its polling URL is no URL (`{header}`)"),
            Self::End => f.write_str("the tape ends while it runs"),
        }
    }
}

/// The services that are made of a tape: of every operation whose write was accepted.
#[derive(Clone, Debug, Default)]
pub struct Tapes {
    /// What is played.
    pub played: Vec<Taped>,
    /// What cannot be.
    pub left_out: Vec<LeftOut>,
}

/// Makes services of a tape. `seed` draws other bodies, where a profile is written.
#[must_use]
pub fn taped(cassette: &Cassette, seed: u64) -> Tapes {
    let interactions = &cassette.interactions;
    let (mut tapes, mut number) = (Tapes::default(), 0);
    for operation in operations(interactions) {
        let Some(at) = operation.write else { continue };
        let write = &interactions[at];
        let Some(task) = task(&write.request.method) else { continue };
        match Recorded::of(&operation, interactions, write, task, number + 1) {
            Ok(recorded) => {
                number += 1;
                tapes.played.push(Taped { subject: recorded.subject.clone(), scenarios: recorded.scenarios() });
                #[cfg(feature = "profile")]
                tapes.played.extend(bodies::others(&recorded, seed));
                #[cfg(not(feature = "profile"))]
                let _ = seed;
            }
            Err(reason) => {
                tapes.left_out.push(LeftOut { interaction: at, asked: title(&write.request), reason });
            }
        }
    }
    tapes
}

fn task(method: &str) -> Option<Operation> {
    match method {
        "PUT" => Some(Operation::Put),
        "PATCH" => Some(Operation::Patch),
        "DELETE" => Some(Operation::Delete),
        "POST" => Some(Operation::Post),
        _ => None,
    }
}

/// Method and the end of the path.
fn title(request: &Request) -> String {
    let target = arm::Target::parse(&request.target);
    let end: Vec<&str> = target.path().rsplit('/').take(2).collect();
    format!("{} {}", request.method, end.into_iter().rev().collect::<Vec<_>>().join("/"))
}

/// An operation as a script.
#[derive(Clone, Debug)]
struct Recorded {
    subject: Subject,
    scenario: Scenario,
    /// What the script of the operation is of.
    lead: Target,
    /// How many of its answers say that it runs; the next one is the end.
    running: usize,
}

impl Recorded {
    fn of(
        operation: &arm::Operation,
        interactions: &[Interaction],
        write: &Interaction,
        task: Operation,
        number: usize,
    ) -> Result<Self, Missing> {
        let target = arm::Target::parse(&write.request.target);
        if arm::ResourceId::split(target.path()).is_none() {
            return Err(Missing::Resource);
        }
        let body: Value =
            write.request.body.bytes().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
        let subject = Subject {
            id: askable(target.path().trim_end_matches('/')),
            api_version: target.query_value("api-version").unwrap_or_default().to_owned(),
            body,
        };
        let words = Words::of(operation, interactions, target.path());
        let (mut urls, mut bodies) = (Urls::default(), BTreeMap::new());
        let mut taken = |interaction: &Interaction, is_write: bool| {
            let links = urls.handed_out(interaction, is_write, &words);
            Some(Answer { links, ..answer(interaction, &mut bodies, &words)? })
        };
        let written = taken(write, true).ok_or(Missing::Answer)?;
        let lead = match operation.target {
            Polled::AsyncOperation => Target::Monitor,
            Polled::OperationLocation => Target::OperationLocation,
            Polled::Location => Target::Result,
            Polled::Resource | Polled::Nothing => Target::Resource,
        };
        let running = operation.running_polls();
        let polls = running.iter().copied().chain(operation.terminal_poll());
        let polls: Vec<Answer> = polls.filter_map(|poll| taken(&interactions[poll], false)).collect();
        let read = operation.final_read.and_then(|read| answer(&interactions[read], &mut bodies, &words));
        if written.links.is_empty() && polls.is_empty() && !urls.unusable.is_empty() {
            return Err(Missing::Url(urls.unusable.swap_remove(0)));
        }
        let running = running.len().min(polls.len().saturating_sub(1));
        let mut answers = BTreeMap::from([(Target::Write, vec![written])]);
        if !polls.is_empty() {
            answers.insert(lead, polls);
        }
        if let Some(read) = read.filter(|_| lead != Target::Resource) {
            answers.insert(Target::Resource, vec![read]);
        }
        let signed = |answer: &Answer| answer.links.iter().any(|link| link.form == Form::Signed);
        let scenario = Scenario {
            id: format!("FROM-{number}"),
            variant: String::new(),
            title: title(&write.request),
            kind: Kind::Normal,
            operation: task,
            // What is signed is verified.
            insists: if answers.values().flatten().any(signed) { Insists::Exact } else { Insists::Nothing },
            answers,
            bodies,
            independent: Vec::new(),
            exists: None,
            trusts_second: false,
            condition: None,
            timeout: None,
            abort_after: 2,
            final_state: FinalState::Default,
            tape: FromTape { urls: urls.templates, sent: Some(subject.body.clone()).filter(Value::is_object) },
            truth: Truth::default(),
        };
        let recorded = Self { subject, scenario, lead, running };
        let runs_on = recorded.is_polled() && operation.end.is_none();
        // Of what nobody can know the end nothing is to be learnt.
        if runs_on || generated::truth(&recorded.scenario).right.is_empty() { Err(Missing::End) } else { Ok(recorded) }
    }

    /// Whether the operation ran after its write was answered.
    fn is_polled(&self) -> bool {
        self.scenario.answers.contains_key(&self.lead)
    }

    fn scenarios(&self) -> Vec<Scenario> {
        let own = std::iter::once(("recorded".to_owned(), "as recorded".to_owned(), self.clone()));
        own.chain(vary::variants(self))
            .filter_map(|(variant, words, recorded)| recorded.scenario.named(variant, &words))
            .collect()
    }
}

impl Scenario {
    /// The scenario with a variant's name and its truth; `None` where nobody can know that.
    fn named(mut self, variant: String, words: &str) -> Option<Self> {
        self.title = format!("{}: {words}", self.title);
        self.variant = variant;
        self.truth = generated::truth(&self);
        (!self.truth.right.is_empty()).then_some(self)
    }
}

/// A recorded answer in the notation of scripts, without its URLs.
fn answer(interaction: &Interaction, bodies: &mut BTreeMap<String, String>, words: &Words) -> Option<Answer> {
    let response = interaction.response.as_ref()?;
    let mut answer = Answer { status: Some(response.status), ..Answer::default() };
    answer.retry_after = response
        .headers
        .get_all("retry-after")
        .iter()
        .map(|value| value.parse().map_or_else(|_| RetryAfter::Text(value.clone()), RetryAfter::Seconds))
        .collect();
    let kept = |name: &str| !POLLING_HEADERS.contains(&name) && !is_made(name);
    for (name, values) in response.headers.iter().filter(|(name, _)| kept(name)) {
        answer.headers.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
    }
    let body = response.body.bytes().unwrap_or_default();
    if !body.is_empty() {
        let name = format!("recorded-{}", bodies.len() + 1);
        bodies.insert(name.clone(), marked(&words.template(&String::from_utf8_lossy(&body))));
        answer.body = Some(name);
    }
    Some(answer)
}

/// Headers that the service makes anew for each answer, or the connection.
fn is_made(name: &str) -> bool {
    let ids = ["request-id", "correlation", "routing-request", "ratelimit", "ms-client-request"];
    let wire = [
        "date",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "content-length",
        "content-encoding",
        "retry-after",
        "trailer",
        "vary",
    ];
    wire.contains(&name) || ids.iter().any(|id| name.contains(id))
}

/// The body with a place for what only the resource has that the operation made.
fn marked(text: &str) -> String {
    #[derive(Deserialize)]
    struct Resource<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
    }
    let Ok(Resource { id: Some(_), properties: Some(properties) }) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    let inside = properties.get();
    let Some(rest) = inside.strip_prefix('{') else { return text.to_owned() };
    // A borrowed value is a piece of the text.
    let at = inside.as_ptr() as usize - text.as_ptr() as usize + 1;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    format!("{}\"revision\":\"${{proof}}\"{comma}{}", &text[..at], &text[at..])
}
