//! LRO-C-22 to 27.

use super::*;

const RUNNING: &str = "200 Retry-After:10\n{\"status\":\"Running\"}";

#[test]
pub(super) fn c22_between_polls() {
    let third = |gap: u64| created().get(OP, RUNNING).after(10_000).get(OP, RUNNING).after(gap).op("Succeeded").found();
    assert_eq!(third(10_000), "");
    assert_eq!(third(9_600), "", "the tolerance");
    assert_eq!(third(60_000), "");
    assert_eq!(third(9_000), "!22");
    // The first two polls.
    let first = Tape::new().put(&answer("201 +AAO Retry-After:10", "Creating")).op("Succeeded");
    assert_eq!(first.found(), "?22");
    assert_eq!(created().get(OP, RUNNING).op("Succeeded").found(), "?22");
    // The first that was tried again is still the first.
    assert_eq!(created().get(OP, "504").get(OP, RUNNING).op("Succeeded").found(), "?22");
    assert_eq!(created().op("Running").get(OP, "504").get(OP, RUNNING).op("Succeeded").found(), "!22");
    // Time is played fast; the read after the end; a fault retried at once.
    assert_eq!(created().get(OP, RUNNING).op("Succeeded").knobs(|knobs| knobs.accelerated = true).found(), "");
    let end = "200 Retry-After:10\n{\"status\":\"Succeeded\"}";
    assert_eq!(created().get(OP, end).res("Succeeded").found(), "");
    assert_eq!(created().get(OP, "503").after(1).op("Succeeded").found(), "");
}

#[test]
pub(super) fn c22_needs_a_clock() {
    let bare = |interaction: &mut Interaction| interaction.times = None;
    let judgement = created().change(bare).get(OP, RUNNING).change(bare).op("Succeeded").change(bare).judge();
    assert!(judgement.not_judged.iter().any(|(rule, _)| *rule == "LRO-C-22"));
}

#[test]
pub(super) fn c23_forms() {
    // The tape begins at 10:00:00, and the second answer comes a second later.
    let date = "200 Retry-After:Tue,_03_Feb_2026_10:00:14_GMT\n{\"status\":\"Running\"}";
    assert_eq!(created().get(OP, date).after(12_000).op("Succeeded").found(), "");
    assert_eq!(created().get(OP, date).op("Succeeded").found(), "?23");
    let past = "200 Retry-After:Tue,_03_Feb_2026_09:00:00_GMT\n{\"status\":\"Running\"}";
    assert_eq!(created().get(OP, past).op("Succeeded").found(), "");
    let fraction = "200 Retry-After:1.5\n{\"status\":\"Running\"}";
    assert_eq!(created().get(OP, fraction).op("Succeeded").success().found(), "", "waited for, or not");
    let garbage = "200 Retry-After:/bar\n{\"status\":\"Running\"}";
    assert_eq!(created().get(OP, garbage).op("Succeeded").success().found(), "");
    assert_eq!(created().get(OP, garbage).failure("").found(), "!23", "and not for the missing header, too");
}

#[test]
pub(super) fn c24_and_c25_without_retry_after() {
    let polls = |times: usize, gap: u64| {
        let polls = (0..times).fold(created(), |tape, _| tape.after(gap).op("Running"));
        polls.after(gap).op("Succeeded").found()
    };
    assert_eq!(polls(6, 1000), "");
    assert_eq!(polls(6, 400), "?24");
    assert_eq!(polls(2, 10), "", "one at once, and one retry");
    let running = "200 Retry-After:-5\n{\"status\":\"Running\"}";
    let negative = (0..6).fold(created(), |tape, _| tape.after(10).get(OP, running));
    assert_eq!(negative.after(10).op("Succeeded").found(), "?24", "less than nothing says nothing");
    assert_eq!(polls(20, 100), "?24 !25");
    let fast = (0..20).fold(created(), |tape, _| tape.after(100).op("Running"));
    assert_eq!(fast.knobs(|knobs| knobs.accelerated = true).found(), "", "nobody is to wait");
    let slow = created().after(30_000).op("Running").after(30_000).op("Succeeded");
    assert_eq!(slow.clone().found(), "", "30 s is the default of some");
    assert_eq!(slow.knobs(|knobs| knobs.interval = Some(Duration::from_secs(1))).found(), "?24");
}

#[test]
pub(super) fn c26_the_limit() {
    let limited = |tape: Tape| tape.knobs(|knobs| knobs.timeout = Some(Duration::from_secs(5)));
    let running = || created().op("Running");
    assert!(limited(running()).stopped().found().contains("?26"));
    assert_eq!(limited(running()).failure("{\"outcome\":\"timeout\"}").found(), "");
    assert_eq!(running().stopped().found(), "", "without a limit a client may wait for ever");
    assert!(running().failure("{\"outcome\":\"timeout\"}").found().contains("?26"));
    assert!(running().ask("DELETE", R, "202").failure("").found().contains("?26"));
}

#[test]
pub(super) fn c27_one_poll_at_a_time() {
    let slow = |interaction: &mut Interaction| interaction.times.as_mut().unwrap().end += 5000;
    assert_eq!(created().op("Running").change(slow).op("Running").op("Succeeded").found(), "?27");
    assert_eq!(created().get(OP, "silent").change(slow).op("Succeeded").found(), "", "whose socket died may ask again");
    assert_eq!(created().op("Running").change(slow).res("Creating").after(6000).op("Succeeded").found(), "");
}
