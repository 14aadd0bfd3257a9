//! Bodies that a service may take, and that a source calls odd.

use proptest::strategy::BoxedStrategy;

use super::{
    super::{Rule, Severity},
    Case,
    invalid::{by_rule, chosen, numbers},
};

/// A body with exactly one warning and no error: what a client must be able to send.
pub fn unusual() -> BoxedStrategy<Case> {
    by_rule(numbers(Severity::Warning), Severity::Warning)
}

/// As [`unusual`], with one of these warnings alone. `None` where a body cannot have one of them, or
/// where there is none.
pub fn unusual_of(rules: &[&Rule]) -> Option<BoxedStrategy<Case>> {
    chosen(rules, Severity::Warning)
}
