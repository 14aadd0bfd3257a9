//! A recorder under load, and what is on its tape.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use armtape::cassette::{Cassette, Completion};

use crate::{
    harness::environment_of,
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
