//! LRO-C-32 to 45.

use super::*;

const FAILED: &str = "200\n{\"status\":\"Failed\",\"error\":{\"code\":\"Quota\",\"message\":\"No widgets.\"}}";

#[test]
pub(super) fn c32_unknown_states() {
    assert_eq!(created().op("Frobnicating").op("Succeeded").success().found(), "");
    assert_eq!(created().op("Frobnicating").failure("").found(), "!32");
    assert_eq!(created().op("InProgress").success().found(), "!32");
    assert!(!created().op("Completed").success().found().contains("32"));
}

#[test]
pub(super) fn c33_case() {
    assert_eq!(created().op("SUCCEEDED").res("succeeded").success().found(), "");
    assert_eq!(created().op("SUCCEEDED").op("SUCCEEDED").op("SUCCEEDED").stopped().found(), "!33 !35");
    assert!(created().op("succeeded").failure("").found().contains("!33"));
    assert_eq!(created().op("succeeded").stopped().found(), "!33");
    assert_eq!(created().op("succeeded").get(R, "silent").stopped().found(), "", "the result was read, and never came");
}

#[test]
pub(super) fn c34_other_signs() {
    let early = "200\n{\"status\":\"Running\",\"percentComplete\":100,\"endTime\":\"2026-02-03T10:00:00Z\"}";
    assert_eq!(created().get(OP, early).success().found(), "!34");
    assert_eq!(created().get(OP, early).op("Succeeded").success().found(), "");
}

#[test]
pub(super) fn c35_after_the_end() {
    let marked = "200\n\u{feff}{\"status\":\"Succeeded\"}";
    let unread = created().get(OP, marked).get(OP, marked).get(OP, marked).failure("");
    assert_eq!(unread.found(), "?45", "who is put off by a byte order mark has not heard of the end");
    assert_eq!(created().op("Succeeded").op("Succeeded").op("Succeeded").found(), "!35");
    assert_eq!(created().op("Succeeded").op("Succeeded").found(), "?35");
    // The result, or the resource, any number of times.
    assert_eq!(created().op("Succeeded").res("Succeeded").res("Succeeded").found(), "");
    assert_eq!(accepted("PUT").get(LOC, "200\n{}").get(LOC, "200\n{}").found(), "");
    let both =
        Tape::new().put(&answer("201 +AAO +LOC", "Creating")).op("Succeeded").get(LOC, "503").get(LOC, "200\n{}");
    assert_eq!(both.found(), "");
}

#[test]
pub(super) fn c36_failed() {
    assert_eq!(created().get(OP, FAILED).success().found(), "!36");
    assert_eq!(created().get(OP, FAILED).failure("Quota: No widgets.").found(), "");
    assert_eq!(created().get(OP, FAILED).failure("quota").found(), "?36", "no message");
    assert_eq!(created().get(OP, FAILED).failure("it failed").found(), "?36");
    let nested =
        "200\n{\"status\":\"Failed\",\"error\":{\"code\":\"A\",\"message\":\"m\",\"innererror\":{\"code\":\"Inner\"}}}";
    assert_eq!(created().get(OP, nested).failure("Inner").found(), "");
    assert_eq!(created().op("Failed").failure("failed").found(), "", "there is no error to show");
}

#[test]
pub(super) fn c37_canceled() {
    assert_eq!(created().op("Canceled").success().found(), "!37");
    assert_eq!(created().op("Canceled").failure("").found(), "");
    assert_eq!(created().op("Cancelled").failure("").found(), "", "A-18");
    assert_eq!(created().op("Cancelled").success().found(), "!37");
}

#[test]
pub(super) fn c38_location() {
    let refused = "409\n{\"error\":{\"code\":\"Conflict\",\"message\":\"m\"}}";
    assert_eq!(accepted("PUT").get(LOC, refused).success().found(), "!38");
    assert_eq!(accepted("PUT").get(LOC, refused).failure("Conflict").found(), "");
    assert_eq!(accepted("PUT").get(LOC, &resource(201, "Succeeded")).failure("").found(), "!38");
    //
    assert_eq!(accepted("PUT").get(LOC, &resource(200, "Creating")).res("Succeeded").success().found(), "");
    assert_eq!(accepted("PUT").get(LOC, FAILED).success().found(), "?38");
}

#[test]
pub(super) fn c39_a_status_that_cannot_be_read() {
    assert_eq!(created().get(OP, "400").success().found(), "!39");
    let redirected = || created().get(OP, &format!("307 Location:{HOST}{LOC}"));
    assert_eq!(redirected().success().found(), "!39");
    assert_eq!(redirected().get(LOC, "200\n{\"status\":\"Succeeded\"}").success().found(), "");
    assert_eq!(redirected().failure("").found(), "", "whether a redirect is followed is the client's affair");
    assert_eq!(created().get(OP, "404").res("Succeeded").success().found(), "", "SC-154");
    assert_eq!(created().get(OP, "403").failure("").found(), "");
    assert_eq!(created().get(OP, "403").failure("{\"outcome\":\"failed\"}").found(), "?39");
}

#[test]
pub(super) fn c40_passing_faults() {
    for fault in ["500", "502", "503", "504", "408", "reset"] {
        assert_eq!(created().get(OP, fault).failure("").found(), "!40", "{fault}");
        assert_eq!(created().get(OP, fault).op("Succeeded").res("Succeeded").success().found(), "", "{fault}");
    }
    assert_eq!(created().get(OP, "503").get(OP, "503").get(OP, "503").failure("").found(), "");
    assert_eq!(created().get(OP, "501").failure("").found(), "");
    let led = |tape: Tape, times: usize| {
        (0..times).fold(tape, |tape, _| tape.get(OP, &format!("302 Location:{HOST}{LOC}")).get(LOC, "503"))
    };
    assert_eq!(led(created(), 3).failure("").found(), "", "a redirect on the way is no answer between faults");
    assert_eq!(led(created(), 1).failure("").found(), "!40");
    assert_eq!(created().get(OP, "200 cut\n{\"status\":\"Succ").failure("").found(), "?40");
}

#[test]
pub(super) fn c41_throttled() {
    assert_eq!(created().get(OP, "429 Retry-After:8").after(8000).op("Succeeded").found(), "");
    assert_eq!(created().get(OP, "429 Retry-After:8").op("Succeeded").found(), "!41");
    assert_eq!(created().get(OP, "429 Retry-After:8").failure("").found(), "!41");
    assert_eq!(created().get(OP, "429").failure("").found(), "?41");
}

#[test]
pub(super) fn c42_and_c43_refused() {
    let polls = |status: &str, times: usize| (0..times).fold(created(), |tape, _| tape.get(OP, status));
    assert_eq!(polls("404", 1).failure("").found(), "");
    assert_eq!(polls("404", 30).stopped().found(), "?42");
    assert_eq!(polls("403", 2).failure("").found(), "");
    assert_eq!(polls("403", 8).failure("").found(), "?43");
    assert_eq!(polls("409 Retry-After:1", 8).failure("").found(), "", "it was asked to");
}

#[test]
pub(super) fn c44_malformed() {
    for body in ["{}", "{\"status\":null}", "{\"status\":3}", "<html>", "{\"status\":\"Succ"] {
        let poll = format!("200\n{body}");
        assert_eq!(created().get(OP, &poll).success().found(), "!44", "{body}");
        assert_eq!(created().get(OP, &poll).failure("").found(), "", "{body}");
        assert_eq!(created().get(OP, &poll).op("Succeeded").res("Succeeded").success().found(), "", "{body}");
        assert_eq!(created().get(OP, &poll).res("Succeeded").success().found(), "?44", "{body}");
    }
}

#[test]
pub(super) fn c45_odd_and_harmless() {
    let odd = "200\n{\"status\":\"Running\",\"startTime\":\"2026-02-03 10:00:00 +0000\",\"extra\":1}";
    assert_eq!(created().get(OP, odd).op("Succeeded").success().found(), "");
    assert!(created().get(OP, odd).failure("").found().contains("!45"));
    assert!(created().get(OP, "200\n\u{feff}{\"status\":\"Succeeded\"}").failure("").found().contains("?45"));
    let marked =
        |wait: &str| created().get(OP, &format!("200{wait}\n\u{feff}{{\"status\":\"Running\"}}")).failure("").found();
    assert_eq!(marked(""), "?45", "and not for the missing header, too");
    assert_eq!(marked(" Retry-After:abc"), "?23", "which of the two it was cannot be told");
    assert!(created().get(OP, "200 -type\n{\"status\":\"Succeeded\"}").failure("").found().contains("?45"));
}
