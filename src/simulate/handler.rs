//! What stands behind the listeners of `armtape simulate`: a service, and the faults that were asked
//! for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    Faults, Options, Service, identity,
    scenario::{Case, Interposed, Operation, PRIVATE, Place, Places, Play, Reply, Seen, Subject},
};
use crate::{
    arm::{ResourceId, Target},
    proxy::{
        ARM_HOSTS, Answer, Authority, Handler, HostPolicy, NoWayOut, Request, Route, Ruling, Swap, Unknown, collect,
        is_json, problem,
    },
};

/// Largest request body that is taken; ARM refuses more than 4 MB with 413.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024;

/// What answers.
#[derive(Debug)]
pub enum Behind {
    /// The embedded service.
    Service(Box<Service>),
    /// A scenario. Without a subject it is about the resource that is written first.
    Scenario(Box<Case>),
}

/// The URLs of the listeners, for clients that were given the first of them as their endpoint.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The service.
    pub own: String,
    /// The second host.
    pub second: String,
    /// The service without TLS.
    pub plain: String,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When, since the start.
    pub at: Duration,
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The answer's status; `None` where there was none.
    pub status: Option<u16>,
    /// What it meant, to a scenario.
    pub seen: Option<Seen>,
    /// Whether a fault that was asked for took the place of the answer, or spoilt it.
    pub faulty: bool,
}

/// A listener's handler: the service at one of its places. Clones share the service.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
    place: Place,
}

struct Inner {
    state: Mutex<State>,
    hosts: HostPolicy,
    places: Places,
    endpoints: Endpoints,
    began: Instant,
    refused: Mutex<BTreeMap<String, u64>>,
    distrusted: Mutex<BTreeMap<String, String>>,
}

struct State {
    behind: Behind,
    /// The scenario, once its subject is known.
    play: Option<Play>,
    faults: Faults,
    /// The first [`MOST_ASKED`].
    asked: Vec<Asked>,
    /// How many came after those.
    unnamed: usize,
    looked_up: usize,
}

/// Most requests that are remembered: a service may be simulated for days.
const MOST_ASKED: usize = 100_000;

impl Simulator {
    /// The service, at its own place.
    ///
    /// # Errors
    ///
    /// A host is no host name.
    pub fn new(behind: Behind, faults: Vec<Interposed>, endpoints: Endpoints) -> Result<Self, String> {
        let places = match &behind {
            Behind::Service(_) => Places::default(),
            Behind::Scenario(case) => case.places.clone(),
        };
        let play = match &behind {
            Behind::Scenario(case) if !case.subjects.is_empty() => Some(Play::new((**case).clone())),
            _ => None,
        };
        let inner = Inner {
            hosts: HostPolicy::new(Self::hosts(&places), Unknown::Refuse)?,
            state: Mutex::new(State {
                behind,
                play,
                faults: Faults::new(faults),
                asked: Vec::new(),
                unnamed: 0,
                looked_up: 0,
            }),
            places,
            endpoints,
            began: Instant::now(),
            refused: Mutex::default(),
            distrusted: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner), place: Place::Own })
    }

    /// The hosts that are served, for the constraints of the certificate authority.
    #[must_use]
    pub fn hosts(places: &Places) -> Vec<String> {
        let own = ARM_HOSTS.iter().map(|host| (*host).to_owned());
        own.chain([Places::host(&places.second).to_owned(), PRIVATE.to_owned()]).collect()
    }

    /// The same service at another place.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        Self { inner: Arc::clone(&self.inner), place }
    }

    /// What was asked so far, up to a bound.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.state().asked.clone()
    }

    /// Faults whose requests never came, in words.
    #[must_use]
    pub fn in_vain(&self) -> Vec<String> {
        self.inner.state().faults.in_vain()
    }

    /// How many requests were answered that every client makes beside its work.
    #[must_use]
    pub fn looked_up(&self) -> usize {
        self.inner.state().looked_up
    }

    /// The polling URL of a scenario whose operation runs from the start.
    #[must_use]
    pub fn polling_url(&self) -> Option<String> {
        let url = self.inner.state().play.as_ref()?.polling_url()?.to_owned();
        Some(self.inner.outward().iter().fold(url, |url, swap| swap.text(&url)))
    }

    /// How many requests came beyond those that [`Simulator::asked`] remembers.
    #[must_use]
    pub fn unnamed(&self) -> usize {
        self.inner.state().unnamed
    }

    /// Hosts that were asked for and are not served, with the number of attempts.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<String, u64> {
        self.inner.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hosts in whose name the client did not trust armtape, with the client's reason.
    #[must_use]
    pub fn distrusted(&self) -> BTreeMap<String, String> {
        self.inner.distrusted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a request came to: this listener's place, or by the name that a proxy was asked for.
    fn place_of(&self, request: &Request) -> Place {
        let Some(authority) = &request.authority else { return self.place };
        if authority.text.eq_ignore_ascii_case(Places::host(&self.inner.places.second)) {
            Place::Second
        } else if authority.host == PRIVATE {
            Place::Private
        } else if request.scheme == "http" {
            Place::Plain
        } else {
            Place::Own
        }
    }
}

impl Inner {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is swapped in answers to clients that were given an endpoint.
    fn outward(&self) -> [Swap; 3] {
        let Endpoints { own, second, plain } = &self.endpoints;
        let places = &self.places;
        [
            Swap::new(places.own.as_str(), own.as_str()),
            Swap::new(places.second.as_str(), second.as_str()),
            Swap::new(places.plain.as_str(), plain.as_str()),
        ]
    }
}

impl Handler for Simulator {
    type Way = NoWayOut;

    fn route(&self, authority: &Authority) -> Route<NoWayOut> {
        if self.inner.hosts.ruling(&authority.host) == Ruling::Serve || identity::is_identity_host(&authority.host) {
            return Route::Serve;
        }
        let mut refused = self.inner.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused.entry(authority.host.clone()).or_default() += 1;
        Route::Refuse(format!(
            "{} is no host of the simulated service, which never leaves this machine",
            authority.host
        ))
    }

    async fn answer(&self, request: Request) -> Answer {
        let place = self.place_of(&request);
        let reverse = request.authority.is_none();
        let Request { method, target, scheme, authority, endpoint, headers, body, .. } = request;
        let Ok(body) = collect(body, LARGEST_REQUEST).await else {
            let text = "the request body is cut short, or larger than 4 MB";
            return problem(StatusCode::PAYLOAD_TOO_LARGE, "RequestContentTooLarge", text).into();
        };
        let base = authority.map_or(endpoint, |authority| format!("{scheme}://{}", authority.text));
        let mut asked = http::Request::new(body);
        let Ok(uri) = format!("{base}{target}").parse() else {
            return problem(StatusCode::BAD_REQUEST, "ArmtapeBadTarget", "the request target is not valid").into();
        };
        *asked.uri_mut() = uri;
        *asked.method_mut() = method;
        *asked.headers_mut() = headers;
        let mut reply = {
            let mut state = self.inner.state();
            if let Some(response) = identity::answer(&asked, Timestamp::now()) {
                state.looked_up += 1;
                return response.into();
            }
            state.answer(place, &asked, self.inner.began.elapsed(), Timestamp::now())
        };
        if let Some(response) = reply.response.as_mut().filter(|_| reverse) {
            for swap in self.inner.outward() {
                swap.headers(response.headers_mut());
                if is_json(response.headers()) {
                    *response.body_mut() = swap.bytes(response.body());
                }
            }
        }
        sleep(reply.delay).await;
        reply.on_the_wire()
    }

    fn distrusted(&self, host: &str, error: &std::io::Error) {
        let mut distrusted = self.inner.distrusted.lock().unwrap_or_else(PoisonError::into_inner);
        distrusted.entry(host.to_owned()).or_insert_with(|| error.to_string());
    }
}

impl State {
    fn answer(&mut self, place: Place, request: &http::Request<Bytes>, at: Duration, now: Timestamp) -> Reply {
        self.find_subject(request);
        let url = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let (reply, seen, fault) = match (&mut self.behind, &mut self.play) {
            (Behind::Service(service), _) => {
                let fault = self.faults.take(request.method(), &url, None);
                let is_asked = fault.as_ref().is_none_or(Interposed::takes_effect);
                let response = is_asked.then(|| service.answer(request, now));
                (Reply { response, ..Reply::default() }, None, fault)
            }
            (Behind::Scenario(_), Some(play)) => {
                let mut ahead = play.clone();
                let (reply, seen) = ahead.step(place, request, now);
                let fault = self.faults.take(request.method(), &url, Some(seen.target));
                // An answer that was asked for takes nothing from the script.
                if fault.as_ref().is_none_or(Interposed::takes_effect) {
                    *play = ahead;
                }
                (reply, Some(seen), fault)
            }
            (Behind::Scenario(_), None) => {
                // Who signs in, or looks for the group, does so first.
                let looked_up = Service::new(Options::default()).answer_look_up(request, now);
                let response = looked_up.unwrap_or_else(|| {
                    let text = "nothing was written yet that this scenario could be about";
                    problem(StatusCode::NOT_FOUND, "ResourceNotFound", text)
                });
                (Reply { response: Some(response), ..Reply::default() }, None, None)
            }
        };
        let faulty = fault.is_some();
        let reply = match fault {
            Some(fault) => fault.instead_of(reply),
            None => reply,
        };
        self.faults.answered(request.method(), &url, reply.response.as_ref());
        if self.asked.len() < MOST_ASKED {
            self.asked.push(Asked {
                at,
                method: request.method().clone(),
                target: url,
                status: reply.response.as_ref().map(|response| response.status().as_u16()),
                seen,
                faulty,
            });
        } else {
            self.unnamed += 1;
        }
        reply
    }

    /// The first resource that is written is the one that a scenario is about, unless one was named.
    fn find_subject(&mut self, request: &http::Request<Bytes>) {
        let (Behind::Scenario(case), None) = (&self.behind, &self.play) else { return };
        let operation = case.scenario.operation;
        let target = Target::parse(request.uri().path_and_query().map_or("", |target| target.as_str()));
        let Some((id, action)) = ResourceId::split(target.path()) else { return };
        let written = *request.method() == operation.method() && (action.is_none() || operation == Operation::Post);
        let read = *request.method() == Method::GET && action.is_none() && operation == Operation::Update;
        if written || read {
            let subject = Subject {
                id: id.as_str().to_owned(),
                api_version: target.query_value("api-version").unwrap_or_default().to_owned(),
                body: serde_json::from_slice(request.body()).unwrap_or(Value::Null),
            };
            self.play = Some(Play::new(Case { subjects: vec![subject], ..(**case).clone() }));
        }
    }
}
