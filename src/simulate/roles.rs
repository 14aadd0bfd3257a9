//! What requests are for, as far as their methods and the answers before them can tell: the same for
//! a tape, a script and the embedded service.

use bytes::Bytes;
use http::{Method, Response};

use super::scenario::Target;
use crate::{
    arm::{self, POLLING_HEADERS, Polled, State},
    cassette::{self, Body, Headers},
};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It changes something.
    Write,
    /// It asks how far an operation is: at a URL that was handed out for that, or, where there is none,
    /// at the resource while its write runs.
    Poll,
    /// Any other read.
    Read,
}

impl Role {
    /// The names, as in faults.
    pub const NAMES: [(&str, Self); 3] = [("write", Self::Write), ("poll", Self::Poll), ("read", Self::Read)];
}

/// What was handed out, and what runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    handed_out: Vec<(Key, Polled)>,
    /// Resources whose write runs and has no URL of its own, with the write's method.
    running: Vec<(Key, String)>,
}

/// What makes two URLs one. Clients put an api-version of their own in the place of the service's
/// (A-13), and it is the same operation still.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    path: String,
    query: Vec<(String, String)>,
}

impl Key {
    fn of(target: &arm::Target) -> Self {
        let mut query = target.query_key();
        query.retain(|(name, _)| name != "api-version");
        Self { path: target.path_key(), query }
    }
}

impl Roles {
    /// What a request is for, and where it goes.
    pub(super) fn of(&self, method: &Method, target: &str) -> (Role, Target) {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return (Role::Write, Target::Write);
        }
        let key = Key::of(&arm::Target::parse(target));
        match self.polled(&key) {
            Some(Polled::AsyncOperation) => (Role::Poll, Target::Monitor),
            Some(Polled::OperationLocation) => (Role::Poll, Target::OperationLocation),
            Some(_) => (Role::Poll, Target::Result),
            None if self.running.iter().any(|(running, _)| *running == key) => (Role::Poll, Target::Resource),
            None => (Role::Read, Target::Resource),
        }
    }

    fn polled(&self, key: &Key) -> Option<Polled> {
        self.handed_out.iter().find(|(known, _)| known == key).map(|(_, polled)| *polled)
    }

    /// Takes in what a request was answered.
    pub(super) fn answered(&mut self, method: &Method, target: &str, response: &Response<Bytes>) {
        let (role, _) = self.of(method, target);
        let key = Key::of(&arm::Target::parse(target));
        if role == Role::Poll {
            self.running.retain(|(running, written)| {
                *running != key
                    || !State::of_poll(Polled::Resource, written, &taped(response))
                        .is_some_and(|state| state.is_terminal())
            });
        }
        if role == Role::Read || !response.status().is_success() {
            return;
        }
        let mut has_url = false;
        for name in POLLING_HEADERS {
            let values = response.headers().get_all(*name).iter().filter_map(|value| value.to_str().ok());
            for at in values.filter_map(handed_out) {
                // A resource that is named by its own write is polled as what it is.
                if at != key {
                    has_url = true;
                    self.hand_out(at, name);
                }
            }
        }
        if role == Role::Write && !has_url {
            self.running.retain(|(running, _)| *running != key);
            if State::of_write(&taped(response)).is_some_and(|state| !state.is_terminal()) {
                self.running.push((key, method.to_string()));
            }
        }
    }

    fn hand_out(&mut self, key: Key, name: &str) {
        let kinds = [Polled::AsyncOperation, Polled::OperationLocation, Polled::Location];
        let kind = kinds.into_iter().find(|kind| kind.header() == Some(name));
        if self.polled(&key).is_none() {
            self.handed_out.push((key, kind.unwrap_or(Polled::Location)));
        }
    }
}

/// The place of a URL in a header; services hand out relative ones, too (S-25).
fn handed_out(value: &str) -> Option<Key> {
    if value.starts_with('/') {
        return Some(Key::of(&arm::Target::parse(value)));
    }
    arm::Url::parse(value).map(|url| Key::of(&url.target))
}

/// As much of an answer as tells of a state.
fn taped(response: &Response<Bytes>) -> cassette::Response {
    cassette::Response {
        status: response.status().as_u16(),
        headers: Headers::default(),
        body: Body::from_bytes(response.body().clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    const THING: &str = "/subscriptions/s/resourceGroups/g/providers/P.Q/things/t?api-version=1";

    #[test]
    fn a_url_that_was_handed_out_is_polled() {
        let mut roles = Roles::default();
        assert_eq!(roles.of(&Method::GET, "/operations/1?api-version=1"), (Role::Read, Target::Resource));
        let headers =
            [("location", "https://h/results/1"), ("azure-asyncoperation", "https://h/operations/1?api-version=1")];
        roles.answered(&Method::PUT, THING, &answer(202, &headers, ""));
        assert_eq!(roles.of(&Method::GET, "/operations/1?api-version=2"), (Role::Poll, Target::Monitor));
        assert_eq!(roles.of(&Method::GET, "/results/1"), (Role::Poll, Target::Result));
        assert_eq!(roles.of(&Method::GET, THING), (Role::Read, Target::Resource), "it has URLs of its own");
        assert_eq!(roles.of(&Method::PUT, THING), (Role::Write, Target::Write));
    }

    #[test]
    fn a_resource_is_polled_until_its_write_has_ended() {
        let mut roles = Roles::default();
        let state = |word: &str| format!(r#"{{"properties": {{"provisioningState": "{word}"}}}}"#);
        roles.answered(&Method::PUT, THING, &answer(201, &[], &state("Creating")));
        assert_eq!(roles.of(&Method::GET, THING), (Role::Poll, Target::Resource));
        roles.answered(&Method::GET, THING, &answer(503, &[], ""));
        roles.answered(&Method::GET, THING, &answer(200, &[], &state("Creating")));
        assert_eq!(roles.of(&Method::GET, THING).0, Role::Poll);
        roles.answered(&Method::GET, THING, &answer(200, &[], &state("Succeeded")));
        assert_eq!(roles.of(&Method::GET, THING).0, Role::Read);
    }
}
