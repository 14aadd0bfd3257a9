//! Faults by hand: answers in the place of those that a service would give.

use bytes::Bytes;
use http::{
    Method, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER},
};

use super::{
    answer::{Answer, RetryAfter},
    model::Target,
    play::Reply,
};
use crate::simulate::roles::Role;

mod notation;

pub use notation::{InterposedError, Wrong};

/// One fault: which requests, and what becomes of them. Written `ANSWER at WHICH`, such as
/// `429 retry-after=2 at poll 2` or `cut 100 at read`, or `WHICH=ANSWER`, such as `GET:2=503 RA=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interposed {
    /// As it was written.
    text: String,
    which: Which,
    from: usize,
    to: usize,
    answer: Answer,
    /// Whether the service's own answer goes out, spoilt.
    spoils: bool,
    seen: usize,
}

/// A request, as faults name it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Where it goes.
    pub target: Target,
    /// What it is for.
    pub role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Role(Role),
    Method(Method),
    Target(Target),
}

impl Which {
    fn name(&self) -> String {
        match self {
            Self::Role(role) => {
                Role::NAMES.iter().find(|(_, known)| known == role).map_or("", |(name, _)| name).to_owned()
            }
            Self::Method(method) => method.to_string(),
            Self::Target(target) => target.to_string(),
        }
    }
}

impl Interposed {
    /// Counts a request, and says whether it is one of those.
    pub fn takes(&mut self, request: &Request<'_>) -> bool {
        let fits = match &self.which {
            Which::Role(wanted) => *wanted == request.role,
            Which::Method(wanted) => wanted == request.method,
            Which::Target(wanted) => *wanted == request.target,
        };
        if !fits {
            return false;
        }
        self.seen += 1;
        (self.from..=self.to).contains(&self.seen)
    }

    /// Where none of its requests came: the fault, and how many there were.
    #[must_use]
    pub fn in_vain(&self) -> Option<String> {
        let Self { text, seen, from, which, .. } = self;
        let of = which.name();
        let came = match seen {
            0 => format!("there was no {of}"),
            1 => format!("there was only 1 {of}"),
            _ => format!("there were only {seen}"),
        };
        (seen < from).then(|| format!("the fault `{text}` did not come to pass: {came}"))
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
    use super::super::answer::Fault;
    use super::*;

    fn request(method: &Method, target: Target) -> Request<'_> {
        let role = match (method, target) {
            (&Method::GET, Target::Resource) => Role::Read,
            (&Method::GET, _) => Role::Poll,
            _ => Role::Write,
        };
        Request { method, target, role }
    }

    #[test]
    fn takes_the_requests_that_it_names() {
        let mut second: Interposed = "GET:2=503 !Busy RA=1".parse().unwrap();
        let mut taken = |method| second.takes(&request(&method, Target::Other));
        assert_eq!([taken(Method::GET), taken(Method::PUT), taken(Method::GET)], [false, false, true]);
        assert!(!taken(Method::GET));
        let mut always: Interposed = "monitor=reset".parse().unwrap();
        let monitor = request(&Method::GET, Target::Monitor);
        assert!(always.takes(&monitor) && always.takes(&monitor));
        assert!(!always.takes(&request(&Method::GET, Target::Resource)));
    }

    #[test]
    fn takes_what_it_is_laid_at() {
        let taken = |text: &str| {
            let mut fault: Interposed = text.parse().unwrap();
            let asked = [(Method::PUT, Target::Write), (Method::GET, Target::Monitor), (Method::GET, Target::Monitor)];
            let asked = asked.into_iter().chain([(Method::GET, Target::Resource)]);
            let taken = asked.map(|(method, target)| u8::from(fault.takes(&request(&method, target))).to_string());
            taken.collect::<String>()
        };
        assert_eq!(taken("503 at write"), "1000");
        assert_eq!(taken("429 retry-after=2 at poll 2"), "0010");
        assert_eq!(taken("reset at poll"), "0100");
        assert_eq!(taken("reset at poll 1.."), "0110");
        assert_eq!(taken("cut 100 at read"), "0001");
        assert_eq!(taken("silent at GET 2..3"), "0011");
        assert_eq!(taken("silent at monitor 1"), "0100");
        let mut vain: Interposed = "reset at poll 3".parse().unwrap();
        assert_eq!(
            vain.in_vain().as_deref(),
            Some("the fault `reset at poll 3` did not come to pass: there was no poll")
        );
        for _ in 0..3 {
            vain.takes(&request(&Method::GET, Target::Monitor));
        }
        assert_eq!(vain.in_vain(), None);
    }

    #[test]
    fn reads_the_words_that_people_use() {
        let own = || Reply { response: Some(Response::new(Bytes::from("the answer"))), ..Reply::default() };
        let fault = |text: &str| text.parse::<Interposed>().unwrap().instead_of(own());
        let response = fault("429 !Busy Retry-After=2s at poll 2").response.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"2".parse().unwrap()));
        assert_eq!(fault("slow 2s at poll 1").delay.as_secs(), 2);
        assert_eq!(fault("slow=2s at poll 1").delay.as_secs(), 2);
        let cut = fault("cut 3 at read");
        assert_eq!(cut.fault, Some(Fault::CutAfter(3)));
        assert_eq!(cut.received().0.unwrap().into_body(), Bytes::from("the"));
        assert_eq!(fault("cut at read").received().0.unwrap().into_body(), Bytes::from("the a"));
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
}
