//! A signal with fifty requests in flight, and tunnels open.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use nix::sys::signal::Signal;

use crate::{
    harness::{Harness, wait_until},
    needs::trial,
    service::{Numbers, target},
    taping::{Recorder, on_tape},
    wire::Connection,
};

/// How long requests in flight have, as `src/cli/stage.rs` says; and a second for the rest.
const GRACE: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_secs(1);

const IN_FLIGHT: u64 = 50;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("shutdown::what_ends_within_the_grace_is_whole", what_ends_within_the_grace_is_whole),
        trial("shutdown::what_does_not_is_cut", what_does_not_is_cut),
    ]
}

/// A recorder with finished requests, fifty in flight that the service holds, and two tunnels: one
/// in which something goes on, and one in which nobody speaks.
struct Scene {
    harness: Harness,
    service: Numbers,
    recorder: Recorder,
    flying: Vec<Connection>,
    tunnels: Vec<TcpStream>,
}

impl Scene {
    fn set() -> Self {
        // A client of its own, since only then unknown hosts are passed.
        const CLIENT: &str = r#"printf '{"environment":{"ARMTAPE_PROXY":"%s"}}\n' "$ARMTAPE_PROXY"; exec sleep 1000"#;
        let harness = Harness::new();
        let service = Numbers::start();
        let passed = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = passed.local_addr().unwrap().port();
        let _ = thread::spawn(move || {
            for stream in passed.incoming().map_while(Result::ok) {
                thread::spawn(move || {
                    let (mut from, mut to) = (&stream, &stream);
                    let _ = std::io::copy(&mut from, &mut to);
                });
            }
        });
        let url = service.url();
        let words = ["record", "--cassette", "tape.json", "--upstream", &url, "--allow-private"];
        let words = [&words[..], &["--", "sh", "-c", CLIENT]].concat();
        let recorder = Recorder::start(&harness, harness.command(words));
        let mut first = Connection::open(recorder.address).unwrap();
        for number in 100..110 {
            first.get(&target(number)).unwrap();
        }
        service.hold();
        let asked = service.asked();
        let flying: Vec<_> = (0..IN_FLIGHT)
            .map(|number| {
                let mut connection = Connection::open(recorder.address).unwrap();
                connection.send(&target(200 + number)).unwrap();
                connection
            })
            .collect();
        wait_until("all are in flight", || service.asked() == asked + IN_FLIGHT);
        let tunnels = (0..2).map(|_| tunnel(&recorder, port)).collect();
        Self { harness, service, recorder, flying, tunnels }
    }

    fn refuses_new_ones(&self) {
        wait_until("new connections are refused", || {
            // One that came into the queue just before is closed without a word.
            TcpStream::connect(self.recorder.address).is_err()
        });
    }
}

/// A tunnel to a host that is passed, and sends back what it is sent.
fn tunnel(recorder: &Recorder, port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(recorder.address).unwrap();
    let request = format!("CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    stream
}

fn what_ends_within_the_grace_is_whole() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let scene = Scene::set();
        let told = Instant::now();
        scene.recorder.signal(signal);
        scene.refuses_new_ones();
        // Whatever is in flight in a tunnel comes to its end as well.
        let mut tunnel = &scene.tunnels[0];
        tunnel.write_all(b"ping").unwrap();
        let mut pong = [0; 4];
        tunnel.read_exact(&mut pong).unwrap();
        assert_eq!(&pong, b"ping");
        drop(scene.tunnels);
        scene.service.release();
        for (number, mut connection) in (200..).zip(scene.flying) {
            let (status, body) = connection.receive().unwrap();
            assert_eq!((status, body), (200, crate::service::body(number).into_bytes()));
        }
        let (code, said) = scene.recorder.end();
        assert!(told.elapsed() < GRACE + REST, "{:?}", told.elapsed());
        assert_eq!(code, 128 + signal as i32, "the client's own: {said}");
        assert!(said.contains("passed, not taped: localhost (2 connections)"), "{said}");
        assert!(said.contains("60 interactions on tape.json.new, pending") && !said.contains("cut"), "{said}");
        assert_eq!(on_tape(&scene.harness.path("tape.json.new")).unwrap().len(), 60);
        assert_eq!(scene.harness.names(), ["said", "tape.json.new"]);
    }
}

fn what_does_not_is_cut() {
    let scene = Scene::set();
    let told = Instant::now();
    scene.recorder.signal(Signal::SIGTERM);
    let (code, said) = scene.recorder.end();
    let taken = told.elapsed();
    assert!(taken >= GRACE && taken < GRACE + REST, "{taken:?}: {said}");
    assert_eq!(code, 143, "the client's own: {said}");
    assert!(said.contains("52 connections still open and cut"), "{said}");
    // Those that were cut are on the tape, too, as answered by nothing.
    assert!(said.contains("60 interactions on tape.json.new, pending"), "{said}");
    assert_eq!(on_tape(&scene.harness.path("tape.json.new")).unwrap().len(), 10);
    for mut tunnel in scene.tunnels {
        assert!(!matches!(tunnel.read(&mut [0]), Ok(1..)));
    }
    for mut connection in scene.flying {
        assert!(connection.receive().is_err());
        let _ = connection.stream().shutdown(Shutdown::Both);
    }
}
