//! Who owns a URL or a resource: an index in which a missing host fits any.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use super::{Target, Url, state::Polled};
use crate::cassette::Request;

/// A URL that a service handed out, or a resource, as it is compared.
pub(super) struct Place {
    /// `None` where a recorder dropped it, and for relative URLs below such a request.
    pub host: Option<String>,
    pub target: Target,
}

impl Place {
    pub(super) fn of_request(request: &Request) -> Self {
        let host = request.authority.as_deref().map(|host| super::authority_key(request.scheme.as_deref(), host));
        Self { host, target: Target::parse(&request.target) }
    }

    /// Reads a URL in an answer to `asked`. Some services hand out relative ones (S-25). `None` for
    /// what nobody could ask, such as a word that a recorder put in its place.
    pub(super) fn of_header(value: &str, asked: &Self) -> Option<Self> {
        if value.starts_with('/') {
            return Some(Self { host: asked.host.clone(), target: Target::parse(value) });
        }
        let url = Url::parse(value)?;
        Some(Self { host: Some(url.authority_key()), target: url.target })
    }

    pub(super) fn polling_key(&self) -> PollingKey {
        let mut query = self.target.query_key();
        // Clients put their own version in its place, and it is the same operation still.
        query.retain(|(name, _)| name != "api-version");
        PollingKey { path: self.target.path_key(), query }
    }
}

/// What makes two polling URLs the same, but for the host.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PollingKey {
    path: String,
    query: Vec<(String, String)>,
}

/// The operation that an answer under some key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub operation: usize,
    pub polled: Polled,
}

/// Owners by key and host: of each key one owner a host, the newest last.
#[derive(Debug)]
pub(super) struct Owners<K>(HashMap<K, Vec<(Option<String>, Owner)>>);

impl<K> Default for Owners<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Owners<K> {
    /// Gives a key to an operation. What a newer operation owns stays its own: an old operation's
    /// poll that repeats a shared URL takes nothing away.
    pub(super) fn give(&mut self, key: K, host: Option<String>, owner: Owner) {
        let owners = self.0.entry(key).or_default();
        if let Some(at) = owners.iter().position(|(other, _)| *other == host) {
            let old = owners[at].1;
            if old.operation > owner.operation || (old.operation == owner.operation && old.polled <= owner.polled) {
                return;
            }
            owners.remove(at);
        }
        owners.push((host, owner));
    }

    /// The newest owner whose host fits.
    pub(super) fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q, host: Option<&str>) -> Option<Owner>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)?.iter().rev().find(|(other, _)| fits(other.as_deref(), host)).map(|(_, owner)| *owner)
    }

    /// The newest owner whose host fits; where none does, the newest. A polling URL names its
    /// operation even if a client or a recorder sent it to another host.
    pub(super) fn find_anywhere(&self, key: &K, host: Option<&str>) -> Option<Owner> {
        self.find(key, host).or_else(|| self.find(key, None))
    }

    /// Takes a key from whoever owns it at that host.
    pub(super) fn take(&mut self, key: &str, host: Option<&str>)
    where
        K: Borrow<str>,
    {
        if let Some(owners) = self.0.get_mut(key) {
            owners.retain(|(other, _)| !fits(other.as_deref(), host));
        }
    }
}

fn fits(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
