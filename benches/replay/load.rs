//! The client: one blocking thread a connection, requests made beforehand, answers read by their
//! length and not looked into.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

use super::{CONNECTIONS, Failure, process::Server, tape};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Of ten requests two writes, four polls and four reads of the resource.
    Work,
    /// The list that every write on the tape changes.
    List,
}

impl Mix {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Work => "mixed",
            Self::List => "list",
        }
    }
}

/// Requests in the order in which [`which`] numbers them.
fn requests(number: usize) -> [Vec<u8>; 4] {
    [
        request("PUT", &tape::resource(number), &tape::body(number)),
        request("GET", &tape::operation(number), ""),
        request("GET", &tape::resource(number), ""),
        request("GET", &tape::list(), ""),
    ]
}

/// Which of the four kinds of request this is.
pub(crate) fn which(method: &str, path: &str) -> usize {
    if method == "PUT" {
        0
    } else if path.contains("/operationResults/") {
        1
    } else if path.ends_with("/profiles") {
        3
    } else {
        2
    }
}

/// With the headers of a real client.
fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!(
        "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\naccept-encoding: gzip, deflate\r\n\
         content-type: application/json\r\nx-ms-client-request-id: b290a4da-e82f-11f1-a3f1-02fc00000001\r\n\
         user-agent: azsdk-python-mgmt-resource/26.0.0 Python/3.11.7\r\nauthorization: Bearer eyJ0eXAiOiJKV1QifQ\r\n\
         {length}\r\n{body}"
    )
    .into_bytes()
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

pub(crate) struct Client {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(server: &Server, tls: bool) -> Result<Self, Failure> {
        let address = if tls { server.ready.tls } else { server.ready.plain };
        let tcp = TcpStream::connect(address)?;
        tcp.set_nodelay(true)?;
        let stream: Box<dyn Stream> = if tls {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(server.ready.authority.as_bytes())?)?;
            let config = ClientConfig::builder_with_provider(armtape::proxy::provider())
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let name = ServerName::from(address.ip());
            Box::new(StreamOwned::new(ClientConnection::new(Arc::new(config), name)?, tcp))
        } else {
            Box::new(tcp)
        };
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// One request of each kind, with the answers, in which the server's own address is hidden.
    pub(crate) fn try_each(mut self) -> Result<Vec<String>, Failure> {
        let mut answers = Vec::new();
        for request in requests(0) {
            let length = self.exchange(&request)?;
            let mut lines: Vec<_> =
                String::from_utf8_lossy(&self.buffer[..length]).split("\r\n").map(str::to_owned).collect();
            // Headers come in any order.
            let end = lines.iter().position(String::is_empty).unwrap_or_default();
            lines[1..end.max(1)].sort();
            answers.push(lines.join("\r\n"));
        }
        if answers.iter().any(|answer| !answer.starts_with("HTTP/1.1 20")) {
            return Err(format!("not what the tape says: {answers:#?}").into());
        }
        Ok(answers)
    }

    /// Sends a request, reads the whole answer, and says how long it is.
    fn exchange(&mut self, request: &[u8]) -> Result<usize, Failure> {
        self.stream.write_all(request)?;
        self.stream.flush()?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            let seen = &self.buffer[..filled];
            if let Some(head) = seen.windows(4).position(|window| window == b"\r\n\r\n")
                && filled >= head + 4 + content_length(&seen[..head])?
            {
                return Ok(filled);
            }
        }
    }
}

fn content_length(head: &[u8]) -> Result<usize, Failure> {
    let text = std::str::from_utf8(head)?;
    match text.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")) {
        Some(length) => Ok(length.parse()?),
        None => Ok(0),
    }
}

/// Connections with their requests.
pub(crate) struct Load {
    clients: Vec<Client>,
    scripts: Vec<Vec<Vec<u8>>>,
    resources: usize,
    rounds: usize,
}

/// Most requests that are held ready for a connection; from then on they come again.
const HELD: usize = 50_000;

impl Load {
    pub(crate) fn new(server: &Server, tls: bool, mix: Mix, size: usize) -> Result<Self, Failure> {
        let resources = tape::resources(size);
        let clients = (0..CONNECTIONS).map(|_| Client::connect(server, tls)).collect::<Result<_, _>>()?;
        let scripts = (0..CONNECTIONS).map(|connection| script(mix, resources, connection)).collect();
        Ok(Self { clients, scripts, resources, rounds: 0 })
    }

    /// Makes every write once.
    pub(crate) fn begin_all(&mut self) -> Result<(), Failure> {
        for number in 0..self.resources {
            let [write, ..] = requests(number);
            self.clients[0].exchange(&write)?;
        }
        Ok(())
    }

    /// Makes so many requests, on all connections at once; says how many it made.
    pub(crate) fn run(&mut self, requests: usize) -> Result<usize, Failure> {
        let each = requests / CONNECTIONS;
        let offset = self.rounds * each;
        self.rounds += 1;
        thread::scope(|scope| {
            let running: Vec<_> = self
                .clients
                .iter_mut()
                .zip(&self.scripts)
                .map(|(client, script)| {
                    scope.spawn(move || {
                        for request in script.iter().cycle().skip(offset % script.len()).take(each) {
                            client.exchange(request)?;
                        }
                        Ok::<_, Failure>(())
                    })
                })
                .collect();
            for thread in running {
                thread.join().map_err(|_| "a connection's thread has panicked")??;
            }
            Ok(each * CONNECTIONS)
        })
    }
}

/// Ten requests to a resource, then to another far from it on the tape.
fn script(mix: Mix, resources: usize, connection: usize) -> Vec<Vec<u8>> {
    if mix == Mix::List {
        let [.., list] = requests(0);
        return vec![list];
    }
    // A stride that shares no factor with any of the sizes visits them all.
    let visit = |turn: usize| (turn * 7_919 + connection * 31) % resources;
    let turns = (HELD / 10).min(resources.max(10));
    (0..turns)
        .flat_map(|turn| {
            let [write, poll, read, _] = requests(visit(turn));
            [&write, &poll, &poll, &read, &read, &write, &poll, &poll, &read, &read].map(Clone::clone)
        })
        .collect()
}
