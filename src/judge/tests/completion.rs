//! LRO-C-46 to 57.

use super::*;

fn printed(tape: Tape, resource: &str) -> Tape {
    tape.outcome(true, Ending::Itself, resource)
}

#[test]
pub(super) fn c46_the_final_read() {
    let first = format!("{{\"id\":\"{ID}\",\"properties\":{{\"provisioningState\":\"Creating\"}}}}");
    let last = first.replace("Creating", "Succeeded");
    let done = || created().op("Succeeded");
    assert_eq!(printed(done().res("Succeeded"), &last).found(), "");
    assert_eq!(printed(done(), &first).found(), "?46");
    assert_eq!(printed(done(), "{\"id\":\"/ops/1\",\"status\":\"Succeeded\"}").found(), "?46");
    assert_eq!(printed(done(), "{}").found(), "?46");
    // Who needs no body; a read that lags.
    assert_eq!(done().success().found(), "");
    assert_eq!(printed(done().res("Updating"), &first).found(), "", "A-27");
    // Another resource than the operation made, where the service itself told of it at last.
    let other = |state: &str| {
        let revision = Draw::new(1).lure;
        format!("{{\"id\":\"{ID}\",\"properties\":{{\"revision\":\"{revision}\",\"provisioningState\":\"{state}\"}}}}")
    };
    let returned = |tape: Tape, state: &str| printed(tape, &other(state)).of("SC-077").found();
    let told = |state: &str| returned(done().get(R, &format!("200\n{}", other(state))), state);
    assert_eq!(returned(done().res("Succeeded"), "Succeeded"), "?46");
    assert_eq!(told("Succeeded"), "");
    assert_eq!(told("Failed"), "?46", "what is returned as a success says so");
    let elsewhere = done().get(&format!("https://other.example{R}"), &format!("200\n{}", other("Succeeded")));
    assert!(!returned(elsewhere, "Succeeded").contains("46"), "where the status document said that it is");
    let wrong = done().get(&format!("https://other.example{OP}"), &format!("200\n{}", other("Succeeded")));
    assert!(returned(wrong, "Succeeded").contains("?46"), "what is no resource tells of none");
}

#[test]
pub(super) fn c47_the_result_of_a_post() {
    let posted = || Tape::new().ask("POST", R, "202 +AAO +LOC").op("Succeeded").get(LOC, "200\n{\"key\":1}");
    assert_eq!(printed(posted(), "{\"key\":1}").found(), "");
    assert_eq!(printed(posted(), "{\"id\":\"/ops/1\",\"status\":\"Succeeded\"}").found(), "?47");
    // No Location, no result; another look at it; who prints nothing.
    assert_eq!(Tape::new().ask("POST", R, "202 +AAO").op("Succeeded").success().found(), "");
    assert_eq!(printed(posted().get(LOC, "200\n{\"key\":1}"), "{\"key\":1}").found(), "");
    assert_eq!(posted().success().found(), "");
    // There is none, and that is said.
    assert_eq!(printed(accepted("POST").get(LOC, "204"), "{}").found(), "");
    assert_eq!(printed(posted(), "{}").found(), "?47");
}

#[test]
pub(super) fn c48_trouble_in_the_final_read() {
    assert_eq!(created().op("Succeeded").get(R, "503").failure("").found(), "?48");
    assert_eq!(created().op("Succeeded").get(R, "503").res("Succeeded").success().found(), "");
    assert_eq!(created().op("Succeeded").get(R, "404").failure("").found(), "");
    assert_eq!(created().op("Succeeded").get(R, "404").failure("{\"outcome\":\"unknown\"}").found(), "");
    // The operation has succeeded; only its result could not be read.
    assert_eq!(created().op("Succeeded").get(R, "404").failure("{\"outcome\":\"failed\"}").found(), "?48");
    assert_eq!(created().op("Succeeded").res("Updating").success().found(), "");
}

#[test]
pub(super) fn c49_deleted() {
    assert_eq!(Tape::new().ask("DELETE", R, "200").failure("").found(), "!10 !49");
    let monitored = || Tape::new().ask("DELETE", R, "202 +AAO").op("Succeeded");
    assert_eq!(monitored().success().found(), "");
    assert!(monitored().failure("").found().contains("!49"));
    assert_eq!(monitored().get(R, "200\n{}").get(R, "404").success().found(), "", "verified");
    assert_eq!(Tape::new().ask("DELETE", R, "200").success().found(), "");
}

#[test]
pub(super) fn c50_truthful() {
    let lost = Tape::new().put("reset").success();
    assert_eq!(lost.found(), "!50");
    assert_eq!(Tape::new().put("412").get(R, &resource(200, "Succeeded")).success().found(), "", "SC-174");
}

#[test]
pub(super) fn c50_who_is_stopped_may_have_had_reason_to_wait() {
    let stopped = |tape: Tape, after: u64, interval: Option<u64>| {
        let over = Duration::from_millis(tape.now + after);
        let knobs = |knobs: &mut Knobs| {
            knobs.over = Some(over);
            knobs.interval = interval.map(Duration::from_secs);
        };
        tape.of("SC-125").knobs(knobs).stopped().found()
    };
    let running = || created().op("Running").op("Running");
    assert_eq!(stopped(running(), 9_000, Some(1)), "", "the script has more polls than there was time for");
    assert_eq!(stopped(running(), 11_000, Some(1)), "!50", "nobody waits so long who was given a second");
    assert_eq!(stopped(running(), 59_000, None), "", "nobody gave it an interval: the contract's is a minute");
    let asked = created().get(OP, "200 Retry-After:30\n{\"status\":\"Running\"}");
    assert_eq!(stopped(asked.clone(), 30_000, Some(1)), "", "it was asked to wait");
    assert_eq!(stopped(asked, 31_000, Some(1)), "!50");
    assert_eq!(stopped(created(), 9_000, Some(1)), "", "before its first poll");
    assert_eq!(stopped(running().op("Succeeded"), 9_000, Some(1)), "!50", "it was told of the end");
    // Who pauses before it tries again, as long as it will: some do so for half a minute.
    for told in ["503", "reset", "404", "200\n{\"status\":3}", "200\n\u{feff}{\"status\":\"Succeeded\"}"] {
        let tried = || created().get(OP, told);
        assert_eq!(stopped(tried(), 40_000, Some(1)), "?50", "{told}");
        assert!(stopped(tried(), 61_000, Some(1)).contains("!50"), "{told}");
    }
    assert_eq!(stopped(Tape::new().put("503"), 40_000, Some(1)), "?50");
    let last_read = || created().op("Succeeded").get(R, "503");
    assert_eq!(stopped(last_read(), 40_000, Some(1)), "?50", "the result could not be read yet");
    assert_eq!(stopped(Tape::new().put("400"), 40_000, Some(1)), "!50", "nothing gets better");
    assert_eq!(stopped(running().get(OP, "silent"), 9_000, Some(1)), "?50", "a read timeout of minutes");
    let late = || created().get(OP, "silent").after(30_000).op("Succeeded").res("Succeeded");
    assert_eq!(stopped(late(), 100, Some(1)), "?50", "a read timeout of half a minute");
    assert_eq!(stopped(late(), 40_000, Some(1)), "!50", "it had the time to end");
}

#[test]
pub(super) fn c51_the_error_is_shown() {
    let refused = |body: &str| Tape::new().put(&format!("400\n{body}"));
    assert_eq!(refused("{\"error\":{\"code\":\"Bad\",\"message\":\"m\"}}").failure("Bad").found(), "");
    for body in ["{\"error\":{\"code\":\"Bad\",\"message\":\"m\"}}", "{\"Code\":\"Bad\"}", "{\"code\":\"Bad\"}"] {
        assert_eq!(refused(body).failure("something").found(), "?51", "{body}");
    }
    let nested = "{\"error\":{\"code\":\"Outer\",\"message\":\"{\\\"error\\\":{\\\"code\\\":\\\"Inner\\\"}}\"}}";
    assert_eq!(refused(nested).failure("Inner").found(), "");
}

#[test]
pub(super) fn c52_silence() {
    let late = |milliseconds: u64| {
        created().after(milliseconds).op("Running").knobs(|knobs| knobs.over = Some(Duration::from_secs(2)))
    };
    assert_eq!(late(3000).found(), "");
    assert_eq!(late(9000).found(), "?52");
}

#[test]
pub(super) fn c53_taken_up_again() {
    let resumes = |tape: Tape| tape.knobs(|knobs| knobs.resumes = true);
    assert_eq!(resumes(Tape::new().get(LOC, "202").get(LOC, "200\n{}").success()).found(), "");
    assert!(resumes(created().op("Succeeded").success()).found().contains("?53"));
}

#[test]
pub(super) fn c54_hammering() {
    let writes = |times: usize, gap: u64| {
        (0..times).fold(Tape::new(), |tape, _| tape.after(gap).put("409 Retry-After:0")).found()
    };
    assert_eq!(writes(3, 1000), "");
    assert_eq!(writes(4, 1000), "?54");
    assert_eq!(writes(6, 5000), "");
    let fast = (0..4).fold(Tape::new(), |tape, _| tape.after(10).put("409 Retry-After:0"));
    assert_eq!(fast.knobs(|knobs| knobs.accelerated = true).found(), "", "nobody is to wait");
}

#[test]
pub(super) fn c55_backoff() {
    let faults = |gap: u64| (0..12).fold(created(), |tape, _| tape.after(gap).get(OP, "503")).found();
    assert_eq!(faults(2000), "");
    assert_eq!(faults(300), "?55");
}

#[test]
pub(super) fn c56_request_ids() {
    let named = |id: &'static str| {
        move |interaction: &mut Interaction| {
            interaction.request.headers.append("x-ms-client-request-id", id);
        }
    };
    assert_eq!(Tape::new().put("200").change(named("request 1")).found(), "?56");
    const ID: &str = "5d6e3f40-9a3b-4a8f-9d7e-0a1b2c3d4e5f";
    assert_eq!(Tape::new().put("200").change(named(ID)).found(), "");
    // Python sends the id of the write with every poll; others send a new one, or none.
    assert_eq!(created().change(named(ID)).op("Running").change(named(ID)).op("Succeeded").found(), "");
}

#[test]
pub(super) fn c57_ids_differ_by_case() {
    let cased = format!("200\n{{\"id\":\"{}\"}}", ID.replace("resourceGroups", "resourcegroups"));
    assert_eq!(Tape::new().put(&cased).success().found(), "");
    assert!(Tape::new().put(&cased).put(&cased).success().found().contains("?57"));
    let as_given = format!("200\n{{\"id\":\"{ID}\"}}");
    let doubled = |answer: &str| Tape::new().ask("PUT", &format!("/{R}"), answer).of("SC-074").failure("").found();
    assert!(!doubled(&as_given).contains("57"), "the slash before it is doubled, and its case is the same");
    assert!(doubled(&cased).contains("?57"));
    // A request in another case than the one before it.
    assert_eq!(
        Tape::new()
            .put(&resource(201, "Creating"))
            .get(&R.to_lowercase(), &resource(200, "Succeeded"))
            .success()
            .found(),
        ""
    );
}
