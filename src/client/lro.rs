//! One operation as a state machine: the write, the polls and the last read. Pure: it takes what
//! happened and the time at which it happened, and says what to send next, and when.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, Method, Request, StatusCode, Uri,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION},
};

use super::{
    outcome::Outcome,
    read::{self, Fault},
    retry_after::retry_after,
    terms::{Answer, Event, Settings, Step, TokenUse, Write},
    url::{Home, UrlError},
};

/// The shortest wait before a poll that follows an answer, whatever the service asks for: `min_gap`
/// of LRO-C-24, well below the busy loop of LRO-C-25.
pub(super) const SHORTEST: Duration = Duration::from_millis(500);

/// Retries of one request after transient faults. With the waits doubling from a second, half a
/// minute of trouble is survived (LRO-C-40, LRO-C-55).
const RETRIES: u32 = 5;

/// Redirects that one request may lead through.
const REDIRECTS: u32 = 5;

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub(super) write: Write,
    pub(super) home: Home,
    pub(super) settings: Settings,
    pub(super) phase: Phase,
    /// Whether there was no write, so that a URL's kind is not known (LRO-C-53).
    pub(super) resumed: bool,
    /// The newest `Location`, for a result that is read there.
    pub(super) location: Option<Uri>,
    /// Answers in succession that said nothing: unreadable, absent, lagging.
    pub(super) puzzles: u32,
    /// Where a redirect led the request that is to be sent.
    redirected: Option<Uri>,
    redirects: u32,
    faults: u32,
    renewed: bool,
}

/// What the next request is.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The resource is read, to be changed.
    Read,
    Write,
    Poll(Target),
    /// The operation has succeeded; its result is read.
    Result(Uri),
}

/// What is polled (LRO-C-08).
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A status document: `Azure-AsyncOperation` or `Operation-Location`.
    Status(Uri),
    /// The operation's result: `Location`.
    Location(Uri),
    /// The resource itself.
    Resource(Uri),
}

impl Operation {
    /// An operation that begins with `write`.
    ///
    /// # Errors
    ///
    /// The URL can't be used.
    pub fn new(write: Write, settings: Settings) -> Result<Self, UrlError> {
        let home = Home::new(&write.url, settings.trusted_hosts.clone())?;
        Ok(Self {
            write,
            home,
            settings,
            phase: Phase::Write,
            resumed: false,
            location: None,
            puzzles: 0,
            redirected: None,
            redirects: 0,
            faults: 0,
            renewed: false,
        })
    }

    /// An operation that reads the resource, lays `write`'s body over it, and writes it back on the
    /// condition that nobody else has changed it meanwhile.
    ///
    /// # Errors
    ///
    /// The URL can't be used.
    pub fn update(write: Write, settings: Settings) -> Result<Self, UrlError> {
        Ok(Self { phase: Phase::Read, ..Self::new(write, settings)? })
    }

    /// An operation that `write` began earlier, polled at a URL that was kept (LRO-C-53). The write
    /// is not sent again.
    ///
    /// # Errors
    ///
    /// One of the URLs can't be used.
    pub fn resume(write: Write, polling: &str, settings: Settings) -> Result<Self, UrlError> {
        let mut operation = Self::new(write, settings)?;
        let polling = operation.home.resolve(&operation.home.uri, polling)?;
        operation.phase = Phase::Poll(Target::Location(polling));
        operation.resumed = true;
        Ok(operation)
    }

    /// When the client gives up, if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.settings.timeout
    }

    /// The outcome of a client that is interrupted. Nothing is to be sent any more (LRO-C-52).
    #[must_use]
    pub fn interrupted(&self) -> Outcome {
        Outcome::unknown(self.unread(), Fault { code: None, message: "the client was interrupted".to_owned() })
    }

    /// What to do after `event`, which happened at `now` (time since the start).
    pub fn next(&mut self, event: Event, now: Duration) -> Step {
        match event {
            Event::Start => self.send(now, now),
            Event::Failed { reason, permanent } => self.lost(reason, permanent, now),
            Event::Answer(answer) => self.answered(&answer, now),
        }
    }

    fn lost(&mut self, reason: String, permanent: bool, now: Duration) -> Step {
        self.redirected = None;
        // Whether a POST was carried out is not known; again could be twice (LRO-C-05).
        let once = matches!(self.phase, Phase::Write) && self.write.method == Method::POST;
        if (once || permanent) && !self.is_over(now) {
            return Step::Done(Outcome::unknown(self.unread(), Fault { code: None, message: reason }));
        }
        let again = self.retry(None, now);
        again.unwrap_or_else(|| Step::Done(Outcome::unknown(self.unread(), Fault { code: None, message: reason })))
    }

    fn answered(&mut self, answer: &Answer, now: Duration) -> Step {
        let asked = self.redirected.take().unwrap_or_else(|| self.uri().clone());
        let status = answer.status;
        if status == StatusCode::UNAUTHORIZED && self.can_renew(&asked) {
            self.renewed = true;
            self.redirected = Some(asked);
            return self.send(now, now);
        }
        if self.is_worth_retrying(answer) {
            return self.retry(self.retry_after(answer), now).unwrap_or_else(|| self.refused(answer));
        }
        if status.is_redirection() && !matches!(self.phase, Phase::Write) {
            return self.redirect(answer, &asked, now);
        }
        self.faults = 0;
        self.redirects = 0;
        self.renewed = false;
        self.judge(answer, &asked, now)
    }

    fn can_renew(&self, asked: &Uri) -> bool {
        self.settings.renews_token && !self.renewed && self.home.may_see_token(asked)
    }

    /// Whether the same request may do better later (LRO-C-05, LRO-C-40).
    fn is_worth_retrying(&self, answer: &Answer) -> bool {
        let status = answer.status.as_u16();
        let transient = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
        if !matches!(self.phase, Phase::Write) {
            return transient;
        }
        // An invitation, unless it is the token that is wrong.
        let invited = status >= 400 && status != 401 && self.retry_after(answer).is_some();
        if self.write.method == Method::POST {
            // Only what is known not to have been carried out.
            return matches!(status, 429 | 503) || (invited && status < 500 && status != 408);
        }
        transient || invited
    }

    /// The same request again, later, unless that was done often enough.
    fn retry(&mut self, asked_for: Option<Duration>, now: Duration) -> Option<Step> {
        if self.faults == RETRIES {
            return None;
        }
        let backoff = Duration::from_secs(1 << self.faults);
        self.faults += 1;
        // A wait of nothing is no advice.
        let wait = asked_for.filter(|wait| *wait >= SHORTEST).unwrap_or(backoff);
        Some(self.send(now + wait, now))
    }

    /// The end after an error answer that says nothing more about the operation. An answer to the
    /// write ends it (LRO-C-07); one to a poll only says that the state could not be read
    /// (LRO-C-39).
    pub(super) fn refused(&self, answer: &Answer) -> Step {
        let fault = read::fault_of(answer.status, &answer.headers, &answer.body);
        Step::Done(match self.phase {
            Phase::Write => Outcome::failed(fault),
            _ => Outcome::unknown(self.unread(), fault),
        })
    }

    /// What is not known when the request that is due is given up.
    pub(super) fn unread(&self) -> &'static str {
        match self.phase {
            Phase::Read => "the resource could not be read, and was not changed",
            Phase::Write => "the write was not answered",
            Phase::Poll(_) => "the state of the operation could not be read",
            Phase::Result(_) => "the operation succeeded, but its result could not be read",
        }
    }

    fn redirect(&mut self, answer: &Answer, asked: &Uri, now: Duration) -> Step {
        let target = header(&answer.headers, LOCATION.as_str());
        let target = target.and_then(|text| self.home.resolve(asked, text).ok());
        match target {
            Some(target) if self.redirects < REDIRECTS => {
                self.redirects += 1;
                self.redirected = Some(target);
                self.send(now, now)
            }
            _ => self.refused(answer),
        }
    }

    pub(super) fn retry_after(&self, answer: &Answer) -> Option<Duration> {
        retry_after(&answer.headers, self.settings.started)
    }

    /// The URL of the request that is due.
    fn uri(&self) -> &Uri {
        match &self.phase {
            Phase::Read | Phase::Write => &self.home.uri,
            Phase::Poll(Target::Status(uri) | Target::Location(uri) | Target::Resource(uri)) | Phase::Result(uri) => {
                uri
            }
        }
    }

    /// Sends the request that is due, unless that would be after the limit (LRO-C-26).
    pub(super) fn send(&self, not_before: Duration, now: Duration) -> Step {
        if self.is_over(now) || self.is_over(not_before) {
            return Step::Done(Outcome::timeout(match self.phase {
                Phase::Read => "the resource could not be read within the limit",
                Phase::Write => "the write was not accepted within the limit",
                Phase::Poll(_) => "the operation was still running when the limit was reached",
                Phase::Result(_) => "the operation succeeded, but its result could not be read within the limit",
            }));
        }
        let uri = self.redirected.as_ref().unwrap_or_else(|| self.uri());
        let token = match (self.home.may_see_token(uri), self.renewed) {
            (false, _) => TokenUse::None,
            (true, false) => TokenUse::Token,
            (true, true) => TokenUse::Renewed,
        };
        Step::Send { request: self.request(uri.clone()), token, not_before }
    }

    fn is_over(&self, at: Duration) -> bool {
        self.settings.timeout.is_some_and(|limit| at >= limit)
    }

    fn request(&self, uri: Uri) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = uri;
        if let Phase::Write = self.phase {
            *request.method_mut() = self.write.method.clone();
            *request.headers_mut() = self.write.headers.clone();
            *request.body_mut() = self.write.body.clone();
            if !self.write.body.is_empty() {
                request.headers_mut().entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            }
        }
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        request
    }
}

/// The first value of a header, if it is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok()
}
