//! How far an operation is, as one answer tells it (RPC-ASYNC).

use std::fmt;

use serde_json::Value;

use super::json::{document, member_at};
use crate::cassette::{Body, Response};

/// How far an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Still running, in the service's word; empty where it used none, such as in a bare 202.
    Running(String),
    /// Finished well.
    Succeeded,
    /// Finished badly.
    Failed,
    /// Cancelled, by somebody or by a newer operation.
    Canceled,
}

/// The kind of URL that tells how far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Polled {
    /// The URL of `Azure-AsyncOperation`: a status document.
    AsyncOperation,
    /// The URL of `Operation-Location`: a status document. Not of ARM (A-05).
    OperationLocation,
    /// The URL of `Location`: 202, then what a synchronous call would have answered.
    Location,
    /// The resource itself: its `provisioningState`.
    Resource,
    /// None.
    Nothing,
}

impl State {
    /// Reads a state word. Every word but the three terminal ones is one of a running operation
    /// (LRO-C-32), `Cancelled` with two l too (A-18). Case does not matter (LRO-C-33).
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        if word.eq_ignore_ascii_case("Succeeded") {
            Self::Succeeded
        } else if word.eq_ignore_ascii_case("Failed") {
            Self::Failed
        } else if word.eq_ignore_ascii_case("Canceled") {
            Self::Canceled
        } else {
            Self::Running(word.to_owned())
        }
    }

    /// Whether the operation has ended.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::Running(_))
    }

    /// Reads the answer to a write that was accepted: a 202 is running whatever its body says
    /// (LRO-C-13, A-21), else the body's `provisioningState` counts, and none is `Succeeded`.
    /// `None` where the write was not accepted.
    #[must_use]
    pub fn of_write(response: &Response) -> Option<Self> {
        match response.status {
            202 => Some(Self::Running(provisioning_state(&response.body).unwrap_or_default())),
            200..=299 => {
                Some(provisioning_state(&response.body).map_or(Self::Succeeded, |word| Self::from_word(&word)))
            }
            _ => None,
        }
    }

    /// Reads the answer to a poll of an operation that `method` began.
    ///
    /// `None` where the answer does not tell: the status could not be read (S-21), the document has
    /// no status (A-12), the service has forgotten the operation, nothing was polled.
    #[must_use]
    pub fn of_poll(polled: Polled, method: &str, response: &Response) -> Option<Self> {
        match polled {
            Polled::AsyncOperation | Polled::OperationLocation => of_status_document(response),
            Polled::Location => of_location(response),
            Polled::Resource if method.eq_ignore_ascii_case("DELETE") => of_deleted_resource(response),
            Polled::Resource => of_resource(response),
            Polled::Nothing => None,
        }
    }

    /// The state word in an answer of that kind, as written: what people read in a timeline. `None`
    /// where the body has none.
    #[must_use]
    pub fn word(polled: Polled, response: &Response) -> Option<String> {
        match polled {
            Polled::AsyncOperation | Polled::OperationLocation => status(&response.body),
            Polled::Location => provisioning_state(&response.body).or_else(|| status_behind_location(&response.body)),
            Polled::Resource => provisioning_state(&response.body),
            Polled::Nothing => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running(word) if word.is_empty() => "running",
            Self::Running(word) => word,
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        })
    }
}

impl Polled {
    /// The response header that hands out such a URL, in lower case.
    #[must_use]
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::AsyncOperation => Some("azure-asyncoperation"),
            Self::OperationLocation => Some("operation-location"),
            Self::Location => Some("location"),
            Self::Resource | Self::Nothing => None,
        }
    }
}

impl fmt::Display for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resource => "resource",
            Self::Nothing => "none",
            other => other.header().unwrap_or_default(),
        })
    }
}

/// 200 with `status`; 202 with the same body while running (S-20, A-20).
fn of_status_document(response: &Response) -> Option<State> {
    if !matches!(response.status, 200..=202) {
        return None;
    }
    State::word(Polled::AsyncOperation, response).map(|word| State::from_word(&word))
}

/// 202 is running. Then comes what a synchronous call would have answered, an error included
/// (section 1.6); but an error that only says that the question could not be answered is no end.
fn of_location(response: &Response) -> Option<State> {
    let word = State::word(Polled::Location, response);
    let stated = word.as_deref().map(State::from_word);
    match response.status {
        202 => Some(State::Running(word.unwrap_or_default())),
        // A state that is not terminal may end the operation or not (A-06): waiting for the next is
        // right for every client.
        200..=299 => Some(stated.unwrap_or(State::Succeeded)),
        // The operation's own failure, whatever the status: it says so itself.
        _ if matches!(stated, Some(State::Failed | State::Canceled)) => stated,
        // Whoever asked may not, the service is busy, or it has forgotten (A-10, LRO-C-39).
        401 | 403 | 404 | 408 | 410 | 429 | 500 | 502 | 503 | 504 => None,
        400..=499 => Some(State::Failed),
        _ => None,
    }
}

fn of_resource(response: &Response) -> Option<State> {
    match response.status {
        200..=299 => State::of_write(response),
        // Not visible before its creation has ended (S-09).
        404 => Some(State::Running(String::new())),
        _ => None,
    }
}

/// A resource that is still there is not yet deleted, even if it shows the `Succeeded` of its last
/// write (section 1.12).
fn of_deleted_resource(response: &Response) -> Option<State> {
    match response.status {
        404 | 410 | 204 => Some(State::Succeeded),
        200..=299 => Some(match State::of_write(response) {
            Some(State::Succeeded) | None => State::Running(provisioning_state(&response.body).unwrap_or_default()),
            Some(other) => other,
        }),
        _ => None,
    }
}

/// `properties.provisioningState`; at the top level too, and in other letter case (S-19). Null is as
/// good as absent.
fn provisioning_state(resource: &Body) -> Option<String> {
    let nested = member_at(resource, &["properties", "provisioningState"]);
    word_of(nested.or_else(|| member_at(resource, &["provisioningState"]))?)
}

/// `status`, if it is a string with something in it.
fn status(document: &Body) -> Option<String> {
    word_of(member_at(document, &["status"])?).filter(|word| !word.is_empty())
}

fn word_of(value: Value) -> Option<String> {
    match value {
        Value::String(word) => Some(word),
        _ => None,
    }
}

/// A status monitor behind `Location` (S-24, A-07). Resources may have a `status` of their own, so
/// only a document that has nothing but the members of a status document is taken for one.
fn status_behind_location(body: &Body) -> Option<String> {
    const MEMBERS: [&str; 11] = [
        "id",
        "name",
        "status",
        "startTime",
        "endTime",
        "percentComplete",
        "properties",
        "error",
        "resourceId",
        "operations",
        "operationId",
    ];
    let document = document(body)?;
    let mut keys = document.as_object()?.keys();
    let is_status = keys.all(|key| MEMBERS.iter().any(|member| key.eq_ignore_ascii_case(member)));
    if is_status { status(body) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::{Body, Headers};

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Headers::new(), body: Body::from_bytes(body.as_bytes().to_vec().into()) }
    }

    fn poll(polled: Polled, status: u16, body: &str) -> Option<State> {
        State::of_poll(polled, "PUT", &response(status, body))
    }

    fn running(word: &str) -> Option<State> {
        Some(State::Running(word.to_owned()))
    }

    #[test]
    fn words() {
        assert_eq!(State::from_word("SUCCEEDED"), State::Succeeded);
        assert_eq!(State::from_word("failed"), State::Failed);
        assert_eq!(State::from_word("Canceled"), State::Canceled);
        for word in ["Cancelled", "Completed", "Deleted", "MountingDrives", ""] {
            assert_eq!(State::from_word(word), State::Running(word.to_owned()));
        }
    }

    #[test]
    fn a_status_document() {
        let of = |status, body| poll(Polled::AsyncOperation, status, body);
        assert_eq!(of(200, r#"{"status":"Running","percentComplete":100}"#), running("Running"));
        assert_eq!(of(202, r#"{"status":"InProgress"}"#), running("InProgress"));
        assert_eq!(of(200, "\u{feff}{\"status\":\"Succeeded\"}"), Some(State::Succeeded));
        // SC-064, SC-068 to SC-073: it does not tell.
        for body in ["", "{}", r#"{"status":null}"#, r#"{"status":3}"#, r#"{"status":"Succ"#, "<html>", "[]"] {
            assert_eq!(of(200, body), None, "{body}");
        }
        assert_eq!(of(404, r#"{"status":"Failed"}"#), None, "S-21");
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Failed"}}"#), None);
    }

    #[test]
    fn a_location() {
        let of = |status, body| poll(Polled::Location, status, body);
        assert_eq!(of(202, ""), running(""));
        assert_eq!(of(202, r#"{"properties":{"provisioningState":"Succeeded"}}"#), running("Succeeded"));
        assert_eq!(of(200, ""), Some(State::Succeeded));
        assert_eq!(of(204, ""), Some(State::Succeeded));
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Creating"}}"#), running("Creating"));
        assert_eq!(of(200, r#"{"status":"Failed","error":{"code":"X"}}"#), Some(State::Failed));
        assert_eq!(of(200, r#"{"id":"/x","location":"w","status":"Online"}"#), Some(State::Succeeded));
        assert_eq!(of(409, r#"{"error":{"code":"X"}}"#), Some(State::Failed));
        assert_eq!(of(500, r#"{"properties":{"provisioningState":"Failed"}}"#), Some(State::Failed));
        for status in [401, 403, 404, 410, 429, 500, 503, 504] {
            assert_eq!(of(status, ""), None, "{status}");
        }
    }

    #[test]
    fn a_resource() {
        let of = |status, body| poll(Polled::Resource, status, body);
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Updating"}}"#), running("Updating"));
        assert_eq!(of(200, r#"{"Properties":{"ProvisioningState":"InProgress"}}"#), running("InProgress"));
        assert_eq!(of(200, r#"{"provisioningState":"Failed"}"#), Some(State::Failed));
        for body in ["{}", "null", r#"{"properties":null}"#, r#"{"properties":{"provisioningState":null}}"#, ""] {
            assert_eq!(of(200, body), Some(State::Succeeded), "{body}");
        }
        assert_eq!(of(404, ""), running(""));
        assert_eq!(of(503, ""), None);
    }

    #[test]
    fn a_resource_that_is_deleted() {
        let of = |status, body| State::of_poll(Polled::Resource, "DELETE", &response(status, body));
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Succeeded"}}"#), running("Succeeded"));
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Deleting"}}"#), running("Deleting"));
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Failed"}}"#), Some(State::Failed));
        assert_eq!(of(404, ""), Some(State::Succeeded));
    }

    #[test]
    fn a_write() {
        let of = |status, body| State::of_write(&response(status, body));
        assert_eq!(of(201, ""), Some(State::Succeeded));
        assert_eq!(of(200, r#"{"properties":{"provisioningState":"Accepted"}}"#), running("Accepted"));
        assert_eq!(of(202, r#"{"properties":{"provisioningState":"Succeeded"}}"#), running("Succeeded"));
        assert_eq!(of(409, r#"{"properties":{"provisioningState":"Failed"}}"#), None);
    }
}
