//! What becomes of a request's body that nobody wants.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{runtime::Handle, time::timeout};

use super::drop_rest;

/// How long such a body is read on.
const LONGEST: Duration = Duration::from_secs(1);

/// A body of an HTTP/2 request. A stream whose body is let go is reset, and that overtakes the answer
/// (RFC 9113 section 8.1 wants it whole first): so one that nobody wants any more is read on for a while.
pub(super) struct Unwanted {
    body: Option<Incoming>,
}

impl Unwanted {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body: Some(body) }
    }
}

impl Body for Unwanted {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.body.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Unwanted {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(timeout(LONGEST, drop_rest(body.map_err(Into::into).boxed_unsync())));
    }
}
