//! Findings that only say again what another one explains.

use std::collections::HashMap;

use super::{Finding, Severity};

/// Rules whose findings say why an outcome is wrong.
const EXPLAIN_OUTCOME: &[&str] = &[
    "LRO-C-07", "LRO-C-09", "LRO-C-10", "LRO-C-11", "LRO-C-12", "LRO-C-13", "LRO-C-14", "LRO-C-19", "LRO-C-21",
    "LRO-C-23", "LRO-C-26", "LRO-C-32", "LRO-C-33", "LRO-C-34", "LRO-C-36", "LRO-C-37", "LRO-C-38", "LRO-C-39",
    "LRO-C-40", "LRO-C-41", "LRO-C-42", "LRO-C-44", "LRO-C-45", "LRO-C-48", "LRO-C-49", "LRO-C-57",
];

/// Rules whose findings say why something was not asked, beside those that say why an outcome is wrong: the
/// client wrote in the place of polling, or asked something else, or had come to its outcome before.
const EXPLAIN_SILENCE: &[&str] =
    &["LRO-C-04", "LRO-C-08", "LRO-C-15", "LRO-C-16", "LRO-C-17", "LRO-C-18", "LRO-C-20", "LRO-C-50"];

/// Leaves out what only says again what another finding explains: that the outcome is wrong, that a
/// request was not to be, and what was not asked because the client asked something else, or nothing. Who
/// gave up at an odd `Retry-After`, or at a byte order mark, did so once, whatever else was odd about that
/// answer.
pub(super) fn without_echoes(findings: &mut Vec<Finding>, truth_is_known: bool) {
    // Of a write that was never sent there is nothing else to say.
    if findings.iter().any(|finding| finding.rule == "BODY-04") {
        findings.retain(|finding| finding.rule == "BODY-04");
        return;
    }
    let causes: Vec<&Finding> = findings.iter().filter(|finding| EXPLAIN_OUTCOME.contains(&finding.rule)).collect();
    let gravest_cause = causes.iter().map(|cause| cause.severity).max();
    let silent_for = findings.iter().filter(|finding| EXPLAIN_SILENCE.contains(&finding.rule));
    let silent_for = silent_for.map(|cause| cause.severity).max().max(gravest_cause);
    // Those that are about two answers are about a poll that came too early.
    let odd_wait = |finding: &&Finding| finding.rule == "LRO-C-23" && finding.interactions.len() == 1;
    let odd_text = |finding: &&Finding| finding.rule == "LRO-C-45" && finding.severity == Severity::Warning;
    // The truth of a script weighs more than what a single rule makes of the outcome. Whom a byte order
    // mark puts off fails for that, and it weighs no more (LRO-C-45).
    let marked_wait = |finding: &Finding| odd_wait(&finding) && finding.severity == Severity::Warning;
    let is_put_off = causes.iter().any(|cause| cause.rule == "LRO-C-45" || marked_wait(cause));
    let any_cause = !truth_is_known || is_put_off;
    let mut gravest: HashMap<usize, Severity> = HashMap::new();
    for finding in findings.iter().filter(|finding| !finding.rule.starts_with("SCRIPT-")) {
        for index in &finding.interactions {
            let known = gravest.entry(*index).or_insert(finding.severity);
            *known = finding.severity.max(*known);
        }
    }
    let last = |finding: &Finding| finding.interactions.last().copied();
    let gave_up_at: Vec<usize> = findings.iter().filter(odd_wait).filter_map(last).collect();
    let put_off_at: Vec<usize> = findings.iter().filter(odd_text).filter_map(last).collect();
    let refused_at: Vec<usize> =
        findings.iter().filter(|finding| finding.rule == "LRO-C-29").filter_map(last).collect();
    findings.retain(|finding| {
        let is_echo = match finding.rule {
            "LRO-C-18" | "LRO-C-32" | "LRO-C-45" => last(finding).is_some_and(|last| gave_up_at.contains(&last)),
            "LRO-C-21" => last(finding).is_some_and(|last| gave_up_at.contains(&last) || put_off_at.contains(&last)),
            // Who cannot read an end has not heard of it.
            "LRO-C-35" => last(finding).is_some_and(|last| put_off_at.contains(&last)),
            // How often a token that was refused may be shown is LRO-C-29's to say.
            "SCRIPT-01" if last(finding).is_some_and(|last| refused_at.contains(&last)) => true,
            "SCRIPT-02" if silent_for.is_some_and(|cause| is_put_off || cause >= finding.severity) => true,
            "LRO-C-50" => gravest_cause.is_some_and(|cause| any_cause || cause >= finding.severity),
            rule if rule.starts_with("SCRIPT-") => {
                let graver = |index: &usize| gravest.get(index).is_some_and(|other| *other >= finding.severity);
                finding.interactions.iter().any(graver)
            }
            _ => false,
        };
        !is_echo
    });
}
