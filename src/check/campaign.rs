//! Many cases at once.

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    case::{CaseError, Ground},
    client::Client,
    command::StartError,
    judged::Judged,
    plan::{Case, Plan, Settings, waits},
    tokens::Tokens,
};
use crate::{
    proxy::{CertificateAuthority, Server},
    simulate::{Simulator, identity, scenario::Places},
};

/// What a case costs beside its waits.
const START: Duration = Duration::from_millis(300);

/// Runs the cases of a plan.
pub struct Runner {
    pub(super) ground: Arc<Ground>,
    /// Held for as long as clients may read it.
    _bundle: tempfile::NamedTempFile,
    pub(super) jobs: usize,
}

/// How far a campaign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Cases that are judged.
    pub done: usize,
    /// All cases.
    pub of: usize,
    /// Since the beginning.
    pub took: Duration,
    /// About how long the others take.
    pub left: Duration,
}

impl Runner {
    /// Makes ready: an authority for this run, and its certificate in a file.
    ///
    /// # Errors
    ///
    /// Where no certificate can be made or written.
    pub fn new(settings: Settings, client: Client, jobs: usize) -> io::Result<Self> {
        use io::Write as _;
        let authority = CertificateAuthority::new(&hosts()).map_err(io::Error::other)?;
        let mut bundle = tempfile::Builder::new().prefix("armtape-ca-").suffix(".pem").tempfile()?;
        bundle.write_all(authority.pem().as_bytes())?;
        bundle.flush()?;
        let (authority, path) = (Arc::new(authority), bundle.path().to_owned());
        let ground = Ground { settings, client, authority, bundle: path, tokens: OnceLock::new() };
        Ok(Self { ground: Arc::new(ground), _bundle: bundle, jobs: jobs.max(1) })
    }

    /// Plays every case and tells of each, in the order of their ends, until `stop` or `told` says
    /// that it is enough (by returning false). What is under way then is given up.
    ///
    /// # Errors
    ///
    /// Where the client cannot be started at all.
    pub async fn run(
        &self,
        plan: &Plan,
        stop: &CancellationToken,
        told: impl FnMut(Judged, Progress) -> bool,
    ) -> Result<(), RunError> {
        self.make_ready().await.map_err(RunError::Serve)?;
        self.run_all(plan, stop, told).await
    }

    /// Tokens for clients that outlive a case: what they read in their environment holds for all of them.
    pub(super) async fn make_ready(&self) -> io::Result<()> {
        if !matches!(self.ground.client, Client::Worker(_)) || self.ground.tokens.get().is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let authority = Arc::clone(&self.ground.authority);
        let _ = self.ground.tokens.set(Server::start(listener, authority, Tokens)?);
        Ok(())
    }

    /// Ends clients that stay. Without it they are killed once this is dropped.
    pub async fn end(&self) {
        self.ground.client.end().await;
        if let Some(tokens) = self.ground.tokens.get() {
            tokens.shutdown(Duration::ZERO).await;
        }
    }

    async fn run_all(
        &self,
        plan: &Plan,
        stop: &CancellationToken,
        mut told: impl FnMut(Judged, Progress) -> bool,
    ) -> Result<(), RunError> {
        let began = Instant::now();
        let room = Arc::new(Semaphore::new(self.jobs));
        let mut running = JoinSet::new();
        let cost = |case: &Case| (waits(&case.scenario, &self.ground.settings) + START).as_secs_f64();
        let mut left: f64 = plan.cases.iter().map(cost).sum();
        let all = left;
        for case in plan.cases.iter().cloned() {
            running.spawn(play(Arc::clone(&self.ground), Arc::clone(&room), case));
        }
        let mut done = 0;
        let ended = loop {
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = stop.cancelled() => break Ok(()),
            };
            let judged = match ended {
                None => break Ok(()),
                Some(Ok(Ok(judged))) => judged,
                Some(Ok(Err(error))) => break Err(error.into()),
                // A panic of our own is not the end of the plan.
                Some(Err(broken)) => std::panic::resume_unwind(broken.into_panic()),
            };
            done += 1;
            left -= cost(&judged.case);
            let took = began.elapsed();
            // What was measured says too much as long as all run beside each other, what was planned
            // says too much in the end.
            let measured = took.mul_f64((left / (all - left)).max(0.0));
            let at_once = self.jobs.min(plan.cases.len() - done).max(1);
            let planned = Duration::from_secs_f64(left.max(0.0) / at_once as f64);
            let progress = Progress { done, of: plan.cases.len(), took, left: measured.min(planned) };
            if !told(judged, progress) {
                break Ok(());
            }
        };
        // Clients that are given up are ended before anybody is told.
        running.shutdown().await;
        ended
    }
}

async fn play(ground: Arc<Ground>, room: Arc<Semaphore>, case: Case) -> Result<Judged, CaseError> {
    let _place = room.acquire().await;
    ground.play(case).await
}

/// Why a campaign came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The client cannot be started.
    #[error(transparent)]
    Start(StartError),
    /// The machine said no.
    #[error("cannot serve a case")]
    Serve(#[source] io::Error),
    /// What was to choose scenarios is no glob.
    #[error(transparent)]
    Glob(globset::Error),
    /// No scenario is left.
    #[error("there is no scenario to play")]
    Nothing,
}

impl From<CaseError> for RunError {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Start(error) => Self::Start(error),
            CaseError::Serve(error) => Self::Serve(error),
        }
    }
}

/// The hosts for which certificates are made: addresses of this machine, public names for clients
/// that come through the proxy, and those that hand out tokens.
fn hosts() -> Vec<String> {
    let local = ["127.0.0.1", "127.0.0.2"].into_iter().map(str::to_owned);
    let named = Simulator::hosts(&Places::default());
    local.chain(named).chain(identity::HOSTS.iter().map(|host| (*host).to_owned())).collect()
}
