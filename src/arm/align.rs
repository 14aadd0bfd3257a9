//! Two lists of acts matched by what they do, so that an act that was renamed, moved, repeated or
//! answered otherwise is told as that, and not as one that is gone and one that is new.
//!
//! Hashing first: what says the same is matched with itself, in order; then by ever less precise
//! keys. Only what shares a key and is left is compared with each other, and only where it is little.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{Act, ResourceId, steady::is_id};
use crate::cassette::Interaction;

/// An act of the one recording and the act of the other that does the same, by their places in the two
/// lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pair {
    /// In the first list and in the second.
    Both(usize, usize),
    /// In the first list alone.
    Left(usize),
    /// In the second list alone.
    Right(usize),
}

impl Pair {
    /// The place in the first list.
    #[must_use]
    pub fn left(self) -> Option<usize> {
        match self {
            Self::Both(left, _) | Self::Left(left) => Some(left),
            Self::Right(_) => None,
        }
    }

    /// The place in the second list.
    #[must_use]
    pub fn right(self) -> Option<usize> {
        match self {
            Self::Both(_, right) | Self::Right(right) => Some(right),
            Self::Left(_) => None,
        }
    }
}

/// Beyond so many comparisons acts with the same key are matched in their order.
const AFFORDED: usize = 10_000;

/// Matches every act of both lists. Pairs come in the order of the second list; what is missing there
/// follows what it followed in the first.
#[must_use]
pub fn align(left: &[Act], right: &[Act]) -> Vec<Pair> {
    let mut matched = Matched { of_left: vec![None; left.len()], of_right: vec![None; right.len()] };
    matched.by(left, right, |act| Some(act.fingerprint), InOrder);
    matched.by(left, right, |act| Some(hash(act.request())), Nearest);
    // The same resource, written with another method.
    matched.by(left, right, |act| is_write(act).then(|| hash(&act.path)), Nearest);
    for shape in [below_provider, with_own_name, of_type] {
        matched.by(left, right, |act| shape(&act.path).map(|shape| hash((&act.method, shape))), Nearest);
    }
    matched.pairs()
}

fn is_write(act: &Act) -> bool {
    matches!(act.method.as_str(), "PUT" | "PATCH")
}

/// Another subscription or resource group.
fn below_provider(path: &str) -> Option<String> {
    path.rfind("/providers/").map(|at| path[at..].to_owned())
}

/// Other parents, the same name.
fn with_own_name(path: &str) -> Option<String> {
    let (id, rest) = ResourceId::split(path)?;
    Some(format!("{}/{}/{}", id.resource_type(), id.name(), rest.unwrap_or_default()))
}

/// Another name. Of what is no resource id, the path without the words that look drawn.
fn of_type(path: &str) -> Option<String> {
    Some(match ResourceId::split(path) {
        Some((id, rest)) => format!("{}//{}", id.resource_type(), rest.unwrap_or_default()),
        None => path.split('/').map(|word| if is_id(word) { "*" } else { word }).collect::<Vec<_>>().join("/"),
    })
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// How acts with the same key are matched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    InOrder,
    /// Those together that are most alike, without crossing.
    Nearest,
}
use Way::{InOrder, Nearest};

struct Matched {
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
}

impl Matched {
    /// Matches what is left of both lists where `key` is the same.
    fn by(&mut self, left: &[Act], right: &[Act], key: impl Fn(&Act) -> Option<u64>, way: Way) {
        let mut groups: HashMap<u64, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (at, act) in left.iter().enumerate().filter(|(at, _)| self.of_left[*at].is_none()) {
            if let Some(key) = key(act) {
                groups.entry(key).or_default().0.push(at);
            }
        }
        for (at, act) in right.iter().enumerate().filter(|(at, _)| self.of_right[*at].is_none()) {
            if let Some(group) = key(act).and_then(|key| groups.get_mut(&key)) {
                group.1.push(at);
            }
        }
        for (ours, theirs) in groups.into_values() {
            let pairs = if way == Nearest && ours.len() * theirs.len() <= AFFORDED {
                nearest(&ours, &theirs, |one, other| likeness(&left[one], &right[other]))
            } else {
                ours.into_iter().zip(theirs).collect()
            };
            for (one, other) in pairs {
                self.of_left[one] = Some(other);
                self.of_right[other] = Some(one);
            }
        }
    }

    fn pairs(self) -> Vec<Pair> {
        let mut missing: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        let mut before = None;
        for (at, right) in self.of_left.iter().enumerate() {
            match right {
                Some(right) => before = Some(*right),
                None => missing.entry(before).or_default().push(at),
            }
        }
        let mut pairs = Vec::with_capacity(self.of_right.len() + missing.len());
        let mut follow = |pairs: &mut Vec<Pair>, place| {
            let gone = missing.remove(&place).unwrap_or_default();
            pairs.extend(gone.into_iter().map(Pair::Left));
        };
        follow(&mut pairs, None);
        for (at, left) in self.of_right.iter().enumerate() {
            pairs.push(left.map_or(Pair::Right(at), |left| Pair::Both(left, at)));
            follow(&mut pairs, Some(at));
        }
        pairs
    }
}

/// How alike two acts are that have a key in common; at least 1.
fn likeness(left: &Act, right: &Act) -> usize {
    let (Some(one), Some(other)) = (left.steps.first(), right.steps.first()) else { return 1 };
    let (one, other) = (&one.said, &other.said);
    let status = |said: &Interaction| said.response.as_ref().map(|response| response.status);
    let words = left.path.split('/').zip(right.path.split('/')).filter(|(one, other)| one == other).count();
    1 + 8 * usize::from(one.request.body == other.request.body)
        + 8 * usize::from(status(one) == status(other))
        + 2 * usize::from(one.response == other.response)
        + 2 * words
}

/// The pairs with the greatest likeness in sum that do not cross (Needleman and Wunsch).
fn nearest(left: &[usize], right: &[usize], likeness: impl Fn(usize, usize) -> usize) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut best = vec![0_usize; (left.len() + 1) * width];
    for (i, one) in left.iter().enumerate().rev() {
        for (j, other) in right.iter().enumerate().rev() {
            let together = best[(i + 1) * width + j + 1] + likeness(*one, *other);
            best[i * width + j] = together.max(best[(i + 1) * width + j]).max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < left.len() && j < right.len() {
        let here = best[i * width + j];
        if here == best[(i + 1) * width + j] {
            i += 1;
        } else if here == best[i * width + j + 1] {
            j += 1;
        } else {
            pairs.push((left[i], right[j]));
            (i, j) = (i + 1, j + 1);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::facts::tests::{create, interaction};

    const DATE: &str = "2026-11-24T16:42:01Z";

    /// Method, name and number of steps of both sides, `-` for none.
    fn aligned(left: &[Interaction], right: &[Interaction]) -> Vec<String> {
        let (left, right) = (Act::of(left), Act::of(right));
        let shown = |acts: &[Act], at: Option<usize>| {
            at.map_or("-".to_owned(), |at| format!("{} {}", acts[at].method, acts[at].path.rsplit('/').next().unwrap()))
        };
        align(&left, &right)
            .iter()
            .map(|pair| format!("{} = {}", shown(&left, pair.left()), shown(&right, pair.right())))
            .collect()
    }

    fn read(name: &str, status: u16) -> Interaction {
        interaction("GET", &format!("/subscriptions/s/providers/P/things/{name}?api-version=1"), status, &[], "{}")
    }

    fn made(name: &str, id: &str) -> Vec<Interaction> {
        create(&format!("things/{name}"), id, DATE, 2)
    }

    #[test]
    fn interleaved_and_reordered_acts_find_themselves() {
        let (a, b) = (made("a", "aaaaaaaaaaaaaaa1"), made("b", "bbbbbbbbbbbbbbb2"));
        let interleaved: Vec<_> = b.iter().zip(&a).flat_map(|(b, a)| [b.clone(), a.clone()]).collect();
        assert_eq!(aligned(&[a, b].concat(), &interleaved), ["PUT b = PUT b", "PUT a = PUT a"]);
    }

    #[test]
    fn a_renamed_act_is_one_act() {
        let left = [made("one", "aaaaaaaaaaaaaaa1"), vec![read("one", 200)], made("kept", "ccccccccccccccc3")].concat();
        let right =
            [made("kept", "ddddddddddddddd4"), made("two", "bbbbbbbbbbbbbbb2"), vec![read("two", 200)]].concat();
        assert_eq!(aligned(&left, &right), ["PUT kept = PUT kept", "PUT one = PUT two", "GET one = GET two"]);
    }

    #[test]
    fn a_write_that_needs_no_polls_any_more_is_the_same_act_and_so_is_the_read_behind_it() {
        let left = [made("a", "aaaaaaaaaaaaaaa1"), vec![read("a", 200)]].concat();
        let write = interaction("PUT", &left[0].request.target, 200, &[], r#"{"properties":{}}"#);
        assert_eq!(aligned(&left, &[write, read("a", 200)]), ["PUT a = PUT a", "GET a = GET a"]);
    }

    #[test]
    fn what_is_new_or_gone_in_the_middle_leaves_the_others_matched() {
        let left = [read("a", 404), read("a", 200), read("a", 500)];
        let right = [read("a", 404), read("b", 200), read("a", 200), read("a", 409), read("a", 500)];
        let found = ["GET a = GET a", "- = GET b", "GET a = GET a", "- = GET a", "GET a = GET a"];
        assert_eq!(aligned(&left, &right), found);
        let gone = ["GET a = GET a", "GET b = -", "GET a = GET a", "GET a = -", "GET a = GET a"];
        assert_eq!(aligned(&right, &left), gone);
    }

    #[test]
    fn another_method_of_writing_is_the_same_act() {
        let mut patched = made("a", "bbbbbbbbbbbbbbb2");
        patched[0].request.method = "PATCH".to_owned();
        assert_eq!(aligned(&made("a", "aaaaaaaaaaaaaaa1"), &patched), ["PUT a = PATCH a"]);
    }

    /// Five thousand different reads under one key are matched in their order, at once.
    #[test]
    fn many_acts_cost_little() {
        let reads = |status| (0..5000).map(|_| read("a", status)).collect::<Vec<_>>();
        assert_eq!(aligned(&reads(200), &reads(404)).len(), 5000);
    }
}
