//! The canonical order of the interactions of a tape: by operation, then by place; never by arrival.

use super::stand_in;
use crate::{
    arm::{Target, operations},
    cassette::Interaction,
};

/// Places in the order in which their stand-ins are numbered.
pub(super) fn canonical(interactions: &[Interaction]) -> Vec<usize> {
    let key = |number: usize| {
        let request = &interactions[number].request;
        (without_stand_ins(&Target::parse(&request.target).path_key()), request.method.clone())
    };
    let mut operations = operations(interactions);
    operations.sort_by_cached_key(|operation| operation.interactions().next().map(key));
    let mut is_taken = vec![false; interactions.len()];
    let mut order = Vec::with_capacity(interactions.len());
    for member in operations.iter().flat_map(crate::arm::Operation::interactions) {
        if !std::mem::replace(&mut is_taken[member], true) {
            order.push(member);
        }
    }
    let mut rest: Vec<usize> = (0..interactions.len()).filter(|number| !is_taken[*number]).collect();
    rest.sort_by_cached_key(|number| key(*number));
    order.extend(rest);
    order
}

/// Two paths that differ in stand-ins alone must not be told apart by numbers that came with time.
fn without_stand_ins(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    for range in stand_in::find(path) {
        out.push_str(&path[at..range.start]);
        at = range.end;
    }
    out.push_str(&path[at..]);
    out
}
