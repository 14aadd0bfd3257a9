//! The notation of the scripts.
//!
//! One line a target: `NAME: REPLY | REPLY …`. The first line is the write; before it a line
//! `with KEY=VALUE …` may change the settings. A reply is a status, `reset` or `stall`, and any of
//!
//! | word | meaning |
//! | --- | --- |
//! | `{WORD}` | a body with that state; `{-}` with none |
//! | `!CODE` | an error with that code in the body |
//! | `+AAO` `+LOC=AAO2` `+LOC=text` | a polling header, with a target's URL or that text |
//! | `RA=text` | `Retry-After`, `_` for a blank |
//! | `name:value` | any other header |
//! | `x3` `…` | three times; for ever |
//! | `body=…` | the rest of the reply is the body |

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri};
use serde_json::json;

use super::super::*;

const RESOURCE: &str = "https://management.azure.com/subscriptions/s/widgets/w?api-version=2024-01-01";

/// Targets and their URLs. A request that differs in one byte from these has no name.
const TARGETS: [(&str, &str); 13] = [
    ("RES", RESOURCE),
    ("AAO", "https://management.azure.com/ops/a*B0;rev=1?t=63&c=MII&s=a_-b~&h=x%2By%2f&p=&p=1&api-version=2020-01-01"),
    ("AAO2", "https://management.azure.com/ops/a2?api-version=2020-01-01"),
    ("BARE", "https://management.azure.com/ops/bare"),
    ("BARE+", "https://management.azure.com/ops/bare?api-version=2024-01-01"),
    ("PORT", "https://management.azure.com:443/ops/port"),
    ("OPL", "https://management.azure.com/ops/opl"),
    ("LOC", "https://management.azure.com/results/1;rev=1?asyncId=1&monitor=true"),
    ("LOC2", "https://management.azure.com/results/2"),
    ("SELF", "https://management.azure.com/subscriptions/s/widgets/W?api-version=2024-01-01"),
    ("FAR", "https://far.example/ops/1"),
    ("SECOND", "https://second.example/ops/1"),
    ("REL", "https://management.azure.com/ops/rel?x=1"),
];

pub(super) fn name(uri: &Uri) -> String {
    let uri = uri.to_string();
    TARGETS.iter().find(|(_, url)| *url == uri).map_or(uri, |(name, _)| (*name).to_owned())
}

pub(super) struct Reply {
    /// Nothing for a connection that breaks.
    pub(super) response: Option<Response<Bytes>>,
    pub(super) after: Duration,
}

impl Reply {
    pub(super) fn now(response: Response<Bytes>) -> Self {
        Self { response: Some(response), after: Duration::ZERO }
    }
}

pub(super) struct Script {
    with: HashMap<String, String>,
    method: Method,
    /// Replies in order, and whether the last one repeats.
    replies: HashMap<String, VecDeque<(String, bool)>>,
}

impl Script {
    pub(super) fn parse(text: &str) -> Self {
        let mut script = Self { with: HashMap::new(), method: Method::PUT, replies: HashMap::new() };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        for line in lines {
            if let Some(with) = line.strip_prefix("with ") {
                let pairs = with.split(' ').map(|pair| pair.split_once('=').unwrap());
                script.with = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
                continue;
            }
            let (name, replies) = line.split_once(": ").unwrap_or_else(|| panic!("no target in {line:?}"));
            if ["PUT", "PATCH", "POST", "DELETE"].contains(&name) {
                script.method = name.parse().unwrap();
            }
            for reply in replies.split(" | ") {
                script.add(name, reply);
            }
        }
        script
    }

    fn add(&mut self, name: &str, reply: &str) {
        let queue = self.replies.entry(name.to_owned()).or_default();
        let count = reply.split(' ').find_map(|word| word.strip_prefix('x')?.parse().ok()).unwrap_or(1);
        let forever = reply.split(' ').any(|word| word == "…");
        queue.extend(std::iter::repeat_n((reply.to_owned(), forever), count));
    }

    pub(super) fn operation(&self) -> Operation {
        let with = |key: &str| self.with.get(key).map(String::as_str);
        let seconds = |key: &str| with(key).map(|value| Duration::from_secs_f64(value.parse().unwrap()));
        let settings = Settings {
            default_interval: seconds("interval").unwrap_or(Duration::from_secs(3)),
            timeout: seconds("timeout"),
            trusted_hosts: vec!["second.example".to_owned()],
            result: match with("result") {
                None => ResultAt::ByMethod,
                Some("location") => ResultAt::Location,
                Some("status") => ResultAt::Status,
                Some(other) => panic!("{other}"),
            },
            renews_token: self.tokens().can_renew(),
            started: Some("2026-02-03T10:00:00Z".parse().unwrap()),
        };
        let body = Bytes::from_static(b"{}");
        let headers = HeaderMap::from_iter([("if-match".parse().unwrap(), "*".parse().unwrap())]);
        let write = Write { method: self.method.clone(), url: RESOURCE.to_owned(), body, headers };
        match with("resume") {
            Some(target) => Operation::resume(write, url(target), settings).unwrap(),
            None => Operation::new(write, settings).unwrap(),
        }
    }

    pub(super) fn tokens(&self) -> Tokens {
        if self.with.contains_key("token") {
            return Tokens::fixed("t1").unwrap();
        }
        Tokens::client(ClientCredentials {
            authority: AUTHORITY.to_owned(),
            tenant: "t".to_owned(),
            client_id: "c".to_owned(),
            client_secret: "s".to_owned(),
            scope: SCOPE.to_owned(),
        })
    }

    /// The reply to a request. One that the script doesn't foresee fails the test through its code.
    pub(super) fn next(&mut self, name: &str) -> Reply {
        let queue = self.replies.entry(name.to_owned()).or_default();
        let (reply, forever) = queue.pop_front().unwrap_or_else(|| ("418 !Unforeseen".to_owned(), false));
        if forever {
            queue.push_front((reply.clone(), true));
        }
        make(name, &reply)
    }
}

fn url(target: &str) -> &str {
    TARGETS.iter().find(|(name, _)| *name == target).map_or(target, |(_, url)| url)
}

fn make(target: &str, reply: &str) -> Reply {
    let (reply, raw) = reply.split_once("body=").map_or((reply, None), |(reply, body)| (reply, Some(body)));
    let mut words = reply.split(' ').filter(|word| !word.is_empty());
    let status = match words.next().unwrap() {
        "reset" => return Reply { response: None, after: Duration::ZERO },
        "stall" => return Reply { response: None, after: Duration::from_secs(20) },
        status => status.parse::<u16>().unwrap_or_else(|_| panic!("no status in {reply:?}")),
    };
    let mut response = Response::builder().status(status);
    let (mut state, mut code, mut after) = (None, None, 0);
    for word in words {
        if let Some(word) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            state = Some(word);
        } else if let Some(word) = word.strip_prefix('!') {
            code = Some(word);
        } else if let Some(link) = word.strip_prefix('+') {
            let (header, value) = link.split_once('=').unwrap_or((link, link));
            let header = match &header[..3] {
                "AAO" => "Azure-AsyncOperation",
                "LOC" => "Location",
                "OPL" => "Operation-Location",
                other => panic!("{other}"),
            };
            response = response.header(header, url(&value.replace('_', if value == "not_a_url" { " " } else { "_" })));
        } else if let Some(value) = word.strip_prefix("RA=") {
            response = response.header("Retry-After", value.replace('_', " "));
        } else if let Some(value) = word.strip_prefix("slow=") {
            after = value.parse().unwrap();
        } else if let Some((name, value)) = word.split_once(':') {
            response = response.header(name, value);
        } else {
            assert!(word == "…" || word.starts_with('x'), "{word:?}");
        }
    }
    let body = raw.map(str::to_owned).unwrap_or_else(|| body(target, status, state, code));
    Reply { response: Some(response.body(body.into()).unwrap()), after: Duration::from_secs(after) }
}

fn body(target: &str, status: u16, state: Option<&str>, code: Option<&str>) -> String {
    let error = code.map(|code| json!({ "code": code, "message": "what happened", "details": [{ "code": "Inner" }] }));
    let monitor = !matches!(target, "PUT" | "PATCH" | "POST" | "DELETE" | "RES" | "SELF" | "LOC" | "LOC2");
    let mut body = match (state, monitor) {
        (None, _) if status < 400 || error.is_none() => return String::new(),
        (None, _) => json!({}),
        (Some(word), true) => json!({ "name": target, "status": word, "properties": { "name": "PROPERTIES" } }),
        (Some("-"), false) => json!({ "name": target, "type": "widgets", "properties": {} }),
        (Some(word), false) => {
            json!({ "name": target, "type": "widgets", "properties": { "provisioningState": word } })
        }
    };
    if let Some(error) = error {
        body["error"] = error;
    }
    body.to_string()
}
