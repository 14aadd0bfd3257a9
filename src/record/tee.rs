//! A body that is watched while it streams: its bytes are kept, and its end, whichever it is, is
//! reported exactly once.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};

use crate::proxy::{Body, BodyError};

/// How a body ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Whole.
    Whole,
    /// It failed: whoever sent it went away.
    Cut,
    /// Its reader went away.
    Left,
}

/// What came by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The bytes; `None` where they were more than [`MOST`].
    pub(super) bytes: Option<Bytes>,
    /// How many there were.
    pub(super) size: u64,
    /// How it ended.
    pub(super) end: End,
    /// Whether headers followed it.
    pub(super) trailers: bool,
}

impl Kept {
    /// Of a body that never came.
    pub(super) fn nothing() -> Self {
        Self { bytes: Some(Bytes::new()), size: 0, end: End::Whole, trailers: false }
    }
}

/// Most bytes that are kept of one body: twice what ARM itself ever answers (S-02). Larger ones
/// stream through and are not on the tape.
pub(super) const MOST: usize = 16 * 1024 * 1024;

/// Called at the end.
type OnEnd = Box<dyn FnOnce(Kept) + Send>;

/// The body. Its end is reported before the last frame is handed on, so that what a reader has
/// received completely is on the tape. (Without a length the reader waits for the end itself,
/// which comes after the report, too.)
pub(super) struct Tee {
    inner: Body,
    kept: Option<BytesMut>,
    size: u64,
    trailers: bool,
    on_end: Option<OnEnd>,
}

impl Tee {
    pub(super) fn new(inner: Body, on_end: impl FnOnce(Kept) + Send + 'static) -> Self {
        let mut tee =
            Self { inner, kept: Some(BytesMut::new()), size: 0, trailers: false, on_end: Some(Box::new(on_end)) };
        // A body that has no frame may never be polled.
        tee.report_if_complete();
        tee
    }

    fn keep(&mut self, data: &Bytes) {
        self.size += data.len() as u64;
        match &mut self.kept {
            Some(kept) if kept.len() + data.len() <= MOST => kept.extend_from_slice(data),
            kept => *kept = None,
        }
    }

    fn report_if_complete(&mut self) {
        if self.inner.is_end_stream() || self.inner.size_hint().upper() == Some(0) {
            self.report(End::Whole);
        }
    }

    fn report(&mut self, end: End) {
        if let Some(on_end) = self.on_end.take() {
            let (size, trailers) = (self.size, self.trailers);
            on_end(Kept { bytes: self.kept.take().map(BytesMut::freeze), size, end, trailers });
        }
    }
}

impl http_body::Body for Tee {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.keep(data);
                }
                // Nothing follows trailers: nobody asks for what does.
                self.trailers = frame.is_trailers();
                match self.trailers {
                    true => self.report(End::Whole),
                    false => self.report_if_complete(),
                }
            }
            Some(Err(_)) => self.report(End::Cut),
            None => self.report(End::Whole),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        self.report(End::Left);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;
    use crate::proxy::{empty, full};

    fn watched(inner: Body) -> (Body, mpsc::Receiver<Kept>) {
        let (ended, end) = mpsc::channel();
        (Tee::new(inner, move |kept| ended.send(kept).unwrap()).boxed_unsync(), end)
    }

    fn kept(bytes: &'static str, end: End) -> Kept {
        Kept { bytes: Some(Bytes::from(bytes)), size: bytes.len() as u64, end, trailers: false }
    }

    /// Frames without a length, as a chunked body has them.
    fn frames(frames: Vec<Result<&'static str, &'static str>>) -> Body {
        let mut frames = frames.into_iter();
        let next = std::iter::from_fn(move || {
            frames.next().map(|frame| frame.map(|data| Frame::data(Bytes::from(data))).map_err(BodyError::from))
        });
        StreamBody::new(Iter(next)).boxed_unsync()
    }

    struct Iter<I>(I);

    impl<I: Iterator + Unpin> futures_core::Stream for Iter<I> {
        type Item = I::Item;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
            Poll::Ready(self.0.next())
        }
    }

    #[tokio::test]
    async fn the_end_is_reported_before_the_last_byte_is_handed_on() {
        let (mut body, end) = watched(full(Bytes::from("whole")));
        assert!(end.try_recv().is_err());
        body.frame().await.unwrap().unwrap();
        assert_eq!(end.try_recv().unwrap(), kept("whole", End::Whole));

        let (mut body, end) = watched(frames(vec![Ok("a"), Ok("b")]));
        body.frame().await.unwrap().unwrap();
        body.frame().await.unwrap().unwrap();
        assert!(end.try_recv().is_err(), "without a length the end is still to come");
        assert!(body.frame().await.is_none());
        assert_eq!(end.try_recv().unwrap(), kept("ab", End::Whole));
    }

    #[tokio::test]
    async fn a_body_beyond_the_bound_streams_through_and_is_not_kept() {
        let (mut body, end) = watched(full(Bytes::from(vec![0; MOST + 1])));
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), MOST + 1);
        assert_eq!(
            end.try_recv().unwrap(),
            Kept { bytes: None, size: MOST as u64 + 1, end: End::Whole, trailers: false }
        );
    }

    #[tokio::test]
    async fn an_empty_body_is_reported_though_nobody_polls_it() {
        let (_body, end) = watched(empty());
        assert_eq!(end.try_recv().unwrap(), kept("", End::Whole));
    }

    #[tokio::test]
    async fn a_failing_body_and_a_reader_that_leaves_are_told_apart() {
        let (mut body, end) = watched(frames(vec![Ok("a"), Err("reset")]));
        body.frame().await.unwrap().unwrap();
        assert!(body.frame().await.unwrap().is_err());
        assert_eq!(end.try_recv().unwrap(), kept("a", End::Cut));

        let (mut body, end) = watched(frames(vec![Ok("a"), Ok("b")]));
        body.frame().await.unwrap().unwrap();
        drop(body);
        assert_eq!(end.try_recv().unwrap(), kept("a", End::Left));
        assert!(end.try_recv().is_err(), "reported once");
    }
}
