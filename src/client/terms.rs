//! What goes into the state machine of an operation, and what comes out.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use jiff::Timestamp;

use super::outcome::Outcome;

/// The write that starts an operation.
#[derive(Clone, Debug)]
pub struct Write {
    /// `PUT`, `PATCH`, `POST` or `DELETE`.
    pub method: Method,
    /// The whole URL, with api-version.
    pub url: String,
    /// The body; empty for none.
    pub body: Bytes,
    /// Headers of the write alone, such as preconditions (LRO-C-06).
    pub headers: HeaderMap,
}

/// What the caller decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Wait between polls where the service says nothing.
    pub default_interval: Duration,
    /// The client gives up, at the latest, when so much time has passed since the start. `None`
    /// waits without limit.
    pub timeout: Option<Duration>,
    /// Hosts beside the one of the write that may see the token, each `HOST` or `HOST:PORT`.
    pub trusted_hosts: Vec<String>,
    /// Where the result is, which the wire doesn't tell (section 1.7).
    pub result: ResultAt,
    /// Whether a 401 can be answered with another token (LRO-C-29).
    pub renews_token: bool,
    /// Wall clock at the start, to read dates in `Retry-After` of services that send no `Date`.
    pub started: Option<Timestamp>,
}

/// Where the result of an operation is whose status URL said `Succeeded`: the values of
/// `final-state-via`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultAt {
    /// The resource itself for PUT and PATCH, `Location` for POST, nowhere for DELETE.
    #[default]
    ByMethod,
    /// `Location`.
    Location,
    /// The status document.
    Status,
    /// The URL of the write.
    Resource,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Nothing yet.
    Start,
    /// An answer arrived whole.
    Answer(Answer),
    /// No answer, or not the whole of one.
    Failed {
        /// Why, for people.
        reason: String,
        /// Whether another attempt is pointless.
        permanent: bool,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send a request, and come back with what happened.
    Send {
        /// Everything but the token and the request id.
        request: Request<Bytes>,
        /// Whether the token goes with it.
        token: TokenUse,
        /// Not before this time.
        not_before: Duration,
    },
    /// The end. Nothing is to be sent any more (LRO-C-52).
    Done(Outcome),
}

/// Whether a token goes with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// No: the host isn't trusted (LRO-C-30).
    None,
    /// Yes.
    Token,
    /// Yes, and another one than before, which was refused (LRO-C-29).
    Renewed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // The contract's own interval (S-34).
            default_interval: Duration::from_secs(60),
            timeout: None,
            trusted_hosts: Vec::new(),
            result: ResultAt::default(),
            renews_token: false,
            started: None,
        }
    }
}
