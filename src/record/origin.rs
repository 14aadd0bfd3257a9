//! Where recorded requests go: to the real service, or to the one inside the binary.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;

use crate::{
    proxy::{
        Authority, Body, DialledWay, NoWayOut, Unread, Upstream, UpstreamError, WayOut, collect, drop_rest, full,
        problem,
    },
    simulate::{Service, identity},
};

/// A service that can be recorded.
pub trait Origin: Send + Sync + 'static {
    /// How passed hosts are reached.
    type Way: WayOut;

    /// A way to a host that is passed, `by_name` if a list says so; `None` where this origin does
    /// not pass it.
    fn way_to(&self, authority: &Authority, by_name: bool) -> Option<Self::Way>;

    /// Whether requests to the hosts that hand out tokens are answered here, untaped.
    fn is_identity(&self) -> bool;

    /// Answers a request with an absolute target.
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<http::Response<Body>, UpstreamError>> + Send;
}

/// The real service.
#[derive(Clone)]
pub struct Real {
    upstream: Upstream,
    /// Whether hosts that no list names are passed.
    pass_unknown: bool,
}

impl Real {
    /// Forwards by `upstream`. Unknown hosts are passed only where armtape started the client: a
    /// recorder that runs by itself must be nobody's open proxy.
    #[must_use]
    pub fn new(upstream: Upstream, pass_unknown: bool) -> Self {
        Self { upstream, pass_unknown }
    }
}

impl Origin for Real {
    type Way = DialledWay;

    fn way_to(&self, authority: &Authority, by_name: bool) -> Option<DialledWay> {
        (by_name || self.pass_unknown || identity::is_identity_host(&authority.host))
            .then(|| self.upstream.way_to(&authority.host, authority.port))
    }

    fn is_identity(&self) -> bool {
        false
    }

    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, UpstreamError> {
        Ok(self.upstream.send(request).await?.map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

/// Hubs and profiles in memory.
pub struct Embedded(Mutex<Service>);

impl Embedded {
    /// Answers in the place of Azure.
    #[must_use]
    pub fn new(service: Service) -> Self {
        Self(Mutex::new(service))
    }
}

/// Largest request body that the embedded service takes; ARM refuses more than 4 MB with 413.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024;

impl Origin for Embedded {
    type Way = NoWayOut;

    fn way_to(&self, _: &Authority, _: bool) -> Option<NoWayOut> {
        None
    }

    fn is_identity(&self) -> bool {
        true
    }

    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, UpstreamError> {
        let (head, body) = request.into_parts();
        let body = match collect(body, LARGEST_REQUEST).await {
            Ok(body) => body,
            Err(unread) => {
                if let Unread::TooLarge(_, rest) = unread {
                    drop_rest(rest).await;
                }
                let text = "the request body is cut short, or larger than 4 MB";
                return Ok(problem(StatusCode::PAYLOAD_TOO_LARGE, "RequestContentTooLarge", text).map(full));
            }
        };
        let request = http::Request::from_parts(head, body);
        let response = answer(&self.0, &request);
        Ok(response.map(full))
    }
}

fn answer(service: &Mutex<Service>, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    service.lock().unwrap_or_else(PoisonError::into_inner).answer(request, jiff::Timestamp::now())
}
