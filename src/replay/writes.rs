//! Which writes change what a path shows: those to it, and those below it, which a list shows.

use super::hash::HashMap;

/// The writes of a tape by the paths that they change.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// By path: its number.
    numbers: HashMap<String, usize>,
    /// By the number of a path: the writes that change it, in order.
    of_paths: Vec<Vec<usize>>,
    /// By write: the numbers of the paths that it changes, its own first.
    of_writes: HashMap<usize, Box<[usize]>>,
}

impl Writes {
    /// Adds a write that comes behind all others, by its path as it is compared.
    pub(super) fn push(&mut self, write: usize, path: &str) {
        let numbers: Box<[usize]> = with_those_above(path).map(|path| self.number(path)).collect();
        for number in &numbers {
            self.of_paths[*number].push(write);
        }
        self.of_writes.insert(write, numbers);
    }

    fn number(&mut self, path: &str) -> usize {
        if let Some(number) = self.numbers.get(path) {
            return *number;
        }
        self.of_paths.push(Vec::new());
        self.numbers.insert(path.to_owned(), self.of_paths.len() - 1);
        self.of_paths.len() - 1
    }

    /// The number of a path that writes change, with those writes in order.
    pub(super) fn to(&self, path: &str) -> Option<(usize, &[usize])> {
        self.numbers.get(path).map(|number| (*number, self.of_paths[*number].as_slice()))
    }

    /// The numbers of the paths that this write changes, its own first.
    pub(super) fn changed_by(&self, write: usize) -> &[usize] {
        self.of_writes.get(&write).map_or(&[], |numbers| numbers)
    }

    /// How many paths are changed.
    pub(super) fn paths(&self) -> usize {
        self.of_paths.len()
    }
}

/// A path and the paths above it.
fn with_those_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())
    })
}
