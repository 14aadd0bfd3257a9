//! The ways in which a request may come: versions of HTTP, forms of the target, tunnels.

use std::process::Command;

use crate::harness::{Harness, shows};

/// Makes the write of the tape in curl's words, and reads what became of it; shows status and version
/// of the write.
fn ask(words: &str) -> String {
    let harness = Harness::with_tape();
    let ask = format!(
        r#"TARGET=$RESOURCE?api-version=1
        HOST=https://management.azure.com
        curl -sS -w '%{{http_code}} HTTP/%{{http_version}}' -X PUT -H 'content-type: application/json' -d @body.json {words}
        curl -sS -o /dev/null "$HOST$TARGET""#
    );
    harness.around(&["replay", "tape.json"], &ask).ends_with(0).stdout
}

#[test]
fn http1_through_the_proxy() {
    assert_eq!(ask(r#"--http1.1 "$HOST$TARGET""#), "202 HTTP/1.1");
}

#[test]
fn http1_at_the_endpoint() {
    assert_eq!(ask(r#"--http1.1 "$ARMTAPE_ENDPOINT$TARGET""#), "202 HTTP/1.1");
}

#[test]
fn http2() {
    let version = Command::new("curl").arg("--version").output().expect("curl is there");
    if !String::from_utf8_lossy(&version.stdout).contains("HTTP2") {
        eprintln!("skipped: this curl has no HTTP/2");
        return;
    }
    assert_eq!(ask(r#"--http2 "$HOST$TARGET""#), "202 HTTP/2");
    assert_eq!(ask(r#"--http2 "$ARMTAPE_ENDPOINT$TARGET""#), "202 HTTP/2");
    // With TLS or without: prior knowledge on the plain port.
    assert_eq!(ask(r#"--http2-prior-knowledge "$ARMTAPE_PROXY$TARGET""#), "202 HTTP/2");
}

#[test]
fn plain_http_in_origin_form() {
    assert_eq!(ask(r#""$ARMTAPE_PROXY$TARGET""#), "202 HTTP/1.1");
}

/// A way in which a client needs no certificate at all.
#[test]
fn an_absolute_https_target_without_tls() {
    assert_eq!(ask(r#"--request-target "$HOST$TARGET" "$ARMTAPE_PROXY/""#), "202 HTTP/1.1");
}

#[test]
fn a_tunnel_to_armtape_itself() {
    let own = r#"--noproxy '' --proxytunnel -x "$ARMTAPE_PROXY" "#;
    assert_eq!(ask(&format!(r#"{own} --http1.1 "$ARMTAPE_ENDPOINT$TARGET""#)), "202 HTTP/1.1");
    assert_eq!(ask(&format!(r#"{own} "$ARMTAPE_PROXY$TARGET""#)), "202 HTTP/1.1");
}

#[test]
fn a_client_that_is_led_here_under_the_hosts_name() {
    let to = r#"--noproxy '*' --connect-to "::${ARMTAPE_PROXY#http://}""#;
    assert_eq!(ask(&format!(r#"--http1.1 {to} "$HOST$TARGET""#)), "202 HTTP/1.1");
}

#[test]
fn the_clouds_are_told_to_clients_that_ask() {
    let harness = Harness::with_tape();
    let ask = r#"curl -sS "https://management.azure.com/metadata/endpoints?api-version=2022-09-01"
        curl -sS -o /dev/null -w '\n%{http_code}' "$ARMTAPE_ENDPOINT/metadata/endpoints?api-version=2022-09-01""#;
    let ran = harness.around(&["replay", "tape.json"], ask);
    let (clouds, status) = ran.stdout.rsplit_once('\n').unwrap();
    assert_eq!(status, "200", "{ran}");
    let clouds: serde_json::Value = serde_json::from_str(clouds).unwrap();
    assert!(clouds.to_string().contains("https://login.microsoftonline.com"), "{clouds}");
    // Looking around is not what the tape is there for.
    let ran = crate::harness::Ran { stdout: String::new(), ..ran };
    shows!(harness, ran, @r"
    exit 2
    ----- stderr
    armtape: error: nothing was asked of the tape, so nothing was judged
    armtape: likely: the client asked for a token or for the clouds, and then for nothing
    armtape: exit 2, armtape's (the client ended with 0)
    ");
}
