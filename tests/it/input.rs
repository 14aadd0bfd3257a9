//! Input that cannot be used: the file, the place in it, what to do, and exit code 2; and what the
//! machine refuses, 3. Each before a client was started.

use std::net::TcpListener;

use crate::harness::{Harness, Ran, shows};

/// A client that must not be started.
const CLIENT: &str = "touch started";

impl Harness {
    /// Replays `tape.json` after it was changed.
    fn replay_changed(&self, change: impl FnOnce(String) -> String) -> Ran {
        self.write("tape.json", change(include_str!("tape.json").to_owned()));
        self.refused(&["replay", "tape.json"])
    }

    fn refused(&self, words: &[&str]) -> Ran {
        let ran = self.around(words, CLIENT);
        assert!(!self.exists("started"), "the client was started: {ran}");
        self.left_nothing();
        ran
    }
}

#[test]
fn a_cassette_that_is_missing() {
    let harness = Harness::new();
    shows!(harness, harness.refused(&["replay", "tape.json"]), @r"
    exit 2
    ----- stderr
    error: tape.json: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn a_cassette_that_is_a_folder() {
    let harness = Harness::new();
    shows!(harness, harness.refused(&["replay", "tmp"]), @"
    exit 2
    ----- stderr
    error: tmp: no recording in this folder
    hint: their names end in .har, .json, .yaml or .yml
    ");
    shows!(harness, harness.refused(&["record", "--upstream", "embedded", "--cassette", "tmp"]), @r"
    exit 2
    ----- stderr
    error: tmp is a folder
    hint: `--cassette` takes a file
    ");
}

#[test]
fn a_cassette_that_is_empty() {
    let harness = Harness::new();
    shows!(harness, harness.replay_changed(|_| String::new()), @r"
    exit 2
    ----- stderr
    error: tape.json: the file is empty
    hint: restore it from version control, or record it again
    ");
}

#[test]
fn a_cassette_without_interactions() {
    let harness = Harness::new();
    shows!(harness, harness.replay_changed(|_| r#"{"armtape": 1, "interactions": []}"#.to_owned()), @r"
    exit 2
    ----- stderr
    error: tape.json: there is no interaction on it
    hint: record it again: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn a_cassette_that_is_cut_off() {
    let harness = Harness::new();
    shows!(harness, harness.replay_changed(|text| text[..700].to_owned()), @r"
    exit 2
    ----- stderr
    error: tape.json: not valid JSON at line 27, column 0: EOF while parsing an object
    hint: the file was cut off or edited by hand: restore it from version control, or record it again
    ");
}

#[test]
fn a_cassette_that_is_no_json() {
    let harness = Harness::new();
    shows!(harness, harness.replay_changed(|_| "armtape: 1\n".to_owned()), @r#"
    exit 2
    ----- stderr
    error: tape.json: not a recording: text of no known format
    hint: a cassette begins with `"armtape": 1`; docs/formats.md names what else is read
    "#);
    shows!(harness, harness.replay_changed(|_| "<html></html>".to_owned()), @r#"
    exit 2
    ----- stderr
    error: tape.json: not a recording: HTML or XML
    hint: a cassette begins with `"armtape": 1`; docs/formats.md names what else is read
    "#);
    shows!(harness, harness.replay_changed(|_| "{\"name\": \"x\"}".to_owned()), @r#"
    exit 2
    ----- stderr
    error: tape.json: not a recording: a JSON object without `armtape`
    hint: a cassette begins with `"armtape": 1`; docs/formats.md names what else is read
    "#);
}

#[test]
fn a_cassette_of_a_newer_version() {
    let harness = Harness::new();
    shows!(harness, harness.replay_changed(|text| text.replace("\"armtape\": 1", "\"armtape\": 2")), @r"
    exit 2
    ----- stderr
    error: tape.json: cassette version 2 is newer than this armtape, which reads up to 1
    hint: update armtape, or record the cassette again with this one
    ");
}

#[test]
fn a_cassette_with_a_wrong_type() {
    let harness = Harness::new();
    let wrong = |text: String| text.replace("\"status\": 200", "\"status\": \"200\"");
    shows!(harness, harness.replay_changed(wrong), @r#"
    exit 2
    ----- stderr
    error: tape.json: invalid at `interactions[2].response.status` (line 54): invalid type: string "200", expected u16
    hint: correct the field (docs/cassette.md, docs/formats.md), or record the cassette again
    "#);
    let wrong = |text: String| text.replace("\"target\": \"/subscriptions/s/operations", "\"target\": \"operations");
    shows!(harness, harness.replay_changed(wrong), @"
    exit 2
    ----- stderr
    error: tape.json: invalid at `interactions[1].request.target` (line 31): expected a path that begins with `/`
    hint: correct the field (docs/cassette.md, docs/formats.md), or record the cassette again
    ");
}

#[test]
fn a_listen_address_that_is_none() {
    let harness = Harness::with_tape();
    shows!(harness, harness.refused(&["replay", "tape.json", "--listen", "8443"]), @r"
    exit 2
    ----- stderr
    error: `--listen 8443` is not HOST:PORT
    hint: for example `127.0.0.1:[PORT]`
    ");
    shows!(harness, harness.refused(&["replay", "tape.json", "--listen", "127.0.0.1:port"]), @r"
    exit 2
    ----- stderr
    error: `--listen 127.0.0.1:port` is not HOST:PORT
    hint: for example `127.0.0.1:[PORT]`
    ");
    shows!(harness, harness.refused(&["record", "--upstream", "embedded", "--listen", "127.0.0.1:99999"]), @r"
    exit 2
    ----- stderr
    error: `--listen 127.0.0.1:[PORT]` is not HOST:PORT
    hint: for example `127.0.0.1:[PORT]`
    ");
}

#[test]
fn a_port_in_use() {
    let harness = Harness::with_tape();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    shows!(harness, harness.refused(&["replay", "tape.json", "--listen", &listen]), @r"
    exit 3
    ----- stderr
    error: 127.0.0.1:[PORT] is in use by another program
    hint: choose another port, or port 0 for a free one
    ");
    let record = ["record", "--upstream", "embedded", "--cassette", "new.json", "--listen", &listen];
    shows!(harness, harness.refused(&record), @r"
    exit 3
    ----- stderr
    error: 127.0.0.1:[PORT] is in use by another program
    hint: choose another port, or port 0 for a free one
    ");
    assert_eq!(harness.names(), ["body.json", "tape.json"]);
}

#[test]
fn an_upstream_that_is_no_url() {
    let harness = Harness::new();
    for url in ["management.azure.com", "ftp://management.azure.com", "https://", "https://a/b"] {
        let ran = harness.refused(&["record", "--upstream", url]).ends_with(2);
        assert!(ran.stderr.contains(url), "{ran}");
    }
    shows!(harness, harness.refused(&["record", "--upstream", "embeded"]), @r"
    exit 2
    ----- stderr
    error: `--upstream embeded` is no URL of a service
    hint: for example `https://management.azure.com`, or `embedded`
    ");
}

#[test]
fn an_authority_that_is_none() {
    let harness = Harness::new();
    harness.write("no.pem", "no certificate");
    let damaged = "-----BEGIN CERTIFICATE-----\nnonsense!\n-----END CERTIFICATE-----\n";
    harness.write("damaged.pem", damaged);
    shows!(harness, harness.refused(&["record", "--upstream-ca", "absent.pem"]), @r"
    exit 2
    ----- stderr
    error: absent.pem: No such file or directory
    hint: `--upstream-ca` takes certificates in PEM
    ");
    shows!(harness, harness.refused(&["record", "--upstream-ca", "no.pem"]), @r"
    exit 2
    ----- stderr
    error: no.pem: there is no certificate in it
    hint: `--upstream-ca` takes certificates in PEM
    ");
    shows!(harness, harness.refused(&["record", "--upstream-ca", "damaged.pem"]), @r"
    exit 2
    ----- stderr
    error: damaged.pem: base64 decode error: InvalidCharacter(33)
    hint: `--upstream-ca` takes certificates in PEM
    ");
}

#[test]
fn a_redirection_that_is_none() {
    let harness = Harness::new();
    shows!(harness, harness.refused(&["record", "--connect-to", "management.azure.com:443"]), @r"
    exit 2
    ----- stderr
    error: invalid value 'management.azure.com:443' for '--connect-to <HOST:PORT:ADDR:PORT>': `management.azure.com:443` is not HOST:PORT:ADDR:PORT

    For more information, try '--help'.
    ");
}

#[test]
fn a_glob_that_is_none() {
    let harness = Harness::new();
    shows!(harness, harness.refused(&["record", "--allow-host", "*.[azure"]), @r"
    exit 2
    ----- stderr
    error: `--allow-host`: error parsing glob '*.[azure': unclosed character class; missing ']'
    hint: for example `*.azure.net`
    ");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let harness = Harness::new();
    harness.write("file", "");
    let record = ["record", "--upstream", "embedded", "--cassette", "file/sub/tape.json"];
    shows!(harness, harness.refused(&record), @r"
    exit 3
    ----- stderr
    error: file/sub: Not a directory
    hint: the cassette could not be written there
    ");
    assert_eq!(harness.names(), ["file"]);
}

#[test]
fn a_client_that_cannot_be_started() {
    let harness = Harness::with_tape();
    shows!(harness, harness.armtape(&["replay", "tape.json", "--", "no-such-client", "x"]), @r"
    exit 2
    ----- stderr
    error: cannot start `no-such-client`: No such file or directory
    hint: the client's command goes behind `--`, as you would type it
    ");
    shows!(harness, harness.armtape(&["record", "--upstream", "embedded", "--", "no-such-client"]), @r"
    exit 2
    ----- stderr
    error: cannot start `no-such-client`: No such file or directory
    hint: the client's command goes behind `--`, as you would type it
    ");
    harness.left_nothing();
}
