//! Request targets and URLs, taken apart without changing a byte, and the keys by which two of them
//! are the same.
//!
//! A polling URL is opaque (S-26): it may hold `*`, `;rev=1` and several kilobytes of signature, and
//! must go back as it came. So the raw text is kept, and keys are made beside it.

use std::borrow::Cow;

/// A request target in origin form, split at its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    raw: String,
    /// Where the path ends.
    path_end: usize,
}

impl Target {
    /// Splits `raw` at the first `?`. Every text is a target; nothing is decoded.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        Self { path_end: raw.find('?').unwrap_or(raw.len()), raw: raw.to_owned() }
    }

    /// The target, byte for byte.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The path, as written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.raw[..self.path_end]
    }

    /// What follows the first `?`, as written; `None` where there is none.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.raw.get(self.path_end + 1..)
    }

    /// The path as it is compared: in lower case (S-04), with `//subscriptions` (which generated
    /// clients send) as `/subscriptions`, and percent-encoded only where a separator would be made.
    #[must_use]
    pub fn path_key(&self) -> String {
        let path = self.path();
        let path = match path.get(..15) {
            Some(start) if start.eq_ignore_ascii_case("//subscriptions") => &path[1..],
            _ => path,
        };
        decode(path).to_ascii_lowercase()
    }

    /// The query's parameters in their order, name and value as written. A parameter without `=`
    /// has an empty value.
    pub fn query_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// The first value of a parameter whose name is compared without regard to case.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The query as it is compared: names in lower case, percent-encoded as in the path, sorted.
    #[must_use]
    pub fn query_key(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<_> = self
            .query_pairs()
            .map(|(name, value)| (decode(name).to_ascii_lowercase(), decode(value).into_owned()))
            .collect();
        pairs.sort();
        pairs
    }
}

/// The segments of a path: what stands before the first slash, between them, and behind the last.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    // An id of ARM has about ten.
    let mut segments = Vec::with_capacity(16);
    let mut from = 0;
    for slash in memchr::memchr_iter(b'/', path.as_bytes()) {
        segments.push(&path[from..slash]);
        from = slash + 1;
    }
    segments.push(&path[from..]);
    segments
}

/// An absolute `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `http` or `https`.
    pub scheme: String,
    /// Host, with port if one was named, as written.
    pub authority: String,
    /// Path and query. A fragment is not part of it: it is never sent.
    pub target: Target,
}

impl Url {
    /// Takes an absolute URL apart; `None` where it is none, such as a path or a word that a
    /// recorder put in its place.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim_matches(' ');
        let (scheme, rest) = raw.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        // All but a few are printable ASCII throughout, and some are long.
        let printable =
            raw.bytes().all(|byte| byte.is_ascii_graphic()) || !raw.contains(|c: char| c.is_control() || c == ' ');
        if !matches!(scheme.as_str(), "http" | "https") || !printable {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.is_empty() {
            return None;
        }
        let target = if target.starts_with('/') { Cow::Borrowed(target) } else { format!("/{target}").into() };
        Some(Self { scheme, authority: authority.to_owned(), target: Target::parse(&target) })
    }

    /// The authority as it is compared ([`authority_key`]).
    #[must_use]
    pub fn authority_key(&self) -> String {
        authority_key(Some(&self.scheme), &self.authority)
    }
}

/// An authority as it is compared: in lower case, without the scheme's default port (I-HC339: the
/// same host came back as `HOST:443`). Without a scheme it is taken for `https`.
#[must_use]
pub fn authority_key(scheme: Option<&str>, authority: &str) -> String {
    let default_port = if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")) { ":80" } else { ":443" };
    let authority = authority.to_ascii_lowercase();
    match authority.strip_suffix(default_port) {
        Some(host) => host.to_owned(),
        None => authority,
    }
}

/// What no URL may hold as it is, and recorders write all the same where a value was, as in
/// `/subscriptions/<SUBSCRIPTION>`: clients cannot send it but encoded.
const PLACEHOLDER: &[u8] = br#"<>{}|^`"\"#;

/// Decodes the escapes of characters that need none (RFC 3986 section 2.3) and of those that have no
/// other form, and writes the rest in capitals (section 6.2.2.1): the same URL stays the same, and no
/// separator is made or lost.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || PLACEHOLDER.contains(&byte) {
                    decoded.push(char::from(byte));
                } else {
                    decoded.push_str(&rest[at..at + 3].to_ascii_uppercase());
                }
                rest = &rest[at + 3..];
            }
            None => {
                decoded.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_target_is_split_and_kept() {
        let target = Target::parse("//Subscriptions/A%2Fb/x%2D1?b=2&api-version=1&flag&&c=a=b");
        assert_eq!(target.raw(), "//Subscriptions/A%2Fb/x%2D1?b=2&api-version=1&flag&&c=a=b");
        assert_eq!(target.path_key(), "/subscriptions/a%2fb/x-1");
        let pairs: Vec<_> = target.query_pairs().collect();
        assert_eq!(pairs, [("b", "2"), ("api-version", "1"), ("flag", ""), ("c", "a=b")]);
        assert_eq!(target.query_value("API-Version"), Some("1"));
        assert_eq!(target.query_key(), Target::parse("/?C=a=b&flag=&api-version=%31&b=2").query_key());
    }

    #[test]
    fn segments_are_what_a_split_gives() {
        for path in ["", "/", "a", "/a//b/", "//subscriptions/ü/x"] {
            assert_eq!(segments(path), path.split('/').collect::<Vec<_>>());
        }
    }

    #[test]
    fn values_keep_their_case_and_separators() {
        assert_ne!(Target::parse("/x?a=B").query_key(), Target::parse("/x?a=b").query_key());
        assert_ne!(Target::parse("/x?a=1%262").query_key(), Target::parse("/x?a=1&2").query_key());
        assert_eq!(Target::parse("/x?a=%2f").query_key(), Target::parse("/x?a=%2F").query_key());
        assert_ne!(Target::parse("/a%2Fb").path_key(), Target::parse("/a/b").path_key());
    }

    #[test]
    fn a_placeholder_is_found_by_who_has_to_encode_it() {
        let (taped, sent) =
            (Target::parse("/subscriptions/<ID>/x?a={b}"), Target::parse("/subscriptions/%3cID%3E/x?a=%7Bb%7D"));
        assert_eq!(taped.path_key(), sent.path_key());
        assert_eq!(taped.query_key(), sent.query_key());
    }

    #[test]
    fn a_url_is_split() {
        let url = Url::parse("HTTPS://Management.Azure.com:443/a/b?c=d#e").unwrap();
        assert_eq!((url.scheme.as_str(), url.authority.as_str()), ("https", "Management.Azure.com:443"));
        assert_eq!(url.authority_key(), "management.azure.com");
        assert_eq!(url.target.raw(), "/a/b?c=d");
        assert_eq!(
            Url::parse("http://h:80?x=1").map(|url| (url.authority_key(), url.target.raw().to_owned())),
            Some(("h".into(), "/?x=1".into()))
        );
        assert_eq!(Url::parse("http://h:443/").unwrap().authority_key(), "h:443");
        assert_eq!(Url::parse("https://[::1]:8443/x").unwrap().authority_key(), "[::1]:8443");
    }

    #[test]
    fn what_is_no_url_is_none() {
        for raw in ["", "Sanitized", "/subscriptions/x", "ftp://h/x", "https://", "https:///x", "https://h/a b", "://h"]
        {
            assert_eq!(Url::parse(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_raw_is_raw(text in "\\PC{0,40}", escaped in "(/[a-z%0-9A-F?&=é]{0,6}){0,4}") {
            for text in [text, escaped] {
                let target = Target::parse(&text);
                prop_assert_eq!(target.raw(), text.as_str());
                let _ = (target.path_key(), target.query_key(), Url::parse(&text));
                // A key is its own key.
                let key = target.path_key();
                if !key.contains('?') && !key.starts_with("//") && !key.contains('%') {
                    prop_assert_eq!(Target::parse(&key).path_key(), key);
                }
            }
        }
    }
}
