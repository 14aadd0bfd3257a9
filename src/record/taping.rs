//! One exchange on its way to the tape: from the request's head to whichever end it comes to.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, header};

use super::{
    Tape,
    tee::{End, Kept, MOST},
};
use crate::{
    cassette::Completion,
    proxy::{decode, decode_beginning},
    redact::{Raw, RawExchange, RawResponse, fingerprint},
};

/// What went out of a request's body, once it has come to its end: the answer may begin before.
pub(super) type SentBody = Arc<Mutex<Option<Kept>>>;

/// An exchange under way. However it ends, it is on the tape: a client that goes away while it
/// waits is an exchange without an answer.
pub(super) struct Taping {
    tape: Arc<Tape>,
    place: u64,
    exchange: Option<RawExchange>,
    /// What went out of the request's body, once it has come to its end.
    sent: SentBody,
}

impl Taping {
    /// Begins with the request's head; `sent` will hold what goes out of its body.
    pub(super) fn new(tape: Arc<Tape>, place: u64, exchange: RawExchange, sent: SentBody) -> Self {
        Self { tape, place, exchange: Some(exchange), sent }
    }

    /// The head of the answer has arrived.
    pub(super) fn answered(&mut self, head: &http::response::Parts) {
        if let Some(exchange) = &mut self.exchange {
            exchange.times.answer = self.tape.now();
            let (status, headers) = (head.status.as_u16(), Raw::new(head.headers.clone()));
            exchange.response = Some(RawResponse { status, headers, body: Raw::default() });
        }
    }

    /// Whether the client went away before it had sent everything. A body that nobody read, since
    /// there was no way to the service, says nothing of the client.
    pub(super) fn is_request_cut(&self) -> bool {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.as_ref().is_some_and(|sent| sent.end == End::Cut)
    }

    /// Not an exchange with the service at all.
    pub(super) fn forget(&mut self) {
        self.exchange = None;
    }

    /// Puts the exchange together, decoded and redacted. Without a `completion` the answer's body
    /// says how it ended.
    pub(super) fn end(&mut self, completion: Option<Completion>, received: Kept) {
        let Some(mut exchange) = self.exchange.take() else { return };
        exchange.times.end = self.tape.now();
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner).take();
        if sent.as_ref().is_none_or(|sent| sent.end != End::Whole) {
            exchange.notes.push("the request body was not sent to its end".to_owned());
        }
        let sent = sent.unwrap_or_else(Kept::nothing);
        for (kept, side) in [(&sent, "request"), (&received, "response")] {
            if kept.trailers {
                exchange.notes.push(format!("{side} trailers not kept"));
            }
        }
        exchange.request_body = decoded(&exchange.request_headers, sent, "request", &mut exchange.notes);
        let cut = received.end != End::Whole;
        match &mut exchange.response {
            Some(response) => response.body = decoded(&response.headers, received, "response", &mut exchange.notes),
            None => exchange.times.answer = exchange.times.end,
        }
        exchange.completion = completion.unwrap_or_else(|| match &exchange.response {
            Some(response) if cut => Completion::Cut(response.body.expose().len() as u64),
            _ => Completion::Whole,
        });
        self.tape.append(self.place, exchange);
    }
}

impl Drop for Taping {
    fn drop(&mut self) {
        self.end(Some(Completion::Silent), Kept::nothing());
    }
}

/// The body without its coding; of one that was cut, as much as can be read. One that cannot be
/// read is not written: nobody could say what is in it.
fn decoded(headers: &Raw<HeaderMap>, kept: Kept, side: &str, notes: &mut Vec<String>) -> Raw<Bytes> {
    let Some(body) = kept.bytes else {
        let most = MOST / 1024 / 1024;
        notes.push(format!("{side} body of {} bytes not kept: more than {most} MiB", kept.size));
        return Raw::default();
    };
    let coding = headers.expose().get(header::CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
    let Some(coding) = coding.filter(|_| !body.is_empty()) else { return Raw::new(body) };
    let coded = body.clone();
    let decoded = if kept.end == End::Whole { decode(coding, body) } else { decode_beginning(coding, body) };
    Raw::new(decoded.unwrap_or_else(|error| {
        notes.push(format!("{side} body not kept: {error}: {}", fingerprint(&coded)));
        Bytes::new()
    }))
}
