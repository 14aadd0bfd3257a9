//! One connection: sniffed, unwrapped from TLS and tunnels, and served.
//!
//! Generic over its I/O; its timers are tokio's, so that a paused runtime gives virtual time.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use http::{Method, Response, StatusCode, Uri, Version, header};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Answer, Authority, Body, CertificateAuthority, Handler, Request, Route, WayOut, empty, full,
    guard::{AsFarAsItCame, Flushes, Guarded},
    hop,
    hosts::is_loopback,
    patience::{SILENT, Sent, Streams, Taken, UNANSWERED},
    problem, raw,
    raw::Step,
    sniff::{Speech, Stream, sniff, unread},
    unwanted::Unwanted,
};

/// A client that says nothing is let go after this long: it holds a task and a descriptor.
const FIRST_BYTE: Duration = Duration::from_secs(10);

/// Longest TLS handshake; a real one takes milliseconds.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a handshake may go on when everything ends: a client that is gone by now may have said
/// why, and that is still to be read.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Longest time for the head of a request once a connection is open or idle: idle pools of real
/// clients keep connections for minutes, and reopening one is cheap for them.
pub(super) const HEAD: Duration = Duration::from_secs(60);

/// Largest request head. Signed polling URLs have 3.3 KB (S-28), tokens up to 48 KB are seen.
const HEAD_BYTES: usize = 256 * 1024;

/// As much again for HTTP/2, whose default of 16 KB refuses large tokens.
const HEAD_BYTES_H2: u32 = 256 * 1024;

/// Most headers of a request; hyper's own bound of 100 is less than what some gateways add.
pub(super) const HEADERS: usize = 1_000;

/// What all connections of a server share.
pub(super) struct Shared<H> {
    pub(super) handler: H,
    pub(super) authority: Arc<CertificateAuthority>,
    pub(super) local: SocketAddr,
    /// No new requests: those in flight may end.
    pub(super) shutdown: CancellationToken,
    /// Those in flight may not.
    pub(super) cut: CancellationToken,
    pub(super) tasks: TaskTracker,
    /// Those of HTTP/2 connections, which are no connections.
    pub(super) streams: TaskTracker,
}

/// How a connection was reached.
#[derive(Clone)]
struct Way {
    number: u64,
    /// The host of the tunnel, or of a TLS handshake outside one: what requests without an
    /// authority of their own are meant for.
    tunnel: Option<Authority>,
    tls: bool,
    depth: u8,
}

/// A tunnel inside a tunnel inside a tunnel is nobody's need.
const DEEPEST: u8 = 3;

/// Serves a connection to its end.
pub(super) async fn serve<H: Handler>(shared: Arc<Shared<H>>, io: impl Stream, number: u64) {
    unwrap(shared, Box::new(Taken::new(io)), Way { number, tunnel: None, tls: false, depth: 0 }).await;
}

/// Boxed, since a tunnel holds a connection of the same kind.
fn unwrap<H: Handler>(
    shared: Arc<Shared<H>>,
    io: Box<dyn Stream>,
    way: Way,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let sniffed = tokio::select! {
            sniffed = timeout(FIRST_BYTE, sniff(io)) => sniffed,
            () = shared.shutdown.cancelled() => return,
        };
        // A client that stays silent or goes away has nobody to tell.
        let Ok(Ok((speech, io))) = sniffed else { return };
        match speech {
            Speech::Nothing => {}
            Speech::Tls if way.tls => {}
            Speech::Tls => handshake(shared, io, way).await,
            Speech::Http2 => http2(shared, io, way).await,
            Speech::Http1 => http1(shared, io, way).await,
        }
    })
}

async fn handshake<H: Handler>(shared: Arc<Shared<H>>, io: Box<dyn Stream>, mut way: Way) {
    let accept = async {
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), io).await?;
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let asked = match (&way.tunnel, &name) {
            (Some(tunnel), _) => tunnel.host.clone(),
            (None, Some(name)) => name.clone(),
            (None, None) => shared.local.ip().to_string(),
        };
        if way.tunnel.is_none() && !is_loopback(&asked) && asked != shared.local.ip().to_string() {
            way.tunnel = Authority::parse(&asked, 443);
        }
        let config = shared.authority.server_config(&asked).map_err(io::Error::other)?;
        start.into_stream(config).await.inspect_err(|error| {
            shared.handler.distrusted(&asked, error);
        })
    };
    let accepted = tokio::select! {
        accepted = timeout(HANDSHAKE, accept) => accepted,
        () = async { shared.shutdown.cancelled().await; sleep(LAST_WORD).await } => return,
    };
    let Ok(Ok(stream)) = accepted else { return };
    way.tls = true;
    // What ALPN chose is seen in the first bytes, which must come in time, too.
    unwrap(shared, Box::new(stream), way).await;
}

async fn http1<H: Handler>(shared: Arc<Shared<H>>, io: Box<dyn Stream>, way: Way) {
    let (take_over, mut taken_over) = mpsc::channel(1);
    let tls = way.tls;
    let flushes = Arc::default();
    let io: Box<dyn Stream> = Box::new(Guarded::http1(io, &flushes));
    let service = {
        let shared = Arc::clone(&shared);
        service_fn(move |request| {
            let flushes = Arc::clone(&flushes);
            whole_or_cut(answer(Arc::clone(&shared), request, way.clone(), Some(take_over.clone())), flushes, false)
        })
    };
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut ending = false;
    let steps = loop {
        tokio::select! {
            ended = &mut connection => {
                // A body that was cut must not look ended over TLS: no `close_notify` then.
                if let Err(error) = ended && !(tls && error.is_user()) && let Some(parts) = connection.into_parts() {
                    tokio::select! {
                        () = raw::end(parts.io.into_inner()) => {}
                        () = shared.shutdown.cancelled() => {}
                    }
                }
                return;
            }
            () = shared.cut.cancelled() => return,
            () = shared.shutdown.cancelled(), if !ending => {
                Pin::new(&mut connection).graceful_shutdown();
                ending = true;
            }
            Some(steps) = taken_over.recv() => break steps,
        }
    };
    let Some(parts) = connection.into_parts() else { return };
    tokio::select! {
        _ = raw::play(parts.io.into_inner(), steps) => {}
        () = shared.cut.cancelled() => {}
    }
}

async fn http2<H: Handler>(shared: Arc<Shared<H>>, io: Box<dyn Stream>, way: Way) {
    let flushes = Arc::default();
    let io: Box<dyn Stream> = Box::new(Guarded::http2(io, &flushes));
    let service = {
        let shared = Arc::clone(&shared);
        service_fn(move |request| {
            let flushes = Arc::clone(&flushes);
            whole_or_cut(answer(Arc::clone(&shared), request, way.clone(), None), flushes, true)
        })
    };
    let streams = Streams { tasks: shared.streams.clone(), cut: shared.cut.clone() };
    let connection = hyper::server::conn::http2::Builder::new(streams)
        .timer(TokioTimer::new())
        .keep_alive_interval(SILENT)
        .keep_alive_timeout(UNANSWERED)
        .max_header_list_size(HEAD_BYTES_H2)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shared.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = connection => {}
        () = shared.cut.cancelled() => {}
    }
}

/// No answer was given: hyper closes the connection, or resets the stream.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
struct Closed;

/// The answer, with a body that reaches the client as far as it came.
async fn whole_or_cut(
    answer: impl Future<Output = Result<Response<Body>, Closed>>,
    flushes: Arc<Flushes>,
    http2: bool,
) -> Result<Response<Body>, Closed> {
    Ok(answer.await?.map(|body| AsFarAsItCame::new(body, flushes, http2).boxed_unsync()))
}

async fn answer<H: Handler>(
    shared: Arc<Shared<H>>,
    request: hyper::Request<Incoming>,
    way: Way,
    take_over: Option<mpsc::Sender<Vec<Step>>>,
) -> Result<Response<Body>, Closed> {
    if request.method() == Method::CONNECT {
        return Ok(connect(&shared, request, &way).await);
    }
    if request.headers().get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        let reason = "a WebSocket cannot be taped; it works where its host is passed, not taped";
        return Ok(refusal(StatusCode::NOT_IMPLEMENTED, "ArmtapeUpgrade", reason));
    }
    let Some((scheme, authority, endpoint)) = meant_for(&shared, &request, &way) else {
        return Ok(refusal(StatusCode::BAD_REQUEST, "ArmtapeBadTarget", "the request target names no valid host"));
    };
    if let Some(authority) = &authority {
        match shared.handler.route(authority) {
            Route::Serve => {}
            Route::Refuse(reason) => return Ok(refusal(StatusCode::FORBIDDEN, "ArmtapeHostRefused", &reason)),
            Route::Pass(_) if scheme == "https" => {
                let reason = format!("{authority} is passed in tunnels only: ask for it with CONNECT");
                return Ok(refusal(StatusCode::FORBIDDEN, "ArmtapeHostRefused", &reason));
            }
            Route::Pass(way_out) => return Ok(pass_request(&shared, authority, way_out, request).await),
        }
    }
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let request = Request {
        method: parts.method,
        target,
        scheme,
        authority,
        endpoint,
        version: parts.version,
        headers: parts.headers,
        body: match parts.version {
            Version::HTTP_2 => Sent::new(Unwanted::new(body)).boxed_unsync(),
            _ => Sent::new(body).boxed_unsync(),
        },
        connection: way.number,
    };
    match shared.handler.answer(request).await {
        Answer::Message(response) => Ok(response),
        Answer::Raw(steps) => match take_over {
            Some(take_over) if take_over.send(steps).await.is_ok() => std::future::pending().await,
            _ => Err(Closed),
        },
        Answer::Close => Err(Closed),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    problem(status, code, message).map(full)
}

/// Scheme, host (`None`: armtape itself) and the URL by which armtape was reached.
fn meant_for<H: Handler>(
    shared: &Shared<H>,
    request: &hyper::Request<Incoming>,
    way: &Way,
) -> Option<(&'static str, Option<Authority>, String)> {
    let wire = if way.tls { "https" } else { "http" };
    let uri = request.uri();
    // In HTTP/2 `:authority` stands where HTTP/1.1 has an absolute target or `Host`.
    let absolute = uri.authority().filter(|_| request.version() != Version::HTTP_2);
    let scheme = match uri.scheme_str() {
        Some("https") if absolute.is_some() => "https",
        Some("http") if absolute.is_some() => "http",
        _ => wire,
    };
    let default_port = if scheme == "https" { 443 } else { 80 };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let named = absolute.or(uri.authority()).map(http::uri::Authority::as_str).or(host);
    let own = |authority: &Authority| is_own(shared, authority);
    let endpoint = format!("{wire}://{}", host.or(named).map_or_else(|| shared.local.to_string(), str::to_owned));
    if absolute.is_some() {
        // `GET HOST:PORT` is a form for CONNECT alone (RFC 9112 section 3.2.3).
        uri.scheme()?;
        let authority = Authority::parse(named?, default_port)?;
        return Some(if own(&authority) { (wire, None, endpoint) } else { (scheme, Some(authority), endpoint) });
    }
    if let Some(tunnel) = &way.tunnel {
        // The request's own spelling of the tunnel's host: `HOST`, where CONNECT said `HOST:443`.
        let spelled = named
            .and_then(|named| Authority::parse(named, default_port))
            .filter(|named| (&named.host, named.port) == (&tunnel.host, tunnel.port));
        return Some((scheme, Some(spelled.unwrap_or_else(|| tunnel.clone())), endpoint));
    }
    // Outside a tunnel: armtape is the endpoint, unless the client was led here under the name of
    // a served host (a hosts file, curl's --connect-to). This machine's own names lead nobody.
    let other = named.and_then(|named| Authority::parse(named, default_port));
    let other = other.filter(|authority| !own(authority) && !is_loopback(&authority.host));
    let served = other.filter(|authority| matches!(shared.handler.route(authority), Route::Serve));
    Some((scheme, served, endpoint))
}

/// Whether a client that asks for this asks for armtape.
fn is_own<H>(shared: &Shared<H>, authority: &Authority) -> bool {
    authority.port == shared.local.port()
        && (is_loopback(&authority.host) || authority.host == shared.local.ip().to_string())
}

async fn connect<H: Handler>(shared: &Arc<Shared<H>>, request: hyper::Request<Incoming>, way: &Way) -> Response<Body> {
    if request.version() == Version::HTTP_2 || way.depth >= DEEPEST {
        return refusal(StatusCode::NOT_IMPLEMENTED, "ArmtapeConnect", "CONNECT works in HTTP/1.1, outside tunnels");
    }
    let target = request.uri().authority().map(http::uri::Authority::as_str);
    let Some(authority) = target.and_then(|target| Authority::parse(target, 443)) else {
        return refusal(StatusCode::BAD_REQUEST, "ArmtapeBadTarget", "CONNECT needs HOST:PORT");
    };
    if is_own(shared, &authority) {
        let way = Way { tunnel: None, depth: way.depth + 1, ..way.clone() };
        return tunnel(shared, request, move |shared, io| unwrap(shared, io, way));
    }
    match shared.handler.route(&authority) {
        Route::Serve => {
            let way = Way { tunnel: Some(authority), tls: false, depth: way.depth + 1, number: way.number };
            tunnel(shared, request, move |shared, io| unwrap(shared, io, way))
        }
        Route::Refuse(reason) => refusal(StatusCode::FORBIDDEN, "ArmtapeHostRefused", &reason),
        Route::Pass(way_out) => match dial(shared, &authority, way_out).await {
            Ok(upstream) => tunnel(shared, request, move |shared, io| Box::pin(pass(shared, io, upstream))),
            Err(refused) => refused,
        },
    }
}

async fn dial<H: Handler>(shared: &Shared<H>, to: &Authority, way_out: H::Way) -> Result<TcpStream, Response<Body>> {
    let dialled = way_out.dial().await;
    shared.handler.passed(to, dialled.as_ref().map(drop));
    dialled.map_err(|error| refusal(StatusCode::BAD_GATEWAY, "ArmtapeUpstream", &format!("cannot reach {to}: {error}")))
}

/// A plain request to a passed host (a metadata endpoint, a mirror): forwarded and forgotten.
async fn pass_request<H: Handler>(
    shared: &Shared<H>,
    to: &Authority,
    way_out: H::Way,
    mut request: hyper::Request<Incoming>,
) -> Response<Body> {
    let upstream = match dial(shared, to, way_out).await {
        Ok(upstream) => upstream,
        Err(refused) => return refused,
    };
    let forwarded = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(upstream)).await?;
        shared.tasks.spawn(async move {
            let _ = connection.await;
        });
        let target = request.uri().path_and_query().cloned();
        *request.uri_mut() = target.map_or_else(Uri::default, Uri::from);
        *request.version_mut() = Version::HTTP_11;
        let (mut head, body) = request.into_parts();
        hop::next_hop_request(&mut head.headers, &body);
        let mut request = hyper::Request::from_parts(head, body);
        if let Ok(host) = header::HeaderValue::from_str(&to.text) {
            request.headers_mut().insert(header::HOST, host);
        }
        sender.send_request(request).await
    };
    match forwarded.await {
        Ok(mut response) => {
            hop::next_hop_response(response.headers_mut());
            response.map(|body| body.map_err(Into::into).boxed_unsync())
        }
        Err(error) => refusal(StatusCode::BAD_GATEWAY, "ArmtapeUpstream", &format!("{to} did not answer: {error}")),
    }
}

/// Accepts a tunnel and lets `inside` have it. Tunnels are tasks of their own and counted: hyper
/// forgets a connection once it is upgraded.
fn tunnel<H: Handler, F>(
    shared: &Arc<Shared<H>>,
    request: hyper::Request<Incoming>,
    inside: impl FnOnce(Arc<Shared<H>>, Box<dyn Stream>) -> F + Send + 'static,
) -> Response<Body>
where
    F: Future<Output = ()> + Send + 'static,
{
    let tunnel = Arc::clone(shared);
    shared.tasks.spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        // What hyper was given is what it gives back.
        if let Ok(parts) = upgraded.downcast::<TokioIo<Box<dyn Stream>>>() {
            inside(tunnel, unread(parts.read_buf, parts.io.into_inner())).await;
        }
    });
    Response::new(empty())
}

async fn pass<H>(shared: Arc<Shared<H>>, mut client: Box<dyn Stream>, mut upstream: TcpStream) {
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
        // Nobody can see whether a request is in flight in it: it has the grace, too.
        () = shared.cut.cancelled() => {}
    }
}
