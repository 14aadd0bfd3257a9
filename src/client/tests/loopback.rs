//! The real transport against servers on this machine.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Version};
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::super::*;

/// What a server saw, one line each.
type Log = Arc<Mutex<Vec<String>>>;

/// A server with a certificate of its own for `management.azure.com` and 127.0.0.1.
struct Server {
    address: SocketAddr,
    ca: NamedTempFile,
    log: Log,
}

impl Server {
    async fn start(protocols: &[&str]) -> Self {
        let names = vec!["management.azure.com".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let mut ca = NamedTempFile::new().unwrap();
        ca.write_all(made.cert.pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = made.signing_key.serialize_der().try_into().unwrap();
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Log::default();
        // Dies with the runtime of the test.
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(tls)), log.clone()));
        Self { address, ca, log }
    }

    fn settings(&self) -> HttpsSettings {
        HttpsSettings { ca: Some(self.ca.path().to_owned()), ..HttpsSettings::default() }
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, log: Log) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, log) = (tls.clone(), log.clone());
        tokio::spawn(async move {
            // A client that doesn't trust the certificate goes away here.
            let Ok(stream) = tls.accept(stream).await else { return };
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = TokioIo::new(stream);
            let service = service_fn(move |request| answer(request, log.clone()));
            if is_http2 {
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(stream, service).await;
            } else {
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
            }
        });
    }
}

async fn answer(request: Request<Incoming>, log: Log) -> Result<Response<Full<Bytes>>, http::Error> {
    let version = if request.version() == Version::HTTP_2 { 2 } else { 1 };
    let target = request.uri().path_and_query().unwrap().to_string();
    let auth = request.headers().get("authorization").map_or("-", |value| value.to_str().unwrap()).to_owned();
    log.lock().unwrap().push(format!("{} {target} {version} {auth}", request.method()));
    let long = "a".repeat(8 * 1024);
    let response = Response::builder();
    match (request.method(), request.uri().path()) {
        (&Method::PUT, _) => response
            .status(202)
            .header("azure-asyncoperation", format!("/ops/1;x?s={long}"))
            .header("location", format!("/results/1?s={long}"))
            .header("retry-after", "0")
            .body(Full::default()),
        (_, "/ops/1;x") => response.body(r#"{"status":"Succeeded"}"#.into()),
        (_, "/large") => response.body(Bytes::from(vec![b' '; 16 * 1024 * 1024 + 1]).into()),
        (_, "/silent") => std::future::pending().await,
        _ => response.body(r#"{"name":"w","properties":{"provisioningState":"Succeeded"}}"#.into()),
    }
}

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

fn command(endpoint: &str, https: HttpsSettings) -> Command {
    Command {
        endpoint: endpoint.to_owned(),
        resource_id: "/subscriptions/s/widgets/w".to_owned(),
        api_version: "2024-01-01".to_owned(),
        method: Method::PUT,
        body: Bytes::from_static(b"{}"),
        headers: HeaderMap::new(),
        update: false,
        resume: None,
        interval: Duration::from_secs(1),
        timeout: Some(Duration::from_secs(60)),
        trusted_hosts: Vec::new(),
        result: ResultAt::ByMethod,
        tokens: Tokens::fixed("t").unwrap(),
        https,
    }
}

#[tokio::test]
async fn runs_an_operation_over_both_protocols() {
    for (protocols, version) in [(&["http/1.1"][..], 1), (&["h2", "http/1.1"], 2), (&[], 1)] {
        let server = Server::start(protocols).await;
        let outcome = execute(command(&server.url("/"), server.settings())).await.unwrap();
        assert_eq!(outcome.kind, OutcomeKind::Succeeded, "{outcome:?}");
        assert_eq!(outcome.resource.unwrap()["name"], "w");
        let resource = "/subscriptions/s/widgets/w?api-version=2024-01-01";
        let long = "a".repeat(8 * 1024);
        let expected = [
            format!("PUT {resource} {version} Bearer t"),
            format!("GET /ops/1;x?s={long} {version} Bearer t"),
            format!("GET {resource} {version} Bearer t"),
        ];
        assert_eq!(server.log(), expected);
    }
}

#[tokio::test]
async fn stops_at_a_certificate_that_it_does_not_trust() {
    let (server, other) = (Server::start(&[]).await, Server::start(&[]).await);
    let https = Https::new(&other.settings()).unwrap();
    let error = https.send(get(&server.url("/"))).await.unwrap_err();
    assert!(matches!(error, TransportError::Certificate(_)) && error.is_permanent(), "{error:?}");
    let outcome = execute(command(&server.url("/"), other.settings())).await.unwrap();
    assert_eq!(outcome.kind, OutcomeKind::Unknown);
    assert!(outcome.message.contains("certificate"), "{}", outcome.message);
    assert!(server.log().is_empty());
}

#[tokio::test]
async fn bounds_time_and_size() {
    let server = Server::start(&[]).await;
    let https = Https::new(&server.settings()).unwrap();
    let error = https.send(get(&server.url("/large"))).await.unwrap_err();
    assert!(matches!(error, TransportError::TooLarge), "{error:?}");
    let soon = HttpsSettings { timeout: Duration::from_millis(100), ..server.settings() };
    let error = Https::new(&soon).unwrap().send(get(&server.url("/silent"))).await.unwrap_err();
    assert!(matches!(error, TransportError::TimedOut(_)), "{error:?}");
}

#[tokio::test]
async fn says_that_nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = Server::start(&[]).await;
    let https = Https::new(&server.settings()).unwrap();
    let error = https.send(get(&format!("https://{address}/"))).await.unwrap_err();
    assert!(matches!(error, TransportError::Connection(_)) && !error.is_permanent(), "{error:?}");
}

/// Says yes to CONNECT, and leads everything to `server`.
async fn proxy(server: SocketAddr) -> (SocketAddr, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, log) = (listener.local_addr().unwrap(), Log::default());
    let seen = log.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            seen.lock().unwrap().push(String::from_utf8(head).unwrap());
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            tokio::spawn(async move {
                let mut upstream = TcpStream::connect(server).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut upstream).await;
            });
        }
    });
    (address, log)
}

#[tokio::test]
async fn goes_through_a_proxy() {
    let server = Server::start(&["h2", "http/1.1"]).await;
    let (address, log) = proxy(server.address).await;
    let settings = HttpsSettings {
        proxy: Some(format!("http://user:pw@{address}")),
        no_proxy: Some("127.0.0.1".to_owned()),
        ..server.settings()
    };
    let https = Https::new(&settings).unwrap();
    assert_eq!(https.send(get("https://management.azure.com/x")).await.unwrap().status(), 200);
    let head = log.lock().unwrap().concat();
    assert!(head.starts_with("CONNECT management.azure.com:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic dXNlcjpwdw=="), "{head}");
    assert_eq!(https.send(get(&server.url("/y"))).await.unwrap().status(), 200);
    assert_eq!(log.lock().unwrap().len(), 1, "NO_PROXY goes past it");
    assert_eq!(server.log(), ["GET /x 2 -", "GET /y 2 -"]);
}
