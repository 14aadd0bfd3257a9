//! What a client speaks, by its first bytes, which are then read again by whoever speaks it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, DuplexStream, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::socket::ClientSocket;

/// Anything that can be read and written.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// When it is dropped, the connection is reset rather than closed, where there is such a thing.
    fn reset_on_drop(&self) {}
}

impl Stream for ClientSocket {
    fn reset_on_drop(&self) {
        Self::reset_on_drop(self);
    }
}

impl Stream for TlsStream<Box<dyn Stream>> {
    fn reset_on_drop(&self) {
        self.get_ref().0.reset_on_drop();
    }
}

/// In-memory pipes, for virtual time.
impl Stream for DuplexStream {}

/// What the first bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    /// A TLS handshake record.
    Tls,
    /// The preface of HTTP/2 (RFC 9113 section 3.4).
    Http2,
    /// Anything else is left to the HTTP/1.1 parser.
    Http1,
    /// The client went away without a word.
    Nothing,
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first byte of a TLS handshake record (RFC 8446 section 5.1). No HTTP method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Reads as much as is needed to tell.
pub(super) async fn sniff(mut io: Box<dyn Stream>) -> io::Result<(Speech, Box<dyn Stream>)> {
    let mut seen = BytesMut::with_capacity(64);
    let speech = loop {
        if io.read_buf(&mut seen).await? == 0 {
            break if seen.is_empty() { Speech::Nothing } else { Speech::Http1 };
        }
        if seen[0] == TLS_HANDSHAKE {
            break Speech::Tls;
        }
        let compared = seen.len().min(PREFACE.len());
        if seen[..compared] != PREFACE[..compared] {
            break Speech::Http1;
        }
        if compared == PREFACE.len() {
            break Speech::Http2;
        }
    };
    Ok((speech, Box::new(Seen { seen, io })))
}

/// A stream of which `seen` was read already.
pub(super) fn unread(seen: Bytes, io: Box<dyn Stream>) -> Box<dyn Stream> {
    if seen.is_empty() { io } else { Box::new(Seen { seen: seen.into(), io }) }
}

/// A stream whose first bytes were read already.
struct Seen {
    seen: BytesMut,
    io: Box<dyn Stream>,
}

impl Stream for Seen {
    fn reset_on_drop(&self) {
        self.io.reset_on_drop();
    }
}

impl AsyncRead for Seen {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.seen.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let length = self.seen.len().min(buf.remaining());
        buf.put_slice(&self.seen[..length]);
        self.seen.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Seen {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
