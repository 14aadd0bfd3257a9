//! Answers of the tape as they go out.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::{made, pace::Pace, script::Script, trace, variables::Variables, words::Words, world::Given};
use crate::{
    cassette::{Completion, Headers},
    proxy::{Answer, Request, Swap, cut, encode, full, is_json},
};

/// The answer that is given, in the words of a session and with the hosts that its client knows.
pub(super) fn answer(script: &Script, pace: Pace, given: Given, words: &Words, swaps: &[Swap]) -> trace::Answered {
    let interaction = &script.interactions()[given.interaction];
    let made = given.made.and_then(|made| made::answer(script, made, given.running));
    let recorded = made.as_ref().or(interaction.response.as_ref())?;
    let mut body = recorded.body.bytes().unwrap_or_default();
    let mut headers = wire_headers(&recorded.headers);
    if !words.is_idle() {
        say(words, &script.variables, &mut headers);
        if let Cow::Owned(said) = words.say(&script.variables, &body) {
            body = said.into();
        }
    }
    for swap in swaps {
        swap.headers(&mut headers);
        if is_json(&headers) {
            body = swap.bytes(&body);
        }
    }
    let accepted = (200..300).contains(&recorded.status);
    pace.apply(&mut headers, given.starts && accepted, given.running && accepted);
    let completion = match interaction.completion {
        _ if made.is_some() => Completion::Whole,
        // What never came of a body is not waited for: it breaks off.
        Completion::Silent | Completion::Reset => Completion::Cut(body.len() as u64),
        whole_or_cut => whole_or_cut,
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = headers;
    Some((response, completion))
}

/// Says the headers in the words of a session.
fn say(words: &Words, variables: &Variables, headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Cow::Owned(said) = words.say(variables, value.as_bytes())
            && let Ok(said) = HeaderValue::from_bytes(&said)
        {
            *value = said;
        }
    }
}

/// An answer as it is sent.
pub(super) fn send(answered: trace::Answered, accept_encoding: &str) -> Answer {
    let Some((response, completion)) = answered else { return Answer::Close };
    let (mut head, body) = response.into_parts();
    // Nothing has no coding: an answer to HEAD names that of a body that it does not have.
    let coding = head.headers.get(header::CONTENT_ENCODING).filter(|_| !body.is_empty()).cloned();
    let coded = coding.as_ref().and_then(|coding| encode(coding.to_str().ok()?, accept_encoding, &body));
    if coding.is_some() && coded.is_none() {
        head.headers.remove(header::CONTENT_ENCODING);
    }
    let body = coded.unwrap_or(body);
    let body = if matches!(completion, Completion::Cut(_)) { cut(body) } else { full(body) };
    Answer::Message(Response::from_parts(head, body))
}

/// The codings that a client takes.
pub(super) fn accepted(request: &Request) -> &str {
    request.headers.get(header::ACCEPT_ENCODING).and_then(|codings| codings.to_str().ok()).unwrap_or_default()
}

/// The recorded headers without what the server computes.
fn wire_headers(recorded: &Headers) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(recorded.iter().count());
    for (name, values) in recorded.iter() {
        let computed = matches!(name, "content-length" | "transfer-encoding" | "connection" | "keep-alive" | "trailer");
        if computed {
            continue;
        }
        for value in values {
            // What a header cannot hold is not sent: recorded text must not make headers of its own.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
    }
    headers
}
