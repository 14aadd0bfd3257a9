//! Whether an answer is the recorded one.

use armtape::cassette::{Interaction, Response};
use serde_json::Value;

use crate::{recording::Recording, wire::Answered};

/// Headers that clients decide by.
const HEADERS: [&str; 6] =
    ["location", "azure-asyncoperation", "operation-location", "etag", "content-type", "x-ms-error-code"];

/// What is wrong with an answer that should be that of interaction `wanted`.
pub(crate) fn difference(recording: &Recording, wanted: usize, given: Option<&Answered>) -> Option<String> {
    let interaction = &recording.interactions()[wanted];
    let (Some(recorded), Some(given)) = (&interaction.response, given) else {
        return (interaction.response.is_some() != given.is_some()).then(|| "no answer on one side".to_owned());
    };
    if given.status != recorded.status {
        return Some(format!("{} instead of {}", given.status, recorded.status));
    }
    for name in HEADERS {
        if given.header(name) != recorded.headers.get_all(name) {
            return Some(format!("`{name}` is {:?}", given.header(name)));
        }
    }
    let retry_after = retry_after(recording, wanted, recorded);
    if given.header("retry-after") != retry_after {
        return Some(format!("`retry-after` is {:?}, not {retry_after:?}", given.header("retry-after")));
    }
    (!same_body(interaction, recorded, &given.body)).then(|| "another body".to_owned())
}

/// What `--pace instant` says of time: nothing to wait for before the first poll, the least that
/// every client understands between polls, and what was recorded elsewhere.
fn retry_after(recording: &Recording, wanted: usize, recorded: &Response) -> Vec<String> {
    let starts = recording.operations.iter().any(|operation| operation.write == Some(wanted));
    let running = recording.polls[wanted]
        .is_some_and(|operation| recording.operations[operation].running_polls().contains(&wanted));
    match recorded.status {
        200..=299 if starts => vec!["0".to_owned()],
        200..=299 if running => vec!["1".to_owned()],
        _ => recorded.headers.get_all("retry-after").to_vec(),
    }
}

/// By meaning, where it is JSON.
fn same_body(interaction: &Interaction, recorded: &Response, given: &[u8]) -> bool {
    let recorded = recorded.body.bytes().unwrap_or_default();
    if interaction.request.method == "HEAD" {
        return given.is_empty();
    }
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    recorded == given || json(&recorded).is_some_and(|recorded| json(given).is_some_and(|given| recorded == given))
}
