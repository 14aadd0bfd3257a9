//! From an exchange to a row of a page.

use super::{
    model::{Role, Row, Said},
    room::{BODY, Room},
};
use crate::{
    arm::{ErrorBody, Polled, RetryAfter, State, place},
    cassette::{Body, Completion, Headers, Interaction},
};

impl Row {
    /// The row of an exchange, on the clock of its recording.
    pub(super) fn of(number: usize, interaction: &Interaction, role: Role, polled: Polled, room: &mut Room) -> Self {
        let response = interaction.response.as_ref();
        let (at, end) = interaction.times.map_or((0, 0), |times| (times.request, times.end.max(times.request)));
        let wait = response.and_then(|response| match RetryAfter::of(&response.headers) {
            Some(RetryAfter::Delay(delay)) => u64::try_from(delay.as_millis()).ok(),
            _ => None,
        });
        Self {
            interaction: number,
            role,
            at,
            end,
            method: interaction.request.method.clone(),
            place: place(interaction),
            status: response.map(|response| response.status),
            words: words(interaction, polled),
            wait,
            said: Said::of(interaction, room),
        }
    }

    /// Whether it says the same as another one: such rows are told together.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let key = |row: &Self| (row.role, row.status, row.wait);
        key(self) == key(other)
            && (&self.method, &self.place, &self.words) == (&other.method, &other.place, &other.words)
    }
}

/// The state word, the error code, and how the connection ended.
fn words(interaction: &Interaction, polled: Polled) -> Vec<String> {
    let mut words = Vec::new();
    let kinds = [polled, Polled::Resource, Polled::AsyncOperation];
    if let Some(response) = &interaction.response {
        let word = kinds.into_iter().find_map(|kind| State::word(kind, response));
        let has_failed = response.status >= 400 || word.as_deref() == Some("Failed");
        words.extend(word);
        words.extend(ErrorBody::of(response).filter(|_| has_failed).and_then(|error| error.code));
    }
    match (interaction.completion, &interaction.response) {
        (Completion::Whole, Some(_)) => {}
        (Completion::Cut(at), _) => words.push(format!("cut after {at} bytes")),
        (Completion::Silent, None) => words.push("no answer".to_owned()),
        (_, None) => words.push("connection lost".to_owned()),
        (_, Some(_)) => words.push("broken off".to_owned()),
    }
    words
}

impl Said {
    fn of(interaction: &Interaction, room: &mut Room) -> Option<Self> {
        let request = &interaction.request;
        let mut asked = format!("{} {}\n", request.method, request.target);
        if let Some(authority) = &request.authority {
            asked.push_str(&format!("host: {authority}\n"));
        }
        headers(&mut asked, &request.headers);
        body(&mut asked, &request.body);
        let mut answer = String::new();
        if let Some(response) = &interaction.response {
            answer.push_str(&format!("{}\n", response.status));
            headers(&mut answer, &response.headers);
            body(&mut answer, &response.body);
        }
        for note in &interaction.notes {
            asked.push_str(&format!("\n[{note}]\n"));
        }
        let line = interaction.provenance.as_ref().map(|provenance| provenance.line);
        room.bytes(asked.len() + answer.len()).then_some(Self { request: asked, answer, line })
    }
}

/// Longest value of a header that is shown.
const VALUE: usize = 1024;

fn headers(text: &mut String, headers: &Headers) {
    for (name, values) in headers.iter() {
        for value in values {
            let (shown, rest) = cut(value, VALUE);
            let more = if rest == 0 { String::new() } else { format!("[… {rest} bytes more]") };
            text.push_str(&format!("{name}: {shown}{more}\n"));
        }
    }
}

fn body(text: &mut String, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Sidecar { name, size } => text.push_str(&format!("\n[{size} bytes in the file {name}]\n")),
        Body::Binary(bytes) => text.push_str(&format!("\n[{} bytes that are no text]\n", bytes.len())),
        Body::Json(_) | Body::Text(_) => {
            let readable = body.readable();
            let (shown, rest) = cut(&readable, BODY);
            text.push_str(&format!("\n{shown}\n"));
            if rest > 0 {
                text.push_str(&format!("[cut: {rest} bytes more are on the recording]\n"));
            }
        }
    }
}

/// The first so many bytes of a text, and how many are left.
fn cut(text: &str, most: usize) -> (&str, usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], text.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(cut("aéb", 2), ("a", 3));
        assert_eq!(cut("aéb", 3), ("aé", 1));
        assert_eq!(cut("aéb", 9), ("aéb", 0));
    }
}
