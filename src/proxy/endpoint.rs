//! Absolute URLs in reverse mode: the service's own prefix is swapped for armtape's on the way to
//! the client, and back on the way in; the rest stays byte for byte.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::arm::POLLING_HEADERS;

/// Other headers that hold absolute URLs of the service.
const URL_HEADERS: &[&str] = &["content-location", "referer", "origin"];

/// Whether a body is one in which URLs are swapped.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.contains("json"))
}

/// Two prefixes such as `https://management.azure.com` and `https://127.0.0.1:40123`.
#[derive(Clone, Debug)]
pub struct Swap {
    from: Arc<str>,
    to: Arc<str>,
}

impl Swap {
    /// Swaps `from` for `to`: scheme and authority, without a path.
    #[must_use]
    pub fn new(from: impl Into<Arc<str>>, to: impl Into<Arc<str>>) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    /// The other way round.
    #[must_use]
    pub fn back(&self) -> Self {
        Self { from: Arc::clone(&self.to), to: Arc::clone(&self.from) }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.from == self.to
    }

    /// Swaps in every header that holds absolute URLs of the service.
    pub fn headers(&self, headers: &mut HeaderMap) {
        for (_, value) in headers.iter_mut().filter(|(name, _)| holds_urls(name)) {
            if let Some(swapped) = self.swapped(value.as_bytes())
                && let Ok(swapped) = HeaderValue::from_bytes(&swapped)
            {
                *value = swapped;
            }
        }
    }

    /// Swaps wherever the prefix is a whole authority: `https://a.example` must not match the
    /// beginning of `https://a.example.org`.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        match self.swapped(text.as_bytes()) {
            Some(swapped) => String::from_utf8_lossy(&swapped).into_owned(),
            None => text.to_owned(),
        }
    }

    /// As [`Swap::text`], for a whole body.
    #[must_use]
    pub fn bytes(&self, bytes: &Bytes) -> Bytes {
        self.swapped(bytes).map_or_else(|| bytes.clone(), Bytes::from)
    }

    /// `None` where there is nothing to swap.
    fn swapped(&self, text: &[u8]) -> Option<Vec<u8>> {
        let from = self.from.as_bytes();
        if self.is_idle() {
            return None;
        }
        // Seldom in a text, unlike any letter of the prefix.
        let sign = memchr::memmem::find(from, SIGN)?;
        let mut out = Vec::new();
        let mut copied = 0;
        for found in memchr::memmem::find_iter(text, SIGN) {
            let Some(start) = found.checked_sub(sign).filter(|start| *start >= copied) else { continue };
            let end = start + from.len();
            let Some(stands) = text.get(start..end) else { break };
            if !stands.eq_ignore_ascii_case(from) {
                continue;
            }
            let port = match text.get(end) {
                Some(next) if next.is_ascii_alphanumeric() || matches!(next, b'.' | b'-') => continue,
                // A default port that is spelled out belongs to the prefix.
                Some(b':') => [&b":443"[..], b":80"].into_iter().find(|port| {
                    text[end..].starts_with(port) && !text.get(end + port.len()).is_some_and(u8::is_ascii_digit)
                }),
                _ => Some(&b""[..]),
            };
            let Some(port) = port else { continue };
            out.extend_from_slice(&text[copied..start]);
            out.extend_from_slice(self.to.as_bytes());
            copied = end + port.len();
        }
        if copied == 0 {
            return None;
        }
        out.extend_from_slice(&text[copied..]);
        Some(out)
    }
}

/// What stands between scheme and authority.
const SIGN: &[u8] = b"://";

fn holds_urls(name: &HeaderName) -> bool {
    POLLING_HEADERS.iter().chain(URL_HEADERS).any(|known| name.as_str() == *known)
}

#[cfg(test)]
mod tests {
    use super::Swap;

    #[test]
    fn only_whole_authorities_are_swapped() {
        let swap = Swap::new("https://management.azure.com", "https://127.0.0.1:4433");
        for (text, swapped) in [
            ("https://management.azure.com/a?b=c", "https://127.0.0.1:4433/a?b=c"),
            ("HTTPS://Management.Azure.com/a", "https://127.0.0.1:4433/a"),
            ("https://management.azure.com:443/a", "https://127.0.0.1:4433/a"),
            ("https://management.azure.com:4430/a", "https://management.azure.com:4430/a"),
            ("https://management.azure.com.evil/a", "https://management.azure.com.evil/a"),
            (
                r#"{"nextLink":"https://management.azure.com/x","a":"é"}"#,
                r#"{"nextLink":"https://127.0.0.1:4433/x","a":"é"}"#,
            ),
            ("https://management.azure.com", "https://127.0.0.1:4433"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(swap.text(text), swapped);
        }
        assert_eq!(swap.back().text("https://127.0.0.1:4433/a%2Fb"), "https://management.azure.com/a%2Fb");
    }
}
