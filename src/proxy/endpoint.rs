//! Absolute URLs in reverse mode: the service's own prefix is swapped for armtape's on the way to
//! the client, and back on the way in; the rest stays byte for byte.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

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
    from: String,
    to: String,
}

impl Swap {
    /// Swaps `from` for `to`: scheme and authority, without a path.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    /// The other way round.
    #[must_use]
    pub fn back(&self) -> Self {
        Self { from: self.to.clone(), to: self.from.clone() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.from == self.to
    }

    /// Swaps in every header that holds absolute URLs of the service.
    pub fn headers(&self, headers: &mut HeaderMap) {
        for name in POLLING_HEADERS.iter().chain(URL_HEADERS) {
            if let header::Entry::Occupied(mut entry) = headers.entry(*name) {
                for value in entry.iter_mut() {
                    let swapped = value.to_str().ok().and_then(|text| HeaderValue::from_str(&self.text(text)).ok());
                    if let Some(swapped) = swapped {
                        *value = swapped;
                    }
                }
            }
        }
    }

    /// Swaps wherever the prefix is a whole authority: `https://a.example` must not match the
    /// beginning of `https://a.example.org`.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(&Bytes::copy_from_slice(text.as_bytes()))).into_owned()
    }

    /// As [`Swap::text`], for a whole body.
    #[must_use]
    pub fn bytes(&self, bytes: &Bytes) -> Bytes {
        let from = self.from.as_bytes();
        if self.is_idle() || bytes.len() < from.len() {
            return bytes.clone();
        }
        let mut out = Vec::new();
        let mut copied = 0;
        let mut at = 0;
        while at + from.len() <= bytes.len() {
            let end = at + from.len();
            let whole = !bytes.get(end).is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, b'.' | b'-'));
            if bytes[at..end].eq_ignore_ascii_case(from) && whole {
                // A default port that is spelled out belongs to the prefix.
                let port = [&b":443"[..], b":80"].into_iter().find(|port| {
                    bytes[end..].starts_with(port) && !bytes.get(end + port.len()).is_some_and(u8::is_ascii_digit)
                });
                if bytes.get(end) != Some(&b':') || port.is_some() {
                    out.extend_from_slice(&bytes[copied..at]);
                    out.extend_from_slice(self.to.as_bytes());
                    at = end + port.map_or(0, <[u8]>::len);
                    copied = at;
                    continue;
                }
            }
            at += 1;
        }
        if copied == 0 {
            return bytes.clone();
        }
        out.extend_from_slice(&bytes[copied..]);
        out.into()
    }
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
