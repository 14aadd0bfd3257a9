//! A case made ready: where it is played, about which resources, with which body.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::net::TcpListener;

use super::{
    case::CaseError,
    plan::{Case, Settings},
    service::{At, Service},
};
use crate::{
    proxy::{CertificateAuthority, Server},
    simulate::scenario::{self, Draw, Operation, Place, Places, Subject},
};

/// The listeners of a case: the service's own, and that of a second host.
pub(super) struct Doors {
    own: TcpListener,
    second: TcpListener,
    address: SocketAddr,
    places: Places,
}

impl Doors {
    pub(super) async fn open(settings: &Settings) -> Result<Self, CaseError> {
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
        Ok(Self { own, second, address: own_address, places })
    }

    pub(super) fn serve(
        self,
        service: &Arc<Service>,
        authority: &Arc<CertificateAuthority>,
    ) -> Result<[Server<At>; 2], CaseError> {
        let serve = |listener: TcpListener, place: Place| {
            let at = At { place, service: Arc::clone(service) };
            Server::start(listener, Arc::clone(authority), at).map_err(CaseError::Serve)
        };
        Ok([serve(self.own, Place::Own)?, serve(self.second, Place::Second)?])
    }
}

/// A case made ready.
pub(super) struct Set {
    pub(super) script: scenario::Case,
    /// Where the service is, and a proxy that leads to it.
    pub(super) address: SocketAddr,
    /// The limit that the client is given.
    pub(super) limit: Option<Duration>,
    /// The body that the client is given.
    pub(super) body: Bytes,
}

impl Set {
    pub(super) fn of(case: &Case, settings: &Settings, doors: &Doors) -> Self {
        let given = case.subject.as_deref().or(settings.subject.as_ref());
        let subjects = subjects(case.scenario.operation, given, case.seed);
        let subjects: Vec<Subject> = match case.recipe {
            Some(recipe) => subjects.into_iter().map(|subject| recipe.dress(subject)).collect(),
            None => subjects,
        };
        let body = body(&subjects[0]);
        let script = scenario::Case {
            scenario: (*case.scenario).clone(),
            draw: Draw::new(case.seed),
            subjects,
            places: doors.places.clone(),
            pace: settings.pace,
        };
        let limit = settings.timeout.or_else(|| script.timeout());
        Self { script, address: doors.address, limit, body }
    }

    /// A host beside the service's own that may see the token.
    pub(super) fn trusted_host(&self) -> Option<String> {
        let is_trusted = self.script.scenario.trusts_second;
        is_trusted.then(|| Places::host(&self.script.places.second).to_owned())
    }

    /// Whether the client is to send the body as it is given.
    pub(super) fn sends_as_given(&self) -> bool {
        let operation = self.script.scenario.operation;
        let sends_body = matches!(operation.method(), http::Method::PUT | http::Method::PATCH);
        sends_body && !matches!(operation, Operation::Update | Operation::Pair)
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
