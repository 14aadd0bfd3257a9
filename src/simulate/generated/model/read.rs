//! What the contract reads out of a single answer of a script.

use serde_json::{Map, Value};

use crate::simulate::scenario::{Answer, Scenario};

/// A word for a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Section 1.4, without regard to case.
    Succeeded,
    Failed,
    Canceled,
    /// Two l: some take it for an end.
    DoubleL,
    /// Everything else runs (LRO-C-32).
    Other(String),
    /// No word.
    Nothing,
    /// Something else than a word.
    Nonsense,
}

/// A body as far as it is of interest.
pub(super) enum Content {
    Empty,
    /// A template or a state, as JSON.
    Object(Map<String, Value>),
    /// No JSON object.
    Other,
}

pub(super) fn said(word: &str) -> Said {
    match word.to_ascii_lowercase().as_str() {
        "succeeded" => Said::Succeeded,
        "failed" => Said::Failed,
        "canceled" => Said::Canceled,
        "cancelled" => Said::DoubleL,
        _ => Said::Other(word.to_owned()),
    }
}

/// Whether the write takes effect with this answer.
pub(super) fn is_accepted(answer: &Answer) -> bool {
    answer.fault.is_none() && matches!(answer.status, Some(200..=204))
}

/// A member, whatever the case of its name (S-19).
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn of_value(value: Option<&Value>) -> Said {
    match value {
        None | Some(Value::Null) => Said::Nothing,
        Some(Value::String(word)) => said(word),
        Some(_) => Said::Nonsense,
    }
}

pub(super) fn content(scenario: &Scenario, answer: &Answer) -> Content {
    let Some(name) = &answer.body else {
        return if answer.state.is_none() && answer.code.is_none() {
            Content::Empty
        } else {
            Content::Object(Map::new())
        };
    };
    let text = scenario.bodies.get(name).map_or("", String::as_str);
    match serde_json::from_str(text.strip_prefix("${bom}").unwrap_or(text)) {
        Ok(Value::Object(object)) => Content::Object(object),
        _ => Content::Other,
    }
}

/// The state in a resource (section 1.4).
pub(super) fn of_resource(scenario: &Scenario, answer: &Answer) -> Said {
    match (answer.state.as_deref(), content(scenario, answer)) {
        (Some("-"), _) | (None, Content::Empty) => Said::Nothing,
        (Some(word), _) => said(word),
        (None, Content::Object(object)) => {
            let nested = member(&object, "properties").and_then(Value::as_object);
            let nested = nested.and_then(|properties| member(properties, "provisioningState"));
            of_value(nested.or_else(|| member(&object, "provisioningState")))
        }
        (None, Content::Other) => Said::Nonsense,
    }
}

/// Whether a resource has its state at its root, where the contract has none (S-19): who looks in the
/// contract's place finds nothing.
pub(super) fn is_at_the_root(scenario: &Scenario, answer: &Answer) -> bool {
    let Content::Object(object) = content(scenario, answer) else { return false };
    let nested = member(&object, "properties").and_then(Value::as_object);
    answer.body.is_some()
        && member(&object, "provisioningState").is_some()
        && nested.is_none_or(|properties| member(properties, "provisioningState").is_none())
}

/// The state in a status document (section 1.5): a word, or the document is none.
pub(super) fn of_status(scenario: &Scenario, answer: &Answer) -> Said {
    match (answer.state.as_deref(), content(scenario, answer)) {
        (Some("-"), _) => Said::Nothing,
        (Some(word), _) => said(word),
        (None, Content::Object(object)) => match of_value(member(&object, "status")) {
            Said::Other(word) if word.is_empty() => Said::Nothing,
            said => said,
        },
        (None, _) => Said::Nonsense,
    }
}

/// The state in a body at `Location`, where a status document may stand (S-24).
pub(super) fn status_at_location(scenario: &Scenario, answer: &Answer) -> Option<Said> {
    match content(scenario, answer) {
        Content::Object(object) if answer.body.is_some() && member(&object, "type").is_none() => {
            Some(of_value(member(&object, "status"))).filter(|said| *said != Said::Nothing)
        }
        _ => None,
    }
}

/// The codes that a client may show: the outer one, the innermost one, and those of a document within the
/// message (section 3.2).
pub(super) fn codes(scenario: &Scenario, answer: &Answer) -> Vec<String> {
    if let Some(code) = &answer.code {
        return vec![code.clone()];
    }
    let Content::Object(object) = content(scenario, answer) else { return Vec::new() };
    let error = member(&object, "error").and_then(Value::as_object).cloned().unwrap_or(object);
    let code = |holder: &Map<String, Value>| {
        member(holder, "code").and_then(Value::as_str).map(|code| code.replace("${code}", "*"))
    };
    let mut codes: Vec<String> = code(&error).into_iter().collect();
    let mut inner = member(&error, "innererror").and_then(Value::as_object);
    let mut deepest = None;
    while let Some(error) = inner {
        deepest = code(error);
        inner = member(error, "innererror").and_then(Value::as_object);
    }
    codes.extend(deepest);
    if let Some(Value::String(text)) = member(&error, "message")
        && let Ok(Value::Object(nested)) = serde_json::from_str(text)
    {
        codes.extend(member(&nested, "error").and_then(Value::as_object).and_then(code));
    }
    // What is written out in the file and not drawn tells nobody anything.
    codes.retain(|code| code.contains('*'));
    codes
}
