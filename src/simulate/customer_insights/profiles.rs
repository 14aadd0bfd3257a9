//! Profiles and the operations that work on them.
//!
//! An operation and the resource are two views of one piece of work. Each view has a count of its
//! own, and the first that comes to its end ends the work for both: whichever way a client waits, it
//! gets there, and the two never contradict each other.

use std::collections::BTreeMap;

use http::{Method, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    super::{generic::NAMESPACE, reply::Ids},
    Call, Options, Reply, Update, Visible, body, not_allowed, refusal,
    route::{HubId, ProfileId, key},
};

const RUNNING: &str = "Provisioning";
const DONE: &str = "Succeeded";

#[derive(Debug)]
pub(super) struct Profiles {
    options: Options,
    /// By the key of the profile's path.
    profiles: BTreeMap<String, Profile>,
    /// By id. None is ever forgotten: a URL that was handed out keeps answering.
    operations: BTreeMap<String, Operation>,
    /// How many profiles were created so far.
    created: u64,
}

#[derive(Debug)]
struct Profile {
    /// In the case of the last PUT (S-04).
    id: ProfileId,
    properties: Map<String, Value>,
    changed: Timestamp,
    /// Lists show profiles in the order of their creation.
    serial: u64,
    work: Option<Work>,
}

/// What is being done with a profile.
#[derive(Debug)]
struct Work {
    kind: Kind,
    /// The operation to poll; an update that shows `Provisioning` has none.
    operation: Option<String>,
    /// How many reads of the resource still show it running.
    reads_left: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Create,
    Update,
    Delete,
}

#[derive(Debug)]
struct Operation {
    profile: ProfileId,
    /// The profile as its answers show it.
    properties: Map<String, Value>,
    /// Path and query of its URL.
    target: String,
    polls_left: u32,
}

impl Profiles {
    pub(super) fn new(options: Options) -> Self {
        Self { options, profiles: BTreeMap::new(), operations: BTreeMap::new(), created: 0 }
    }

    /// One profile.
    pub(super) fn profile(&mut self, call: &Call<'_>, id: ProfileId, ids: &mut Ids) -> Reply {
        match *call.method() {
            Method::GET => self.get(&id),
            Method::PUT => self.put(call, id, ids),
            Method::DELETE => self.delete(call, &id, ids),
            _ => not_allowed(call, "GET, PUT, DELETE"),
        }
    }

    /// The profiles of a hub. A list is no poll: it moves nothing on.
    pub(super) fn list(&self, call: &Call<'_>, hub: &HubId) -> Reply {
        if call.method() != Method::GET {
            return not_allowed(call, "GET");
        }
        let mut profiles: Vec<&Profile> = self.of_hub(hub).map(|(_, profile)| profile).collect();
        profiles.retain(|profile| !self.is_hidden(profile));
        profiles.sort_by_key(|profile| profile.serial);
        let value: Vec<Value> = profiles
            .iter()
            .map(|profile| body::resource(&profile.id, body::read(&profile.properties, None), profile.state()))
            .collect();
        Reply::json(StatusCode::OK, json!({ "value": value }))
    }

    /// The profiles of a hub, with their keys.
    fn of_hub(&self, hub: &HubId) -> impl Iterator<Item = (&String, &Profile)> {
        let prefix = key(&format!("{}/profiles/", hub.path()));
        self.profiles.range(prefix.clone()..).take_while(move |(key, _)| key.starts_with(&prefix))
    }

    /// The entity sets of the other profiles in the hub of `id`.
    fn entity_sets(&self, id: &ProfileId) -> Vec<&str> {
        let own = id.key();
        let others = self.of_hub(&id.hub).filter(move |(key, _)| **key != own);
        others.filter_map(|(_, profile)| profile.properties.get("apiEntitySetName")?.as_str()).collect()
    }

    /// The KPIs that enrich a profile: none.
    pub(super) fn enriching_kpis(&self, call: &Call<'_>, id: &ProfileId) -> Reply {
        match self.profiles.get(&id.key()) {
            _ if call.method() != Method::POST => not_allowed(call, "POST"),
            Some(profile) if !self.is_hidden(profile) => Reply::json(StatusCode::OK, json!([])),
            _ => absent(id),
        }
    }

    /// One operation of a profile: 202 as often as was chosen, then 200 for ever.
    pub(super) fn operation(&mut self, call: &Call<'_>, id: &ProfileId, name: &str) -> Reply {
        if call.method() != Method::GET {
            return not_allowed(call, "GET");
        }
        let Some(operation) = self.operations.get_mut(name).filter(|operation| operation.profile.key() == id.key())
        else {
            let message = format!("The operation '{name}' of the profile '{}' was not found.", id.profile);
            return Reply::error(StatusCode::NOT_FOUND, "NotFound", message);
        };
        if operation.polls_left > 0 {
            operation.polls_left -= 1;
            let location = format!("{}{}", call.target.base, operation.target);
            let body = body::resource(&operation.profile, operation.properties.clone(), RUNNING);
            let reply = Reply::json(StatusCode::ACCEPTED, body).with(header::LOCATION, location);
            return self.running(reply);
        }
        let reply = Reply::json(StatusCode::OK, body::resource(&operation.profile, operation.properties.clone(), DONE));
        // A later write may have taken the profile over; the operation's own story ends all the same.
        let current = self
            .profiles
            .get(&id.key())
            .and_then(|profile| profile.work.as_ref())
            .and_then(|work| work.operation.as_deref());
        if current == Some(name) {
            self.finish(&id.key());
        }
        reply
    }

    fn get(&mut self, id: &ProfileId) -> Reply {
        let key = id.key();
        let work = self.profiles.get_mut(&key).and_then(|profile| profile.work.as_mut());
        let over = match work {
            Some(Work { reads_left: 0, .. }) => true,
            Some(work) => {
                work.reads_left -= 1;
                false
            }
            None => false,
        };
        if over {
            self.finish(&key);
        }
        match self.profiles.get(&key) {
            Some(profile) if !self.is_hidden(profile) => {
                let properties = body::read(&profile.properties, Some(profile.changed));
                let reply = Reply::json(StatusCode::OK, body::resource(&profile.id, properties, profile.state()));
                if profile.work.is_some() { self.running(reply) } else { reply }
            }
            _ => absent(id),
        }
    }

    fn put(&mut self, call: &Call<'_>, id: ProfileId, ids: &mut Ids) -> Reply {
        let key = id.key();
        let old = self.profiles.get(&key);
        if let Some(refusal) = call.refused(old.is_some()) {
            return refusal;
        }
        let sent = match refusal::read(call, &id, &self.entity_sets(&id)) {
            Ok(sent) => sent,
            Err(reply) => return reply,
        };
        let properties = body::accepted(&id, &sent);
        // A PUT that comes while another write runs takes over (A-22, S-37: it must not fail). Until a
        // creation has ended, it is still a creation; so is one that overtakes a deletion.
        let settled = old.is_some_and(|profile| profile.work.as_ref().is_none_or(|work| work.kind == Kind::Update));
        let serial = old.map(|profile| profile.serial).unwrap_or_else(|| {
            self.created += 1;
            self.created
        });
        let shown = |state| body::resource(&id, properties.clone(), state);
        let polls = self.options.polls.draw(ids);
        let (reply, work) = match (settled, self.options.update) {
            (true, Update::Done) => (Reply::json(StatusCode::OK, shown(DONE)), None),
            (true, Update::Provisioning) => {
                let reply = self.running(Reply::json(StatusCode::OK, shown(RUNNING)));
                (reply, Some(Work { kind: Kind::Update, operation: None, reads_left: polls }))
            }
            (settled, _) => {
                let (operation, location) = self.start(call, &id, properties.clone(), polls, ids);
                let reply = Reply::json(StatusCode::ACCEPTED, shown(RUNNING)).with(header::LOCATION, location);
                let kind = if settled { Kind::Update } else { Kind::Create };
                (self.running(reply), Some(Work { kind, operation: Some(operation), reads_left: polls }))
            }
        };
        self.profiles.insert(key, Profile { id, properties, changed: call.now, serial, work });
        reply
    }

    fn delete(&mut self, call: &Call<'_>, id: &ProfileId, ids: &mut Ids) -> Reply {
        let key = id.key();
        let Some(profile) = self.profiles.get(&key) else {
            return Reply::empty(StatusCode::NO_CONTENT);
        };
        if let Some(refusal) = call.refused(true) {
            return refusal;
        }
        let (id, properties) = (profile.id.clone(), profile.properties.clone());
        let polls = self.options.polls.draw(ids);
        let (operation, location) = self.start(call, &id, properties, polls, ids);
        if let Some(profile) = self.profiles.get_mut(&key) {
            profile.work = Some(Work { kind: Kind::Delete, operation: Some(operation), reads_left: polls });
        }
        // Four bytes, as recorded.
        self.running(Reply::json(StatusCode::ACCEPTED, Value::Null).with(header::LOCATION, location))
    }

    /// Makes an operation; gives its id and its URL.
    fn start(
        &mut self,
        call: &Call<'_>,
        profile: &ProfileId,
        properties: Map<String, Value>,
        polls: u32,
        ids: &mut Ids,
    ) -> (String, String) {
        let name = ids.uuid().simple().to_string();
        let target = format!("{}/operations/{name}?api-version={}", call.target.path, call.version);
        let location = format!("{}{target}", call.target.base);
        let operation = Operation { profile: profile.clone(), properties, target, polls_left: polls };
        self.operations.insert(name.clone(), operation);
        (name, location)
    }

    /// Ends the work on a profile, for both views of it.
    fn finish(&mut self, key: &str) {
        let Some(work) = self.profiles.get_mut(key).and_then(|profile| profile.work.take()) else {
            return;
        };
        if let Some(operation) = work.operation.and_then(|name| self.operations.get_mut(&name)) {
            operation.polls_left = 0;
        }
        if work.kind == Kind::Delete {
            self.profiles.remove(key);
        }
    }

    fn is_hidden(&self, profile: &Profile) -> bool {
        let creating = profile.work.as_ref().is_some_and(|work| work.kind == Kind::Create);
        creating && self.options.visible == Visible::Absent
    }

    /// An answer that says that there is more to come.
    fn running(&self, reply: Reply) -> Reply {
        match self.options.retry_after {
            Some(seconds) => reply.with(header::RETRY_AFTER, seconds.to_string()),
            None => reply,
        }
    }
}

impl Profile {
    fn state(&self) -> &'static str {
        if self.work.is_some() { RUNNING } else { DONE }
    }
}

fn absent(id: &ProfileId) -> Reply {
    Reply::error(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        format!(
            "The Resource '{NAMESPACE}/hubs/{}/profiles/{}' under resource group '{}' was not found.",
            id.hub.hub, id.profile, id.hub.group.group
        ),
    )
}
