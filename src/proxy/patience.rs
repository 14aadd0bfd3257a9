//! How long a client may stand still in the middle of something. Only its own side counts: the
//! wait for the service's answer has no bound here, since long polls and slow services are real.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{BodyError, sniff::Stream};

/// Longest time in which a client takes not one byte of what is there for it. It holds the answer,
/// a task, and often a connection to the service; and whoever stands in a debugger for longer gets
/// a new connection.
pub(super) const UNREAD: Duration = Duration::from_secs(60);

/// Longest time between two pieces of a request's body while somebody waits for them.
pub(super) const UNSENT: Duration = Duration::from_secs(60);

/// HTTP/2 has no other sign of a client that is gone: one that was silent for so long is asked,
pub(super) const SILENT: Duration = Duration::from_secs(60);
/// and has so long to answer.
pub(super) const UNANSWERED: Duration = Duration::from_secs(20);

/// Watches one thing that may stand still.
struct Patience {
    bound: Duration,
    /// While it stands still.
    until: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(bound: Duration) -> Self {
        Self { bound, until: None }
    }

    /// Whether it has stood still for too long, by what it says now.
    fn is_over<T>(&mut self, cx: &mut Context<'_>, polled: &Poll<T>) -> bool {
        if polled.is_ready() {
            self.until = None;
            return false;
        }
        let bound = self.bound;
        let until = self.until.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + bound)));
        until.as_mut().poll(cx).is_ready()
    }
}

/// A connection whose client must take what it is sent.
pub(super) struct Taken<S> {
    io: S,
    patience: Patience,
}

impl<S: Stream> Taken<S> {
    pub(super) fn new(io: S) -> Self {
        Self { io, patience: Patience::new(UNREAD) }
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if self.patience.is_over(cx, &polled) {
            // What is on the way to it would be kept by the system for many minutes more.
            self.io.reset_on_drop();
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl<S: Stream> Stream for Taken<S> {
    fn reset_on_drop(&self) {
        self.io.reset_on_drop();
    }
}

impl<S: Stream> AsyncRead for Taken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<S: Stream> AsyncWrite for Taken<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, buf);
        self.watch(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        self.watch(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        self.watch(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.watch(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

/// A request's body whose client must go on sending. It is asked for only where somebody wants its
/// next piece, so that a slow service does not count.
pub(super) struct Sent<B> {
    body: B,
    patience: Patience,
}

impl<B> Sent<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body, patience: Patience::new(UNSENT) }
    }
}

impl<B> Body for Sent<B>
where
    B: Body<Data = Bytes, Error: Into<BodyError>> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if self.patience.is_over(cx, &polled) {
            return Poll::Ready(Some(Err("the client stopped in the middle of the request's body".into())));
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Where the streams of HTTP/2 connections run. They outlive their connection, and must not
/// outlive the server: what they know of an exchange belongs on the tape.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) tasks: TaskTracker,
    pub(super) cut: CancellationToken,
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stream => {}
                () = cut.cancelled() => {}
            }
        });
    }
}
