//! One entry: what it says, and the interaction that it tells of.

use std::{collections::BTreeMap, fmt};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::super::shape::Part;
use crate::cassette::{Auth, Body, Completion, Error, Headers, Interaction, Provenance, Request, Response};

/// The format's name in [`Provenance::format`].
const FORMAT: &str = "dotnet-session-records";

/// What says who asked. The recorder leaves it out; other tools and hands put it back.
const CREDENTIALS: [&str; 5] =
    ["authorization", "proxy-authorization", "x-ms-authorization-auxiliary", "cookie", "set-cookie"];

/// What says how the bytes were framed, which the indented text no longer is.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

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
    request_headers: Option<BTreeMap<String, Values>>,
    #[serde(rename = "ResponseBody", default)]
    response_body: Option<String>,
    #[serde(rename = "ResponseHeaders", default)]
    response_headers: Option<BTreeMap<String, Values>>,
    #[serde(rename = "StatusCode")]
    status: u16,
}

/// The values of a header: an array of strings, one string, or null.
struct Values(Vec<String>);

impl Entry {
    pub(super) fn into_interaction(self, part: Part<'_>) -> Result<Interaction, Error> {
        if !(100..=999).contains(&self.status) {
            return Err(part.invalid("StatusCode", "expected a status code, 100 to 999"));
        }
        if self.method.is_empty() || !self.method.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(part.invalid("RequestMethod", "expected a method, such as `PUT`"));
        }
        let mut notes = Vec::new();
        let uri = uri(self.uri, self.encoded_uri, part, &mut notes)?;
        let (scheme, authority, target) = split(uri);
        let request_headers = headers(self.request_headers);
        let response_headers = headers(self.response_headers);
        Ok(Interaction {
            request: Request {
                method: self.method,
                target,
                scheme,
                authority,
                version: None,
                auth: request_headers.get("authorization").map(auth),
                body: body(self.request_body, &request_headers),
                headers: kept(request_headers),
            },
            response: Some(Response {
                status: self.status,
                body: body(self.response_body, &response_headers),
                headers: kept(response_headers),
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

fn is_uri(uri: &str) -> bool {
    uri.starts_with('/') || uri.starts_with("http://") || uri.starts_with("https://")
}

/// Base64 as it is met: either alphabet, any padding.
fn decode_uri(encoded: &str) -> Option<String> {
    let standard = encoded.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    String::from_utf8(STANDARD_NO_PAD.decode(standard).ok()?).ok()
}

/// Scheme, authority and target, of which the recorder kept the last alone.
fn split(uri: String) -> (Option<String>, Option<String>, String) {
    let Some((scheme, rest)) = uri.split_once("://").filter(|_| !uri.starts_with('/')) else {
        return (None, None, uri);
    };
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if target.starts_with('/') { "" } else { "/" };
    (Some(scheme.to_owned()), Some(authority.to_owned()).filter(|host| !host.is_empty()), format!("{slash}{target}"))
}

fn headers(recorded: Option<BTreeMap<String, Values>>) -> Headers {
    let pairs = recorded.into_iter().flatten();
    pairs.flat_map(|(name, values)| values.0.into_iter().map(move |value| (name.clone(), value))).collect()
}

fn kept(mut headers: Headers) -> Headers {
    for name in CREDENTIALS.iter().chain(&FRAMING) {
        headers.remove(name);
    }
    headers
}

/// The scheme of a credential. A word that stands alone may be the credential itself.
fn auth(value: &str) -> Auth {
    let scheme = value.trim().split_once(' ').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let known = scheme.filter(|scheme| scheme.len() <= 20 && scheme.bytes().all(|byte| byte.is_ascii_lowercase()));
    Auth { kind: known.unwrap_or_else(|| "unknown".to_owned()), stand_in: None }
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

/// Whether a content type is one of text; without one, it is.
fn is_text(content_type: &str) -> bool {
    let content_type = content_type.trim().to_ascii_lowercase();
    content_type.is_empty()
        || content_type.starts_with("text/")
        || ["json", "xml", "javascript", "html", "x-www-form-urlencoded"].iter().any(|word| content_type.contains(word))
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header value, or an array of them")
    }

    fn visit_unit<E>(self) -> Result<Values, E> {
        Ok(Values(Vec::new()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Values, E> {
        Ok(Values(vec![value.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(Values(values))
    }
}
