//! Answers that the recording lacks: of a polling URL that was handed out and that its client did not
//! ask. They follow from how the operation went, and are told to be made.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{script::Script, world::Given};
use crate::{
    arm::{ErrorBody, Polled, State, Url},
    cassette::{Body, Headers, Interaction, Response},
};

/// What an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The operation that was asked for.
    pub operation: usize,
    /// By which kind of URL.
    pub polled: Polled,
}

/// The status with which a failure is told that was recorded as a status document alone: the status
/// of the call itself is not known.
const FAILED: u16 = 409;

/// The answer while the operation runs, or at its end. `None` where the tape does not tell what it
/// would be: how the operation ended, or what became of the resource.
pub(super) fn answer(script: &Script, made: Made, running: bool) -> Option<Response> {
    if running {
        let mut response = match made.polled {
            Polled::AsyncOperation | Polled::OperationLocation => with(200, &json!({"status": "InProgress"})),
            _ => without(202),
        };
        // The recorded client was asked to wait as well.
        let operation = &script.operations[made.operation];
        let asked = operation.polls.first().or(operation.write.as_ref());
        let asked = asked.and_then(|number| script.interactions[*number].response.as_ref()?.headers.get("retry-after"));
        if let Some(asked) = asked {
            response.headers.set("retry-after", asked);
        }
        return Some(response);
    }
    let end = script.operations[made.operation].end.as_ref()?;
    let error = || {
        let error = ErrorBody::of(script.interactions[end.poll].response.as_ref()?)?;
        Some(json!({"code": error.code.unwrap_or_default(), "message": error.message.unwrap_or_default()}))
    };
    match (made.polled, &end.state) {
        (Polled::AsyncOperation | Polled::OperationLocation, State::Succeeded) => {
            Some(with(200, &json!({"status": "Succeeded"})))
        }
        (Polled::AsyncOperation | Polled::OperationLocation, state) => {
            let mut document = json!({"status": state.to_string()});
            if let Some(error) = error() {
                document["error"] = error;
            }
            Some(with(200, &document))
        }
        (Polled::Location, State::Succeeded) => result(script, made.operation),
        (Polled::Location, state) => {
            let error = error().unwrap_or_else(|| json!({"code": state.to_string(), "message": ""}));
            Some(with(if end.status >= 400 { end.status } else { FAILED }, &json!({ "error": error })))
        }
        _ => None,
    }
}

/// What was given, as an interaction in the tape's words. It has no times.
pub(super) fn replayed(script: &Script, given: Given) -> Interaction {
    let taped = Interaction { times: None, ..script.interactions[given.interaction].clone() };
    let Some(made) = given.made else { return taped };
    let response = answer(script, made, given.running);
    let write = script.operations[made.operation].write.and_then(|write| script.interactions[write].response.as_ref());
    let url = write.and_then(|response| Url::parse(response.headers.get(made.polled.header()?)?));
    let mut request = taped.request.clone();
    if let Some(url) = url {
        request.target = url.target.raw().to_owned();
    }
    Interaction { request, response, ..taped }
}

/// What a synchronous call would have answered.
fn result(script: &Script, operation: usize) -> Option<Response> {
    let operation = &script.operations[operation];
    match operation.method.as_deref()? {
        "DELETE" | "POST" => Some(without(204)),
        _ => {
            let shows = (operation.target == Polled::Resource).then(|| operation.terminal_poll()).flatten();
            let taped = script.interactions[operation.final_read.or(shows)?].response.as_ref()?;
            let body = (taped.status == 200 && matches!(taped.body, Body::Json(_) | Body::Binary(_)))
                .then(|| taped.body.clone());
            Some(Response { status: 200, headers: json_headers(), body: body? })
        }
    }
}

fn with(status: u16, document: &Value) -> Response {
    Response { status, headers: json_headers(), body: Body::Json(Bytes::from(document.to_string())) }
}

fn without(status: u16) -> Response {
    Response { status, headers: Headers::new(), body: Body::Empty }
}

fn json_headers() -> Headers {
    [("content-type", "application/json; charset=utf-8")].into_iter().collect()
}
