//! A service that answers as the test says, and the client that asks it through armtape.

use std::{
    cell::Cell,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::kinds::Kind;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

/// A request and its answer.
pub(super) struct Exchange {
    method: &'static str,
    pub(super) target: String,
    request_headers: String,
    pub(super) body: Vec<u8>,
    answer_headers: String,
    /// The frames of the answer.
    frames: Vec<Vec<u8>>,
    ends: Ends,
}

/// How the exchange ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Well,
    /// armtape refuses the request.
    Refused,
    /// The service closes the connection.
    Unanswered,
}

impl Exchange {
    pub(super) fn new() -> Self {
        Self {
            method: "PUT",
            target: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1".into(),
            request_headers: String::new(),
            body: Vec::new(),
            answer_headers: String::new(),
            frames: Vec::new(),
            ends: Ends::Well,
        }
    }

    /// The exchange in which this kind occurs.
    pub(super) fn of(kind: &Kind) -> Self {
        let mut exchange = Self::new();
        if let Some(action) = kind.action() {
            exchange.method = "POST";
            exchange.target = exchange.target.replace("?", &format!("/{action}?"));
        }
        exchange
    }

    /// With a head that is doubtful.
    pub(super) fn refused() -> Self {
        Self {
            request_headers: "content-length: 1\r\ncontent-length: 2\r\n".into(),
            ends: Ends::Refused,
            ..Self::new()
        }
    }

    pub(super) fn unanswered() -> Self {
        Self { ends: Ends::Unanswered, ..Self::new() }
    }

    pub(super) fn header(&mut self, side: Side, name: &str, value: &str) {
        let headers = match side {
            Side::Request => &mut self.request_headers,
            Side::Answer => &mut self.answer_headers,
        };
        headers.push_str(&format!("{name}: {value}\r\n"));
    }

    pub(super) fn content(&mut self, side: Side, media_type: &str, coding: Option<&str>, body: &[u8], split: bool) {
        self.header(side, "content-type", media_type);
        if let Some(coding) = coding {
            self.header(side, "content-encoding", coding);
        }
        let body = encoded(coding, body);
        match side {
            Side::Request => self.body = body,
            Side::Answer => {
                self.frames = body.chunks(if split { 5 } else { usize::MAX }).map(<[u8]>::to_vec).collect();
            }
        }
    }

    fn request(&self, authority: SocketAddr) -> Vec<u8> {
        let Self { method, target, request_headers, body, .. } = self;
        let length =
            if self.ends == Ends::Refused { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!(
            "{method} http://{authority}{target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{length}{request_headers}\r\n"
        );
        [head.as_bytes(), body].concat()
    }

    fn answer(&self) -> Vec<Vec<u8>> {
        let head = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n{}\r\n",
            self.answer_headers
        );
        let mut frames = vec![head.into_bytes()];
        for frame in &self.frames {
            frames.push([format!("{:x}\r\n", frame.len()).as_bytes(), frame, b"\r\n"].concat());
        }
        frames.push(b"0\r\n\r\n".to_vec());
        frames
    }
}

fn encoded(coding: Option<&str>, body: &[u8]) -> Vec<u8> {
    match coding {
        Some("gzip") => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        Some("deflate") => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        Some("br") => {
            let mut out = Vec::new();
            brotli::BrotliCompress(&mut &body[..], &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
            out
        }
        Some("zstd") => zstd::encode_all(body, 1).unwrap(),
        _ => body.to_vec(),
    }
}

/// The service, and whom it is asked through.
pub(super) struct Service {
    address: SocketAddr,
    /// What the next request gets: nothing, where the connection is to be closed.
    next: Arc<Mutex<Vec<Vec<u8>>>>,
    proxy: Cell<Option<SocketAddr>>,
}

impl Service {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let next: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let answers = Arc::clone(&next);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let frames = answers.lock().unwrap().clone();
                let _ = serve(&mut stream, &frames);
            }
        });
        Self { address, next, proxy: Cell::new(None) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn through(&self, proxy: SocketAddr) {
        self.proxy.set(Some(proxy));
    }

    /// One exchange, from its first byte to its last.
    pub(super) fn send(&self, exchange: &Exchange) {
        *self.next.lock().unwrap() = if exchange.ends == Ends::Unanswered { Vec::new() } else { exchange.answer() };
        let mut stream = TcpStream::connect(self.proxy.get().unwrap()).unwrap();
        stream.write_all(&exchange.request(self.address)).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let status = answer.get(9..12).map(|status| String::from_utf8_lossy(status).into_owned());
        let wanted = match exchange.ends {
            Ends::Well => Some("200"),
            Ends::Refused => Some("400"),
            // As the service does to armtape, so does armtape to the client.
            Ends::Unanswered => None,
        };
        assert_eq!(status.as_deref(), wanted, "{}", String::from_utf8_lossy(&answer));
    }
}

/// Reads a request to its end, and answers it frame by frame.
fn serve(stream: &mut TcpStream, frames: &[Vec<u8>]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..read]);
        let head = request.windows(4).position(|end| end == b"\r\n\r\n");
        let length = head.map(|head| {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            head + 4 + length.unwrap_or(0)
        });
        if read == 0 || length.is_some_and(|length| request.len() >= length) {
            break;
        }
    }
    for frame in frames {
        stream.write_all(frame)?;
        stream.flush()?;
    }
    Ok(())
}
