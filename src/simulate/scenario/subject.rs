//! What a case is about.

use serde_json::Value;

use crate::{arm::ResourceId, simulate::seed};

/// A resource that a case is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// From `/subscriptions` on.
    pub id: String,
    /// The api-version of the write.
    pub api_version: String,
    /// What the client is to send; null for nothing.
    pub body: Value,
}

impl Subject {
    /// The profile of the page that the project grew from.
    #[must_use]
    pub fn profile(name: &str) -> Self {
        Self { id: seed::resource_id(name), api_version: seed::API_VERSION.to_owned(), body: seed::profile(name) }
    }

    /// The subscription's id and the provider's namespace.
    pub(super) fn scope(&self) -> (&str, &str) {
        let rest = self.id.trim_start_matches('/');
        let subscription = rest.match_indices('/').nth(1).map_or(self.id.len(), |(at, _)| at + 1);
        let namespace = self.id.rsplit("/providers/").next().and_then(|rest| rest.split('/').next());
        (&self.id[..subscription], namespace.unwrap_or_default())
    }

    pub(super) fn name_and_type(&self) -> (String, String) {
        match ResourceId::parse(&self.id) {
            Some(id) => (id.name().to_owned(), id.resource_type()),
            None => (self.id.rsplit('/').next().unwrap_or_default().to_owned(), String::new()),
        }
    }
}
