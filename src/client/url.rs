//! URLs that a service hands out: which may be asked, and which may see the token.

use std::net::IpAddr;

use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Why a URL can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is no URL.
    #[error("it is not a URL")]
    Malformed,
    /// It is neither `https` nor `http`.
    #[error("its scheme is not https")]
    Scheme,
    /// Plain text, and not to this machine itself (LRO-C-03, LRO-C-31).
    #[error("it is not encrypted")]
    Plain,
    /// It has a user name or a password.
    #[error("it holds credentials")]
    Credentials,
    /// It leads from a public host to a private address (SC-194).
    #[error("it leads to a private address")]
    Private,
}

/// What [`Uri`] or RFC 3986 refuses: the rest goes out byte for byte (LRO-C-16).
const ILLEGAL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

/// The place of the resource: what URLs are measured against.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) uri: Uri,
    /// Further hosts that may see the token, each `HOST` or `HOST:PORT`.
    trusted: Vec<String>,
}

impl Home {
    pub(super) fn new(url: &str, trusted: Vec<String>) -> Result<Self, UrlError> {
        let uri = parse(url)?;
        if !is_encrypted(&uri) && !is_loopback(host(&uri)) {
            return Err(UrlError::Plain);
        }
        Ok(Self { uri, trusted })
    }

    /// The URL that `text` means in the answer to `base` (LRO-C-16, LRO-C-19).
    pub(super) fn resolve(&self, base: &Uri, text: &str) -> Result<Uri, UrlError> {
        let uri = if has_scheme(text) { parse(text)? } else { join(base, text)? };
        if !is_encrypted(&uri) && is_encrypted(&self.uri) {
            return Err(UrlError::Plain);
        }
        if !self.trusts(&uri) && is_private(host(&uri)) && !is_private(host(&self.uri)) {
            return Err(UrlError::Private);
        }
        Ok(uri)
    }

    /// Whether `uri` may see the token: a trusted host (LRO-C-30), and nobody on the way (LRO-C-03).
    pub(super) fn may_see_token(&self, uri: &Uri) -> bool {
        self.trusts(uri) && (is_encrypted(uri) || is_loopback(host(uri)))
    }

    fn trusts(&self, uri: &Uri) -> bool {
        let at = |other: &Uri| (host(other).to_ascii_lowercase(), port(other));
        let named = |entry: &str| {
            let authority = uri.authority().map_or("", |authority| authority.as_str());
            entry.eq_ignore_ascii_case(host(uri)) || entry.eq_ignore_ascii_case(authority)
        };
        at(uri) == at(&self.uri) || self.trusted.iter().any(|entry| named(entry))
    }

    /// Whether `uri` names the resource itself: a REST link rather than an operation.
    pub(super) fn is_resource(&self, uri: &Uri) -> bool {
        let same_host = host(uri).eq_ignore_ascii_case(host(&self.uri)) && port(uri) == port(&self.uri);
        let only_version = uri.query().is_none_or(|query| query.split('&').all(is_api_version));
        same_host && only_version && uri.path().eq_ignore_ascii_case(self.uri.path())
    }

    /// `uri` with the resource's api-version, if it has none and the resource has one (LRO-C-17).
    pub(super) fn with_api_version(&self, uri: &Uri) -> Option<Uri> {
        let version = |uri: &Uri| uri.query()?.split('&').find(|pair| is_api_version(pair)).map(str::to_owned);
        if version(uri).is_some() {
            return None;
        }
        let joint = if uri.query().is_some() { '&' } else { '?' };
        Uri::try_from(format!("{uri}{joint}{}", version(&self.uri)?)).ok()
    }
}

/// The URL that `text` is.
pub(super) fn parse(text: &str) -> Result<Uri, UrlError> {
    let uri: Uri = utf8_percent_encode(text, ILLEGAL).to_string().parse().map_err(|_| UrlError::Malformed)?;
    match (uri.scheme_str(), uri.authority()) {
        (None, _) | (_, None) => Err(UrlError::Malformed),
        (Some("https" | "http"), Some(authority)) if authority.as_str().contains('@') => Err(UrlError::Credentials),
        (Some("https" | "http"), Some(_)) => Ok(uri),
        _ => Err(UrlError::Scheme),
    }
}

/// The reference `text` against `base`, RFC 3986 section 5.2.
fn join(base: &Uri, text: &str) -> Result<Uri, UrlError> {
    // Prose in the place of a URL (SC-104) would else become a path.
    if text.trim().is_empty() || text.contains(' ') {
        return Err(UrlError::Malformed);
    }
    let scheme = base.scheme_str().ok_or(UrlError::Malformed)?;
    let authority = base.authority().ok_or(UrlError::Malformed)?;
    if text.starts_with("//") {
        return parse(&format!("{scheme}:{text}"));
    }
    let (path, query) = text.find('?').map_or((text, ""), |at| text.split_at(at));
    let path = match path {
        "" => base.path().to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path => {
            let (folder, _) = base.path().rsplit_once('/').unwrap_or_default();
            without_dots(&format!("{folder}/{path}"))
        }
    };
    parse(&format!("{scheme}://{authority}{path}{query}"))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                // The first segment is the empty one before the leading slash.
                if segment == ".." && kept.len() > 1 {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

fn has_scheme(text: &str) -> bool {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", ""));
    let word = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    word && !rest.is_empty()
}

fn is_api_version(pair: &str) -> bool {
    pair.split('=').next().is_some_and(|key| key.eq_ignore_ascii_case("api-version"))
}

fn is_encrypted(uri: &Uri) -> bool {
    uri.scheme_str() == Some("https")
}

fn host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default()
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if is_encrypted(uri) { 443 } else { 80 })
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_loopback(host: &str) -> bool {
    let name = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    name || address(host).is_some_and(|address| address.is_loopback())
}

fn is_private(host: &str) -> bool {
    is_loopback(host)
        || match address(host) {
            Some(IpAddr::V4(address)) => address.is_private() || address.is_link_local() || address.is_unspecified(),
            Some(IpAddr::V6(address)) => {
                address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
            }
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: &str = "https://management.azure.com/subscriptions/s/widgets/w?api-version=2024-01-01";

    fn home() -> Home {
        Home::new(RESOURCE, vec!["second.example".to_owned(), "third.example:8443".to_owned()]).unwrap()
    }

    fn resolve(text: &str) -> Result<String, UrlError> {
        home().resolve(&home().uri, text).map(|uri| uri.to_string())
    }

    #[test]
    fn leaves_a_url_as_it_is() {
        let urls = [
            "https://management.azure.com/a*B0/apis/x;rev=1?t=1&c=MII_-&s=a_-b~&h=x%2By%2f&asyncId=&&a=1&a=2",
            "https://management.azure.com:443/%7Bx%7D/a|b/../c?x={y}",
            "https://second.example/ops/1",
        ];
        for url in urls {
            assert_eq!(resolve(url).as_deref(), Ok(url));
        }
        let long = format!("https://management.azure.com/ops?s={}", "a".repeat(8 * 1024));
        assert_eq!(resolve(&long), Ok(long));
    }

    #[test]
    fn resolves_references() {
        assert_eq!(resolve("/ops/1?a=b").as_deref(), Ok("https://management.azure.com/ops/1?a=b"));
        assert_eq!(resolve("//second.example/x").as_deref(), Ok("https://second.example/x"));
        let folder = "https://management.azure.com/subscriptions/s/widgets";
        assert_eq!(resolve("ops/1"), Ok(format!("{folder}/ops/1")));
        assert_eq!(resolve("./../ops/."), Ok("https://management.azure.com/subscriptions/s/ops/".to_owned()));
        assert_eq!(resolve("?a=b"), Ok(format!("{folder}/w?a=b")));
    }

    #[test]
    fn refuses_what_must_not_be_asked() {
        assert_eq!(resolve("not a url"), Err(UrlError::Malformed));
        assert_eq!(resolve(""), Err(UrlError::Malformed));
        assert_eq!(resolve("http://management.azure.com/ops"), Err(UrlError::Plain));
        assert_eq!(resolve("https://user:pw@management.azure.com/ops"), Err(UrlError::Credentials));
        assert!(matches!(resolve("file:///etc/hosts"), Err(UrlError::Malformed | UrlError::Scheme)));
        assert_eq!(resolve("ftp://management.azure.com/ops"), Err(UrlError::Scheme));
        assert_eq!(resolve("https://169.254.169.254/metadata"), Err(UrlError::Private));
        assert_eq!(resolve("https://[::1]:9/x"), Err(UrlError::Private));
        assert_eq!(Home::new("http://management.azure.com/x", vec![]).unwrap_err(), UrlError::Plain);
        assert!(Home::new("http://127.0.0.1:8080/x", vec![]).is_ok());
    }

    #[test]
    fn trusts_its_own_host_and_the_named_ones() {
        let trusts = |url: &str| home().trusts(&parse(url).unwrap());
        for url in ["https://MANAGEMENT.azure.com:443/x", "https://second.example:9/x", "https://third.example:8443/x"]
        {
            assert!(trusts(url), "{url}");
        }
        for url in ["https://management.azure.com:8443/x", "https://far.example/", "https://third.example/x"] {
            assert!(!trusts(url), "{url}");
        }
    }

    #[test]
    fn keeps_the_token_from_the_wire() {
        let plain = Home::new("http://127.0.0.1:8080/x", vec!["second.example".to_owned()]).unwrap();
        let may = |url: &str| plain.may_see_token(&parse(url).unwrap());
        assert!(may("http://127.0.0.1:8080/ops") && may("https://second.example/ops"));
        assert!(!may("http://second.example/ops") && !may("http://127.0.0.1:8081/ops"));
    }

    #[test]
    fn tells_the_resource_from_an_operation() {
        let is_resource = |url: &str| home().is_resource(&parse(url).unwrap());
        assert!(is_resource("https://management.azure.com:443/Subscriptions/s/widgets/W?api-version=2020-01-01"));
        assert!(is_resource("https://management.azure.com/subscriptions/s/widgets/w"));
        assert!(!is_resource("https://management.azure.com/subscriptions/s/widgets/w?asyncId=1"));
        assert!(!is_resource("https://management.azure.com/subscriptions/s/widgets/w;rev=1"));
    }

    #[test]
    fn adds_a_version_only_where_there_is_none() {
        let add = |url: &str| home().with_api_version(&parse(url).unwrap()).map(|uri| uri.to_string());
        assert_eq!(add("https://h/ops").as_deref(), Some("https://h/ops?api-version=2024-01-01"));
        assert_eq!(add("https://h/ops?a=1").as_deref(), Some("https://h/ops?a=1&api-version=2024-01-01"));
        assert_eq!(add("https://h/ops?Api-Version=2020-01-01"), None);
    }
}
