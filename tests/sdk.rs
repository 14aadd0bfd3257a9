//! Real clients: Azure SDKs, unmodified, each driven by a small script that knows nothing of armtape
//! (`tests/clients/`), and the Azure CLI.

mod support;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use armtape::cassette::Cassette;
use fs_err as fs;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

use support::{
    clients,
    observed::OBSERVED,
    process::{self, Output},
    scripted::Scripted,
    shared::shared,
    trial::{Need, trial},
};

/// What a client may take that waits where the service says so.
const LIVE: Duration = Duration::from_secs(60);

/// What a client may take that is made to wait nowhere. Less than the half minute that the Python
/// client waits where nothing tells it when to come back.
const REPLAYED: Duration = Duration::from_secs(25);

/// What a whole campaign may take.
const CAMPAIGN: Duration = Duration::from_secs(900);

/// Generated services of a short look; docs/clients.md says what a long one found.
const GENERATED: usize = 12;

/// The subscription of the tapes that are kept.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

/// Stands in the environment for a secret of the user.
const SECRET: &str = "a-secret-that-must-never-be-seen";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for client in [Client::Python, Client::Js] {
        trials.push(client.trial("help", move || help(client)));
        trials.push(client.trial("through_a_proxy", move || alone(client, Mode::Forward)));
        trials.push(client.trial("at_an_endpoint", move || alone(client, Mode::Reverse)));
    }
    trials.extend(armtape());
    libtest_mimic::run(&arguments, trials).exit();
}

/// The trials of the command.
fn armtape() -> Vec<Trial> {
    let mut trials = Vec::new();
    for client in [Client::Python, Client::Js] {
        trials.push(client.trial("is_recorded_and_replayed_forward", move || round_trip(client, Mode::Forward)));
        trials.push(client.trial("is_recorded_and_replayed_reverse", move || round_trip(client, Mode::Reverse)));
        trials.push(client.trial("recorded_again_changes_nothing", move || recorded_again(client)));
        trials.push(client.trial("does_in_scenarios_what_was_observed", move || scenarios(client)));
        trials.push(client.trial("is_checked", move || checked(client, 0, &["SC-0[0-3]*"]).map(drop)));
        let generated = move || checked(client, GENERATED, &["GEN-*"]).map(drop);
        trials.push(client.trial("is_checked_in_generated_services", generated));
        let whole = client.trial("does_what_is_known_of_it", move || does_what_is_known(client));
        trials.push(whole.with_ignored_flag(true));
        for (tape, polls) in kept_tapes() {
            let name = format!("replays_{tape}_with_{}_polls", polls.unwrap_or("no"));
            trials.push(client.trial(&name, move || kept_tape(client, tape, polls)));
        }
    }
    for client in [Client::NewerJs, Client::Go] {
        trials.push(client.trial("is_recorded_and_replayed_forward", move || round_trip(client, Mode::Forward)));
        trials.push(client.trial("is_recorded_and_replayed_reverse", move || round_trip(client, Mode::Reverse)));
        trials.push(client.trial("is_checked", move || checked(client, 0, &["SC-0[0-3]*"]).map(drop)));
        let generated = move || checked(client, GENERATED, &["GEN-*"]).map(drop);
        trials.push(client.trial("is_checked_in_generated_services", generated));
        let whole = client.trial("does_what_is_known_of_it", move || does_what_is_known(client));
        trials.push(whole.with_ignored_flag(true));
    }
    trials.push(trial("az_is_recorded_and_replayed", &[Need::Az], az_round_trip));
    trials.push(trial("az_is_checked", &[Need::Az], az_checked));
    for (tape, polls) in kept_tapes() {
        let name = format!("reference_client_replays_{tape}_with_{}_polls", polls.unwrap_or("no"));
        trials.push(trial(&name, &[], move || kept_tape_for_reference(tape, polls)));
    }
    trials.push(trial("python_is_checked_through_the_proxy", &[Need::Python], through_the_proxy));
    trials.push(trial("own_tapes_are_played_to_their_commands", &[Need::Python, Need::Node], own_tapes));
    trials.push(trial("dotnet_recording_replays_for_python", &[Need::Python, Need::Shared], dotnet_recording));
    trials
}

/// The tapes that are kept, each at `--pace instant` and with running answers.
fn kept_tapes() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let tapes = ["python-create-update.json", "js-create-update.json"];
    tapes.into_iter().flat_map(|tape| [(tape, None), (tape, Some("3"))])
}

/// How a client is pointed at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It believes that it talks to the real host; `HTTPS_PROXY` leads it elsewhere.
    Forward,
    /// It is told another endpoint.
    Reverse,
}

#[derive(Clone, Copy, Debug)]
enum Client {
    Python,
    Js,
    /// The generation of SDKs after that of [`Client::Js`].
    NewerJs,
    Go,
}

impl Client {
    fn trial(self, name: &str, run: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
        match self {
            Self::Python => trial(&format!("python_{name}"), &[Need::Python], run),
            Self::Js => trial(&format!("js_{name}"), &[Need::Node], run),
            Self::NewerJs => trial(&format!("newer_js_{name}"), &[Need::NewerJs], run),
            Self::Go => trial(&format!("go_{name}"), &[Need::Go], run),
        }
    }

    /// The words that start it, without arguments.
    fn words(self) -> Result<Vec<OsString>, String> {
        Ok(match self {
            Self::Python => vec![clients::python()?.into(), clients::python_script().into()],
            Self::Js => {
                let (node, folder) = clients::node()?;
                vec![node.into(), folder.join("create_update.mjs").into()]
            }
            Self::NewerJs => {
                let (node, script) = clients::newer_js()?;
                vec![node.into(), script.into()]
            }
            Self::Go => vec![clients::go()?.into()],
        })
    }

    /// The words that create and update the profile of the page.
    fn create_and_update(self) -> Result<Vec<OsString>, String> {
        let mut words = self.words()?;
        words.extend(["--subscription", SUBSCRIPTION].map(OsString::from));
        Ok(words)
    }
}

fn help(client: Client) -> Result<(), Failed> {
    let output = process::run(&mut command(&with(client.words()?, &["--help"])), LIVE)?.success()?;
    ensure(output.stdout.contains("--resource-group"), || output.stdout.clone())
}

/// The client alone with the service of the test: that it works, and what it does.
fn alone(client: Client, mode: Mode) -> Result<(), Failed> {
    let service = Scripted::start()?;
    let endpoint = format!("https://{}", service.address());
    let mut words = client.create_and_update()?;
    if mode == Mode::Reverse {
        words = with(words, &["--endpoint", &endpoint]);
    }
    let mut command = command(&words);
    // Sign-in goes through the proxy in both modes.
    command.env("HTTPS_PROXY", format!("http://{}", service.address())).env("NO_PROXY", "127.0.0.1");
    for variable in ["REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        command.env(variable, service.authority());
    }
    for (variable, value) in [
        ("AZURE_TENANT_ID", "2f6f1b0c-5a0e-4e55-8a0f-0d6d1f3c7b21"),
        ("AZURE_CLIENT_ID", "9c1b7a54-77f2-4c5e-b0f5-64a3e1d2c908"),
        ("AZURE_CLIENT_SECRET", SECRET),
    ] {
        command.env(variable, value);
    }
    succeeded(&process::run(&mut command, LIVE)?.success()?)?;

    let host = match mode {
        Mode::Forward => "management.azure.com".to_owned(),
        Mode::Reverse => service.address().to_string(),
    };
    let (sign_in, arm): (Vec<_>, Vec<_>) = service.seen().into_iter().partition(|seen| seen.host != host);
    let token = sign_in.iter().filter(|seen| seen.path.ends_with("/oauth2/v2.0/token")).count();
    ensure(token == 1, || format!("one token request expected: {sign_in:#?}"))?;
    let steps: Vec<_> = arm.iter().map(|seen| (seen.method.as_str(), seen.status)).collect();
    ensure(steps == [("PUT", 202), ("GET", 202), ("GET", 200), ("PUT", 200)], || format!("{steps:?}"))?;
    ensure(body(&arm[0].body)? == page(), || format!("not the body of the page: {:?}", arm[0].body))?;
    ensure(body(&arm[3].body)?["properties"]["displayName"].is_object(), || format!("no update: {:?}", arm[3].body))
}

/// Record, then replay with the service gone.
fn round_trip(client: Client, mode: Mode) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let tape = folder.path().join("create-profile.json");
    let words = match mode {
        Mode::Forward => client.create_and_update()?,
        Mode::Reverse => at_the_endpoint(client.create_and_update()?),
    };

    let mut record = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    record.arg("record").arg("--cassette").arg(&tape).args(["--upstream", "embedded", "--"]).args(&words);
    record.env("AZURE_CLIENT_SECRET", SECRET);
    succeeded(&process::run(&mut record, LIVE)?.success()?)?;
    // Go reads what it has made once more.
    let reads: &[u64] = if matches!(client, Client::Go) { &[202, 200, 200, 200] } else { &[202, 200] };
    holds_create_and_update(&tape, reads)?;
    succeeded(&replay(&tape, None, &words)?)?;

    // Recorded again: other ids, other dates, another number of polls, and nothing changes.
    let accepted = fs::read(&tape)?;
    let mut again = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    again
        .arg("record")
        .arg("--cassette")
        .arg(&tape)
        .args(["--upstream", "embedded", "--polls", "3", "--"])
        .args(&words);
    succeeded(&process::run(&mut again, LIVE)?.success()?)?;
    ensure(fs::read(&tape)? == accepted, || "the accepted tape was changed".to_owned())?;
    ensure(!tape.with_extension("json.new").exists(), || "a recording is pending though nothing changed".to_owned())
}

/// How often the same thing is recorded again: 20 is the long form.
const AGAIN: &str = "ARMTAPE_AGAIN";

/// Four profiles are created and updated at once, by a service that draws ids, dates, counters and
/// the number of polls anew: the accepted tape stays, byte for byte, and serves the client.
fn recorded_again(client: Client) -> Result<(), Failed> {
    let runs = std::env::var(AGAIN).map_or(Ok(3), |runs| runs.parse::<u32>())?;
    let folder = tempfile::tempdir()?;
    let tape = folder.path().join("four-profiles.json");
    let words = with(client.create_and_update()?, &["--parallel", "4", "--interval", "0.05"]);
    let service = ["--upstream", "embedded", "--update", "accepted", "--polls", "1-6", "--retry-after", "0"];
    let mut accepted = None;
    for run in 0..runs {
        let mut record = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
        record.arg("record").arg("--cassette").arg(&tape).args(service).arg("--").args(&words);
        four_succeeded(&process::run(&mut record, LIVE)?.success()?)?;
        let bytes = fs::read(&tape)?;
        ensure(*accepted.get_or_insert_with(|| bytes.clone()) == bytes, || format!("run {run} changed the tape"))?;
        ensure(!tape.with_extension("json.new").exists(), || format!("run {run} found a change"))?;
    }
    four_succeeded(&replay(&tape, None, &words)?)
}

fn four_succeeded(output: &Output) -> Result<(), Failed> {
    let one = json!({ "created": "Succeeded", "updated": "Succeeded" });
    ensure(result(output)? == json!([one, one, one, one]), || format!("{output:?}"))
}

/// A client with a fixed endpoint, unmodified: it talks to the public host, and each case is its own.
fn through_the_proxy() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut words = Client::Python.words()?;
    words.extend(
        [
            "--create-only",
            "--subscription={subscription}",
            "--resource-group={resource-group}",
            "--hub={hub}",
            "--profile={profile}",
            "--body={body}",
            "--interval={interval}",
        ]
        .map(OsString::from),
    );
    let mut check = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    check.current_dir(folder.path());
    // SC-101 is one that only a client behind a proxy can be shown.
    check.args([
        "check",
        "--via-proxy",
        "--scenario",
        "SC-{001,005,007,030,101}",
        "--report",
        "json=report.json",
        "--",
    ]);
    let output = process::run(check.args(&words), LIVE)?.success()?;
    let report: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("report.json"))?)?;
    let figures = &report["summary"];
    ensure(figures["judged"] == 5 && figures["skipped"] == 0 && figures["violations"] == 0, || {
        format!("{figures:#} {output:?}")
    })
}

/// The simulator brings out of the client what a scripted server brought out of it.
fn scenarios(client: Client) -> Result<(), Failed> {
    let mut differences = String::new();
    for (scenario, python, js) in OBSERVED {
        let expected = match client {
            Client::Js if !js.is_empty() => js,
            _ => python,
        };
        let words = with(client.create_and_update()?, &["--create-only", "--interval", "0"]);
        let mut simulate = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
        simulate.args(["simulate", "--scenario", scenario, "--seed", "1", "--pace", "0.1", "--"]).args(&words);
        let output = process::run(&mut simulate, LIVE)?;
        let happened = conversation(&output);
        if happened != expected {
            differences.push_str(&format!("\n{scenario}: expected {expected}, happened {happened}"));
        }
    }
    ensure(differences.is_empty(), || differences)
}

/// `armtape check` finds nothing but what is known of the client; the rule and the scenario of each.
fn checked(client: Client, cases: usize, scenarios: &[&str]) -> Result<BTreeSet<(String, String)>, Failed> {
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("report.json");
    let mut check = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    check.args(["check", "--cases", &cases.to_string(), "--keep"]).arg(folder.path()).arg("--report");
    check.arg(format!("json={}", report.display()));
    if !matches!(client, Client::Python) {
        // Its types are made of the published description.
        check.args(["--body-match", "typed"]);
    }
    check.args(scenarios.iter().flat_map(|glob| ["--scenario", glob])).arg("--").args(client.words()?);
    let told = ["endpoint", "subscription", "resource-group", "hub", "profile", "body", "interval"];
    check.args(told.iter().flat_map(|name| [format!("--{name}"), format!("{{{name}}}")])).arg("--create-only");
    let output = process::run(&mut check, CAMPAIGN)?;
    let report: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
    let findings = report["findings"].as_array().ok_or("no findings")?;
    let unknown: Vec<&Value> = findings.iter().filter(|finding| finding["known"] != true).collect();
    ensure(unknown.is_empty() && output.status.success(), || format!("{unknown:#?}\n{}", output.stderr))?;
    let summary = &report["summary"];
    ensure(summary["judged"] == summary["cases"] && summary["known"] == findings.len(), || summary.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(findings.iter().map(|finding| (text(&finding["rule"]), text(&finding["scenario"]))).collect())
}

/// Every scenario: no finding that is not known, and no row of the table without a finding.
fn does_what_is_known(client: Client) -> Result<(), Failed> {
    let found = checked(client, 0, &[])?;
    let product = match client {
        Client::Python => "azsdk-python-mgmt-resource",
        Client::Js => "azsdk-js-arm-customerinsights",
        Client::NewerJs => "azsdk-js-arm-resources",
        Client::Go => "go-autorest",
    };
    let known = armtape::judge::known_clients().iter().find(|known| known.product == product);
    let mut idle = String::new();
    for deviation in &known.ok_or("the client is not in the table")?.deviations {
        for glob in &deviation.scenarios {
            if !found.iter().any(|(rule, scenario)| *rule == deviation.rule && glob.is_match(scenario)) {
                idle.push_str(&format!("\n{} in {}: it does not happen any more", deviation.rule, glob.glob()));
            }
        }
    }
    ensure(idle.is_empty(), || idle)
}

/// `armtape`, for the Azure CLI: signed in as docs/azure.md says, in a folder of its own.
fn signed_in(folder: &Path) -> Result<impl Fn() -> Command + use<>, Failed> {
    let settings = folder.join("az-made-up");
    let armtape = move || {
        let mut armtape = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
        armtape.env("AZURE_CONFIG_DIR", &settings).env("AZURE_CORE_COLLECT_TELEMETRY", "0");
        armtape
    };
    let sign_in = "az login --service-principal --username $AZURE_CLIENT_ID --password $AZURE_CLIENT_SECRET \
                   --tenant $AZURE_TENANT_ID --output none";
    process::run(armtape().args(["simulate", "--", "sh", "-c", sign_in]), LIVE)?.success()?;
    Ok(armtape)
}

fn az_round_trip() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (tape, body) = (folder.path().join("az.json"), folder.path().join("body.json"));
    fs::write(&body, page().to_string())?;
    let url = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/TestHubRG/providers/Microsoft.CustomerInsights/hubs/sdkTestHub\
         /profiles/TestProfileType396?api-version=2017-04-26"
    );
    let ask = |words: &str| format!("az rest --url '{url}' --query properties.provisioningState {words}");
    let put = ask(&format!("--method put --body @{}", body.display()));
    let armtape = signed_in(folder.path())?;
    let words = ["--", "sh", "-c", &format!("{put} && {}", ask("--method get"))];
    let mut record = armtape();
    record.arg("record").arg("--cassette").arg(&tape).args(["--upstream", "embedded"]).args(words);
    let recorded = process::run(&mut record, LIVE)?.success()?;
    let replayed = process::run(armtape().arg("replay").arg(&tape).args(words), LIVE)?.success()?;
    ensure(recorded.stdout.starts_with("\"Provisioning\"\n") && recorded.stdout == replayed.stdout, || {
        format!("{recorded:?} {replayed:?}")
    })
}

/// What is said in docs/azure.md of checking it.
fn az_checked() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (body, report) = (folder.path().join("network.json"), folder.path().join("report.json"));
    fs::write(
        &body,
        r#"{"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}"#,
    )?;
    let id =
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/first");
    let create =
        "az resource create --id {resource-id} --api-version {api-version} --is-full-object --properties @{body}";
    let mut check = signed_in(folder.path())?();
    check.args(["check", "--via-proxy", "--scenario", "SC-0{01,03,35,38}", "--resource-id", &id]);
    check.args(["--api-version", "2023-09-01", "--body"]).arg(&body).arg("--keep").arg(folder.path().join("kept"));
    check.arg("--report").arg(format!("json={}", report.display())).arg("--").args(create.split(' '));
    let output = process::run(&mut check, CAMPAIGN)?.success()?;
    let report: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
    let found: Vec<_> =
        report["findings"].as_array().into_iter().flatten().map(|finding| &finding["scenario"]).collect();
    ensure(report["summary"]["judged"] == 4 && found == ["SC-035"], || format!("{report:#} {output:?}"))
}

/// What `armtape simulate` tells of the requests, in the notation of [`OBSERVED`].
fn conversation(output: &Output) -> String {
    let letter = |target: &str| match target {
        "write" => "P",
        "monitor" => "A",
        "next-monitor" => "a",
        "result" => "L",
        "resource" => "R",
        _ => "?",
    };
    let requests = output.stderr.lines().filter_map(|line| line.strip_prefix("armtape: ")?.split_once(" s  "));
    let requests = requests.filter_map(|(_, request)| {
        let mut words = request.split_whitespace();
        let (_, status, target) = (words.next()?, words.next()?, words.next()?);
        Some(format!("{}{status}", letter(target.trim_end_matches(':'))))
    });
    let outcome = if output.status.success() { "ok" } else { "error" };
    requests.chain([outcome.to_owned()]).collect::<Vec<_>>().join(" ")
}

/// A tape of this project, of the same client or of the other one, serves it.
fn kept_tape(client: Client, tape: &str, polls: Option<&str>) -> Result<(), Failed> {
    let output = replay(&kept(tape), polls, &client.create_and_update()?)?;
    answered(&output, polls)?;
    succeeded(&output)
}

/// Two writes and the end of an operation, and as many polls before it as were asked for.
fn answered(output: &Output, polls: Option<&str>) -> Result<(), Failed> {
    let requests = 3 + polls.map_or(Ok(0), str::parse::<u32>)?;
    let account = format!("armtape: {requests} requests answered from the tape, 0 missing");
    ensure(output.stderr.contains(&account), || format!("not {requests} requests: {output:?}"))
}

/// It serves the reference client, too, which sends what is on it.
fn kept_tape_for_reference(tape: &str, polls: Option<&str>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut words: Vec<OsString> = vec![env!("CARGO_BIN_EXE_armtape").into(), "client".into()];
    let interactions = Cassette::load(&kept(tape))?.interactions;
    for (number, write) in interactions.iter().filter(|interaction| interaction.request.method == "PUT").enumerate() {
        let body = folder.path().join(format!("{number}.json"));
        fs::write(&body, write.request.body.bytes().unwrap_or_default())?;
        words.extend(["--body".into(), body.into()]);
    }
    let output = replay(&kept(tape), polls, &words)?;
    answered(&output, polls)?;
    let succeeded = output.stdout.lines().filter(|line| line.contains(r#""outcome":"succeeded""#)).count();
    ensure(succeeded == 2, || format!("{output:?}"))
}

/// `armtape test cassettes/`, from where the commands on the tapes find their clients.
fn own_tapes() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir(folder.path().join("target"))?;
    for (name, there) in [
        ("cassettes", package.join("cassettes")),
        ("tests", package.join("tests")),
        ("target/clients", clients::root()?),
    ] {
        fs_err::os::unix::fs::symlink(there, folder.path().join(name))?;
    }
    let mut test = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    test.args(["test", "cassettes/", "--timeout", &REPLAYED.as_secs().to_string()]).current_dir(folder.path());
    let output = process::run(&mut test, LIVE)?.success()?;
    let ok = output.stdout.lines().filter(|line| line.starts_with("ok ")).count();
    ensure(ok == 2 && output.stderr.contains(": 2 passed, 0 failed\n"), || format!("{output:?}"))
}

fn kept(tape: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes").join(tape)
}

/// A recording of another client, another SDK and another year lets this one create its profile.
fn dotnet_recording() -> Result<(), Failed> {
    let recording = shared().ok_or("the recordings are gone")?.join(
        "data/recordings/dotnet-session-records/CustomerInsights.ProfileTypeScenarioTests.CreateAndReadProfileType.json",
    );
    let text = fs::read_to_string(&recording)?;
    let session: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let sent = session["Entries"][0]["RequestBody"].as_str().ok_or("the first entry has no body")?;
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, sent)?;

    let mut words = with(
        Client::Python.words()?,
        &[
            "--create-only",
            "--api-version=2017-01-01",
            "--subscription=c909e979-ef71-4def-a970-bc7c154db8c5",
            "--resource-group=TestHubRG",
            "--hub=sdktestbn3",
            "--profile=TestProfileType5243",
            "--body",
        ],
    );
    words.push(body.into());
    let output = replay(&recording, None, &words)?;
    let result = result(&output)?;
    ensure(result == json!({ "created": "Succeeded" }), || format!("{output:?}"))
}

/// Replays a tape to a client that has no credentials, and requires that both are content.
fn replay(tape: &Path, polls: Option<&str>, words: &[OsString]) -> Result<Output, String> {
    let mut replay = command(&[env!("CARGO_BIN_EXE_armtape").into()]);
    replay.arg("replay").arg(tape);
    if let Some(polls) = polls {
        replay.args(["--polls", polls]);
    }
    replay.arg("--").args(words);
    process::run(&mut replay, REPLAYED)?.success()
}

/// The tape has both writes and the polls between them, and no credential.
fn holds_create_and_update(tape: &Path, reads: &[u64]) -> Result<(), Failed> {
    let text = fs::read_to_string(tape)?;
    for trace in ["eyJ", "Bearer ", SECRET, "client_secret", "login.microsoftonline.com"] {
        ensure(!text.contains(trace), || format!("`{trace}` is on the tape:\n{text}"))?;
    }
    let cassette: Value = serde_json::from_str(&text)?;
    let interactions = cassette["interactions"].as_array().ok_or("no interactions")?;
    let headers = |interaction: &Value| interaction["request"]["headers"].to_string().to_ascii_lowercase();
    ensure(!interactions.iter().any(|interaction| headers(interaction).contains("\"authorization\"")), || {
        format!("an authorization header is on the tape:\n{text}")
    })?;
    let statuses = |method: &str| -> Vec<_> {
        let of_method = interactions.iter().filter(|interaction| interaction["request"]["method"] == method);
        of_method.filter_map(|interaction| interaction["response"]["status"].as_u64()).collect()
    };
    ensure(statuses("PUT") == [202, 200], || format!("PUT answered {:?}", statuses("PUT")))?;
    ensure(statuses("GET") == reads, || format!("GET answered {:?}", statuses("GET")))
}

/// A command whose environment says nothing of credentials, proxies or certificates.
fn command(words: &[OsString]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        let settings = ["AZURE_", "ARM_", "ARMTAPE_", "SSL_CERT_"];
        if settings.iter().any(|prefix| upper.starts_with(prefix))
            || upper.ends_with("_PROXY")
            || upper.ends_with("_CA_BUNDLE")
            || upper == "NODE_EXTRA_CA_CERTS"
        {
            command.env_remove(name);
        }
    }
    command
}

/// The same command with the endpoint that its environment names.
fn at_the_endpoint(words: Vec<OsString>) -> Vec<OsString> {
    let shell = ["sh", "-c", r#"exec "$@" --endpoint "$ARMTAPE_ENDPOINT""#, "sh"];
    shell.map(OsString::from).into_iter().chain(words).collect()
}

fn with(mut words: Vec<OsString>, more: &[&str]) -> Vec<OsString> {
    words.extend(more.iter().map(OsString::from));
    words
}

/// What a client printed last as its result.
fn result(output: &Output) -> Result<Value, Failed> {
    let last = output.stdout.lines().next_back().unwrap_or_default();
    Ok(serde_json::from_str(last).map_err(|error| format!("{error}: {output:?}"))?)
}

fn succeeded(output: &Output) -> Result<(), Failed> {
    let result = result(output)?;
    ensure(result == json!({ "created": "Succeeded", "updated": "Succeeded" }), || format!("{output:?}"))
}

/// The body of the page *Create or Update Profile Type*, nested as the wire wants it.
fn page() -> Value {
    let field =
        |name: &str, kind: &str| json!({ "fieldName": name, "fieldType": kind, "isArray": false, "isRequired": true });
    json!({ "properties": {
        "schemaItemTypeLink": "SchemaItemTypeLink",
        "strongIds": [
            { "keyPropertyNames": ["Id", "SavingAccountBalance"], "strongIdName": "Id" },
            { "keyPropertyNames": ["ProfileId", "LastName"], "strongIdName": "ProfileId" },
        ],
        "fields": [
            field("Id", "Edm.String"),
            field("ProfileId", "Edm.String"),
            field("LastName", "Edm.String"),
            field("TestProfileType396", "Edm.String"),
            field("SavingAccountBalance", "Edm.Int32"),
        ],
        "smallImage": r"\\Images\\smallImage.jpg",
        "largeImage": r"\\Images\\LargeImage.jpg",
        "apiEntitySetName": "TestProfileType396",
    }})
}

fn body(bytes: &[u8]) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(bytes)?)
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}
