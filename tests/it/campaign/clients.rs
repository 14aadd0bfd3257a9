//! Clients that are not as one would wish.

use super::{REFERENCE, check};
use crate::harness::{Harness, shows};

#[test]
fn one_that_cannot_be_started_or_found() {
    let harness = Harness::new();
    let run = |program: &str| harness.armtape(&["check", "--scenario", "SC-001", "--", program]);
    harness.write("not-executable", "");
    assert!(run("./not-executable").ends_with(2).stderr.contains("cannot start `./not-executable`: Permission denied"));
    assert!(run("no-such-client").ends_with(2).stderr.contains("cannot start `no-such-client`: No such file"));
}

#[test]
fn one_that_hangs_without_a_request() {
    let harness = Harness::new();
    let ran = check(&harness, &["--max-time", "2"], "sleep 1000").ends_with(2);
    assert!(ran.stderr.contains("stopped after 2 s: --max-time"), "{ran}");
    assert!(ran.stderr.contains("error: nothing was judged"), "{ran}");
}

#[test]
fn one_that_talks_to_another_host() {
    let harness = Harness::new();
    let script = "curl -s https://management.azure.com/subscriptions?api-version=1; curl -s http://example.com/";
    let ran = check(&harness, &["--scenario", "SC-001"], script).ends_with(2);
    let told = "not judged: SC-001: the client asked example.com, management.azure.com in the place of the URL that it \
                was given: say {url} or {endpoint} in its command, or use --via-proxy";
    assert!(ran.stderr.contains(told), "{ran}");
}

#[test]
fn one_that_does_not_trust_the_certificate() {
    let harness = Harness::new();
    let script = r#"unset CURL_CA_BUNDLE SSL_CERT_FILE; curl -s "$ARMTAPE_URL""#;
    let ran = check(&harness, &["--scenario", "SC-001"], script).ends_with(2);
    assert!(ran.stderr.contains("the client does not trust the certificate of 127.0.0.1"), "{ran}");
}

#[test]
fn one_that_says_why_it_did_nothing() {
    let harness = Harness::new();
    let ran = check(&harness, &["--scenario", "SC-001"], "echo 'no module named azure' >&2; exit 1").ends_with(2);
    assert!(ran.stderr.contains("the client sent no request; it said: no module named azure"), "{ran}");
}

#[test]
fn one_that_does_something_else_than_it_was_asked() {
    let harness = Harness::new();
    let ran = check(&harness, &["--scenario", "SC-001"], r#"curl -s "$ARMTAPE_URL" -o /dev/null"#).ends_with(2);
    assert!(ran.stderr.contains("not judged: SC-001: the client did not send the write"), "{ran}");
}

#[test]
fn one_that_prints_without_end() {
    let harness = Harness::new();
    let script = format!("head -c 100000000 /dev/zero | tr '\\0' x; head -c 100000000 /dev/zero >&2; {REFERENCE}");
    check(&harness, &["--scenario", "SC-001"], &script).ends_with(0);
}

#[test]
fn one_that_leaves_others_running_and_its_output_open() {
    let harness = Harness::new();
    let script = format!("(sleep 1000; touch late) & echo $! > pid; {REFERENCE}");
    check(&harness, &["--scenario", "SC-001"], &script).ends_with(0);
    let pid: i32 = harness.read("pid").trim().parse().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[test]
fn one_that_does_not_end_when_it_is_told_to() {
    let harness = Harness::new();
    // It takes SIGTERM for nothing, and polls in no time.
    let script = r#"trap '' TERM; curl -s -o /dev/null -X PUT -H 'content-type: application/json' \
        -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL"; while :; do sleep 1; done"#;
    let ran = check(&harness, &["--scenario", "SC-001"], script).ends_with(1);
    assert!(ran.stdout.contains("the client still at it when its time was up"), "{ran}");
}

#[test]
fn one_with_a_fixed_endpoint_comes_through_the_proxy() {
    let harness = Harness::new();
    // The second host, the plain listener and the private address have names of their own.
    let client = r#""$BIN" client --resource-id "$ARMTAPE_RESOURCE_ID" --api-version "$ARMTAPE_API_VERSION" \
        --body "$ARMTAPE_BODY_FILE" --interval "$ARMTAPE_INTERVAL" --trusted-hosts "$ARMTAPE_TRUSTED_HOSTS""#;
    let words = ["--via-proxy", "--operations", "put", "--scenario", "SC-{00[1-3],101,194}"];
    let ran = check(&harness, &words, client).ends_with(0);
    assert!(ran.stderr.contains("0 violations, 0 warnings"), "{ran}");
    assert!(!ran.stderr.contains("through a proxy: --via-proxy plays it"), "{ran}");
}

#[test]
fn a_case_of_the_proxy_is_isolated_by_its_listener() {
    let harness = Harness::new();
    let client = r#"echo "$HTTPS_PROXY" >> proxies; exec "$BIN" client --resource-id "$ARMTAPE_RESOURCE_ID" \
        --api-version "$ARMTAPE_API_VERSION" --body "$ARMTAPE_BODY_FILE""#;
    check(&harness, &["--via-proxy", "--scenario", "SC-00[1-4]"], client).ends_with(0);
    let mut proxies: Vec<String> = harness.read("proxies").lines().map(str::to_owned).collect();
    proxies.sort();
    proxies.dedup();
    assert_eq!(proxies.len(), 4);
    shows!(harness, check(&harness, &["--via-proxy", "--plain-http"], "true"), @"
    exit 2
    ----- stderr
    error: the argument '--via-proxy' cannot be used with '--plain-http'

    Usage: armtape check --jobs <N> --via-proxy -- <CMD>...

    For more information, try '--help'.
    ");
}
