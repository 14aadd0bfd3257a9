//! The player: a tape behind the server. It has no way out.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use tokio::time::Instant;

use super::{
    account::Account,
    key::Asked,
    made,
    miss::Miss,
    pace::{Pace, Polls},
    script::Script,
    session::{Answered, MOST, Missing, Sessions, Unanswered, Words},
    trace::{self, Trace},
    world::Given,
};
use crate::{
    arm::authority_key,
    cassette::{Body, Cassette, Completion, Headers, Interaction, Times},
    proxy::{
        Answer, Authority, Handler, HostPolicy, Hosts, NoWayOut, Request, Route, Ruling, Swap, Unknown, collect, cut,
        empty, encode, full, is_json, problem,
    },
    simulate::{
        Faults, identity,
        scenario::{Fault, Interposed, Reply},
    },
};

/// Largest request body that is compared; ARM refuses more than 4 MB.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// A host that was asked for and is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How often it was asked for.
    pub times: u64,
    /// Why it is not served, to be read behind its name.
    pub reason: &'static str,
}

/// A listener at which a service beside the tape's own is found by clients that were given an endpoint.
#[derive(Clone, Debug)]
pub struct Door {
    /// Scheme and authority on the tape, as in [`Script::foreign`].
    pub taped: (String, String),
    /// Where it listens.
    pub at: SocketAddr,
}

/// The handler that replays.
pub struct Player {
    script: Script,
    pace: Pace,
    hosts: HostPolicy,
    /// The endpoint's own host and port, and the doors beside it.
    doors: (String, Vec<Door>),
    begin: Instant,
    sessions: Mutex<Sessions>,
    /// Requests of one session too many.
    crowded: AtomicUsize,
    answered: AtomicUsize,
    missing: Mutex<Vec<(Miss, u32)>>,
    refused: Mutex<BTreeMap<String, Refused>>,
    looked_up: AtomicUsize,
    distrusted: Mutex<BTreeMap<String, String>>,
    trace: Trace,
    faults: Mutex<Faults>,
}

impl Player {
    /// Plays `script`. `hosts` is what the project says of them, beside those of the tape.
    ///
    /// # Errors
    ///
    /// Where a host on the tape is no host name, with the reason.
    pub fn new(script: Script, hosts: &Hosts, pace: Pace, polls: Option<Polls>) -> Result<Self, String> {
        let mut globs: Vec<String> = script.hosts().iter().map(|host| globset::escape(host)).collect();
        if script.fits_any_host() {
            globs.extend(crate::proxy::ARM_HOSTS.iter().map(|host| (*host).to_owned()));
        }
        Ok(Self {
            hosts: HostPolicy::new(&globs, Unknown::Refuse)?.with(hosts)?,
            script,
            pace,
            doors: (String::new(), Vec::new()),
            begin: Instant::now(),
            sessions: Mutex::new(Sessions::new(polls.unwrap_or_else(|| Polls::of(pace)))),
            crowded: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            missing: Mutex::default(),
            refused: Mutex::default(),
            looked_up: AtomicUsize::new(0),
            distrusted: Mutex::default(),
            trace: Trace::new(),
            faults: Mutex::default(),
        })
    }

    /// With listeners beside that at `endpoint`, which is a host and a port.
    #[must_use]
    pub fn with_doors(self, endpoint: &str, doors: Vec<Door>) -> Self {
        Self { doors: (endpoint.to_owned(), doors), ..self }
    }

    /// With faults in the place of some answers.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Interposed>) -> Self {
        Self { faults: Mutex::new(Faults::new(faults)), ..self }
    }

    /// Faults whose requests never came, in words.
    #[must_use]
    pub fn in_vain(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).in_vain()
    }

    /// The hosts that are served, for the constraints of the certificate authority.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        self.hosts.names()
    }

    /// What became of the tape so far.
    #[must_use]
    pub fn account(&self) -> Account {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let crowded = self.crowded.load(Ordering::Relaxed);
        Account::close(&self.script, &sessions, self.answered.load(Ordering::Relaxed), missing, crowded)
    }

    /// Texts of the tape, and what clients said in their place: session after session.
    #[must_use]
    pub fn bound(&self) -> Vec<(String, String)> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.all.iter().flat_map(|session| session.bound(&self.script.variables)).collect()
    }

    /// What was replayed, in the tape's words: session after session, each in the order of its requests;
    /// the first 100,000 answers.
    #[must_use]
    pub fn replayed(&self) -> Vec<Interaction> {
        let mut given = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).given.clone();
        given.sort_by_key(|(session, _)| *session);
        given.iter().map(|(_, given)| made::replayed(&self.script, *given)).collect()
    }

    /// What was said on the wire in the client's words, requests that are not on the tape included;
    /// and how many exchanges are left out because there were too many.
    #[must_use]
    pub fn trace(&self) -> (Cassette, usize) {
        self.trace.kept()
    }

    /// Hosts that were asked for and are not served.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<String, Refused> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests were answered that every client makes beside its work.
    #[must_use]
    pub fn looked_up(&self) -> usize {
        self.looked_up.load(Ordering::Relaxed)
    }

    /// Hosts in whose name the client did not trust armtape, with the client's reason.
    #[must_use]
    pub fn distrusted(&self) -> BTreeMap<String, String> {
        self.distrusted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask(&self, asked: &Asked<'_>) -> Result<Answered, Unanswered> {
        let now = self.begin.elapsed();
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).ask(&self.script, asked, now)
    }

    fn missed(&self, asked: &Asked<'_>, missing: &Missing) -> Response<Bytes> {
        let miss = {
            let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.explain(&self.script, asked, missing)
        };
        let answer = problem(StatusCode::NOT_IMPLEMENTED, "ArmtapeNoMatch", &miss.line());
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        match missing.iter_mut().find(|(known, _)| known.is_like(&miss)) {
            Some((_, times)) => *times += 1,
            None => missing.push((miss, 1)),
        }
        answer
    }

    fn crowded(&self) -> Response<Bytes> {
        self.crowded.fetch_add(1, Ordering::Relaxed);
        let message = format!("{MOST} clients with values of their own are served already: start another replay");
        problem(StatusCode::NOT_IMPLEMENTED, "ArmtapeTooManySessions", &message)
    }

    fn give(&self, given: Given, words: &Words, swaps: &[Swap]) -> trace::Answered {
        let interaction = &self.script.interactions()[given.interaction];
        let made = given.made.and_then(|made| made::answer(&self.script, made, given.running));
        let recorded = made.as_ref().or(interaction.response.as_ref())?;
        let mut body = bytes_of(&recorded.body);
        let mut headers = wire_headers(&recorded.headers);
        if !words.is_idle() {
            self.say(words, &mut headers);
            if let Cow::Owned(said) = words.say(&self.script.variables, &body) {
                body = said.into();
            }
        }
        for swap in swaps {
            swap.headers(&mut headers);
            if is_json(&headers) {
                body = swap.bytes(&body);
            }
        }
        let accepted = (200..300).contains(&recorded.status);
        self.pace.apply(&mut headers, given.starts && accepted, given.running && accepted);
        let completion = match interaction.completion {
            Completion::Cut(length) if made.is_none() => Completion::Cut(length),
            _ => Completion::Whole,
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::BAD_GATEWAY);
        *response.headers_mut() = headers;
        Some((response, completion))
    }
}

/// An answer as it is sent.
fn on_the_wire(answered: trace::Answered, accept_encoding: &str) -> Answer {
    let Some((response, completion)) = answered else { return Answer::Close };
    let (mut head, body) = response.into_parts();
    // Nothing has no coding: an answer to HEAD names that of a body that it does not have.
    let coding = head.headers.get(header::CONTENT_ENCODING).filter(|_| !body.is_empty()).cloned();
    let coded = coding.as_ref().and_then(|coding| encode(coding.to_str().ok()?, accept_encoding, &body));
    if coding.is_some() && coded.is_none() {
        head.headers.remove(header::CONTENT_ENCODING);
    }
    let body = coded.unwrap_or(body);
    let body = if matches!(completion, Completion::Cut(_)) { cut(body) } else { full(body) };
    Answer::Message(Response::from_parts(head, body))
}

/// A request with its whole body.
struct Heard {
    /// The body is taken out.
    request: Request,
    /// The body as it came.
    sent: Bytes,
    /// The body with the services' hosts in the place of armtape's.
    body: Bytes,
    swaps: Vec<Swap>,
}

impl Handler for Player {
    type Way = NoWayOut;

    fn route(&self, authority: &Authority) -> Route<NoWayOut> {
        let host = &authority.host;
        let reason = match self.hosts.ruling(host) {
            Ruling::Serve => return Route::Serve,
            Ruling::Refuse => "is named by `[hosts] refused`",
            _ if identity::is_identity_host(host) => return Route::Serve,
            Ruling::Pass => "is named by `[hosts] passed`",
            Ruling::Unknown => "is not on the tape",
        };
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.entry(host.clone()).or_insert(Refused { times: 0, reason }).times += 1;
        Route::Refuse(format!("{host} {reason}, and replay never leaves this machine"))
    }

    async fn answer(&self, request: Request) -> Answer {
        let arrived = self.millis();
        let Some(heard) = self.hear(request).await else { return Answer::Close };
        let asked = self.asked(&heard);
        let Heard { request, sent, body, .. } = &heard;
        let fault = self.fault(&heard, &asked);
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.takes_effect()) {
            return self.spoil(fault, heard, None, arrived).await;
        }
        let answered = match self.known(&heard, &asked) {
            Ok(answered) => answered,
            Err(unanswered) => {
                // What the tape has comes first; what every client asks beside its work comes next.
                if let Some(answer) = self.identity(&request.method, &request.headers, &asked, &request.endpoint, body)
                {
                    self.looked_up.fetch_add(1, Ordering::Relaxed);
                    return answer;
                }
                let problem = match unanswered {
                    Unanswered::Missing(missing) => self.missed(&asked, &missing),
                    Unanswered::Crowded => self.crowded(),
                };
                Some((problem, Completion::Whole))
            }
        };
        if let Some(fault) = fault {
            return self.spoil(&fault, heard, answered, arrived).await;
        }
        self.take_in(request, answered.as_ref().map(|(response, _)| response));
        let now = self.millis();
        self.trace.keep(request, sent, &answered, Times { request: arrived, answer: now, end: now });
        on_the_wire(answered, accepted(request))
    }

    fn distrusted(&self, host: &str, error: &std::io::Error) {
        let mut distrusted = self.distrusted.lock().unwrap_or_else(PoisonError::into_inner);
        distrusted.entry(host.to_owned()).or_insert_with(|| error.to_string());
    }
}

impl Player {
    /// The fault that takes a request. What every client asks beside its work is left alone.
    fn fault(&self, Heard { request, body, .. }: &Heard, asked: &Asked<'_>) -> Option<Interposed> {
        if self.faults.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
            || self.identity(&request.method, &request.headers, asked, &request.endpoint, body).is_some()
        {
            return None;
        }
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.take(&request.method, &request.target, None)
    }

    fn take_in(&self, request: &Request, response: Option<&Response<Bytes>>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if !faults.is_empty() {
            faults.answered(&request.method, &request.target, response);
        }
    }

    /// Answers with a fault in the place of `answered`, or with what it leaves of that.
    async fn spoil(
        &self,
        fault: &Interposed,
        Heard { request, sent, .. }: Heard,
        answered: trace::Answered,
        arrived: u64,
    ) -> Answer {
        let reply = match answered {
            Some((mut response, completion)) => {
                // What is cut is not coded as well.
                response.headers_mut().remove(header::CONTENT_ENCODING);
                let cut = matches!(completion, Completion::Cut(_));
                let fault = cut.then(|| Fault::CutAfter(response.body().len()));
                Reply { response: Some(response), fault, ..Reply::default() }
            }
            None => Reply::default(),
        };
        let reply = fault.instead_of(reply);
        self.take_in(&request, reply.response.as_ref());
        tokio::time::sleep(reply.delay).await;
        let now = self.millis();
        let (received, completion) = reply.received();
        let times = Times { request: arrived, answer: now, end: now };
        self.trace.keep_as(&request, &sent, received.as_ref(), completion, times);
        reply.on_the_wire()
    }

    /// Says the headers in the words of a session.
    fn say(&self, words: &Words, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Cow::Owned(said) = words.say(&self.script.variables, value.as_bytes())
                && let Ok(said) = HeaderValue::from_bytes(&said)
            {
                *value = said;
            }
        }
    }

    /// Answers from the tape; gives a request back that is not on it.
    ///
    /// # Errors
    ///
    /// The request, with its body as it came.
    pub async fn offer(&self, request: Request) -> Result<Answer, Request> {
        let Some(heard) = self.hear(request).await else { return Ok(Answer::Close) };
        let known = self.known(&heard, &self.asked(&heard));
        known.map(|answered| on_the_wire(answered, accepted(&heard.request))).map_err(|_| {
            let Heard { mut request, sent, .. } = heard;
            // It is all there: chunks are not needed any more.
            request.headers.remove(header::TRANSFER_ENCODING);
            Request { body: full(sent), ..request }
        })
    }

    /// `None`: the body did not come to its end, or is too large.
    async fn hear(&self, mut request: Request) -> Option<Heard> {
        let sent = collect(std::mem::replace(&mut request.body, empty()), LARGEST_REQUEST).await.ok()?;
        let swaps = self.swaps(&request);
        let body = swaps.iter().fold(sent.clone(), |body, swap| swap.back().bytes(&body));
        Some(Heard { request, sent, body, swaps })
    }

    /// What stands for the services in the URLs of a client that was given an endpoint.
    fn swaps(&self, request: &Request) -> Vec<Swap> {
        if request.authority.is_some() {
            return Vec::new();
        }
        let (endpoint, doors) = &self.doors;
        // A client that does without TLS does so at every door.
        let wire = request.endpoint.split_once("://").map_or("https", |(wire, _)| wire);
        let here = match self.door(request) {
            Some(_) => format!("{wire}://{endpoint}"),
            None => request.endpoint.clone(),
        };
        let own = self.script.own().map(|(scheme, own)| Swap::new(format!("{scheme}://{own}"), here));
        let others = doors.iter().map(|Door { taped: (scheme, host), at }| {
            Swap::new(format!("{scheme}://{host}"), format!("{wire}://{at}"))
        });
        own.into_iter().chain(others).collect()
    }

    /// The door by which a request came that is not meant for the tape's own service.
    fn door(&self, request: &Request) -> Option<&Door> {
        let (_, at) = request.endpoint.split_once("://")?;
        self.doors.1.iter().find(|door| request.authority.is_none() && door.at.to_string() == at)
    }

    fn asked<'a>(&self, Heard { request, body, .. }: &'a Heard) -> Asked<'a> {
        let host = match &request.authority {
            Some(authority) => Some(authority_key(Some(request.scheme), &authority.text)),
            None => self.door(request).map(|door| door.taped.1.clone()),
        };
        let headers = self.script.rules.compared(&request.headers);
        Asked { method: request.method.as_str(), host, target: &request.target, headers, body }
    }

    fn known(&self, heard: &Heard, asked: &Asked<'_>) -> Result<trace::Answered, Unanswered> {
        let Answered { given, words, .. } = self.ask(asked)?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(self.give(given, &words, &heard.swaps))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What every client asks beside its work: tokens, clouds.
    fn identity(
        &self,
        method: &http::Method,
        headers: &HeaderMap,
        asked: &Asked<'_>,
        endpoint: &str,
        body: &Bytes,
    ) -> Option<Answer> {
        let base = asked.host.as_ref().map_or_else(|| endpoint.to_owned(), |host| format!("https://{host}"));
        let mut request = http::Request::new(body.clone());
        *request.method_mut() = method.clone();
        *request.uri_mut() = format!("{base}{}", asked.target).parse().ok()?;
        *request.headers_mut() = headers.clone();
        identity::answer(&request, jiff::Timestamp::now()).map(Into::into)
    }
}

/// The codings that a client takes.
fn accepted(request: &Request) -> &str {
    request.headers.get(header::ACCEPT_ENCODING).and_then(|codings| codings.to_str().ok()).unwrap_or_default()
}

fn bytes_of(body: &Body) -> Bytes {
    body.bytes().unwrap_or_default()
}

/// The recorded headers without what the server computes.
fn wire_headers(recorded: &Headers) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in recorded.iter() {
        let computed = matches!(name, "content-length" | "transfer-encoding" | "connection" | "keep-alive" | "trailer");
        if computed {
            continue;
        }
        for value in values {
            // What a header cannot hold is not sent: recorded text must not make headers of its own.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
    }
    headers
}
