//! Bodies in either direction.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Empty, Full, combinators::UnsyncBoxBody};

/// What a body may fail with.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body in either direction. One that ends in an error is cut short on the wire, too.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// A body of known bytes.
#[must_use]
pub fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
#[must_use]
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that ends in an error after `bytes`: cut short on the wire.
#[must_use]
pub fn cut(bytes: Bytes) -> Body {
    CutShort { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), ended: false }.boxed_unsync()
}

struct CutShort {
    bytes: Option<Bytes>,
    ended: bool,
}

impl http_body::Body for CutShort {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let first = !std::mem::replace(&mut self.ended, true);
        Poll::Ready(first.then(|| Err("the body was cut short".into())))
    }
}

/// A body cannot be had whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// It has more bytes than the bound: what was read of it, and the rest.
    #[error("the body is too large")]
    TooLarge(Bytes, Body),
    /// It was cut short after these bytes.
    #[error("the body was cut short after {} bytes", .0.len())]
    Cut(Bytes),
}

/// Reads a whole body of at most `most` bytes.
///
/// # Errors
///
/// Where it is longer, or cut short.
pub async fn collect(mut body: Body, most: usize) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Unread::Cut(whole.freeze())) };
        if let Ok(data) = frame.into_data() {
            if whole.len() + data.len() > most {
                whole.extend_from_slice(&data);
                return Err(Unread::TooLarge(whole.freeze(), body));
            }
            // Most bodies are one frame: no copy then.
            if whole.is_empty() && http_body::Body::is_end_stream(&body) {
                return Ok(data);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.freeze())
}

/// A body of which `read` was read already.
#[must_use]
pub fn unread(read: Bytes, rest: Body) -> Body {
    Resumed { read: Some(read).filter(|read| !read.is_empty()), rest }.boxed_unsync()
}

struct Resumed {
    read: Option<Bytes>,
    rest: Body,
}

impl http_body::Body for Resumed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.read.take() {
            Some(read) => Poll::Ready(Some(Ok(Frame::data(read)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.as_ref().map_or(0, |read| read.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + read);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + read);
        }
        hint
    }
}

/// Longest rest of a request that is read for nothing.
const MOST_DROPPED: usize = 256 * 1024 * 1024;

/// Lets the rest of a request come and drops it: a client that still sends does not read that it is
/// refused, and loses the answer where the connection is closed on it. One that sends for ever is
/// not waited for.
pub async fn drop_rest(mut rest: Body) {
    let mut left = MOST_DROPPED;
    while let Some(Ok(frame)) = rest.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => return,
        }
    }
}
