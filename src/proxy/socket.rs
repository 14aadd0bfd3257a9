//! A client's socket, tuned for requests and answers rather than for bulk.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A TCP connection whose small messages go at once, in both directions.
pub(super) struct ClientSocket {
    stream: TcpStream,
    /// Whether something was read that nothing has been written after: an answer acknowledges by itself.
    owes: bool,
}

impl ClientSocket {
    pub(super) fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, owes: false }
    }

    /// The connection is reset, not closed, when it is dropped.
    pub(super) fn reset_on_drop(&self) {
        let _ = self.stream.set_zero_linger();
    }

    /// Acknowledges at once what was read, while more is waited for. A client that sends head and
    /// body apart, and has Nagle's algorithm on (urllib3 behind a proxy), waits for this before it
    /// sends the body: 40 ms a request. The kernel forgets the wish, so it is said again.
    fn acknowledge(&mut self) {
        if std::mem::take(&mut self.owes) {
            #[cfg(target_os = "linux")]
            let _ = self.stream.set_quickack(true);
        }
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        match read {
            Poll::Ready(_) => self.owes = true,
            Poll::Pending => self.acknowledge(),
        }
        read
    }
}

impl AsyncWrite for ClientSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.owes = false;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.owes = false;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
