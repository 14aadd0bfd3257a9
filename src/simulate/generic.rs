//! Look-ups that belong to no resource: clients make them before they come to the point, to learn
//! what subscription they are in and whether the provider is registered.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{identity, reply::Reply, seed};
use crate::profile::API_VERSIONS;

/// The namespace of the provider that is simulated.
pub(super) const NAMESPACE: &str = "Microsoft.CustomerInsights";
/// The answer to a look-up, by the segments of its path in lower case; `None` where the path is
/// none of a look-up. `segments` are the same in the caller's case.
pub(super) fn look_up(method: &Method, segments: &[String], words: &[&str]) -> Option<Reply> {
    let named = |at: usize| segments.get(at).map_or("", String::as_str);
    let body = match (method, words) {
        (&Method::GET, ["subscriptions"]) => many(&[subscription(seed::SUBSCRIPTION)]),
        (&Method::GET, ["subscriptions", _]) => subscription(named(1)),
        (&Method::GET, ["subscriptions", _, "locations"]) => many(&[location(named(1))]),
        (&Method::GET, ["subscriptions", _, "resources"] | ["subscriptions", _, "resourcegroups", _, "resources"]) => {
            many(&[])
        }
        (&Method::GET, ["tenants"]) => many(&[tenant()]),
        (&Method::GET, ["providers"]) => many(&[provider(None, NAMESPACE)]),
        (&Method::GET, ["providers", _]) => provider(None, named(1)),
        (&Method::GET, ["subscriptions", _, "providers"]) => many(&[provider(Some(named(1)), NAMESPACE)]),
        (&Method::GET, ["subscriptions", _, "providers", _])
        | (&Method::POST, ["subscriptions", _, "providers", _, "register"]) => provider(Some(named(1)), named(3)),
        _ => return None,
    };
    Some(Reply::json(StatusCode::OK, body))
}

/// As [`look_up`], and the group that a resource lives in is there: for services that have no groups of
/// their own.
pub(super) fn look_around(method: &Method, segments: &[String], words: &[&str]) -> Option<Reply> {
    match (method, words) {
        (&Method::GET, ["subscriptions", _, "resourcegroups", _]) => {
            Some(Reply::json(StatusCode::OK, group(&segments[1], &segments[3], &json!("eastus"), &json!({}))))
        }
        (&Method::HEAD, ["subscriptions", _, "resourcegroups", _]) => Some(Reply::empty(StatusCode::NO_CONTENT)),
        _ => look_up(method, segments, words),
    }
}

/// A resource group.
pub(super) fn group(subscription: &str, name: &str, location: &Value, tags: &Value) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{name}"),
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": tags,
        "properties": { "provisioningState": "Succeeded" },
    })
}

fn many(items: &[Value]) -> Value {
    json!({ "value": items })
}

fn subscription(id: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": identity::TENANT_ID,
        "displayName": "armtape",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}

fn tenant() -> Value {
    json!({
        "id": format!("/tenants/{}", identity::TENANT_ID),
        "tenantId": identity::TENANT_ID,
        "countryCode": "US",
        "displayName": "armtape",
        "domains": ["armtape.example"],
        "tenantCategory": "Home",
    })
}

fn location(subscription: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/locations/eastus"),
        "name": "eastus",
        "type": "Region",
        "displayName": "East US",
        "regionalDisplayName": "(US) East US",
    })
}

/// Every namespace is registered: a client that finds its own missing would register it and wait.
fn provider(subscription: Option<&str>, namespace: &str) -> Value {
    let scope = subscription.map_or_else(String::new, |id| format!("/subscriptions/{id}"));
    let (namespace, types) = if namespace.eq_ignore_ascii_case(NAMESPACE) {
        let kind = |name: &str| json!({ "resourceType": name, "locations": ["East US"], "apiVersions": API_VERSIONS });
        (NAMESPACE, vec![kind("hubs"), kind("hubs/profiles")])
    } else {
        (namespace, Vec::new())
    };
    json!({
        "id": format!("{scope}/providers/{namespace}"),
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
        "registrationState": "Registered",
    })
}
