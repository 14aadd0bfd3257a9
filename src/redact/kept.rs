//! Which headers are kept at all, and what is said of a credential.

use http::HeaderMap;

use crate::cassette::{Auth, Headers};

/// Headers that are stored in clear: none of them ever carries a credential.
const KEPT: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "allow",
    "azure-asyncoperation",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "date",
    "etag",
    "expires",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "last-modified",
    "location",
    "odata-version",
    "operation-location",
    "pragma",
    "prefer",
    "preference-applied",
    "retry-after",
    "retry-after-ms",
    "server",
    "strict-transport-security",
    "user-agent",
    "vary",
    "x-content-type-options",
    "x-ms-arm-service-request-id",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-error-code",
    "x-ms-failure-cause",
    "x-ms-request-id",
    "x-ms-retry-after-ms",
    "x-ms-return-client-request-id",
    "x-ms-routing-request-id",
    "x-ms-version",
];

/// Rate-limit counters have many names (arm-lro.md 3.3).
const KEPT_PREFIX: &str = "x-ms-ratelimit-";

/// Headers whose absence says nothing: framing, and what [`Auth`] stands for.
const SILENT: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers that are kept; a note names the others.
pub(super) fn kept(headers: &HeaderMap, side: &str, notes: &mut Vec<String>) -> Headers {
    let mut kept = Headers::new();
    let mut left_out = Vec::new();
    for (name, value) in headers {
        let name = name.as_str();
        if KEPT.contains(&name) || name.starts_with(KEPT_PREFIX) {
            match value.to_str() {
                Ok(value) => kept.append(name, value),
                // Bytes that are no text: readable, and said to be changed.
                Err(_) => {
                    kept.append(name, String::from_utf8_lossy(value.as_bytes()).into_owned());
                    notes.push(format!("{side} header `{name}` was not ASCII"));
                }
            }
        } else if !SILENT.contains(&name) && !left_out.contains(&name) {
            left_out.push(name);
        }
    }
    if !left_out.is_empty() {
        left_out.sort_unstable();
        notes.push(format!("{side} headers not kept: {}", left_out.join(", ")));
    }
    kept
}

/// The kind of credential, never its value.
pub(super) fn auth(headers: &HeaderMap) -> Option<Auth> {
    let value = headers.get(http::header::AUTHORIZATION)?.as_bytes();
    let scheme: Vec<u8> = value.iter().copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
    // A value without a scheme is all secret.
    let known = ["bearer", "basic", "digest", "negotiate", "sharedkey", "sharedaccesssignature"];
    let kind = String::from_utf8_lossy(&scheme).to_ascii_lowercase();
    let kind = if known.contains(&kind.as_str()) && scheme.len() < value.len() { kind } else { "other".to_owned() };
    Some(Auth { kind, stand_in: None })
}
