//! One case: a listener, a client, a verdict.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use tokio::{net::TcpListener, time::Instant};

use super::{
    client::{StartError, never},
    job::Job,
    kinds::{Client, Ended},
    plan::{Case, Settings, patience},
    service::{At, Service, Strayed},
    tokens::Tokens,
};
use crate::{
    arm::POLLING_HEADERS,
    cassette::{self, Cassette, Interaction},
    judge::{Conversation, Judgement, Kind, Knobs, Known, Outcome, judge},
    proxy::{CertificateAuthority, Server},
    simulate::{
        generated::{Body, Recipe},
        identity,
        scenario::{self, Demand, Draw, Operation, Place, Places, Play, Subject, Target},
    },
};

/// How long connections of a client that is gone have to end.
const GRACE: Duration = Duration::from_millis(200);

/// A case with its verdict.
#[derive(Debug)]
pub struct Judged {
    /// The case.
    pub case: Case,
    /// What the client reported.
    pub outcome: Outcome,
    /// Its exit code, or 128 and the signal.
    pub code: i32,
    /// What was said, with the hosts' usual names in the place of this machine's ports.
    pub trace: Cassette,
    /// What came of the rules.
    pub judgement: Judgement,
    /// What came beside the conversation.
    pub strayed: Strayed,
    /// How long it took.
    pub took: Duration,
    /// What is to be told of the client's run beside its outcome.
    pub notes: Vec<String>,
}

impl Judged {
    /// Why there is nothing to judge, where there is nothing: the client did not do what it was asked.
    #[must_use]
    pub fn nothing(&self) -> Option<String> {
        let interactions = &self.trace.interactions;
        let is_refused = self.judgement.findings.iter().any(|finding| finding.rule == "BODY-04");
        if is_refused || refused_by_itself(&self.case, interactions, &self.outcome) {
            return None;
        }
        if interactions.is_empty() && self.outcome.kind == Kind::Timeout {
            Some("the client's limit was over before it had sent a request".to_owned())
        } else if interactions.is_empty() {
            Some(self.strayed.words(&self.outcome.output))
        } else if self.writes().next().is_none() && self.case.scenario.operation != Operation::Resume {
            Some("the client did not send the write that it was asked for".to_owned())
        } else {
            None
        }
    }

    fn writes(&self) -> impl Iterator<Item = &Interaction> {
        let method = self.case.scenario.operation.method();
        self.trace.interactions.iter().filter(move |interaction| interaction.request.method == method.as_str())
    }

    /// Whether the client gave up by itself, and had sent no write.
    fn wrote_nothing(&self) -> bool {
        self.outcome.gave_up() && self.writes().next().is_none()
    }

    /// Whether the client sent the body that it was given.
    fn sent_what_was_given(&self) -> bool {
        let is_another = self.judgement.findings.iter().any(|finding| finding.rule == "BODY-01");
        self.writes().next().is_some() && !is_another
    }
}

/// Whether a body is drawn, and one that the service takes.
fn is_drawn(body: Body) -> bool {
    matches!(body, Body::Valid | Body::WithNull | Body::Unusual)
}

/// Whether the client has seen by itself that the body is wrong, and sent nothing: that is right where no
/// write is demanded.
fn refused_by_itself(case: &Case, interactions: &[Interaction], outcome: &Outcome) -> bool {
    let may_be_unsent =
        |demand: &Demand| demand.target == Target::Write && demand.at_least == 0 && demand.at_most != Some(0);
    let may_refuse = case.scenario.truth.demanded.iter().any(may_be_unsent);
    may_refuse && interactions.is_empty() && outcome.gave_up()
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
        let own = bind([127, 0, 0, 1].into()).await?;
        // Systems that have one loopback address alone get a second port instead.
        let second = match bind([127, 0, 0, 2].into()).await {
            Ok(listener) => listener,
            Err(_) => bind([127, 0, 0, 1].into()).await?,
        };
        let address = |listener: &TcpListener| listener.local_addr().map_err(CaseError::Serve);
        let (own_address, second_address) = (address(&own)?, address(&second)?);
        let scheme = if settings.plain_http { "http" } else { "https" };
        let places = match settings.via_proxy {
            true => Places::default(),
            false => Places {
                own: format!("{scheme}://{own_address}"),
                second: format!("{scheme}://{second_address}"),
                plain: format!("http://{own_address}"),
            },
        };
        let given = case.subject.as_deref().or(settings.subject.as_ref());
        let subjects = subjects(case.scenario.operation, given, case.seed);
        let subjects: Vec<Subject> = match case.recipe {
            Some(recipe) => subjects.into_iter().map(|subject| recipe.dress(subject)).collect(),
            None => subjects,
        };
        let script = scenario::Case {
            scenario: (*case.scenario).clone(),
            draw: Draw::new(case.seed),
            subjects: subjects.clone(),
            places: places.clone(),
            pace: settings.pace,
        };
        let play = Play::new(script.clone());
        let resume = play.polling_url().map(str::to_owned);
        let service = Arc::new(Service::new(play, settings.via_proxy, settings.look_ups.clone()));
        let serve = |listener: TcpListener, place: Place| {
            let at = At { place, service: Arc::clone(&service) };
            Server::start(listener, Arc::clone(&self.authority), at).map_err(CaseError::Serve)
        };
        let servers = [serve(own, Place::Own)?, serve(second, Place::Second)?];

        let work = tempfile::Builder::new().prefix("armtape-case-").tempdir().map_err(CaseError::Serve)?;
        let limit = settings.timeout.or_else(|| script.timeout());
        let body = body(&subjects[0]);
        let job = self.job(&case, &subjects, &places, own_address, limit, resume, work.path(), &body)?;
        let tokens = self.tokens.get().map(|tokens| format!("http://{}", tokens.local()));
        let environment = self.environment(tokens.as_deref().unwrap_or(&job.proxy));
        let interrupted = OnceLock::new();
        let patience = patience(&case.scenario, settings, limit);
        let time_up = || time_up(&service, patience);
        let mut again = None;
        let ended = match case.scenario.operation {
            Operation::Abort => {
                let after = usize::try_from(case.scenario.abort_after).unwrap_or(usize::MAX);
                let interrupt = async {
                    polled(&service, after).await;
                    interrupted.get_or_init(|| service.now());
                };
                self.client.run(&job, &environment, time_up(), interrupt).await?
            }
            Operation::Rerun => {
                self.client.run(&job, &environment, time_up(), never()).await?;
                again = Some(service.trace().0.interactions.len());
                self.client.run(&job, &environment, time_up(), never()).await?
            }
            _ => self.client.run(&job, &environment, time_up(), never()).await?,
        };
        let over = interrupted.get().copied().unwrap_or_else(|| service.now());
        for server in &servers {
            server.shutdown(GRACE).await;
        }
        let Ended { outcome, code, notes } = ended;
        let strayed = service.strayed();
        let (trace, seen) = service.trace();
        let sends_body = matches!(case.scenario.operation.method(), http::Method::PUT | http::Method::PATCH);
        let plain_body = sends_body && !matches!(case.scenario.operation, Operation::Update | Operation::Pair);
        let trusted = case.scenario.trusts_second.then(|| Places::host(&places.second).to_owned());
        let knobs = Knobs {
            accelerated: false,
            interval: self.client.ability().interval.then_some(settings.interval),
            timeout: limit,
            plain_http: settings.plain_http,
            trusted_hosts: trusted.into_iter().collect(),
            resumes: case.scenario.operation == Operation::Resume,
            interrupted: case.scenario.operation == Operation::Abort,
            again,
            intended: plain_body.then_some(body),
            sends_a_plain_one: sends_a_plain_one && strayed.is_nowhere_else(),
            typed_body: settings.typed_bodies,
            over: Some(over),
        };
        let known = Known { scenario: &case.scenario, draw: &script.draw, seen: &seen };
        let mut judgement =
            judge(&Conversation::new(&trace).with_knobs(knobs).with_outcome(&outcome).with_known(known));
        if refused_by_itself(&case, &trace.interactions, &outcome) {
            judgement.findings.clear();
        }
        let trace = with_usual_hosts(trace, &places);
        Ok(Judged { case, outcome, code, trace, judgement, strayed, took: began.elapsed(), notes })
    }

    #[expect(clippy::too_many_arguments, reason = "each is a value of its own for the client")]
    fn job(
        &self,
        case: &Case,
        subjects: &[Subject],
        places: &Places,
        address: SocketAddr,
        limit: Option<Duration>,
        resume: Option<String>,
        work: &Path,
        body: &Bytes,
    ) -> Result<Job, CaseError> {
        let write = |name: &str, bytes: &[u8]| {
            let path = work.join(name);
            std::fs::write(&path, bytes).map_err(CaseError::Serve)?;
            Ok::<_, CaseError>(path)
        };
        let host = |url: &str| url.split_once("://").map_or(String::new(), |(_, host)| host.to_owned());
        let workdir = work.join("work");
        std::fs::create_dir_all(&workdir).map_err(CaseError::Serve)?;
        Ok(Job {
            case: case.scenario.name(),
            endpoint: places.own.clone(),
            proxy: format!("http://{address}"),
            ca: self.authority.pem().to_owned(),
            ca_file: self.bundle.clone(),
            operation: case.scenario.operation,
            resource_ids: subjects.iter().map(|subject| subject.id.clone()).collect(),
            api_version: subjects[0].api_version.clone(),
            body: body.clone(),
            body_file: write("body.json", body)?,
            resume_file: resume.as_deref().map(|url| write("resume", url.as_bytes())).transpose()?,
            resume,
            trusted_hosts: case.scenario.trusts_second.then(|| host(&places.second)).into_iter().collect(),
            interval: self.settings.interval,
            timeout: limit,
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

async fn bind(ip: std::net::IpAddr) -> Result<TcpListener, CaseError> {
    TcpListener::bind((ip, 0)).await.map_err(CaseError::Serve)
}

fn subjects(operation: Operation, given: Option<&Subject>, seed: u64) -> Vec<Subject> {
    let name = |at: u64| format!("Profile{:06x}{at}", seed & 0xff_ffff);
    let subject = |at: u64| given.cloned().unwrap_or_else(|| Subject::profile(&name(at)));
    match operation {
        Operation::Pair => vec![subject(1), second(given, &subject(2))],
        _ => vec![subject(1)],
    }
}

/// A second resource beside a given one.
fn second(given: Option<&Subject>, otherwise: &Subject) -> Subject {
    match given {
        Some(given) => Subject { id: format!("{}2", given.id), ..given.clone() },
        None => otherwise.clone(),
    }
}

fn body(subject: &Subject) -> Bytes {
    if subject.body.is_null() { Bytes::new() } else { format!("{:#}", subject.body).into() }
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
