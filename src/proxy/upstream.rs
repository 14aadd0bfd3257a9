//! The way out: to the real host, over verified TLS, through the user's own proxy where one is set.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::{Client, connect::proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, pki_types::CertificateDer};
use tokio::net::TcpStream;
use tower_service::Service;

use super::{Body, BodyError, WayOut, connection::HEADERS, hosts::is_private, provider, tls::root_store};

/// Longest time for a connection to be made, and as much again for its TLS handshake; beyond it no
/// host of Azure answers.
const CONNECT: Duration = Duration::from_secs(30);

/// `HOST:PORT:ADDR:PORT`, as curl's `--connect-to`: whoever asks for the first gets the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host asked for, in lower case; empty for any.
    pub host: String,
    /// The port asked for; `None` for any.
    pub port: Option<u16>,
    /// The host to dial; empty for the one asked for.
    pub address: String,
    /// The port to dial; `None` for the one asked for.
    pub to_port: Option<u16>,
}

impl std::str::FromStr for ConnectTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not HOST:PORT:ADDR:PORT");
        let mut fields = Vec::new();
        let mut rest = text;
        while fields.len() < 3 {
            let (field, after) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((field, after)) => (field, after.strip_prefix(':').ok_or_else(wrong)?),
                None => rest.split_once(':').ok_or_else(wrong)?,
            };
            fields.push(field);
            rest = after;
        }
        let port = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong()),
        };
        Ok(Self {
            host: fields[0].to_ascii_lowercase(),
            port: port(fields[1])?,
            address: fields[2].to_owned(),
            to_port: port(rest)?,
        })
    }
}

/// How the outside is reached.
#[derive(Clone, Debug, Default)]
pub struct UpstreamConfig {
    /// Roots to trust.
    pub roots: Vec<CertificateDer<'static>>,
    /// Hosts that are dialled elsewhere.
    pub connect_to: Vec<ConnectTo>,
    /// Whether private addresses may be dialled.
    pub allow_private: bool,
    /// Hosts that the user named as upstream: their private addresses may be dialled, too.
    pub named: Vec<String>,
}

/// A request could not be brought to the service, or was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct UpstreamError {
    /// The service was reached and broke the connection off before an answer began: that is its
    /// own behaviour, and no fault of the way there.
    pub broken_off: bool,
    /// In the user's words.
    pub reason: String,
    /// What can be done about it.
    pub hint: Option<&'static str>,
}

/// A client for the real service, and a dialler for passed hosts.
#[derive(Clone)]
pub struct Upstream {
    client: Client<Bounded, Body>,
    dialler: Dialler,
}

impl Upstream {
    /// Sets up the client; nothing is dialled yet.
    ///
    /// # Errors
    ///
    /// Where there is no root to trust.
    pub fn new(config: UpstreamConfig) -> Result<Self, rustls::Error> {
        let (roots, _) = root_store(config.roots.iter().cloned());
        if roots.is_empty() {
            return Err(rustls::Error::General("there is no root certificate to trust on this machine".to_owned()));
        }
        let tls = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let dialler = Dialler { config: Arc::new(config), proxies: Arc::new(Matcher::from_env()) };
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(dialler.clone());
        let connector = Bounded(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_headers(HEADERS)
            .build(connector);
        Ok(Self { client, dialler })
    }

    /// Sends a request with an absolute target; its headers go as they are.
    ///
    /// # Errors
    ///
    /// Where no answer begins.
    pub async fn send(
        &self,
        request: http::Request<Body>,
    ) -> Result<http::Response<hyper::body::Incoming>, UpstreamError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        self.client.request(request).await.map_err(|error| explain(&host, &error))
    }

    /// A way to a host whose bytes are passed.
    #[must_use]
    pub fn way_to(&self, host: &str, port: u16) -> DialledWay {
        DialledWay { dialler: self.dialler.clone(), host: host.to_owned(), port }
    }
}

/// A way to a host, not yet taken.
pub struct DialledWay {
    dialler: Dialler,
    host: String,
    port: u16,
}

impl WayOut for DialledWay {
    async fn dial(self) -> io::Result<TcpStream> {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host };
        let uri = format!("https://{host}:{}", self.port).parse().map_err(io::Error::other)?;
        self.dialler.connect(uri).await
    }
}

#[derive(Clone)]
struct Dialler {
    config: Arc<UpstreamConfig>,
    proxies: Arc<Matcher>,
}

impl Dialler {
    async fn connect(self, uri: Uri) -> io::Result<TcpStream> {
        let dialled = async {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
            let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
            if let Some(redirect) = self.config.connect_to.iter().find(|redirect| {
                (redirect.host.is_empty() || redirect.host == host) && redirect.port.is_none_or(|named| named == port)
            }) {
                let address = if redirect.address.is_empty() { &host } else { &redirect.address };
                return dial(address, redirect.to_port.unwrap_or(port), true).await;
            }
            let allow_private = self.config.allow_private || self.config.named.contains(&host);
            if let Some(proxy) = self.proxies.intercept(&uri) {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), Direct);
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                let through = tunnel.call(uri).await.map_err(io::Error::other)?;
                return Ok(through.into_inner());
            }
            dial(&host, port, allow_private).await
        };
        match tokio::time::timeout(CONNECT, dialled).await {
            Ok(result) => result,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no connection within 30 s")),
        }
    }
}

/// Dials the first address that answers. The address that is checked is the one that is dialled.
async fn dial(host: &str, port: u16, allow_private: bool) -> io::Result<TcpStream> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in found {
        if !allow_private && is_private(address.ip()) {
            last = io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{} is a private address; `--allow-private` allows it", address.ip()),
            );
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

type Dialling<E> = Pin<Box<dyn Future<Output = Result<TokioIo<TcpStream>, E>> + Send>>;

impl Service<Uri> for Dialler {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Dialling<io::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialler = self.clone();
        Box::pin(async move { dialler.connect(uri).await.map(TokioIo::new) })
    }
}

/// Makes connections within a bound, the TLS handshake included.
#[derive(Clone)]
struct Bounded(HttpsConnector<Dialler>);

impl Service<Uri> for Bounded {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BodyError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BodyError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(CONNECT * 2, self.0.call(uri));
        Box::pin(async move {
            connecting
                .await
                .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no TLS handshake within 60 s").into()))
        })
    }
}

/// Dials what it is told, for the user's own proxy, wherever that is.
#[derive(Clone)]
struct Direct;

impl Service<Uri> for Direct {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Dialling<io::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(async move {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            dial(&host, uri.port_u16().unwrap_or(80), true).await.map(TokioIo::new)
        })
    }
}

/// The innermost cause in one line, with what to do.
fn explain(host: &str, error: &hyper_util::client::legacy::Error) -> UpstreamError {
    let mut cause: &dyn std::error::Error = error;
    let mut certificate = false;
    // A private address says itself what allows it.
    let mut refused = false;
    loop {
        refused |=
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        certificate |= cause
            .downcast_ref::<rustls::Error>()
            .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)));
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(|error| error.get_ref())
            .map(|inner| inner as &(dyn std::error::Error + 'static));
        match inner.or_else(|| cause.source()) {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    if certificate {
        return UpstreamError {
            broken_off: false,
            reason: format!("{host} is not trusted: {cause}"),
            // Self-signed in one stroke: `--upstream-ca` would not help.
            hint: Some(if cause.to_string().contains("CaUsedAsEndEntity") {
                "it shows the certificate of an authority as its own: give it one that the authority has signed"
            } else {
                "if its authority is your own, name it: `--upstream-ca FILE`"
            }),
        };
    }
    if cause.downcast_ref::<rustls::Error>().is_some() {
        return UpstreamError {
            broken_off: false,
            reason: format!("{host} does not answer in TLS: {cause}"),
            hint: Some("check the port, and your proxy settings"),
        };
    }
    if error.is_connect() {
        return UpstreamError {
            broken_off: false,
            reason: format!("{host} cannot be reached: {cause}"),
            hint: (!refused).then_some("check the network, the name and your proxy settings"),
        };
    }
    let http = std::error::Error::source(error).and_then(|source| source.downcast_ref::<hyper::Error>());
    let broken_off = http.is_none_or(|http| !http.is_parse() && !http.is_user());
    UpstreamError { broken_off, reason: format!("{host} did not answer: {cause}"), hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::empty;

    /// Virtual time goes on whenever nobody has anything to do, as with a service that is silent.
    #[tokio::test(start_paused = true)]
    async fn a_service_that_says_nothing_to_a_handshake_is_given_up() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let config = UpstreamConfig {
            roots: vec![root.cert.der().clone()],
            connect_to: vec![format!("::127.0.0.1:{}", silent.local_addr().unwrap().port()).parse().unwrap()],
            ..UpstreamConfig::default()
        };
        let upstream = Upstream::new(config).unwrap();
        let start = tokio::time::Instant::now();
        let request = http::Request::get("https://localhost/").body(empty()).unwrap();
        let error = upstream.send(request).await.unwrap_err();
        assert!(error.reason.contains("no TLS handshake within 60 s"), "{error}");
        assert!(!error.broken_off);
        assert_eq!(start.elapsed(), CONNECT * 2);
    }
}
