//! A recorder under load, and what is on its tape.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use armtape::cassette::{Cassette, Cleared, Completion, Interaction, Journal};
use fs_err as fs;
use nix::{sys::signal::Signal, unistd::Pid};

use crate::{
    harness::{Harness, LIMIT, environment_of},
    service::{body, number_of, target},
    wire::Connection,
};

/// Where the recorder whose ready line this is takes plain requests.
pub(crate) fn address(ready: &str) -> SocketAddr {
    let environment = environment_of(ready);
    let (_, proxy) = environment.into_iter().find(|(name, _)| name == "ARMTAPE_PROXY").unwrap();
    proxy.trim_start_matches("http://").parse().unwrap()
}

/// Clients that ask for one number after the other until their connection breaks.
pub(crate) struct Load {
    received: Arc<Mutex<BTreeSet<u64>>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Load {
    /// `connections` clients, which together take numbers from `next` on, each once.
    pub(crate) fn start(to: SocketAddr, connections: usize, next: &Arc<AtomicU64>) -> Self {
        let received = Arc::new(Mutex::new(BTreeSet::new()));
        let threads = (0..connections)
            .map(|_| {
                let (received, next) = (Arc::clone(&received), Arc::clone(next));
                thread::spawn(move || {
                    let Ok(mut connection) = Connection::open(to) else { return };
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Ok((status, answered)) = connection.get(&target(number)) else { return };
                        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answered));
                        assert_eq!(answered, body(number).into_bytes(), "number {number}");
                        received.lock().unwrap().insert(number);
                    }
                })
            })
            .collect();
        Self { received, threads }
    }

    /// How many answers have been received completely.
    pub(crate) fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.threads.iter().all(thread::JoinHandle::is_finished)
    }

    /// Waits for the end of the connections; the numbers that were received completely.
    pub(crate) fn end(self) -> BTreeSet<u64> {
        for thread in self.threads {
            thread.join().unwrap();
        }
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

/// The numbers whose answers are whole in a cassette, each with how often it is there.
pub(crate) fn on_tape(path: &Path) -> Result<BTreeMap<u64, usize>, String> {
    let mut found = BTreeMap::new();
    if !path.exists() {
        return Ok(found);
    }
    let cassette = Cassette::load(path).map_err(|error| format!("unreadable: {error}"))?;
    for interaction in cassette.interactions {
        let Some(number) = number_of(&interaction.request.target) else { continue };
        if interaction.completion != Completion::Whole {
            continue;
        }
        let answered = interaction.response.and_then(|response| response.body.bytes()).unwrap_or_default();
        if answered != body(number).as_bytes() {
            return Err(format!("{}: number {number} has another body", path.display()));
        }
        *found.entry(number).or_default() += 1;
    }
    Ok(found)
}

/// A recorder whose words can be read while it runs. Killed if it is dropped.
pub(crate) struct Recorder {
    child: Child,
    said: PathBuf,
    /// Where it takes plain requests.
    pub(crate) address: SocketAddr,
    /// The line on stdout.
    pub(crate) ready: String,
}

impl Recorder {
    /// `command` is armtape, or runs it.
    pub(crate) fn start(harness: &Harness, mut command: Command) -> Self {
        let said = harness.path("said");
        let stderr = fs::File::create(&said).unwrap();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr.into_parts().0).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(!ready.is_empty(), "{}", fs::read_to_string(&said).unwrap());
        Self { child, said, address: address(&ready), ready }
    }

    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        nix::sys::signal::kill(self.pid(), signal).unwrap();
    }

    /// Waits for the end: exit code, and what was said.
    pub(crate) fn end(mut self) -> (i32, String) {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code().unwrap_or(-1), self.said());
            }
            assert!(Instant::now() < deadline, "armtape did not end: {}", self.said());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The journal of a recorder that is gone: numbers `from` to `to`.
pub(crate) fn orphan(cassette: &Path, numbers: std::ops::Range<u64>) {
    let journal = Journal::begin(cassette, &[], "2026-11-24T16:42:01Z").unwrap();
    for number in numbers {
        journal.append(number, &Harmless(interaction(number))).unwrap();
    }
}

/// An interaction with nothing in it that had to be hidden.
struct Harmless(Interaction);

impl Cleared for Harmless {
    fn interaction(&self) -> &Interaction {
        &self.0
    }
}

fn interaction(number: u64) -> Interaction {
    let text = format!(
        r#"{{"armtape": 1, "interactions": [{{"request": {{"method": "GET", "target": {:?}}},
            "response": {{"status": 200, "body": {{"text": {:?}}}}}}}]}}"#,
        target(number),
        body(number)
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.json");
    fs::write(&path, text).unwrap();
    Cassette::load(&path).unwrap().interactions.remove(0)
}
