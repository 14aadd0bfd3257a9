//! What is time is no change: whether two recordings say the same.
//!
//! Dates, request ids, rate-limit counters, operation ids, timings, the order in which unrelated
//! things happened, and how often a running operation was polled are not facts. Of two recordings
//! that say the same, the accepted one stays as it is.

use std::collections::HashMap;

use super::{Act, Pair, align};
use crate::cassette::Cassette;

/// Whether two recordings say the same.
#[must_use]
pub fn same_facts(left: &Cassette, right: &Cassette) -> bool {
    if left.variables != right.variables {
        return false;
    }
    let (left, right) = (Act::of(&left.interactions), Act::of(&right.interactions));
    let pairs = align(&left, &right);
    let same = |pair: &Pair| match pair {
        Pair::Both(one, other) => left[*one].says_the_same(&right[*other]),
        _ => false,
    };
    pairs.iter().all(same) && moved(&pairs, &right).is_empty()
}

/// The fewest pairs whose acts come in another order, of those with the same path: what happens to
/// different resources may come in any order.
#[must_use]
pub fn moved(pairs: &[Pair], right: &[Act]) -> Vec<Pair> {
    let mut by_path: HashMap<&str, Vec<(usize, Pair)>> = HashMap::new();
    for pair in pairs {
        if let Pair::Both(one, other) = *pair {
            by_path.entry(&right[other].path).or_default().push((one, *pair));
        }
    }
    by_path.into_values().flat_map(out_of_order).collect()
}

/// What is left of a list when its longest rising part is taken away.
fn out_of_order(list: Vec<(usize, Pair)>) -> Vec<Pair> {
    // Of each length, the rising part with the least end; and of each member, what it follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut follows: Vec<Option<usize>> = Vec::with_capacity(list.len());
    for (at, (place, _)) in list.iter().enumerate() {
        let length = ends.partition_point(|end| list[*end].0 < *place);
        follows.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut rises = vec![false; list.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        rises[at] = true;
        next = follows[at];
    }
    list.into_iter().zip(rises).filter(|(_, rises)| !rises).map(|((_, pair), _)| pair).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cassette::{Body, Interaction, sample::exchange};

    pub(in crate::arm) fn interaction(
        method: &str,
        target: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Interaction {
        exchange(method, target, "", status, headers, body)
    }

    /// Creates `name` with so many running polls; the service draws `id` and `date`.
    pub(in crate::arm) fn create(name: &str, id: &str, date: &str, polls: usize) -> Vec<Interaction> {
        let path = format!("/subscriptions/s/providers/P/{name}");
        let operation = format!("{path}/operations/{id}?api-version=2017-04-26");
        let location = format!("https://management.azure.com{operation}");
        let body =
            |state| format!(r#"{{"at":"{date}","operation":"{id}","properties":{{"provisioningState":"{state}"}}}}"#);
        let headers = [("location", location.as_str()), ("date", date), ("x-ms-request-id", id)];
        let write = interaction("PUT", &format!("{path}?api-version=2017-04-26"), 202, &headers, &body("Creating"));
        let running = interaction("GET", &operation, 202, &headers, &body("Creating"));
        let end = interaction("GET", &operation, 200, &headers[1..], &body("Succeeded"));
        [vec![write], vec![running; polls], vec![end]].concat()
    }

    pub(in crate::arm) fn tape(interactions: Vec<Interaction>) -> Cassette {
        Cassette { interactions, ..Cassette::default() }
    }

    #[test]
    fn ids_dates_and_the_number_of_polls_are_no_facts() {
        let first = tape(create("p", "e40cff6db871409d8337155dc33eaa07", "2026-11-24T16:42:01Z", 1));
        let again = tape(create("p", "00112233445566778899aabbccddeeff", "2026-11-25T09:00:00.1234567+01:00", 6));
        assert!(same_facts(&first, &again), "{first:#?}\n{again:#?}");
    }

    #[test]
    fn unrelated_operations_may_come_in_any_order() {
        let a = create("a", "aaaaaaaaaaaaaaa1", "2026-11-24T16:42:01Z", 1);
        let b = create("b", "bbbbbbbbbbbbbbb2", "2026-11-24T16:42:01Z", 1);
        let one_after_the_other = tape([a.clone(), b.clone()].concat());
        let interleaved = tape(b.iter().zip(&a).flat_map(|(b, a)| [b.clone(), a.clone()]).collect());
        assert!(same_facts(&one_after_the_other, &interleaved));
    }

    #[test]
    fn everything_else_is_a_fact() {
        type Change<'a> = &'a dyn Fn(&mut Vec<Interaction>);
        let date = "2026-11-24T16:42:01Z";
        let tapes = |change: Change<'_>| {
            let mut changed = create("p", "00112233445566778899aabbccddeeff", date, 2);
            change(&mut changed);
            tape(changed)
        };
        let accepted = tape(create("p", "e40cff6db871409d8337155dc33eaa07", date, 2));
        let changes: [Change<'_>; 7] = [
            &|tape| drop(tape.pop()),
            &|tape| tape.truncate(1),
            &|tape| tape[1].response.as_mut().unwrap().status = 200,
            &|tape| tape[0].response.as_mut().unwrap().headers.set("retry-after", "10"),
            &|tape| tape[3].response.as_mut().unwrap().body = Body::from_bytes(r#"{"properties":{}}"#.into()),
            &|tape| tape[0].request.body = Body::from_bytes(r#"{"at":"2026-11-24T16:42:02Z"}"#.into()),
            &|tape| tape[1].response.as_mut().unwrap().body = Body::Empty,
        ];
        assert!(same_facts(&accepted, &tapes(&|_| {})));
        for (number, change) in changes.iter().enumerate() {
            assert!(!same_facts(&accepted, &tapes(change)), "change {number}");
        }
    }
}
