//! A service that is a socket: it plays bytes and keeps what it received.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::stage::{LIMIT, until};

/// Listens until it is dropped, and is gone then: nobody can connect.
pub(crate) struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
    gone: Arc<AtomicUsize>,
}

impl Upstream {
    /// Has every connection served by `serve`, which may play what it likes.
    pub(crate) fn serving(serve: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Self {
            address,
            seen: Arc::default(),
            connections: Arc::default(),
            ended: Arc::default(),
            gone: Arc::default(),
        };
        let (seen, connections) = (Arc::clone(&upstream.seen), Arc::clone(&upstream.connections));
        let (ended, gone) = (Arc::clone(&upstream.ended), Arc::clone(&upstream.gone));
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if gone.load(Ordering::SeqCst) != 0 {
                    return;
                }
                stream.set_read_timeout(Some(LIMIT)).unwrap();
                stream.set_nodelay(true).unwrap();
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let (seen, serve, ended) = (Arc::clone(&seen), Arc::clone(&serve), Arc::clone(&ended));
                thread::spawn(move || {
                    let mut peer = Peer { stream: Some(stream), left: Vec::new(), seen, number };
                    // Whatever breaks here is the other side's end.
                    let _ = serve(&mut peer);
                    drop(peer);
                    ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        upstream
    }

    /// Answers every request on every connection with these bytes, and keeps the connection.
    pub(crate) fn answering(answer: impl AsRef<[u8]>) -> Self {
        let answer = answer.as_ref().to_owned();
        Self::serving(move |peer| {
            loop {
                peer.request()?;
                peer.send(&answer)?;
            }
        })
    }

    /// Answers one request on each connection with these bytes, and ends it.
    pub(crate) fn answering_once(answer: impl AsRef<[u8]>) -> Self {
        let answer = answer.as_ref().to_owned();
        Self::serving(move |peer| {
            peer.request()?;
            peer.send(&answer)
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that came in, each as its bytes, in the order of their ends.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// The only request.
    #[track_caller]
    pub(crate) fn only(&self) -> String {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.into_iter().next().unwrap()
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many connections have ended.
    #[track_caller]
    pub(crate) fn ended(&self, connections: usize) {
        until("the service's connections end", || self.ended.load(Ordering::SeqCst) >= connections);
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.gone.store(1, Ordering::SeqCst);
        // The listener wakes up, and sees that it is to go.
        let _ = TcpStream::connect(self.address);
    }
}

/// One connection, from the service's side.
pub(crate) struct Peer {
    stream: Option<TcpStream>,
    left: Vec<u8>,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Counted from 0.
    pub(crate) number: usize,
}

impl Peer {
    fn stream(&mut self) -> &mut TcpStream {
        self.stream.as_mut().unwrap()
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        let length = self.stream().read(&mut bytes)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left.extend_from_slice(&bytes[..length]);
        Ok(())
    }

    fn take_through(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.left.windows(end.len()).position(|window| window == end) {
                return Ok(self.left.drain(..at + end.len()).collect());
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.left.len() < length {
            self.fill()?;
        }
        Ok(self.left.drain(..length).collect())
    }

    /// Reads the head of a request, and keeps it if it is all that is wanted.
    pub(crate) fn head(&mut self) -> io::Result<String> {
        if self.left.is_empty() {
            self.fill()?;
        }
        if self.left.starts_with(&[0x16]) {
            // TLS: what a plain server says.
            self.send("HTTP/1.1 400 Bad Request\r\n\r\n")?;
            return Err(io::ErrorKind::InvalidData.into());
        }
        let head = self.take_through(b"\r\n\r\n")?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    }

    /// Reads a request to its end; what came is kept.
    pub(crate) fn request(&mut self) -> io::Result<String> {
        let mut request = self.head()?;
        let lower = request.to_ascii_lowercase();
        if lower.contains("\r\ntransfer-encoding:") {
            loop {
                let size = String::from_utf8(self.take_through(b"\r\n")?).unwrap();
                let length = usize::from_str_radix(size.trim(), 16).unwrap();
                let rest = match length {
                    // The trailers.
                    0 if self.left.starts_with(b"\r\n") => self.take(2)?,
                    0 => {
                        while self.left.len() < 2 {
                            self.fill()?;
                        }
                        if self.left.starts_with(b"\r\n") { self.take(2)? } else { self.take_through(b"\r\n\r\n")? }
                    }
                    length => self.take(length + 2)?,
                };
                request.push_str(&size);
                request.push_str(&String::from_utf8_lossy(&rest));
                if length == 0 {
                    break;
                }
            }
        } else if let Some((_, rest)) = lower.split_once("\r\ncontent-length:") {
            let length = rest.split("\r\n").next().unwrap().trim().parse().unwrap();
            request.push_str(&String::from_utf8_lossy(&self.take(length)?));
        }
        self.keep(&request);
        Ok(request)
    }

    /// Keeps these bytes as a request.
    pub(crate) fn keep(&mut self, request: &str) {
        self.seen.lock().unwrap().push(request.as_bytes().to_owned());
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream().write_all(bytes.as_ref())
    }

    /// Waits until the other side has gone.
    pub(crate) fn gone(&mut self) {
        while self.fill().is_ok() {}
    }

    /// An orderly end of what is sent.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.stream().shutdown(Shutdown::Write)
    }

    /// A reset.
    pub(crate) fn reset(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let _inside = runtime.enter();
        let stream = self.stream.take().unwrap();
        stream.set_nonblocking(true).unwrap();
        // The standard library has no word for it: closing then resets the connection.
        tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
    }
}
