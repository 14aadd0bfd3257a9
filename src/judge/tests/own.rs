//! The rules of our own.

use super::*;

#[test]
pub(super) fn body_01_the_body_that_was_meant() {
    let meant = |text: &'static str| move |knobs: &mut Knobs| knobs.intended = Some(text.into());
    assert_eq!(Tape::new().put("200").knobs(meant("{ \"properties\": {\"size\": 1.0} }")).found(), "");
    assert_eq!(
        Tape::new().put("200").knobs(meant("{\"properties\":{\"size\":1,\"policy\":null}}")).found(),
        "!BODY-01"
    );
    assert_eq!(Tape::new().put("200").knobs(meant("{\"properties\":{}}")).found(), "!BODY-01");
    assert_eq!(Tape::new().put("200").knobs(meant("not json")).found(), "!BODY-01");
}

#[test]
pub(super) fn body_02_what_was_read_goes_back() {
    let read = format!(
        "200 ETag:\"1\"\n{{\"id\":\"{ID}\",\"properties\":{{\"size\":1,\"future\":2,\"provisioningState\":\"Succeeded\"}}}}"
    );
    let write = |body: &'static str, tag: Option<&'static str>| {
        let change = move |interaction: &mut Interaction| {
            interaction.request.body = Body::from_bytes(body.into());
            tag.into_iter().for_each(|tag| interaction.request.headers.append("if-match", tag));
        };
        Tape::new().of("OP-02").get(R, &read).put("412").change(change).at(Target::Write).failure("PreconditionFailed")
    };
    let whole = "{\"properties\":{\"size\":2,\"future\":2}}";
    assert_eq!(write(whole, Some("\"1\"")).found(), "", "what the service makes by itself may be left out");
    assert_eq!(write(whole, None).found(), "!BODY-02");
    assert_eq!(write(whole, Some("\"0\"")).found(), "!BODY-02", "another tag");
    assert_eq!(write("{\"properties\":{\"size\":2}}", Some("\"1\"")).found(), "!BODY-02");
    let blind = Tape::new().of("OP-02").put("412").at(Target::Write).failure("PreconditionFailed");
    assert_eq!(blind.found(), "!BODY-02", "without a read");
    assert_eq!(
        Tape::new().of("SC-001").put(&resource(200, "Succeeded")).at(Target::Write).success().found(),
        "",
        "no update"
    );
}

#[test]
pub(super) fn body_03_a_state_that_has_passed() {
    let state = |word: &str| {
        let body = format!("{{\"properties\":{{\"provisioningState\":\"{word}\"}}}}");
        Tape::new().put("200").change(|interaction| interaction.request.body = Body::from_bytes(body.into())).found()
    };
    assert_eq!(state("Updating"), "?BODY-03");
    assert_eq!(state("Succeeded"), "");
}

#[test]
pub(super) fn body_04_a_valid_body_that_was_refused() {
    const PROFILE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles/P";
    let valid = || scenario::Subject::profile("P").body.to_string();
    let given = |tape: Tape, body: String| {
        tape.knobs(|knobs| (knobs.intended, knobs.sends_a_plain_one) = (Some(body.into()), true))
    };
    let silent = |body: String| given(Tape::new(), body).failure("that type is not known");
    assert_eq!(silent(valid()).found(), "!BODY-04");
    assert_eq!(silent(valid()).of("SC-003").found(), "!BODY-04", "which says it all");
    let unusual = valid().replacen("\"properties\":{", "\"properties\":{\"unheard\":1,", 1);
    assert_eq!(silent(unusual.clone()).of("SC-003").found(), "?BODY-04", "{unusual}");
    assert_eq!(silent("{\"properties\":null}".to_owned()).found(), "", "the service would refuse it, too");

    // What else may have kept it from the write.
    let refused = |judgement: Judgement| judgement.findings.iter().any(|finding| finding.rule == "BODY-04");
    let found = |tape: Tape| refused(tape.judge());
    assert!(!found(silent(valid()).knobs(|knobs| knobs.sends_a_plain_one = false)), "it sends nothing at all");
    assert!(!found(silent(valid()).knobs(|knobs| knobs.interrupted = true)));
    assert!(!found(silent(valid()).knobs(|knobs| knobs.timeout = Some(Duration::from_secs(5)))));
    assert!(!found(given(Tape::new(), valid()).outcome(false, Ending::Itself, "{\"outcome\":\"timeout\"}")));
    assert!(!found(given(Tape::new(), valid()).stopped()));
    assert!(!found(given(Tape::new(), valid()).outcome(false, Ending::Crashed, "")));
    assert!(!found(given(Tape::new(), valid()).success()), "LRO-C-50 is about that");
    let read = |answer: &str| given(Tape::new().get(PROFILE, answer), valid()).failure("");
    assert!(found(read("404")), "it is not there yet, and nothing is in the way");
    for answer in ["200", "403", "404 cut", "reset"] {
        assert!(!found(read(answer)), "{answer}");
    }
    assert!(!found(given(Tape::new().get("/subscriptions/s", "403"), valid()).failure("")));
    let sent = given(Tape::new().ask("PUT", PROFILE, "400"), valid()).failure("");
    assert!(!found(sent), "what is sent is not refused");
}

#[test]
pub(super) fn id_01_a_new_call_has_a_new_id() {
    let named = |interaction: &mut Interaction| {
        interaction.request.headers.append("x-ms-client-request-id", "5d6e3f40-9a3b-4a8f-9d7e-0a1b2c3d4e5f");
    };
    let other = |interaction: &mut Interaction| {
        named(interaction);
        interaction.request.body = Body::from_bytes("{}".into());
    };
    assert_eq!(Tape::new().put("503").change(named).put("200").change(named).found(), "", "a retry keeps it");
    assert_eq!(Tape::new().put("200").change(named).put("200").change(other).found(), "!ID-01");
    let led = Tape::new().ask("PUT", &format!("/{R}"), &format!("307 Location:{HOST}{R}")).change(named);
    assert_eq!(led.put("200").change(named).found(), "", "a redirect is the same call, however its URL is written");
}

#[test]
pub(super) fn id_02_two_operations() {
    let second = |text: &str| text.replace("widgets/w", "widgets/v").replace("5b1e", "6c2f");
    let both = || {
        let created = answer(&format!("201 Azure-AsyncOperation:{HOST}{}", second(OP)), "Creating");
        let tape = created_of("OP-05").ask("PUT", &second(R), &second(&created)).at(Target::Write);
        tape.op("Running").at(Target::Monitor)
    };
    let other = |tape: Tape, state: &str| {
        tape.get(&second(OP), &format!("200\n{{\"status\":\"{state}\"}}")).at(Target::Monitor)
    };
    let first = |tape: Tape, state: &str| tape.op(state).at(Target::Monitor);
    let mixed = || other(other(both(), "Running"), "Running");
    let right = first(other(first(mixed(), "Running"), "Succeeded"), "Succeeded");
    assert_eq!(right.res("Succeeded").success().found(), "");
    let half = first(first(other(mixed(), "Succeeded"), "Running"), "Running");
    assert_eq!(half.clone().success().found(), "!ID-02", "one was not polled to its end");
    assert!(!half.failure("").found().contains("ID-02"), "it does not say that both are done");
    let unasked = first(first(first(both(), "Running"), "Running"), "Running");
    assert!(unasked.clone().op("Succeeded").at(Target::Monitor).success().found().contains("!ID-02"), "never");
    assert_eq!(
        created_of("SC-006").op("Running").op("Succeeded").res("Succeeded").success().found(),
        "!SCRIPT-02",
        "one"
    );
}

#[test]
pub(super) fn id_03_another_run() {
    let first = || created().get(OP, "403");
    let again = |tape: Tape| {
        let number = tape.cassette.interactions.len();
        tape.knobs(|knobs| knobs.again = Some(number))
    };
    assert_eq!(again(first()).failure("").found(), "?ID-03");
    assert_eq!(again(first()).put(&resource(200, "Succeeded")).success().found(), "");
    assert_eq!(again(first()).get(OP, "403").failure("").found(), "", "asked, and told the same");
    let done = || created().op("Succeeded").res("Succeeded");
    assert_eq!(again(done()).success().found(), "", "it knows that it is done");
}

#[test]
pub(super) fn script_01_and_02_what_a_scenario_says() {
    let plain = format!("http://management.azure.com{OP}");
    let named = format!("201 Azure-AsyncOperation:{plain}");
    let write = || Tape::new().of("SC-192").put(&answer(&named, "Creating")).at(Target::Write);
    let done = "200\n{\"status\":\"Succeeded\"}";
    assert_eq!(write().failure("").found(), "");
    assert!(
        write().get(&plain, done).at(Target::PlainListener).success().found().contains("!31"),
        "which says it better"
    );
    let aside = |interaction: &mut Interaction| interaction.request.scheme = Some("https".to_owned());
    let elsewhere = write().get(&plain, done).change(aside).at(Target::PlainListener).res("Succeeded").success();
    assert_eq!(elsewhere.found(), "!SCRIPT-01");

    let asked = |times: usize| {
        let running = (1..times).fold(created_of("SC-006"), |tape, _| tape.op("Running").at(Target::Monitor));
        running.op("Succeeded").at(Target::Monitor).res("Succeeded").success().found()
    };
    assert_eq!(asked(2), "");
    assert_eq!(asked(5), "");
    assert_eq!(asked(1), "!SCRIPT-02");
    // Whoever takes the write for the end, or asks something else, has done one thing wrong.
    assert_eq!(created_of("SC-006").success().found(), "!11");
    let elsewhere = created_of("SC-006").res("Updating").res("Succeeded").success();
    assert_eq!(elsewhere.found(), "!08");
    // What is asked too often is forbidden.
    let write = || Tape::new().of("SC-001").put(&resource(200, "Succeeded")).at(Target::Write);
    let twice = write().put(&resource(200, "Succeeded")).at(Target::Write).success();
    assert_eq!(twice.found(), "!SCRIPT-01");
    let refused = (0..4).fold(created_of("SC-156"), |tape, _| tape.get(OP, "401").at(Target::Monitor));
    assert_eq!(refused.failure("").found(), "?29", "how often a token may be shown that was refused");
    let odd = answer("201 +AAO Retry-After:abc", "Creating");
    let gave_up = Tape::new().of("SC-006").put(&odd).at(Target::Write).failure("");
    assert_eq!(gave_up.found(), "!23", "it had given up before");
    let marked = |wait: &str| {
        let poll = format!("200{wait}\n\u{feff}{{\"status\":\"Running\"}}");
        created_of("SC-006").get(OP, &poll).at(Target::Monitor).failure("").found()
    };
    assert_eq!((marked(""), marked(" Retry-After:abc")), ("?45".to_owned(), "?23".to_owned()), "at a byte order mark");
}

/// A busy machine takes much of a short limit, before the client runs and while it does.
#[test]
fn nothing_is_demanded_beyond_the_limit() {
    let asked = |request: u64, end: u64, wait: &str, said: &str| {
        let tape = Tape::new().of("SC-030").put(&answer(&format!("201 +AAO{wait}"), "Creating")).at(Target::Write);
        let tape = tape.change(|interaction| interaction.times = Some(Times { request, answer: end, end }));
        let limited = tape.knobs(|knobs| knobs.timeout = Some(Duration::from_secs(6)));
        limited.failure(said).found() == "!SCRIPT-02"
    };
    assert!(!asked(10, 4_500, " Retry-After:2", ""), "it could not have waited");
    assert!(!asked(10, 4_500, "", ""), "nor for its own interval");
    assert!(!asked(3_500, 3_600, " Retry-After:1", ""), "it started late, and may have looked late");
    let for_ever = format!(" Retry-After:{}", u64::MAX);
    assert!(!asked(10, 4_500, &for_ever, ""), "nobody waits so long");
    assert!(asked(10, 3_500, "", ""), "it could have asked");
    assert!(asked(10, 4_500, "", "{\"outcome\":\"failed\"}"), "it names another reason");
}

/// The contract's default is 60 s between polls: who was stopped before would have asked.
#[test]
fn nothing_is_demanded_of_a_client_that_waits_as_long_as_it_may() {
    let asked = |interval: Option<u64>| {
        let set = |knobs: &mut Knobs| {
            knobs.over = Some(Duration::from_secs(40));
            knobs.interval = interval.map(Duration::from_secs);
        };
        created_of("SC-006").op("Running").at(Target::Monitor).knobs(set).stopped().found()
    };
    assert_eq!(asked(None), "");
    assert!(asked(Some(1)).contains('!'), "it was given a shorter one");
    let over = |knobs: &mut Knobs| knobs.over = Some(Duration::from_secs(20));
    let pausing = created_of("SC-140").get(OP, "500").at(Target::Monitor).knobs(over).stopped();
    assert_eq!(pausing.found(), "?50", "nor before it tries again");
}

/// An accepted write with a status URL, in a scenario.
fn created_of(scenario: &'static str) -> Tape {
    created().of(scenario).at(Target::Write)
}
