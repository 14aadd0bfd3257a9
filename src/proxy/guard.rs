//! What hyper does not do for a connection, done on its bytes: heads that cannot be trusted are spoilt
//! (`heads`), and a body that fails is sent as far as it came.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use super::{Body, BodyError, heads::Heads, sniff::Stream};

/// How often everything that was written had left for the socket.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    number: AtomicU64,
    waiting: Mutex<Option<Waker>>,
}

impl Flushes {
    fn flushed(&self) {
        self.number.fetch_add(1, Ordering::AcqRel);
        if let Some(waker) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }
}

/// A connection whose heads are looked at and whose flushes are counted.
pub(super) struct Guarded {
    io: Box<dyn Stream>,
    /// None in HTTP/2, whose frames leave no room for doubt.
    heads: Option<Heads>,
    flushes: Arc<Flushes>,
}

impl Guarded {
    pub(super) fn http1(io: Box<dyn Stream>, flushes: &Arc<Flushes>) -> Self {
        Self { io, heads: Some(Heads::new()), flushes: Arc::clone(flushes) }
    }

    pub(super) fn http2(io: Box<dyn Stream>, flushes: &Arc<Flushes>) -> Self {
        Self { io, heads: None, flushes: Arc::clone(flushes) }
    }
}

impl Stream for Guarded {
    fn reset_on_drop(&self) {
        self.io.reset_on_drop();
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        if let Some(heads) = &mut self.heads {
            heads.look(&mut buf.filled_mut()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        self.flushes.flushed();
        Poll::Ready(Ok(()))
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

/// HTTP/2 writes in a task of its own, which may have flushed already: then nothing more comes.
const FLUSHED_BY: Duration = Duration::from_millis(50);

/// A body that fails only after what it had given has left: hyper drops what it still holds, head
/// and all, as soon as a body fails.
pub(super) struct AsFarAsItCame {
    inner: Body,
    flushes: Arc<Flushes>,
    failed: Option<(BodyError, u64)>,
    deadline: Option<Pin<Box<Sleep>>>,
    http2: bool,
}

impl AsFarAsItCame {
    pub(super) fn new(inner: Body, flushes: Arc<Flushes>, http2: bool) -> Self {
        Self { inner, flushes, failed: None, deadline: None, http2 }
    }
}

impl http_body::Body for AsFarAsItCame {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.failed.is_none() {
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Err(error)) => {
                    // One flush may be on its way that began before the last bytes came.
                    let enough = self.flushes.number.load(Ordering::Acquire) + if self.http2 { 2 } else { 1 };
                    self.failed = Some((error, enough));
                    self.deadline = self.http2.then(|| Box::pin(sleep(FLUSHED_BY)));
                }
                frame => return Poll::Ready(frame),
            }
        }
        *self.flushes.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        let late = self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready());
        let flushed = self.flushes.number.load(Ordering::Acquire);
        match self.failed.take() {
            Some((error, enough)) if late || flushed >= enough => Poll::Ready(Some(Err(error))),
            failed => {
                self.failed = failed;
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
