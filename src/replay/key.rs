//! What makes two requests the same one: method, host, path, query, and the meaning of the body.

use std::hash::{Hash as _, Hasher as _};

use super::{
    hash::{hasher, number_of},
    rules::Rules,
};
use crate::{
    arm::{Target, decode},
    cassette::Headers,
};

/// A request as the tape is asked for it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// The host as it is compared ([`crate::arm::authority_key`]); `None`: armtape's own endpoint.
    pub host: Option<&'a str>,
    /// Path and query.
    pub target: &'a str,
    /// The headers that count ([`Rules::compared`]).
    pub headers: Headers,
    /// The body.
    pub body: &'a [u8],
}

/// A target, taken apart once for everything that looks it up.
#[derive(Debug)]
pub(super) struct Sought {
    pub(super) target: Target,
    /// The path as it is compared.
    pub(super) path: String,
    /// The parameters: each name in lower case, with a number for it and its value.
    parameters: Vec<(String, u64)>,
}

impl Sought {
    pub(super) fn of(target: &str) -> Self {
        Self::new(Target::parse(target))
    }

    pub(super) fn new(target: Target) -> Self {
        let parameters = target.query_pairs().map(|(name, value)| {
            let name = decode(name).to_ascii_lowercase();
            let number = number_of(&(&name, decode(value)));
            (name, number)
        });
        Self { parameters: parameters.collect(), path: target.path_key(), target }
    }

    /// A number for path and query, without the api-version, which some clients put their own in (A-13).
    pub(super) fn url(&self) -> u64 {
        number_of(&(&self.path, self.sum(|name| name != API_VERSION)))
    }

    /// A number for some of the parameters, in whatever order they come.
    fn sum(&self, counts: impl Fn(&str) -> bool) -> u64 {
        let counted = self.parameters.iter().filter(|(name, _)| counts(name));
        counted.fold(0, |sum, (_, number)| sum.wrapping_add(*number))
    }
}

const API_VERSION: &str = "api-version";

/// What counts of a request, in numbers that are equal for what is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Method, path, query and headers.
    request: u64,
    /// `None`: whichever.
    api_version: Option<u64>,
    /// Of requests that change something: what they say, where the recorder kept it.
    body: Option<u64>,
    /// `None` where the recorder lost it.
    host: Option<u64>,
}

impl Key {
    /// The key of a request; `body` is the meaning of what it sends ([`super::meaning::Meanings`]).
    pub(super) fn new(
        rules: &Rules,
        method: &str,
        sought: &Sought,
        headers: &Headers,
        body: Option<u64>,
        host: Option<&str>,
    ) -> Self {
        let query = sought.sum(|name| name != API_VERSION && !rules.ignore_query.iter().any(|ignored| ignored == name));
        let mut hasher = hasher();
        (method, &sought.path, query).hash(&mut hasher);
        for name in &rules.headers {
            let values = headers.get_all(name.as_str());
            if !values.is_empty() {
                (name.as_str(), values).hash(&mut hasher);
            }
        }
        Self {
            request: hasher.finish(),
            api_version: Some(sought.sum(|name| name == API_VERSION)),
            body,
            host: host.map(number_of),
        }
    }

    /// The same with whatever body.
    pub(super) fn of_any_body(self) -> Self {
        Self { body: None, ..self }
    }

    /// The same in whatever api-version.
    pub(super) fn of_any_api_version(self) -> Self {
        Self { api_version: None, ..self }
    }

    /// The same at whatever host.
    pub(super) fn of_any_host(self) -> Self {
        Self { host: None, ..self }
    }
}

/// Whether a request of this method changes something.
pub(super) fn changes(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

#[cfg(test)]
mod tests {
    use super::{super::meaning::Meanings, *};

    fn key(rules: &str, request: &str, headers: &[(&str, &str)], body: &str) -> Key {
        let rules: Rules = toml::from_str(rules).unwrap();
        let (method, target) = request.split_once(' ').unwrap();
        let body = changes(method).then(|| Meanings::default().of(body.as_bytes(), &rules));
        Key::new(&rules, method, &Sought::of(target), &headers.iter().copied().collect(), body, None)
    }

    #[test]
    fn bodies_are_compared_by_meaning() {
        let key = |body: &str| key("", "PUT /x?b=2&a=1", &[], body);
        assert_eq!(key(r#"{"a":1,"b":[1.0,"x"]}"#), key("{ \"b\": [1, \"\\u0078\"],\r\n \"a\": 1e0 }"));
        for other in
            [r#"{"a":1}"#, r#"{"a":1,"b":["x",1]}"#, r#"{"a":"1","b":[1,"x"]}"#, r#"{"a":null,"b":[1,"x"]}"#, ""]
        {
            assert_ne!(key(r#"{"a":1,"b":[1,"x"]}"#), key(other), "{other}");
        }
    }

    #[test]
    fn paths_without_case_and_queries_without_order() {
        let key = |target: &str| key("", &format!("GET {target}"), &[], "");
        assert_eq!(key("/Subscriptions/S/x?api-version=1&b=2"), key("//subscriptions/s/X?b=2&api-version=1"));
        for other in [
            "/subscriptions/s/x?api-version=2&b=2",
            "/subscriptions/s/x?api-version=1",
            "/subscriptions/s/y?api-version=1&b=2",
        ] {
            assert_ne!(key("/subscriptions/s/x?api-version=1&b=2"), key(other), "{other}");
        }
        assert_ne!(key("/x?v=A"), key("/x?v=a"), "values keep their case");
    }

    #[test]
    fn what_is_ignored_does_not_count() {
        let rules = "ignore-query = ['Trace']\nignore-body = ['$.properties.tags', '$..etag', '$.list[0]']";
        let key = |target: &str, body: &str| key(rules, &format!("PUT {target}"), &[], body);
        let one = key("/x?trace=1&a=1", r#"{"properties":{"tags":{"a":1},"n":1},"list":[1,{"etag":"x"}]}"#);
        assert_eq!(one, key("/x?a=1", r#"{"properties":{"n":1},"etag":"y","list":[2,{}]}"#));
        for (target, body) in [
            ("/x?a=2", r#"{"properties":{"n":1},"list":[2,{}]}"#),
            ("/x?a=1", r#"{"properties":{"n":2},"list":[2,{}]}"#),
            ("/x?a=1", r#"{"properties":{"n":1},"list":[2,{}],"tags":{}}"#),
            ("/x?a=1", r#"{"properties":{"n":1},"list":[2,3]}"#),
        ] {
            assert_ne!(one, key(target, body), "{target} {body}");
        }
    }

    #[test]
    fn headers_count_where_they_are_named() {
        let key = |headers: &[(&str, &str)]| key("headers = ['If-Match']", "GET /x", headers, "");
        assert_eq!(key(&[("if-match", "*"), ("accept", "a")]), key(&[("If-Match", "*")]));
        assert_ne!(key(&[("if-match", "*")]), key(&[("if-match", "1")]));
        assert_ne!(key(&[("if-match", "*")]), key(&[]));
    }
}
