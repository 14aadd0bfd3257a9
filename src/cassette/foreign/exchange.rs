//! What all formats have in common: a request, an answer, and what is not kept of them.

use bytes::Bytes;

use super::{
    coded,
    shape::{HeaderMap, Part},
};
use crate::cassette::{Auth, Body, Completion, Error, Headers, Interaction, Provenance, Request, Response};

/// What says how the bytes were framed, which the recorded text no longer is.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// An exchange, as a recorder told it.
pub(super) struct Exchange {
    pub method: String,
    /// A URL, or a path where the recorder dropped the host.
    pub url: String,
    pub headers: Headers,
    pub body: Bytes,
    /// `None` where the recorder saw no answer.
    pub answer: Option<Answer>,
    pub version: Option<String>,
    pub notes: Vec<String>,
}

pub(super) struct Answer {
    pub status: u64,
    pub headers: Headers,
    pub body: Bytes,
}

/// What a format calls itself, and some of its fields: for messages.
pub(super) struct Words {
    pub format: &'static str,
    pub method: &'static str,
    pub url: &'static str,
    pub status: &'static str,
}

impl Exchange {
    pub(super) fn into_interaction(self, words: &Words, part: Part<'_>) -> Result<Interaction, Error> {
        let method = method(self.method).ok_or_else(|| part.invalid(words.method, EXPECTED_METHOD))?;
        if !is_uri(&self.url) {
            return Err(part.invalid(words.url, "expected a URL or a path"));
        }
        let Self { url, headers, body, answer, version, mut notes, .. } = self;
        let (scheme, authority, target) = split(url);
        let auth = headers.get("authorization").map(auth);
        let body = coded::decoded(body, &headers, &mut notes);
        let request = Request {
            method,
            target,
            scheme,
            authority,
            version,
            auth,
            headers: kept(&headers),
            body: Body::from_bytes(body),
        };
        let response = match answer {
            None => None,
            Some(Answer { status, headers, body }) => {
                let status = u16::try_from(status).ok().filter(|status| (100..=999).contains(status));
                let status = status.ok_or_else(|| part.invalid(words.status, "expected a status code, 100 to 999"))?;
                let body = coded::decoded(body, &headers, &mut notes);
                Some(Response { status, headers: kept(&headers), body: Body::from_bytes(body) })
            }
        };
        Ok(Interaction {
            request,
            completion: if response.is_some() { Completion::Whole } else { Completion::Reset },
            response,
            connection: None,
            times: None,
            provenance: Some(Provenance {
                format: words.format.to_owned(),
                file: part.path.display().to_string(),
                line: part.line as u64,
            }),
            notes,
        })
    }
}

pub(super) const EXPECTED_METHOD: &str = "expected an HTTP method, such as `PUT`";

/// A method, if HTTP allows its characters: another could not be sent again, nor read from a cassette.
pub(super) fn method(recorded: String) -> Option<String> {
    http::Method::from_bytes(recorded.as_bytes()).is_ok().then_some(recorded)
}

pub(super) fn is_uri(uri: &str) -> bool {
    uri.starts_with('/') || uri.starts_with("http://") || uri.starts_with("https://")
}

/// Scheme, authority and target, of which a recorder may have kept the last alone. What follows
/// `#` was never sent.
pub(super) fn split(uri: String) -> (Option<String>, Option<String>, String) {
    let Some((scheme, rest)) = uri.split_once("://").filter(|_| !uri.starts_with('/')) else {
        return (None, None, uri);
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if target.starts_with('/') { "" } else { "/" };
    (Some(scheme.to_owned()), Some(authority.to_owned()).filter(|host| !host.is_empty()), format!("{slash}{target}"))
}

pub(super) fn headers(recorded: Option<HeaderMap>) -> Headers {
    let pairs = recorded.unwrap_or_default().0.into_iter();
    pairs.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value))).collect()
}

/// The headers without framing, and the pseudo-headers of HTTP/2.
pub(super) fn kept(headers: &Headers) -> Headers {
    let dropped = |name: &str| name.starts_with(':') || FRAMING.contains(&name);
    let pairs = headers.iter().filter(|(name, _)| !dropped(name));
    pairs.flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_str()))).collect()
}

/// The scheme of a credential. A word that stands alone may be the credential itself.
pub(super) fn auth(value: &str) -> Auth {
    let scheme = value.trim().split_once(' ').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let known = scheme.filter(|scheme| scheme.len() <= 20 && scheme.bytes().all(|byte| byte.is_ascii_lowercase()));
    Auth { kind: known.unwrap_or_else(|| "unknown".to_owned()), stand_in: None }
}

/// Whether a content type is one of text; without one, it is.
pub(super) fn is_text(content_type: &str) -> bool {
    let content_type = content_type.trim().to_ascii_lowercase();
    content_type.is_empty()
        || content_type.starts_with("text/")
        || ["json", "xml", "javascript", "html", "x-www-form-urlencoded"].iter().any(|word| content_type.contains(word))
}
