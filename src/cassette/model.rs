//! What a cassette says, as plain data. A trace of a live run and a file on the disk have this one
//! type, so that whatever reads the one reads the other.

use std::collections::BTreeMap;

use bytes::Bytes;

/// A recorded conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cassette {
    /// The client's command line, so that the recording can be made again. Empty where it was
    /// started by hand.
    pub command: Vec<String>,
    /// When recording began, RFC 3339 in UTC. Interaction times count from here.
    pub recorded: Option<String>,
    /// Values that were named by the user (`--var NAME=VALUE`): name to the recorded value.
    pub variables: BTreeMap<String, String>,
    /// What stands in the place of secret or personal values.
    pub stand_ins: Vec<StandIn>,
    /// Every exchange, in the order in which the requests came in.
    pub interactions: Vec<Interaction>,
}

/// What stands on the tape in the place of a secret or personal value, wherever that occurred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// What kind of value was replaced, such as `subscription`.
    pub kind: String,
    /// The text that stands for it.
    pub value: String,
    /// Where the value came from: what a request brought is free to differ on replay, what an
    /// answer handed out must come back as it was.
    pub origin: Origin,
}

/// Who named a value first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It first occurred in a request.
    Request,
    /// It first occurred in an answer.
    Answer,
}

/// One request with its answer, or with the way in which the connection failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interaction {
    /// What the client sent.
    pub request: Request,
    /// What it was answered; `None` where no answer began.
    pub response: Option<Response>,
    /// How the exchange ended.
    pub completion: Completion,
    /// Number of the client's connection, from 1, in the order of their opening.
    pub connection: Option<u64>,
    /// When things happened.
    pub times: Option<Times>,
    /// Where a foreign recording said this.
    pub provenance: Option<Provenance>,
    /// Remarks of the recorder, one sentence each.
    pub notes: Vec<String>,
}

impl Interaction {
    /// The note of a recorder that drops what clients write.
    pub(crate) const NO_REQUEST_BODY: &str = "The recorder keeps no request bodies.";

    /// How the note begins and goes on of one body that could not be kept: it was too large, or in a
    /// coding that nobody reads.
    pub(crate) const NOT_KEPT: (&str, &str) = ("request body ", "not kept: ");

    /// Whether the client may have sent a body that the recorder did not keep.
    #[must_use]
    pub fn lacks_request_body(&self) -> bool {
        let (begin, middle) = Self::NOT_KEPT;
        let not_kept = |note: &String| note.strip_prefix(begin).is_some_and(|rest| rest.contains(middle));
        self.notes.iter().any(|note| note == Self::NO_REQUEST_BODY || not_kept(note))
    }
}

/// What the client sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The request target in origin form, byte for byte: path and query.
    pub target: String,
    /// `https` or `http`; `None` where a foreign recorder dropped it.
    pub scheme: Option<String>,
    /// Host, with port if one was named, in the client's words; `None` where a foreign recorder
    /// dropped it: such a request fits any host.
    pub authority: Option<String>,
    /// `HTTP/1.1` or `HTTP/2`.
    pub version: Option<String>,
    /// What kind of credential was presented. Never its value.
    pub auth: Option<Auth>,
    /// The headers that are kept.
    pub headers: Headers,
    /// The body after decoding.
    pub body: Body,
}

/// A credential, described and never kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Auth {
    /// The scheme in lower case, such as `bearer`.
    pub kind: String,
    /// Which principal, by stand-in, once that is known.
    pub stand_in: Option<String>,
}

/// What the service answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Response {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The headers that are kept.
    pub headers: Headers,
    /// The body after decoding. `content-encoding` among the headers says which coding it had.
    pub body: Body,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The answer arrived whole.
    #[default]
    Whole,
    /// The answer ended after so many bytes of its body, before its time.
    Cut(u64),
    /// The connection was reset before an answer began.
    Reset,
    /// No answer came, and the connection stayed open until somebody gave up.
    Silent,
}

/// When things happened, in milliseconds since [`Cassette::recorded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    /// The head of the request had arrived.
    pub request: u64,
    /// The head of the answer had arrived.
    pub answer: u64,
    /// The last byte of the answer had arrived.
    pub end: u64,
}

/// Where a foreign recording said something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provenance {
    /// The format, such as `dotnet-session-records`.
    pub format: String,
    /// The file.
    pub file: String,
    /// The line on which the entry begins, from 1.
    pub line: u64,
}

/// A body, in the form in which people can best read it and from which the exact bytes come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Body {
    /// No byte.
    #[default]
    Empty,
    /// JSON, as the bytes of the wire. On the tape its tokens are written again with other white
    /// space, from which these bytes come back.
    Json(Bytes),
    /// UTF-8 text.
    Text(String),
    /// Anything else.
    Binary(Bytes),
    /// In a file of its own beside the cassette, named by its hash.
    Sidecar {
        /// `sha256-` and 64 lower-case hex digits.
        name: String,
        /// Bytes.
        size: u64,
    },
}

/// Headers: names in lower case, the values of each name in their order. The order across names
/// is not kept (no HTTP library promises it), so that a tape does not change with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Headers(BTreeMap<String, Vec<String>>);

impl Headers {
    /// No header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value behind those that `name` has already.
    pub fn append(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// Adds values without copying them.
    pub(super) fn append_all(&mut self, mut name: String, values: Vec<String>) {
        if !values.is_empty() {
            name.make_ascii_lowercase();
            self.0.entry(name).or_default().extend(values);
        }
    }

    /// Puts one value in the place of all that `name` has.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Takes `name` away; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&name.to_ascii_lowercase()).is_some()
    }

    /// The first value of `name`, which is compared without regard to case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).first().map(String::as_str)
    }

    /// All values of `name`.
    #[must_use]
    pub fn get_all(&self, name: &str) -> &[String] {
        // Most callers name headers in lower case already.
        match self.0.get(name) {
            Some(values) => values,
            None if !name.bytes().any(|byte| byte.is_ascii_uppercase()) => &[],
            None => self.0.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice),
        }
    }

    /// Puts what `change` makes of a value in its place; `None` leaves it.
    pub(crate) fn over_values(&mut self, change: impl Fn(&str) -> Option<String>) {
        for value in self.0.values_mut().flatten() {
            if let Some(changed) = change(value) {
                *value = changed;
            }
        }
    }

    /// Names with their values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        for (name, value) in pairs {
            headers.append(name.as_ref(), value);
        }
        headers
    }
}

impl Body {
    /// The body in its most readable form.
    #[must_use]
    pub fn from_bytes(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        if super::json::is_plain(&bytes) {
            return Self::Json(bytes);
        }
        match String::from_utf8(bytes.into()) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Binary(error.into_bytes().into()),
        }
    }

    /// The bytes of the wire, after decoding; `None` where they are in a sidecar.
    #[must_use]
    pub fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Empty => Some(Bytes::new()),
            Self::Json(bytes) | Self::Binary(bytes) => Some(bytes.clone()),
            Self::Text(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Self::Sidecar { .. } => None,
        }
    }

    /// Puts what `change` makes of a text, JSON or not, in its place; `None` leaves it.
    pub(crate) fn over_text(&mut self, change: impl Fn(&str) -> Option<String>) {
        let changed = match self {
            Self::Json(bytes) => std::str::from_utf8(bytes).ok().and_then(change).map(|text| Self::Json(text.into())),
            Self::Text(text) => change(text).map(Self::Text),
            Self::Empty | Self::Binary(_) | Self::Sidecar { .. } => None,
        };
        if let Some(changed) = changed {
            *self = changed;
        }
    }

    /// The body as a JSON value, if it is one.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        match self {
            Self::Json(bytes) => serde_json::from_slice(bytes).ok(),
            _ => None,
        }
    }
}
