//! The player: a tape behind the server. It has no way out.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use tokio::time::Instant;

use super::{
    account::Account,
    doors::{Door, Doors},
    heard::{Heard, LARGEST},
    key::Asked,
    made,
    misses::Misses,
    pace::{Pace, Polls},
    script::Script,
    sessions::{Answered, MOST, Missing, Sessions, Unanswered},
    trace::{self, Trace},
    wire,
};
use crate::{
    cassette::{Cassette, Completion, Interaction, Times},
    proxy::{
        Answer, Authority, Handler, HostPolicy, Hosts, NoWayOut, Request, Route, Ruling, Unknown, drop_rest, full,
        problem, unread,
    },
    simulate::{
        Faults, identity,
        scenario::{Fault, Interposed, Reply},
    },
};

/// A host that was asked for and is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How often it was asked for.
    pub times: u64,
    /// Why it is not served, to be read behind its name.
    pub reason: &'static str,
}

/// The handler that replays.
pub struct Player {
    script: Script,
    pace: Pace,
    hosts: HostPolicy,
    doors: Doors,
    begin: Instant,
    sessions: Mutex<Sessions>,
    answered: AtomicUsize,
    unanswered: Mutex<Misses>,
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
        let doors = Doors::to(script.own());
        Ok(Self {
            hosts: HostPolicy::new(&globs, Unknown::Refuse)?.with(hosts)?,
            script,
            pace,
            doors,
            begin: Instant::now(),
            sessions: Mutex::new(Sessions::new(polls.unwrap_or_else(|| Polls::of(pace)))),
            answered: AtomicUsize::new(0),
            unanswered: Mutex::default(),
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
        Self { doors: self.doors.with(endpoint, doors), ..self }
    }

    /// With faults in the place of some answers.
    #[must_use]
    pub fn with_faults(self, faults: Vec<Interposed>) -> Self {
        Self { faults: Mutex::new(Faults::new(faults)), ..self }
    }

    /// How many requests met a fault.
    #[must_use]
    pub fn met_faults(&self) -> usize {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).taken()
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
        let unanswered = self.unanswered().clone();
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Account::close(&self.script, &sessions, self.answered.load(Ordering::Relaxed), unanswered)
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
        self.unanswered().add(miss);
        answer
    }

    fn unanswered(&self) -> MutexGuard<'_, Misses> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_oversized(&self) -> Response<Bytes> {
        self.unanswered().oversized += 1;
        let most = LARGEST / 1024 / 1024;
        let message = format!("the request's body has more than {most} MiB: it is not compared with the tape");
        problem(StatusCode::PAYLOAD_TOO_LARGE, "ArmtapeRequestTooLarge", &message)
    }

    fn crowded(&self) -> Response<Bytes> {
        self.unanswered().crowded += 1;
        let message = format!("{MOST} clients with values of their own are served already: start another replay");
        problem(StatusCode::NOT_IMPLEMENTED, "ArmtapeTooManySessions", &message)
    }
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
        let Some(mut heard) = Heard::of(request, &self.doors).await else { return Answer::Close };
        let oversized = heard.rest.is_some();
        if let Some(rest) = heard.rest.take().filter(|_| !heard.request.headers.contains_key(header::EXPECT)) {
            drop_rest(rest).await;
        }
        let asked = heard.asked(&self.script.rules);
        let Heard { request, sent, .. } = &heard;
        let fault = self.fault(&heard, &asked);
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.takes_effect()) {
            return self.spoil(fault, heard, None, arrived).await;
        }
        let answered = match self.known(&heard, &asked) {
            Ok(answered) => answered,
            Err(unanswered) => {
                // What the tape has comes first; what every client asks beside its work comes next.
                if let Some(answer) = identity(&heard, &asked) {
                    self.looked_up.fetch_add(1, Ordering::Relaxed);
                    return answer;
                }
                let problem = match unanswered {
                    Unanswered::Missing(_) if oversized => self.refuse_oversized(),
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
        let sent = if oversized { &Bytes::new() } else { sent };
        self.trace.keep(request, sent, &answered, Times { request: arrived, answer: now, end: now });
        wire::send(answered, wire::accepted(request))
    }

    fn distrusted(&self, host: &str, error: &std::io::Error) {
        let mut distrusted = self.distrusted.lock().unwrap_or_else(PoisonError::into_inner);
        distrusted.entry(host.to_owned()).or_insert_with(|| error.to_string());
    }
}

impl Player {
    /// The fault that takes a request. What every client asks beside its work is left alone.
    fn fault(&self, heard: &Heard, asked: &Asked<'_>) -> Option<Interposed> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.is_empty() || identity(heard, asked).is_some() {
            return None;
        }
        faults.take(&heard.request.method, &heard.request.target, None)
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

    /// Answers from the tape; gives a request back that is not on it.
    ///
    /// # Errors
    ///
    /// The request, with its body as it came.
    pub async fn offer(&self, request: Request) -> Result<Answer, Request> {
        let Some(heard) = Heard::of(request, &self.doors).await else { return Ok(Answer::Close) };
        let known = self.known(&heard, &heard.asked(&self.script.rules));
        let Heard { mut request, sent, rest, .. } = heard;
        match (known, rest) {
            (Ok(answered), rest) => {
                if let Some(rest) = rest {
                    drop_rest(rest).await;
                }
                Ok(wire::send(answered, wire::accepted(&request)))
            }
            (Err(_), Some(rest)) => Err(Request { body: unread(sent, rest), ..request }),
            (Err(_), None) => {
                // It is all there: chunks are not needed any more.
                request.headers.remove(header::TRANSFER_ENCODING);
                Err(Request { body: full(sent), ..request })
            }
        }
    }

    fn known(&self, heard: &Heard, asked: &Asked<'_>) -> Result<trace::Answered, Unanswered> {
        let Answered { given, words, .. } = self.ask(asked)?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(wire::answer(&self.script, self.pace, given, &words, &heard.swaps))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What every client asks beside its work: tokens, clouds.
fn identity(Heard { request, body, .. }: &Heard, asked: &Asked<'_>) -> Option<Answer> {
    let base = asked.host.map_or_else(|| request.endpoint.clone(), |host| format!("https://{host}"));
    let mut whole = http::Request::new(body.clone());
    *whole.method_mut() = request.method.clone();
    *whole.uri_mut() = format!("{base}{}", asked.target).parse().ok()?;
    *whole.headers_mut() = request.headers.clone();
    identity::answer(&whole, jiff::Timestamp::now()).map(Into::into)
}
