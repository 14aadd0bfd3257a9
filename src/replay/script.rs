//! A cassette made ready for being asked.

use std::{collections::BTreeSet, time::Duration};

use super::{
    hidden::Hidden,
    hosts::{Hosts, Service, host_of},
    index::{Found, Index},
    key::{Asked, Key, Sought, changes},
    meaning::Meanings,
    near::Near,
    rules::{ApiVersion, Rules},
    urls::Urls,
    variables::Variables,
    writes::Writes,
};
use crate::{
    arm::{Operation, RetryAfter, Target, operations},
    cassette::{Body, Cassette, Interaction, Place},
    redact::Settings,
};

/// What an interaction is in the tape's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A write; of an operation, if it was accepted.
    Write(Option<usize>),
    /// A poll of an operation.
    Poll(usize),
    /// Any other read.
    Read,
}

/// A tape that can be asked. Does not change; what happens to it is a [`super::World`].
#[derive(Debug)]
pub struct Script {
    pub(super) interactions: Vec<Interaction>,
    pub(super) operations: Vec<Operation>,
    pub(super) roles: Vec<Role>,
    pub(super) rules: Rules,
    /// Where each interaction stands; empty for a tape that is not on the disk.
    pub(super) places: Vec<Place>,
    pub(super) near: Near,
    /// What may differ.
    pub(super) variables: Variables,
    /// What is not told of values.
    pub(super) hidden: Hidden,
    /// By interaction: the operation that it belongs to.
    owners: Vec<Option<usize>>,
    asked: Index,
    meanings: Meanings,
    /// The same without the api-version, of requests that may have another.
    of_any_api_version: Index,
    /// Where each operation's URLs lead, polled or not.
    pub(super) urls: Urls,
    pub(super) writes: Writes,
    /// By operation: how many of its polls came before its end.
    running: Vec<usize>,
    /// By operation: how long it took.
    durations: Vec<Duration>,
    hosts: Hosts,
}

impl Script {
    /// Makes a tape ready.
    #[must_use]
    pub fn new(cassette: Cassette, rules: Rules) -> Self {
        let operations = operations(&cassette.interactions);
        let variables = Variables::of(&cassette, &operations);
        let hidden = Hidden::new(&Settings::default(), cassette.stand_ins);
        let mut interactions = cassette.interactions;
        let mut owners = vec![None; interactions.len()];
        for (number, operation) in operations.iter().enumerate() {
            operation.interactions().for_each(|interaction| owners[interaction] = Some(number));
        }
        let roles = roles(&interactions, &operations);
        let (mut asked, mut of_any_api_version) = (Index::default(), Index::default());
        let (mut near, mut writes, mut meanings) = (Near::default(), Writes::default(), Meanings::default());
        for (number, interaction) in interactions.iter().enumerate() {
            let request = &interaction.request;
            let sought = Sought::of(&request.target);
            let host = host_of(interaction);
            let counts = changes(&request.method) && !interaction.lacks_request_body();
            let body = counts.then(|| meanings.learn(&request.body.bytes().unwrap_or_default(), &rules));
            let key = Key::new(&rules, &request.method, &sought, &request.headers, body, host.as_deref());
            if changes(&request.method) {
                writes.push(number, &sought.path);
            }
            near.push(&sought.path);
            asked.push(key, number, roles[number]);
            if rules.api_version(&sought.path) != ApiVersion::Exact {
                of_any_api_version.push(key.of_any_api_version(), number, roles[number]);
            }
        }
        let urls = Urls::of(&interactions, &operations);
        let hosts = Hosts::of(&interactions, &operations);
        let durations = operations.iter().map(|operation| duration(operation, &interactions)).collect();
        let running = operations.iter().map(|operation| operation.running_polls().len()).collect();
        for response in interactions.iter_mut().filter_map(|interaction| interaction.response.as_mut()) {
            // As bytes it is shared by all who are answered, not copied for each.
            if let Body::Text(text) = &mut response.body {
                response.body = Body::Binary(std::mem::take(text).into());
            }
        }
        Self {
            interactions,
            operations,
            roles,
            rules,
            places: Vec::new(),
            near,
            variables,
            hidden,
            owners,
            asked,
            meanings,
            of_any_api_version,
            urls,
            writes,
            running,
            durations,
            hosts,
        }
    }

    /// With where each interaction stands.
    #[must_use]
    pub fn at(self, places: Vec<Place>) -> Self {
        Self { places, ..self }
    }

    /// With the rules for what is not told of values, where they are not those that come with armtape.
    #[must_use]
    pub fn hiding(self, settings: &Settings) -> Self {
        Self { hidden: self.hidden.by(settings), ..self }
    }

    /// What a write is called: method, target, and its number, with the file where there are several.
    pub(super) fn name(&self, number: usize) -> String {
        let request = &self.interactions[number].request;
        let place = match (self.places.get(number), self.places.first()) {
            (Some(place), Some(first)) if self.places.last().is_some_and(|last| last.file != first.file) => {
                format!("interaction {} of {}", place.number, place.file.display())
            }
            _ => format!("interaction {}", number + 1),
        };
        format!("{} {} ({place})", request.method, request.target)
    }

    /// The interactions, in the order of the tape.
    #[must_use]
    pub fn interactions(&self) -> &[Interaction] {
        &self.interactions
    }

    /// The operations on it.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every host on the tape, in requests and in the URLs that it hands out, without ports: those that are
    /// served.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts.names
    }

    /// Whether the recording lost the hosts of its requests, so that they fit any.
    #[must_use]
    pub fn fits_any_host(&self) -> bool {
        self.interactions.iter().all(|interaction| interaction.request.authority.is_none())
    }

    /// Scheme and authority of the service behind armtape's own endpoint.
    #[must_use]
    pub fn own(&self) -> Option<(&str, &str)> {
        self.hosts.own.as_ref().map(|(scheme, authority)| (scheme.as_str(), authority.as_str()))
    }

    /// Scheme and authority of the services beside that to which the answers lead: polling URLs, the
    /// next page of a list, and other URLs in bodies if the recorded client asked there.
    #[must_use]
    pub fn foreign(&self) -> &BTreeSet<Service> {
        &self.hosts.foreign
    }

    /// The authority of [`Script::own`], as it is compared.
    pub(super) fn own_host(&self) -> Option<&str> {
        self.hosts.own_key.as_deref()
    }

    /// What this request may be, if the tape has it: in its own api-version, or else in another that
    /// is allowed.
    pub(super) fn find(&self, asked: &Asked<'_>, sought: &Sought) -> Option<&Found> {
        let host = asked.host.or(self.own_host());
        let body = changes(asked.method).then(|| self.meanings.of(asked.body, &self.rules));
        let key = Key::new(&self.rules, asked.method, sought, &asked.headers, body, host);
        self.asked.find(key).or_else(|| {
            let may_be_other = self.rules.api_version(&sought.path) != ApiVersion::Exact;
            may_be_other.then(|| self.of_any_api_version.find(key.of_any_api_version()))?
        })
    }

    /// The recorded api-version and the one that was asked, if they differ and that is to be told.
    pub(super) fn other_api_version(&self, interaction: usize, asked: &Sought) -> Option<(String, String)> {
        if self.of_any_api_version.is_empty() || self.rules.api_version(&asked.path) != ApiVersion::Warn {
            return None;
        }
        let taped = Target::parse(&self.interactions[interaction].request.target);
        let version = |target: &Target| target.query_value("api-version").unwrap_or("none").to_owned();
        let versions = (version(&taped), version(&asked.target));
        (taped.path_key() == asked.path && versions.0 != versions.1).then_some(versions)
    }

    /// Whether a write is one of the resource at `path` itself, and not of something below it.
    pub(super) fn writes_itself(&self, write: usize, path: &str) -> bool {
        let request = &self.interactions[write].request;
        request.method != "POST" && Target::parse(&request.target).path_key() == path
    }

    /// The operation that an interaction belongs to.
    pub(super) fn owner(&self, interaction: usize) -> Option<usize> {
        self.owners[interaction]
    }

    /// How long an operation took when it was recorded.
    pub(super) fn duration(&self, operation: usize) -> Duration {
        self.durations[operation]
    }

    /// The polls of an operation before its end.
    pub(super) fn running_polls(&self, operation: usize) -> &[usize] {
        &self.operations[operation].polls[..self.running[operation]]
    }
}

fn roles(interactions: &[Interaction], operations: &[Operation]) -> Vec<Role> {
    let alone = |one: &Interaction| if changes(&one.request.method) { Role::Write(None) } else { Role::Read };
    let mut roles: Vec<Role> = interactions.iter().map(alone).collect();
    for (number, operation) in operations.iter().enumerate() {
        for poll in &operation.polls {
            roles[*poll] = Role::Poll(number);
        }
        if let Some(write) = operation.write {
            roles[write] = Role::Write(Some(number));
        }
    }
    roles
}

/// From the answer to the write to that of the poll that showed the end. A tape without times has
/// what it asked its client to wait.
fn duration(operation: &Operation, interactions: &[Interaction]) -> Duration {
    let Operation { write, polls, .. } = operation;
    let times = |number: usize| interactions[number].times;
    let end = operation.terminal_poll().or(polls.last().copied());
    let first = write.or(polls.first().copied());
    if let (Some(first), Some(end)) = (first.and_then(times), end.and_then(times)) {
        return Duration::from_millis(end.answer.saturating_sub(first.answer));
    }
    let asked = |number: &usize| match RetryAfter::of(&interactions[*number].response.as_ref()?.headers)? {
        RetryAfter::Delay(delay) => Some(delay),
        RetryAfter::Until(_) => None,
    };
    let asked = write.iter().chain(operation.running_polls()).filter_map(asked);
    asked.fold(Duration::ZERO, Duration::saturating_add)
}
