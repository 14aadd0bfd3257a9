//! How many cases a second `check` plays: to a function of this process, and to a Python client that is
//! started for each case, or once.
//!
//! `cargo bench --bench campaign [-- --cases N]`. The case is a profile that is created at a status monitor
//! whose first answer is the end: a write, a poll and a read, without a wait. CPU time is that of this process,
//! in which functions run, and other clients do not. docs/performance.md says what the figures mean.

#[path = "../support/mod.rs"]
mod support;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use armtape::{
    check::{Case, Client, Function, Job, Judged, Plan, Runner, Settings, Workers},
    client::{Https, HttpsSettings, Operation, OutcomeKind, ResultAt, Settings as Terms, Tokens, Write, run},
    judge::Severity,
    simulate::generated::Recipe,
};
use tokio_util::sync::CancellationToken;

use support::{Failure, measured, number, process_cpu, say};

/// Cases of a function.
const CASES: usize = 5_000;

/// The reference client waits half a second before a poll, whatever it is told: fewer at once would show
/// that wait alone.
const FUNCTIONS: usize = 1_000;

/// Of those so many are tried with Python.
const PYTHON_SHARE: usize = 25;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let cases = number("--cases", if measured() { CASES } else { PYTHON_SHARE })?;
    say(&format!("{:>40} {:>8} {:>8} {:>10} {:>12}", "", "cases", "seconds", "a second", "CPU, ms each"))?;
    for (wire, plain_http) in [("http", true), ("https", false)] {
        let name = format!("a function of this process, {wire}");
        measure(&name, Client::Function(Function::new(reference)), cases, FUNCTIONS, plain_http).await?;
    }
    let folder = tempfile::tempdir()?;
    let python = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !python {
        return say("Python: left out, since there is no python3");
    }
    let worker = folder.path().join("worker.py");
    std::fs::write(&worker, documented_worker()?)?;
    let once = folder.path().join("once.py");
    std::fs::write(&once, ONCE)?;
    let words = |script: &Path| vec!["python3".to_owned(), script.display().to_string()];
    let target = |script: &Path| armtape::check::Command { words: words(script), cleared: Vec::new() };
    let cases = (cases / PYTHON_SHARE).max(1);
    measure("Python, a process for each case", Client::Command(target(&once)), cases, 4, false).await?;
    measure("Python, as a worker", Client::Worker(Workers::new(target(&worker))), cases * 5, 4, false).await
}

/// Plays so many cases, and says how long that took.
async fn measure(name: &str, client: Client, cases: usize, jobs: usize, plain_http: bool) -> Result<(), Failure> {
    let settings = Settings { interval: Duration::ZERO, plain_http, ..Settings::default() };
    let one = Plan::of_recipe(Recipe::default(), &settings).cases.remove(0);
    let case = |number: usize| Case { number, seed: number as u64, ..one.clone() };
    let plan = Plan { cases: (1..=cases).map(case).collect(), skipped: Vec::new() };
    let runner = Runner::new(settings, client, jobs)?;
    let (began, cpu) = (Instant::now(), process_cpu()?);
    let mut wrong = Vec::new();
    let told = |judged: Judged, _| {
        // The function has no token, which is a warning.
        let violation = judged.judgement.findings.iter().find(|finding| finding.severity == Severity::Violation);
        wrong.extend(violation.map(|finding| finding.message.clone()).or_else(|| judged.nothing()));
        true
    };
    runner.run(&plan, &CancellationToken::new(), told).await?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = (process_cpu()? - cpu) / 1e3 / cases as f64;
    runner.end().await;
    if let Some(first) = wrong.first() {
        say(&format!("{} of {cases} cases went wrong: {first}", wrong.len()))?;
    }
    say(&format!("{name:>40} {cases:>8} {seconds:>8.2} {:>10.0} {cpu:>12.2}", cases as f64 / seconds))
}

/// The reference client, over connections that all cases share.
async fn reference(job: Job) -> Result<serde_json::Value, Failure> {
    type Transports = Vec<(PathBuf, Arc<Https>)>;
    static TRANSPORTS: OnceLock<Mutex<Transports>> = OnceLock::new();
    let transport = {
        let mut known = TRANSPORTS.get_or_init(Mutex::default).lock().map_err(|_| "another case panicked")?;
        match known.iter().find(|(ca, _)| *ca == job.ca_file) {
            Some((_, transport)) => Arc::clone(transport),
            None => {
                let settings = HttpsSettings { ca: Some(job.ca_file.clone()), ..HttpsSettings::default() };
                let transport = Arc::new(Https::new(&settings)?);
                known.push((job.ca_file.clone(), Arc::clone(&transport)));
                transport
            }
        }
    };
    let terms = Terms {
        default_interval: job.interval,
        timeout: job.timeout,
        trusted_hosts: job.trusted_hosts.clone(),
        result: ResultAt::default(),
        renews_token: false,
        started: None,
    };
    let write = Write {
        method: job.operation.method(),
        url: job.url(),
        body: job.body.clone(),
        headers: http::HeaderMap::new(),
    };
    let outcome = run(&*transport, &mut Tokens::none(), Operation::new(write, terms)?).await;
    match outcome.kind {
        OutcomeKind::Succeeded => Ok(outcome.resource.unwrap_or_default()),
        _ => Err(outcome.message.into()),
    }
}

/// The worker of docs/worker.md.
fn documented_worker() -> Result<String, Failure> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/worker.md"))?;
    let text = page.split("```python worker.py\n").nth(1).and_then(|rest| rest.split("```").next());
    Ok(text.ok_or("docs/worker.md has no worker.py")?.to_owned())
}

/// The same for one case: what stands before the loop of the worker is its own.
const ONCE: &str = r#"
import json, os, pathlib, sys
source = (pathlib.Path(__file__).parent / "worker.py").read_text()
exec(source.split("\nfor line in sys.stdin:")[0])
job = {"ca": os.environ["ARMTAPE_CA"], "url": os.environ["ARMTAPE_URL"], "interval": os.environ["ARMTAPE_INTERVAL"]}
job["body"] = json.loads(pathlib.Path(os.environ["ARMTAPE_BODY_FILE"]).read_text())
said = create(job)
print(json.dumps(said["resource"]))
sys.exit(0 if said["outcome"] == "success" else 1)
"#;
