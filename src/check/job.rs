//! What a client is asked to do in one case: the placeholders of a command, the line of a worker, the
//! argument of a function.

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value as Json, json, value::RawValue};

use super::command::Value;
use crate::{arm::ResourceId, simulate::scenario::Operation};

/// The placeholders of a command, in the order of the table in docs/check.md.
pub const PLACEHOLDERS: [&str; 17] = [
    "endpoint",
    "url",
    "resource-id",
    "name",
    "api-version",
    "subscription",
    "resource-group",
    "hub",
    "profile",
    "body",
    "operation",
    "resume",
    "trusted-hosts",
    "interval",
    "timeout",
    "workdir",
    "ca",
];

/// What a client is asked to do in one case.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Job {
    /// The scenario's name.
    pub case: String,
    /// Base URL of the service.
    pub endpoint: String,
    /// URL of a proxy that reaches it, and answers for the hosts that hand out tokens.
    pub proxy: String,
    /// The certificate to trust, PEM.
    pub ca: String,
    /// A file with it.
    pub ca_file: PathBuf,
    /// What to do.
    pub operation: Operation,
    /// The resource; two for [`Operation::Pair`].
    pub resource_ids: Vec<String>,
    /// The api-version.
    pub api_version: String,
    /// The body to send.
    pub body: Bytes,
    /// A file with it.
    pub body_file: PathBuf,
    /// The polling URL to go on with, for [`Operation::Resume`].
    pub resume: Option<String>,
    /// A file with it.
    pub resume_file: Option<PathBuf>,
    /// Hosts beside the endpoint's that may see the token.
    pub trusted_hosts: Vec<String>,
    /// The time between polls where the service says nothing.
    pub interval: Duration,
    /// When to give up.
    pub timeout: Option<Duration>,
    /// An empty folder.
    pub workdir: PathBuf,
}

impl Job {
    /// The whole URL of the resource, with api-version; of the first of two.
    #[must_use]
    pub fn url(&self) -> String {
        let id = self.resource_ids.first().map_or("", String::as_str);
        format!("{}{id}?api-version={}", self.endpoint, self.api_version)
    }

    /// The name of the resource.
    #[must_use]
    pub fn name(&self) -> String {
        let id = self.resource_ids.first().and_then(|id| ResourceId::parse(id));
        id.map_or(String::new(), |id| id.name().to_owned())
    }

    /// For a command: placeholders, variables, texts.
    pub(super) fn values(&self) -> Vec<Value> {
        let id = self.resource_ids.first().map_or("", String::as_str);
        let part = |kind: &str| after(id, kind);
        let path = |path: &PathBuf| path.display().to_string();
        vec![
            ("endpoint", "ARMTAPE_ENDPOINT", self.endpoint.clone()),
            ("url", "ARMTAPE_URL", self.url()),
            ("resource-id", "ARMTAPE_RESOURCE_ID", self.resource_ids.join(",")),
            ("name", "ARMTAPE_NAME", self.name()),
            ("api-version", "ARMTAPE_API_VERSION", self.api_version.clone()),
            ("subscription", "ARMTAPE_SUBSCRIPTION", part("subscriptions")),
            ("resource-group", "ARMTAPE_RESOURCE_GROUP", part("resourceGroups")),
            ("hub", "ARMTAPE_HUB", part("hubs")),
            ("profile", "ARMTAPE_PROFILE", part("profiles")),
            ("body", "ARMTAPE_BODY_FILE", path(&self.body_file)),
            ("operation", "ARMTAPE_OPERATION", self.operation.to_string()),
            ("resume", "ARMTAPE_RESUME", self.resume_file.as_ref().map(path).unwrap_or_default()),
            ("trusted-hosts", "ARMTAPE_TRUSTED_HOSTS", self.trusted_hosts.join(",")),
            ("interval", "ARMTAPE_INTERVAL", seconds(self.interval)),
            ("timeout", "ARMTAPE_TIMEOUT", self.timeout.map(seconds).unwrap_or_default()),
            ("workdir", "ARMTAPE_WORKDIR", path(&self.workdir)),
            ("ca", "ARMTAPE_CA", path(&self.ca_file)),
        ]
    }

    /// For a worker: one line of JSON. The body is in it as it is to be sent, if it is JSON.
    pub(super) fn line(&self) -> String {
        let mut job = json!({
            "case": self.case,
            "operation": self.operation.to_string(),
            "endpoint": self.endpoint,
            "url": self.url(),
            "resource_id": self.resource_ids.first(),
            "resource_ids": self.resource_ids,
            "name": self.name(),
            "api_version": self.api_version,
            "body_file": self.body_file,
            "resume": self.resume,
            "trusted_hosts": self.trusted_hosts,
            "interval": self.interval.as_secs_f64(),
            "timeout": self.timeout.map(|timeout| timeout.as_secs_f64()),
            "workdir": self.workdir,
            "ca": self.ca_file,
            "proxy": self.proxy,
        });
        let text = std::str::from_utf8(&self.body).ok();
        // A text that is on one line in JSON is so with its line ends left out.
        let raw = text.and_then(|text| serde_json::from_str::<Box<RawValue>>(text).ok());
        match (self.body.is_empty(), raw) {
            (true, _) => job["body"] = Json::Null,
            (false, None) => job["body_base64"] = STANDARD.encode(&self.body).into(),
            (false, Some(raw)) => {
                let line = job.to_string();
                let body: String = raw.get().chars().filter(|letter| !matches!(letter, '\n' | '\r')).collect();
                return format!("{},\"body\":{body}}}", &line[..line.len() - 1]);
            }
        }
        job.to_string()
    }
}

fn seconds(duration: Duration) -> String {
    duration.as_secs_f64().to_string()
}

/// What follows `kind` in a resource id.
fn after(id: &str, kind: &str) -> String {
    let mut words = id.split('/').skip_while(|word| !word.eq_ignore_ascii_case(kind));
    words.nth(1).unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::check) fn job(body: &'static [u8]) -> Job {
        Job {
            case: "SC-001".to_owned(),
            endpoint: "https://127.0.0.1:1".to_owned(),
            proxy: String::new(),
            ca: String::new(),
            ca_file: PathBuf::new(),
            operation: Operation::Put,
            resource_ids: vec!["/subscriptions/s/resourceGroups/g/providers/P.Q/hubs/h/profiles/p".to_owned()],
            api_version: "1".to_owned(),
            body: Bytes::from_static(body),
            body_file: PathBuf::new(),
            resume: None,
            resume_file: None,
            trusted_hosts: Vec::new(),
            interval: Duration::from_millis(500),
            timeout: None,
            workdir: PathBuf::new(),
        }
    }

    #[test]
    fn a_line_has_the_body_in_its_own_spelling() {
        let line = job(b"{\n \"a\": 1.50,\r\n \"a\": 1e400}").line();
        assert!(!line.contains('\n') && line.ends_with(r#""body":{ "a": 1.50, "a": 1e400}}"#), "{line}");
        let line: Json = serde_json::from_str(&job(b"\xff{").line()).unwrap();
        assert_eq!((&line["body_base64"], line.get("body")), (&json!("/3s="), None));
        assert_eq!(serde_json::from_str::<Json>(&job(b"").line()).unwrap()["body"], Json::Null);
    }

    #[test]
    fn placeholders_are_parts_of_the_resource() {
        let values = job(b"{}").values();
        assert_eq!(values.iter().map(|value| value.0).collect::<Vec<_>>(), PLACEHOLDERS);
        let value = |name: &str| values.iter().find(|value| value.0 == name).unwrap().2.as_str();
        assert_eq!(["name", "hub", "profile", "interval", "timeout"].map(value), ["p", "h", "p", "0.5", ""]);
    }
}
