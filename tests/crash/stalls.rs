//! A thousand clients that stop in the middle of something, and one that does not.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use fs_err as fs;
use libtest_mimic::Trial;
use nix::{
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        signal::Signal,
    },
    unistd::Pid,
};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{
    harness::{ARMTAPE, Harness, environment_of, wait_until},
    needs::trial,
    taping::Recorder,
    wire::Connection,
};

/// Clients in each stage.
const CLIENTS: usize = 1000;

/// Of what is on the tape.
const TARGET: &str = "/subscriptions/s/stalls/1";

/// Larger than what the system takes for a client that does not read.
const LARGE: usize = 6 * 1024 * 1024;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("stalls::a_thousand_in_each_stage", a_thousand_in_each_stage),
        trial("stalls::more_clients_than_descriptors", more_clients_than_descriptors),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    NoByte,
    HalfClientHello,
    AfterTls,
    HalfHead,
    HalfBody,
    UnreadAnswer,
}

impl Stage {
    /// When it is to be over, by the bounds in `src/proxy`.
    fn bound(self) -> Duration {
        Duration::from_secs(match self {
            Self::NoByte | Self::HalfClientHello | Self::AfterTls => 10,
            Self::HalfHead | Self::HalfBody | Self::UnreadAnswer => 60,
        })
    }

    fn open(self, to: SocketAddr, tls: &Arc<ClientConfig>) -> Stalled {
        let mut stream = TcpStream::connect(to).unwrap();
        match self {
            Self::NoByte => {}
            // A record of 512 bytes, of which few come.
            Self::HalfClientHello => stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap(),
            Self::AfterTls => {
                let name = "127.0.0.1".try_into().unwrap();
                let mut client = ClientConnection::new(Arc::clone(tls), name).unwrap();
                while client.is_handshaking() {
                    // Where more come at once than the system has room for, it resets some.
                    if client.complete_io(&mut stream).is_err() {
                        return self.open(to, tls);
                    }
                }
                return Stalled::Tls(Box::new(StreamOwned::new(client, stream)));
            }
            Self::HalfHead => stream.write_all(b"GET /subscriptions/s HTTP/1.1\r\nHost: 127.0.0").unwrap(),
            Self::HalfBody => stream
                .write_all(b"PUT /subscriptions/s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{\"a\":")
                .unwrap(),
            Self::UnreadAnswer => {
                stream.write_all(format!("GET {TARGET} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").as_bytes()).unwrap();
            }
        }
        Stalled::Plain(stream)
    }
}

enum Stalled {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stalled {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref(),
        }
    }

    /// Waits for the end from the other side, whichever it is.
    fn until_closed(&self, deadline: Instant) -> bool {
        let mut socket = self.socket();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            socket.set_read_timeout(Some(left)).unwrap();
            match socket.read(&mut [0; 65_536]) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return true,
            }
        }
    }
}

/// A tape with one small and one large answer.
fn tape(harness: &Harness, size: usize) {
    let answer = |target: &str, body: &str| {
        format!(
            r#"{{"request": {{"method": "GET", "target": {target:?}}}, "response": {{"status": 200, "body": {{"text": {body:?}}}}}}}"#
        )
    };
    let large = "large ".repeat(size / 6);
    let text = format!(
        r#"{{"armtape": 1, "interactions": [{}, {}]}}"#,
        answer(TARGET, &large),
        answer("/subscriptions/s/small", "small")
    );
    harness.write("tape.json", text);
}

fn peak(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The slower ones of a hundred answers to a client with a connection of its own each time.
fn latency(to: SocketAddr) -> Duration {
    let mut taken: Vec<_> = (0..100)
        .map(|_| {
            let start = Instant::now();
            let mut connection = Connection::open(to).unwrap();
            assert_eq!(connection.get("/subscriptions/s/small").unwrap(), (200, b"small".to_vec()));
            start.elapsed()
        })
        .collect();
    taken.sort();
    taken[94]
}

fn a_thousand_in_each_stage() {
    // A client of the test holds as many as the server.
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(16 * 1024), hard).unwrap();
    // All stages to the end, or one.
    let long = std::env::var("ARMTAPE_STALLS").ok();
    for stage in
        [Stage::NoByte, Stage::HalfClientHello, Stage::AfterTls, Stage::HalfHead, Stage::HalfBody, Stage::UnreadAnswer]
    {
        if long.as_ref().is_some_and(|asked| asked != "all" && *asked != format!("{stage:?}")) {
            continue;
        }
        let harness = Harness::new();
        tape(&harness, LARGE);
        let server = Recorder::start(&harness, harness.command(["replay", "tape.json"]));
        let tls = trust(&server.ready);
        let none = sockets(server.pid());
        let alone = latency(server.address);
        // The first large answer and the first handshake have their price by themselves.
        drop(stage.open(server.address, &tls));
        wait_until("no connection is left", || sockets(server.pid()) <= none);
        let before = peak(server.pid());
        let started = Instant::now();
        let stalled: Vec<_> = (0..CLIENTS).map(|_| stage.open(server.address, &tls)).collect();
        let opened = started.elapsed();
        let beside = latency(server.address);
        let after = peak(server.pid());
        let mut closed = String::new();
        if long.is_some() {
            // Each from its own beginning; a tenth more is granted, and what opening took.
            let deadline = Instant::now() + stage.bound().mul_f64(1.1);
            if stage == Stage::UnreadAnswer {
                // It would be read, and so go on, if one looked at the connections themselves. The
                // bound runs from the last byte that the client's system took, which is when it
                // has given a thousand connections the buffers that it has.
                let deadline = deadline + stage.bound();
                while sockets(server.pid()) > none {
                    assert!(Instant::now() < deadline, "{stage:?}: {} are open", sockets(server.pid()) - none);
                    std::thread::sleep(Duration::from_millis(50));
                }
            } else {
                let left = stalled.iter().filter(|stalled| !stalled.until_closed(deadline)).count();
                assert_eq!(left, 0, "{stage:?}");
            }
            closed = format!(", all closed after {:.1} s", started.elapsed().as_secs_f64());
        }
        eprintln!(
            "stalls: {CLIENTS} {stage:?} in {:.1} s: 95 of 100 answers within {:.1} ms (alone {:.1} ms), \
             peak memory {after} MiB (before {before} MiB){closed}",
            opened.as_secs_f64(),
            beside.as_secs_f64() * 1e3,
            alone.as_secs_f64() * 1e3,
        );
        let memory = match stage {
            // Two buffers of TLS each.
            Stage::AfterTls => 96,
            _ => 64,
        };
        assert!(after < before + memory, "{stage:?}: {before} MiB became {after} MiB");
        assert!(beside < alone * 2 + Duration::from_millis(50), "{stage:?}: {alone:?} became {beside:?}");
        drop(stalled);
        server.signal(Signal::SIGTERM);
        let (_, said) = server.end();
        assert!(!said.contains("panicked"), "{said}");
    }
}

/// The sockets of a process: its listener, those by which it hears of signals, and connections.
fn sockets(pid: Pid) -> usize {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let names = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    names.filter(|name| name.to_string_lossy().starts_with("socket:")).count()
}

fn trust(ready: &str) -> Arc<ClientConfig> {
    let environment = environment_of(ready);
    let (_, bundle) = environment.iter().find(|(name, _)| name == "ARMTAPE_CA").unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(bundle).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// C7: two hundred clients of a server that may hold 64 descriptors.
fn more_clients_than_descriptors() {
    let harness = Harness::new();
    tape(&harness, 60);
    let mut command = std::process::Command::new("prlimit");
    let armtape = harness.command(["replay", "tape.json"]);
    command.arg("--nofile=64").arg(ARMTAPE).args(armtape.get_args()).current_dir(harness.path("."));
    let server = Recorder::start(&harness, command);
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(16 * 1024), hard).unwrap();
    let clients: Vec<_> = (0..200).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    wait_until("no descriptor is left", || descriptors(server.pid()) >= 63);
    // It must neither end nor turn in circles: half a second of waiting costs hardly any time.
    let (busy, start) = (cpu(server.pid()), Instant::now());
    while start.elapsed() < Duration::from_millis(500) {
        assert!(descriptors(server.pid()) >= 60, "it holds what it has");
        std::thread::sleep(Duration::from_millis(50));
    }
    let busy = cpu(server.pid()) - busy;
    drop(clients);
    let freed = Instant::now();
    let answer = Connection::open(server.address).unwrap().get("/subscriptions/s/small").unwrap();
    let recovered = freed.elapsed();
    eprintln!("descriptors: {} ms of work in 500 ms without one; answered {recovered:?} after", busy.as_millis());
    assert_eq!(answer.0, 200);
    assert!(busy <= Duration::from_millis(50), "busy for {busy:?} of 500 ms");
    assert!(recovered < Duration::from_secs(1), "{recovered:?}");
    server.signal(Signal::SIGTERM);
    let (code, said) = server.end();
    assert!(code < 3 && !said.contains("panicked"), "{code}: {said}");
}

fn descriptors(pid: Pid) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// The time that it has worked, in hundredths of a second.
fn cpu(pid: Pid) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
