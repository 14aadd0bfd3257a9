//! How an operation ended, as far as the client could find out.

use serde_json::Value;

use super::read::Fault;

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// In a word.
    pub kind: OutcomeKind,
    /// The service's error code, where it gave one.
    pub code: Option<String>,
    /// One sentence for people; empty after success.
    pub message: String,
    /// The resource, or the result of an action, after success.
    pub resource: Option<Value>,
}

/// How an operation ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// The service said that it is done.
    Succeeded,
    /// The service said that it failed, or refused the write.
    Failed,
    /// The service said that it was cancelled.
    Canceled,
    /// The client's own limit was reached first.
    Timeout,
    /// The client couldn't find out: no claim about the operation (LRO-C-39).
    Unknown,
}

impl Outcome {
    pub(super) fn succeeded(resource: Option<Value>) -> Self {
        Self { kind: OutcomeKind::Succeeded, code: None, message: String::new(), resource }
    }

    pub(super) fn failed(fault: Fault) -> Self {
        Self { kind: OutcomeKind::Failed, code: fault.code, message: fault.message, resource: None }
    }

    pub(super) fn canceled(fault: Fault) -> Self {
        Self { kind: OutcomeKind::Canceled, ..Self::failed(fault) }
    }

    pub(super) fn timeout(message: &str) -> Self {
        let fault = Fault { code: None, message: message.to_owned() };
        Self { kind: OutcomeKind::Timeout, ..Self::failed(fault) }
    }

    /// `what` is what was not found out, before the reason.
    pub(super) fn unknown(what: &str, fault: Fault) -> Self {
        let message = format!("{what}: {}", fault.message);
        Self { kind: OutcomeKind::Unknown, code: fault.code, message, resource: None }
    }
}
