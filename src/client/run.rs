//! Runs an operation over a transport, in the time of tokio.

use std::{error::Error, time::Duration};

use http::header::{AUTHORIZATION, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::{
    lro::Operation,
    outcome::Outcome,
    read::Fault,
    terms::{Answer, Event, Step, TokenUse},
    token::Tokens,
    transport::Transport,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// Runs `operation` to its end. Requests of one operation never overlap (LRO-C-27), and dropping
/// this future ends them all (LRO-C-52).
pub async fn run<T: Transport>(transport: &T, tokens: &mut Tokens, mut operation: Operation) -> Outcome {
    let start = Instant::now();
    // Far enough where there is no limit; an `Instant` doesn't reach for ever.
    let deadline = start + operation.deadline().unwrap_or(FAR).min(FAR);
    let mut event = Event::Start;
    loop {
        let (mut request, token, not_before) = match operation.next(event, start.elapsed()) {
            Step::Send { request, token, not_before } => (request, token, not_before),
            Step::Done(outcome) => return outcome,
        };
        sleep_until(start + not_before.min(FAR)).await;
        if token != TokenUse::None {
            match tokens.authorization(transport, token == TokenUse::Renewed).await {
                Ok(Some(value)) => drop(request.headers_mut().insert(AUTHORIZATION, value)),
                Ok(None) => {}
                Err(error) => {
                    let fault = Fault { code: None, message: with_causes(&error) };
                    return Outcome::unknown("failed to get a token", fault);
                }
            }
        }
        // One for each request, so that the service's log tells them apart (LRO-C-56).
        if let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
            request.headers_mut().insert(REQUEST_ID, id);
        }
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        event = match timeout_at(deadline, transport.send(request)).await {
            Ok(Ok(answer)) => {
                let (head, body) = answer.into_parts();
                Event::Answer(Answer { status: head.status, headers: head.headers, body })
            }
            Ok(Err(error)) => Event::Failed { reason: with_causes(&error), permanent: error.is_permanent() },
            // The operation knows its own limit, and ends here.
            Err(_) => Event::Failed { reason: "the limit was reached".to_owned(), permanent: false },
        };
    }
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!("armtape/", env!("CARGO_PKG_VERSION")));

const FAR: Duration = Duration::from_secs(20 * 365 * 24 * 3600);

/// An error with its causes, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
