//! Recordings of other tools are searched and cleaned as ours are, and one that is bad hides no other.

use crate::harness::Harness;

/// The credentials that every recording below holds. None of them is anybody's.
const SECRETS: [&str; 5] = [BEARER, "dXNlcjpodW50ZXIy", "auxiliary-q8Zr2LkT0v", "sent-cookie-7d1", "set-cookie-9e4"];
const BEARER: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

/// The places of these credentials, with the rule that finds each.
const PLACES: [&str; 5] = [
    "request.headers.authorization: header-credential",
    "request.headers.cookie: header-credential",
    "request.headers.proxy-authorization: header-credential",
    "request.headers.x-ms-authorization-auxiliary: header-credential",
    "response.headers.set-cookie: header-credential",
];

const URL: &str = "https://management.azure.com/providers?api-version=1";

/// The headers of request and answer as members of JSON objects.
fn in_json() -> (String, String) {
    let request = format!(
        r#""Authorization": "Bearer {BEARER}", "Proxy-Authorization": "Basic {}", "x-ms-authorization-auxiliary": "Bearer {}", "Cookie": "a={}""#,
        SECRETS[1], SECRETS[2], SECRETS[3]
    );
    (request, format!(r#""Set-Cookie": "b={}""#, SECRETS[4]))
}

/// As the lines of a YAML mapping, each `indent` spaces in.
fn in_yaml(indent: usize) -> (String, String) {
    let lines = |members: String| members.replace(", \"", &format!("\n{}\"", " ".repeat(indent)));
    let (request, answer) = in_json();
    let line = |text: String| format!("{}{}", " ".repeat(indent), lines(text));
    (line(request), line(answer))
}

/// As name and value in a list, which HAR has.
fn in_har() -> (String, String) {
    let pairs = |members: String| {
        let pairs = members.split(", ").map(|member| {
            let (name, value) = member.split_once(": ").unwrap();
            format!(r#"{{"name": {name}, "value": {value}}}"#)
        });
        pairs.collect::<Vec<_>>().join(", ")
    };
    let (request, answer) = in_json();
    (pairs(request), pairs(answer))
}

/// A recording of each format: file name, text, and the line on which its interaction begins.
fn recordings() -> [(&'static str, String, usize); 7] {
    let (request, answer) = in_json();
    let (har_request, har_answer) = in_har();
    let (yaml_request, yaml_answer) = in_yaml(6);
    [
        (
            "dotnet.json",
            format!(
                "{{\"Entries\": [\n{{\"RequestUri\": \"/providers?api-version=1\", \"RequestMethod\": \"GET\", \
                 \"RequestHeaders\": {{{request}}}, \"StatusCode\": 200, \"ResponseHeaders\": {{{answer}}}}}], \"Names\": {{}}}}"
            ),
            2,
        ),
        (
            "proxy.json",
            format!(
                "{{\"Entries\": [\n{{\"RequestUri\": \"{URL}\", \"RequestMethod\": \"GET\", \
                 \"RequestHeaders\": {{{request}}}, \"StatusCode\": 200, \"ResponseHeaders\": {{{answer}}}}}]}}"
            ),
            2,
        ),
        (
            "java.json",
            format!(
                "{{\"networkCallRecords\": [\n{{\"Method\": \"GET\", \"Uri\": \"{URL}\", \"Headers\": {{{request}}}, \
                 \"Response\": {{\"StatusCode\": \"200\", {answer}}}}}]}}"
            ),
            2,
        ),
        (
            "browser.har",
            format!(
                "{{\"log\": {{\"version\": \"1.2\", \"entries\": [\n{{\"request\": {{\"method\": \"GET\", \"url\": \"{URL}\", \
                 \"headers\": [{har_request}]}}, \"response\": {{\"status\": 200, \"headers\": [{har_answer}]}}}}]}}}}"
            ),
            2,
        ),
        (
            "ruby.yml",
            format!(
                "---\nhttp_interactions:\n- request:\n    method: get\n    uri: {URL}\n    headers:\n{yaml_request}\n  \
                 response:\n    status:\n      code: 200\n    headers:\n{yaml_answer}\n"
            ),
            3,
        ),
        (
            "go.yaml",
            format!(
                "---\nversion: 1\ninteractions:\n- request:\n    url: {URL}\n    method: GET\n    headers:\n{yaml_request}\n  \
                 response:\n    code: 200\n    headers:\n{yaml_answer}\n"
            ),
            4,
        ),
        (
            "python.yaml",
            format!(
                "interactions:\n- request:\n    uri: {URL}\n    method: GET\n    headers:\n{yaml_request}\n  \
                 response:\n    status:\n      code: 200\n    headers:\n{yaml_answer}\n"
            ),
            2,
        ),
    ]
}

fn assert_silent(texts: &[&str]) {
    for secret in SECRETS {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret}: {texts:#?}");
    }
}

#[test]
fn credentials_are_found_and_taken_out_whoever_recorded_them() {
    let harness = Harness::new();
    for (name, text, line) in recordings() {
        harness.write(name, &text);
        let scanned = harness.armtape(&["scan", name]);
        let expected: Vec<_> = PLACES.iter().map(|place| format!("{name}:{line}: interactions[0].{place}")).collect();
        assert_eq!(scanned.stdout.lines().collect::<Vec<_>>(), expected, "{scanned}");
        assert_eq!(scanned.code(), 1, "{scanned}");
        assert_silent(&[&scanned.stdout, &scanned.stderr]);

        let dry = harness.armtape(&["redact", name]);
        assert!(dry.code() == 1 && dry.stderr.contains("to be replaced: header-credential 5"), "{dry}");
        assert_eq!(harness.read(name), text);
        let redacted = harness.armtape(&["redact", "--in-place", name]);
        assert!(redacted.code() == 0 && redacted.stderr.contains("replaced: header-credential 5"), "{redacted}");
        let clean = harness.read(name);
        assert_silent(&[&clean, &redacted.stdout, &redacted.stderr]);
        // Nor does anything stand for them: credentials are on no tape.
        assert!(!clean.contains("armtape-") && clean.contains("/providers?api-version=1"), "{clean}");
        assert_eq!(harness.armtape(&["scan", name]).code(), 0);
    }
}

#[test]
fn what_is_replayed_or_converted_has_no_credentials() {
    let harness = Harness::new();
    for (name, text, _) in recordings() {
        harness.write(name, &text);
        let converted = harness.armtape(&["convert", "--raw", "--force", name, "-o", "out.json"]);
        assert_eq!(converted.code(), 0, "{converted}");
        assert_silent(&[&harness.read("out.json")]);
    }
}

#[test]
fn cookies_that_an_archive_lists_beside_the_headers_are_found() {
    let harness = Harness::new();
    let entry = |side: &str| {
        format!(
            r#"{{"request": {{"method": "GET", "url": "{URL}", "cookies": [{{"name": "a", "value": "sent-cookie-7d1"}}]}},
            "response": {{"status": 200, {side}}}}}"#
        )
    };
    let log = |entry: String| format!("{{\"log\": {{\"version\": \"1.2\", \"entries\": [\n{entry}]}}}}");
    harness.write("a.har", log(entry(r#""cookies": [{"name": "b", "value": "set-cookie-9e4"}]"#)));
    let scanned = harness.armtape(&["scan", "a.har"]);
    assert_eq!(
        scanned.stdout,
        "a.har:2: interactions[0].request.headers.cookie: header-credential\n\
         a.har:2: interactions[0].response.headers.set-cookie: header-credential\n",
        "{scanned}"
    );
    assert_eq!(harness.armtape(&["redact", "--in-place", "a.har"]).code(), 0);
    assert_silent(&[&harness.read("a.har")]);
    // Cookies of another shape hinder nobody.
    harness.write("b.har", log(entry(r#""cookies": {"b": 1}"#)));
    assert_eq!(harness.armtape(&["show", "b.har"]).code(), 0);
}

#[test]
fn what_stands_for_a_credential_already_is_none() {
    let harness = Harness::new();
    for stands in ["Sanitized", "Bearer Sanitized", "Basic {TOKEN}", "Bearer ***"] {
        let (_, text, _) = recordings().into_iter().find(|(name, ..)| *name == "proxy.json").unwrap();
        let (before, behind) = text.split_once("\"RequestHeaders\": {").unwrap();
        let behind = behind.split_once('}').unwrap().1.split_once("{\"Set-Cookie\"").unwrap().0.to_owned() + "{}}]}";
        let text = format!("{before}\"RequestHeaders\": {{\"Authorization\": \"{stands}\"}}{behind}");
        harness.write("a.json", &text);
        let scanned = harness.armtape(&["scan", "a.json"]);
        assert!(scanned.code() == 0 && scanned.stdout.is_empty(), "{stands}: {scanned}");
        let redacted = harness.armtape(&["redact", "--in-place", "a.json"]);
        assert!(redacted.stderr.contains("nothing to replace"), "{redacted}");
        assert_eq!(harness.read("a.json"), text);
    }
}

#[test]
fn one_that_cannot_be_read_hides_no_other() {
    let harness = Harness::new();
    let [(_, clear, _), ..] = recordings();
    harness.write("old/a.json", "{\"armtape\": 1, \"interactions\": [");
    harness.write("old/b.json", &clear);
    harness.write("old/c.yaml", "interactions:\n- 1\n");
    harness.write("old/package.json", "{}");
    let scanned = harness.armtape(&["scan", "old", "nowhere.json"]);
    assert_eq!(scanned.code(), 2, "{scanned}");
    for bad in ["old/a.json: ", "old/c.yaml: ", "nowhere.json: "] {
        assert!(scanned.stderr.contains(&format!("error: {bad}")), "{bad}: {scanned}");
    }
    assert_eq!(scanned.stdout.matches("header-credential").count(), 5, "{scanned}");
    assert!(scanned.stderr.contains("armtape: passed over as no recording: old/package.json\n"), "{scanned}");

    let redacted = harness.armtape(&["redact", "--in-place", "old", "nowhere.json"]);
    assert_eq!(redacted.code(), 2, "{redacted}");
    for bad in ["old/a.json: ", "old/c.yaml: ", "nowhere.json: "] {
        assert!(redacted.stderr.contains(&format!("error: {bad}")), "{bad}: {redacted}");
    }
    assert!(redacted.stderr.contains("nothing was written"), "{redacted}");
    assert_eq!(harness.read("old/b.json"), clear);
}

#[test]
fn a_folder_without_a_recording_is_named() {
    let harness = Harness::new();
    harness.write("old/package.json", "{}");
    let scanned = harness.armtape(&["scan", "old"]);
    assert!(scanned.code() == 2 && scanned.stderr.contains("old: no recording in this folder"), "{scanned}");
}

#[test]
fn what_is_not_searched_is_named_once() {
    let harness = Harness::new();
    let [(_, clear, _), ..] = recordings();
    harness.write("old/clear.json", &clear);
    for number in 1..=7 {
        harness.write(&format!("old/settings-{number}.json"), r#"{"password": "hunter2-hunter2"}"#);
    }
    let names: Vec<String> = (1..=5).map(|number| format!("old/settings-{number}.json")).collect();
    let line = format!("armtape: passed over as no recording: {} and 2 more\n", names.join(", "));
    for words in [&["scan", "old"][..], &["redact", "old"], &["redact", "--in-place", "old"]] {
        let ran = harness.armtape(words);
        assert_eq!(ran.stderr.matches(&line).count(), 1, "{ran}");
    }
}

#[test]
fn scan_and_redact_count_alike() {
    let harness = Harness::new();
    let key = "/subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301/x";
    let entry = |body: &str| {
        format!(
            r#"{{"RequestUri": "https://h{key}", "RequestMethod": "GET", "StatusCode": 200, "ResponseHeaders": {{"Content-Type": "application/json"}}, "ResponseBody": {body}}}"#
        )
    };
    // The password is mentioned before it is named.
    let (early, late) = (r#"{"note": "it is hunter2-hunter2"}"#, r#"{"password": "hunter2-hunter2"}"#);
    harness.write("a.json", format!("{{\"Entries\": [{}, {}]}}", entry(early), entry(late)));
    let scanned = harness.armtape(&["scan", "a.json"]);
    assert!(scanned.stderr.contains("2 values in 4 places in 2 interactions"), "{scanned}");
    let redacted = harness.armtape(&["redact", "a.json"]);
    assert!(redacted.stderr.contains("password-name 2, subscription-id 2"), "{redacted}");
}
