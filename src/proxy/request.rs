//! A request as it came in, and whom it was meant for.

use std::fmt;

use http::{HeaderMap, Method, Version};

use super::Body;

/// A host and a port, as a client asked for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Lower case, without brackets.
    pub host: String,
    /// The port, named or of the scheme.
    pub port: u16,
    /// The client's own words.
    pub text: String,
}

impl Authority {
    /// Reads `host`, `host:port` or `[v6]:port`.
    #[must_use]
    pub fn parse(text: &str, default_port: u16) -> Option<Self> {
        let parsed: http::uri::Authority = text.parse().ok()?;
        // User info is nothing that a request may carry to a host.
        if text.contains('@') {
            return None;
        }
        // By itself: `port()` takes one that is no number, or too large, for none.
        let port = match text[parsed.host().len()..].strip_prefix(':') {
            None | Some("") => default_port,
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        };
        let host = parsed.host().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        if host.is_empty() {
            return None;
        }
        Some(Self { host: host.to_ascii_lowercase(), port, text: text.to_owned() })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A request to a served host.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, byte for byte.
    pub target: String,
    /// `https` or `http`: what the client believes.
    pub scheme: &'static str,
    /// Whom the client believes to talk to. `None`: to armtape itself, as its endpoint (reverse).
    pub authority: Option<Authority>,
    /// The URL by which the client reached armtape, without a path, such as
    /// `https://127.0.0.1:40123`. Of use in reverse mode.
    pub endpoint: String,
    /// The version on the wire.
    pub version: Version,
    /// Every header, hop-by-hop ones included.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The number of the client's connection, from 1.
    pub connection: u64,
}
