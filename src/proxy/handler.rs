//! What stands behind the server: record, replay and simulate are handlers.

use std::{convert::Infallible, future::Future, io, sync::Arc};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use tokio::net::TcpStream;

use super::{Authority, Body, Request, Step, full};

/// What a request is answered.
#[derive(Debug)]
pub enum Answer {
    /// A head and a stream of the body.
    Message(Response<Body>),
    /// Bytes, waits and ends on the connection itself. HTTP/2 has no such thing: there the stream
    /// is reset.
    Raw(Vec<Step>),
    /// Nothing: the connection is closed (HTTP/1.1), the stream reset (HTTP/2).
    Close,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        Self::Message(response.map(full))
    }
}

/// What to do with a host that a client wants to talk to.
#[derive(Debug)]
pub enum Route<W> {
    /// Answer in its place.
    Serve,
    /// Let the bytes through, blind.
    Pass(W),
    /// Neither; with the reason.
    Refuse(String),
}

/// A way to a host whose bytes are let through.
pub trait WayOut: Send + 'static {
    /// Opens the connection.
    fn dial(self) -> impl Future<Output = io::Result<TcpStream>> + Send;
}

/// No way out: nobody can make one. A handler with this type cannot leave the machine.
#[derive(Clone, Copy, Debug)]
pub struct NoWayOut(Infallible);

impl WayOut for NoWayOut {
    async fn dial(self) -> io::Result<TcpStream> {
        match self.0 {}
    }
}

/// Decides, and answers.
pub trait Handler: Send + Sync + 'static {
    /// How a passed host is reached; [`NoWayOut`] where none is passed.
    type Way: WayOut;

    /// What to do with a host. Called once for each tunnel and each request outside of one.
    fn route(&self, authority: &Authority) -> Route<Self::Way>;

    /// Answers a request to a served host.
    fn answer(&self, request: Request) -> impl Future<Output = Answer> + Send;

    /// A passed host was dialled, for a tunnel or for one request.
    fn passed(&self, authority: &Authority, outcome: Result<(), &io::Error>) {
        let _ = (authority, outcome);
    }

    /// A client did not finish the TLS handshake for `host`: most often it does not trust the
    /// certificate, and the user will wonder why nothing came.
    fn distrusted(&self, host: &str, error: &io::Error) {
        let _ = (host, error);
    }
}

/// One handler behind several listeners.
impl<H: Handler> Handler for Arc<H> {
    type Way = H::Way;

    fn route(&self, authority: &Authority) -> Route<H::Way> {
        (**self).route(authority)
    }

    fn answer(&self, request: Request) -> impl Future<Output = Answer> + Send {
        (**self).answer(request)
    }

    fn passed(&self, authority: &Authority, outcome: Result<(), &io::Error>) {
        (**self).passed(authority, outcome);
    }

    fn distrusted(&self, host: &str, error: &io::Error) {
        (**self).distrusted(host, error);
    }
}

/// An error of armtape's own, in ARM's envelope so that any client can show it.
#[must_use]
pub fn problem(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "error": { "code": code, "message": message } }).to_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(code) = header::HeaderValue::from_str(code) {
        headers.insert("x-ms-error-code", code);
    }
    response
}
