//! Heads of HTTP/1.1 that two readers could read differently.

/// As much of a line as is looked at: names and numbers of framing are shorter.
const LOOKED_AT: usize = 128;

/// Finds the heads in what a client sends, and those among them that cannot be trusted.
///
/// hyper reads on where `Content-Length` and `Transfer-Encoding` stand together (RFC 9112 section
/// 6.3 lets it), and takes the first of two `Host`s. Nothing can be smuggled past it, since every
/// message is framed anew, but such a request is an attack or a fault, and is told so.
#[derive(Debug, Default)]
pub(super) struct Heads {
    state: State,
    /// Of a line, what came before this.
    begun: Vec<u8>,
    length: Option<u64>,
    chunked: bool,
    hosts: u32,
    first: bool,
    connect: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    /// So many bytes of a body are left.
    Body(u64),
    /// A line with the size of a chunk.
    Size,
    /// So many bytes of a chunk are left, its line end among them.
    Chunk(u64),
    Trailers,
    /// A tunnel, or a head that was refused: no HTTP from here on.
    Opaque,
}

impl Heads {
    pub(super) fn new() -> Self {
        Self { first: true, ..Self::default() }
    }

    /// Looks at what was read. Where a head that must be refused ends there, its last byte is
    /// spoilt, so that it is no head: the parser answers 400 and closes.
    pub(super) fn look(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Opaque => return,
                State::Body(left) | State::Chunk(left) => {
                    let taken = left.min((bytes.len() - at) as u64);
                    at += usize::try_from(taken).unwrap_or(usize::MAX);
                    let left = left - taken;
                    self.state = match self.state {
                        State::Body(_) if left == 0 => State::Head,
                        State::Body(_) => State::Body(left),
                        _ if left == 0 => State::Size,
                        _ => State::Chunk(left),
                    };
                }
                State::Head | State::Size | State::Trailers => {
                    let end = memchr::memchr(b'\n', &bytes[at..]).map(|length| at + length);
                    let piece = &bytes[at..end.unwrap_or(bytes.len())];
                    let piece = &piece[..piece.len().min(LOOKED_AT - self.begun.len())];
                    let Some(end) = end else {
                        self.begun.extend_from_slice(piece);
                        return;
                    };
                    at = end + 1;
                    let is_trusted = if self.begun.is_empty() {
                        self.line(piece)
                    } else {
                        let mut line = std::mem::take(&mut self.begun);
                        line.extend_from_slice(piece);
                        self.line(&line)
                    };
                    if !is_trusted {
                        bytes[end] = 0;
                        self.state = State::Opaque;
                    }
                }
            }
        }
    }

    /// Whether the head, if this line ends it, can be trusted.
    fn line(&mut self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.state {
            State::Head if self.first => {
                // Empty lines may stand before a request.
                self.first = line.is_empty();
                self.connect = line.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"connect "));
            }
            State::Head if line.is_empty() => return self.ended(),
            State::Head => self.header(line),
            State::Size => {
                let digits: String =
                    line.iter().take_while(|byte| byte.is_ascii_hexdigit()).map(|byte| char::from(*byte)).collect();
                self.state = match u64::from_str_radix(&digits, 16) {
                    Ok(0) => State::Trailers,
                    Ok(size) => State::Chunk(size.saturating_add(2)),
                    // The parser will say so.
                    Err(_) => State::Opaque,
                };
            }
            State::Trailers if line.is_empty() => self.state = State::Head,
            _ => {}
        }
        true
    }

    fn header(&mut self, line: &[u8]) {
        let Some(colon) = memchr::memchr(b':', line) else { return };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.eq_ignore_ascii_case(b"content-length") {
            // One that is no number is the parser's affair.
            let value = std::str::from_utf8(value).unwrap_or_default().trim();
            self.length = Some(value.parse().unwrap_or(0));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
        }
    }

    fn ended(&mut self) -> bool {
        let head = std::mem::replace(self, Self::new());
        self.state = match head.length {
            _ if head.connect => State::Opaque,
            _ if head.chunked => State::Size,
            Some(length) if length > 0 => State::Body(length),
            _ => State::Head,
        };
        !(head.hosts > 1 || head.chunked && head.length.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of the bytes when they come in pieces of each size.
    fn looked_at(bytes: &str) -> Vec<u8> {
        let mut results = (1..=bytes.len()).map(|size| {
            let mut heads = Heads::new();
            let mut out = Vec::new();
            for piece in bytes.as_bytes().chunks(size) {
                let mut piece = piece.to_owned();
                heads.look(&mut piece);
                out.extend(piece);
            }
            out
        });
        let first = results.next().unwrap();
        assert!(results.all(|other| other == first), "it matters how the bytes come: {bytes:?}");
        first
    }

    #[test]
    fn what_can_be_trusted_goes_by() {
        for bytes in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
            "\r\nPUT / HTTP/1.1\r\nContent-Length: 12\r\n\r\nHost: a\r\n\r\n\rGET / HTTP/1.1\r\n\r\n",
            "PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\n1f\r\nContent-Length: 1\r\nHost: a\r\n\r\n\r\n0\r\nContent-Length: 1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nHost: a\r\nHost: a\r\n\r\n",
        ] {
            assert_eq!(looked_at(bytes), bytes.as_bytes());
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_spoilt() {
        for head in [
            "PUT / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            "PUT / HTTP/1.1\r\nTRANSFER-ENCODING: chunked\r\nX: 1\r\nCONTENT-LENGTH: 4\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\nHost: b\n\n",
        ] {
            for before in ["", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"] {
                let bytes = format!("{before}{head}rest");
                let mut expected = bytes.clone().into_bytes();
                expected[before.len() + head.len() - 1] = 0;
                assert_eq!(looked_at(&bytes), expected);
            }
        }
    }
}
