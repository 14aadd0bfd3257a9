//! Each bound on a client that stands still, in virtual time.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Response;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    time::{Instant, sleep},
};
use tokio_rustls::TlsConnector;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::proxy::{
    Answer, Authority, CertificateAuthority, Handler, NoWayOut, Request, Route, collect,
    connection::{HEAD, Shared, serve},
    full,
    patience::{SILENT, UNANSWERED, UNREAD, UNSENT},
    provider,
    raw::DRAIN,
};

/// Larger than every buffer on the way.
const LARGE: usize = 4 * 1024 * 1024;

/// A service that takes its time.
const SLOW: Duration = Duration::from_secs(3600);

/// Answers `/large`, `/slow`, and whatever else with the size of the request's body.
struct Paths;

impl Handler for Paths {
    type Way = NoWayOut;

    fn route(&self, _: &Authority) -> Route<NoWayOut> {
        Route::Serve
    }

    async fn answer(&self, request: Request) -> Answer {
        if request.target == "/slow" {
            sleep(SLOW).await;
        }
        let Ok(body) = collect(request.body, LARGE).await else { return Answer::Close };
        let large = request.target == "/large";
        let body = if large { Bytes::from(vec![b'x'; LARGE]) } else { Bytes::from(body.len().to_string()) };
        Answer::Message(Response::new(full(body)))
    }
}

struct Client {
    io: DuplexStream,
    served: tokio::task::JoinHandle<()>,
    start: Instant,
    pem: String,
}

impl Client {
    fn connect() -> Self {
        let authority = CertificateAuthority::new(&["management.azure.com".to_owned()]).unwrap();
        let pem = authority.pem().to_owned();
        let shared = Arc::new(Shared {
            handler: Paths,
            authority: authority.into(),
            local: SocketAddr::from(([127, 0, 0, 1], 4433)),
            shutdown: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
            streams: TaskTracker::new(),
        });
        let (io, theirs) = duplex(1024);
        Self { io, served: tokio::spawn(serve(shared, theirs, 1)), start: Instant::now(), pem }
    }

    /// Sends this, and then nothing more: how many seconds until the server has let go.
    async fn stops_after(bytes: &[u8]) -> u64 {
        let mut client = Self::connect();
        client.io.write_all(bytes).await.unwrap();
        client.let_go().await
    }

    async fn let_go(self) -> u64 {
        self.served.await.unwrap();
        let seconds = self.start.elapsed().as_secs();
        drop(self.io);
        seconds
    }

    async fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        self.io.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

fn request(method: &str, target: &str, rest: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: management.azure.com\r\n{rest}").into_bytes()
}

#[tokio::test(start_paused = true)]
async fn clients_that_stop_before_a_request_is_whole() {
    let half_body = request("PUT", "/x", "Content-Length: 9\r\n\r\nhalf");
    for (sent, seconds) in [
        (&b""[..], 10),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 10),
        (b"PRI * HTTP/2.0\r\n", 10),
        (b"GET / HTTP/1.1\r\nHost", (HEAD + DRAIN).as_secs()),
        (&half_body, (UNSENT + DRAIN).as_secs()),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (SILENT + UNANSWERED).as_secs()),
    ] {
        let taken = Client::stops_after(sent).await;
        assert_eq!(taken, seconds, "{}", String::from_utf8_lossy(sent));
    }
}

#[tokio::test(start_paused = true)]
async fn clients_that_stop_after_the_handshake() {
    for protocol in [&b"h2"[..], b"http/1.1"] {
        let client = Client::connect();
        let mut roots = rustls::RootCertStore::empty();
        use rustls::pki_types::pem::PemObject as _;
        roots.add(rustls::pki_types::CertificateDer::from_pem_slice(client.pem.as_bytes()).unwrap()).unwrap();
        let mut config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = "management.azure.com".try_into().unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, client.io).await.unwrap();
        client.served.await.unwrap();
        assert_eq!(client.start.elapsed().as_secs(), 10);
        drop(stream);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answer() {
    assert_eq!(Client::stops_after(&request("GET", "/large", "\r\n")).await, (UNREAD + DRAIN).as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_and_sends_slowly_is_served() {
    let mut client = Client::connect();
    client.io.write_all(&request("PUT", "/large", "Connection: close\r\nContent-Length: 9\r\n\r\n")).await.unwrap();
    for _ in 0..9 {
        sleep(UNSENT - Duration::from_secs(1)).await;
        client.io.write_all(b"x").await.unwrap();
    }
    let mut taken = 0;
    for _ in 0..50 {
        sleep(UNREAD - Duration::from_secs(1)).await;
        taken += client.io.read(&mut [0; 1024]).await.unwrap();
    }
    taken += client.read_to_end().await.unwrap().len();
    assert!(taken > LARGE, "{taken}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_the_service_has_no_bound() {
    let mut client = Client::connect();
    client.io.write_all(&request("PUT", "/slow", "Connection: close\r\nContent-Length: 2\r\n\r\nab")).await.unwrap();
    let answer = client.read_to_end().await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK") && answer.ends_with(b"\r\n\r\n2"));
    assert!(client.start.elapsed() >= SLOW);
}
