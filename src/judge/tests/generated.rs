//! The reference client in generated services, in virtual time: no rule is broken.

use super::scripts::judged_with;
use crate::simulate::generated::{Covered, Draws, Grammar, Recipe};

/// What the judge finds in a case.
fn found(recipe: &Recipe, seed: u64) -> (Vec<String>, Vec<Option<crate::simulate::scenario::Seen>>) {
    let scenario = recipe.scenario();
    let (judgement, seen) = judged_with(&scenario, seed, |subject| recipe.dress(subject));
    let findings = judgement.findings.into_iter().map(|finding| {
        format!("{} {}: {} {:?}", finding.severity.word(), finding.rule, finding.message, finding.interactions)
    });
    (findings.collect(), seen)
}

fn campaign(cases: usize) {
    let draws = Draws::new(1, Grammar::everything());
    let mut covered = Covered::new(&draws);
    let mut wrong = Vec::new();
    for index in 0..cases {
        let recipe = draws.case(index);
        let (findings, seen) = found(&recipe, index as u64);
        covered.add(&recipe, &seen);
        wrong.extend(findings.into_iter().map(|finding| format!("{index}: {finding}\n    {}", recipe.title())));
    }
    println!("{cases} cases, {} of {} pairs", covered.pairs(), covered.of());
    assert!(
        wrong.is_empty(),
        "{} findings:\n{}",
        wrong.len(),
        wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_reference_client_breaks_no_rule_in_generated_services() {
    campaign(300);
}

#[test]
#[ignore = "takes a while: cargo test --release --lib judge::tests::generated -- --ignored"]
fn the_reference_client_breaks_no_rule_in_twenty_thousand_services() {
    campaign(20_000);
}
