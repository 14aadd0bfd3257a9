//! LRO-C-15 to 21 and 28 to 31.

use super::*;

#[test]
pub(super) fn c15_polls_are_gets() {
    assert_eq!(created().ask("POST", OP, "200\n{\"status\":\"Succeeded\"}").found(), "!15");
    let body = |interaction: &mut Interaction| interaction.request.body = Body::from_bytes("{}".into());
    assert_eq!(created().op("Succeeded").change(body).found(), "!15");
    let declared = |interaction: &mut Interaction| {
        interaction.request.headers.append("content-length", "0");
        interaction.request.headers.append("content-type", "application/json");
    };
    assert_eq!(created().op("Succeeded").change(declared).found(), "");
    let cancel = OP.replace('?', "/cancel?");
    assert_eq!(created().ask("POST", &cancel, "202").op("Canceled").found(), "", "an action of its own");
}

#[test]
pub(super) fn c16_a_url_goes_back_as_it_came() {
    let given = "/subscriptions/s/ops/a%2Fb*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x%2By~&p=";
    let head = format!("201 Azure-AsyncOperation:{HOST}{given}");
    let polled =
        |sent: &str| Tape::new().put(&answer(&head, "Creating")).get(sent, "200\n{\"status\":\"Succeeded\"}").found();
    assert_eq!(polled(given), "");
    for sent in [
        "/subscriptions/s/ops/a%2Fb*9F;rev=1?api-version=2024-01-01",
        "/subscriptions/s/ops/a%2Fb*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x+y~&p=",
        "/subscriptions/s/ops/a/b*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x%2By~&p=",
        "/subscriptions/s/ops/a%252Fb*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x%2By~&p=",
        "/subscriptions/s/ops/a%2Fb*9F;rev=1?t=1&api-version=2024-01-01&s=a_-b&c=MII&h=x%2By~&p=",
    ] {
        assert_eq!(polled(sent), "!16", "{sent}");
    }
    // Hex digits in the other case; the fragment; the client's own host.
    assert_eq!(polled(&format!("https://management.azure.com:443{given}")), "");
    let head = format!("201 Azure-AsyncOperation:{HOST}{OP}#there");
    let fragment = Tape::new().put(&answer(&head, "Creating")).op("Succeeded");
    assert_eq!(fragment.found(), "", "no fragment is sent");
    let named = format!("201 Azure-AsyncOperation:{}{OP}", HOST.replace("//", "//user:word@"));
    let named = || Tape::new().put(&answer(&named, "Creating")).of("SC-193:userinfo").op("Succeeded").success();
    assert_eq!(named().found(), "", "a user name is no part of the host that is asked");
    let basic = |interaction: &mut Interaction| interaction.request.auth.as_mut().unwrap().kind = "basic".to_owned();
    assert_eq!(named().change(basic).found(), "?30", "and is not sent in the place of the token");
    assert_eq!(polled("/subscriptions/s/ops/a%2fb*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x%2by~&p="), "");
    assert_eq!(
        polled(
            "https://gateway.example/subscriptions/s/ops/a%2Fb*9F;rev=1?api-version=2024-01-01&t=1&c=MII&s=a_-b&h=x%2By~&p="
        ),
        ""
    );
}

#[test]
pub(super) fn c17_the_version_of_a_url_stays() {
    let sent = |target: &str| created().get(target, "200\n{\"status\":\"Succeeded\"}").found();
    assert_eq!(sent(&OP.replace("2024-01-01", "2030-01-01")), "?17");
    let bare = format!("201 Azure-AsyncOperation:{HOST}/subscriptions/s/ops/1?t=1");
    let added = Tape::new()
        .put(&answer(&bare, "Creating"))
        .get("/subscriptions/s/ops/1?t=1&api-version=2024-01-01", "200\n{\"status\":\"Succeeded\"}");
    assert_eq!(added.found(), "");
}

#[test]
pub(super) fn c18_long_urls() {
    let long = |length: usize| format!("/subscriptions/s/ops/1?api-version=2024-01-01&c={}", "x".repeat(length));
    let given = |length: usize| {
        Tape::new().put(&answer(&format!("201 Azure-AsyncOperation:{HOST}{}", long(length)), "Creating"))
    };
    assert_eq!(given(5000).get(&long(5000), "200\n{\"status\":\"Succeeded\"}").success().found(), "");
    assert!(given(5000).failure("").found().contains("!18"));
    assert!(given(5000).get(&long(5000)[..2000], "403").found().contains("!18"));
    assert!(!given(9000).failure("").found().contains("18"), "above 8 KB");
    let complete = Tape::new().put(&answer(&format!("201 Azure-AsyncOperation:{HOST}{}", long(5000)), "Succeeded"));
    assert_eq!(complete.res("Succeeded").success().found(), "", "there was nothing to ask (A-04)");
}

#[test]
pub(super) fn c19_a_relative_url() {
    let relative = format!("201 Azure-AsyncOperation:{OP}");
    let put = || Tape::new().put(&answer(&relative, "Creating"));
    assert_eq!(put().failure("").found(), "");
    assert_eq!(put().op("Succeeded").success().found(), "");
    assert!(put().success().found().contains("!19"));
}

#[test]
pub(super) fn c20_a_new_url() {
    let next = LOC.replace("77aa", "88bb");
    let moved = format!("202 Location:{HOST}{next}");
    assert_eq!(accepted("POST").get(LOC, &moved).get(&next, "200").found(), "");
    assert_eq!(accepted("POST").get(LOC, &moved).get(LOC, "500").found(), "!20");
    let next = OP.replace("5b1e", "6c2f");
    let moved = format!("200 Azure-AsyncOperation:{HOST}{next}\n{{\"status\":\"Running\"}}");
    assert_eq!(created().get(OP, &moved).op("Succeeded").found(), "", "the old one answers still");
    assert_eq!(created().get(OP, &moved).get(OP, "404").found(), "?20");
    let repeated =
        created().get(OP, "200 +AAO\n{\"status\":\"Running\"}").get(OP, &format!("307 Location:{HOST}{next}"));
    assert_eq!(repeated.clone().get(&next, "401").get(&next, "401").found(), "", "with another token, too");
    assert_eq!(repeated.get(&next, "404").found(), "", "where the new one redirects to");
}

#[test]
pub(super) fn c21_no_header() {
    assert_eq!(created().op("Running").op("Succeeded").success().found(), "");
    assert_eq!(created().op("Running").failure("").found(), "!21");
    assert_eq!(created().op("Running").res("Creating").res("Creating").found(), "!21");
    let running = "200\n{\"status\":\"Running\"}";
    assert_eq!(accepted("PUT").get(LOC, running).res("Creating").res("Creating").found(), "", "LRO-C-38, A-07");
    assert_eq!(
        created()
            .op("Running")
            .failure("{\"outcome\": \"timeout\"}")
            .knobs(|knobs| knobs.timeout = Some(Duration::from_secs(1)))
            .found(),
        ""
    );
}

#[test]
pub(super) fn c28_to_c31_whom_to_trust() {
    let there = format!("https://other.example{OP}");
    let given = || Tape::new().put(&answer(&format!("201 Azure-AsyncOperation:{there}"), "Creating"));
    let done = "200\n{\"status\":\"Succeeded\"}";
    assert_eq!(given().get(&there, done).found(), "?30");
    assert_eq!(
        given().get(&there, done).knobs(|knobs| knobs.trusted_hosts = vec!["other.example".to_owned()]).found(),
        ""
    );
    assert_eq!(created().get(OP, &format!("307 Location:{there}")).get(&there, done).found(), "!30");
    let away = format!("https://other.example{R}");
    let sent_away = || Tape::new().put(&format!("307 Location:{away}")).ask("PUT", &away, "401");
    assert_eq!(sent_away().found(), "!30");
    assert_eq!(sent_away().knobs(|knobs| knobs.trusted_hosts = vec!["other.example".to_owned()]).found(), "");
    assert_eq!(sent_away().change(|interaction| interaction.request.auth = None).found(), "");
    assert_eq!(Tape::new().put(&format!("307 Location:{HOST}{R}")).put("401").found(), "", "on the own host");
    let port = format!("https://management.azure.com:443{OP}");
    assert_eq!(
        Tape::new().put(&answer(&format!("201 Azure-AsyncOperation:{port}"), "Creating")).get(&port, done).found(),
        ""
    );
    let plain = format!("http://management.azure.com{OP}");
    let given = Tape::new().put(&answer(&format!("201 Azure-AsyncOperation:{plain}"), "Creating"));
    assert!(given.clone().get(&plain, done).found().contains("!31"));
    let by_hand = given.get(&plain, done).knobs(|knobs| knobs.plain_http = true);
    assert!(!by_hand.found().contains("31"), "on this machine");
    assert_eq!(created().op("Succeeded").found(), "");

    let of = |who: &'static str| {
        move |interaction: &mut Interaction| {
            interaction.request.auth = Some(Auth { kind: "bearer".to_owned(), stand_in: Some(who.to_owned()) });
        }
    };
    assert_eq!(created().change(of("a")).op("Succeeded").change(of("b")).found(), "!28");
    assert_eq!(created().change(of("a")).op("Succeeded").change(of("a")).found(), "");

    let refused = |times: usize| (0..times).fold(created(), |tape, _| tape.get(OP, "401")).found();
    assert_eq!((refused(2), refused(4)), (String::new(), "?29".to_owned()));

    let with = |tokens: &[usize], tape: Tape| {
        let mut tape = tape.of("OP-07");
        tape.tokens = tokens.to_vec();
        tape
    };
    let twice = || created().get(OP, "401").get(OP, "401");
    assert_eq!(with(&[0, 0, 0], twice().failure("")).found(), "?29", "the token that was refused");
    assert_eq!(with(&[0, 0, 1], twice().failure("")).found(), "", "another one");
    assert_eq!(with(&[0, 0], created().get(OP, "401").failure("")).found(), "", "gave up at once");
    let passed = created().get(OP, "401").op("Succeeded").res("Succeeded").success();
    assert_eq!(with(&[0, 0, 0, 0], passed).found(), "", "a single repetition that was let pass");
}
