//! Scripted conversations of a service, in virtual time, and the
//! real transport against a server on this machine.

mod flows;
mod loopback;
mod script;
mod tricky;
mod trouble;

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Method, Request, Response, header::AUTHORIZATION};
use tokio::time::Instant;

use self::script::{Reply, Script};
use super::*;

/// Runs every case `(id, script, expected)` and says which ones went otherwise.
///
/// What is expected reads `OUTCOME(CODE)<RESULT>: TRACE`. RESULT is the target whose body is the
/// resource that the client returns. The trace has the target and the second of each request; `-`
/// marks one without a token, `*` one with a token that was renewed.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = String::new();
    let mut seen = HashSet::new();
    for (id, script, expected) in cases {
        assert!(seen.insert(id), "{id} is there twice");
        let happened = play(script);
        if happened != *expected {
            wrong.push_str(&format!("\n{id}\n  expected {expected}\n  happened {happened}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn play(script: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let script = Script::parse(script);
        let operation = script.operation();
        let mut tokens = script.tokens();
        let service = Service { start: Instant::now(), script: Mutex::new(script), trace: Mutex::default() };
        let outcome = run(&service, &mut tokens, operation).await;
        let trace = service.trace.into_inner().unwrap();
        format!("{}: {}", describe(&outcome), trace.requests.join(" "))
    })
}

fn describe(outcome: &Outcome) -> String {
    assert_eq!(outcome.message.is_empty(), outcome.kind == OutcomeKind::Succeeded, "{outcome:?}");
    let kind = format!("{:?}", outcome.kind).to_lowercase();
    let code = outcome.code.as_deref().map(|code| format!("({code})")).unwrap_or_default();
    let name = outcome.resource.as_ref().map(|resource| format!("<{}>", resource["name"].as_str().unwrap_or("?")));
    format!("{kind}{code}{}", name.unwrap_or_default())
}

/// A service that follows a script, and refuses what no client may send.
struct Service {
    start: Instant,
    script: Mutex<Script>,
    trace: Mutex<Trace>,
}

#[derive(Default)]
struct Trace {
    requests: Vec<String>,
    ids: HashSet<String>,
    tokens: usize,
}

impl Transport for Service {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let reply = self.reply(&request);
        let Reply { response, after } = reply;
        tokio::time::sleep(after).await;
        response.ok_or_else(|| TransportError::Connection("reset".into()))
    }
}

impl Service {
    fn reply(&self, request: &Request<Bytes>) -> Reply {
        let mut trace = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        if request.uri().host() == Some("login.microsoftonline.com") {
            trace.tokens += 1;
            let body = format!(r#"{{"access_token":"t{}","expires_in":3600}}"#, trace.tokens);
            return Reply::now(Response::new(body.into()));
        }
        // In virtual time a loop would never end.
        assert!(trace.requests.len() < 100, "a loop");
        let is_poll = request.method() == Method::GET;
        if is_poll {
            assert!(request.body().is_empty() && request.headers().get("if-match").is_none(), "LRO-C-06, LRO-C-15");
        } else {
            assert_eq!(request.headers()["if-match"], "*", "LRO-C-06");
            assert_eq!(request.headers()["content-type"], "application/json", "LRO-C-02");
        }
        let id = request.headers()["x-ms-client-request-id"].to_str().unwrap().to_owned();
        assert_eq!(id.len(), 36, "LRO-C-56");
        assert!(trace.ids.insert(id), "LRO-C-56");
        let name = if is_poll { script::name(request.uri()) } else { request.method().to_string() };
        let mark = match request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap()) {
            None => "-",
            Some("Bearer t1") => "",
            Some(_) => "*",
        };
        let second = self.start.elapsed().as_secs_f64();
        trace.requests.push(format!("{name}@{}{mark}", (second * 10.0).round() / 10.0));
        self.script.lock().unwrap_or_else(PoisonError::into_inner).next(&name)
    }
}
