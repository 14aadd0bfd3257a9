//! The cassettes of go-vcr (YAML), versions 1 and 2.
//!
//! A mapping with `version` and `interactions`; documents of variables may follow. Version 2 adds a
//! number, the protocol and the duration of each interaction.

use std::path::Path;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    clock::{self, Moment},
    exchange::{Answer, Exchange, Words, headers},
    shape::{HeaderMap, Part},
    yaml::{self, Scalar},
};
use crate::cassette::{Cassette, Error, ErrorKind, Interaction};

const WORDS: Words = Words { format: "go-vcr", method: "request.method", url: "request.url", status: "response.code" };

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    version: Option<u64>,
    #[serde(default)]
    interactions: Option<Vec<Spanned<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    proto: Option<String>,
    #[serde(default)]
    headers: Option<HeaderMap>,
    #[serde(default)]
    body: Option<Scalar>,
}

#[derive(Deserialize)]
struct Response {
    code: u64,
    #[serde(default)]
    headers: Option<HeaderMap>,
    #[serde(default)]
    body: Option<Scalar>,
    /// As Go writes it, such as `1.5s`.
    #[serde(default)]
    duration: Option<String>,
}

/// Whether the content is YAML with `interactions` whose first has a `url` (VCR.py: `uri`); where it
/// has neither, whether `version` comes first.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    let Some((before, behind)) = yaml::around_key(bytes, b"interactions") else { return false };
    let named = behind.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start).find_map(|line| {
        let line = line.strip_prefix(b"- ").unwrap_or(line);
        let is_go = line.starts_with(b"url:");
        (is_go || line.starts_with(b"uri:")).then_some(is_go)
    });
    named.unwrap_or_else(|| yaml::around_key(before, b"version").is_some())
}

/// Reads a cassette. The interactions come in the order of the file, which is that of time.
pub(super) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let (mut interactions, mut moments) = (Vec::new(), Vec::new());
    for document in yaml::documents(bytes, Part::whole(path))? {
        let file: File = document.parse(Part::whole(path))?;
        if let Some(version) = file.version.filter(|version| !(1..=2).contains(version)) {
            let message = format!("version {version} of go-vcr's format is not known; 1 and 2 are");
            let kind = ErrorKind::Shape { json_path: "version".to_owned(), line: 1, message };
            return Err(Error::new(path, kind));
        }
        for (number, entry) in file.interactions.into_iter().flatten().enumerate() {
            let json_path = format!("interactions[{number}]");
            let part = Part { path, json_path: &json_path, line: document.line(entry.referenced) };
            let duration = entry.value.response.duration.as_deref().and_then(milliseconds).unwrap_or_default();
            let interaction = entry.value.into_exchange(part)?.into_interaction(&WORDS, part)?;
            moments.push(moment(&interaction, duration));
            interactions.push(interaction);
        }
    }
    Ok(Cassette { recorded: clock::set(&mut interactions, &moments), interactions, ..Cassette::default() })
}

impl Entry {
    fn into_exchange(self, part: Part<'_>) -> Result<Exchange, Error> {
        let bytes = |body: Option<Scalar>, place| body.map(|body| body.into_bytes(place, part)).transpose();
        let Self { request, response } = self;
        Ok(Exchange {
            method: request.method,
            url: request.url,
            headers: headers(request.headers),
            body: bytes(request.body, "request.body")?.unwrap_or_default().into(),
            answer: Some(Answer {
                status: response.code,
                headers: headers(response.headers),
                body: bytes(response.body, "response.body")?.unwrap_or_default().into(),
            }),
            version: request.proto.filter(|proto| proto == "HTTP/1.1"),
            notes: Vec::new(),
        })
    }
}

/// From the `Date` of the answer; some tests drop that and send one of their own.
fn moment(interaction: &Interaction, duration: u64) -> Option<Moment> {
    let sent = interaction.request.headers.get("x-ms-date").and_then(clock::http_date);
    let begin = Moment::of_date(interaction).map(|moment| moment.begin).or(sent)?;
    Some(Moment { begin, answer: duration, end: duration })
}

/// A duration of Go, such as `1h2m3.5s` or `139.8269ms`.
fn milliseconds(duration: &str) -> Option<u64> {
    let mut rest = duration.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|letter: char| letter.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        total += number.parse::<f64>().ok()?
            * match unit {
                "h" => 3_600_000.0,
                "m" => 60_000.0,
                "s" => 1000.0,
                "ms" => 1.0,
                "µs" | "us" => 0.001,
                "ns" => 0.000_001,
                _ => return None,
            };
        rest = behind;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    Some(total.round() as u64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_of_go() {
        for (text, expected) in [
            ("139.8269ms", Some(140)),
            ("1h2m3.5s", Some(3_723_500)),
            ("250µs", Some(0)),
            ("", Some(0)),
            ("soon", None),
            ("5", None),
        ] {
            assert_eq!(super::milliseconds(text), expected, "{text}");
        }
    }
}
