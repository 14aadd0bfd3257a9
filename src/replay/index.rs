//! Which interactions a request may be: found by hash, never by a scan.

use super::{hash::HashMap, key::Key, script::Role};

/// What one request may be.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The interactions, in the order of the tape.
    pub(super) interactions: Vec<usize>,
    /// The operations that those of them poll, in the same order.
    pub(super) polled: Vec<usize>,
}

impl Found {
    fn push(&mut self, interaction: usize, role: Role) {
        self.interactions.push(interaction);
        if let Role::Poll(operation) = role
            && self.polled.last() != Some(&operation)
        {
            self.polled.push(operation);
        }
    }
}

/// Interactions by what counts of their requests.
#[derive(Debug, Default)]
pub(super) struct Index {
    known: HashMap<Key, Found>,
}

impl Index {
    pub(super) fn push(&mut self, key: Key, interaction: usize, role: Role) {
        self.known.entry(key).or_default().push(interaction, role);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// With its body and host, or without what the recording lost.
    pub(super) fn find(&self, key: Key) -> Option<&Found> {
        let of_any_body = key.of_any_body();
        let keys = [key, key.of_any_host(), of_any_body, of_any_body.of_any_host()];
        keys.iter().find_map(|key| self.known.get(key))
    }
}
