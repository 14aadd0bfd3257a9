//! What redaction costs: megabytes a second of one core, and its share of recording.
//!
//! `cargo bench --bench redact [-- --rounds N]`. docs/performance.md says what the figures mean. All
//! of it happens in this thread: the share is that of a recorder whose client and service are in the
//! same process and cost nothing, so that of a real recording is smaller.

#[path = "support/mod.rs"]
mod support;

use std::{path::Path, sync::Arc};

use armtape::{
    cassette::{Completion, Journal, Times},
    proxy::{
        ARM_HOSTS, Answer, Authority, Body, Handler as _, HostPolicy, NoWayOut, Request, Unknown, UpstreamError, full,
    },
    record::{Before, Origin, Recorder, RecorderConfig, Tape},
    redact::{Raw, RawExchange, RawResponse, Redacted, Redactor, Rules, Settings},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Version};
use http_body_util::BodyExt as _;

use support::{Failure, measured, median, number, own_cpu, say};

const HOST: &str = "management.azure.com";

/// What is redacted.
struct Case {
    name: &'static str,
    exchanges: Vec<Exchange>,
}

#[derive(Clone)]
struct Exchange {
    method: Method,
    target: String,
    headers: HeaderMap,
    sent: Bytes,
    answer: Bytes,
}

fn main() -> Result<(), Failure> {
    let rounds = number("--rounds", if measured() { 7 } else { 1 })?;
    let scale = if measured() { 1 } else { 50 };
    let cases = [
        Case { name: "profiles of 1 KB", exchanges: (0..2_000 / scale).map(profile).collect() },
        Case { name: "known late, each time", exchanges: (0..200 / scale).map(late).collect() },
        Case { name: "keys in each answer", exchanges: (0..2_000 / scale).map(keys).collect() },
        Case { name: "lists of 300 KB", exchanges: (0..50 / scale.min(25)).map(list).collect() },
    ];
    say(&format!("{rounds} samples of each, in turn; CPU time of one thread, medians\n"))?;
    say(&format!(
        "{:>22} {:>10} {:>8} {:>12} {:>14} {:>14} {:>8}",
        "", "exchanges", "MB", "redact MB/s", "us/exchange", "record us", "share"
    ))?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for Case { name, exchanges } in &cases {
        let (mut redacting, mut recording) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            redacting.push(redact(exchanges)?);
            let cassette = folder.path().join(format!("{}-{round}.json", name.replace(' ', "-")));
            recording.push(runtime.block_on(record(exchanges, &cassette))?);
        }
        let (redacting, recording) = (median(&mut redacting), median(&mut recording));
        let bytes: usize = exchanges.iter().map(Exchange::size).sum();
        say(&format!(
            "{name:>22} {:>10} {:>8.1} {:>12.1} {:>14.1} {:>14.1} {:>7.0}%",
            exchanges.len(),
            bytes as f64 / 1e6,
            bytes as f64 / redacting,
            redacting / exchanges.len() as f64,
            recording / exchanges.len() as f64,
            100.0 * redacting / recording
        ))?;
    }
    Ok(())
}

fn redactor() -> Result<Redactor, Failure> {
    Ok(Redactor::new(Rules::new(&Settings::default())?, armtape::redact::Named::default()))
}

/// Redaction alone, the numbering at the end included.
fn redact(exchanges: &[Exchange]) -> Result<f64, Failure> {
    let redactor = redactor()?;
    let raw: Vec<RawExchange> = exchanges.iter().map(Exchange::raw).collect();
    let before = own_cpu()?;
    let redacted: Vec<Redacted> =
        raw.into_iter().enumerate().map(|(place, raw)| redactor.exchange(place as u64, raw)).collect();
    let interactions = redacted.into_iter().map(Redacted::into_inner).collect();
    let (cassette, _) = redactor.finish(armtape::cassette::Cassette { interactions, ..Default::default() });
    let taken = own_cpu()? - before;
    drop(cassette);
    Ok(taken)
}

/// Everything that a recorder does for them but the network, up to the cassette on the disk.
async fn record(exchanges: &[Exchange], cassette: &Path) -> Result<f64, Failure> {
    let recorded = armtape::record::now_in_seconds();
    let journal = Journal::begin(cassette, &[], &recorded)?;
    let tape = Arc::new(Tape::with_journal(redactor()?, journal, recorded, |_| {}));
    let own = Authority::parse(HOST, 443).ok_or("no host")?;
    let config = RecorderConfig { hosts: HostPolicy::new(ARM_HOSTS, Unknown::Pass)?, scheme: "https", own };
    let answers = exchanges.iter().map(|exchange| exchange.answer.clone()).collect();
    let recorder = Recorder::new(config, Known(answers), Arc::clone(&tape));
    let requests: Vec<Request> =
        exchanges.iter().enumerate().map(|(number, exchange)| exchange.request(number)).collect::<Result<_, _>>()?;
    let before = own_cpu()?;
    for request in requests {
        let Answer::Message(answer) = recorder.answer(request).await else { return Err("no answer".into()) };
        answer.into_body().collect().await?;
    }
    let (finished, _) = tape.finish(Vec::new(), Before::Nothing);
    fs_err::write(cassette, finished.to_text())?;
    let taken = own_cpu()? - before;
    let taped = finished.interactions.len();
    if taped != exchanges.len() {
        return Err(format!("{taped} of {} are on the tape", exchanges.len()).into());
    }
    tape.end_journal()?;
    Ok(taken)
}

/// A service that knows its answers, by the number in a header of the request.
struct Known(Vec<Bytes>);

const NUMBER: &str = "x-number";

impl Origin for Known {
    type Way = NoWayOut;

    fn way_to(&self, _: &Authority, _: bool) -> Option<NoWayOut> {
        None
    }

    fn is_identity(&self) -> bool {
        false
    }

    async fn send(&self, request: http::Request<Body>) -> Result<Response<Body>, UpstreamError> {
        let number = request.headers().get(NUMBER).and_then(|number| number.to_str().ok()?.parse().ok());
        let number: usize = number.unwrap_or_default();
        let _ = request.into_body().collect().await;
        let mut response = Response::new(full(self.0[number].clone()));
        *response.headers_mut() = answered(number);
        Ok(response)
    }
}

impl Exchange {
    fn size(&self) -> usize {
        let headers = |headers: &HeaderMap| -> usize {
            headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
        };
        self.target.len() + headers(&self.headers) + self.sent.len() + headers(&answered(0)) + self.answer.len()
    }

    fn raw(&self) -> RawExchange {
        RawExchange {
            method: self.method.to_string(),
            target: Raw::new(self.target.clone()),
            scheme: "https",
            authority: Raw::new(HOST.to_owned()),
            version: "HTTP/1.1",
            request_headers: Raw::new(self.headers.clone()),
            request_body: Raw::new(self.sent.clone()),
            response: Some(RawResponse {
                status: 200,
                headers: Raw::new(answered(0)),
                body: Raw::new(self.answer.clone()),
            }),
            completion: Completion::Whole,
            connection: 1,
            times: Times { request: 0, answer: 1, end: 2 },
            notes: Vec::new(),
        }
    }

    fn request(&self, number: usize) -> Result<Request, Failure> {
        let mut headers = self.headers.clone();
        headers.insert(NUMBER, HeaderValue::from(number));
        Ok(Request {
            method: self.method.clone(),
            target: self.target.clone(),
            scheme: "https",
            authority: Some(Authority::parse(HOST, 443).ok_or("no host")?),
            endpoint: "https://127.0.0.1:1".to_owned(),
            version: Version::HTTP_11,
            headers,
            body: full(self.sent.clone()),
            connection: 1,
        })
    }
}

/// The headers of an answer, with ids that are drawn for each.
fn answered(number: usize) -> HeaderMap {
    headers(&[
        ("content-type", "application/json; charset=utf-8"),
        ("x-ms-request-id", &drawn(number + 10_000)),
        ("x-ms-correlation-request-id", &drawn(number + 20_000)),
        ("x-ms-ratelimit-remaining-subscription-writes", "1199"),
        ("cache-control", "no-cache"),
        ("date", "Mon, 02 Nov 2026 10:00:00 GMT"),
    ])
}

fn asked(number: usize) -> HeaderMap {
    headers(&[
        (
            "authorization",
            "Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl",
        ),
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("user-agent", "azsdk-python-mgmt-resource/26.0.0 Python/3.11.7"),
        ("x-ms-client-request-id", &drawn(number)),
    ])
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    };
    pairs.iter().filter_map(pair).collect()
}

fn id(number: usize) -> String {
    format!("b290a4da-e82f-41f1-a3f1-{number:012x}")
}

/// An id that has nothing in common with the others.
fn drawn(number: usize) -> String {
    let spread = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let digits = format!("{spread:016x}{:016x}", spread.rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    parts.join("-")
}

fn resource(number: usize) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/TestHubRG/providers\
         /Microsoft.CustomerInsights/hubs/sdkTestHub/profiles/TestProfileType{number:06}"
    )
}

/// A write of a profile, answered with it: nothing but ids in it.
fn profile(number: usize) -> Exchange {
    let fields: Vec<String> = ["Id", "ProfileId", "LastName", "FirstName", "SavingAccountBalance"]
        .iter()
        .map(|name| format!(r#"{{"fieldName":"{name}","fieldType":"Edm.String","isArray":false,"isRequired":true}}"#))
        .collect();
    let properties = format!(
        r#""schemaItemTypeLink":"SchemaItemTypeLink","strongIds":[{{"keyPropertyNames":["Id"],"strongIdName":"Id"}}],"fields":[{}],"apiEntitySetName":"TestProfileType{number:06}""#,
        fields.join(",")
    );
    let answer = format!(
        r#"{{"id":"{}","name":"TestProfileType{number:06}","properties":{{"provisioningState":"Succeeded","tenantId":"{}",{properties}}}}}"#,
        resource(number),
        id(number)
    );
    Exchange {
        method: Method::PUT,
        target: format!("{}?api-version=2017-04-26", resource(number)),
        headers: asked(number),
        sent: format!(r#"{{"properties":{{{properties}}}}}"#).into(),
        answer: answer.into(),
    }
}

/// A write that mentions the tenant of the next one, before anything says that it is one: what is written
/// already is written anew each time.
fn late(number: usize) -> Exchange {
    let mut exchange = profile(number);
    exchange.headers.extend(headers(&[("x-ms-client-request-id", &id(number + 1))]));
    exchange
}

/// A POST that is answered with two keys and a connection string, other ones each time.
fn keys(number: usize) -> Exchange {
    let key =
        format!("{:043}=", (number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) % 10u128.pow(38));
    let answer = format!(
        r#"{{"keys":[{{"keyName":"key1","value":"{key}"}}],"primaryConnectionString":"Endpoint=sb://bus{number}.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={key}","admin":"person{number}@contoso.com"}}"#
    );
    Exchange {
        method: Method::POST,
        target: format!("{}/listKeys?api-version=2017-04-26", resource(number)),
        headers: asked(number),
        sent: Bytes::new(),
        answer: answer.into(),
    }
}

/// A list of 300 profiles.
fn list(number: usize) -> Exchange {
    let items: Vec<String> =
        (0..300).map(|item| String::from_utf8_lossy(&profile(number * 300 + item).answer).into_owned()).collect();
    Exchange {
        method: Method::GET,
        target: format!("{}?api-version=2017-04-26", resource(number).rsplit_once('/').map_or("/", |(list, _)| list)),
        headers: asked(number),
        sent: Bytes::new(),
        answer: format!(r#"{{"value":[{}]}}"#, items.join(",")).into(),
    }
}
