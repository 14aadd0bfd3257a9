//! One case: a listener, a client, a verdict.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use tokio::{net::TcpListener, time::Instant};

use super::{
    client::{Ended, StartError, Target, Value, never},
    plan::{Ability, Case, Settings, patience},
    service::{At, Service},
};
use crate::{
    arm::{POLLING_HEADERS, ResourceId},
    cassette::{Body, Cassette},
    judge::{Conversation, Judgement, Knobs, Known, Outcome, judge},
    proxy::{CertificateAuthority, Identity, Server},
    simulate::{
        identity,
        scenario::{self, Draw, Operation, Place, Places, Play, Subject},
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
    /// Requests for tokens and clouds.
    pub looked_up: usize,
    /// How long it took.
    pub took: Duration,
}

/// What cases share.
pub(super) struct Ground {
    pub(super) settings: Settings,
    pub(super) target: Target,
    pub(super) identity: Identity,
    /// The authority's certificate, for clients.
    pub(super) bundle: std::path::PathBuf,
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
    /// Plays a case to its end.
    pub(super) async fn play(&self, case: Case) -> Result<Judged, CaseError> {
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
        let places = Places {
            own: format!("{scheme}://{own_address}"),
            second: format!("{scheme}://{second_address}"),
            plain: format!("http://{own_address}"),
        };
        let subjects = subjects(case.scenario.operation, settings.subject.as_ref(), case.seed);
        let script = scenario::Case {
            scenario: case.scenario.clone(),
            draw: Draw::new(case.seed),
            subjects: subjects.clone(),
            places: places.clone(),
            pace: settings.pace,
        };
        let play = Play::new(script.clone());
        let resume = play.polling_url().map(str::to_owned);
        let service = Arc::new(Service::new(play));
        let serve = |listener: TcpListener, place: Place| {
            let authority = CertificateAuthority::from_identity(&self.identity, &super::campaign::hosts())
                .map_err(|error| CaseError::Serve(std::io::Error::other(error)))?;
            Server::start(listener, authority, At { place, service: Arc::clone(&service) }).map_err(CaseError::Serve)
        };
        let servers = [serve(own, Place::Own)?, serve(second, Place::Second)?];

        let work = tempfile::Builder::new().prefix("armtape-case-").tempdir().map_err(CaseError::Serve)?;
        let limit = settings.timeout.or_else(|| script.timeout());
        let body = body(&subjects[0]);
        let values = self.values(&case, &subjects, &places, limit, resume.as_deref(), work.path(), &body)?;
        let environment = self.environment(&own_address.to_string());
        let interrupted = OnceLock::new();
        let patience = patience(case.scenario, settings, limit);
        let time_up = || time_up(&service, patience);
        let mut again = None;
        let ended = match case.scenario.operation {
            Operation::Abort => {
                let after = usize::try_from(case.scenario.abort_after).unwrap_or(usize::MAX);
                let interrupt = async {
                    polled(&service, after).await;
                    interrupted.get_or_init(|| service.now());
                };
                self.target.run(&values, &environment, time_up(), interrupt).await?
            }
            Operation::Rerun => {
                self.target.run(&values, &environment, time_up(), never()).await?;
                again = Some(service.now());
                self.target.run(&values, &environment, time_up(), never()).await?
            }
            _ => self.target.run(&values, &environment, time_up(), never()).await?,
        };
        let over = interrupted.get().copied().unwrap_or_else(|| service.now());
        for server in &servers {
            server.shutdown(GRACE).await;
        }
        let Ended { outcome, code } = ended;
        let (trace, seen) = service.trace();
        let sends_body = matches!(case.scenario.operation.method(), http::Method::PUT | http::Method::PATCH);
        let plain_body = sends_body && !matches!(case.scenario.operation, Operation::Update | Operation::Pair);
        let trusted = case.scenario.trusts_second.then(|| second_address.to_string());
        let knobs = Knobs {
            accelerated: false,
            interval: Ability::of(&self.target.words).interval.then_some(settings.interval),
            timeout: limit,
            plain_http: settings.plain_http,
            trusted_hosts: trusted.into_iter().collect(),
            resumes: case.scenario.operation == Operation::Resume,
            interrupted: case.scenario.operation == Operation::Abort,
            again,
            intended: plain_body.then_some(body),
            over: Some(over),
        };
        let known = Known { scenario: case.scenario, draw: &script.draw, seen: &seen };
        let judgement = judge(&Conversation::new(&trace).with_knobs(knobs).with_outcome(&outcome).with_known(known));
        let trace = with_usual_hosts(trace, &places);
        let looked_up = service.looked_up();
        Ok(Judged { case, outcome, code, trace, judgement, looked_up, took: began.elapsed() })
    }

    #[expect(clippy::too_many_arguments, reason = "each is a value of its own for the client")]
    fn values(
        &self,
        case: &Case,
        subjects: &[Subject],
        places: &Places,
        limit: Option<Duration>,
        resume: Option<&str>,
        work: &Path,
        body: &Bytes,
    ) -> Result<Vec<Value>, CaseError> {
        let write = |name: &str, bytes: &[u8]| {
            let path = work.join(name);
            std::fs::write(&path, bytes).map_err(CaseError::Serve)?;
            Ok::<String, CaseError>(path.display().to_string())
        };
        let subject = &subjects[0];
        let id = ResourceId::parse(&subject.id);
        let part = |kind: &str| after(&subject.id, kind);
        let host = |url: &str| url.split_once("://").map_or(String::new(), |(_, host)| host.to_owned());
        let second = if case.scenario.trusts_second { host(&places.second) } else { String::new() };
        let ids: Vec<&str> = subjects.iter().map(|subject| subject.id.as_str()).collect();
        let seconds = |duration: Duration| duration.as_secs_f64().to_string();
        let client_work = work.join("work");
        std::fs::create_dir_all(&client_work).map_err(CaseError::Serve)?;
        Ok(vec![
            ("endpoint", "ARMTAPE_ENDPOINT", places.own.clone()),
            ("url", "ARMTAPE_URL", format!("{}{}?api-version={}", places.own, subject.id, subject.api_version)),
            ("resource-id", "ARMTAPE_RESOURCE_ID", ids.join(",")),
            ("name", "ARMTAPE_NAME", id.map_or(String::new(), |id| id.name().to_owned())),
            ("api-version", "ARMTAPE_API_VERSION", subject.api_version.clone()),
            ("subscription", "ARMTAPE_SUBSCRIPTION", part("subscriptions")),
            ("resource-group", "ARMTAPE_RESOURCE_GROUP", part("resourceGroups")),
            ("hub", "ARMTAPE_HUB", part("hubs")),
            ("profile", "ARMTAPE_PROFILE", part("profiles")),
            ("body", "ARMTAPE_BODY_FILE", write("body.json", body)?),
            ("operation", "ARMTAPE_OPERATION", case.scenario.operation.to_string()),
            (
                "resume",
                "ARMTAPE_RESUME",
                resume.map(|url| write("resume", url.as_bytes())).transpose()?.unwrap_or_default(),
            ),
            ("trusted-hosts", "ARMTAPE_TRUSTED_HOSTS", second),
            ("interval", "ARMTAPE_INTERVAL", seconds(self.settings.interval)),
            ("timeout", "ARMTAPE_TIMEOUT", limit.map(seconds).unwrap_or_default()),
            ("workdir", "ARMTAPE_WORKDIR", client_work.display().to_string()),
            ("ca", "ARMTAPE_CA", self.bundle.display().to_string()),
        ])
    }

    /// Variables that clients read by themselves: the authority to trust, and a proxy that answers
    /// for the hosts that hand out tokens.
    fn environment(&self, address: &str) -> Vec<(String, String)> {
        let bundle = self.bundle.display().to_string();
        let proxy = format!("http://{address}");
        let direct = "localhost,127.0.0.1,127.0.0.2,::1";
        let certificates = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
        let set = certificates
            .map(|name| (name, bundle.as_str()))
            .into_iter()
            .chain(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map(|name| (name, proxy.as_str())))
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

/// What follows `kind` in a resource id.
fn after(id: &str, kind: &str) -> String {
    let mut words = id.split('/').skip_while(|word| !word.eq_ignore_ascii_case(kind));
    words.nth(1).unwrap_or_default().to_owned()
}

/// Resolves when a client has had its time, which counts from its first request: how long an
/// interpreter takes to start says nothing.
async fn time_up(service: &Service, patience: Duration) {
    const TO_START: Duration = Duration::from_secs(60);
    let began = Instant::now();
    while service.is_untouched() && began.elapsed() < TO_START {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(patience).await;
}

/// Resolves once the client has polled so often.
async fn polled(service: &Service, times: usize) {
    while service.reads() < times {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The trace with names in the place of ports, so that the same case gives the same cassette.
fn with_usual_hosts(mut trace: Cassette, places: &Places) -> Cassette {
    let host = |url: &str| url.split_once("://").map_or(url, |(_, host)| host).to_owned();
    let usual = Places::default();
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
        if let Body::Json(bytes) = &response.body {
            response.body = Body::from_bytes(rename(&String::from_utf8_lossy(bytes)).into_bytes().into());
        }
    }
    trace
}
