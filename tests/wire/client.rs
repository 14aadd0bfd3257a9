//! A client that is a socket.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::Arc,
};

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};

use crate::stage::LIMIT;

trait Io: Read + Write + Send {}
impl<T: Read + Write + Send> Io for T {}

/// A connection to armtape.
pub(crate) struct Client {
    io: Box<dyn Io>,
    tcp: TcpStream,
    left: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status line and headers, with their line ends but the last empty line.
    pub(crate) head: String,
    /// Its bytes without chunking.
    pub(crate) body: Vec<u8>,
    /// Trailers after the last chunk, with their line ends.
    pub(crate) trailers: String,
    /// Whether it came to its end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Every value of a header, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let lines = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).unwrap();
        tcp.set_read_timeout(Some(LIMIT)).unwrap();
        tcp.set_nodelay(true).unwrap();
        Self { io: Box::new(tcp.try_clone().unwrap()), tcp, left: Vec::new() }
    }

    /// Speaks TLS from here on.
    pub(crate) fn tls(self, host: &str, authority: &str, alpn: &[&[u8]]) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        assert!(self.left.is_empty());
        Self { io: Box::new(rustls::StreamOwned::new(session, self.io)), ..self }
    }

    /// Opens a tunnel.
    pub(crate) fn tunnel(mut self, to: &str) -> Self {
        self.send(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n"));
        let answer = self.head().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        self
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.io.write_all(bytes.as_ref()).unwrap();
        self.io.flush().unwrap();
    }

    /// As [`Client::send`], where the other side may have gone already.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.io.write_all(bytes.as_ref())
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        match self.io.read(&mut bytes)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => {
                self.left.extend_from_slice(&bytes[..length]);
                Ok(())
            }
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        self.left.drain(..length).collect()
    }

    /// The next head, be it of an answer or of a 1xx before one.
    pub(crate) fn head(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.left.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.take(at + 4);
                return Ok(String::from_utf8_lossy(&head).into_owned());
            }
            self.fill()?;
        }
    }

    /// Waits until this has come; it stays to be read.
    pub(crate) fn begun(&mut self, bytes: &[u8]) {
        while !bytes.is_empty() && !self.left.windows(bytes.len()).any(|window| window == bytes) {
            self.fill().unwrap();
        }
    }

    /// The next answer to a request that was no HEAD.
    pub(crate) fn answer(&mut self) -> Answer {
        let head = self.head().unwrap();
        self.body(head)
    }

    /// What follows a head.
    pub(crate) fn body(&mut self, head: String) -> Answer {
        let mut answer = Answer { head, body: Vec::new(), trailers: String::new(), whole: true };
        if matches!(answer.status(), 100..200 | 204 | 304) {
            return answer;
        }
        if answer.values("transfer-encoding") == ["chunked"] {
            answer.whole = self.chunks(&mut answer).is_ok();
            return answer;
        }
        let length = answer.values("content-length").first().map(|length| length.parse::<usize>().unwrap());
        while length.is_none_or(|length| self.left.len() < length) {
            if self.fill().is_err() {
                answer.whole = length.is_none();
                answer.body = std::mem::take(&mut self.left);
                return answer;
            }
        }
        answer.body = self.take(length.unwrap());
        answer
    }

    fn chunks(&mut self, answer: &mut Answer) -> io::Result<()> {
        loop {
            let size = self.line()?;
            let size = size.split(';').next().unwrap().trim();
            let length = usize::from_str_radix(size, 16).unwrap();
            if length == 0 {
                loop {
                    let line = self.line()?;
                    if line == "\r\n" {
                        return Ok(());
                    }
                    answer.trailers.push_str(&line);
                }
            }
            let mut wanted = length;
            while wanted > 0 {
                if self.left.is_empty() {
                    self.fill()?;
                }
                let part = self.take(wanted.min(self.left.len()));
                wanted -= part.len();
                answer.body.extend_from_slice(&part);
            }
            self.line()?;
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.left.windows(2).position(|window| window == b"\r\n") {
                return Ok(String::from_utf8(self.take(at + 2)).unwrap());
            }
            self.fill()?;
        }
    }

    /// Everything until the connection ends, with the way in which it ends.
    pub(crate) fn rest(&mut self) -> (String, io::ErrorKind) {
        let end = loop {
            if let Err(error) = self.fill() {
                break error.kind();
            }
        };
        let rest = std::mem::take(&mut self.left);
        (String::from_utf8_lossy(&rest).into_owned(), end)
    }

    /// Says that nothing more comes.
    pub(crate) fn finish(&mut self) {
        self.tcp.shutdown(Shutdown::Write).unwrap();
    }
}
