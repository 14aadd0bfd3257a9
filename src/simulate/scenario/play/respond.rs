//! An answer of a script as an answer of HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, Method, Response, StatusCode,
    header::{HeaderName, HeaderValue, RETRY_AFTER},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    super::{
        answer::{Answer, LinkHeader, RetryAfter},
        body::{self, Document, Material},
        echo::echoed,
        model::{FinalState, Target},
        pace::Pace,
    },
    About, Asked, Play, Reply,
};
use crate::{
    arm::{Polled, State},
    cassette,
    simulate::reply::{Reply as Ready, http_date},
};

impl Play {
    /// The whole answer, as it would be sent if nothing were wrong on the wire.
    pub(super) fn respond(&mut self, answer: &Answer, about: About, asked: Asked<'_>) -> Response<Bytes> {
        let About { instance, subject, target, header } = about;
        let Asked { request, now } = asked;
        let links: Vec<(LinkHeader, String)> = match instance {
            Some(instance) => answer.links.iter().map(|link| (link.header, self.mint(instance, *link))).collect(),
            None => Vec::new(),
        };
        let status = answer.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
        let mut response = self.desk.finish(Ready::empty(status), request, now);
        let scenario = &self.case.scenario;
        let subject = &self.case.subjects[subject];
        let held = instance.map(|instance| &self.instances[instance]);
        let sent = held.map(|held| &held.sent).filter(|sent| sent.is_object()).unwrap_or(&subject.body);
        let settled = |word: &str| word.eq_ignore_ascii_case("Succeeded");
        let is_final = match target {
            // A state beside polling URLs may be the end, none is not; a 202 never is.
            Target::Write => {
                status != StatusCode::ACCEPTED
                    && (answer.links.is_empty() || answer.state.as_deref().is_some_and(settled))
            }
            // Whoever takes the first 200 for the end has its body.
            Target::Result | Target::NextResult if held.is_some_and(|held| held.lead == target) => true,
            _ => held.is_some_and(|held| held.state == State::Succeeded),
        };
        let path = request.uri().path();
        let draw = &self.case.draw;
        let salt = super::salt(draw, instance.unwrap_or_default());
        let material = Material { subject, draw, sent, path, salt: &salt, second: &self.case.places.second, is_final };
        let has_result = scenario.final_state == FinalState::Status;
        let document = document(target, header, &scenario.operation.method(), has_result);
        let template = answer.body.as_ref().and_then(|name| scenario.bodies.get(name)).map(String::as_str);
        let mut bytes = body::body(answer, document, template, &material);
        if let (Document::Resource, Some(_), Some(taped)) = (document, template, &scenario.tape.sent) {
            let echoed = std::str::from_utf8(&bytes).ok().and_then(|shown| echoed(shown, taped, sent));
            bytes = echoed.map_or(bytes, Bytes::from);
        }
        let headers = response.headers_mut();
        if !bytes.is_empty() {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        for (header, url) in links {
            add(headers, header.name(), &url);
        }
        for wait in &answer.retry_after {
            add(headers, RETRY_AFTER, &retry_after(wait, self.case.pace, now));
        }
        let own = answer.headers.iter().filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, value)));
        let own: Vec<_> = own.collect();
        for (name, _) in &own {
            headers.remove(name);
        }
        for (name, value) in own {
            add(headers, name, value);
        }
        if *request.method() != Method::HEAD {
            *response.body_mut() = bytes;
        }
        response
    }

    pub(super) fn reply(&self, answer: &Answer, response: Response<Bytes>) -> Reply {
        let seconds = u32::try_from(answer.delay.as_secs()).unwrap_or(u32::MAX);
        Reply {
            response: answer.status.map(|_| response),
            delay: Duration::from_secs(self.case.pace.seconds(seconds).into()),
            fault: answer.fault,
        }
    }

    /// An `ETag`, and a property that the client doesn't know and must send back.
    pub(super) fn add_what_an_update_keeps(&self, response: &mut Response<Bytes>) {
        let draw = &self.case.draw;
        add(response.headers_mut(), http::header::ETAG, &format!("\"{}\"", draw.lure));
        if let Ok(mut resource) = serde_json::from_slice::<Value>(response.body())
            && let Some(Value::Object(properties)) = resource.get_mut("properties")
        {
            properties.insert(draw.unknown_property(), draw.token.as_str().into());
            *response.body_mut() = resource.to_string().into();
        }
    }
}

impl LinkHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::Monitor => HeaderName::from_static("azure-asyncoperation"),
            Self::Result => http::header::LOCATION,
            Self::OperationLocation => HeaderName::from_static("operation-location"),
        }
    }
}

fn document(target: Target, header: Option<LinkHeader>, method: &Method, has_result: bool) -> Document {
    match (target, header) {
        (Target::Write, _) | (_, Some(LinkHeader::Result)) if *method == Method::POST => Document::Action,
        (Target::Write | Target::Resource, _) | (_, Some(LinkHeader::Result)) => Document::Resource,
        _ => Document::Status { has_result },
    }
}

pub(super) fn polled(target: Target, header: Option<LinkHeader>) -> Polled {
    match (target, header) {
        (Target::Resource, _) => Polled::Resource,
        (_, Some(LinkHeader::Result)) => Polled::Location,
        (_, Some(_)) => Polled::AsyncOperation,
        _ => Polled::Nothing,
    }
}

/// The answer as far as it tells of the operation, in the form from which the rest of the house reads states.
/// That of the body no more is asked, spares a check that it can be taped as JSON.
pub(super) fn telling(response: &Response<Bytes>) -> cassette::Response {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let body = response.body();
    let text = if body.starts_with(MARK) { body.slice(MARK.len()..) } else { body.clone() };
    cassette::Response {
        status: response.status().as_u16(),
        headers: cassette::Headers::default(),
        body: cassette::Body::Json(text),
    }
}

fn retry_after(wait: &RetryAfter, pace: Pace, now: Timestamp) -> String {
    match wait {
        RetryAfter::Seconds(seconds) => pace.seconds(*seconds).to_string(),
        RetryAfter::Date(from_now) => {
            let seconds = match u32::try_from(*from_now) {
                Ok(ahead) => i64::from(pace.seconds(ahead)),
                Err(_) => i64::from(*from_now),
            };
            let date = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
            http_date(date)
        }
        RetryAfter::Text(text) => text.clone(),
    }
}

/// A value that HTTP can't carry is left out: it can only come from a script.
fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}
