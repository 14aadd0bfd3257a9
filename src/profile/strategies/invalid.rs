//! Bodies that break one rule, or two.

use proptest::{
    collection,
    prelude::*,
    sample::{self, Index},
};

use super::{
    super::{Rule, Severity},
    Case, Payload,
    damage::{Act, DAMAGES, Damage, Pick},
    valid::valid,
};

/// A body with exactly one error, by construction; all the rest of it is [`valid`]. Each error that
/// a body alone can have is as likely as any other.
pub fn invalid() -> BoxedStrategy<Case> {
    by_rule(numbers(Severity::Error), Severity::Error)
}

/// As [`invalid`], with one of these errors alone. `None` where a body cannot have one of them, or
/// where there is none.
pub fn invalid_of(rules: &[&Rule]) -> Option<BoxedStrategy<Case>> {
    chosen(rules, Severity::Error)
}

/// A body with exactly two errors, of different rules.
pub fn invalid_pair() -> BoxedStrategy<Case> {
    let local: Vec<&'static Damage> = DAMAGES
        .iter()
        .filter(|damage| damage.severity == Severity::Error && matches!(damage.act, Act::Local(_)))
        .collect();
    (valid(), sample::subsequence(local, 2), collection::vec(pick(), 2))
        .prop_map(|(mut body, damages, picks)| {
            let rules = damages.iter().filter_map(|damage| damage.rule()).collect();
            for (damage, pick) in damages.into_iter().zip(picks) {
                if let Act::Local(act) = damage.act {
                    act(&mut body, pick);
                }
            }
            Case { defects: rules, payload: Payload::Json(body) }
        })
        .boxed()
}

/// Bytes that are no JSON document: cut, misspelt, or noise.
pub fn not_json() -> BoxedStrategy<Vec<u8>> {
    let damaged = by_rule(vec![2], Severity::Error).prop_map(|case| case.payload.bytes());
    let noise = collection::vec(any::<u8>(), 0..40).prop_map(|noise| [b"<", noise.as_slice()].concat());
    prop_oneof![4 => damaged, 1 => noise].boxed()
}

/// The rows that a body alone can show with this severity.
pub(super) fn numbers(severity: Severity) -> Vec<u8> {
    let mut numbers: Vec<u8> =
        DAMAGES.iter().filter(|damage| damage.severity == severity).map(|damage| damage.number).collect();
    numbers.dedup();
    numbers
}

pub(super) fn chosen(rules: &[&Rule], severity: Severity) -> Option<BoxedStrategy<Case>> {
    let known = numbers(severity);
    let wanted: Vec<u8> = rules.iter().map(|rule| rule.number()).collect();
    let all_known = !wanted.is_empty() && wanted.iter().all(|number| known.contains(number));
    all_known.then(|| by_rule(wanted, severity))
}

pub(super) fn by_rule(numbers: Vec<u8>, severity: Severity) -> BoxedStrategy<Case> {
    (valid(), sample::select(numbers), any::<Index>(), pick())
        .prop_map(move |(body, number, way, pick)| {
            let ways: Vec<&Damage> =
                DAMAGES.iter().filter(|damage| damage.number == number && damage.severity == severity).collect();
            done(ways[way.index(ways.len())], body, pick)
        })
        .boxed()
}

fn done(damage: &Damage, mut body: serde_json::Value, pick: Pick) -> Case {
    let payload = match damage.act {
        Act::Local(act) | Act::Whole(act) => {
            act(&mut body, pick);
            Payload::Json(body)
        }
        Act::Text(act) => Payload::Bytes(act(&body, pick)),
    };
    Case { defects: damage.rule().into_iter().collect(), payload }
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), any::<Index>()).prop_map(|(place, variant)| Pick { place, variant })
}
