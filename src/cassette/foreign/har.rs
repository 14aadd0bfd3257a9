//! HTTP archives (HAR 1.2), as browsers and proxies write them.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    clock::{self, Moment},
    content::{beginning, value_of, without_mark},
    exchange::{Answer, Exchange, Words, is_uri},
    shape::{Lines, Part},
};
use crate::cassette::{Cassette, Error, Headers};

const WORDS: Words = Words { format: "har", method: "request.method", url: "request.url", status: "response.status" };

#[derive(Deserialize)]
struct Har<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: Option<String>,
    #[serde(default)]
    time: Option<f64>,
    #[serde(default)]
    timings: Option<Timings>,
    request: Request,
    response: Response,
}

/// In milliseconds; -1 is "does not apply".
#[derive(Deserialize)]
struct Timings {
    #[serde(default)]
    receive: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    http_version: Option<String>,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    cookies: Option<Box<RawValue>>,
    #[serde(default)]
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    params: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Response {
    /// 0 where no answer came.
    status: i64,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    cookies: Option<Box<RawValue>>,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    size: Option<f64>,
}

/// Whether the content is an object with `log`, and `entries` in it.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    let text = beginning(bytes);
    let log = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start).and_then(|text| text.strip_prefix(b"\"log\""));
    let log = log.and_then(|text| text.trim_ascii_start().strip_prefix(b":")).map(<[u8]>::trim_ascii_start);
    log.is_some_and(|log| log.starts_with(b"{"))
        && [&b"\"entries\""[..], b"\"creator\"", b"\"version\""].iter().any(|name| value_of(text, name).is_some())
}

/// Reads an archive. The interactions come in the order of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let text = without_mark(bytes);
    let har: Har<'_> = Part::whole(path).parse_slice(text)?;
    let mut lines = Lines::new(text);
    let mut timed = Vec::with_capacity(har.log.entries.len());
    let mut left_out = 0;
    for (number, raw) in har.log.entries.iter().enumerate() {
        let json_path = format!("log.entries[{number}]");
        let part = Part { path, json_path: &json_path, line: lines.of(raw.get()) };
        let entry: Entry = part.parse(raw.get())?;
        // Browsers list what they made up themselves, too: `data:`, `blob:`, extensions.
        if entry.request.url.contains(':') && !is_uri(&entry.request.url) {
            left_out += 1;
            continue;
        }
        let moment = entry.moment();
        timed.push((moment, entry.into_exchange(part)?.into_interaction(&WORDS, part)?));
    }
    if timed.iter().all(|(moment, _)| moment.is_some()) {
        timed.sort_by_key(|(moment, _)| moment.map(|moment| moment.begin));
    }
    let (moments, mut interactions): (Vec<_>, Vec<_>) = timed.into_iter().unzip();
    if let Some(first) = interactions.first_mut().filter(|_| left_out > 0) {
        first.notes.push(format!("Entries of the archive that are no HTTP and were left out: {left_out}."));
    }
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}

impl Entry {
    fn moment(&self) -> Option<Moment> {
        let begin: Timestamp = self.started_date_time.as_deref()?.trim().parse().ok()?;
        let end = milliseconds(self.time);
        let receive = milliseconds(self.timings.as_ref().and_then(|timings| timings.receive));
        Some(Moment { begin, answer: end.saturating_sub(receive), end })
    }

    fn into_exchange(self, part: Part<'_>) -> Result<Exchange, Error> {
        let mut notes = Vec::new();
        let Self { request, response, .. } = self;
        let sent = match request.post_data {
            None => Vec::new(),
            Some(PostData { text: Some(text), encoding, .. }) => {
                body(text, encoding.as_deref(), "request.postData.text", part)?
            }
            Some(PostData { params, .. }) => {
                if params.is_some_and(|params| !params.is_empty()) {
                    notes.push("The body was recorded as form fields alone, and is absent.".to_owned());
                }
                Vec::new()
            }
        };
        let answer = match u64::try_from(response.status) {
            Ok(0) | Err(_) => None,
            Ok(status) => {
                let content = response.content;
                if content.as_ref().is_some_and(|content| content.text.is_none() && content.size > Some(0.0)) {
                    notes.push("The archive was saved without this answer's body.".to_owned());
                }
                let (text, encoding) = content.map_or((None, None), |content| (content.text, content.encoding));
                let body = body(text.unwrap_or_default(), encoding.as_deref(), "response.content.text", part)?;
                Some(Answer {
                    status,
                    headers: headers(response.headers, response.cookies.as_deref(), "set-cookie"),
                    body: body.into(),
                })
            }
        };
        Ok(Exchange {
            method: request.method,
            url: request.url,
            headers: headers(request.headers, request.cookies.as_deref(), "cookie"),
            body: sent.into(),
            answer,
            version: request.http_version.as_deref().and_then(version),
            notes,
        })
    }
}

/// The headers, and what of the cookies is said beside them alone.
fn headers(recorded: Vec<Header>, cookies: Option<&RawValue>, carrier: &str) -> Headers {
    let mut headers: Headers =
        recorded.into_iter().map(|header| (header.name, header.value.unwrap_or_default())).collect();
    if headers.get(carrier).is_none() {
        let cookies = cookies.and_then(|cookies| serde_json::from_str::<Vec<Header>>(cookies.get()).ok());
        for Header { name, value } in cookies.unwrap_or_default() {
            headers.append(carrier, format!("{name}={}", value.unwrap_or_default()));
        }
    }
    headers
}

fn body(text: String, encoding: Option<&str>, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
    match encoding {
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {
            STANDARD.decode(text.trim()).map_err(|error| part.invalid(place, &format!("expected base64: {error}")))
        }
        _ => Ok(text.into_bytes()),
    }
}

fn milliseconds(number: Option<f64>) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and -1 is none")]
    number.map_or(0, |number| number.max(0.0).round() as u64)
}

/// `HTTP/1.1`, `http/2.0`, `h2`, as the tools spell it.
fn version(written: &str) -> Option<String> {
    match written.to_ascii_lowercase().as_str() {
        "http/1.1" => Some("HTTP/1.1".to_owned()),
        "h2" | "http/2" | "http/2.0" => Some("HTTP/2".to_owned()),
        _ => None,
    }
}
