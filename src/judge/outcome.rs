//! What the client itself reported.

use std::fmt;

use serde_json::Value;

use crate::arm::member;

/// How a client says that its operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It reports success.
    Success,
    /// It reports that the operation failed.
    Failed,
    /// It reports that the operation was cancelled.
    Canceled,
    /// It gave up waiting.
    Timeout,
    /// It could not find out.
    Unknown,
    /// It reports no success, and not which of the others it is.
    NoSuccess,
}

/// How the run of a client came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Itself,
    /// A signal that nobody sent ended it.
    Crashed,
    /// It was still at it when its time was up, and was stopped.
    Stopped,
}

/// What a client said and did when it was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// In a word.
    pub kind: Kind,
    /// How the run ended.
    pub ending: Ending,
    /// Everything that it printed, as far as it was kept: error codes are looked for here.
    pub output: String,
    /// The resource that it returned, where it printed one.
    pub resource: Option<Value>,
}

impl Outcome {
    /// Reads what a client printed. Exit code 0 is success, anything else is none. A last line on
    /// stdout `{"outcome": …}` says more; another JSON object there is the resource.
    #[must_use]
    pub fn read(succeeded: bool, ending: Ending, stdout: &str, stderr: &str) -> Self {
        let said = stdout.trim_end().lines().next_back().and_then(|line| serde_json::from_str(line).ok());
        let said = said.as_ref().and_then(Value::as_object);
        let word = said.and_then(|said| member(said, "outcome")).and_then(Value::as_str);
        let kind = match (succeeded, word) {
            (true, _) => Kind::Success,
            (false, Some("failed")) => Kind::Failed,
            (false, Some("canceled")) => Kind::Canceled,
            (false, Some("timeout")) => Kind::Timeout,
            (false, Some("unknown")) => Kind::Unknown,
            (false, _) => Kind::NoSuccess,
        };
        Self { kind, ending, output: format!("{stdout}\n{stderr}"), resource: resource(stdout) }
    }

    /// Whether the client reports success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.kind == Kind::Success
    }

    /// Whether the client, by itself, reports something else than success.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        !self.is_success() && self.ending != Ending::Stopped
    }

    /// Whether `text` is in what was printed, in whatever case.
    #[must_use]
    pub fn shows(&self, text: &str) -> bool {
        self.output.to_ascii_lowercase().contains(&text.to_ascii_lowercase())
    }
}

/// A client of this process that gives the resource back, or an error whose text is searched for codes.
impl<E: fmt::Display> From<Result<Value, E>> for Outcome {
    fn from(told: Result<Value, E>) -> Self {
        match told {
            Ok(resource) => Self {
                kind: Kind::Success,
                ending: Ending::Itself,
                output: resource.to_string(),
                resource: Some(resource).filter(Value::is_object),
            },
            // With its causes, as some errors write them so.
            Err(error) => {
                Self { kind: Kind::NoSuccess, ending: Ending::Itself, output: format!("{error:#}"), resource: None }
            }
        }
    }
}

impl<E: fmt::Display> From<Result<(), E>> for Outcome {
    fn from(told: Result<(), E>) -> Self {
        told.map(|()| Value::Null).into()
    }
}

/// What was returned, among the JSON objects on stdout that are no word on the outcome, each a whole text or
/// a line of it: the last one with an id or properties, as who prints every answer does so in their order;
/// else the last one.
fn resource(stdout: &str) -> Option<Value> {
    let is_word = |value: &Value| value.as_object().is_none_or(|object| object.contains_key("outcome"));
    let mut objects: Vec<Value> = stdout
        .match_indices('{')
        .filter(|(at, _)| *at == 0 || stdout[..*at].ends_with('\n'))
        .filter_map(|(at, _)| serde_json::Deserializer::from_str(&stdout[at..]).into_iter().next()?.ok())
        .filter(|value| !is_word(value))
        .collect();
    let like_one = objects.iter().rposition(|value| value.get("id").or(value.get("properties")).is_some());
    let last = objects.len().checked_sub(1)?;
    Some(objects.swap_remove(like_one.unwrap_or(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(succeeded: bool, stdout: &str) -> Outcome {
        Outcome::read(succeeded, Ending::Itself, stdout, "on stderr")
    }

    #[test]
    fn the_last_line_says_more_than_the_code() {
        assert_eq!(read(true, "").kind, Kind::Success);
        assert_eq!(read(false, "").kind, Kind::NoSuccess);
        assert_eq!(read(false, "x\n{\"outcome\": \"timeout\"}\n").kind, Kind::Timeout);
        assert_eq!(read(false, "{\"outcome\": \"timeout\"}\nbye").kind, Kind::NoSuccess, "not the last line");
        assert_eq!(read(true, "{\"outcome\": \"failed\"}").kind, Kind::Success, "the code decides");
    }

    #[test]
    fn an_object_is_the_resource() {
        let resource = |stdout| read(true, stdout).resource.map(|value| value.to_string());
        assert_eq!(resource("{\n \"id\": 1\n}\n{\"outcome\":\"succeeded\"}").as_deref(), Some(r#"{"id":1}"#));
        assert_eq!(resource("{\"id\": 1}\n{\"id\": 2}\n{\"took\": 3}").as_deref(), Some(r#"{"id":2}"#), "a log");
        assert_eq!(resource("{\"took\": 3}\n{}").as_deref(), Some("{}"));
        assert_eq!(resource("done: {\"id\": 1}"), None);
        assert_eq!(resource("{\"outcome\":\"failed\"}"), None);
        assert!(read(false, "").shows("ON STDERR"));
    }
}
