//! Without a client of its own: the line when ready, and the account at the end.

use nix::sys::signal::Signal;

use crate::harness::{EMBEDDED, Harness, RESOURCE, Ran, Running, environment_of, shows, steps};

/// Runs the reference client with the environment of the ready line.
fn client(harness: &Harness, ready: &str, words: &[&str]) -> Ran {
    let mut command = harness.command(["client", "--interval", "0.05"]);
    command.args(words).envs(environment_of(ready));
    harness.run(&mut command)
}

fn end(running: Running) -> Ran {
    running.signal(Signal::SIGTERM);
    running.end()
}

#[test]
fn the_line_when_ready() {
    let harness = Harness::with_tape();
    let running = harness.start(&["replay", "tape.json"]);
    let ready: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
    shows!(harness, format!("{ready:#}"), @r#"
    {
      "endpoint": "https://127.0.0.1:[PORT]",
      "proxy": "http://127.0.0.1:[PORT]",
      "ca": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
      "environment": {
        "HTTPS_PROXY": "http://127.0.0.1:[PORT]",
        "https_proxy": "http://127.0.0.1:[PORT]",
        "HTTP_PROXY": "http://127.0.0.1:[PORT]",
        "http_proxy": "http://127.0.0.1:[PORT]",
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "SSL_CERT_FILE": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
        "REQUESTS_CA_BUNDLE": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
        "CURL_CA_BUNDLE": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
        "NODE_EXTRA_CA_CERTS": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
        "NODE_USE_ENV_PROXY": "1",
        "ARMTAPE_ENDPOINT": "https://127.0.0.1:[PORT]",
        "ARMTAPE_PROXY": "http://127.0.0.1:[PORT]",
        "ARMTAPE_CA": "[FOLDER]/tmp/armtape-ca-[RANDOM].pem",
        "AZURE_TENANT_ID": "11111111-1111-1111-1111-111111111111",
        "AZURE_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
        "AZURE_CLIENT_SECRET": "armtape-stub-secret",
        "ARM_TENANT_ID": "11111111-1111-1111-1111-111111111111",
        "ARM_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
        "ARM_CLIENT_SECRET": "armtape-stub-secret",
        "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000001"
      },
      "unset": [
        "ALL_PROXY",
        "all_proxy",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
        "AZURE_USERNAME",
        "AZURE_PASSWORD",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        "AZURE_REGIONAL_AUTHORITY_NAME",
        "AZURE_TOKEN_CREDENTIALS",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "IMDS_ENDPOINT",
        "ARM_CLIENT_CERTIFICATE",
        "ARM_CLIENT_CERTIFICATE_PATH",
        "ARM_CLIENT_CERTIFICATE_PASSWORD",
        "ARM_CLIENT_ID_FILE_PATH",
        "ARM_CLIENT_SECRET_FILE_PATH",
        "ARM_USE_OIDC",
        "ARM_OIDC_TOKEN",
        "ARM_OIDC_TOKEN_FILE_PATH",
        "ARM_OIDC_REQUEST_TOKEN",
        "ARM_OIDC_REQUEST_URL",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_USE_AKS_WORKLOAD_IDENTITY",
        "ARM_USE_MSI",
        "ARM_MSI_ENDPOINT",
        "ARM_MSI_API_VERSION",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "SYSTEM_ACCESSTOKEN",
        "SYSTEM_OIDCREQUESTURI"
      ]
    }
    "#);
    let ca = ready["ca"].as_str().unwrap();
    assert!(std::fs::read_to_string(ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    // Nobody came.
    shows!(harness, end(running), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was asked of the tape, so nothing was judged
    armtape: likely: no client came: `armtape env` prints what it needs
    armtape: exit 2
    ");
    harness.left_nothing();
}

#[test]
fn replay_without_a_client() {
    let harness = Harness::with_tape();
    let running = harness.start(&["replay", "tape.json"]);
    let ready = running.line();
    client(&harness, &ready, &["--resource-id", RESOURCE, "--api-version", "1", "--body", "body.json"]).ends_with(0);
    shows!(harness, end(running), @r"
    exit 0
    ----- stderr
    armtape: ended at the first poll, polling not exercised (try `--polls 2`): PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1 (interaction 1)
    armtape: 2 requests answered from the tape, 0 missing
    armtape: exit 0
    ");
    harness.left_nothing();
}

#[test]
fn replay_without_a_client_and_with_findings() {
    let harness = Harness::with_tape();
    let running = harness.start(&["replay", "tape.json"]);
    let ready = running.line();
    client(&harness, &ready, &["--resource-id", RESOURCE, "--api-version", "2", "--body", "body.json"]).ends_with(1);
    assert_eq!(end(running).code(), 1);
}

#[test]
fn record_without_a_client() {
    let harness = Harness::new();
    let running = harness.start(&[&["record", "--cassette", "new.json"], EMBEDDED].concat());
    let ready = running.line();
    client(&harness, &ready, &[]).ends_with(0);
    shows!(harness, end(running), @r"
    exit 0
    ----- stderr
    armtape: 2 interactions on new.json (new)
    armtape: exit 0
    ");
    assert_eq!(steps(&harness.path("new.json")).len(), 2);
    harness.left_nothing();
}

#[test]
fn record_when_nobody_came() {
    let harness = Harness::new();
    let running = harness.start(&[&["record", "--cassette", "new.json"], EMBEDDED].concat());
    running.line();
    shows!(harness, end(running), @r"
    exit 2
    ----- stderr
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: no client came: `armtape env` prints what it needs
    armtape: exit 2
    ");
    assert!(harness.names().is_empty());
}

#[test]
fn record_by_hand_is_nobodys_open_proxy() {
    let harness = Harness::new();
    let running = harness.start(&["record", "--cassette", "new.json", "--allow-private"]);
    let ready: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut curl = std::process::Command::new("curl");
    curl.args(["-s", "--noproxy", "", "-w", "%{http_connect}", "-x", ready["proxy"].as_str().unwrap()]);
    curl.arg(format!("https://{}/", other.local_addr().unwrap()));
    assert_eq!(harness.run(&mut curl).stdout, "403");
    shows!(harness, end(running), @r"
    exit 2
    ----- stderr
    armtape: refused: 127.0.0.1 (1 attempt); `--allow-host 127.0.0.1` tapes it
    armtape: error: nothing was recorded, so no cassette was written
    armtape: likely: the client asked only for 127.0.0.1: `--allow-host` tapes a host
    armtape: exit 2
    ");
}
