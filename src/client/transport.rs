//! How requests leave: a trait, and the real thing over TLS.

use std::{
    error::Error,
    fmt,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::{
        legacy::{
            Client,
            connect::{HttpConnector, proxy::Tunnel},
        },
        proxy::matcher::Matcher,
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::net::TcpStream;
use tower_service::Service;

/// ARM waits a minute for a service (S-01), so that a client that waits less never sees the answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);

/// A dead address is known sooner.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// ARM discards answers above 8 MB (S-02); what is twice that isn't one.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// Two polling URLs of 8 KB (LRO-C-18) and the rest; hyper's own bound for HTTP/2 is 16 KB in all.
const LARGEST_HEAD: u32 = 64 * 1024;

/// Sends requests.
pub trait Transport {
    /// Sends one request, and reads its answer to the end.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No whole answer in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// More than the client is ready to hold.
    #[error("the answer's body is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    /// The peer's certificate isn't good.
    #[error("the certificate was not accepted")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
    /// The connection couldn't be made, or broke.
    #[error("the connection failed")]
    Connection(#[source] Box<dyn Error + Send + Sync>),
}

impl TransportError {
    /// Whether another attempt must end in the same way.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::TooLarge | Self::Certificate(_))
    }

    fn of(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        if error.is::<http_body_util::LengthLimitError>() {
            Self::TooLarge
        } else if is_certificate(error.as_ref()) {
            Self::Certificate(error)
        } else {
            Self::Connection(error)
        }
    }
}

/// Whether a certificate is at the bottom of this. An `io::Error` hides the error that it holds from
/// `source`.
fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    held.is_some_and(|held| is_certificate(held)) || error.source().is_some_and(is_certificate)
}

/// What the real transport needs to know.
#[derive(Clone)]
pub struct HttpsSettings {
    /// PEM file with the only roots to trust, in the place of the system's.
    pub ca: Option<PathBuf>,
    /// Proxy for `https` URLs, such as `http://127.0.0.1:8080`.
    pub proxy: Option<String>,
    /// Hosts that are reached without it, comma-separated.
    pub no_proxy: Option<String>,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The proxy's URL may hold a password.
impl fmt::Debug for HttpsSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ca, proxy, no_proxy, timeout } = self;
        write!(formatter, "HttpsSettings({ca:?}, proxy {}, {no_proxy:?}, {timeout:?})", proxy.is_some())
    }
}

impl Default for HttpsSettings {
    fn default() -> Self {
        Self { ca: None, proxy: None, no_proxy: None, timeout: ANSWER_WITHIN }
    }
}

impl HttpsSettings {
    /// What the environment says: `SSL_CERT_FILE`, `HTTPS_PROXY` and `NO_PROXY`, the latter two in
    /// lower case too. An empty value is none.
    #[must_use]
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        Self {
            ca: first(&["SSL_CERT_FILE"]).map(PathBuf::from),
            proxy: first(&["HTTPS_PROXY", "https_proxy"]),
            no_proxy: first(&["NO_PROXY", "no_proxy"]),
            timeout: ANSWER_WITHIN,
        }
    }
}

/// Why the real transport can't be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The file with the roots can't be read; the source names it.
    #[error("failed to read the trusted certificates")]
    ReadRoots(#[source] std::io::Error),
    /// The file with the roots isn't good.
    #[error("no trusted certificate in {}", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, if it isn't just empty.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The system's own roots can't be found.
    #[error("the system has no trusted certificates: name a file with them")]
    NoRoots,
    /// The proxy isn't one that can be used.
    #[error("the proxy is not an http URL")]
    Proxy,
    /// The TLS library can't be configured.
    #[error("failed to set up TLS")]
    Tls(#[source] rustls::Error),
}

/// The real transport: HTTP/1.1 or HTTP/2, over TLS but to loopback addresses, through a proxy where
/// one is set.
#[derive(Clone, Debug)]
pub struct Https {
    client: Client<HttpsConnector<Connector>, Full<Bytes>>,
    timeout: Duration,
}

impl Https {
    /// A transport.
    ///
    /// # Errors
    ///
    /// The roots or the proxy can't be used.
    pub fn new(settings: &HttpsSettings) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(SetupError::Tls)?
            .with_root_certificates(roots(settings)?)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Connector::new(settings)?);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_max_header_list_size(LARGEST_HEAD)
            .build(connector);
        Ok(Self { client, timeout: settings.timeout })
    }
}

impl Transport for Https {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let exchange = async {
            let answer = self.client.request(request.map(Full::new)).await.map_err(TransportError::of)?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(TransportError::of)?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        tokio::time::timeout(self.timeout, exchange).await.unwrap_or(Err(TransportError::TimedOut(self.timeout)))
    }
}

fn roots(settings: &HttpsSettings) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &settings.ca else {
        // A single bad certificate among the system's is no reason to trust none.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if roots.is_empty() { Err(SetupError::NoRoots) } else { Ok(roots) };
    };
    let bad = |source| SetupError::Roots { path: path.clone(), source };
    let pem = fs_err::read(path).map_err(SetupError::ReadRoots)?;
    let certificates: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| bad(Some(error.into())))?;
    // A bundle of a system may hold a few that are not understood.
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err(bad(None)) } else { Ok(roots) }
}

/// Connects, through the proxy where one is set for the URL.
#[derive(Clone, Debug)]
struct Connector {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Connector {
    fn new(settings: &HttpsSettings) -> Result<Self, SetupError> {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        direct.set_connect_timeout(Some(CONNECT_WITHIN));
        let (proxy, no_proxy) = (settings.proxy.clone(), settings.no_proxy.clone());
        let matcher = Matcher::builder().https(proxy.clone().unwrap_or_default()).no(no_proxy.unwrap_or_default());
        // The matcher passes over what it can't read, and knows SOCKS and TLS to the proxy, which
        // this client doesn't speak. To go past a proxy that was named would be worse than to stop.
        if let Some(proxy) = proxy {
            let anywhere = Matcher::builder().https(proxy).build().intercept(&Uri::from_static("https://host/"));
            if anywhere.is_none_or(|proxy| proxy.uri().scheme_str() != Some("http")) {
                return Err(SetupError::Proxy);
            }
        }
        Ok(Self { direct, proxies: Arc::new(matcher.build()) })
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let Some(proxy) = self.proxies.intercept(&destination) else {
            let connecting = self.direct.call(destination);
            return Box::pin(async { Ok(connecting.await?) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        let connecting = tunnel.call(destination);
        Box::pin(async { Ok(connecting.await?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_environment() {
        let settings = HttpsSettings::from_variables(|name| match name {
            "SSL_CERT_FILE" => Some("/ca.pem".to_owned()),
            "HTTPS_PROXY" => Some(String::new()),
            "https_proxy" => Some("http://127.0.0.1:9".to_owned()),
            _ => None,
        });
        assert_eq!(settings.ca, Some(PathBuf::from("/ca.pem")));
        assert_eq!(settings.proxy.as_deref(), Some("http://127.0.0.1:9"), "an empty value is none");
        assert_eq!(settings.no_proxy, None);
    }

    #[test]
    fn refuses_a_proxy_that_it_cannot_speak_to() {
        for proxy in ["socks5://127.0.0.1:9", "https://127.0.0.1:9", "::not a proxy::"] {
            let settings = HttpsSettings { proxy: Some(proxy.to_owned()), ..HttpsSettings::default() };
            assert!(matches!(Connector::new(&settings), Err(SetupError::Proxy)), "{proxy}");
        }
    }

    #[test]
    fn refuses_a_file_without_roots() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let settings = HttpsSettings { ca: Some(file.path().to_owned()), ..HttpsSettings::default() };
        assert!(matches!(Https::new(&settings), Err(SetupError::Roots { source: None, .. })));
        let settings = HttpsSettings { ca: Some("/no/such/file".into()), ..HttpsSettings::default() };
        assert!(matches!(Https::new(&settings), Err(SetupError::ReadRoots(_))));
    }
}
