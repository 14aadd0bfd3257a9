//! What was said on the wire, in the client's words: for whoever judges the client.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Response, Version};
use jiff::Timestamp;

use crate::{
    cassette::{Cassette, Completion, Times},
    proxy::Request,
    redact::{self, Raw, RawExchange, RawResponse},
};

/// Most exchanges that are kept: a replay may serve for days.
const MOST: usize = 1_000;

/// Nothing more is kept once the bodies have so many bytes together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Exchanges, in the order in which they ended.
pub(super) struct Trace {
    began: Timestamp,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    interactions: Vec<crate::cassette::Interaction>,
    /// Those that came behind them: nobody waits for an answer while its bodies are taken apart.
    raw: Vec<RawExchange>,
    bytes: usize,
    left_out: usize,
}

/// The answer to a request; `None` where the connection was closed instead.
pub(super) type Answered = Option<(Response<Bytes>, Completion)>;

impl Trace {
    pub(super) fn new() -> Self {
        Self { began: Timestamp::now(), kept: Mutex::default() }
    }

    /// What was kept, and how many exchanges were not.
    pub(super) fn kept(&self) -> (Cassette, usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let raw = std::mem::take(&mut kept.raw);
        kept.interactions.extend(raw.into_iter().map(redact::in_memory));
        let interactions = kept.interactions.clone();
        let recorded = Some(self.began.to_string());
        (Cassette { recorded, interactions, ..Cassette::default() }, kept.left_out)
    }

    /// Keeps an exchange. `body` is what the client sent, `times` are on the clock of the replay.
    pub(super) fn keep(&self, request: &Request, body: &Bytes, answered: &Answered, times: Times) {
        let response = answered.as_ref().map(|(response, _)| response);
        let completion = answered.as_ref().map_or(Completion::Reset, |(_, completion)| *completion);
        self.keep_as(request, body, response, completion, times);
    }

    /// As [`Trace::keep`], of what a fault left of an answer.
    pub(super) fn keep_as(
        &self,
        request: &Request,
        body: &Bytes,
        response: Option<&Response<Bytes>>,
        completion: Completion,
        times: Times,
    ) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.interactions.len() + kept.raw.len() >= MOST || kept.bytes >= MOST_BYTES {
            kept.left_out += 1;
            return;
        }
        kept.bytes += body.len() + response.map_or(0, |response| response.body().len());
        kept.raw.push(exchange(request, body, response, completion, times));
    }
}

fn exchange(
    request: &Request,
    body: &Bytes,
    response: Option<&Response<Bytes>>,
    completion: Completion,
    times: Times,
) -> RawExchange {
    let host = request.authority.as_ref().map(|authority| authority.text.as_str());
    // At the endpoint that armtape gave it.
    let own = request.endpoint.split_once("://").map_or(request.endpoint.as_str(), |(_, host)| host);
    RawExchange {
        method: request.method.to_string(),
        target: Raw::new(request.target.clone()),
        scheme: request.scheme,
        authority: Raw::new(host.unwrap_or(own).to_owned()),
        version: name_of(request.version),
        request_headers: Raw::new(request.headers.clone()),
        request_body: Raw::new(body.clone()),
        response: response.map(|response| RawResponse {
            status: response.status().as_u16(),
            headers: Raw::new(decoded(response.headers())),
            body: Raw::new(response.body().clone()),
        }),
        completion,
        connection: request.connection,
        times,
        notes: Vec::new(),
    }
}

/// The headers of a body that is kept without its coding.
fn decoded(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(http::header::CONTENT_ENCODING);
    headers
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}
