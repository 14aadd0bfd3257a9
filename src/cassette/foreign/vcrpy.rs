//! The cassettes of VCR.py (YAML).
//!
//! A mapping with `interactions`, and `version` behind them. Header values are lists, or plain
//! strings where the asynchronous clients were recorded.

use std::path::Path;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    clock::{self, Moment},
    exchange::{Answer, Exchange, Words, headers},
    shape::{HeaderMap, Part},
    yaml::{self, Scalar},
};
use crate::cassette::{Cassette, Error};

const WORDS: Words =
    Words { format: "vcrpy", method: "request.method", url: "request.uri", status: "response.status.code" };

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    interactions: Option<Vec<Spanned<Interaction>>>,
}

#[derive(Deserialize)]
struct Interaction {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    uri: String,
    #[serde(default)]
    headers: Option<HeaderMap>,
    #[serde(default)]
    body: Option<Scalar>,
}

#[derive(Deserialize)]
struct Response {
    status: Status,
    #[serde(default)]
    headers: Option<HeaderMap>,
    #[serde(default)]
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Status {
    code: u64,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    string: Option<Scalar>,
    #[serde(default)]
    base64_string: Option<Scalar>,
}

/// Whether the content is YAML with `interactions`. Those of go-vcr are, too: they are to be looked
/// for first.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    yaml::around_key(bytes, b"interactions").is_some()
}

/// Reads a cassette. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let mut interactions = Vec::new();
    for document in yaml::documents(bytes, Part::whole(path))? {
        let file: File = document.parse(Part::whole(path))?;
        for (number, entry) in file.interactions.into_iter().flatten().enumerate() {
            let json_path = format!("interactions[{number}]");
            let part = Part { path, json_path: &json_path, line: document.line(entry.referenced) };
            interactions.push(entry.value.into_exchange(part)?.into_interaction(&WORDS, part)?);
        }
    }
    let moments: Vec<_> = interactions.iter().map(Moment::of_date).collect();
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}

impl Interaction {
    fn into_exchange(self, part: Part<'_>) -> Result<Exchange, Error> {
        let Self { request, response } = self;
        let request_body = request.body.map(|body| body.into_bytes("request.body", part)).transpose()?;
        let body = match response.body {
            Some(Body { base64_string: Some(coded), .. }) => coded.decoded("response.body.base64_string", part)?,
            Some(Body { string: Some(body), .. }) => body.into_bytes("response.body.string", part)?,
            _ => Vec::new(),
        };
        Ok(Exchange {
            method: request.method,
            url: request.uri,
            headers: headers(request.headers),
            body: request_body.unwrap_or_default().into(),
            answer: Some(Answer {
                status: response.status.code,
                headers: headers(response.headers),
                body: body.into(),
            }),
            version: None,
            notes: Vec::new(),
        })
    }
}
