//! The reference client against a scenario, in virtual time: no socket, no clock, no wait. Forty
//! minutes of polling take microseconds.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Request, Uri,
    header::{AUTHORIZATION, HeaderValue},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Fault, Scenario,
    links::{PRIVATE, Place, Places},
    model::{FinalState, Operation as Task, Target},
    play::{Case, Play, Reply, Seen},
};
use crate::{
    cassette::{Auth, Body, Cassette, Completion, Headers, Interaction, Times},
    client::{Answer, Event, Machine, Operation, Outcome, ResultAt, Settings, Step, TokenUse, Write},
};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Every exchange. Times count from the start of the run.
    pub trace: Cassette,
    /// What each exchange meant, in the same order; `None` for one with a host that isn't the
    /// case's.
    pub seen: Vec<Option<Seen>>,
    /// How each operation ended, by the client's word: one for each resource, two for a `rerun`.
    /// `None` where the client was still at it when its time was up.
    pub outcomes: Vec<Option<Outcome>>,
    /// When the client was done.
    pub took: Duration,
    /// When the user interrupted it, whether it heard that or not.
    pub interrupted: Option<Duration>,
    /// How many exchanges there were when the client was run once more (`rerun`).
    pub again: Option<usize>,
}

/// How long a client waits for an answer before it takes the connection for dead.
const PATIENCE: Duration = Duration::from_secs(90);

/// A run that takes longer, or sends more, will not end by itself.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
const MOST_REQUESTS: usize = 2_000;

/// The beginning of virtual time: dates need one.
const START: Timestamp = Timestamp::constant(1_770_112_800, 0);

/// What the caller of the reference client would decide for a scenario.
#[must_use]
pub fn settings(case: &Case, interval: Duration) -> Settings {
    let Scenario { trusts_second, final_state, .. } = &case.scenario;
    Settings {
        default_interval: interval,
        timeout: case.timeout(),
        trusted_hosts: if *trusts_second { vec![Places::host(&case.places.second).to_owned()] } else { Vec::new() },
        result: match final_state {
            FinalState::Default => ResultAt::ByMethod,
            FinalState::Location => ResultAt::Location,
            FinalState::Status => ResultAt::Status,
        },
        renews_token: true,
        started: Some(START),
    }
}

/// Runs the reference client through a case.
#[must_use]
pub fn run_virtually(case: Case, settings: &Settings) -> Ran {
    run_bent(case, settings, &|operation, _| Box::new(operation))
}

/// Makes the client of a run out of the reference client and what it is to write.
pub type Bend<'b> = &'b dyn Fn(Operation, &Write) -> Box<dyn Machine>;

/// As [`run_virtually`], with a client of another kind.
#[must_use]
pub fn run_bent(case: Case, settings: &Settings, bend: Bend<'_>) -> Ran {
    let abort_after = (case.scenario.operation == Task::Abort).then_some(case.scenario.abort_after);
    let runs = if case.scenario.operation == Task::Rerun { 2 } else { 1 };
    let mut run = Run { play: Play::new(case), trace: Cassette::default(), seen: Vec::new() };
    run.trace.recorded = Some(START.to_string());
    let (mut outcomes, mut now, mut interrupted, mut again) = (Vec::new(), Duration::ZERO, None, None);
    for number in 0..runs {
        again = (number > 0).then_some(run.seen.len());
        let mut clients: Vec<Client> = (0..run.play.case().subjects.len())
            .map(|subject| Client::start(&run.play, subject, settings, now, abort_after, bend))
            .collect();
        while let Some(client) = Client::soonest(&mut clients) {
            if run.seen.len() >= MOST_REQUESTS || client.due() > LONGEST {
                break;
            }
            client.go(&mut run);
        }
        now = clients.iter().map(|client| client.now).max().unwrap_or_default();
        interrupted = interrupted.or(clients.iter().find_map(|client| client.interrupted));
        outcomes.extend(clients.into_iter().map(|client| client.outcome));
    }
    Ran { trace: run.trace, seen: run.seen, outcomes, took: now, interrupted, again }
}

impl Case {
    /// When the client is told to give up.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.scenario.timeout.map(|seconds| Duration::from_secs(self.pace.seconds(seconds).into()))
    }
}

/// The service and what it saw.
struct Run {
    play: Play,
    trace: Cassette,
    seen: Vec<Option<Seen>>,
}

/// One operation of the client.
struct Client {
    operation: Box<dyn Machine>,
    /// When it began: its own clock counts from there.
    began: Duration,
    now: Duration,
    next: Option<(Request<Bytes>, TokenUse, Duration)>,
    deadline: Option<Duration>,
    token: usize,
    /// Polls that may still be answered before the user interrupts.
    until_abort: Option<u32>,
    interrupted: Option<Duration>,
    outcome: Option<Outcome>,
}

impl Client {
    fn start(
        play: &Play,
        subject: usize,
        settings: &Settings,
        now: Duration,
        until_abort: Option<u32>,
        bend: Bend<'_>,
    ) -> Self {
        let case = play.case();
        let resource = &case.subjects[subject];
        let has_body = !matches!(case.scenario.operation, Task::Delete | Task::Post) && !resource.body.is_null();
        let write = Write {
            method: case.scenario.operation.method(),
            url: format!("{}{}?api-version={}", case.places.own, resource.id, resource.api_version),
            body: if has_body { resource.body.to_string().into() } else { Bytes::new() },
            headers: case.scenario.condition_headers(),
        };
        let operation = match play.polling_url().filter(|_| case.scenario.operation == Task::Resume) {
            Some(url) => Operation::resume(write.clone(), url, settings.clone()),
            None if case.scenario.operation == Task::Update => Operation::update(write.clone(), settings.clone()),
            None => Operation::new(write.clone(), settings.clone()),
        };
        let operation = operation.unwrap_or_else(|error| panic!("the places of a case are URLs: {error}"));
        let mut client = Self {
            operation: bend(operation, &write),
            began: now,
            now,
            next: None,
            deadline: settings.timeout.map(|timeout| now + timeout),
            token: 1,
            until_abort,
            interrupted: None,
            outcome: None,
        };
        client.take(Event::Start);
        client
    }

    /// The one that sends next.
    fn soonest(clients: &mut [Self]) -> Option<&mut Self> {
        clients.iter_mut().filter(|client| client.next.is_some()).min_by_key(|client| client.due())
    }

    fn due(&self) -> Duration {
        self.next.as_ref().map_or(self.now, |(_, _, not_before)| self.now.max(self.began + *not_before))
    }

    fn take(&mut self, event: Event) {
        match self.operation.next(event, self.now - self.began) {
            Step::Send { request, token, not_before } => self.next = Some((request, token, not_before)),
            Step::Done(outcome) => self.outcome = Some(outcome),
        }
    }

    /// Sends what is due, and takes in what comes of it.
    fn go(&mut self, run: &mut Run) {
        self.now = self.due();
        let Some((mut request, token, _)) = self.next.take() else { return };
        if token == TokenUse::Renewed {
            self.token += 1;
        }
        if token != TokenUse::None
            && let Ok(value) = HeaderValue::try_from(format!("Bearer token-{}", self.token))
        {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let number = run.seen.len();
        // An id for each request, from its number: nothing here is by chance.
        if let Ok(id) = HeaderValue::try_from(format!("00000000-0000-4000-8000-{number:012x}")) {
            request.headers_mut().entry(HeaderName::from_static("x-ms-client-request-id")).or_insert(id);
        }
        let (event, took) = run.exchange(&request, self.now, self.deadline);
        self.now += took;
        let polled = matches!(event, Event::Answer(_)) && run.seen.last().is_some_and(is_poll);
        if let Some(left) = self.until_abort.as_mut().filter(|_| polled) {
            *left = left.saturating_sub(1);
        }
        if self.until_abort == Some(0) && self.interrupted.is_none() {
            self.interrupted = Some(self.now);
            self.outcome = self.operation.interrupted();
        }
        if self.outcome.is_none() {
            self.take(event);
        }
    }
}

fn is_poll(seen: &Option<Seen>) -> bool {
    seen.as_ref().is_some_and(|seen| !matches!(seen.target, Target::Write | Target::Other))
}

impl Run {
    /// One exchange: what comes of it, and how long it takes.
    fn exchange(&mut self, request: &Request<Bytes>, now: Duration, deadline: Option<Duration>) -> (Event, Duration) {
        let place = place(&self.play.case().places, request.uri());
        let instant = SignedDuration::try_from(now).ok().and_then(|now| START.checked_add(now).ok()).unwrap_or(START);
        let answered = place.map(|place| self.play.step(place, request, instant));
        let (reply, seen) = match answered {
            Some((reply, seen)) => (reply, Some(seen)),
            None => (Reply { response: None, delay: Duration::ZERO, fault: Some(Fault::Close) }, None),
        };
        let lasts = match reply.fault {
            Some(Fault::Silent | Fault::Stall) => PATIENCE,
            _ => reply.delay.min(PATIENCE),
        };
        let left = deadline.map_or(lasts, |deadline| deadline.saturating_sub(now));
        let took = lasts.min(left);
        let in_time = reply.delay <= took;
        let failed = |reason: &str| Event::Failed { reason: reason.to_owned(), permanent: false };
        let event = match (&reply.response, reply.fault) {
            (Some(response), None) if in_time => Event::Answer(Answer {
                status: response.status(),
                headers: response.headers().clone(),
                body: response.body().clone(),
            }),
            (_, Some(Fault::Silent | Fault::Stall)) | (Some(_), None) => failed("no answer in time"),
            _ => failed("the connection failed"),
        };
        let interaction = interaction(request, &reply, now, took, in_time);
        self.trace.interactions.push(interaction);
        self.seen.push(seen);
        (event, took)
    }
}

/// Where a URL leads in a case; `None` to nowhere.
fn place(places: &Places, uri: &Uri) -> Option<Place> {
    let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
    let origin = origin.strip_suffix(":443").unwrap_or(&origin);
    let is = |place: &str| origin.eq_ignore_ascii_case(place);
    if is(&places.own) {
        Some(Place::Own)
    } else if is(&places.second) {
        Some(Place::Second)
    } else if is(&places.plain) {
        Some(Place::Plain)
    } else {
        (uri.host() == Some(PRIVATE)).then_some(Place::Private)
    }
}

/// The exchange as the tape has it.
fn interaction(request: &Request<Bytes>, reply: &Reply, now: Duration, took: Duration, in_time: bool) -> Interaction {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let (uri, headers) = (request.uri(), request.headers());
    let response = reply.response.as_ref().filter(|_| in_time);
    let completion = match (response, reply.fault) {
        (Some(response), Some(fault)) => Completion::Cut(fault.sent(response).len() as u64),
        (Some(_), None) => Completion::Whole,
        (None, Some(Fault::Reset | Fault::Close)) => Completion::Reset,
        (None, _) => Completion::Silent,
    };
    let token = headers.contains_key(AUTHORIZATION).then(|| Auth { kind: "bearer".to_owned(), stand_in: None });
    Interaction {
        request: crate::cassette::Request {
            method: request.method().to_string(),
            target: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            scheme: uri.scheme_str().map(str::to_owned),
            authority: uri.authority().map(ToString::to_string),
            version: Some("HTTP/1.1".to_owned()),
            auth: token,
            headers: taped(headers),
            body: Body::from_bytes(request.body().clone()),
        },
        response: response.map(|response| crate::cassette::Response {
            status: response.status().as_u16(),
            headers: taped(response.headers()),
            body: Body::from_bytes(reply.fault.map_or_else(|| response.body().clone(), |fault| fault.sent(response))),
        }),
        completion,
        connection: Some(1),
        times: Some(Times {
            request: milliseconds(now),
            answer: milliseconds(now + reply.delay.min(took)),
            end: milliseconds(now + took),
        }),
        provenance: None,
        notes: Vec::new(),
    }
}

fn taped(headers: &HeaderMap) -> Headers {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let kept = headers.iter().filter(|(name, _)| **name != AUTHORIZATION);
    kept.map(|(name, value)| (name.as_str(), text(value))).collect()
}
