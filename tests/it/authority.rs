//! `armtape ca` and `armtape env`: an authority that is kept, for use by hand.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

use fs_err as fs;
use nix::sys::signal::Signal;

use crate::harness::{Harness, Running, shows};

#[test]
fn an_authority_is_made_once_and_its_key_is_private() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["ca", "--dir", "authority"]), @r"
    exit 0
    ----- stdout
    authority/ca.pem
    ");
    assert_eq!(mode(&harness, "authority/ca.key"), 0o600);
    let made = harness.read("authority/ca.pem");
    assert_eq!(harness.armtape(&["ca", "--dir", "authority", "--pem"]).ends_with(0).stdout, made);
    assert!(harness.read("authority/bundle.pem").starts_with(&made));
}

fn mode(harness: &Harness, name: &str) -> u32 {
    fs::metadata(harness.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn its_place_is_the_users_own_unless_named() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["ca"]), @r"
    exit 0
    ----- stdout
    [FOLDER]/.local/share/armtape/ca.pem
    ");
    let mut command = harness.command(["ca"]);
    shows!(harness, harness.run(command.env("ARMTAPE_CA_DIR", "named")), @r"
    exit 0
    ----- stdout
    named/ca.pem
    ");
    let mut command = harness.command(["ca"]);
    shows!(harness, harness.run(command.env("XDG_DATA_HOME", harness.path("data"))), @r"
    exit 0
    ----- stdout
    [FOLDER]/data/armtape/ca.pem
    ");
    let mut command = harness.command(["ca"]);
    shows!(harness, harness.run(command.env_remove("HOME")), @r"
    exit 2
    ----- stderr
    error: no home folder is known
    hint: name one: `--dir FOLDER`
    ");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let harness = Harness::new();
    harness.armtape(&["ca", "--dir", "authority"]).ends_with(0);
    fs::set_permissions(harness.path("authority/ca.key"), Permissions::from_mode(0o640)).unwrap();
    shows!(harness, harness.armtape(&["ca", "--dir", "authority"]), @r"
    exit 3
    ----- stderr
    error: authority/ca.key can be read by others
    hint: others may have copied it: delete the folder, then `armtape ca` makes a new authority
    ");
    let ran = harness.armtape(&["record", "--upstream", "embedded", "--ca-dir", "authority", "--", "true"]);
    assert_eq!(ran.code(), 3, "{ran}");
}

#[test]
fn an_authority_that_is_not_there_or_damaged() {
    let harness = Harness::with_tape();
    shows!(harness, harness.armtape(&["env", "--dir", "absent"]), @r"
    exit 2
    ----- stderr
    error: absent/ca.pem: No such file or directory
    hint: `armtape ca --dir absent` makes one
    ");
    shows!(harness, harness.armtape(&["replay", "tape.json", "--ca-dir", "absent", "--", "true"]), @r"
    exit 2
    ----- stderr
    error: absent/ca.pem: No such file or directory
    hint: `armtape ca --dir absent` makes one
    ");
    harness.armtape(&["ca", "--dir", "damaged"]).ends_with(0);
    harness.write("damaged/ca.key", "");
    shows!(harness, harness.armtape(&["replay", "tape.json", "--ca-dir", "damaged", "--", "true"]), @r"
    exit 2
    ----- stderr
    error: damaged/ca.key holds no key that can be read
    hint: delete the folder, then `armtape ca --dir damaged` makes a new authority
    ");
    // One that is cut off keeps its folder from being used; it is never made anew in silence.
    shows!(harness, harness.armtape(&["ca", "--dir", "damaged"]), @r"
    exit 2
    ----- stderr
    error: damaged/ca.key holds no key that can be read
    hint: delete the folder, then `armtape ca --dir damaged` makes a new authority
    ");
    harness.write("file", "");
    shows!(harness, harness.armtape(&["ca", "--dir", "file/sub"]), @r"
    exit 3
    ----- stderr
    error: file/sub: Not a directory
    ");
}

#[test]
fn what_a_shell_is_told() {
    let harness = Harness::new();
    harness.armtape(&["ca", "--dir", "it's here"]).ends_with(0);
    let listen = ["--listen", "127.0.0.1:8443"];
    let env = harness.armtape(&[&["env", "--dir", "it's here", "--offline"], &listen[..]].concat());
    shows!(harness, env, @r"
    exit 0
    ----- stdout
    export HTTPS_PROXY='http://127.0.0.1:[PORT]'
    export https_proxy='http://127.0.0.1:[PORT]'
    export HTTP_PROXY='http://127.0.0.1:[PORT]'
    export http_proxy='http://127.0.0.1:[PORT]'
    export NO_PROXY='localhost,127.0.0.1,::1'
    export no_proxy='localhost,127.0.0.1,::1'
    export SSL_CERT_FILE='[FOLDER]/it'\''s here/bundle.pem'
    export REQUESTS_CA_BUNDLE='[FOLDER]/it'\''s here/bundle.pem'
    export CURL_CA_BUNDLE='[FOLDER]/it'\''s here/bundle.pem'
    export NODE_EXTRA_CA_CERTS='[FOLDER]/it'\''s here/bundle.pem'
    export NODE_USE_ENV_PROXY='1'
    export ARMTAPE_ENDPOINT='https://127.0.0.1:[PORT]'
    export ARMTAPE_PROXY='http://127.0.0.1:[PORT]'
    export ARMTAPE_CA='[FOLDER]/it'\''s here/bundle.pem'
    export AZURE_TENANT_ID='11111111-1111-1111-1111-111111111111'
    export AZURE_CLIENT_ID='22222222-2222-2222-2222-222222222222'
    export AZURE_CLIENT_SECRET='armtape-stub-secret'
    export ARM_TENANT_ID='11111111-1111-1111-1111-111111111111'
    export ARM_CLIENT_ID='22222222-2222-2222-2222-222222222222'
    export ARM_CLIENT_SECRET='armtape-stub-secret'
    export ARM_SUBSCRIPTION_ID='00000000-0000-0000-0000-000000000001'
    unset ALL_PROXY
    unset all_proxy
    unset AZURE_FEDERATED_TOKEN_FILE
    unset AZURE_CLIENT_CERTIFICATE_PATH
    unset AZURE_CLIENT_CERTIFICATE_PASSWORD
    unset AZURE_CLIENT_SEND_CERTIFICATE_CHAIN
    unset AZURE_USERNAME
    unset AZURE_PASSWORD
    unset AZURE_POD_IDENTITY_AUTHORITY_HOST
    unset AZURE_REGIONAL_AUTHORITY_NAME
    unset AZURE_TOKEN_CREDENTIALS
    unset MSI_ENDPOINT
    unset MSI_SECRET
    unset IDENTITY_ENDPOINT
    unset IDENTITY_HEADER
    unset IDENTITY_SERVER_THUMBPRINT
    unset IMDS_ENDPOINT
    unset ARM_CLIENT_CERTIFICATE
    unset ARM_CLIENT_CERTIFICATE_PATH
    unset ARM_CLIENT_CERTIFICATE_PASSWORD
    unset ARM_CLIENT_ID_FILE_PATH
    unset ARM_CLIENT_SECRET_FILE_PATH
    unset ARM_USE_OIDC
    unset ARM_OIDC_TOKEN
    unset ARM_OIDC_TOKEN_FILE_PATH
    unset ARM_OIDC_REQUEST_TOKEN
    unset ARM_OIDC_REQUEST_URL
    unset ARM_OIDC_AZURE_SERVICE_CONNECTION_ID
    unset ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID
    unset ARM_USE_AKS_WORKLOAD_IDENTITY
    unset ARM_USE_MSI
    unset ARM_MSI_ENDPOINT
    unset ARM_MSI_API_VERSION
    unset ACTIONS_ID_TOKEN_REQUEST_TOKEN
    unset ACTIONS_ID_TOKEN_REQUEST_URL
    unset SYSTEM_ACCESSTOKEN
    unset SYSTEM_OIDCREQUESTURI
    ");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-ec", "eval \"$1\"; cat \"$ARMTAPE_CA\"", "sh", &env.stdout]).current_dir(harness.path(""));
    assert_eq!(harness.run(&mut shell).stdout, harness.read("it's here/bundle.pem"));
}

#[test]
fn what_a_program_is_told() {
    let harness = Harness::new();
    harness.armtape(&["ca", "--dir", "authority"]).ends_with(0);
    shows!(harness, harness.armtape(&["env", "--dir", "authority", "--json"]), @r#"
    exit 0
    ----- stdout
    {"HTTPS_PROXY":"http://127.0.0.1:[PORT]","https_proxy":"http://127.0.0.1:[PORT]","HTTP_PROXY":"http://127.0.0.1:[PORT]","http_proxy":"http://127.0.0.1:[PORT]","NO_PROXY":"localhost,127.0.0.1,::1","no_proxy":"localhost,127.0.0.1,::1","SSL_CERT_FILE":"[FOLDER]/authority/bundle.pem","REQUESTS_CA_BUNDLE":"[FOLDER]/authority/bundle.pem","CURL_CA_BUNDLE":"[FOLDER]/authority/bundle.pem","NODE_EXTRA_CA_CERTS":"[FOLDER]/authority/bundle.pem","NODE_USE_ENV_PROXY":"1","ARMTAPE_ENDPOINT":"https://127.0.0.1:[PORT]","ARMTAPE_PROXY":"http://127.0.0.1:[PORT]","ARMTAPE_CA":"[FOLDER]/authority/bundle.pem"}
    "#);
}

#[test]
fn a_client_that_trusts_the_kept_authority_is_served() {
    let harness = Harness::with_tape();
    harness.armtape(&["ca", "--dir", "authority"]).ends_with(0);
    let running = harness.start(&["replay", "tape.json", "--ca-dir", "authority"]);
    assert_eq!(status(&harness, &running), "202");
    running.signal(Signal::SIGTERM);
    running.end().ends_with(1);
}

/// Asks the endpoint of a running replay, and trusts the kept authority alone.
fn status(harness: &Harness, running: &Running) -> String {
    let ready: serde_json::Value = serde_json::from_str(&running.line()).unwrap();
    let mut curl = std::process::Command::new("curl");
    curl.args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--noproxy", "*", "--cacert"]);
    curl.arg(harness.path("authority/ca.pem"));
    curl.arg(format!("{}/subscriptions/s/operations/1?api-version=1", ready["endpoint"].as_str().unwrap()));
    harness.run(&mut curl).stdout
}

/// Whoever comes second takes what the first has made: certificate and key belong together.
#[test]
fn several_that_race_make_one_authority() {
    let harness = Harness::with_tape();
    let racing: Vec<_> = (0..8).map(|_| harness.start(&["ca", "--dir", "authority", "--pem"])).collect();
    let mut told: Vec<_> = racing.into_iter().map(|running| running.end().ends_with(0).stdout).collect();
    told.dedup();
    assert_eq!(told, [harness.read("authority/ca.pem")]);
    assert!(harness.read("authority/bundle.pem").starts_with(&told[0]));
    assert_eq!(mode(&harness, "authority/ca.key"), 0o600);
    let running = harness.start(&["replay", "tape.json", "--ca-dir", "authority"]);
    assert_eq!(status(&harness, &running), "202");
}
