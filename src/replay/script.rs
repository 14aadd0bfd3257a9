//! A cassette made ready for being asked.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use super::{
    key::{Asked, Key, changes},
    near::Near,
    rules::{ApiVersion, Rules},
    urls::Urls,
    variables::Variables,
};
use crate::{
    arm::{Operation, RetryAfter, Target, Url, authority_key, operations},
    cassette::{Body, Cassette, Interaction, Place},
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

/// What one request may be.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The interactions, in the order of the tape.
    pub(super) interactions: Vec<usize>,
    /// The operations that those of them poll, in the same order.
    pub(super) polled: Vec<usize>,
}

impl Found {
    fn push(&mut self, interaction: usize, role: Role) {
        self.interactions.push(interaction);
        if let Role::Poll(operation) = role
            && self.polled.last() != Some(&operation)
        {
            self.polled.push(operation);
        }
    }
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
    /// By interaction: the operation that it belongs to.
    owners: Vec<Option<usize>>,
    /// By key and host.
    asked: HashMap<(Key, Option<String>), Found>,
    /// The same without the api-version, of requests that may have another.
    of_any_api_version: HashMap<(Key, Option<String>), Found>,
    /// Where each operation's URLs lead, polled or not.
    pub(super) urls: Urls,
    /// Paths that a write changes: its own and the lists above it. The numbers of their [`Self::writes`].
    changed: HashMap<String, usize>,
    /// By changed path: the writes to it, in order.
    writes: Vec<Vec<usize>>,
    /// By interaction: the changed paths, if it is a write.
    changes: Vec<Box<[usize]>>,
    /// By operation: how many of its polls came before its end.
    running: Vec<usize>,
    /// By operation: how long it took.
    durations: Vec<Duration>,
    /// The host behind armtape's own endpoint.
    own: Option<(String, String)>,
    hosts: Vec<String>,
}

impl Script {
    /// Makes a tape ready.
    #[must_use]
    pub fn new(cassette: Cassette, rules: Rules) -> Self {
        let operations = operations(&cassette.interactions);
        let variables = Variables::of(&cassette, &operations);
        let mut interactions = cassette.interactions;
        let mut owners = vec![None; interactions.len()];
        for (number, operation) in operations.iter().enumerate() {
            operation.interactions().for_each(|interaction| owners[interaction] = Some(number));
        }
        let mut roles: Vec<Role> = interactions
            .iter()
            .map(|interaction| if changes(&interaction.request.method) { Role::Write(None) } else { Role::Read })
            .collect();
        for (number, operation) in operations.iter().enumerate() {
            for poll in &operation.polls {
                roles[*poll] = Role::Poll(number);
            }
            if let Some(write) = operation.write {
                roles[write] = Role::Write(Some(number));
            }
        }
        let mut asked: HashMap<_, Found> = HashMap::new();
        let mut of_any_api_version: HashMap<_, Found> = HashMap::new();
        let mut near = Near::default();
        let mut changed: HashMap<String, usize> = HashMap::new();
        let mut writes: Vec<Vec<usize>> = Vec::new();
        let mut changes_of = vec![Box::default(); interactions.len()];
        for (number, interaction) in interactions.iter().enumerate() {
            let request = &interaction.request;
            let body = request.body.bytes().unwrap_or_default();
            let mut key = Key::new(&rules, &request.method, &request.target, &request.headers, &body);
            if interaction.lacks_request_body() {
                key = key.of_any_body();
            }
            if changes(&request.method) {
                let paths = ancestors(&key.path).map(|path| match changed.get(path) {
                    Some(known) => *known,
                    None => {
                        writes.push(Vec::new());
                        changed.insert(path.to_owned(), writes.len() - 1);
                        writes.len() - 1
                    }
                });
                let paths: Box<[usize]> = paths.collect();
                for path in &paths {
                    writes[*path].push(number);
                }
                changes_of[number] = paths;
            }
            near.push(&key.path);
            let host = host_of(interaction);
            if rules.api_version(&key.path) != ApiVersion::Exact {
                let key = key.clone().of_any_api_version();
                of_any_api_version.entry((key, host.clone())).or_default().push(number, roles[number]);
            }
            asked.entry((key, host)).or_default().push(number, roles[number]);
        }
        let urls = Urls::of(&interactions, &operations);
        let handed_out = operations.iter().flat_map(|operation| &operation.urls);
        let mut hosts: HashSet<String> = handed_out.filter_map(|url| Some(Url::parse(url)?.authority_key())).collect();
        hosts.extend(interactions.iter().filter_map(host_of));
        let own = own_host(&interactions, &operations);
        let mut hosts: Vec<String> = hosts.into_iter().map(|host| without_port(&host).to_owned()).collect();
        hosts.sort_unstable();
        hosts.dedup();
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
            owners,
            asked,
            of_any_api_version,
            urls,
            changed,
            writes,
            changes: changes_of,
            running,
            durations,
            own,
            hosts,
        }
    }

    /// With where each interaction stands.
    #[must_use]
    pub fn at(self, places: Vec<Place>) -> Self {
        Self { places, ..self }
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

    /// Every host on the tape, in requests and in polling URLs, without ports: those that are served.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether the recording lost the hosts of its requests, so that they fit any.
    #[must_use]
    pub fn fits_any_host(&self) -> bool {
        self.interactions.iter().all(|interaction| interaction.request.authority.is_none())
    }

    /// Scheme and authority of the service behind armtape's own endpoint.
    #[must_use]
    pub fn own(&self) -> Option<(&str, &str)> {
        self.own.as_ref().map(|(scheme, authority)| (scheme.as_str(), authority.as_str()))
    }

    /// Scheme and authority of the services beside that to which polling URLs lead.
    #[must_use]
    pub fn foreign(&self) -> BTreeSet<(String, String)> {
        let urls = self.operations.iter().flat_map(|operation| &operation.urls).filter_map(|url| Url::parse(url));
        let mut foreign: BTreeSet<_> = urls.map(|url| (url.scheme.clone(), url.authority_key())).collect();
        let own = self.own_host();
        foreign.retain(|(_, host)| Some(host) != own.as_ref());
        foreign
    }

    /// Of the first, as it is compared.
    pub(super) fn own_host(&self) -> Option<String> {
        self.own.as_ref().map(|(scheme, authority)| authority_key(Some(scheme), authority))
    }

    /// What this request may be, if the tape has it: in its own api-version, or else in another that
    /// is allowed.
    pub(super) fn find(&self, asked: &Asked<'_>) -> Option<&Found> {
        let key = Key::new(&self.rules, asked.method, asked.target, &asked.headers, asked.body);
        let may_be_other = self.rules.api_version(&key.path) != ApiVersion::Exact;
        let host = match &asked.host {
            Some(host) => Some(host.clone()),
            None => self.own_host(),
        };
        let wanted = (key, host);
        look_up(&self.asked, &wanted).or_else(|| {
            let (key, host) = may_be_other.then_some(wanted)?;
            look_up(&self.of_any_api_version, &(key.of_any_api_version(), host))
        })
    }

    /// The recorded api-version and the one that was asked, if they differ and that is to be told.
    pub(super) fn other_api_version(&self, interaction: usize, asked: &Asked<'_>) -> Option<(String, String)> {
        if self.of_any_api_version.is_empty() {
            return None;
        }
        let (taped, asked) =
            (Target::parse(&self.interactions[interaction].request.target), Target::parse(asked.target));
        let version = |target: &Target| target.query_value("api-version").unwrap_or("none").to_owned();
        let versions = (version(&taped), version(&asked));
        let told = self.rules.api_version(&asked.path_key()) == ApiVersion::Warn;
        (told && taped.path_key() == asked.path_key() && versions.0 != versions.1).then_some(versions)
    }

    /// Whether a write is one of the resource at `path` itself, and not of something below it.
    pub(super) fn writes_itself(&self, write: usize, path: &str) -> bool {
        let request = &self.interactions[write].request;
        request.method != "POST" && Target::parse(&request.target).path_key() == path
    }

    /// The number of a path that writes change, with those writes in order.
    pub(super) fn writes_to(&self, path: &str) -> Option<(usize, &[usize])> {
        self.changed.get(path).map(|number| (*number, self.writes[*number].as_slice()))
    }

    /// The paths that this write changes, its own first.
    pub(super) fn changes(&self, write: usize) -> &[usize] {
        &self.changes[write]
    }

    /// How many paths are changed by writes.
    pub(super) fn changed_paths(&self) -> usize {
        self.writes.len()
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

/// With its body and host, or without what the recording lost.
fn look_up<'a>(known: &'a HashMap<(Key, Option<String>), Found>, wanted: &(Key, Option<String>)) -> Option<&'a Found> {
    let (key, host) = wanted;
    known.get(wanted).or_else(|| known.get(&(key.clone(), None))).or_else(|| {
        let key = key.clone().of_any_body();
        known.get(&(key.clone(), host.clone())).or_else(|| known.get(&(key, None)))
    })
}

fn host_of(interaction: &Interaction) -> Option<String> {
    let request = &interaction.request;
    request.authority.as_deref().map(|authority| authority_key(request.scheme.as_deref(), authority))
}

/// The host of the first accepted write, else of the first request; of a recording that lost its
/// hosts, the one that its polling URLs name.
fn own_host(interactions: &[Interaction], operations: &[Operation]) -> Option<(String, String)> {
    let write = operations.first().and_then(|operation| operation.write);
    let request = write.or((!interactions.is_empty()).then_some(0)).map(|number| &interactions[number].request)?;
    if let Some(authority) = &request.authority {
        return Some((request.scheme.clone().unwrap_or_else(|| "https".to_owned()), authority.clone()));
    }
    let urls = operations.iter().flat_map(|operation| &operation.urls);
    urls.filter_map(|url| Url::parse(url)).next().map(|url| (url.scheme, url.authority))
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

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// A path and the paths above it.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())
    })
}
