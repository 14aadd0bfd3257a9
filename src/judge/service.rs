//! What a service did that its contract does not know: notes for whoever reads a recording, never
//! findings. Clients have to live with all of it.

use super::conversation::Conversation;
use crate::{
    arm::{Polled, RetryAfter, State, Url, document, member},
    cassette::{Body, Response},
};

/// A remark on the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The interaction.
    pub interaction: usize,
    /// One sentence, with the number of the fact in the contract.
    pub message: String,
}

/// Where the service leaves its contract.
#[must_use]
pub fn notes(conversation: &Conversation<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for course in &conversation.courses {
        let mut note = |interaction: usize, message: &str| {
            notes.push(Note { interaction, message: message.to_owned() });
        };
        if let (Some(write), Some(response)) = (course.operation.write, course.written) {
            if response.status == 202 && response.body != Body::Empty {
                note(write, "202 with a body (S-07)");
            }
            if response.status == 202 && response.headers.get("location").is_none() {
                note(write, "202 without Location (RPC-ASYNC)");
            }
            for message in of_headers(response) {
                note(write, message);
            }
        }
        let mut ended: Option<State> = None;
        for asked in &course.asked {
            let Some(response) = asked.response else { continue };
            for message in of_headers(response) {
                note(asked.index, message);
            }
            let is_monitor = matches!(asked.polled, Polled::AsyncOperation | Polled::OperationLocation);
            if is_monitor && response.status == 200 && asked.state.is_none() {
                note(asked.index, "a status document without a status (RPC-ASYNC)");
            }
            if asked.polled == Polled::Location && response.status == 200 && is_status_document(response) {
                note(asked.index, "Location answers with a status document (S-24)");
            }
            if let Some(word) = State::word(asked.polled, response).filter(|word| is_synonym(word)) {
                note(asked.index, &format!("the state `{word}` (S-19)"));
            }
            if asked.polled == course.operation.target
                && let Some(state) = asked.state.clone().filter(State::is_terminal)
            {
                if ended.as_ref().is_some_and(|before| *before != state) {
                    note(asked.index, "one terminal state after another (S-14)");
                }
                ended = Some(state);
            }
        }
    }
    notes
}

fn of_headers(response: &Response) -> Vec<&'static str> {
    let mut notes = Vec::new();
    let urls = ["azure-asyncoperation", "location"].into_iter().flat_map(|name| response.headers.get_all(name));
    if urls.into_iter().any(|url| url.starts_with('/') && Url::parse(url).is_none()) {
        notes.push("a relative polling URL (S-25)");
    }
    let asked = response.headers.get("retry-after").filter(|_| response.status < 300);
    match asked.map(RetryAfter::parse) {
        Some(Some(RetryAfter::Delay(delay))) if !(10..=600).contains(&delay.as_secs()) => {
            notes.push("Retry-After outside of 10 to 600 s (S-11)");
        }
        Some(Some(RetryAfter::Until(_)) | None) => notes.push("Retry-After is no number of seconds (S-11)"),
        _ => {}
    }
    notes
}

fn is_status_document(response: &Response) -> bool {
    let Some(document) = document(&response.body) else { return false };
    let Some(object) = document.as_object() else { return false };
    member(object, "status").is_some_and(serde_json::Value::is_string)
        && member(object, "type").is_none()
        && member(object, "properties").is_none()
}

/// Words that mean an end elsewhere, and none here.
fn is_synonym(word: &str) -> bool {
    ["Cancelled", "Completed", "Ready", "Active", "Success"].iter().any(|synonym| synonym.eq_ignore_ascii_case(word))
}
