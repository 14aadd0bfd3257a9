//! The service: a Customer Insights provider behind an ARM front end, in memory.
//!
//! It does what the real one was recorded to do (`spec/profile.md`, section 4); where nothing is
//! recorded it does what the seed page says, and [`Options`] offers the other readings. Groups and
//! hubs exist as soon as they are named: a client that only creates profiles needs no preparation.
//!
//! What it is sent is judged by [`crate::profile`]'s rules. Out of scope: authorization, failures on
//! purpose.

mod body;
mod containers;
mod profiles;
mod refusal;
mod route;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use self::{containers::Containers, profiles::Profiles, route::Route};
use super::{
    RunningPolls,
    generic::{self, NAMESPACE},
    reply::{Desk, Reply},
    target::Target,
};
use crate::profile::API_VERSIONS;

/// The base of absolute URLs where the request names no host.
const DEFAULT_BASE: &str = "https://management.azure.com";

/// Which of its possible behaviours the service shows.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many running answers an operation gives before its end. Reads of the resource are
    /// counted apart, so that a client that only reads the resource comes to an end as well.
    pub polls: RunningPolls,
    /// Seconds in `Retry-After` on running answers; `None` leaves the header out, as the real
    /// service did.
    pub retry_after: Option<u32>,
    /// How a PUT of an existing profile is answered.
    pub update: Update,
    /// What a read of a profile shows while its creation runs.
    pub visible: Visible,
    /// Where ids come from: the same seed and requests give the same ids.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        Self {
            polls: 1.into(),
            retry_after: Some(1),
            update: Update::default(),
            visible: Visible::default(),
            seed: high ^ low,
        }
    }
}

/// How a PUT of an existing profile is answered. No update of a profile is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Update {
    /// 200 and `Succeeded`: "the update request completed successfully", says the page.
    #[default]
    Done,
    /// 202 and a `Location`, as for a sibling type in the recordings.
    Accepted,
    /// 200 and `Provisioning`, as in the published example: the resource is read until it ends.
    Provisioning,
}

/// What a read of a profile shows while its creation runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visible {
    /// The profile, `Provisioning`, as the seed page says.
    #[default]
    Provisioning,
    /// 404, and lists leave it out, as the contract says (S-09).
    Absent,
}

/// The service. It keeps what was created and the operations that it handed out.
#[derive(Debug)]
pub struct Service {
    desk: Desk,
    containers: Containers,
    profiles: Profiles,
}

impl Service {
    /// A service in which nothing was created yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { desk: Desk::new(options.seed), containers: Containers::new(&options), profiles: Profiles::new(options) }
    }

    /// Answers one request.
    pub fn answer(&mut self, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let target = Target::of(request.uri(), DEFAULT_BASE);
        let reply = self.reply(request, &target, now);
        self.desk.finish(reply, request, now)
    }

    /// Answers a request that looks around rather than works: subscriptions, tenants, providers, groups.
    /// `None` for all others. For services that otherwise answer from elsewhere.
    pub(super) fn answer_look_up(&mut self, request: &Request<Bytes>, now: Timestamp) -> Option<Response<Bytes>> {
        let target = Target::of(request.uri(), DEFAULT_BASE);
        let words = target.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let reply = generic::look_around(request.method(), &target.segments, &words)?;
        Some(self.desk.finish(reply, request, now))
    }

    fn reply(&mut self, request: &Request<Bytes>, target: &Target, now: Timestamp) -> Reply {
        let Some(version) = target.query("api-version") else {
            let message = "The api-version query parameter (?api-version=) is required for all requests.";
            return Reply::error(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message);
        };
        let words = target.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Some(reply) = generic::look_up(request.method(), &target.segments, &words) {
            return reply;
        }
        let route = Route::of(&target.segments, &words);
        if let Some(kind) = route.kind()
            && !API_VERSIONS.contains(&version)
        {
            return unknown_version(kind, version);
        }
        let call = Call { request, target, version, now };
        match route {
            Route::Groups(subscription) => self.containers.groups(&call, &subscription),
            Route::Group(id) => self.containers.group(&call, &id),
            Route::Hubs { subscription, group } => self.containers.hubs(&call, &subscription, group.as_deref()),
            Route::Hub(id) => self.containers.hub(&call, &id, &mut self.desk.ids),
            Route::Profiles(hub) => self.profiles.list(&call, &hub),
            Route::Profile(id) => self.profiles.profile(&call, id, &mut self.desk.ids),
            Route::EnrichingKpis(id) => self.profiles.enriching_kpis(&call, &id),
            Route::Operation(id, operation) => self.profiles.operation(&call, &id, &operation),
            Route::UnknownType(kind) => Reply::error(
                StatusCode::NOT_FOUND,
                "InvalidResourceType",
                format!(
                    "The resource type '{kind}' could not be found in the namespace '{NAMESPACE}' for api \
                     version '{version}'."
                ),
            ),
            Route::UnknownNamespace(namespace) => Reply::error(
                StatusCode::NOT_FOUND,
                "InvalidResourceNamespace",
                format!(
                    "The resource namespace '{namespace}' is invalid. The simulated service knows '{NAMESPACE}' alone."
                ),
            ),
            Route::Unknown => Reply::error(
                StatusCode::NOT_FOUND,
                "NotFound",
                format!("The simulated service has nothing at '{}'.", target.path),
            ),
        }
    }
}

/// One request, on its way to whoever answers it.
struct Call<'a> {
    request: &'a Request<Bytes>,
    target: &'a Target,
    version: &'a str,
    now: Timestamp,
}

impl Call<'_> {
    fn method(&self) -> &Method {
        self.request.method()
    }

    /// The body, which has to be a JSON object.
    fn object(&self) -> Result<Map<String, Value>, Reply> {
        if self.request.body().is_empty() {
            return Err(invalid_content("The request has no body."));
        }
        match serde_json::from_slice(self.request.body()) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(invalid_content("The request content is JSON, but not an object.")),
            Err(error) => Err(invalid_content(format!("The request content is not valid JSON: {error}."))),
        }
    }

    /// The refusal that the request's own conditions ask for (section 1.10), if any.
    ///
    /// The service hands out no `ETag`, so that no named one can match.
    fn refused(&self, exists: bool) -> Option<Reply> {
        let tags = |name| self.request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let broken = match (tags(header::IF_MATCH), tags(header::IF_NONE_MATCH)) {
            (Some("*"), _) if !exists => "If-Match",
            (Some(tags), _) if tags != "*" => "If-Match",
            (_, Some("*")) if exists => "If-None-Match",
            _ => return None,
        };
        let message = format!("The condition specified in the header '{broken}' is not met.");
        Some(Reply::error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message))
    }
}

fn invalid_content(message: impl Into<String>) -> Reply {
    Reply::error(StatusCode::BAD_REQUEST, "InvalidRequestContent", message)
}

fn not_allowed(call: &Call<'_>, allowed: &str) -> Reply {
    let message = format!("The simulated service does not answer {} here.", call.method());
    Reply::error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).with(header::ALLOW, allowed)
}

fn unknown_version(kind: &str, version: &str) -> Reply {
    let known = API_VERSIONS.join(", ");
    Reply::error(
        StatusCode::BAD_REQUEST,
        "NoRegisteredProviderFound",
        format!(
            "No registered resource provider found for location '' and API version '{version}' for type \
             '{kind}'. The supported api-versions are '{known}'."
        ),
    )
}

#[cfg(test)]
mod tests;
