//! The recordings of the Azure SDKs' test proxy.
//!
//! One JSON object with `Entries` and `Variables`. A body is written by its content type: JSON as a
//! value, text as lines, all else in base64.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    clock::{self, Moment},
    content::{beginning, value_of, without_mark},
    exchange::{Answer, Exchange, Words, headers},
    shape::{HeaderMap, Lines, Part},
};
use crate::cassette::{Cassette, Error, Headers, spacing::Spacing};

const WORDS: Words = Words { format: "test-proxy", method: "RequestMethod", url: "RequestUri", status: "StatusCode" };

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(rename = "Entries", borrow)]
    entries: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(rename = "RequestUri")]
    uri: String,
    #[serde(rename = "RequestMethod")]
    method: String,
    #[serde(rename = "RequestHeaders", default)]
    request_headers: Option<HeaderMap>,
    #[serde(rename = "RequestBody", borrow, default)]
    request_body: Option<&'a RawValue>,
    #[serde(rename = "StatusCode")]
    status: u64,
    #[serde(rename = "ResponseHeaders", default)]
    response_headers: Option<HeaderMap>,
    #[serde(rename = "ResponseBody", borrow, default)]
    response_body: Option<&'a RawValue>,
}

/// Whether the content is an object with an array of `Entries`. .NET's session records are, too:
/// they are to be looked for first.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    let text = beginning(bytes);
    text.starts_with(b"{") && value_of(text, b"\"Entries\"").is_some_and(|entries| entries.starts_with(b"["))
}

/// Reads a recording. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let text = without_mark(bytes);
    let session: Session<'_> = Part::whole(path).parse_slice(text)?;
    let mut lines = Lines::new(text);
    let mut interactions = Vec::with_capacity(session.entries.len());
    for (number, raw) in session.entries.iter().enumerate() {
        let json_path = format!("Entries[{number}]");
        let part = Part { path, json_path: &json_path, line: lines.of(raw.get()) };
        let entry: Entry<'_> = part.parse(raw.get())?;
        interactions.push(entry.into_exchange(part)?.into_interaction(&WORDS, part)?);
    }
    let moments: Vec<_> = interactions.iter().map(Moment::of_date).collect();
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}

impl Entry<'_> {
    fn into_exchange(self, part: Part<'_>) -> Result<Exchange, Error> {
        let request_headers = headers(self.request_headers);
        let response_headers = headers(self.response_headers);
        Ok(Exchange {
            method: self.method,
            url: self.uri,
            body: body(self.request_body, &request_headers, "RequestBody", part)?.into(),
            headers: request_headers,
            answer: Some(Answer {
                status: self.status,
                body: body(self.response_body, &response_headers, "ResponseBody", part)?.into(),
                headers: response_headers,
            }),
            version: None,
            notes: Vec::new(),
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Multipart,
    Binary,
}

fn body(written: Option<&RawValue>, headers: &Headers, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
    let Some(written) = written.map(|written| written.get().trim_ascii()) else { return Ok(Vec::new()) };
    let base64 = |text: &str| {
        STANDARD.decode(text.trim()).map_err(|error| part.invalid(place, &format!("expected base64: {error}")))
    };
    let inner = part.below(place);
    let part = Part { json_path: &inner, ..part };
    let kind = kind(headers);
    Ok(match written.as_bytes().first() {
        Some(b'"') => {
            let text: String = part.parse(written)?;
            if kind == Kind::Text { text.into_bytes() } else { base64(&text)? }
        }
        // An array is lines of text. Of no text it is an empty body.
        Some(b'[') if kind == Kind::Binary => Vec::new(),
        Some(b'[') => {
            let pieces: Vec<Piece> = part.parse(written)?;
            let mut bytes = Vec::new();
            for piece in pieces {
                let Piece::Text(text) = piece else { continue };
                match text.strip_prefix("b64:").filter(|_| kind == Kind::Multipart) {
                    Some(coded) => bytes.extend(base64(coded)?),
                    None => bytes.extend(text.into_bytes()),
                }
            }
            bytes
        }
        Some(b'n') => Vec::new(),
        // The recorder indented it; what is matched and replayed is compact.
        _ => match Spacing::from_mark("compact") {
            Some(compact) => compact.render(written.as_bytes(), 0),
            None => written.as_bytes().to_vec(),
        },
    })
}

/// A line, or the empty array of an empty part.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a line of text")]
enum Piece {
    Text(String),
    Empty([(); 0]),
}

/// What a content type lets the recorder write. Exactly one is one of text, or of parts.
fn kind(headers: &Headers) -> Kind {
    let [content_type] = headers.get_all("content-type") else { return Kind::Binary };
    let content_type = content_type.trim().to_ascii_lowercase();
    let bare = content_type.split(';').next().unwrap_or_default().trim_end();
    if bare.starts_with("multipart/") && content_type.contains("boundary=") {
        return Kind::Multipart;
    }
    let manifest = ["application/vnd.docker.distribution.manifest.v", "application/vnd.oci.image.index.v"];
    let text = content_type.contains("; charset=utf-8")
        || ["text/", "application/json", "application/x-www-form-urlencoded"]
            .iter()
            .any(|start| content_type.starts_with(start))
        || ["json", "xml", "-urlencoded"].iter().any(|end| bare.ends_with(end));
    let manifest = manifest.iter().any(|start| content_type.starts_with(start));
    if text && !manifest { Kind::Text } else { Kind::Binary }
}
