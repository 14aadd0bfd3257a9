//! The longest operation of all recordings, polled 104 times in 52 minutes, for a client that waits as
//! it is told to. Time is tokio's, and stands still but for what the client waits.

use std::time::Duration;

use armtape::{
    arm::Operation,
    cassette::Interaction,
    client::{self, Operation as Asked, OutcomeKind, Settings, Tokens, Transport, TransportError, Write},
    proxy::{Answer, Authority, Handler as _, Hosts, Request, collect, full},
    replay::{Pace, Player, Rules, Script},
};
use bytes::Bytes;
use http::{HeaderMap, Response, Uri};
use libtest_mimic::Failed;
use tokio::time::Instant;

use crate::{recording::Recording, support::shared::shared};

const FILE: &str = "dotnet-session-records/CustomerInsights.LinksScenarioTests.CrdLinksFullCycle.json";
const POLLS: usize = 104;

/// From the `Date` of the write's answer, 04:49:39, to that of the last poll, 05:41:58.
const RECORDED: Duration = Duration::from_secs(3_139);

const LARGEST: usize = 1 << 20;

pub(crate) fn nobody_waits_at_instant() -> Result<(), Failed> {
    match takes(Pace::Instant)? {
        Duration::ZERO => Ok(()),
        took => Err(format!("the client waited {took:?}").into()),
    }
}

/// A client is told whole seconds, so it may see the end up to one second late.
pub(crate) fn a_hundredth_of_the_recorded_time() -> Result<(), Failed> {
    let hundredth = RECORDED / 100;
    let took = takes("0.01".parse()?)?;
    if (hundredth..=hundredth + Duration::from_secs(1)).contains(&took) {
        return Ok(());
    }
    Err(format!("{took:?}, a hundredth is {hundredth:?}").into())
}

/// How long the operation takes for the reference client, which of its own accord waits a minute.
fn takes(pace: Pace) -> Result<Duration, Failed> {
    let recording = Recording::read(&shared().ok_or("the recordings are gone")?, FILE)?;
    let longest = recording.operations.iter().max_by_key(|operation| operation.polls.len());
    let longest = longest.filter(|operation| operation.polls.len() == POLLS).ok_or("no operation of 104 polls")?;
    let asked = asked(longest, recording.interactions())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let script = Script::new(recording.cassette.clone(), Rules::default());
        let service = Wireless(Player::new(script, &Hosts::default(), pace, None)?);
        let begin = Instant::now();
        let outcome = client::run(&service, &mut Tokens::none(), asked).await;
        match outcome.kind {
            OutcomeKind::Succeeded => Ok(begin.elapsed()),
            _ => Err(format!("{outcome:?}").into()),
        }
    })
}

/// The recorded write, to the host that its polling URL names: the recorder dropped that of requests.
fn asked(operation: &Operation, interactions: &[Interaction]) -> Result<Asked, Failed> {
    let request = &interactions[operation.write.ok_or("no write")?].request;
    let polling: Uri = operation.urls.first().ok_or("no polling URL")?.parse()?;
    let host = polling.authority().ok_or("no host")?;
    let write = Write {
        method: request.method.parse()?,
        url: format!("https://{host}{}", request.target),
        body: request.body.bytes().unwrap_or_default(),
        headers: HeaderMap::new(),
    };
    Ok(Asked::new(write, Settings::default())?)
}

/// A player that is asked without a wire.
struct Wireless(Player);

impl Transport for Wireless {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (head, body) = request.into_parts();
        let request = Request {
            method: head.method,
            target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            scheme: "https",
            authority: head.uri.authority().and_then(|host| Authority::parse(host.as_str(), 443)),
            endpoint: String::new(),
            version: head.version,
            headers: head.headers,
            body: full(body),
            connection: 1,
        };
        let Answer::Message(answer) = self.0.answer(request).await else {
            return Err(TransportError::Connection("no answer".into()));
        };
        let (head, body) = answer.into_parts();
        let body =
            collect(body, LARGEST).await.map_err(|error| TransportError::Connection(error.to_string().into()))?;
        Ok(Response::from_parts(head, body))
    }
}
