//! armtape in this process: a recorder before a service, then a replayer without one.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use armtape::{
    cassette::{Cassette, Completion, Interaction},
    proxy::{
        Authority, CertificateAuthority, Handler, HostPolicy, Hosts, Server, Unknown, Upstream as Out, UpstreamConfig,
    },
    record::{Before, Real, Recorder, RecorderConfig, Tape},
    redact::{self, Named, Redactor},
    replay::{Pace, Player, Rules, Script},
};
use rustls::pki_types::CertificateDer;
use tokio::runtime::Runtime;

use crate::{client::Client, upstream::Upstream};

/// Nothing here takes longer than moments, even on a machine with too much to do.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Waits for a condition; there is a bound, but no fixed sleep.
#[track_caller]
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// How a client reaches armtape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As its endpoint.
    Reverse,
    /// As its proxy, with the whole URL in the request line.
    Absolute,
    /// As its proxy, plain HTTP in a tunnel.
    Tunnel,
}

/// Those in which the service can be a plain socket.
pub(crate) const WAYS: [Way; 3] = [Way::Reverse, Way::Absolute, Way::Tunnel];

/// A running armtape.
pub(crate) struct Stage<H: Handler> {
    runtime: Runtime,
    server: Option<Server<H>>,
    authority: String,
    /// The service that the tape is of.
    service: SocketAddr,
}

impl<H: Handler> Stage<H> {
    fn start(service: SocketAddr, handler: H) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let authority = CertificateAuthority::new(&["127.0.0.1"]).unwrap();
        let pem = authority.pem().to_owned();
        let server = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            Server::start(listener, authority, handler).unwrap()
        });
        Self { runtime, server: Some(server), authority: pem, service }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.as_ref().unwrap().local()
    }

    pub(crate) fn handler(&self) -> &H {
        self.server.as_ref().unwrap().handler()
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// A new connection to armtape.
    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address())
    }

    /// A client that has gone the way there; the request's head is still to come.
    pub(crate) fn by(&self, way: Way) -> Client {
        match way {
            Way::Reverse | Way::Absolute => self.client(),
            Way::Tunnel => self.client().tunnel(&self.service.to_string()),
        }
    }

    /// A request line and the `Host` of that way.
    pub(crate) fn line(&self, way: Way, method: &str, target: &str) -> String {
        let (target, host) = match way {
            Way::Reverse => (target.to_owned(), self.address()),
            Way::Absolute => (format!("http://{}{target}", self.service), self.service),
            Way::Tunnel => (target.to_owned(), self.service),
        };
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n")
    }

    /// Asks for one thing on a connection of its own. `rest` is what follows `Host`, body and all.
    pub(crate) fn ask(&self, way: Way, method: &str, target: &str, rest: &str) -> Client {
        let mut client = self.by(way);
        client.send(self.line(way, method, target) + rest);
        client
    }
}

impl<H: Handler> Drop for Stage<H> {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(self.server.take());
    }
}

/// A recorder.
pub(crate) struct Recording {
    pub(crate) stage: Stage<Recorder<Real>>,
    tape: Arc<Tape>,
}

impl std::ops::Deref for Recording {
    type Target = Stage<Recorder<Real>>;

    fn deref(&self) -> &Self::Target {
        &self.stage
    }
}

/// Records a service.
pub(crate) fn record(upstream: &Upstream) -> Recording {
    recording(upstream.address(), false)
}

/// Records a service; other hosts are passed, not refused.
pub(crate) fn recording(service: SocketAddr, pass: bool) -> Recording {
    // A root is wanted, though nothing here is asked over TLS.
    let root = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    recording_with(service, pass, "http", root.cert.der().clone())
}

/// Records a service that is trusted by this root.
pub(crate) fn recording_with(
    service: SocketAddr,
    pass: bool,
    scheme: &'static str,
    root: CertificateDer<'static>,
) -> Recording {
    let own = Authority::parse(&service.to_string(), 80).unwrap();
    let unknown = if pass { Unknown::Pass } else { Unknown::Refuse };
    let config = RecorderConfig { hosts: HostPolicy::new([""; 0], unknown).unwrap(), scheme, own };
    let out = UpstreamConfig { roots: vec![root], allow_private: true, ..UpstreamConfig::default() };
    let tape =
        Arc::new(Tape::new(Redactor::new(redact::Rules::new(&redact::Settings::default()).unwrap(), Named::default())));
    let handler = Recorder::new(config, Real::new(Out::new(out).unwrap(), pass), Arc::clone(&tape));
    Recording { stage: Stage::start(service, handler), tape }
}

impl Recording {
    /// Waits for so many interactions, then ends the recording.
    #[track_caller]
    pub(crate) fn end(self, interactions: usize) -> Recorded {
        let recorded = self.end_with_at_least(interactions);
        assert_eq!(recorded.interactions.len(), interactions, "{:#?}", recorded.interactions);
        recorded
    }

    /// As [`Recording::end`], for clients that may ask twice.
    #[track_caller]
    pub(crate) fn end_with_at_least(self, interactions: usize) -> Recorded {
        until("the interactions are on the tape", || self.tape.len() >= interactions);
        let service = self.stage.service;
        let server = self.stage.server.as_ref().unwrap();
        self.stage.runtime.block_on(server.shutdown(Duration::from_secs(1)));
        // As it would be read again.
        let (cassette, _) = self.tape.finish(Vec::new(), Before::Nothing);
        let cassette = Cassette::from_bytes(cassette.to_text().as_bytes(), Path::new("of-the-test.json")).unwrap();
        Recorded { interactions: cassette.interactions, service }
    }
}

/// A tape.
pub(crate) struct Recorded {
    pub(crate) interactions: Vec<Interaction>,
    service: SocketAddr,
}

impl Recorded {
    #[track_caller]
    pub(crate) fn only(&self) -> &Interaction {
        assert_eq!(self.interactions.len(), 1, "{:#?}", self.interactions);
        &self.interactions[0]
    }

    /// The body of the only answer.
    #[track_caller]
    pub(crate) fn answered(&self) -> Vec<u8> {
        self.only().response.as_ref().unwrap().body.bytes().unwrap().to_vec()
    }

    #[track_caller]
    pub(crate) fn completion(&self) -> &Completion {
        &self.only().completion
    }

    /// Replays it. The service is known by the address that it had.
    pub(crate) fn replay(self) -> Stage<Player> {
        let cassette = Cassette { interactions: self.interactions, ..Cassette::default() };
        let script = Script::new(cassette, Rules::default());
        Stage::start(self.service, Player::new(script, &Hosts::default(), Pace::Recorded, None).unwrap())
    }
}
