//! One operation of a conversation: what was asked about it, and what each answer told.

use serde_json::{Map, Value};

use crate::{
    arm::{Operation, Polled, State, Target, Url, document},
    cassette::{Completion, Interaction, Response},
};

/// An operation, and what the client came to know of it.
pub(super) struct Course<'a> {
    /// Its place among the operations.
    pub(super) number: usize,
    pub(super) operation: Operation,
    /// The answer to the write.
    pub(super) written: Option<&'a Response>,
    /// Every GET that belongs to it, in time order.
    pub(super) asked: Vec<Asked<'a>>,
    /// The polling URLs that it was given, but those that are the resource's own.
    pub(super) given: Vec<Given>,
}

/// A polling URL, as the client would have to send it.
pub(super) struct Given {
    /// As it was given.
    pub(super) raw: String,
    pub(super) target: Target,
    /// The path, as paths are compared.
    pub(super) path: String,
}

/// A GET within an operation.
pub(super) struct Asked<'a> {
    pub(super) index: usize,
    /// What was asked.
    pub(super) polled: Polled,
    /// The whole or broken answer.
    pub(super) response: Option<&'a Response>,
    /// What a whole answer told.
    pub(super) state: Option<State>,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        number: usize,
        operation: Operation,
        interactions: &'a [Interaction],
        rank: &[usize],
        paths: &[String],
    ) -> Self {
        let method = operation.method.clone().unwrap_or_default();
        let mut asked: Vec<usize> = operation.polls.iter().chain(&operation.reads).copied().collect();
        asked.sort_by_key(|index| rank[*index]);
        let asked = asked.into_iter().map(|index| {
            let polled = kind_of(&operation, index, &paths[index]);
            let response = interactions[index].response.as_ref();
            let whole = response.filter(|_| interactions[index].completion == Completion::Whole);
            let state = whole.and_then(|response| State::of_poll(polled, &method, response));
            Asked { index, polled, response, state }
        });
        let asked = asked.collect();
        let written = operation.write.and_then(|write| interactions[write].response.as_ref());
        let given = operation.urls.iter().map(|raw| Given::new(raw)).filter(|given| given.path != operation.path);
        let given = given.collect();
        Self { number, operation, written, asked, given }
    }

    /// The GETs that tell how far it is: those of the URL that was polled.
    pub(super) fn polls(&self) -> impl Iterator<Item = &Asked<'a>> {
        self.asked.iter().filter(|asked| asked.polled == self.operation.target)
    }

    /// The last thing that was asked.
    pub(super) fn last(&self) -> Option<&Asked<'a>> {
        self.asked.last()
    }

    /// What the answer to the write told.
    pub(super) fn written_state(&self) -> Option<State> {
        State::of_write(self.written?)
    }

    /// The place in `asked` at which the end was first told: by what was polled, or by `Location`.
    pub(super) fn end(&self) -> Option<usize> {
        self.asked.iter().position(|asked| {
            let tells = asked.polled == self.operation.target || asked.polled == Polled::Location;
            tells && asked.state.as_ref().is_some_and(State::is_terminal)
        })
    }

    /// How it ended, as far as the client was told.
    pub(super) fn end_state(&self) -> Option<&State> {
        self.asked[self.end()?].state.as_ref()
    }

    /// The method of its write; empty where that was not seen.
    pub(super) fn method(&self) -> &str {
        self.operation.method.as_deref().unwrap_or_default()
    }

    /// Every interaction, the write first.
    pub(super) fn steps(&self) -> impl Iterator<Item = usize> {
        self.operation.write.into_iter().chain(self.asked.iter().map(|asked| asked.index))
    }
}

impl Given {
    fn new(raw: &str) -> Self {
        let target = match Url::parse(raw) {
            Some(url) => url.target,
            None => Target::parse(raw.split('#').next().unwrap_or_default()),
        };
        Self { raw: raw.to_owned(), path: target.path_key(), target }
    }
}

fn kind_of(operation: &Operation, index: usize, path: &str) -> Polled {
    if operation.polls.contains(&index) {
        return operation.target;
    }
    if path == operation.path || path == operation.resource_path() { Polled::Resource } else { Polled::Location }
}

impl Asked<'_> {
    /// The status; `None` where no answer began.
    pub(super) fn status(&self) -> Option<u16> {
        self.response.map(|response| response.status)
    }

    /// Whether the answer says that the operation goes on.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, Some(State::Running(_)))
    }

    /// The state word of an answer that says so; empty where it has none.
    pub(super) fn running_word(&self) -> Option<&str> {
        match &self.state {
            Some(State::Running(word)) => Some(word),
            _ => None,
        }
    }

    /// The answer's body as an object.
    pub(super) fn object(&self) -> Option<Map<String, Value>> {
        match document(&self.response?.body)? {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}
