//! What may reach the disk. Pure.
//!
//! A [`RawExchange`] has no `Debug`, no `Display` and no way into a file; a [`Redacted`] one can
//! only be made here. Until there are rules for values, headers are stored by an allow-list:
//! everything that it does not name stays off the disk.

use bytes::Bytes;
use http::HeaderMap;

use crate::cassette::{Auth, Body, Completion, Headers, Interaction, Request, Response, Times};

/// An exchange as it was on the wire.
pub struct RawExchange {
    /// The method.
    pub method: String,
    /// The target in origin form.
    pub target: String,
    /// `https` or `http`.
    pub scheme: &'static str,
    /// The host as asked for.
    pub authority: String,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: &'static str,
    /// The headers of the request.
    pub request_headers: HeaderMap,
    /// The body of the request, decoded.
    pub request_body: Bytes,
    /// The answer, where one began.
    pub response: Option<RawResponse>,
    /// How it ended.
    pub completion: Completion,
    /// The number of the connection.
    pub connection: u64,
    /// When it happened.
    pub times: Times,
    /// Remarks of the recorder.
    pub notes: Vec<String>,
}

/// An answer as it was on the wire.
pub struct RawResponse {
    /// The status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, decoded.
    pub body: Bytes,
}

/// An interaction that may be written.
#[derive(Clone, Debug)]
pub struct Redacted(Interaction);

impl Redacted {
    /// Takes out what must not be kept.
    #[must_use]
    pub fn from_raw(raw: RawExchange) -> Self {
        let mut notes = raw.notes;
        let request_headers = kept(&raw.request_headers, "request", &mut notes);
        let response = raw.response.map(|response| Response {
            status: response.status,
            headers: kept(&response.headers, "response", &mut notes),
            body: Body::from_bytes(response.body),
        });
        Self(Interaction {
            request: Request {
                method: raw.method,
                target: raw.target,
                scheme: Some(raw.scheme.to_owned()),
                authority: Some(raw.authority),
                version: Some(raw.version.to_owned()),
                auth: auth(&raw.request_headers),
                headers: request_headers,
                body: Body::from_bytes(raw.request_body),
            },
            response,
            completion: raw.completion,
            connection: Some(raw.connection),
            times: Some(raw.times),
            provenance: None,
            notes,
        })
    }

    /// The interaction.
    #[must_use]
    pub fn as_inner(&self) -> &Interaction {
        &self.0
    }

    /// The interaction.
    #[must_use]
    pub fn into_inner(self) -> Interaction {
        self.0
    }
}

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

fn kept(headers: &HeaderMap, side: &str, notes: &mut Vec<String>) -> Headers {
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
fn auth(headers: &HeaderMap) -> Option<Auth> {
    let value = headers.get(http::header::AUTHORIZATION)?.as_bytes();
    let scheme: Vec<u8> = value.iter().copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
    // A value without a scheme is all secret.
    let known = ["bearer", "basic", "digest", "negotiate", "sharedkey", "sharedaccesssignature"];
    let kind = String::from_utf8_lossy(&scheme).to_ascii_lowercase();
    let kind = if known.contains(&kind.as_str()) && scheme.len() < value.len() { kind } else { "other".to_owned() };
    Some(Auth { kind, stand_in: None })
}

/// The client's command line, without what looks like a secret in it: the value of an option or a
/// `NAME=VALUE` whose name says so, and the headers that carry credentials.
#[must_use]
pub fn command(words: &[String]) -> Vec<String> {
    const REPLACED: &str = "[redacted]";
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["secret", "password", "passwd", "token", "credential", "api-key", "apikey", "access-key"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut value_follows = false;
    words
        .iter()
        .map(|word| {
            let option = word.starts_with('-');
            if std::mem::take(&mut value_follows) && !option {
                return REPLACED.to_owned();
            }
            match word.split_once('=') {
                Some((name, _)) if secret(name) => format!("{name}={REPLACED}"),
                None if option && secret(word) => {
                    value_follows = true;
                    word.clone()
                }
                _ => without_credentials(word),
            }
        })
        .collect()
}

/// A word without the credentials of headers in it (`curl -H 'Authorization: ...'`), be it one word
/// or a whole script.
fn without_credentials(word: &str) -> String {
    const HEADERS: &[&str] =
        &["authorization:", "authorization-auxiliary:", "cookie:", "api-key:", "subscription-key:"];
    let lower = word.to_ascii_lowercase();
    let mut kept = String::new();
    let mut rest = 0;
    while let Some((start, header)) =
        HEADERS.iter().filter_map(|header| Some((rest + lower[rest..].find(header)?, header))).min()
    {
        let value = start + header.len();
        let end = word[value..].find(['"', '\'', '\n']).map_or(word.len(), |length| value + length);
        kept.push_str(&word[rest..value]);
        kept.push_str(" [redacted]");
        rest = end;
    }
    kept + &word[rest..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(request: &[(&'static str, &str)], response: &[(&'static str, &str)]) -> Interaction {
        let map = |pairs: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in pairs {
                map.append(*name, value.parse().unwrap());
            }
            map
        };
        Redacted::from_raw(RawExchange {
            method: "PUT".into(),
            target: "/x".into(),
            scheme: "https",
            authority: "management.azure.com".into(),
            version: "HTTP/1.1",
            request_headers: map(request),
            request_body: Bytes::new(),
            response: Some(RawResponse { status: 200, headers: map(response), body: Bytes::new() }),
            completion: Completion::Whole,
            connection: 1,
            times: Times { request: 0, answer: 0, end: 0 },
            notes: Vec::new(),
        })
        .into_inner()
    }

    #[test]
    fn no_credential_and_no_cookie_is_kept() {
        let canary = "canary-5f0c";
        let secret = |name: &'static str| (name, canary);
        let kept = redacted(
            &[
                ("authorization", "Bearer canary-5f0c"),
                secret("proxy-authorization"),
                secret("cookie"),
                secret("x-ms-authorization-auxiliary"),
                secret("ocp-apim-subscription-key"),
                secret("x-api-key"),
                ("content-type", "application/json"),
            ],
            &[
                secret("set-cookie"),
                secret("x-ms-secret"),
                ("retry-after", "1"),
                ("x-ms-ratelimit-remaining-tenant-reads", "9"),
            ],
        );
        assert!(!format!("{kept:?}").contains(canary), "{kept:?}");
        assert_eq!(kept.request.auth, Some(Auth { kind: "bearer".into(), stand_in: None }));
        assert_eq!(kept.request.headers.get("content-type"), Some("application/json"));
        let response = kept.response.unwrap();
        assert_eq!(response.headers.get("retry-after"), Some("1"));
        assert_eq!(response.headers.get("x-ms-ratelimit-remaining-tenant-reads"), Some("9"));
        insta::assert_snapshot!(kept.notes.join("\n"), @r"
        request headers not kept: cookie, ocp-apim-subscription-key, x-api-key, x-ms-authorization-auxiliary
        response headers not kept: set-cookie, x-ms-secret
        ");
    }

    #[test]
    fn a_secret_on_the_command_line_is_not_kept() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = "az --client-secret canary --password=canary API_TOKEN=canary --name x --token --verbose";
        let kept = command(&words(line)).join(" ");
        assert_eq!(
            kept,
            "az --client-secret [redacted] --password=[redacted] API_TOKEN=[redacted] --name x --token --verbose"
        );
    }

    #[test]
    fn a_header_on_the_command_line_is_not_kept() {
        let words = [
            "curl",
            "-H",
            "Authorization: Bearer canary",
            "curl -H 'x-ms-authorization-auxiliary: Bearer canary' -H \"Cookie:canary; canary\" https://x",
        ];
        let kept = command(&words.map(str::to_owned));
        insta::assert_snapshot!(kept.join("\n"), @r#"
        curl
        -H
        Authorization: [redacted]
        curl -H 'x-ms-authorization-auxiliary: [redacted]' -H "Cookie: [redacted]" https://x
        "#);
    }

    #[test]
    fn a_credential_without_a_scheme_is_all_secret() {
        for value in ["c2VjcmV0", "bearer", "Canary abc"] {
            assert_eq!(redacted(&[("authorization", value)], &[]).request.auth.unwrap().kind, "other", "{value}");
        }
    }
}
