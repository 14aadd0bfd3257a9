//! What an answer's body says: state words and errors. Private, so that [`crate::arm`]'s readers can
//! take its place.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A state word, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Succeeded,
    Failed,
    Canceled,
    /// Any other word: what is not known is still running (LRO-C-32).
    Running,
    /// There is no word, or `null`.
    Absent,
    /// There is something else in its place, or the body is no JSON object.
    Unreadable,
}

/// An error as the service words it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Option<String>,
    pub(super) message: String,
}

/// So much of a body that is not JSON is shown in a message.
const SHOWN: usize = 300;

/// The body as JSON. A byte-order mark is no reason to fail (LRO-C-45).
pub(super) fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
}

/// A member of an object. Services differ in the case of their keys (S-19, E3); the usual spelling
/// is preferred.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn state(word: Option<&Value>) -> State {
    match word {
        None | Some(Value::Null) => State::Absent,
        Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
            "succeeded" => State::Succeeded,
            "failed" => State::Failed,
            // Two l are wrong, and can't mean anything else (A-18).
            "canceled" | "cancelled" => State::Canceled,
            _ => State::Running,
        },
        Some(_) => State::Unreadable,
    }
}

/// The state that a status document tells. There `status` is required (LRO-C-44), so that its
/// absence is no success.
pub(super) fn status(document: Option<&Value>) -> State {
    match state(document.and_then(|document| member(document, "status"))) {
        State::Absent => State::Unreadable,
        state => state,
    }
}

/// The state that a resource tells, by its body and what that is as JSON. No word means that it is finished (section 1.4), and so does
/// an empty body; a body that can't be read means nothing.
pub(super) fn provisioning_state(body: &[u8], document: Option<&Value>) -> State {
    if body.is_empty() {
        return State::Absent;
    }
    let Some(resource @ Value::Object(_)) = document else { return State::Unreadable };
    let nested = member(resource, "properties").and_then(|properties| member(properties, "provisioningState"));
    state(nested.or_else(|| member(resource, "provisioningState")))
}

/// Whether a body that came from `Location` is a status document rather than a resource, which
/// would have a type (S-24).
pub(super) fn is_status_document(document: &Value) -> bool {
    member(document, "status").is_some_and(Value::is_string) && member(document, "type").is_none()
}

/// The member `properties`, where a status document holds a result.
pub(super) fn properties(document: &Value) -> Option<&Value> {
    member(document, "properties")
}

/// Lays a change over a resource, member by member. A null is kept: it empties what it names.
pub(super) fn lay_over(resource: &mut Value, change: Value) {
    match (resource, change) {
        (Value::Object(resource), Value::Object(change)) => {
            for (key, value) in change {
                lay_over(resource.entry(key).or_insert(Value::Null), value);
            }
        }
        (place, change) => *place = change,
    }
}

/// Takes off what is the service's to say: a state that has passed since is refused (S-18).
pub(super) fn without_read_only(resource: &mut Value) {
    let Value::Object(members) = resource else { return };
    for key in ["id", "name", "type", "etag", "systemData"] {
        members.remove(key);
    }
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.remove("provisioningState");
    }
}

/// Whether a document holds an error.
pub(super) fn has_error(document: Option<&Value>) -> bool {
    document.and_then(|document| member(document, "error")).is_some_and(|error| !error.is_null())
}

/// The error in a document that came with status 200; without one, `otherwise` is the message.
pub(super) fn fault_in(document: Option<&Value>, otherwise: &str) -> Fault {
    let (code, message) = document.map(error).unwrap_or_default();
    Fault { code, message: message.unwrap_or_else(|| otherwise.to_owned()) }
}

/// The error in an answer with an error status. The extraction order is the one of section 3.2.
pub(super) fn fault_of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    let (code, message) = json(body).as_ref().map(error).unwrap_or_default();
    let header = || headers.get("x-ms-error-code").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).trim().chars().take(SHOWN).collect());
    let separator = if message.is_empty() { "" } else { ": " };
    Fault { code: code.or_else(header), message: format!("HTTP {}{separator}{message}", status.as_u16()) }
}

/// Code and message: of the envelope (E1, E8), else of the root (E2, E3, E5). The outer code is the
/// contract, so that nothing nested is looked at.
fn error(document: &Value) -> (Option<String>, Option<String>) {
    let holder = member(document, "error")
        .or_else(|| properties(document).and_then(|properties| member(properties, "error")))
        .filter(|error| !error.is_null());
    match holder {
        // The identity service: `{"error": "invalid_client", "error_description": …}`.
        Some(Value::String(code)) => (Some(code.clone()), text(member(document, "error_description"))),
        Some(error) => (text(member(error, "code")), text(member(error, "message"))),
        None => (text(member(document, "code")), text(member(document, "message"))),
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> (Option<String>, String) {
        let fault = fault_of(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes());
        (fault.code, fault.message)
    }

    fn some(code: &str, message: &str) -> (Option<String>, String) {
        (Some(code.to_owned()), message.to_owned())
    }

    #[test]
    fn finds_the_code_in_every_envelope() {
        assert_eq!(fault(400, r#"{"error":{"code":"A","message":"m"}}"#), some("A", "HTTP 400: m"), "E1");
        assert_eq!(fault(400, r#"{"code":"A","message":"m"}"#), some("A", "HTTP 400: m"), "E2");
        let pascal = r#"{"Code":"A","Message":"m","Target":null,"Details":[{"Code":"B"}],"Innererror":null}"#;
        assert_eq!(fault(400, pascal), some("A", "HTTP 400: m"), "E3");
        let nested = r#"{"error":{"code":"A","message":"{\"error\":{\"code\":\"B\"}}"}}"#;
        assert_eq!(fault(400, nested), some("A", r#"HTTP 400: {"error":{"code":"B"}}"#), "E4");
        assert_eq!(fault(400, r#"{"message":"m"}"#), (None, "HTTP 400: m".to_owned()), "E5");
        assert_eq!(fault(502, "<h1>Bad Gateway</h1>"), (None, "HTTP 502: <h1>Bad Gateway</h1>".to_owned()), "E6");
        assert_eq!(fault(404, ""), (None, "HTTP 404".to_owned()), "E7");
        assert_eq!(fault(500, r#"{"error":{"code":500,"message":"m"}}"#), some("500", "HTTP 500: m"), "E8");
        assert_eq!(
            fault(400, "\u{feff}{\"error\":{\"code\":\"A\",\"message\":\"m\"}}"),
            some("A", "HTTP 400: m"),
            "E9"
        );
        assert_eq!(fault(401, r#"{"error":"A","error_description":"m"}"#), some("A", "HTTP 401: m"), "identity");
    }

    #[test]
    fn takes_the_code_of_the_header_where_the_body_has_none() {
        let headers = HeaderMap::from_iter([("x-ms-error-code".parse().unwrap(), "A".parse().unwrap())]);
        assert_eq!(fault_of(StatusCode::CONFLICT, &headers, b"").code.as_deref(), Some("A"));
        let body = br#"{"code":"B"}"#;
        assert_eq!(fault_of(StatusCode::CONFLICT, &headers, body).code.as_deref(), Some("B"));
    }

    #[test]
    fn reads_state_words() {
        let cases = [
            (r#"{"properties":{"provisioningState":"sUCCEEDED"}}"#, State::Succeeded),
            (r#"{"Properties":{"ProvisioningState":"Failed"}}"#, State::Failed),
            (r#"{"provisioningState":"Canceled"}"#, State::Canceled),
            (r#"{"properties":{"provisioningState":"Cancelled"}}"#, State::Canceled),
            (r#"{"properties":{"provisioningState":"Completed"}}"#, State::Running),
            (r#"{"properties":{"provisioningState":""}}"#, State::Running),
            (r#"{"properties":{"provisioningState":null}}"#, State::Absent),
            (r#"{"properties":null}"#, State::Absent),
            ("", State::Absent),
            (r#"{"properties":{"provisioningState":3}}"#, State::Unreadable),
            (r#"{"properties":{"provis"#, State::Unreadable),
            ("<html>", State::Unreadable),
            ("[]", State::Unreadable),
        ];
        for (body, expected) in cases {
            assert_eq!(provisioning_state(body.as_bytes(), json(body.as_bytes()).as_ref()), expected, "{body}");
        }
        for body in ["", "{}", r#"{"status":null}"#, r#"{"status":3}"#, "<html>"] {
            assert_eq!(status(json(body.as_bytes()).as_ref()), State::Unreadable, "{body}");
        }
    }
}
