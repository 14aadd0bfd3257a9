//! HTTP/2 on the client's side: by prior knowledge and by ALPN.

use std::sync::Arc;

use armtape::cassette::Completion;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::net::TcpStream;

use crate::{
    stage::{Stage, record},
    upstream::Upstream,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nEtag: 1\r\n\r\nok";

type Sender = SendRequest<Full<Bytes>>;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn prior_knowledge<H: armtape::proxy::Handler>(stage: &Stage<H>) -> Sender {
    let stream = TcpStream::connect(stage.address()).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn alpn<H: armtape::proxy::Handler>(stage: &Stage<H>) -> Sender {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(stage.authority().as_bytes()).unwrap()).unwrap();
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(stage.address()).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(method: Method, uri: String, body: &'static str) -> Request<Full<Bytes>> {
    Request::builder().method(method).uri(uri).body(Full::from(body)).unwrap()
}

#[test]
fn by_prior_knowledge_and_by_alpn() {
    for tls in [false, true] {
        let upstream = Upstream::answering(OK);
        let recording = record(&upstream);
        let ask = async |mut sender: Sender, scheme: &str, authority: String| {
            let asked = request(Method::PUT, format!("{scheme}://{authority}//a?b=c"), "hi");
            let answer = sender.send_request(asked).await.unwrap();
            assert_eq!(answer.version(), http::Version::HTTP_2);
            assert_eq!((answer.status().as_u16(), &answer.headers()["etag"]), (200, &"1".parse().unwrap()));
            assert!(!answer.headers().contains_key("connection"));
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ok");
        };
        block_on(async {
            let authority = recording.address().to_string();
            match tls {
                false => ask(prior_knowledge(&recording.stage).await, "http", authority).await,
                true => ask(alpn(&recording.stage).await, "https", authority).await,
            }
        });
        let seen = upstream.only();
        assert!(seen.starts_with("PUT //a?b=c HTTP/1.1\r\n") && seen.ends_with("\r\n\r\nhi"), "{seen}");
        assert!(seen.contains(&format!("host: {}\r\n", upstream.address())), "{seen}");
        drop(upstream);
        let replay = recording.end(1).replay();
        block_on(async {
            let authority = replay.address().to_string();
            match tls {
                false => ask(prior_knowledge(&replay).await, "http", authority).await,
                true => ask(alpn(&replay).await, "https", authority).await,
            }
        });
    }
}

#[test]
fn connect_inside_http_2_is_refused() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    block_on(async {
        let mut sender = prior_knowledge(&recording.stage).await;
        let answer = sender.send_request(request(Method::CONNECT, upstream.address().to_string(), "")).await.unwrap();
        assert_eq!(answer.status().as_u16(), 501);
        // The connection is as good as before.
        let asked = request(Method::GET, format!("http://{}/a", recording.address()), "");
        assert_eq!(sender.send_request(asked).await.unwrap().status().as_u16(), 200);
    });
    recording.end(1);
}

#[test]
fn an_answer_that_is_cut_short_stays_cut() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nbegin",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n",
    ] {
        let upstream = Upstream::answering_once(cut);
        let recording = record(&upstream);
        let begun = if cut.contains("begin") { "begin" } else { "" };
        let ask = async |mut sender: Sender, authority: String| {
            let answer = sender.send_request(request(Method::GET, format!("http://{authority}/a"), "")).await.unwrap();
            let mut body = answer.into_body();
            let mut came = Vec::new();
            loop {
                match body.frame().await {
                    Some(Ok(frame)) => came.extend_from_slice(frame.data_ref().unwrap()),
                    Some(Err(_)) => break,
                    None => panic!("whole: {cut:?}"),
                }
            }
            assert_eq!(String::from_utf8_lossy(&came), begun, "{cut:?}");
        };
        block_on(async { ask(prior_knowledge(&recording.stage).await, recording.address().to_string()).await });
        let recorded = recording.end(1);
        assert_eq!(*recorded.completion(), Completion::Cut(begun.len() as u64));
        let replay = recorded.replay();
        block_on(async { ask(prior_knowledge(&replay).await, replay.address().to_string()).await });
    }
}

#[test]
fn a_service_that_resets_before_it_answers_resets_the_stream() {
    let upstream = Upstream::serving(|peer| {
        let request = peer.request()?;
        match request.starts_with("GET /reset") {
            true => peer.reset(),
            false => peer.send(OK)?,
        }
        Ok(())
    });
    let recording = record(&upstream);
    block_on(async {
        let mut sender = prior_knowledge(&recording.stage).await;
        let ask = |target| request(Method::GET, format!("http://{}{target}", recording.address()), "");
        assert!(sender.send_request(ask("/reset")).await.is_err());
        // Only that stream.
        assert_eq!(sender.send_request(ask("/a")).await.unwrap().status().as_u16(), 200);
    });
    assert_eq!(recording.end(2).interactions[0].completion, Completion::Reset);
}

#[test]
fn a_client_that_resets_its_stream_has_left() {
    let upstream = Upstream::serving(|peer| {
        peer.request()?;
        peer.gone();
        Ok(())
    });
    let recording = record(&upstream);
    block_on(async {
        let mut sender = prior_knowledge(&recording.stage).await;
        let asked = request(Method::GET, format!("http://{}/a", recording.address()), "");
        let waiting = tokio::spawn(sender.send_request(asked));
        while upstream.seen().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        waiting.abort();
        let _ = waiting.await;
        while sender.ready().await.is_err() {}
    });
    upstream.ended(1);
    assert_eq!(*recording.end(1).completion(), Completion::Silent);
}
