//! Which interactions are like a request that the tape does not know, without looking at all of
//! them: a tape may hold a hundred thousand.

use std::hash::{Hash as _, Hasher as _};

use super::hash::{HashMap, hasher, number_of};
use crate::arm::segments;

/// Interactions by what their paths have in common.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// By the hash of a path, and by that of its form.
    known: HashMap<u64, Vec<u32>>,
    number: u32,
}

impl Near {
    /// Adds the next interaction of the tape, by its path as it is compared.
    pub(super) fn push(&mut self, path: &str) {
        let number = self.number;
        self.number += 1;
        for hash in [number_of(path), form(path)] {
            self.known.entry(hash).or_default().push(number);
        }
    }

    /// Those with this path; else those whose paths differ in names alone; else all of them.
    pub(super) fn like(&self, path: &str) -> impl Iterator<Item = usize> {
        let alike = self.alike(path);
        let all = if alike.is_none() { 0..self.number } else { 0..0 };
        alike.into_iter().flatten().copied().chain(all).map(|number| number as usize)
    }

    /// Whether there are any that differ in names at most.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.alike(path).is_some()
    }

    fn alike(&self, path: &str) -> Option<&Vec<u32>> {
        self.known.get(&number_of(path)).or_else(|| self.known.get(&form(path)))
    }
}

/// A path without the names in it: of ARM's pairs of type and name the types, and the namespaces.
fn form(path: &str) -> u64 {
    let mut hasher = hasher();
    let mut before = "";
    for (place, part) in segments(path).into_iter().skip(1).enumerate() {
        let counts = place % 2 == 0 || before == "providers";
        if counts { part } else { "" }.hash(&mut hasher);
        before = part;
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_path_first_then_the_same_form_then_any() {
        let mut near = Near::default();
        for path in [
            "/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/a",
            "/subscriptions/s/resourcegroups/g/providers/microsoft.y/hubs/a",
            "/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/b",
            "/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/b",
        ] {
            near.push(path);
        }
        for (path, like) in [
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs/b", &[2, 3][..]),
            ("/subscriptions/t/resourcegroups/h/providers/microsoft.x/hubs/c", &[0, 2, 3]),
            ("/subscriptions/s/resourcegroups/g/providers/microsoft.x/hubs", &[0, 1, 2, 3]),
        ] {
            assert_eq!(near.like(path).collect::<Vec<_>>(), like, "{path}");
        }
    }
}
