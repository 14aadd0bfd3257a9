//! What a profile lives in: resource groups and hubs. They are there as soon as they are named, so
//! that nobody has to create them first; one that was put keeps what was put.

use std::collections::BTreeMap;

use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{
    super::{generic, reply::Ids},
    Call, Options, Reply, RunningPolls, not_allowed,
    route::{GroupId, HubId, key},
};

#[derive(Debug)]
pub(super) struct Containers {
    polls: RunningPolls,
    retry_after: Option<u32>,
    groups: BTreeMap<String, Value>,
    hubs: BTreeMap<String, Hub>,
}

#[derive(Debug)]
struct Hub {
    id: HubId,
    sent: Map<String, Value>,
    /// How many reads still show `Creating`.
    reads_left: u32,
}

impl Containers {
    pub(super) fn new(options: &Options) -> Self {
        Self { polls: options.polls, retry_after: options.retry_after, groups: BTreeMap::new(), hubs: BTreeMap::new() }
    }

    /// The resource groups of a subscription that were put.
    pub(super) fn groups(&self, call: &Call<'_>, subscription: &str) -> Reply {
        if call.method() != Method::GET {
            return not_allowed(call, "GET");
        }
        let prefix = key(&format!("/subscriptions/{subscription}/"));
        let groups: Vec<&Value> =
            self.groups.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, group)| group).collect();
        Reply::json(StatusCode::OK, json!({ "value": groups }))
    }

    /// One resource group.
    pub(super) fn group(&mut self, call: &Call<'_>, id: &GroupId) -> Reply {
        let key = key(&id.path());
        match *call.method() {
            Method::HEAD => Reply::empty(StatusCode::NO_CONTENT),
            Method::GET => {
                let body = self.groups.get(&key).cloned().unwrap_or_else(|| group_body(id, &Map::new()));
                Reply::json(StatusCode::OK, body)
            }
            Method::PUT => {
                let body = match call.object() {
                    Ok(sent) => group_body(id, &sent),
                    Err(reply) => return reply,
                };
                let new = self.groups.insert(key, body.clone()).is_none();
                Reply::json(if new { StatusCode::CREATED } else { StatusCode::OK }, body)
            }
            _ => not_allowed(call, "GET, HEAD, PUT"),
        }
    }

    /// The hubs that were put.
    pub(super) fn hubs(&self, call: &Call<'_>, subscription: &str, group: Option<&str>) -> Reply {
        if call.method() != Method::GET {
            return not_allowed(call, "GET");
        }
        let scope = group.map_or_else(String::new, |group| format!("resourceGroups/{group}/"));
        let prefix = key(&format!("/subscriptions/{subscription}/{scope}"));
        let hubs: Vec<Value> =
            self.hubs.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, hub)| hub.body()).collect();
        Reply::json(StatusCode::OK, json!({ "value": hubs }))
    }

    /// One hub. Its creation has no operation: 201 `Creating` without any header, then reads.
    pub(super) fn hub(&mut self, call: &Call<'_>, id: &HubId, ids: &mut Ids) -> Reply {
        let key = key(&id.path());
        match *call.method() {
            Method::GET => {
                let Some(hub) = self.hubs.get_mut(&key) else {
                    let hub = Hub { id: id.clone(), sent: Map::new(), reads_left: 0 };
                    return Reply::json(StatusCode::OK, hub.body());
                };
                let reply = Reply::json(StatusCode::OK, hub.body());
                let waits = self.retry_after.filter(|_| hub.reads_left > 0);
                hub.reads_left = hub.reads_left.saturating_sub(1);
                match waits {
                    Some(seconds) => reply.with(header::RETRY_AFTER, seconds.to_string()),
                    None => reply,
                }
            }
            Method::PUT => {
                let known = self.hubs.contains_key(&key);
                if let Some(refusal) = call.refused(known) {
                    return refusal;
                }
                let sent = match call.object() {
                    Ok(sent) => sent,
                    Err(reply) => return reply,
                };
                let hub = Hub { id: id.clone(), sent, reads_left: if known { 0 } else { self.polls.draw(ids) } };
                // A hub that was put is `Creating` in the answer, however few reads show it.
                let (status, state) =
                    if known { (StatusCode::OK, "Succeeded") } else { (StatusCode::CREATED, "Creating") };
                let body = hub.body_in(state);
                self.hubs.insert(key, hub);
                Reply::json(status, body)
            }
            _ => not_allowed(call, "GET, PUT"),
        }
    }
}

impl Hub {
    fn body(&self) -> Value {
        self.body_in(if self.reads_left > 0 { "Creating" } else { "Succeeded" })
    }

    fn body_in(&self, state: &str) -> Value {
        let name = &self.id.hub;
        let billing = self.sent.get("properties").and_then(|properties| properties.get("hubBillingInfo"));
        json!({
            "id": self.id.path(),
            "location": self.sent.get("location").unwrap_or(&json!("East US")),
            "name": name,
            "properties": {
                // Of a domain that is kept free for examples: no client gets anywhere with it.
                "apiEndpoint": format!("https://{name}.api.example"),
                "maxCapacity": 0,
                "provisioningState": state,
                "hubBillingInfo": billing.unwrap_or(&json!({ "skuName": "B0", "minUnits": 1, "maxUnits": 5 })),
                "TenantFeatures": 0,
                "webEndpoint": format!("https://{name}.example"),
            },
            "tags": self.sent.get("tags").unwrap_or(&json!({})),
            "type": "Microsoft.CustomerInsights/hubs",
        })
    }
}

fn group_body(id: &GroupId, sent: &Map<String, Value>) -> Value {
    let (location, tags) = (json!("eastus"), json!({}));
    let (location, tags) = (sent.get("location").unwrap_or(&location), sent.get("tags").unwrap_or(&tags));
    generic::group(&id.subscription, &id.group, location, tags)
}
