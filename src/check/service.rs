//! The scripted service behind a listener: it answers by the script, and writes down what was said.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
        LookUps, identity,
        scenario::{PRIVATE, Place, Places, Play, Reply, Seen, Target},
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
    /// The places have public names, and are told apart by them.
    by_name: bool,
    /// What a tape answers to requests that are no part of the operation.
    look_ups: Option<Arc<LookUps>>,
    strayed: Mutex<Strayed>,
}

/// What a client did beside the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strayed {
    /// Requests for tokens and clouds.
    pub looked_up: usize,
    /// Hosts that it asked for and that are none of the case's.
    pub hosts: BTreeSet<String>,
    /// Hosts in whose name it did not trust armtape, with its reason.
    pub distrusted: BTreeMap<String, String>,
}

impl Strayed {
    /// Whether the client asked nobody else, and was kept from nobody.
    pub(super) fn is_nowhere_else(&self) -> bool {
        self.hosts.is_empty() && self.distrusted.is_empty()
    }

    /// Why nobody asked the service for anything, as far as can be told; `output` is what the client
    /// printed.
    pub(super) fn words(&self, output: &str) -> String {
        let Self { looked_up, hosts, distrusted } = self;
        let last = last_words(output);
        if let Some((host, reason)) = distrusted.first_key_value() {
            format!("the client does not trust the certificate of {host} ({reason}): give it the file in ARMTAPE_CA")
        } else if !hosts.is_empty() {
            let hosts = hosts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!(
                "the client asked {hosts} in the place of the URL that it was given: say {{url}} or {{endpoint}} in \
                 its command, or use --via-proxy"
            )
        } else if *looked_up > 0 {
            format!("the client asked for a token or for the clouds, and then for nothing{last}")
        } else {
            format!("the client sent no request{last}")
        }
    }
}

/// What a client said last: most often, why it did nothing. A few lines, because the last one may say no
/// more than where help is.
fn last_words(output: &str) -> String {
    const LINES: usize = 4;
    const ROOM: usize = 160;
    let lines: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let short = |line: &&str| {
        let shown: String = line.chars().take(ROOM).collect();
        let more = if line.chars().nth(ROOM).is_some() { "…" } else { "" };
        format!("{shown}{more}")
    };
    let last: Vec<String> = lines[lines.len().saturating_sub(LINES)..].iter().map(short).collect();
    if last.is_empty() { String::new() } else { format!("; it said: {}", last.join(" | ")) }
}

/// A request on the trace, in the order of arrival; what becomes of it is filled in.
struct Entry {
    interaction: Interaction,
    seen: Option<Seen>,
    /// For a token or for the clouds: no part of the conversation.
    look_up: bool,
}

impl Service {
    pub(super) fn new(play: Play, by_name: bool, look_ups: Option<Arc<LookUps>>) -> Self {
        Self {
            play: Mutex::new(play),
            began: Instant::now(),
            recorded: Timestamp::now(),
            trace: Mutex::default(),
            by_name,
            look_ups,
            strayed: Mutex::default(),
        }
    }

    /// What was said so far, and what each request meant.
    pub(super) fn trace(&self) -> (Cassette, Vec<Option<Seen>>) {
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        let told = trace.iter().filter(|entry| !entry.look_up);
        let (interactions, seen) = told.map(|entry| (entry.interaction.clone(), entry.seen.clone())).unzip();
        (Cassette { recorded: Some(self.recorded.to_string()), interactions, ..Cassette::default() }, seen)
    }

    /// Whether nobody has asked for anything yet but tokens and clouds, here or elsewhere.
    pub(super) fn is_untouched(&self) -> bool {
        let strayed = self.strayed();
        if !strayed.hosts.is_empty() || !strayed.distrusted.is_empty() {
            return false;
        }
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.iter().all(|entry| entry.look_up)
    }

    /// How many polls there were so far: for whoever is to be interrupted.
    pub(super) fn reads(&self) -> usize {
        let trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        trace.iter().filter(|entry| entry.interaction.request.method == "GET" && entry.seen.is_some()).count()
    }

    /// What the client did beside the conversation, so far.
    pub(super) fn strayed(&self) -> Strayed {
        self.straying().clone()
    }

    fn straying(&self) -> MutexGuard<'_, Strayed> {
        self.strayed.lock().unwrap_or_else(PoisonError::into_inner)
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
        let place = self.place(place, &request);
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
            self.straying().looked_up += 1;
            self.forget(slot);
            return response.into();
        }
        let (reply, seen) = {
            let mut play = self.play.lock().unwrap_or_else(PoisonError::into_inner);
            play.step(place, &asked, Timestamp::now())
        };
        let reply = match self.look_ups.as_ref().filter(|_| seen.target == Target::Other) {
            Some(look_ups) => look_ups
                .answer(&method, &target)
                .map_or(reply, |response| Reply { response: Some(response), ..Reply::default() }),
            None => reply,
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

    /// Where a request came to: by its name, where places have names; without TLS at the service, if
    /// that is how it is served.
    fn place(&self, at: Place, request: &Request) -> Place {
        let named = request.authority.as_ref().filter(|_| self.by_name).map(|authority| authority.host.as_str());
        if named == Some(PRIVATE) {
            return Place::Private;
        }
        let play = self.play.lock().unwrap_or_else(PoisonError::into_inner);
        let places = &play.case().places;
        if named.is_some_and(|name| name.eq_ignore_ascii_case(Places::host(&places.second))) {
            Place::Second
        } else if at == Place::Own && request.scheme == "http" && !places.own.starts_with("http://") {
            Place::Plain
        } else {
            at
        }
    }

    /// Whether a host of that name is one of the case's.
    fn serves(&self, host: &str) -> bool {
        let named = || {
            let play = self.play.lock().unwrap_or_else(PoisonError::into_inner);
            let places = &play.case().places;
            [Places::host(&places.own), Places::host(&places.second), PRIVATE].map(str::to_owned)
        };
        identity::is_identity_host(host) || self.by_name && named().iter().any(|name| name.eq_ignore_ascii_case(host))
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
        if self.service.serves(&authority.host) {
            return Route::Serve;
        }
        self.service.straying().hosts.insert(authority.host.clone());
        Route::Refuse(format!("{} is no host of this case, which never leaves this machine", authority.host))
    }

    async fn answer(&self, request: Request) -> Answer {
        let host = request.authority.as_ref().map(|authority| authority.host.as_str());
        if let Some(host) = host.filter(|host| !self.service.serves(host)) {
            self.service.straying().hosts.insert(host.to_owned());
            return problem(StatusCode::BAD_GATEWAY, "ArmtapeNoHost", "this host is no part of the case").into();
        }
        self.service.answer(self.place, request).await
    }

    fn distrusted(&self, host: &str, error: &std::io::Error) {
        self.service.straying().distrusted.insert(host.to_owned(), error.to_string());
    }
}
