//! Where a request goes: the pieces of its URI.

use http::Uri;
use percent_encoding::percent_decode_str;

/// A request target, taken apart.
pub(super) struct Target {
    /// Scheme and authority, for absolute URLs in answers. No slash at the end.
    pub(super) base: String,
    /// The path as sent, with one slash in front and none behind.
    pub(super) path: String,
    /// The segments of the path, decoded. An empty one between two slashes stays.
    pub(super) segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl Target {
    /// Takes `uri` apart; `default` is the base of one that names no host.
    pub(super) fn of(uri: &Uri, default: &str) -> Self {
        let base = uri.authority().map_or_else(
            || default.to_owned(),
            |authority| format!("{}://{authority}", uri.scheme_str().unwrap_or("https")),
        );
        // Some clients double the slash in front of `subscriptions`, and ARM lets it pass.
        let path = uri.path().trim_start_matches('/');
        let path = path.strip_suffix('/').unwrap_or(path);
        Self {
            base,
            path: format!("/{path}"),
            segments: path
                .split('/')
                .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
                .collect(),
            query: form(uri.query().unwrap_or_default()),
        }
    }

    /// The segments in lower case: ARM compares all of them without regard to case (S-04).
    pub(super) fn words(&self) -> Vec<String> {
        self.segments.iter().map(|segment| segment.to_lowercase()).collect()
    }

    /// The first value of the query parameter `name`, unless it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }
}

/// The pairs of a query or of an `application/x-www-form-urlencoded` body.
pub(super) fn form(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// The first value of `name` that is not empty.
pub(super) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str) -> Target {
        Target::of(&uri.parse().unwrap(), "https://default")
    }

    #[test]
    fn takes_its_base_from_the_uri_or_the_default() {
        assert_eq!(target("http://127.0.0.1:8080/a").base, "http://127.0.0.1:8080");
        assert_eq!(target("/a").base, "https://default");
    }

    #[test]
    fn tolerates_a_doubled_slash_in_front_only() {
        assert_eq!(target("//subscriptions/A%20b/").segments, ["subscriptions", "A b"]);
        assert_eq!(target("//subscriptions/A%20b/").path, "/subscriptions/A%20b");
        assert_eq!(target("/a//b").segments, ["a", "", "b"]);
    }

    #[test]
    fn reads_the_query_without_regard_to_the_case_of_names() {
        let target = target("/a?Api-Version=2017%2D04-26&empty=&x=1+2");
        assert_eq!(target.query("api-version"), Some("2017-04-26"));
        assert_eq!(target.query("empty"), None);
        assert_eq!(target.query("x"), Some("1 2"));
    }
}
