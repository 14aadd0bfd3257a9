//! Traffic as it was on the wire. Nothing here can be shown.

use bytes::Bytes;
use http::HeaderMap;

use crate::cassette::{Completion, Times};

/// A value that was not redacted. It has no `Debug`, no `Display` and no way into a file, a log or a
/// message:
///
/// ```
/// let raw = armtape::redact::Raw::new("secret");
/// let _again = raw.clone();
/// ```
///
/// ```compile_fail
/// let raw = armtape::redact::Raw::new("secret");
/// format!("{raw:?}");
/// ```
///
/// ```compile_fail
/// let raw = armtape::redact::Raw::new("secret");
/// format!("{raw}");
/// ```
/// ```compile_fail
/// let raw = armtape::redact::Raw::new("secret");
/// serde_json::to_string(&raw);
/// ```
#[derive(Clone, Default)]
pub struct Raw<T>(T);

/// Whoever gives one of these a way to be shown or written breaks the build here: then there are two
/// ways to read the same line.
const _: () = {
    struct Shown;
    struct Printed;
    struct Written;
    trait Hidden<Way> {
        const IS: bool = true;
    }
    impl<T> Hidden<()> for T {}
    impl<T: std::fmt::Debug> Hidden<Shown> for T {}
    impl<T: std::fmt::Display> Hidden<Printed> for T {}
    impl<T: serde::Serialize> Hidden<Written> for T {}
    assert!(<Raw<String> as Hidden<_>>::IS);
    assert!(<Raw<Bytes> as Hidden<_>>::IS);
    assert!(<RawExchange as Hidden<_>>::IS);
    assert!(<RawResponse as Hidden<_>>::IS);
};

impl<T> Raw<T> {
    /// Hides `value`.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// For those who decode and redact it.
    pub(crate) fn expose(&self) -> &T {
        &self.0
    }

    pub(super) fn into_inner(self) -> T {
        self.0
    }
}

/// An exchange as it was on the wire.
pub struct RawExchange {
    /// The method.
    pub method: String,
    /// The target in origin form.
    pub target: Raw<String>,
    /// `https` or `http`.
    pub scheme: &'static str,
    /// The host as asked for.
    pub authority: Raw<String>,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: &'static str,
    /// The headers of the request.
    pub request_headers: Raw<HeaderMap>,
    /// The body of the request, decoded.
    pub request_body: Raw<Bytes>,
    /// The answer, where one began.
    pub response: Option<RawResponse>,
    /// How it ended.
    pub completion: Completion,
    /// The number of the connection.
    pub connection: u64,
    /// When it happened.
    pub times: Times,
    /// Remarks of the recorder.
    pub notes: Vec<String>,
}

/// An answer as it was on the wire.
pub struct RawResponse {
    /// The status code.
    pub status: u16,
    /// Its headers.
    pub headers: Raw<HeaderMap>,
    /// Its body, decoded.
    pub body: Raw<Bytes>,
}
