//! Each rule, turned off and turned loud: its tests have to go red both times. So every rule has a
//! client that breaks it, and one that it must let pass.

use std::cell::Cell;

use super::*;

/// What is done to a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bend {
    /// It finds nothing any more.
    Off(&'static str),
    /// It finds something everywhere.
    Loud(&'static str),
}

thread_local! {
    static BEND: Cell<Option<Bend>> = const { Cell::new(None) };
}

/// A judgement as it would be with the rule that is bent.
pub(super) fn bent(mut judgement: Judgement) -> Judgement {
    match BEND.get() {
        Some(Bend::Off(off)) => judgement.findings.retain(|finding| finding.rule != off),
        Some(Bend::Loud(loud)) if judgement.findings.iter().all(|finding| finding.rule != loud) => {
            let Some(rule) = rule(loud) else { return judgement };
            judgement.findings.push(super::super::rule::Breach::new([0], "anything").of(rule));
        }
        _ => {}
    }
    judgement
}

/// Whether a test goes red.
fn is_red(test: fn(), bend: Bend) -> bool {
    BEND.set(Some(bend));
    let ended = std::panic::catch_unwind(test);
    BEND.set(None);
    ended.is_err()
}

/// A test, and the rules that it is about.
type Proof = (&'static [&'static str], fn());

const TESTS: &[Proof] = &[
    (&["LRO-C-01"], before::c01_the_api_version),
    (&["LRO-C-02"], before::c02_bodies_are_json),
    (&["LRO-C-03"], before::c03_tls_and_a_token),
    (&["LRO-C-04"], before::c04_a_write_is_not_repeated_while_it_runs),
    (&["LRO-C-05"], before::c05_what_may_be_tried_again),
    (&["LRO-C-06"], before::c06_preconditions_stay_with_the_write),
    (&["LRO-C-07"], before::c07_a_refused_write_has_no_operation),
    (&["LRO-C-08"], mode::c08_what_to_poll),
    (&["LRO-C-09", "LRO-C-10"], mode::c09_and_c10_no_header),
    (&["LRO-C-11"], mode::c11_a_header_on_a_200),
    (&["LRO-C-12"], mode::c12_failed_at_once),
    (&["LRO-C-13"], mode::c13_a_202_is_not_the_end),
    (&["LRO-C-14"], mode::c14_empty_ends),
    (&["LRO-C-15"], polling::c15_polls_are_gets),
    (&["LRO-C-16"], polling::c16_a_url_goes_back_as_it_came),
    (&["LRO-C-17"], polling::c17_the_version_of_a_url_stays),
    (&["LRO-C-18"], polling::c18_long_urls),
    (&["LRO-C-19"], polling::c19_a_relative_url),
    (&["LRO-C-20"], polling::c20_a_new_url),
    (&["LRO-C-21"], polling::c21_no_header),
    (&["LRO-C-28", "LRO-C-29", "LRO-C-30", "LRO-C-31"], polling::c28_to_c31_whom_to_trust),
    (&["LRO-C-22"], pacing::c22_between_polls),
    (&["LRO-C-23"], pacing::c23_forms),
    (&["LRO-C-24", "LRO-C-25"], pacing::c24_and_c25_without_retry_after),
    (&["LRO-C-26"], pacing::c26_the_limit),
    (&["LRO-C-27"], pacing::c27_one_poll_at_a_time),
    (&["LRO-C-32"], answers::c32_unknown_states),
    (&["LRO-C-33"], answers::c33_case),
    (&["LRO-C-34"], answers::c34_other_signs),
    (&["LRO-C-35"], answers::c35_after_the_end),
    (&["LRO-C-36"], answers::c36_failed),
    (&["LRO-C-37"], answers::c37_canceled),
    (&["LRO-C-38"], answers::c38_location),
    (&["LRO-C-39"], answers::c39_a_status_that_cannot_be_read),
    (&["LRO-C-40"], answers::c40_passing_faults),
    (&["LRO-C-41"], answers::c41_throttled),
    (&["LRO-C-42", "LRO-C-43"], answers::c42_and_c43_refused),
    (&["LRO-C-44"], answers::c44_malformed),
    (&["LRO-C-45"], answers::c45_odd_and_harmless),
    (&["LRO-C-46"], completion::c46_the_final_read),
    (&["LRO-C-47"], completion::c47_the_result_of_a_post),
    (&["LRO-C-48"], completion::c48_trouble_in_the_final_read),
    (&["LRO-C-49"], completion::c49_deleted),
    (&["LRO-C-50"], completion::c50_truthful),
    (&["LRO-C-50"], completion::c50_who_is_stopped_may_have_had_reason_to_wait),
    (&["LRO-C-51"], completion::c51_the_error_is_shown),
    (&["LRO-C-52"], completion::c52_silence),
    (&["LRO-C-53"], completion::c53_taken_up_again),
    (&["LRO-C-54"], completion::c54_hammering),
    (&["LRO-C-55"], completion::c55_backoff),
    (&["LRO-C-56"], completion::c56_request_ids),
    (&["LRO-C-57"], completion::c57_ids_differ_by_case),
    (&["BODY-01"], own::body_01_the_body_that_was_meant),
    (&["BODY-02"], own::body_02_what_was_read_goes_back),
    (&["BODY-03"], own::body_03_a_state_that_has_passed),
    (&["BODY-04"], own::body_04_a_valid_body_that_was_refused),
    (&["ID-01"], own::id_01_a_new_call_has_a_new_id),
    (&["ID-02"], own::id_02_two_operations),
    (&["ID-03"], own::id_03_another_run),
    (&["SCRIPT-01", "SCRIPT-02"], own::script_01_and_02_what_a_scenario_says),
];

#[test]
fn no_rule_can_be_turned_off_or_loud_unnoticed() {
    let mut quiet = Vec::new();
    for rule in rules() {
        let tests = || TESTS.iter().filter(|(ids, _)| ids.contains(&rule.id)).map(|(_, test)| *test);
        if !tests().any(|test| is_red(test, Bend::Off(rule.id))) {
            quiet.push(format!("{}: turned off, and no test of its own goes red", rule.id));
        }
        if !tests().any(|test| is_red(test, Bend::Loud(rule.id))) {
            quiet.push(format!("{}: loud, and no test of its own goes red", rule.id));
        }
    }
    assert!(quiet.is_empty(), "{}", quiet.join("\n"));
}
