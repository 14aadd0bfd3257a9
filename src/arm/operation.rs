//! From interactions to operations: an accepted write, the polls that told how far it was, and the
//! reading of its result.
//!
//! One pass in time order over hash maps: a poll finds its operation by the URL that was handed out,
//! a read of a resource by the newest write to that resource. Nothing here waits, guesses from
//! timing, or needs the interactions to be of one client.

use std::collections::{HashMap, HashSet};

use super::{
    ResourceId,
    handed_out::{Owner, Owners, Place, PollingKey},
    state::{Polled, State},
};
use crate::cassette::{Interaction, Response};

/// An accepted write with the interactions that belong to it. Numbers are places in the list that
/// [`operations`] was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The write; `None` where its polls were recorded and it was not.
    pub write: Option<usize>,
    /// The method of the write.
    pub method: Option<String>,
    /// The path of the write as it is compared ([`super::Target::path_key`]); without a write, of
    /// the first poll.
    pub path: String,
    /// Where the answer to the write told the client to look: `Azure-AsyncOperation`, else
    /// `Operation-Location`, else `Location`, else the resource (LRO-C-08).
    pub offered: Polled,
    /// Where a client did look, by the same precedence.
    pub target: Polled,
    /// The polls of [`Operation::target`], in time order; those after the end too.
    pub polls: Vec<usize>,
    /// Every other GET that belongs to it, in time order: of the resource until the next write to
    /// it, and of the lesser URLs.
    pub reads: Vec<usize>,
    /// The reading of the result: the first of [`Operation::reads`] that asked for the resource or
    /// the `Location` after the end.
    pub final_read: Option<usize>,
    /// Every polling URL that was handed out, as written, in the order of their first appearance.
    pub urls: Vec<String>,
    /// How it ended; `None` where the interactions do not show that.
    pub end: Option<End>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The first poll that showed it.
    pub poll: usize,
    /// Its status.
    pub status: u16,
    /// Never `Running`.
    pub state: State,
}

impl Operation {
    /// The polls before the end: all of them where no end is shown.
    #[must_use]
    pub fn running_polls(&self) -> &[usize] {
        let end = self.end.as_ref().and_then(|end| self.polls.iter().position(|poll| *poll == end.poll));
        &self.polls[..end.unwrap_or(self.polls.len())]
    }

    /// The first poll that showed the end.
    #[must_use]
    pub fn terminal_poll(&self) -> Option<usize> {
        self.end.as_ref().map(|end| end.poll)
    }

    /// The path of the resource that was written, as it is compared: of an action, the resource that
    /// it was called on.
    #[must_use]
    pub fn resource_path(&self) -> &str {
        let called_on = match ResourceId::split(&self.path) {
            Some((_, Some(_))) if self.method.as_deref() == Some("POST") => {
                self.path.trim_end_matches('/').rsplit_once('/').map(|(resource, _)| resource)
            }
            _ => None,
        };
        called_on.unwrap_or(&self.path)
    }

    /// Everything that belongs to it: the write, then the polls, then the reads.
    pub fn interactions(&self) -> impl Iterator<Item = usize> {
        self.write.into_iter().chain(self.polls.iter().copied()).chain(self.reads.iter().copied())
    }
}

/// The operations in `interactions`, in the order of their writes.
///
/// An operation is a write that was answered with a polling URL, with 202, or with a state that is
/// not terminal; also polls that go on while the write was not recorded. Every interaction belongs
/// to one operation at most. Polls of a URL that several writes were given belong to the newest of
/// the writes before them. An interaction without a host fits any.
#[must_use]
pub fn operations(interactions: &[Interaction]) -> Vec<Operation> {
    let mut grouping = Grouping {
        interactions,
        found: Vec::new(),
        urls: Owners::default(),
        resources: Owners::default(),
        absent: HashMap::new(),
    };
    for index in in_time_order(interactions) {
        grouping.take(index);
    }
    grouping.found.into_iter().map(|building| building.finish(interactions)).collect()
}

/// Places by the time of the request; as they are where a time is missing.
pub(crate) fn in_time_order(interactions: &[Interaction]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..interactions.len()).collect();
    if interactions.iter().all(|interaction| interaction.times.is_some()) {
        order.sort_by_key(|index| interactions[*index].times.map(|times| times.request));
    }
    order
}

/// An operation while it is put together.
struct Building {
    write: Option<usize>,
    method: Option<String>,
    path: String,
    offered: Polled,
    /// What was asked, in time order.
    asked: Vec<(usize, Polled)>,
    urls: Vec<String>,
    seen: HashSet<String>,
}

struct Grouping<'a> {
    interactions: &'a [Interaction],
    found: Vec<Building>,
    /// Polling URLs.
    urls: Owners<PollingKey>,
    /// Resources, by path: who wrote them last.
    resources: Owners<String>,
    /// GETs that belong to none and were answered with 404, by URL: a poll may come before the
    /// service knows of its operation.
    absent: HashMap<(Option<String>, PollingKey), Vec<usize>>,
}

impl Grouping<'_> {
    fn take(&mut self, index: usize) {
        let request = &self.interactions[index].request;
        let place = Place::of_request(request);
        match request.method.as_str() {
            "GET" => self.take_read(index, &place),
            "PUT" | "PATCH" | "DELETE" | "POST" => self.take_write(index, &place),
            _ => {}
        }
    }

    fn take_read(&mut self, index: usize, place: &Place) {
        let response = self.interactions[index].response.as_ref();
        let polled = self.urls.find_anywhere(&place.polling_key(), place.host.as_deref());
        if let Some(owner) = polled {
            self.found[owner.operation].asked.push((index, owner.polled));
            if let Some(response) = response {
                self.follow(owner, response, place);
            }
        } else if let Some(owner) = self.resources.find(place.target.path_key().as_str(), place.host.as_deref()) {
            self.found[owner.operation].asked.push((index, Polled::Resource));
        } else if let Some(response) = response {
            match response.status {
                202 => self.begin_without_write(index, response, place),
                404 => self.absent.entry((place.host.clone(), place.polling_key())).or_default().push(index),
                _ => {}
            }
        }
    }

    fn take_write(&mut self, index: usize, place: &Place) {
        let interaction = &self.interactions[index];
        let method = interaction.request.method.as_str();
        let path = place.target.path_key();
        // An action does not touch the state of the resource (S-08). Neither does a write that was
        // refused; one without an answer or with a 5xx may have been done all the same (S-01).
        let refused = interaction.response.as_ref().is_some_and(|response| matches!(response.status, 300..=499));
        if method != "POST" && !refused {
            self.resources.take(&path, place.host.as_deref());
        }
        let Some((response, state)) =
            interaction.response.as_ref().and_then(|response| Some((response, State::of_write(response)?)))
        else {
            return;
        };
        let mut handed_out = handed_out(response, place);
        if !state.is_terminal() {
            // Every URL is one to poll.
        } else if matches!(method, "PUT" | "PATCH") && State::word(Polled::Resource, response).is_none() {
            // With no state in the body, `Location` may name the operation or just the resource.
            handed_out.retain(|url| url.polled != Polled::Location || url.place.target.path_key() != path);
        } else {
            handed_out.retain(|url| url.polled != Polled::Location);
        }
        if state.is_terminal() && handed_out.is_empty() {
            return;
        }

        let operation = self.found.len();
        let fallback = if matches!(method, "PUT" | "PATCH") { Polled::Resource } else { Polled::Nothing };
        let mut building = Building::new(Some(index), Some(method.to_owned()), path.clone(), fallback);
        for url in handed_out {
            building.keep_url(url.raw);
            // A `Location` that is the resource is the resource: it is read by its state (SC-067),
            // and only until the next write to it.
            let is_resource = url.polled == Polled::Location && method != "POST" && url.place.target.path_key() == path;
            let polled = if is_resource { Polled::Resource } else { url.polled };
            building.offered = building.offered.min(polled);
            if !is_resource {
                self.urls.give(url.place.polling_key(), url.place.host, Owner { operation, polled });
            }
        }
        self.found.push(building);
        if method != "POST" {
            self.resources.give(path, place.host.clone(), Owner { operation, polled: Polled::Resource });
        }
    }

    /// Polling URLs may move from poll to poll, and the latest counts (S-33); the older ones stay
    /// the operation's own.
    fn follow(&mut self, owner: Owner, response: &Response, asked: &Place) {
        let building = &mut self.found[owner.operation];
        let state = State::of_poll(owner.polled, building.method.as_deref().unwrap_or_default(), response);
        // At the end `Location` is a link as any other.
        if state.is_some_and(|state| state.is_terminal()) {
            return;
        }
        let redirected = (300..=399).contains(&response.status);
        for url in handed_out(response, asked) {
            building.keep_url(url.raw);
            let polled = if redirected { owner.polled } else { url.polled };
            self.urls.give(url.place.polling_key(), url.place.host, Owner { polled, ..owner });
        }
    }

    fn begin_without_write(&mut self, index: usize, response: &Response, place: &Place) {
        let owner = Owner { operation: self.found.len(), polled: Polled::Location };
        let mut building = Building::new(None, None, place.target.path_key(), Polled::Location);
        let before = self.absent.remove(&(place.host.clone(), place.polling_key())).unwrap_or_default();
        building.asked.extend(before.into_iter().chain([index]).map(|index| (index, Polled::Location)));
        self.found.push(building);
        self.urls.give(place.polling_key(), place.host.clone(), owner);
        self.follow(owner, response, place);
    }
}

impl Building {
    fn new(write: Option<usize>, method: Option<String>, path: String, offered: Polled) -> Self {
        Self { write, method, path, offered, asked: Vec::new(), urls: Vec::new(), seen: HashSet::new() }
    }

    fn keep_url(&mut self, raw: &str) {
        if !self.seen.contains(raw) {
            self.seen.insert(raw.to_owned());
            self.urls.push(raw.to_owned());
        }
    }

    fn finish(self, interactions: &[Interaction]) -> Operation {
        let target = self.asked.iter().map(|(_, polled)| *polled).min().unwrap_or(Polled::Nothing);
        let method = self.method.as_deref().unwrap_or_default();
        let (mut polls, mut reads) = (Vec::new(), Vec::new());
        let (mut end, mut final_read) = (None, None);
        for &(index, polled) in &self.asked {
            if polled != target {
                reads.push(index);
                let is_result = matches!(polled, Polled::Location | Polled::Resource);
                if is_result && end.is_some() && final_read.is_none() {
                    final_read = Some(index);
                }
                continue;
            }
            polls.push(index);
            if end.is_some() {
                continue;
            }
            end = interactions[index].response.as_ref().and_then(|response| {
                let state = State::of_poll(target, method, response).filter(State::is_terminal)?;
                Some(End { poll: index, status: response.status, state })
            });
        }
        Operation {
            write: self.write,
            method: self.method,
            path: self.path,
            offered: self.offered,
            target,
            polls,
            reads,
            final_read,
            urls: self.urls,
            end,
        }
    }
}

struct HandedOut<'a> {
    raw: &'a str,
    polled: Polled,
    place: Place,
}

/// The polling URLs in an answer, by precedence. Values that nobody could ask are left out.
fn handed_out<'a>(response: &'a Response, asked: &Place) -> Vec<HandedOut<'a>> {
    let mut found = Vec::new();
    for polled in [Polled::AsyncOperation, Polled::OperationLocation, Polled::Location] {
        for raw in polled.header().map(|name| response.headers.get_all(name)).unwrap_or_default() {
            found.extend(Place::of_header(raw, asked).map(|place| HandedOut { raw, polled, place }));
        }
    }
    found
}

#[cfg(test)]
mod tests;
