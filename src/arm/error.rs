//! Error codes and messages out of the envelopes that services use.

use serde_json::{Map, Value};

use super::json;
use crate::cassette::Response;

/// What an answer says went wrong. To be asked of answers that failed: a resource may well have a
/// member that is called `code`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The outer code: with the status, all of an error that is contract. As text where it is a
    /// number (E8).
    pub code: Option<String>,
    /// For people; never to be compared.
    pub message: Option<String>,
    /// The code further in, where the message is an error document itself (E4) or `details` or
    /// `innererror` name one.
    pub inner_code: Option<String>,
}

impl ErrorBody {
    /// Reads the error of an answer. The order is that of section 3.2: `error` (E1, E8), then code
    /// and message at the root in any case (E2, E3, E5), then `x-ms-error-code`. `None` where the
    /// answer names neither code nor message: the status is all that is known (E6, E7).
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        let document = json::document(&response.body);
        let mut found = document.as_ref().and_then(Value::as_object).map(of_document).unwrap_or_default();
        if found.code.is_none() {
            found.code = response.headers.get("x-ms-error-code").map(str::to_owned);
        }
        (found.code.is_some() || found.message.is_some()).then_some(found)
    }
}

fn of_document(document: &Map<String, Value>) -> ErrorBody {
    match json::member(document, "error").and_then(Value::as_object) {
        Some(error) => of_error(error),
        None => of_error(document),
    }
}

fn of_error(error: &Map<String, Value>) -> ErrorBody {
    let text = |name| json::member(error, name).and_then(json::text).map(std::borrow::Cow::into_owned);
    let message = text("message");
    let inner_code = message.as_deref().and_then(of_message).or_else(|| below(error));
    ErrorBody { code: text("code").filter(|code| !code.is_empty()), message, inner_code }
}

/// E4: the message is an error document in text form.
fn of_message(message: &str) -> Option<String> {
    if !message.trim_start().starts_with('{') {
        return None;
    }
    let nested: Value = serde_json::from_str(message).ok()?;
    let nested = nested.as_object()?;
    // One level: messages in messages in messages are not unpacked further.
    let error = json::member(nested, "error").and_then(Value::as_object).unwrap_or(nested);
    code(error)
}

fn below(error: &Map<String, Value>) -> Option<String> {
    let details = json::member(error, "details").and_then(Value::as_array);
    let detail = details.and_then(|details| details.first()).and_then(Value::as_object);
    let inner = || json::member(error, "innererror").and_then(Value::as_object);
    detail.and_then(code).or_else(|| inner().and_then(code))
}

fn code(error: &Map<String, Value>) -> Option<String> {
    json::member(error, "code").and_then(json::text).map(std::borrow::Cow::into_owned).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::{Body, Headers};

    fn read(body: &str, headers: &[(&str, &str)]) -> Option<(Option<String>, Option<String>, Option<String>)> {
        let headers: Headers = headers.iter().copied().collect();
        let response = Response { status: 400, headers, body: Body::from_bytes(body.as_bytes().to_vec().into()) };
        ErrorBody::of(&response).map(|error| (error.code, error.message, error.inner_code))
    }

    fn some(code: &str, message: &str, inner: &str) -> Option<(Option<String>, Option<String>, Option<String>)> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some((text(code), text(message), text(inner)))
    }

    #[test]
    fn every_envelope_is_read() {
        assert_eq!(read(r#"{"error":{"code":"A","message":"m"}}"#, &[]), some("A", "m", ""), "E1");
        assert_eq!(read(r#"{"code":"A","message":"m"}"#, &[]), some("A", "m", ""), "E2");
        let e3 = r#"{"Code":"A","Message":"m","Target":null,"Details":[{"Code":"B"}],"Innererror":null}"#;
        assert_eq!(read(e3, &[]), some("A", "m", "B"), "E3");
        let nested = r#"{"error":{"code":"A","message":"{\"error\":{\"code\":\"B\"}}"}}"#;
        assert_eq!(read(nested, &[]), some("A", r#"{"error":{"code":"B"}}"#, "B"), "E4");
        assert_eq!(read(r#"{"message":"m"}"#, &[]), some("", "m", ""), "E5");
        assert_eq!(read("<html>502</html>", &[]), None, "E6");
        assert_eq!(read("", &[]), None, "E7");
        assert_eq!(read(r#"{"error":{"code":500,"message":"m"}}"#, &[]), some("500", "m", ""), "E8");
        assert_eq!(read("\u{feff}{\"error\":{\"code\":\"A\",\"message\":\"m\"}}", &[]), some("A", "m", ""), "E9");
    }

    #[test]
    fn the_header_is_the_last_resort() {
        assert_eq!(read("<html>", &[("x-ms-error-code", "H")]), some("H", "", ""));
        assert_eq!(read(r#"{"error":{"code":"A"}}"#, &[("x-ms-error-code", "H")]), some("A", "", ""));
        assert_eq!(read(r#"{"error":"invalid_grant"}"#, &[]), None);
    }

    #[test]
    fn inner_errors_are_found() {
        assert_eq!(read(r#"{"error":{"code":"A","innererror":{"code":"B"}}}"#, &[]), some("A", "", "B"));
        assert_eq!(read(r#"{"status":"Failed","error":{"code":"A","details":[]}}"#, &[]), some("A", "", ""));
    }
}
