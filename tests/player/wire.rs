//! The real server on a real socket, and a client that sends recorded requests through it as its proxy.

use std::{collections::BTreeSet, net::SocketAddr};

use armtape::{
    cassette::{Interaction, Request},
    judge::Replayed,
    proxy::{CertificateAuthority, Hosts, Server},
    replay::{Pace, Player, Rules, Script},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use libtest_mimic::Failed;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use crate::{
    compare::difference,
    forms::{Form, PLAYERS, Step},
    page::Differs,
    random::Random,
    recording::Recording,
    voice::Voice,
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

    /// Puts other texts in the place of what it says.
    pub(crate) fn put(&mut self, other: impl Fn(&str) -> String) {
        for value in self.headers.values_mut() {
            if let Some(said) = value.to_str().ok().and_then(|said| HeaderValue::try_from(other(said)).ok()) {
                *value = said;
            }
        }
        if let Ok(text) = std::str::from_utf8(&self.body) {
            self.body = other(text).into();
        }
    }
}

/// What came of a recording in one form.
#[derive(Default)]
pub(crate) struct Played {
    /// What differs from the recorded answers, in the order of the tape.
    pub(crate) differs: Vec<Differs>,
    /// What the rules say of the client that sent the requests: rule and weight.
    pub(crate) broken: BTreeSet<Broken>,
    /// How many exchanges were judged.
    pub(crate) judged: usize,
}

/// A rule that was broken, and how gravely.
pub(crate) type Broken = (&'static str, &'static str);

impl Played {
    /// Takes in what a replay heard, as `armtape replay` judges it.
    fn judge(&mut self, server: &Server<Player>) {
        let replayed = Replayed::new(server.handler().trace(), true);
        self.judged += replayed.trace.interactions.len();
        self.broken.extend(replayed.findings.iter().map(|finding| (finding.rule, finding.severity.word())));
    }

    fn add(&mut self, other: Self) {
        self.differs.extend(other.differs);
        self.broken.extend(other.broken);
        self.judged += other.judged;
    }
}

/// Plays a recording in one form.
pub(crate) fn play(recording: &Recording, form: Form) -> Result<Played, Failed> {
    let mut played = Played::default();
    for steps in form.plays(recording) {
        played.add(match form {
            Form::AtOnce => at_once(recording, &steps)?,
            Form::Redacted => redacted(recording, &steps)?,
            _ => alone(recording, form, &steps, Voice::default())?,
        });
    }
    played.differs.sort_unstable();
    played.differs.dedup();
    Ok(played)
}

/// One client, on the redacted recording.
fn redacted(recording: &Recording, steps: &[Step]) -> Result<Played, Failed> {
    let recording = recording.redacted()?;
    alone(&recording, Form::Redacted, steps, Voice::of(&recording, 1))
}

/// One client.
fn alone(recording: &Recording, form: Form, steps: &[Step], voice: Voice) -> Result<Played, Failed> {
    let runtime = current_thread()?;
    let server = runtime.block_on(serve(recording, form))?;
    let mut client = Client::new(server.local(), voice);
    let mut played = Played::default();
    runtime.block_on(async {
        for step in steps {
            played.differs.extend(client.step(recording, *step).await?);
        }
        Ok::<_, Failed>(())
    })?;
    played.judge(&server);
    Ok(played)
}

/// Several clients on one server, each with subscriptions of its own: first one request after the
/// other, of clients that take turns at random, then as fast as threads can.
fn at_once(recording: &Recording, steps: &[Step]) -> Result<Played, Failed> {
    let runtime = current_thread()?;
    let server = runtime.block_on(serve(recording, Form::AtOnce))?;
    let client = |number| Client::new(server.local(), Voice::of(recording, number));
    let mut clients: Vec<(Client, usize)> = (0..PLAYERS).map(|number| (client(number), 0)).collect();
    let mut random = Random::new(0);
    let mut played = Played::default();
    runtime.block_on(async {
        while !clients.is_empty() {
            let chosen = usize::try_from(random.below(clients.len() as u64)).unwrap_or(0);
            let (client, next) = &mut clients[chosen];
            match steps.get(*next) {
                Some(step) => played.differs.extend(client.step(recording, *step).await?),
                None => {
                    clients.swap_remove(chosen);
                    continue;
                }
            }
            *next += 1;
        }
        Ok::<_, Failed>(())
    })?;
    played.judge(&server);
    if played.differs.is_empty() {
        played.add(all_together(recording, steps)?);
    }
    Ok(played)
}

/// Each client is a thread of its own.
fn all_together(recording: &Recording, steps: &[Step]) -> Result<Played, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let server = runtime.block_on(serve(recording, Form::AtOnce))?;
    let address = server.local();
    let perform = |number| -> Result<Vec<Differs>, Failed> {
        let mut client = Client::new(address, Voice::of(recording, number));
        current_thread()?.block_on(async {
            let mut found = Vec::new();
            for step in steps {
                found.extend(client.step(recording, *step).await?);
            }
            Ok(found)
        })
    };
    let mut played = Played::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..PLAYERS).map(|number| scope.spawn(move || perform(number))).collect();
        for thread in threads {
            played.differs.extend(thread.join().map_err(|_| "a client panicked")??);
        }
        Ok::<_, Failed>(())
    })?;
    played.judge(&server);
    Ok(played)
}

pub(crate) fn current_thread() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

pub(crate) async fn serve(recording: &Recording, form: Form) -> Result<Server<Player>, Failed> {
    let script = Script::new(recording.cassette.clone(), Rules::default());
    let player = Player::new(script, &Hosts::default(), Pace::Instant, Some(form.polls()))?;
    let authority = CertificateAuthority::new(player.hosts())?;
    Ok(Server::start(TcpListener::bind(("127.0.0.1", 0)).await?, authority, player)?)
}

/// A client with one connection, which it opens again when it was closed.
pub(crate) struct Client {
    address: SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
    voice: Voice,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, voice: Voice) -> Self {
        Self { address, connection: None, voice }
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, Failed> {
        let (sender, connection) = handshake(TokioIo::new(TcpStream::connect(self.address).await?)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Takes one step; says what was wrong with the answer.
    async fn step(&mut self, recording: &Recording, step: Step) -> Result<Option<Differs>, Failed> {
        let answered = self.ask(&recording.interactions()[step.asks]).await?;
        Ok(self.heard(recording, step, answered))
    }

    /// Takes in an answer; says what was wrong with it.
    pub(crate) fn heard(
        &mut self,
        recording: &Recording,
        step: Step,
        mut answered: Option<Answered>,
    ) -> Option<Differs> {
        let recorded = recording.interactions()[step.gets].response.as_ref();
        if let (Some(told), Some(recorded)) = (answered.take(), recorded) {
            answered = Some(self.voice.hear(told, |name| recorded.headers.get_all(name).to_vec()));
        }
        let what = difference(recording, step.gets, answered.as_ref());
        what.map(|what| Differs { interaction: step.asks, what })
    }

    /// Asks for a URL as it is, through the proxy; of one without a host, armtape itself.
    pub(crate) async fn get(&mut self, url: &str) -> Result<Option<Answered>, Failed> {
        let uri: Uri = url.parse()?;
        let host = uri.authority().map_or_else(|| self.address.to_string(), ToString::to_string);
        let request = http::Request::get(uri).header("host", host).body(Full::default())?;
        self.send(request).await
    }

    /// Sends a recorded request, with its whole URL in the request line. `None`: the connection was
    /// closed instead of an answer.
    pub(crate) async fn ask(&mut self, interaction: &Interaction) -> Result<Option<Answered>, Failed> {
        let request = request(&interaction.request, &self.voice)?;
        self.send(request).await
    }

    async fn send(&mut self, request: http::Request<Full<Bytes>>) -> Result<Option<Answered>, Failed> {
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

fn request(recorded: &Request, voice: &Voice) -> Result<http::Request<Full<Bytes>>, Failed> {
    let scheme = recorded.scheme.as_deref().unwrap_or("https");
    // Where the recorder dropped the host.
    let authority = recorded.authority.as_deref().unwrap_or("management.azure.com");
    // What a recorder put in the place of a value, such as `<ID>`, cannot be sent as it is.
    let target = voice.say(&recorded.target);
    let target = utf8_percent_encode(&target, NEVER_SENT);
    let uri: Uri = format!("{scheme}://{authority}{target}").parse()?;
    let mut request = http::Request::builder().method(recorded.method.as_str()).uri(uri).header("host", authority);
    for (name, values) in recorded.headers.iter().filter(|(name, _)| !OF_THE_WIRE.contains(name)) {
        for value in values {
            request = request.header(name, value);
        }
    }
    let body = recorded.body.bytes().unwrap_or_default();
    let body = match std::str::from_utf8(&body) {
        Ok(text) if voice.is_of_its_own() => voice.say(text).into(),
        _ => body,
    };
    Ok(request.body(Full::new(body))?)
}
