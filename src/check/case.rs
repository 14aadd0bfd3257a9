//! One case: a listener, a client, a verdict.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    client::{Client, Ended},
    command::{StartError, never},
    job::Job,
    judged::{Judged, refused_by_itself},
    plan::{Case, Settings, patience},
    service::Service,
    set::{Doors, Set},
    tokens::Tokens,
};
use crate::{
    arm::POLLING_HEADERS,
    cassette::{self, Cassette},
    judge::{Conversation, Knobs, Known, judge},
    proxy::{CertificateAuthority, Server},
    simulate::{
        generated::{Body, Recipe},
        identity,
        scenario::{self, Operation, Places, Play},
    },
};

/// How long connections of a client that is gone have to end.
const GRACE: Duration = Duration::from_millis(200);

/// Whether a body is drawn, and one that the service takes.
fn is_drawn(body: Body) -> bool {
    matches!(body, Body::Valid | Body::WithNull | Body::Unusual)
}

/// What cases share.
pub(super) struct Ground {
    pub(super) settings: Settings,
    pub(super) client: Client,
    /// One for all cases: keys and certificates are made once, and a client that stays may resume its TLS
    /// sessions.
    pub(super) authority: Arc<CertificateAuthority>,
    /// Its certificate, for clients.
    pub(super) bundle: std::path::PathBuf,
    /// Where clients get their tokens that outlive a case.
    pub(super) tokens: OnceLock<Server<Tokens>>,
}

/// Why a case could not be run.
#[derive(Debug, thiserror::Error)]
pub(super) enum CaseError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot serve a case")]
    Serve(#[source] std::io::Error),
}

impl Ground {
    /// Plays a case to its end. A client that does not send the body that it was given is given a plain one
    /// in the same service: if it sends that, it was the body.
    pub(super) async fn play(&self, case: Case) -> Result<Judged, CaseError> {
        let judged = self.run(case.clone(), false).await?;
        let Some(recipe) = case.recipe.filter(|recipe| is_drawn(recipe.body) && judged.wrote_nothing()) else {
            return Ok(judged);
        };
        let plain = Recipe { body: Body::Page, ..recipe };
        let control = self.run(Case { recipe: Some(plain), ..case }, false).await?;
        if control.sent_what_was_given() { self.run(judged.case, true).await } else { Ok(judged) }
    }

    /// Runs the client once. `sends_a_plain_one` says what is known of it from another run.
    async fn run(&self, case: Case, sends_a_plain_one: bool) -> Result<Judged, CaseError> {
        let began = Instant::now();
        let settings = &self.settings;
        let doors = Doors::open(settings).await?;
        let set = Set::of(&case, settings, &doors);
        let play = Play::new(set.script.clone());
        let resume = play.polling_url().map(str::to_owned);
        let service = Arc::new(Service::new(play, settings.via_proxy, settings.look_ups.clone()));
        let servers = doors.serve(&service, &self.authority)?;

        let work = tempfile::Builder::new().prefix("armtape-case-").tempdir().map_err(CaseError::Serve)?;
        let job = self.job(&set, resume, work.path()).map_err(CaseError::Serve)?;
        let ran = self.run_client(&set, &job, &service).await?;
        for server in &servers {
            server.shutdown(GRACE).await;
        }
        let Ended { outcome, code, notes } = ran.ended;
        let strayed = service.strayed();
        let (trace, seen) = service.trace();
        let operation = case.scenario.operation;
        let knobs = Knobs {
            accelerated: false,
            interval: self.client.ability().interval.then_some(settings.interval),
            timeout: set.limit,
            plain_http: settings.plain_http,
            trusted_hosts: set.trusted_host().into_iter().collect(),
            resumes: operation == Operation::Resume,
            interrupted: operation == Operation::Abort,
            again: ran.again,
            intended: set.sends_as_given().then_some(set.body),
            sends_a_plain_one: sends_a_plain_one && strayed.is_nowhere_else(),
            typed_body: settings.typed_bodies,
            over: Some(ran.over),
        };
        let known = Known { scenario: &case.scenario, draw: &set.script.draw, seen: &seen };
        let mut judgement =
            judge(&Conversation::new(&trace).with_knobs(knobs).with_outcome(&outcome).with_known(known));
        if refused_by_itself(&case, &trace.interactions, &outcome) {
            judgement.findings.clear();
        }
        let trace = with_usual_hosts(trace, &set.script.places);
        Ok(Judged { case, outcome, code, trace, judgement, strayed, took: began.elapsed(), notes })
    }

    /// Runs the client as the operation has it: once, until it is interrupted, or twice.
    async fn run_client(&self, set: &Set, job: &Job, service: &Service) -> Result<Ran, CaseError> {
        let scenario = &set.script.scenario;
        let tokens = self.tokens.get().map(|tokens| format!("http://{}", tokens.local()));
        let environment = self.environment(tokens.as_deref().unwrap_or(&job.proxy));
        let patience = patience(scenario, &self.settings, set.limit);
        let time_up = || time_up(service, patience);
        let interrupted = OnceLock::new();
        let mut again = None;
        let ended = match scenario.operation {
            Operation::Abort => {
                let after = usize::try_from(scenario.abort_after).unwrap_or(usize::MAX);
                let interrupt = async {
                    polled(service, after).await;
                    interrupted.get_or_init(|| service.now());
                };
                self.client.run(job, &environment, time_up(), interrupt).await?
            }
            Operation::Rerun => {
                self.client.run(job, &environment, time_up(), never()).await?;
                again = Some(service.trace().0.interactions.len());
                self.client.run(job, &environment, time_up(), never()).await?
            }
            _ => self.client.run(job, &environment, time_up(), never()).await?,
        };
        let over = interrupted.get().copied().unwrap_or_else(|| service.now());
        Ok(Ran { ended, again, over })
    }

    /// What the client is asked to do; its files are in the folder `work`.
    fn job(&self, set: &Set, resume: Option<String>, work: &Path) -> std::io::Result<Job> {
        let write = |name: &str, bytes: &[u8]| {
            let path = work.join(name);
            std::fs::write(&path, bytes).map(|()| path)
        };
        let workdir = work.join("work");
        std::fs::create_dir_all(&workdir)?;
        let scenario::Case { scenario, subjects, places, .. } = &set.script;
        Ok(Job {
            case: scenario.name(),
            endpoint: places.own.clone(),
            proxy: format!("http://{}", set.address),
            ca: self.authority.pem().to_owned(),
            ca_file: self.bundle.clone(),
            operation: scenario.operation,
            resource_ids: subjects.iter().map(|subject| subject.id.clone()).collect(),
            api_version: subjects[0].api_version.clone(),
            body: set.body.clone(),
            body_file: write("body.json", &set.body)?,
            resume_file: resume.as_deref().map(|url| write("resume", url.as_bytes())).transpose()?,
            resume,
            trusted_hosts: set.trusted_host().into_iter().collect(),
            interval: self.settings.interval,
            timeout: set.limit,
            workdir,
        })
    }

    /// Variables that clients read by themselves: the authority to trust, and a proxy that answers
    /// for the hosts that hand out tokens.
    fn environment(&self, proxy: &str) -> Vec<(String, String)> {
        let bundle = self.bundle.display().to_string();
        let direct = "localhost,127.0.0.1,127.0.0.2,::1";
        let certificates = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
        let set = certificates
            .map(|name| (name, bundle.as_str()))
            .into_iter()
            .chain(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map(|name| (name, proxy)))
            .chain([("ARMTAPE_PROXY", proxy)])
            .chain(["NO_PROXY", "no_proxy"].map(|name| (name, direct)))
            .chain([("NODE_USE_ENV_PROXY", "1")])
            .chain(identity::environment());
        set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// What came of running a client.
struct Ran {
    ended: Ended,
    /// How much had been said when it was run once more.
    again: Option<usize>,
    /// When it was done or was interrupted, on the clock of the trace.
    over: Duration,
}

/// Resolves when a client has had its time, which counts from its first request: how long an
/// interpreter takes to start says nothing. Nor does time count in which this process did not run,
/// because it was stopped or the machine was busy: its clients had nobody to talk to.
async fn time_up(service: &Service, patience: Duration) {
    const TO_START: Duration = Duration::from_secs(60);
    let began = Instant::now();
    while service.is_untouched() && began.elapsed() < TO_START {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    const TICK: Duration = Duration::from_millis(100);
    let (mut had, mut last) = (Duration::ZERO, Instant::now());
    while had < patience {
        tokio::time::sleep(TICK.min(patience - had)).await;
        had += last.elapsed().min(2 * TICK);
        last = Instant::now();
    }
}

/// Resolves once the client has polled so often.
async fn polled(service: &Service, times: usize) {
    while service.reads() < times {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The trace with names in the place of ports, so that the same case gives the same cassette.
fn with_usual_hosts(mut trace: Cassette, places: &Places) -> Cassette {
    let (host, usual) = (Places::host, Places::default());
    let names = [(host(&places.own), host(&usual.own)), (host(&places.second), host(&usual.second))];
    let rename = |text: &str| names.iter().fold(text.to_owned(), |text, (port, name)| text.replace(port, name));
    for interaction in &mut trace.interactions {
        interaction.request.authority = interaction.request.authority.as_deref().map(rename);
        let Some(response) = &mut interaction.response else { continue };
        for name in POLLING_HEADERS {
            let values: Vec<String> = response.headers.get_all(name).iter().map(|value| rename(value)).collect();
            response.headers.remove(name);
            values.into_iter().for_each(|value| response.headers.append(name, value));
        }
        if let cassette::Body::Json(bytes) = &response.body {
            let text = String::from_utf8_lossy(bytes);
            if names.iter().any(|(port, _)| text.contains(port)) {
                response.body = cassette::Body::from_bytes(rename(&text).into_bytes().into());
            }
        }
    }
    trace
}
