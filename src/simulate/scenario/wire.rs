//! What a reply becomes on the wire.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};

use super::{answer::Fault, play::Reply};
use crate::{
    cassette::Completion,
    proxy::{Answer, Step, cut, full},
};

/// How long an answer that never comes is awaited: longer than any client waits.
const NEVER: Duration = Duration::from_secs(24 * 3600);

impl Reply {
    /// The answer as the server takes it. The delay is the caller's to keep.
    #[must_use]
    pub fn on_the_wire(self) -> Answer {
        let Some(response) = self.response else {
            return match self.fault {
                Some(Fault::Silent) => Answer::Raw(vec![Step::Wait(NEVER), Step::Close]),
                Some(Fault::Reset) => Answer::Raw(vec![Step::Reset]),
                _ => Answer::Close,
            };
        };
        let (head, body) = response.into_parts();
        let steps = |rest: &[Step]| {
            let mut steps = vec![raw_head(head.status, &head.headers, body.len())];
            steps.extend_from_slice(rest);
            Answer::Raw(steps)
        };
        match self.fault {
            Some(Fault::Stall) => steps(&[Step::Wait(NEVER)]),
            Some(Fault::Short) => steps(&[Step::Bytes(Fault::Short.part(&body)), Step::Close]),
            Some(fault @ (Fault::Cut | Fault::CutAfter(_))) => {
                Answer::Message(Response::from_parts(head, cut(fault.part(&body))))
            }
            _ => Answer::Message(Response::from_parts(head, full(body))),
        }
    }
}

fn raw_head(status: StatusCode, headers: &HeaderMap, length: usize) -> Step {
    let length = length.to_string();
    let text = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let lines: Vec<_> = text.chain([("content-length", length.as_str())]).collect();
    let reason = status.canonical_reason().unwrap_or_default();
    Step::head(&format!("HTTP/1.1 {} {reason}", status.as_u16()), &lines)
}

impl Reply {
    /// What a client has of it in the end: for a trace.
    #[must_use]
    pub fn received(&self) -> (Option<Response<Bytes>>, Completion) {
        let Some(response) = &self.response else {
            return match self.fault {
                Some(Fault::Silent) => (None, Completion::Silent),
                _ => (None, Completion::Reset),
            };
        };
        let Some(fault) = self.fault else { return (Some(response.clone()), Completion::Whole) };
        let (head, body) = response.clone().into_parts();
        let body = fault.part(&body);
        let completion = match fault {
            Fault::Cut | Fault::CutAfter(_) | Fault::Short => Completion::Cut(body.len() as u64),
            Fault::Stall => Completion::Silent,
            _ => Completion::Whole,
        };
        (Some(Response::from_parts(head, body)), completion)
    }
}

impl Fault {
    /// What of an answer's body is sent.
    pub(super) fn sent(self, response: &Response<Bytes>) -> Bytes {
        self.part(response.body())
    }

    fn part(self, body: &Bytes) -> Bytes {
        match self {
            Self::Cut | Self::Short => body.slice(..body.len() / 2),
            Self::CutAfter(length) => body.slice(..length.min(body.len())),
            _ => Bytes::new(),
        }
    }
}
