//! One entry: what it says, and the interaction that it tells of.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

use super::super::{
    exchange::{EXPECTED_METHOD, auth, headers, is_text, is_uri, kept, method, split},
    shape::{HeaderMap, Part},
};
use crate::cassette::{Body, Completion, Error, Headers, Interaction, Provenance, Request, Response};

/// The format's name in [`Provenance::format`].
const FORMAT: &str = "dotnet-session-records";

#[derive(serde::Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "RequestUri", default)]
    uri: Option<String>,
    /// The same in base64, added by later versions.
    #[serde(rename = "EncodedRequestUri", default)]
    encoded_uri: Option<String>,
    #[serde(rename = "RequestMethod")]
    method: String,
    #[serde(rename = "RequestBody", default)]
    request_body: Option<String>,
    #[serde(rename = "RequestHeaders", default)]
    request_headers: Option<HeaderMap>,
    #[serde(rename = "ResponseBody", default)]
    response_body: Option<String>,
    #[serde(rename = "ResponseHeaders", default)]
    response_headers: Option<HeaderMap>,
    #[serde(rename = "StatusCode")]
    status: u16,
}

impl Entry {
    pub(super) fn into_interaction(self, part: Part<'_>) -> Result<Interaction, Error> {
        if !(100..=999).contains(&self.status) {
            return Err(part.invalid("StatusCode", "expected a status code, 100 to 999"));
        }
        let method = method(self.method).ok_or_else(|| part.invalid("RequestMethod", EXPECTED_METHOD))?;
        let mut notes = Vec::new();
        let uri = uri(self.uri, self.encoded_uri, part, &mut notes)?;
        let (scheme, authority, target) = split(uri);
        let request_headers = headers(self.request_headers);
        let response_headers = headers(self.response_headers);
        Ok(Interaction {
            request: Request {
                method,
                target,
                scheme,
                authority,
                version: None,
                auth: request_headers.get("authorization").map(auth),
                body: body(self.request_body, &request_headers),
                headers: kept(&request_headers),
            },
            response: Some(Response {
                status: self.status,
                body: body(self.response_body, &response_headers),
                headers: kept(&response_headers),
            }),
            completion: Completion::Whole,
            connection: None,
            times: None,
            provenance: Some(Provenance {
                format: FORMAT.to_owned(),
                file: part.path.display().to_string(),
                line: part.line as u64,
            }),
            notes,
        })
    }
}

/// What was asked. People read and correct `RequestUri`, so it wins.
fn uri(
    plain: Option<String>,
    encoded: Option<String>,
    part: Part<'_>,
    notes: &mut Vec<String>,
) -> Result<String, Error> {
    let plain = plain.filter(|uri| !uri.is_empty());
    let encoded = encoded.filter(|uri| !uri.trim().is_empty());
    let decoded = encoded.as_deref().map(decode_uri);
    match (plain, decoded) {
        (Some(plain), decoded) => {
            if decoded.flatten().is_some_and(|decoded| decoded != plain) {
                notes.push("RequestUri and EncodedRequestUri differ; RequestUri was taken.".to_owned());
            }
            if is_uri(&plain) { Ok(plain) } else { Err(part.invalid("RequestUri", "expected a path or a URL")) }
        }
        (None, Some(decoded)) => decoded
            .filter(|uri| is_uri(uri))
            .ok_or_else(|| part.invalid("EncodedRequestUri", "expected a path in base64")),
        (None, None) => Err(part.invalid("", "expected `RequestUri` or `EncodedRequestUri`")),
    }
}

/// Base64 as it is met: either alphabet, any padding.
fn decode_uri(encoded: &str) -> Option<String> {
    let standard = encoded.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    String::from_utf8(STANDARD_NO_PAD.decode(standard).ok()?).ok()
}

/// A body. Where its type is no text, the recorder may have written it in base64.
fn body(recorded: Option<String>, headers: &Headers) -> Body {
    let recorded = recorded.unwrap_or_default();
    if !recorded.is_empty()
        && !is_text(headers.get("content-type").unwrap_or_default())
        && let Ok(bytes) = STANDARD.decode(&recorded)
    {
        return Body::from_bytes(bytes.into());
    }
    Body::from_bytes(recorded.into_bytes().into())
}
