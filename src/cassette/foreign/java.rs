//! The session records of the Java SDKs' `InterceptorManager`.
//!
//! One JSON object with `networkCallRecords` and `variables`. An answer is a flat object: its
//! headers, with `StatusCode` and `Body` among them. Request bodies are not recorded.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    clock::{self, Moment},
    content::{beginning, value_of, without_mark},
    exchange::{Answer, Exchange, Words, headers, is_text},
    shape::{HeaderMap, Lines, Part},
};
use crate::cassette::{Cassette, Error, Headers, Interaction};

const WORDS: Words =
    Words { format: "java-session-records", method: "Method", url: "Uri", status: "Response.StatusCode" };

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(rename = "networkCallRecords", borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Method")]
    method: String,
    #[serde(rename = "Uri")]
    uri: String,
    #[serde(rename = "Headers", default)]
    headers: Option<HeaderMap>,
    /// Absent where the call failed; `Exception` has a stack trace then.
    #[serde(rename = "Response", default)]
    response: Option<HeaderMap>,
}

/// Whether the content is an object with `networkCallRecords`.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    let text = beginning(bytes);
    text.starts_with(b"{") && value_of(text, b"\"networkCallRecords\"").is_some_and(|value| value.starts_with(b"["))
}

/// Reads a session record. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let text = without_mark(bytes);
    let session: Session<'_> = Part::whole(path).parse_slice(text)?;
    let mut lines = Lines::new(text);
    let mut interactions = Vec::with_capacity(session.records.len());
    for (number, raw) in session.records.iter().enumerate() {
        let json_path = format!("networkCallRecords[{number}]");
        let part = Part { path, json_path: &json_path, line: lines.of(raw.get()) };
        let record: Record = part.parse(raw.get())?;
        interactions.push(record.into_exchange(part)?.into_interaction(&WORDS, part)?);
    }
    let moments: Vec<_> = interactions.iter().map(Moment::of_date).collect();
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}

impl Record {
    fn into_exchange(self, part: Part<'_>) -> Result<Exchange, Error> {
        let mut notes = Vec::new();
        if matches!(self.method.as_str(), "PUT" | "POST" | "PATCH") {
            notes.push(Interaction::NO_REQUEST_BODY.to_owned());
        }
        let answer = self.response.map(|flat| answer(flat, part)).transpose()?;
        let headers = headers(self.headers);
        Ok(Exchange {
            method: self.method,
            url: self.uri,
            headers,
            body: bytes::Bytes::new(),
            answer,
            version: None,
            notes,
        })
    }
}

fn answer(flat: HeaderMap, part: Part<'_>) -> Result<Answer, Error> {
    let mut status = None;
    let mut body = String::new();
    let mut headers = Headers::new();
    for (name, values) in flat.0 {
        match name.as_str() {
            "StatusCode" => status = values.first().and_then(|status| status.parse().ok()),
            "Body" => body = values.concat(),
            _ => values.into_iter().for_each(|value| headers.append(&name, value)),
        }
    }
    let status = status.ok_or_else(|| part.invalid(WORDS.status, "expected a status code, 100 to 999"))?;
    let coded = !is_text(headers.get("content-type").unwrap_or_default());
    let body = match STANDARD.decode(&body) {
        Ok(bytes) if coded => bytes,
        _ => body.into_bytes(),
    };
    Ok(Answer { status, headers, body: body.into() })
}
