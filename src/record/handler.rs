//! The recorder: every request to a taped host is forwarded, and its exchange written down.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, Version, header, uri};
use http_body_util::BodyExt as _;

use super::{
    Tape,
    origin::Origin,
    taping::{SentBody, Taping},
    tee::{Kept, Tee},
};
use crate::{
    cassette::{Completion, Times},
    proxy::{
        Answer, Authority, Body, Handler, HostPolicy, Request, Route, Ruling, Swap, Unknown, Unread, collect, cut,
        drop_rest, full, is_json, next_hop_request, next_hop_response, problem, unread,
    },
    redact::{Raw, RawExchange},
    replay::Player,
    simulate::identity,
};

/// How to record.
#[derive(Clone, Debug)]
pub struct RecorderConfig {
    /// Which hosts are taped.
    pub hosts: HostPolicy,
    /// Scheme of the service behind the endpoint (reverse mode).
    pub scheme: &'static str,
    /// Host of the service behind the endpoint (reverse mode).
    pub own: Authority,
}

/// What came by beside the tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Hosts whose bytes were passed, with the number of connections.
    pub passed: BTreeMap<String, u64>,
    /// Hosts that were to be passed and could not be reached, with the reason.
    pub unreached: BTreeMap<String, String>,
    /// Hosts that were refused, with the number of attempts.
    pub refused: BTreeMap<String, u64>,
    /// Token requests that were answered here.
    pub tokens: u64,
    /// Why the service could not be asked: reason and hint.
    pub upstream_errors: Vec<(String, Option<&'static str>)>,
    /// Hosts in whose name the client did not trust armtape, with the client's reason.
    pub distrusted: BTreeMap<String, String>,
}

/// The handler that records.
pub struct Recorder<O> {
    config: RecorderConfig,
    origin: O,
    tape: Arc<Tape>,
    /// What was recorded before, and is not recorded again.
    known: Option<Player>,
    seen: Mutex<Seen>,
}

impl<O: Origin> Recorder<O> {
    /// Records on `tape` what `origin` answers.
    #[must_use]
    pub fn new(config: RecorderConfig, origin: O, tape: Arc<Tape>) -> Self {
        Self { config, origin, tape, known: None, seen: Mutex::default() }
    }

    /// Answers what `player` knows from its tape, and records the rest.
    #[must_use]
    pub fn knowing(self, player: Option<Player>) -> Self {
        Self { known: player, ..self }
    }

    /// What was recorded before.
    #[must_use]
    pub fn known(&self) -> Option<&Player> {
        self.known.as_ref()
    }

    /// What came by beside the tape.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn upstream_failed(&self, error: &crate::proxy::UpstreamError) -> Answer {
        self.note(|seen| {
            let error = (error.reason.clone(), error.hint);
            if !seen.upstream_errors.contains(&error) {
                seen.upstream_errors.push(error);
            }
        });
        problem(StatusCode::BAD_GATEWAY, "ArmtapeUpstream", &error.reason).into()
    }

    async fn identity(&self, request: Request) -> Answer {
        self.note(|seen| seen.tokens += 1);
        match whole(request).await {
            Ok(request) => identity::answer(&request, jiff::Timestamp::now())
                .unwrap_or_else(|| {
                    problem(StatusCode::NOT_FOUND, "ArmtapeIdentity", "the identity stub does not know this request")
                })
                .into(),
            Err(answer) => answer,
        }
    }
}

impl<O: Origin> Handler for Recorder<O> {
    type Way = O::Way;

    fn route(&self, authority: &Authority) -> Route<O::Way> {
        let identity = self.origin.is_identity() && identity::is_identity_host(&authority.host);
        let ruling = self.config.hosts.ruling(&authority.host);
        let passed = match ruling {
            _ if identity || authority.host == self.config.own.host => return Route::Serve,
            Ruling::Serve => return Route::Serve,
            Ruling::Pass => true,
            Ruling::Unknown => self.config.hosts.unknown == Unknown::Pass,
            Ruling::Refuse => false,
        };
        if passed && let Some(way) = self.origin.way_to(authority, ruling == Ruling::Pass) {
            return Route::Pass(way);
        }
        self.note(|seen| *seen.refused.entry(authority.host.clone()).or_default() += 1);
        Route::Refuse(if ruling == Ruling::Refuse {
            format!("`[hosts] refused` names {}", authority.host)
        } else if self.origin.is_identity() {
            format!("{} is not a host of the embedded service, which never leaves this machine", authority.host)
        } else {
            format!("{0} is not a taped host; `--allow-host {0}` tapes it", authority.host)
        })
    }

    async fn answer(&self, request: Request) -> Answer {
        if self.origin.is_identity() {
            let host = request.authority.as_ref().map(|authority| authority.host.as_str());
            if host.is_some_and(identity::is_identity_host) || is_metadata(&request.target) {
                return self.identity(request).await;
            }
        }
        let request = match &self.known {
            Some(player) => match player.offer(request).await {
                Ok(answer) => return answer,
                Err(request) => request,
            },
            None => request,
        };
        let place = self.tape.place();
        let received = self.tape.now();
        let swap = request
            .authority
            .is_none()
            .then(|| Swap::new(format!("{}://{}", self.config.scheme, self.config.own.text), request.endpoint.clone()));
        let scheme = if request.authority.is_some() { request.scheme } else { self.config.scheme };
        let authority = request.authority.as_ref().unwrap_or(&self.config.own).clone();
        let exchange = RawExchange {
            method: request.method.to_string(),
            target: Raw::new(request.target.clone()),
            scheme,
            authority: Raw::new(authority.text.clone()),
            version: version_name(request.version),
            request_headers: Raw::new(request.headers.clone()),
            request_body: Raw::default(),
            response: None,
            completion: Completion::Whole,
            connection: request.connection,
            times: Times { request: received, answer: received, end: received },
            notes: Vec::new(),
        };
        // The request's body is on the way while the answer may begin already.
        let sent = SentBody::default();
        let outgoing = match forward(request, scheme, &authority, swap.as_ref(), &sent).await {
            Ok(outgoing) => outgoing,
            Err(answer) => return answer,
        };
        let mut taping = Taping::new(Arc::clone(&self.tape), place, exchange, sent);
        let response = match self.origin.send(outgoing).await {
            Ok(response) => response,
            Err(error) if error.broken_off => {
                taping.end(Some(Completion::Reset), Kept::nothing());
                return Answer::Close;
            }
            // The client went away before it had sent everything: the service is not at fault.
            Err(_) if taping.is_request_cut() => {
                taping.end(Some(Completion::Silent), Kept::nothing());
                return Answer::Close;
            }
            Err(error) => {
                taping.forget();
                return self.upstream_failed(&error);
            }
        };
        let (mut head, body) = response.into_parts();
        taping.answered(&head);
        let taped = Tee::new(body, move |kept| taping.end(None, kept));
        next_hop_response(&mut head.headers);
        let body = match &swap {
            Some(swap) => {
                swap.headers(&mut head.headers);
                swap_body(&mut head.headers, taped, swap).await
            }
            None => taped.boxed_unsync(),
        };
        Answer::Message(http::Response::from_parts(head, body))
    }

    fn passed(&self, authority: &Authority, outcome: Result<(), &std::io::Error>) {
        self.note(|seen| match outcome {
            Ok(()) => *seen.passed.entry(authority.host.clone()).or_default() += 1,
            Err(error) => {
                seen.unreached.entry(authority.host.clone()).or_insert_with(|| error.to_string());
            }
        });
    }

    fn distrusted(&self, host: &str, error: &std::io::Error) {
        self.note(|seen| {
            seen.distrusted.entry(host.to_owned()).or_insert_with(|| error.to_string());
        });
    }
}

/// Where some clients ask an ARM host which clouds there are.
fn is_metadata(target: &str) -> bool {
    target.split('?').next() == Some("/metadata/endpoints")
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

/// The request as it goes out: hop-by-hop headers off, the endpoint's prefix swapped back.
async fn forward(
    request: Request,
    scheme: &str,
    authority: &Authority,
    swap: Option<&Swap>,
    sent: &SentBody,
) -> Result<http::Request<Body>, Answer> {
    let uri = Uri::builder()
        .scheme(scheme)
        .authority(authority.text.as_str())
        .path_and_query(request.target.as_str())
        .build()
        .map_err(|_| -> Answer {
            problem(StatusCode::BAD_REQUEST, "ArmtapeBadTarget", "the request target is not valid").into()
        })?;
    let mut headers = request.headers;
    next_hop_request(&mut headers, &request.body);
    // The client answers for the body by itself from here on.
    headers.remove(header::EXPECT);
    let mut body = request.body;
    if let Some(swap) = swap {
        let back = swap.back();
        back.headers(&mut headers);
        if is_json(&headers) && headers.get(header::CONTENT_ENCODING).is_none() {
            body = match collect(body, LARGEST_SWAPPED).await {
                Ok(whole) => {
                    let swapped = back.bytes(&whole);
                    // It is all there: chunks are not needed any more.
                    headers.remove(header::TRANSFER_ENCODING);
                    if swapped.len() != whole.len() && headers.contains_key(header::CONTENT_LENGTH) {
                        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(swapped.len()));
                    }
                    full(swapped)
                }
                // What the service makes of it is the service's affair.
                Err(Unread::TooLarge(read, rest)) => unread(read, rest),
                Err(Unread::Cut(_)) => return Err(Answer::Close),
            };
        }
    }
    if let Ok(host) = HeaderValue::from_str(&authority.text) {
        headers.insert(header::HOST, host);
    }
    let sent = Arc::clone(sent);
    let body = Tee::new(body, move |kept| {
        *sent.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    });
    let mut outgoing = http::Request::new(body.boxed_unsync());
    *outgoing.method_mut() = request.method;
    *outgoing.uri_mut() = uri;
    *outgoing.headers_mut() = headers;
    Ok(outgoing)
}

/// Largest body in which URLs are swapped: ARM gives up at 8 MB itself (S-02).
const LARGEST_SWAPPED: usize = 16 * 1024 * 1024;

async fn whole(request: Request) -> Result<http::Request<Bytes>, Answer> {
    let mut whole = match collect(request.body, LARGEST_SWAPPED).await {
        Ok(body) => http::Request::new(body),
        Err(Unread::TooLarge(_, rest)) => {
            drop_rest(rest).await;
            let message = "no request for a token or for the clouds has a body of more than 16 MiB";
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "ArmtapeRequestTooLarge", message).into());
        }
        Err(Unread::Cut(_)) => return Err(Answer::Close),
    };
    let authority = request.authority.as_ref().map_or_else(
        || request.endpoint.split_once("://").map_or("localhost", |(_, authority)| authority).to_owned(),
        |authority| authority.text.clone(),
    );
    let uri = uri::Builder::new().scheme(request.scheme).authority(authority).path_and_query(request.target.as_str());
    if let Ok(uri) = uri.build() {
        *whole.uri_mut() = uri;
    }
    *whole.method_mut() = request.method;
    *whole.headers_mut() = request.headers;
    Ok(whole)
}

/// `nextLink` and its kin. Bodies that are not JSON, coded or too large go as they are.
async fn swap_body(headers: &mut HeaderMap, body: Tee, swap: &Swap) -> Body {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if !is_json(headers)
        || headers.contains_key(header::CONTENT_ENCODING)
        || length.is_some_and(|length| length > LARGEST_SWAPPED)
    {
        return body.boxed_unsync();
    }
    match collect(body.boxed_unsync(), LARGEST_SWAPPED).await {
        Ok(whole) => {
            let swapped = swap.bytes(&whole);
            // The length of an answer to HEAD is not that of its body.
            if length.is_some() && swapped.len() != whole.len() {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(swapped.len()));
            }
            full(swapped)
        }
        // Cut short by the service: cut short for the client.
        Err(Unread::Cut(bytes)) => cut(swap.bytes(&bytes)),
        Err(Unread::TooLarge(read, rest)) => unread(read, rest),
    }
}
