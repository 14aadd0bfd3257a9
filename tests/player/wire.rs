//! The real server on a real socket, and a client that sends recorded requests through it as its proxy.

use armtape::{
    cassette::{Interaction, Request},
    proxy::{CertificateAuthority, Hosts, Server},
    replay::{Pace, Player, Rules, Script},
};
use bytes::Bytes;
use http::{HeaderMap, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use libtest_mimic::Failed;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    compare::difference,
    forms::{Form, Step},
    page::Differs,
    recording::Recording,
};

const NEVER_SENT: &AsciiSet = &CONTROLS.add(b'<').add(b'>');

/// Headers of a recorded request that are the connection's business, and codings: answers come plain.
const OF_THE_WIRE: [&str; 8] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
];

/// An answer as it came.
pub(crate) struct Answered {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    }
}

/// Plays a recording in one form; what differs from the recorded answers, in the order of the tape.
pub(crate) fn play(recording: &Recording, form: Form) -> Result<Vec<Differs>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut found = Vec::new();
    for steps in form.plays(recording) {
        found.extend(runtime.block_on(play_once(recording, form, &steps))?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

async fn play_once(recording: &Recording, form: Form, steps: &[Step]) -> Result<Vec<Differs>, Failed> {
    let script = Script::new(recording.cassette.clone(), Rules::default());
    let player = Player::new(script, &Hosts::default(), Pace::Instant, Some(form.polls()))?;
    let authority = CertificateAuthority::new(player.hosts())?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let server = Server::start(listener, authority, player)?;
    let mut client = Client { address: server.local(), connection: None };
    let mut found = Vec::new();
    for step in steps {
        let answered = client.ask(&recording.interactions()[step.asks]).await?;
        if let Some(what) = difference(recording, step.gets, answered.as_ref()) {
            found.push(Differs { interaction: step.asks, what });
        }
    }
    Ok(found)
}

/// A client with one connection, which it opens again when it was closed.
struct Client {
    address: std::net::SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Failed> {
        let (sender, connection) = handshake(TokioIo::new(TcpStream::connect(self.address).await?)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Sends a recorded request, with its whole URL in the request line. `None`: the connection was
    /// closed instead of an answer.
    async fn ask(&mut self, interaction: &Interaction) -> Result<Option<Answered>, Failed> {
        let request = request(&interaction.request)?;
        let mut connection = match self.connection.take() {
            Some(open) => open,
            None => self.open().await?,
        };
        if connection.ready().await.is_err() {
            connection = self.open().await?;
        }
        let Ok(response) = connection.send_request(request).await else { return Ok(None) };
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        self.connection = Some(connection);
        Ok(Some(Answered { status: head.status.as_u16(), headers: head.headers, body }))
    }
}

fn request(recorded: &Request) -> Result<http::Request<Full<Bytes>>, Failed> {
    let scheme = recorded.scheme.as_deref().unwrap_or("https");
    // Where the recorder dropped the host.
    let authority = recorded.authority.as_deref().unwrap_or("management.azure.com");
    // What a recorder put in the place of a value, such as `<ID>`, cannot be sent as it is.
    let target = utf8_percent_encode(&recorded.target, NEVER_SENT);
    let uri: Uri = format!("{scheme}://{authority}{target}").parse()?;
    let mut request = http::Request::builder().method(recorded.method.as_str()).uri(uri).header("host", authority);
    for (name, values) in recorded.headers.iter().filter(|(name, _)| !OF_THE_WIRE.contains(name)) {
        for value in values {
            request = request.header(name, value);
        }
    }
    Ok(request.body(Full::new(recorded.body.bytes().unwrap_or_default()))?)
}
