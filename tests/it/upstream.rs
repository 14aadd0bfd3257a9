//! A service that cannot be asked: one clear line, exit code 3, and an answer that any client reads.

use crate::{
    harness::{Harness, Ran, shows},
    support::scripted::Scripted,
};

/// Asks for a list, and prints the answer and its status.
const ASK: &str = r#"curl -sS -w '\n%{http_code} %{content_type}\n' \
    https://management.azure.com/subscriptions/s/resourceGroups?api-version=1"#;

fn record(harness: &Harness, words: &[&str], script: &str) -> Ran {
    let ran = harness.around(&[&["record", "--cassette", "new.json"], words].concat(), script);
    assert!(!harness.exists("new.json"), "{ran}");
    harness.left_nothing();
    ran
}

#[test]
fn that_is_down() {
    let harness = Harness::new();
    // Nothing listens on the first port of all; and it is never one that the system chooses.
    let ran = record(&harness, &["--connect-to", "management.azure.com:443:127.0.0.1:1"], ASK);
    shows!(harness, ran, @r#"
    exit 3
    ----- stdout
    {"error":{"code":"ArmtapeUpstream","message":"management.azure.com cannot be reached: Connection refused"}}
    502 application/json; charset=utf-8
    ----- stderr
    armtape: error: management.azure.com cannot be reached: Connection refused
    armtape: hint: check the network, the name and your proxy settings
    armtape: error: nothing was recorded, so no cassette was written
    armtape: exit 3, armtape's (the client ended with 0)
    "#);
}

/// Writes the same in both versions, with a body that nobody has asked for when the way is given up. A stream
/// of HTTP/2 that was reset then showed no answer, now and then.
const WRITE: &str = r#"for version in --http1.1 --http2 --http2 --http2 --http2 --http2 --http2 --http2; do
    curl -sS $version -w '\n%{http_code}\n' -X PUT -H 'content-type: application/json' -d '{"location": "westus"}' \
        'https://management.azure.com/subscriptions/s/resourceGroups/g?api-version=1'
done"#;

#[test]
fn that_cannot_be_asked_for_a_write_either() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let distrusted = format!("management.azure.com:443:{}", service.address());
    for (to, why) in [
        (&*distrusted, "is not trusted: invalid peer certificate: UnknownIssuer"),
        ("management.azure.com:443:127.0.0.1:1", "cannot be reached: Connection refused"),
    ] {
        let ran = record(&harness, &["--connect-to", to], WRITE);
        assert_eq!(ran.code(), 3, "{ran}");
        assert_eq!(ran.stdout.matches("\n502\n").count(), 8, "{ran}");
        assert!(ran.stderr.contains(&format!("armtape: error: management.azure.com {why}")), "{ran}");
        assert!(!harness.exists("new.json.new"), "{ran}");
    }
    assert!(service.seen().is_empty());
}

#[test]
fn that_is_not_trusted() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let to = format!("management.azure.com:443:{}", service.address());
    shows!(harness, record(&harness, &["--connect-to", &to], ASK), @r#"
    exit 3
    ----- stdout
    {"error":{"code":"ArmtapeUpstream","message":"management.azure.com is not trusted: invalid peer certificate: UnknownIssuer"}}
    502 application/json; charset=utf-8
    ----- stderr
    armtape: error: management.azure.com is not trusted: invalid peer certificate: UnknownIssuer
    armtape: hint: if its authority is your own, name it: `--upstream-ca FILE`
    armtape: error: nothing was recorded, so no cassette was written
    armtape: exit 3, armtape's (the client ended with 0)
    "#);
    assert!(service.seen().is_empty());
}

#[test]
fn that_speaks_no_tls() {
    let harness = Harness::new();
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("management.azure.com:443:{}", plain.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = std::io::Read::read(&mut stream, &mut [0; 1024]);
    });
    shows!(harness, record(&harness, &["--connect-to", &to], ASK), @r#"
    exit 3
    ----- stdout
    {"error":{"code":"ArmtapeUpstream","message":"management.azure.com does not answer in TLS: received corrupt message of type InvalidContentType"}}
    502 application/json; charset=utf-8
    ----- stderr
    armtape: error: management.azure.com does not answer in TLS: received corrupt message of type InvalidContentType
    armtape: hint: check the port, and your proxy settings
    armtape: error: nothing was recorded, so no cassette was written
    armtape: exit 3, armtape's (the client ended with 0)
    "#);
    answering.join().unwrap();
}

#[test]
fn that_goes_away_before_it_answers() {
    let harness = Harness::new();
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", plain.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let _ = std::io::Read::read(&mut stream, &mut [0; 1024]);
    });
    let ask = r#"curl -sS -w '\n%{http_code}\n' "$ARMTAPE_ENDPOINT/x""#;
    shows!(harness, record(&harness, &["--upstream", &url], ask), @"
    exit 92
    ----- stdout

    000
    ----- stderr
    curl: (92) HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)
    armtape: 1 interaction on new.json.new, pending: the client did not end well
    armtape: to accept it: armtape accept new.json.new; to throw it away: armtape reject new.json.new
    armtape: exit 92, the client's own
    ");
    answering.join().unwrap();
}

#[test]
fn that_is_at_a_private_address_which_nobody_named() {
    let harness = Harness::new();
    let ask = "curl -sS -w '\\n%{http_code}\\n' https://127.0.0.1:1/x --noproxy ''";
    shows!(harness, record(&harness, &["--allow-host", "127.0.0.1"], ask), @r#"
    exit 3
    ----- stdout
    {"error":{"code":"ArmtapeUpstream","message":"127.0.0.1:1 cannot be reached: 127.0.0.1 is a private address; `--allow-private` allows it"}}
    502
    ----- stderr
    armtape: error: 127.0.0.1:1 cannot be reached: 127.0.0.1 is a private address; `--allow-private` allows it
    armtape: error: nothing was recorded, so no cassette was written
    armtape: exit 3, armtape's (the client ended with 0)
    "#);
}

/// The writes before the service went away are kept, and the exit code says that it did.
#[test]
fn that_goes_away_half_way() {
    let harness = Harness::new();
    let service = Scripted::start().unwrap();
    let to = format!("management.azure.com:443:{}", service.address());
    let ca = service.authority().display().to_string();
    let script = r#"curl -sS -o /dev/null https://management.azure.com/subscriptions/s/x?api-version=1
        curl -sS -o /dev/null -w '%{http_code}\n' https://westus.management.azure.com/x"#;
    let words = ["--connect-to", &to, "--connect-to", "westus.management.azure.com:443:127.0.0.1:1"];
    let words = [&["record", "--cassette", "new.json", "--upstream-ca", &ca], &words[..]].concat();
    let ran = harness.around(&words, script);
    shows!(harness, ran, @r"
    exit 3
    ----- stdout
    502
    ----- stderr
    armtape: error: westus.management.azure.com cannot be reached: Connection refused
    armtape: hint: check the network, the name and your proxy settings
    armtape: 1 interaction on new.json (new)
    armtape: exit 3, armtape's (the client ended with 0)
    ");
}
