//! Numbers by which replay compares: the same for what is equal, in this process.
//!
//! What is kept by them is the tape, which is as long as it is. What a client chooses is kept by the
//! standard hash ([`super::sessions`]), which withstands one that means harm.

use std::hash::{BuildHasher as _, Hash, Hasher as _};

use foldhash::quality::{FixedState, FoldHasher};

/// A map by keys that the tape gave.
pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// A set of numbers that are hashes already.
pub(super) type HashSet<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;

/// For a number that is made of several things.
pub(super) fn hasher() -> FoldHasher<'static> {
    FixedState::default().build_hasher()
}

/// The number of one thing.
pub(super) fn number_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = hasher();
    value.hash(&mut hasher);
    hasher.finish()
}
