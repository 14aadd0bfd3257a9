//! The two servers. Each runs on one thread.

use std::{convert::Infallible, io::Read as _, path::Path, sync::Arc, time::Instant};

use armtape::{
    cassette::Cassette,
    proxy::{CertificateAuthority, Hosts, Server},
    replay::{Pace, Player, Rules, Script},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::{
    Failure, load,
    process::{Kind, Ready},
    say,
};

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let [kind, file, ..] = arguments else { return Err("which server, and its file".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let file = Path::new(file);
    runtime.block_on(async { if kind == Kind::Bare.name() { bare(file).await } else { replay(file).await } })
}

async fn replay(file: &Path) -> Result<(), Failure> {
    let begin = Instant::now();
    let since = || begin.elapsed().as_secs_f64() * 1e3;
    let cassette = Cassette::load(file)?;
    let read = since();
    let script = Script::new(cassette, Rules::default());
    let player = Player::new(script, &Hosts::default(), Pace::Instant, None)?;
    let script = since() - read;
    let authority = CertificateAuthority::new(player.hosts())?;
    let pem = authority.pem().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = Server::start(listener, authority, player)?;
    let (plain, ready) = (server.local(), since());
    told(&Ready { plain, tls: plain, authority: pem, read, script, ready }).await
}

/// The answers of the bare server, as replay gave them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answers(Vec<Answer>);

#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answers {
    /// Takes the answers apart; hyper computes the length itself.
    pub(crate) fn of(raw: &[String]) -> Self {
        let answer = |text: &String| {
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
            let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
            let headers = headers.filter(|(name, _)| *name != "content-length");
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            Answer { status, headers, body: body.to_owned() }
        };
        Self(raw.iter().map(answer).collect())
    }

    fn build(self) -> Result<Vec<Response<Full<Bytes>>>, Failure> {
        let build = |Answer { status, headers, body }| {
            let mut response = Response::new(Full::new(Bytes::from(body)));
            *response.status_mut() = StatusCode::from_u16(status)?;
            for (name, value) in headers {
                response.headers_mut().append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
            }
            Ok(response)
        };
        self.0.into_iter().map(build).collect()
    }
}

async fn bare(file: &Path) -> Result<(), Failure> {
    let answers: Answers = serde_json::from_slice(&fs_err::read(file)?)?;
    let answers: Arc<[Response<Full<Bytes>>]> = answers.build()?.into();
    let authority = CertificateAuthority::new::<&str>(&[])?;
    let config = authority.server_config("127.0.0.1")?;
    let acceptor = TlsAcceptor::from(config);
    let (plain, tls) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let ready = Ready {
        plain: plain.local_addr()?,
        tls: tls.local_addr()?,
        authority: authority.pem().to_owned(),
        read: 0.0,
        script: 0.0,
        ready: 0.0,
    };
    let over_tls = Arc::clone(&answers);
    tokio::spawn(async move {
        while let Ok((stream, _)) = plain.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(connection(stream, Arc::clone(&answers)));
        }
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = tls.accept().await {
            let _ = stream.set_nodelay(true);
            let (acceptor, answers) = (acceptor.clone(), Arc::clone(&over_tls));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    connection(stream, answers).await;
                }
            });
        }
    });
    told(&ready).await
}

async fn connection(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, answers: Arc<[Response<Full<Bytes>>]>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answers = Arc::clone(&answers);
        async move {
            let which = load::which(request.method().as_str(), request.uri().path());
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(answers[which].clone())
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service);
    let _ = served.await;
}

/// Says that it is ready, and serves until the input ends.
async fn told(ready: &Ready) -> Result<(), Failure> {
    say(&serde_json::to_string(ready)?)?;
    // A thread of its own, which sleeps in the system until then.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
