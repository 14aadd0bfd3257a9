//! Faults by hand: answers in the place of those that a service would give.

use std::str::FromStr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, Response, StatusCode};

use super::answer::{Answer, AnswerError, RetryAfter};
use super::model::Target;
use super::play::Reply;

/// One fault: which requests, and what becomes of them. Written `WHICH=ANSWER`, such as
/// `GET:2=503 RA=1`, `monitor:1..3=reset` or `PUT=cut`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interposed {
    which: Which,
    from: usize,
    to: usize,
    answer: Answer,
    /// Whether the service's own answer goes out, spoilt.
    spoils: bool,
    seen: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Method(Method),
    Target(Target),
}

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterposedError {
    /// It hasn't the form.
    #[error("`{0}` is no fault such as `GET:2=503 RA=1`, `monitor:1..3=reset` or `PUT=cut`")]
    Form(String),
    /// It names nothing that is asked.
    #[error("`{word}` is neither a method nor a target{}", known.as_ref().map(|known| format!("; did you mean `{known}`?")).unwrap_or_default())]
    Which {
        /// The word.
        word: String,
        /// What it may have been meant to be.
        known: Option<String>,
    },
    /// Its answer can't be read.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Its answer is one of an operation.
    #[error("a fault has neither a state, a URL nor a body of its own: those are a scenario's")]
    State,
}

impl FromStr for Interposed {
    type Err = InterposedError;

    fn from_str(text: &str) -> Result<Self, InterposedError> {
        let form = || InterposedError::Form(text.to_owned());
        let (which, answer) = text.split_once('=').ok_or_else(form)?;
        let (which, range) = which.split_once(':').unwrap_or((which, "1.."));
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or_else(form);
        let (from, to) = match range.split_once("..") {
            None => (number(range)?, number(range)?),
            Some((from, "")) => (number(from)?, usize::MAX),
            Some((from, to)) => (number(from)?, number(to)?),
        };
        let spoils = ["cut", "short", "stall", "slow="].iter().any(|word| answer.trim_start().starts_with(word));
        let (answer, _) = if spoils { Answer::parse(&format!("200 {answer}"))? } else { Answer::parse(answer)? };
        if answer.state.is_some() || !answer.links.is_empty() || answer.body.is_some() {
            return Err(InterposedError::State);
        }
        Ok(Self { which: which.parse()?, from, to, answer, spoils, seen: 0 })
    }
}

impl FromStr for Which {
    type Err = InterposedError;

    fn from_str(word: &str) -> Result<Self, InterposedError> {
        const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"];
        if let Some((_, target)) = Target::NAMES.iter().find(|(name, _)| *name == word) {
            return Ok(Self::Target(*target));
        }
        match word.parse() {
            Ok(method) if METHODS.contains(&word) => Ok(Self::Method(method)),
            _ => {
                let known = METHODS.into_iter().chain(Target::NAMES.map(|(name, _)| name));
                Err(InterposedError::Which { word: word.to_owned(), known: super::nearest(word, known) })
            }
        }
    }
}

impl Interposed {
    /// Counts a request, and says whether it is one of those.
    pub fn takes(&mut self, method: &Method, target: Option<Target>) -> bool {
        let fits = match &self.which {
            Which::Method(wanted) => wanted == method,
            Which::Target(wanted) => Some(*wanted) == target,
        };
        if !fits {
            return false;
        }
        self.seen += 1;
        (self.from..=self.to).contains(&self.seen)
    }

    /// Whether the request takes effect at the service although its answer is lost or spoilt.
    #[must_use]
    pub fn takes_effect(&self) -> bool {
        self.spoils || self.answer.applied
    }

    /// What goes out in the place of `reply`.
    #[must_use]
    pub fn instead_of(&self, reply: Reply) -> Reply {
        let Self { answer, .. } = self;
        if self.spoils {
            return Reply { delay: reply.delay + answer.delay, fault: answer.fault.or(reply.fault), ..reply };
        }
        Reply {
            response: answer.status.map(|status| response(status, answer)),
            delay: answer.delay,
            fault: answer.fault,
        }
    }
}

fn response(status: u16, answer: &Answer) -> Response<Bytes> {
    let body = answer.code.as_ref().map(|code| {
        serde_json::json!({ "error": { "code": code, "message": "this answer was asked for" } }).to_string()
    });
    let mut response = Response::new(Bytes::from(body.unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if answer.code.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    let waits = answer.retry_after.iter().filter_map(|wait| match wait {
        RetryAfter::Seconds(seconds) => Some((RETRY_AFTER, seconds.to_string())),
        RetryAfter::Text(text) => Some((RETRY_AFTER, text.clone())),
        // There is no clock here.
        RetryAfter::Date(_) => None,
    });
    let others = answer
        .headers
        .iter()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name.as_str()).ok()?, value.clone())));
    for (name, value) in waits.chain(others) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_requests_that_it_names() {
        let mut second: Interposed = "GET:2=503 !Busy RA=1".parse().unwrap();
        let mut taken = |method, target| second.takes(method, target);
        assert_eq!(
            [taken(&Method::GET, None), taken(&Method::PUT, None), taken(&Method::GET, None)],
            [false, false, true]
        );
        assert!(!taken(&Method::GET, None));
        let mut always: Interposed = "monitor=reset".parse().unwrap();
        assert!(always.takes(&Method::GET, Some(Target::Monitor)) && always.takes(&Method::GET, Some(Target::Monitor)));
        assert!(!always.takes(&Method::GET, Some(Target::Resource)));
    }

    #[test]
    fn answers_or_spoils() {
        let own = || Reply { response: Some(Response::new(Bytes::from("own"))), ..Reply::default() };
        let instead: Interposed = "GET=429 !Busy RA=3".parse().unwrap();
        let response = instead.instead_of(own()).response.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"3".parse().unwrap()));
        assert!(!instead.takes_effect());
        let spoilt: Interposed = "PUT:1=slow=2".parse().unwrap();
        let reply = spoilt.instead_of(own());
        assert_eq!((reply.delay.as_secs(), reply.response.unwrap().into_body()), (2, Bytes::from("own")));
        assert!(spoilt.takes_effect() && "PUT=applied reset".parse::<Interposed>().unwrap().takes_effect());
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<Interposed>().unwrap_err().to_string();
        insta::assert_snapshot!(error("reset"), @"`reset` is no fault such as `GET:2=503 RA=1`, `monitor:1..3=reset` or `PUT=cut`");
        insta::assert_snapshot!(error("GET:0=reset"), @"`GET:0=reset` is no fault such as `GET:2=503 RA=1`, `monitor:1..3=reset` or `PUT=cut`");
        insta::assert_snapshot!(error("GTE=reset"), @"`GTE` is neither a method nor a target");
        insta::assert_snapshot!(error("monitr=reset"), @"`monitr` is neither a method nor a target; did you mean `monitor`?");
        insta::assert_snapshot!(error("GET=rest"), @"`rest` is no status: an answer begins with a number from 200 to 599, or is `reset`, `close` or `silent`");
        insta::assert_snapshot!(error("GET=200 {Failed}"), @"a fault has neither a state, a URL nor a body of its own: those are a scenario's");
    }
}
