//! The reference client in generated services, in virtual time: no rule is broken.

use super::{scripts::judged_with, *};
use crate::{
    cassette::Cassette,
    simulate::{
        generated::{Body, Covered, Draws, Grammar, Headers, Recipe, Stated},
        scenario::Draw,
    },
};

/// What the judge finds in a case.
fn found(recipe: &Recipe, seed: u64) -> (Vec<String>, Vec<Option<crate::simulate::scenario::Seen>>) {
    let scenario = recipe.scenario();
    let (judgement, seen) = judged_with(&scenario, seed, |subject| recipe.dress(subject));
    let findings = judgement.findings.into_iter().map(|finding| {
        format!("{} {}: {} {:?}", finding.severity.word(), finding.rule, finding.message, finding.interactions)
    });
    (findings.collect(), seen)
}

/// A client may refuse an invalid body by itself, and no other.
#[test]
fn refusing_an_invalid_body_before_sending_it_is_right() {
    for (body, findings) in [(Body::Invalid, 0), (Body::Valid, 1)] {
        let recipe = Recipe { body, stated: Stated::Succeeded, headers: Headers::Neither, ..Recipe::default() };
        let (scenario, trace, draw) = (recipe.scenario(), Cassette::default(), Draw::new(1));
        let outcome = Outcome::read(false, Ending::Itself, "", "the body is wrong");
        let known = Known { scenario: &scenario, draw: &draw, seen: &[] };
        let judgement = judge(&Conversation::new(&trace).with_outcome(&outcome).with_known(known));
        assert_eq!(judgement.findings.len(), findings, "{body:?}: {:#?}", judgement.findings);
    }
}

fn campaign(seed: u64, cases: usize) {
    let draws = Draws::new(seed, Grammar::everything());
    let threads = 4 * std::thread::available_parallelism().map_or(1, usize::from);
    let part = |first: usize| {
        let (mut covered, mut wrong) = (Covered::new(&draws), Vec::new());
        for index in (first..cases).step_by(threads) {
            let recipe = draws.case(index);
            let (findings, seen) = found(&recipe, index as u64);
            covered.add(&recipe, &seen);
            wrong.extend(findings.into_iter().map(|finding| format!("{index}: {finding}\n    {}", recipe.title())));
        }
        (covered, wrong)
    };
    let (mut covered, mut wrong) = (Covered::new(&draws), Vec::new());
    std::thread::scope(|scope| {
        let part = &part;
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        for part in parts {
            let (shown, found) = part.join().unwrap();
            covered.join(&shown);
            wrong.extend(found);
        }
    });
    println!("seed {seed}: {cases} cases, {} of {} pairs", covered.pairs(), covered.of());
    wrong.truncate(60);
    assert!(wrong.is_empty(), "findings of seed {seed}:\n{}", wrong.join("\n"));
}

/// What was found once, and was the judge's mistake or the grammar's.
#[test]
fn what_was_a_false_alarm_once_is_none_any_more() {
    let recipes = [
        r#"{"first":"accepted","headers":"both","polls":"six","first-wait":"zero","poll-wait":"zero"}"#,
        r#"{"task":"delete","first":"accepted","form":"longer","first-wait":"minutes","end":"endless"}"#,
        r#"{"form":"plaintext","first-wait":"twice"}"#,
        r#"{"task":"post","first":"accepted","headers":"result","polls":"three","poll-wait":"ten","end":"endless"}"#,
        r#"{"moves":"repeated","redirect":"found","polls":"one","trouble":"expired","at":"later-poll","end":"gone"}"#,
        r#"{"moves":"repeated","redirect":"trusted","polls":"two","end":"unauthorized"}"#,
        r#"{"task":"pair","end":"unauthorized"}"#,
    ];
    for text in recipes {
        let recipe: Recipe = serde_json::from_str(text).unwrap();
        assert_eq!(found(&recipe, 1).0, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_reference_client_breaks_no_rule_in_generated_services() {
    campaign(1, 300);
}

#[test]
#[ignore = "takes a while: cargo test --release --lib judge::tests::generated -- --ignored"]
fn the_reference_client_breaks_no_rule_in_twenty_thousand_services() {
    (1..=3).for_each(|seed| campaign(seed, 20_000));
}
