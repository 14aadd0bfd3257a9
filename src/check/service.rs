//! The scripted service behind a listener: it answers by the script, and writes down what was said.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{StatusCode, Version};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    cassette::{Cassette, Completion, Interaction, Times},
    proxy::{Answer, Authority, Handler, NoWayOut, Request, Route, collect, problem},
    redact::{self, Raw, RawExchange, RawResponse},
    simulate::{
        identity,
        scenario::{Place, Play, Seen},
    },
};

/// Largest request body that is read; ARM refuses more than 4 MB.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// The service of one case.
pub(super) struct Service {
    play: Mutex<Play>,
    began: Instant,
    recorded: Timestamp,
    trace: Mutex<Vec<Entry>>,
    looked_up: AtomicUsize,
}

/// A request on the trace, in the order of arrival; what becomes of it is filled in.
struct Entry {
    interaction: Interaction,
    seen: Option<Seen>,
    /// For a token or for the clouds: no part of the conversation.
    look_up: bool,
}

impl Service {
    pub(super) fn new(play: Play) -> Self {
        Self {
            play: Mutex::new(play),
            began: Instant::now(),
            recorded: Timestamp::now(),
            trace: Mutex::default(),
            looked_up: AtomicUsize::new(0),
        }
    }

    /// What was said so far, and what each request meant.
    pub(super) fn trace(&self) -> (Cassette, Vec<Option<Seen>>) {
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        let told = trace.iter().filter(|entry| !entry.look_up);
        let (interactions, seen) = told.map(|entry| (entry.interaction.clone(), entry.seen.clone())).unzip();
        (Cassette { recorded: Some(self.recorded.to_string()), interactions, ..Cassette::default() }, seen)
    }

    /// Whether nobody has asked for anything yet but tokens and clouds.
    pub(super) fn is_untouched(&self) -> bool {
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.iter().all(|entry| entry.look_up)
    }

    /// How many polls there were so far: for whoever is to be interrupted.
    pub(super) fn reads(&self) -> usize {
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.iter().filter(|entry| entry.interaction.request.method == "GET" && entry.seen.is_some()).count()
    }

    /// How many requests there were that every client makes beside its work.
    pub(super) fn looked_up(&self) -> usize {
        self.looked_up.load(Ordering::Relaxed)
    }

    /// The time on the clock of the trace.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }

    async fn answer(&self, place: Place, request: Request) -> Answer {
        let arrived = self.millis();
        let place = if place == Place::Own && request.scheme == "http" { self.place_of_plain() } else { place };
        let host = request.authority.as_ref().map(|authority| authority.text.clone());
        let authority =
            host.unwrap_or_else(|| request.endpoint.split_once("://").map_or("localhost", |(_, rest)| rest).to_owned());
        let slot = self.arrive(arrived, &authority, &request);
        let Request { method, target, scheme, headers, body, version, connection, .. } = request;
        let whole = collect(body, LARGEST_REQUEST).await;
        let Ok(body) = whole else { return Answer::Close };
        let mut asked = http::Request::new(body.clone());
        if let Ok(uri) = format!("{scheme}://{authority}{target}").parse() {
            *asked.uri_mut() = uri;
        }
        asked.method_mut().clone_from(&method);
        asked.headers_mut().clone_from(&headers);
        if let Some(response) = identity::answer(&asked, Timestamp::now()) {
            self.looked_up.fetch_add(1, Ordering::Relaxed);
            self.forget(slot);
            return response.into();
        }
        let (reply, seen) = {
            let mut play = self.play.lock().unwrap_or_else(PoisonError::into_inner);
            play.step(place, &asked, Timestamp::now())
        };
        tokio::time::sleep(reply.delay).await;
        let answered = self.millis();
        let (received, completion) = reply.received();
        let response = received.map(|response| RawResponse {
            status: response.status().as_u16(),
            headers: Raw::new(response.headers().clone()),
            body: Raw::new(response.body().clone()),
        });
        let exchange = RawExchange {
            method: method.to_string(),
            target: Raw::new(target),
            scheme,
            authority: Raw::new(authority),
            version: name_of(version),
            request_headers: Raw::new(headers),
            request_body: Raw::new(body),
            response,
            completion,
            connection,
            times: Times { request: arrived, answer: answered, end: answered },
            notes: Vec::new(),
        };
        self.fill(slot, redact::in_memory(exchange), seen);
        reply.on_the_wire()
    }

    /// Where a request without TLS came to: at the service, if that is how it is served.
    fn place_of_plain(&self) -> Place {
        let play = self.play.lock().unwrap_or_else(PoisonError::into_inner);
        if play.case().places.own.starts_with("http://") { Place::Own } else { Place::Plain }
    }

    /// A request that is not answered yet; if the client goes away it stays like this.
    fn arrive(&self, arrived: u64, authority: &str, request: &Request) -> usize {
        let exchange = RawExchange {
            method: request.method.to_string(),
            target: Raw::new(request.target.clone()),
            scheme: request.scheme,
            authority: Raw::new(authority.to_owned()),
            version: name_of(request.version),
            request_headers: Raw::new(request.headers.clone()),
            request_body: Raw::default(),
            response: None,
            completion: Completion::Silent,
            connection: request.connection,
            times: Times { request: arrived, answer: arrived, end: arrived },
            notes: Vec::new(),
        };
        let interaction = redact::in_memory(exchange);
        let mut trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.push(Entry { interaction, seen: None, look_up: false });
        trace.len() - 1
    }

    fn fill(&self, slot: usize, interaction: Interaction, seen: Seen) {
        let mut trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace[slot] = Entry { interaction, seen: Some(seen), look_up: false };
    }

    fn forget(&self, slot: usize) {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)[slot].look_up = true;
    }
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

/// A listener of the service, at one of its hosts.
pub(super) struct At {
    pub(super) place: Place,
    pub(super) service: Arc<Service>,
}

impl Handler for At {
    type Way = NoWayOut;

    fn route(&self, authority: &Authority) -> Route<NoWayOut> {
        if identity::is_identity_host(&authority.host) {
            return Route::Serve;
        }
        Route::Refuse(format!("{} is no host of this case, which never leaves this machine", authority.host))
    }

    async fn answer(&self, request: Request) -> Answer {
        let host = request.authority.as_ref().map(|authority| authority.host.as_str());
        if host.is_some_and(|host| !identity::is_identity_host(host)) {
            return problem(StatusCode::BAD_GATEWAY, "ArmtapeNoHost", "this host is no part of the case").into();
        }
        self.service.answer(self.place, request).await
    }
}
