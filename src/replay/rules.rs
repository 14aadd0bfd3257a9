//! `[match]`: what may differ between a request and the one on the tape.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::cassette::{Headers, JsonPath};

/// What may differ between two requests that are the same. The defaults are ARM's own: paths
/// without regard to case, queries in any order, bodies by meaning; every value counts, and of the
/// headers none.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    /// What another api-version is.
    pub api_version: ApiVersion,
    /// The same for some resource types.
    pub api_version_of: BTreeMap<ResourceType, ApiVersion>,
    /// Query parameters that do not count, in lower case.
    #[serde(deserialize_with = "parameters")]
    pub ignore_query: Vec<String>,
    /// Places in JSON bodies of requests that do not count.
    pub ignore_body: Vec<JsonPath>,
    /// Headers whose values count.
    #[serde(deserialize_with = "header_names")]
    pub headers: Vec<HeaderName>,
}

/// What another api-version than the recorded one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// Another request.
    #[default]
    Exact,
    /// The same request, and a fact that is told at the end.
    Warn,
    /// The same request.
    Ignore,
}

/// A resource type, such as `microsoft.customerinsights/hubs/profiles`, or a namespace alone; in
/// lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ResourceType(String);

impl TryFrom<String> for ResourceType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let whole = text.split('/').all(|part| !part.is_empty() && !part.contains(char::is_whitespace));
        match whole && text.split('/').next().is_some_and(|namespace| namespace.contains('.')) {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(format!("`{text}` is no resource type such as `Microsoft.CustomerInsights/hubs`")),
        }
    }
}

impl Rules {
    /// What another api-version is of requests for this path (as [`crate::arm::Target::path_key`]
    /// gives it). The nearest line wins: that of the type, of a type above it, of the namespace.
    pub(super) fn api_version(&self, path: &str) -> ApiVersion {
        if self.api_version_of.is_empty() {
            return self.api_version;
        }
        let mut kind = resource_type(path);
        loop {
            let asked = ResourceType(kind);
            if let Some(rule) = self.api_version_of.get(&asked) {
                return *rule;
            }
            match asked.0.rsplit_once('/') {
                Some((above, _)) => kind = above.to_owned(),
                None => return self.api_version,
            }
        }
    }

    /// The headers of a request that count.
    #[must_use]
    pub fn compared(&self, headers: &HeaderMap) -> Headers {
        let mut compared = Headers::new();
        for name in &self.headers {
            for value in headers.get_all(name) {
                compared.append(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
            }
        }
        compared
    }
}

/// The type of what a path names: a resource, a collection of them, or an action on one, which
/// counts as a type below it.
pub(super) fn resource_type(path: &str) -> String {
    match path.rsplit_once("/providers/") {
        Some((_, below)) => {
            let mut parts = below.split('/').filter(|part| !part.is_empty());
            let namespace = parts.next().unwrap_or_default();
            parts.step_by(2).fold(namespace.to_owned(), |kind, part| format!("{kind}/{part}"))
        }
        None => {
            let last = path.split('/').skip(1).step_by(2).last().unwrap_or_default();
            format!("microsoft.resources/{last}")
        }
    }
}

fn parameters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut names = Vec::<String>::deserialize(deserializer)?;
    for name in &mut names {
        if name.eq_ignore_ascii_case("api-version") {
            return Err(D::Error::custom("`api-version` has a key of its own: `api-version = \"ignore\"`"));
        }
        name.make_ascii_lowercase();
    }
    Ok(names)
}

fn header_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HeaderName>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let name = |name: &String| name.parse().map_err(|_| D::Error::custom(format!("`{name}` is no name of a header")));
    names.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_type() {
        for (path, kind) in [
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/h/profiles/p", "microsoft.x/hubs/profiles"),
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/h/profiles", "microsoft.x/hubs/profiles"),
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs", "microsoft.x/hubs"),
            ("/subscriptions/s/providers/microsoft.x/a/b/providers/microsoft.y/locks/l", "microsoft.y/locks"),
            ("/subscriptions/s/resourcegroups/g", "microsoft.resources/resourcegroups"),
            ("/subscriptions", "microsoft.resources/subscriptions"),
        ] {
            assert_eq!(resource_type(path), kind);
        }
    }

    #[test]
    fn the_nearest_line_wins() {
        let rules: Rules = toml::from_str(
            r#"
            api-version = "ignore"
            [api-version-of]
            "Microsoft.X" = "exact"
            "Microsoft.X/hubs" = "warn"
            "#,
        )
        .unwrap();
        for (path, rule) in [
            ("/subscriptions/s/providers/microsoft.x/hubs/h", ApiVersion::Warn),
            ("/subscriptions/s/providers/microsoft.x/hubs/h/profiles/p", ApiVersion::Warn),
            ("/subscriptions/s/providers/microsoft.x/hubsets/h", ApiVersion::Exact),
            ("/subscriptions/s/providers/microsoft.xy/hubs/h", ApiVersion::Ignore),
            ("/subscriptions/s/resourcegroups/g", ApiVersion::Ignore),
        ] {
            assert_eq!(rules.api_version(path), rule, "{path}");
        }
    }
}
