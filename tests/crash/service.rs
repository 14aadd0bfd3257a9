//! A service of numbered answers: what number N is answered is known beforehand.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// The target of number N.
pub(crate) fn target(number: u64) -> String {
    format!("/subscriptions/s/numbers/{number}")
}

/// The number of a target.
pub(crate) fn number_of(target: &str) -> Option<u64> {
    target.split('?').next()?.strip_prefix("/subscriptions/s/numbers/")?.parse().ok()
}

/// The body of number N: from nothing to some KB, now and then more than a MiB, which lies beside
/// the tape.
pub(crate) fn body(number: u64) -> String {
    let size = match number % 64 {
        0 => 0,
        1 => 1_100_000,
        2..=8 => 60_000,
        _ => number.wrapping_mul(2_654_435_761) % 4_000,
    };
    let mut body = format!("number {number} ");
    while (body.len() as u64) < size {
        body.push_str(&number.to_string());
        body.push(' ');
    }
    if size == 0 { String::new() } else { body }
}

/// A service; its threads end with the connections.
pub(crate) struct Numbers {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    asked: AtomicU64,
    held: Mutex<bool>,
    released: Condvar,
    stopped: AtomicBool,
}

impl Numbers {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || serve(&shared, &stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests have come.
    pub(crate) fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// From now on answers wait for [`Numbers::release`].
    pub(crate) fn hold(&self) {
        *self.shared.held.lock().unwrap() = true;
    }

    pub(crate) fn release(&self) {
        *self.shared.held.lock().unwrap() = false;
        self.shared.released.notify_all();
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.release();
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn serve(shared: &Shared, stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    loop {
        let Some((target, length)) = head(&mut reader) else { return };
        let mut sent = vec![0; length];
        if reader.read_exact(&mut sent).is_err() {
            return;
        }
        shared.asked.fetch_add(1, Ordering::Relaxed);
        let mut held = shared.held.lock().unwrap();
        while *held {
            held = shared.released.wait(held).unwrap();
        }
        drop(held);
        let number = number_of(&target).unwrap_or(0);
        if out.write_all(&answer(number)).is_err() {
            return;
        }
    }
}

/// Every third answer is chunked.
fn answer(number: u64) -> Vec<u8> {
    let body = body(number);
    let kind = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    if number.is_multiple_of(3) {
        let (first, second) = body.split_at(body.len() / 2);
        let mut answer = format!("{kind}Transfer-Encoding: chunked\r\n\r\n");
        for part in [first, second].into_iter().filter(|part| !part.is_empty()) {
            answer.push_str(&format!("{:x}\r\n{part}\r\n", part.len()));
        }
        return (answer + "0\r\n\r\n").into_bytes();
    }
    format!("{kind}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn head(reader: &mut impl std::io::BufRead) -> Option<(String, usize)> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let target = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        if line.trim_end().is_empty() {
            return Some((target, length));
        }
    }
}
