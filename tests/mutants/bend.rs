//! How the reference client is bent: around its state machine stands another that changes what it
//! hears and what it does. The reference client itself knows nothing of it.

use std::{cell::RefCell, rc::Rc, time::Duration};

use armtape::client::{Answer, Event, Machine, Operation, Outcome, OutcomeKind, Step, TokenUse, Write};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use serde_json::Value;

/// Who has sent more requests, or more writes, is not going to end.
const MOST_REQUESTS: usize = 200;
const MOST_WRITES: usize = 12;

/// Later than any run takes.
pub(crate) const NEVER: Duration = Duration::from_secs(400 * 24 * 3600);

/// One faulty client.
pub(crate) struct Bent {
    /// The fault, of `judge::faults()`.
    pub(crate) id: &'static str,
    /// Whether the client forgets the limit that it was given.
    pub(crate) forgets_limit: bool,
    /// What becomes of what the client hears: an event for the state machine, or a step past it.
    pub(crate) hears: fn(&mut Memory, Event, Duration) -> Result<Event, Step>,
    /// What becomes of what the state machine wants to do.
    pub(crate) does: fn(&mut Memory, Step, Duration) -> Step,
    /// What a bent client says to an interruption.
    pub(crate) is_deaf: bool,
}

/// What a bent client remembers.
pub(crate) struct Memory {
    /// The write, as the caller has it.
    pub(crate) write: Write,
    /// Requests so far, in order.
    pub(crate) asked: Vec<Request<Bytes>>,
    /// Whole answers so far, in order.
    pub(crate) heard: Vec<Answer>,
    /// The newest status URL and the newest `Location` that an answer brought.
    pub(crate) monitor: Option<String>,
    pub(crate) location: Option<String>,
    /// The outcome, while something is still sent.
    pub(crate) held: Option<Outcome>,
    /// An event, while something is sent in between.
    pub(crate) kept: Option<Event>,
    /// What it keeps for all its operations together.
    pub(crate) shared: Rc<RefCell<Shared>>,
    /// How often a bend did what it does.
    pub(crate) times: u32,
}

/// What a bent client keeps for all its operations together.
#[derive(Default)]
pub(crate) struct Shared {
    /// The one polling URL.
    pub(crate) monitor: Option<Uri>,
    /// The state that the resource had when it was last written.
    pub(crate) state: Option<String>,
    /// How an operation ended that could not be found out.
    pub(crate) error: Option<Outcome>,
}

pub(crate) struct Mutant {
    operation: Operation,
    bent: &'static Bent,
    memory: Memory,
}

impl Mutant {
    pub(crate) fn new(operation: Operation, bent: &'static Bent, write: &Write, shared: Rc<RefCell<Shared>>) -> Self {
        let memory = Memory {
            write: write.clone(),
            asked: Vec::new(),
            heard: Vec::new(),
            monitor: None,
            location: None,
            held: None,
            kept: None,
            shared,
            times: 0,
        };
        Self { operation, bent, memory }
    }
}

impl Machine for Mutant {
    fn next(&mut self, event: Event, now: Duration) -> Step {
        if let Event::Answer(answer) = &event {
            let newest = |name: &str| link(&answer.headers, name);
            self.memory.monitor =
                newest("azure-asyncoperation").or(newest("operation-location")).or(self.memory.monitor.take());
            self.memory.location = newest("location").or(self.memory.location.take());
            self.memory.heard.push(answer.clone());
        }
        if let Some(outcome) = self.memory.held.take() {
            return Step::Done(outcome);
        }
        let event = self.memory.kept.take().unwrap_or(event);
        let step = match (self.bent.hears)(&mut self.memory, event, now) {
            Ok(event) => self.operation.next(event, now),
            Err(step) => step,
        };
        let mut step = (self.bent.does)(&mut self.memory, step, now);
        if let Step::Send { not_before, .. } = &mut step
            && self.memory.is_endless()
        {
            // It will not end by itself: the run stops it.
            *not_before = NEVER;
        }
        if let Step::Send { request, .. } = &step {
            self.memory.asked.push(request.clone());
        }
        step
    }

    fn interrupted(&mut self) -> Option<Outcome> {
        if self.bent.is_deaf { None } else { Some(self.operation.interrupted()) }
    }
}

impl Memory {
    fn is_endless(&self) -> bool {
        let writes = self.asked.iter().filter(|request| request.method() != Method::GET).count();
        self.asked.len() >= MOST_REQUESTS || writes >= MOST_WRITES
    }

    /// Whether the last request was the write.
    pub(crate) fn wrote(&self) -> bool {
        self.asked.last().is_some_and(|request| request.method() == self.write.method)
    }

    /// Whether the last request asked a URL that the service handed out.
    pub(crate) fn polled(&self) -> bool {
        !self.wrote() && self.asked.last().is_some_and(|request| !self.is_resource(request.uri()))
    }

    pub(crate) fn polled_monitor(&self) -> bool {
        self.polled() && self.monitor.is_some()
    }

    pub(crate) fn polled_location(&self) -> bool {
        self.polled() && self.monitor.is_none()
    }

    pub(crate) fn is_resource(&self, uri: &Uri) -> bool {
        uri.path().eq_ignore_ascii_case(self.resource().path())
    }

    pub(crate) fn resource(&self) -> Uri {
        self.write.url.parse().unwrap()
    }

    /// The write once more.
    pub(crate) fn write_again(&self) -> Request<Bytes> {
        let first = self.asked.iter().find(|request| request.method() == self.write.method);
        first.cloned().unwrap_or_else(|| {
            let mut request = Request::new(self.write.body.clone());
            *request.method_mut() = self.write.method.clone();
            *request.uri_mut() = self.resource();
            request
        })
    }

    /// Whether the last answer of a status document said `Succeeded`, so that the result is read.
    pub(crate) fn reads_result(&self) -> bool {
        self.heard
            .iter()
            .rev()
            .any(|answer| status_word(answer).is_some_and(|word| word.eq_ignore_ascii_case("succeeded")))
            && self
                .asked
                .last()
                .is_some_and(|request| request.method() == Method::GET && self.is_resource(request.uri()))
    }
}

pub(crate) fn unbent(_: &mut Memory, event: Event, _: Duration) -> Result<Event, Step> {
    Ok(event)
}

pub(crate) fn straight(_: &mut Memory, step: Step, _: Duration) -> Step {
    step
}

pub(crate) fn get(uri: Uri) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri;
    request
}

pub(crate) fn send(request: Request<Bytes>, not_before: Duration) -> Step {
    Step::Send { request, token: TokenUse::Token, not_before }
}

pub(crate) fn done(kind: OutcomeKind, message: &str) -> Step {
    Step::Done(Outcome { kind, code: None, message: message.to_owned(), resource: None })
}

/// What the run takes for a crash.
pub(crate) const CRASH: &str = "(crash)";

pub(crate) fn crash() -> Step {
    done(OutcomeKind::Unknown, CRASH)
}

/// Success with the body of an answer.
pub(crate) fn success(answer: &Answer) -> Step {
    Step::Done(Outcome { kind: OutcomeKind::Succeeded, code: None, message: String::new(), resource: json(answer) })
}

pub(crate) fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

pub(crate) fn link(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

pub(crate) const LINKS: [&str; 3] = ["azure-asyncoperation", "operation-location", "location"];

pub(crate) fn has_link(answer: &Answer) -> bool {
    LINKS.iter().any(|name| answer.headers.contains_key(*name))
}

pub(crate) fn status_word(answer: &Answer) -> Option<String> {
    Some(json(answer)?.get("status")?.as_str()?.to_owned())
}

pub(crate) fn resource_word(answer: &Answer) -> Option<String> {
    Some(json(answer)?.pointer("/properties/provisioningState")?.as_str()?.to_owned())
}

/// Any word on the state that the answer has.
pub(crate) fn word(answer: &Answer) -> Option<String> {
    status_word(answer).or_else(|| resource_word(answer))
}

pub(crate) fn is_word(answer: &Answer, words: &[&str]) -> bool {
    word(answer).is_some_and(|word| words.iter().any(|other| word.eq_ignore_ascii_case(other)))
}

/// The answer with another word on the state.
pub(crate) fn saying(answer: &Answer, word: &str) -> Event {
    let mut body = json(answer).unwrap_or_default();
    if let Some(status) = body.get_mut("status") {
        *status = word.into();
    } else if let Some(state) = body.pointer_mut("/properties/provisioningState") {
        *state = word.into();
    }
    Event::Answer(Answer { body: body.to_string().into(), ..answer.clone() })
}

/// The answer without some headers.
pub(crate) fn without(answer: &Answer, names: &[&str]) -> Event {
    let mut answer = answer.clone();
    for name in names {
        answer.headers.remove(*name);
    }
    Event::Answer(answer)
}

pub(crate) fn is_failing(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}
