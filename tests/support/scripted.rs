//! A service of the test's own that has nothing of ours in it: one port that is a proxy
//! (`CONNECT`), a TLS server under every name the clients ask for, the sign-in service and ARM with
//! one script: create 202 with `Location`, one running poll, done, update 200.
//!
//! It tells a fault of a client from a fault of ours, and stands for the real host where one is
//! recorded.

use std::{
    convert::Infallible,
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// The sign-in service. What it answers is what `azure-identity` and `@azure/identity` need.
const LOGIN: &str = "login.microsoftonline.com";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The running service; it ends when this is dropped.
pub(crate) struct Scripted {
    address: SocketAddr,
    authority: tempfile::NamedTempFile,
    seen: Arc<Mutex<Vec<Seen>>>,
    _runtime: tokio::runtime::Runtime,
}

/// A request, and the status that it got.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) status: u16,
}

impl Scripted {
    /// Begins to serve on a free port of the loopback.
    pub(crate) fn start() -> Result<Self, Failure> {
        let (acceptor, pem) = identity()?;
        let mut authority = tempfile::NamedTempFile::new()?;
        authority.write_all(pem.as_bytes())?;

        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let seen = Arc::default();
        let service = Service { acceptor, script: Arc::default(), seen: Arc::clone(&seen) };
        // The runtime is the owner: whatever still runs ends with it.
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move { service.connection(stream).await });
            }
        });
        Ok(Self { address, authority, seen, _runtime: runtime })
    }

    /// Where it listens, for proxy variables and for `--connect-to`.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file with the certificate to trust.
    pub(crate) fn authority(&self) -> &Path {
        self.authority.path()
    }

    /// Every request so far, in the order of the answers.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A certificate for every name that it is asked under, and the authority that vouches for it.
fn identity() -> Result<(TlsAcceptor, String), Failure> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // OpenSSL takes a certificate whose subject is its issuer for self-signed: the two must differ.
    params.distinguished_name.push(DnType::CommonName, "authority of a test");
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    let issuer = Issuer::new(params, key);

    let names = [LOGIN, "management.azure.com", "localhost", "127.0.0.1"];
    let mut params = CertificateParams::new(names.map(str::to_owned))?;
    // Python from 3.13 on insists on it.
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let private = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    Ok((TlsAcceptor::from(Arc::new(config)), pem))
}

#[derive(Clone)]
struct Service {
    acceptor: TlsAcceptor,
    script: Arc<Mutex<Script>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Service {
    /// The first byte tells TLS from a request to the proxy.
    async fn connection(self, stream: TcpStream) {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1) if first[0] == 0x16 => self.tls(stream).await,
            _ => {
                let service = service_fn(move |request| self.clone().connect(request));
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
            }
        }
    }

    async fn connect(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let mut response = Response::new(Full::default());
        if request.method() == Method::CONNECT {
            tokio::spawn(async move {
                if let Ok(tunnel) = hyper::upgrade::on(request).await {
                    self.tls(TokioIo::new(tunnel)).await;
                }
            });
        } else {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        Ok(response)
    }

    async fn tls(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Ok(stream) = self.acceptor.accept(stream).await else { return };
        let service = service_fn(move |request| self.clone().exchange(request));
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn exchange(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let host = head.headers.get(header::HOST).map_or(Ok(""), |host| host.to_str())?.to_owned();
        let path = head.uri.path().to_owned();
        let response = if host == LOGIN {
            sign_in(&path)?
        } else {
            let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
            script.arm(&head.method, &format!("https://{host}"), &path, &body)?
        };
        let status = response.status().as_u16();
        let seen = Seen { method: head.method.to_string(), host, path, headers: head.headers, body, status };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        Ok(response)
    }
}

fn sign_in(path: &str) -> Result<Response<Full<Bytes>>, Failure> {
    let tenant = path.split('/').nth(1).unwrap_or_default();
    let base = format!("https://{LOGIN}/{tenant}");
    if path.ends_with("/.well-known/openid-configuration") {
        let body = json!({
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "issuer": format!("{base}/v2.0"),
        });
        return answer(StatusCode::OK, &body, None);
    }
    if path.ends_with("/oauth2/v2.0/token") {
        let body = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "of-the-test" });
        return answer(StatusCode::OK, &body, None);
    }
    answer(StatusCode::NOT_FOUND, &json!({ "error": "invalid_request" }), None)
}

/// ARM with one profile at most.
#[derive(Default)]
struct Script {
    profile: Option<Value>,
    polls: u32,
}

impl Script {
    fn arm(&mut self, method: &Method, base: &str, path: &str, body: &[u8]) -> Result<Response<Full<Bytes>>, Failure> {
        let operation = path.contains("/operations/");
        match (method, &self.profile) {
            (&Method::PUT, existing) => {
                let create = existing.is_none();
                let mut profile: Value = serde_json::from_slice(body)?;
                profile["id"] = path.into();
                let profile = self.profile.insert(profile);
                if create {
                    let location =
                        format!("{base}{path}/operations/0123456789abcdef0123456789abcdef?api-version=2017-04-26");
                    return answer(StatusCode::ACCEPTED, state(profile, "Provisioning"), Some(&location));
                }
                answer(StatusCode::OK, state(profile, "Succeeded"), None)
            }
            (&Method::GET, Some(_)) if operation && self.polls == 0 => {
                self.polls += 1;
                let location = format!("{base}{path}?api-version=2017-04-26");
                answer(StatusCode::ACCEPTED, &Value::Null, Some(&location))
            }
            (&Method::GET, Some(_)) => {
                answer(StatusCode::OK, state(self.profile.get_or_insert_default(), "Succeeded"), None)
            }
            _ => answer(
                StatusCode::NOT_FOUND,
                &json!({ "error": { "code": "ResourceNotFound", "message": path } }),
                None,
            ),
        }
    }
}

fn state<'a>(profile: &'a mut Value, word: &str) -> &'a Value {
    profile["properties"]["provisioningState"] = word.into();
    profile
}

/// An answer; with a `Location` it says when to come back too, or the Python client waits for half
/// a minute.
fn answer(status: StatusCode, body: &Value, location: Option<&str>) -> Result<Response<Full<Bytes>>, Failure> {
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    // Real services hand out cookies; nobody may find one again on a tape.
    response = response.header(header::SET_COOKIE, "session=canary-answered; Secure");
    if let Some(location) = location {
        response = response.header(header::LOCATION, location).header(header::RETRY_AFTER, "1");
    }
    Ok(response.body(Full::new(serde_json::to_vec(body)?.into()))?)
}
