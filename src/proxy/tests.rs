//! Raw answers on the wire, and the bounds of silence in virtual time.

mod patience;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Version;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_rustls::TlsConnector;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Answer, Authority, CertificateAuthority, Handler, NoWayOut, Request, Route, Server, Step,
    connection::{Shared, serve},
    problem, provider,
    tls::root_store,
};

/// Answers everything in these steps; without any, in the usual way.
struct Steps(Vec<Step>);

impl Handler for Steps {
    type Way = NoWayOut;

    fn route(&self, _: &Authority) -> Route<NoWayOut> {
        Route::Serve
    }

    async fn answer(&self, request: Request) -> Answer {
        if self.0.is_empty() || request.target == "/usual" {
            return problem(http::StatusCode::IM_A_TEAPOT, "Usual", "usual").into();
        }
        Answer::Raw(self.0.clone())
    }
}

const HOST: &str = "served.example";

/// How the client reaches the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Plain,
    Tls,
    PlainInTunnel,
    TlsInTunnel,
}

const OVER: [Over; 4] = [Over::Plain, Over::Tls, Over::PlainInTunnel, Over::TlsInTunnel];

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn start(steps: &[Step]) -> Server<Steps> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let authority = CertificateAuthority::new(&[HOST]).unwrap();
    Server::start(listener, authority, Steps(steps.to_vec())).unwrap()
}

fn connector(authority: &str, alpn: &[&[u8]]) -> TlsConnector {
    let (roots, _) = root_store([CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()]);
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn connect(server: &Server<Steps>, over: Over) -> Box<dyn Stream> {
    let mut stream = TcpStream::connect(server.local()).await.unwrap();
    if matches!(over, Over::PlainInTunnel | Over::TlsInTunnel) {
        stream.write_all(format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = [0; 19];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK\r\n\r\n");
    }
    if matches!(over, Over::Plain | Over::PlainInTunnel) {
        return Box::new(stream);
    }
    let name = ServerName::try_from(HOST).unwrap();
    Box::new(connector(server.shared().authority.pem(), &[]).connect(name, stream).await.unwrap())
}

/// Everything that comes for one request, and how it ends.
async fn ask(server: &Server<Steps>, over: Over) -> (String, io::Result<()>) {
    let mut stream = connect(server, over).await;
    stream.write_all(format!("GET /a HTTP/1.1\r\nHost: {HOST}\r\n\r\n").as_bytes()).await.unwrap();
    let mut came = Vec::new();
    let end = stream.read_to_end(&mut came).await.map(drop);
    (String::from_utf8(came).unwrap(), end)
}

fn bytes(text: &'static str) -> Step {
    Step::Bytes(Bytes::from(text))
}

#[tokio::test]
async fn bytes_go_out_as_they_are() {
    let odd = "HTTP/1.1 102 Odd\r\nX: 1\r\n\r\nHTTP/1.1 299 nO wOrDs\r\nrEtRy-AfTer:  1 \r\nX: a\r\nx: b\r\ncontent-LENGTH: 99\r\n\r\nshort";
    let head = Step::head(
        "HTTP/1.1 299 nO wOrDs",
        &[("rEtRy-AfTer", " 1 "), ("X", "a"), ("x", "b"), ("content-LENGTH", "99")],
    );
    let server = start(&[Step::head("HTTP/1.1 102 Odd", &[("X", "1")]), head, bytes("short")]).await;
    for over in OVER {
        let (came, end) = ask(&server, over).await;
        assert_eq!(came, odd, "{over:?}");
        assert!(end.is_ok(), "{over:?}: {end:?}");
    }
}

#[tokio::test]
async fn a_close_is_an_orderly_end() {
    let server = start(&[bytes("HTTP/1.1 200 OK\r\n"), Step::Close, bytes("never")]).await;
    for over in OVER {
        let (came, end) = ask(&server, over).await;
        assert_eq!(came, "HTTP/1.1 200 OK\r\n", "{over:?}");
        // Over TLS an end without `close_notify` would be an error.
        assert!(end.is_ok(), "{over:?}: {end:?}");
    }
    let server = start(&[Step::Close]).await;
    for over in OVER {
        let (came, end) = ask(&server, over).await;
        assert!(came.is_empty() && end.is_ok(), "{over:?}: {came:?} {end:?}");
    }
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let server = start(&[Step::Reset]).await;
    for over in OVER {
        let (came, end) = ask(&server, over).await;
        assert_eq!(came, "", "{over:?}");
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset, "{over:?}");
    }
}

#[tokio::test]
async fn a_wait_is_a_wait() {
    const WAIT: Duration = Duration::from_millis(50);
    let server = start(&[bytes("HTTP/1.1 200 OK\r\n"), Step::Wait(WAIT), bytes("\r\n")]).await;
    let begin = Instant::now();
    let (came, _) = ask(&server, Over::Plain).await;
    assert_eq!(came, "HTTP/1.1 200 OK\r\n\r\n");
    assert!(begin.elapsed() >= WAIT);
}

/// In HTTP/2 there is no such thing: that stream is reset, and no other.
#[tokio::test]
async fn http_2_resets_the_stream() {
    let server = start(&[bytes("HTTP/1.1 200 OK\r\n\r\n")]).await;
    for tls in [false, true] {
        let stream = TcpStream::connect(server.local()).await.unwrap();
        let stream: Box<dyn Stream> = match tls {
            false => Box::new(stream),
            true => {
                let name = ServerName::try_from(HOST).unwrap();
                Box::new(connector(server.shared().authority.pem(), &[b"h2"]).connect(name, stream).await.unwrap())
            }
        };
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut ask = async |target: &str| {
            let request = hyper::Request::get(format!("https://{HOST}{target}")).version(Version::HTTP_2);
            sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await
        };
        let error = ask("/a").await.unwrap_err();
        assert!(format!("{error:?}").contains("Reset"), "{error:?}");
        let usual = ask("/usual").await.unwrap();
        assert_eq!(usual.status(), 418);
        assert!(usual.into_body().collect().await.unwrap().to_bytes().starts_with(b"{"));
    }
}

/// A connection in virtual time.
fn in_memory() -> (DuplexStream, tokio::task::JoinHandle<()>) {
    let (client, server) = duplex(64 * 1024);
    let shared = Arc::new(Shared {
        handler: Steps(Vec::new()),
        authority: CertificateAuthority::new(&[HOST]).unwrap().into(),
        local: ([127, 0, 0, 1], 1).into(),
        shutdown: CancellationToken::new(),
        cut: CancellationToken::new(),
        tasks: TaskTracker::new(),
        streams: TaskTracker::new(),
    });
    let task = tokio::spawn(async move {
        serve(Arc::clone(&shared), server, 1).await;
        shared.tasks.close();
        shared.tasks.wait().await;
    });
    (client, task)
}

/// When the server ends a connection on which this was said and nothing more; and what it said.
async fn silence(said: &[u8]) -> (u64, String) {
    let (mut client, task) = in_memory();
    client.write_all(said).await.unwrap();
    let begin = Instant::now();
    let mut came = Vec::new();
    client.read_to_end(&mut came).await.unwrap();
    let silent = begin.elapsed();
    drop(client);
    task.await.unwrap();
    (silent.as_secs(), String::from_utf8_lossy(&came).into_owned())
}

#[tokio::test(start_paused = true)]
async fn whoever_stays_silent_is_let_go() {
    let connect = b"CONNECT served.example:443 HTTP/1.1\r\nHost: served.example\r\n\r\n";
    let tunnel = "HTTP/1.1 200 OK\r\n\r\n";
    // Not a byte, in a tunnel or outside of one.
    assert_eq!(silence(b"").await, (10, String::new()));
    assert_eq!(silence(connect).await, (10, tunnel.to_owned()));
    // The beginning of a handshake.
    assert_eq!(silence(&[0x16, 3, 1]).await, (10, String::new()));
    assert_eq!(silence(&[&connect[..], &[0x16, 3, 1]].concat()).await, (10, tunnel.to_owned()));
    // The beginning of a head, and of HTTP/2's preface.
    assert_eq!(silence(b"GET / HTTP/1.1\r\nHo").await.0, 60);
    assert_eq!(silence(b"PRI * HT").await, (10, String::new()));
    // Nothing after an answer.
    let (seconds, came) = silence(b"GET / HTTP/1.1\r\nHost: served.example\r\n\r\n").await;
    assert!(seconds == 60 && came.starts_with("HTTP/1.1 418 "), "{seconds} {came}");
}

/// One that is dropped with something unread is reset, and what it said may be lost.
#[tokio::test(start_paused = true)]
async fn a_broken_connection_stays_until_the_client_has_read_why() {
    let (mut client, task) = in_memory();
    client.write_all(b"GET / HTTP/1.1\r\nNo-Colon\r\n\r\nand more").await.unwrap();
    let mut came = Vec::new();
    client.read_to_end(&mut came).await.unwrap();
    assert!(came.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&came));
    assert!(!task.is_finished());
    client.write_all(b"and still more").await.unwrap();
    let begin = Instant::now();
    task.await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 1);
}
