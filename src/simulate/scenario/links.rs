//! The URLs that a service hands out, and whether they come back as they went.

use http::Uri;

use super::{
    alike::{LIKE, alike, filled},
    answer::{Form, Link, LinkHeader},
    model::Target,
    subject::Subject,
};
use crate::arm;

/// Where the hosts of a case are: scheme and authority, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The service.
    pub own: String,
    /// Another host.
    pub second: String,
    /// The service without TLS.
    pub plain: String,
}

impl Places {
    /// The host of a place, without scheme.
    #[must_use]
    pub fn host(place: &str) -> &str {
        place.split_once("://").map_or(place, |(_, host)| host)
    }
}

impl Default for Places {
    fn default() -> Self {
        Self {
            own: "https://management.azure.com".to_owned(),
            second: "https://second.armtape.example".to_owned(),
            plain: "http://management.azure.com".to_owned(),
        }
    }
}

/// Where a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the service.
    Own,
    /// At the second host.
    Second,
    /// At the service without TLS.
    Plain,
    /// At an address of a private network, in its name.
    Private,
}

/// Whether a URL came back as it was handed out (LRO-C-16, LRO-C-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fidelity {
    /// Byte for byte, but for the case of hex digits.
    Exact,
    /// With another api-version, or one more or less.
    Version,
    /// Otherwise changed.
    Altered,
    /// It was not handed out: the resource, a look-up.
    Own,
}

/// A URL that was handed out.
#[derive(Clone, Debug)]
pub(super) struct Minted {
    pub(super) link: Link,
    pub(super) target: Target,
    pub(super) url: String,
    place: Place,
    mark: Mark,
}

/// By what a URL is known when it comes back changed.
#[derive(Clone, Debug)]
enum Mark {
    /// What no other operation's URL contains, in lower case.
    Token(String),
    /// The path as it is compared: one of a tape without an id of its own.
    Path(String),
}

/// Shorter values stand in other URLs, too.
const SHORTEST_MARK: usize = 8;

/// A private address that a public service has no reason to name (SC-194).
pub const PRIVATE: &str = "169.254.169.254";

impl Minted {
    /// Mints the URL of a link; `token` is what no other URL contains. `None` for a link to what
    /// isn't minted: the resource, or no URL at all.
    pub(super) fn new(link: Link, subject: &Subject, places: &Places, token: String) -> Self {
        let (target, place) = leads_to(link);
        let url = text(link, subject, places, &token);
        Self { link, target, url, place, mark: Mark::Token(token) }
    }

    /// The URL of a tape, with this run's host, and with ids and signatures drawn by `salt`.
    pub(super) fn taped(link: Link, template: &str, places: &Places, salt: &str) -> Self {
        let (target, place) = leads_to(link);
        let template = match template.strip_prefix("${own}") {
            // A port that is spelled out stays where the host has none of its own.
            Some(rest) if Places::host(&places.own).contains(':') => {
                format!("${{own}}{}", rest.strip_prefix(":443").unwrap_or(rest))
            }
            _ => template.to_owned(),
        };
        let path = target_of(&template).split('?').next().unwrap_or_default();
        let mut ids = Vec::new();
        let url = filled(&template, |placeholder| {
            let value = match placeholder {
                "own" => return Some(places.own.as_str().into()),
                "dollar" => return Some("$".into()),
                other => other.strip_prefix(LIKE)?,
            };
            let fresh = alike(value, salt);
            if path.contains(value) {
                ids.push(fresh.to_ascii_lowercase());
            }
            Some(fresh.into())
        });
        let longest = ids.into_iter().max_by_key(String::len).filter(|id| id.len() >= SHORTEST_MARK);
        let mark = longest.map_or_else(|| Mark::Path(arm::Target::parse(target_of(&url)).path_key()), Mark::Token);
        Self { link, target, url, place, mark }
    }

    /// Whether a request that came to `place` asks for this URL, and how well it kept it.
    pub(super) fn recognize(&self, place: Place, uri: &Uri) -> Option<Fidelity> {
        let raw = uri.path_and_query().map_or("", |raw| raw.as_str());
        let upgraded = self.place == Place::Plain && place == Place::Own;
        let is_known = || match &self.mark {
            Mark::Token(token) => raw.to_ascii_lowercase().contains(token),
            Mark::Path(path) => arm::Target::parse(raw).path_key() == *path,
        };
        // What is no web address has no answer here, wherever a client takes it.
        let is_web = !matches!(self.link.form, Form::File | Form::Ftp);
        if !(place == self.place || upgraded) || !is_web || !is_known() {
            return None;
        }
        // Hex digits may change their case: it is the same URL (LRO-C-16).
        let (raw, handed_out) = (&with_capital_escapes(raw), &with_capital_escapes(target_of(&self.url)));
        Some(if raw == handed_out {
            Fidelity::Exact
        } else if without_version(raw) == without_version(handed_out) {
            Fidelity::Version
        } else {
            Fidelity::Altered
        })
    }

    /// Whether `uri` has the path of this URL, as paths are compared. Two URLs of a tape may have one id.
    pub(super) fn has_path(&self, uri: &Uri) -> bool {
        arm::Target::parse(uri.path()).path_key() == arm::Target::parse(target_of(&self.url)).path_key()
    }

    /// Whether `uri` has the api-version of this URL.
    pub(super) fn keeps_version(&self, uri: &Uri) -> bool {
        version(uri.query().unwrap_or_default()) == version(self.url.split_once('?').map_or("", |(_, query)| query))
    }
}

/// Where a link leads: the target, and the place of its host.
fn leads_to(link: Link) -> (Target, Place) {
    match (link.form, link.header) {
        (Form::Second, _) => (Target::SecondHost, Place::Second),
        (Form::Http, _) => (Target::PlainListener, Place::Plain),
        (Form::Moved, _) => (Target::Moved, Place::Own),
        (Form::Private, _) => (Target::Decoy, Place::Private),
        (Form::Userinfo | Form::File | Form::Ftp | Form::Text, _) => (Target::Decoy, Place::Own),
        (Form::Resource, _) => (Target::Resource, Place::Own),
        (Form::Next, LinkHeader::Result) => (Target::NextResult, Place::Own),
        (Form::Next, _) => (Target::NextMonitor, Place::Own),
        (_, LinkHeader::Monitor) => (Target::Monitor, Place::Own),
        (_, LinkHeader::Result) => (Target::Result, Place::Own),
        (_, LinkHeader::OperationLocation) => (Target::OperationLocation, Place::Own),
    }
}

/// A version that nobody's write uses.
const OTHER_VERSION: &str = "2016-02-29";

fn text(link: Link, subject: &Subject, places: &Places, token: &str) -> String {
    let Places { own, second, plain } = places;
    let (subscription, namespace) = subject.scope();
    let kind = match link.header {
        LinkHeader::Result => "operationResults",
        LinkHeader::Monitor | LinkHeader::OperationLocation => "operationStatuses",
    };
    let path = format!("{subscription}/providers/{namespace}/locations/westeurope/{kind}/{token}");
    let version = format!("api-version={}", subject.api_version);
    let host = Places::host(own);
    match link.form {
        Form::Plain | Form::Next | Form::Moved => format!("{own}{path}?{version}"),
        Form::Signed => {
            format!(
                "{own}{path}*9F3B;rev=1?{version}&t=638421&c=MIIHhz-CBm&s=a_-b~{token}&h=x%2By%2f~&asyncId=&p=1&p=2"
            )
        }
        Form::OtherVersion => format!("{own}{path}?api-version={OTHER_VERSION}"),
        Form::Bare => format!("{own}{path}?monitor=true"),
        Form::Long(length) => {
            let start = format!("{own}{path}?{version}&c=");
            let rest = length.saturating_sub(start.len());
            format!("{start}{}", "MIIb-_".chars().cycle().take(rest).collect::<String>())
        }
        Form::Relative => format!("{path}?{version}"),
        Form::Port => format!("{own}:443{path}?{version}"),
        Form::Second => format!("{second}{path}?{version}"),
        Form::Http => format!("{plain}{path}?{version}"),
        Form::Resource => format!("{own}{}?{version}", subject.id),
        Form::File => "file:///etc/hosts".to_owned(),
        Form::Ftp => format!("ftp://{host}{path}"),
        Form::Userinfo => format!("https://user:secret@{host}{path}?{version}"),
        Form::Private => format!("https://{PRIVATE}{path}?{version}"),
        Form::Text => "not a url".to_owned(),
    }
}

/// Path and query of a URL as it is written in an answer.
fn target_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    &rest[rest.find('/').unwrap_or(rest.len())..]
}

fn is_version(pair: &str) -> bool {
    pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("api-version"))
}

fn version(query: &str) -> Option<&str> {
    query.split('&').find(|pair| is_version(pair))
}

/// The text with the hex digits of its escapes in capitals.
fn with_capital_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut capital = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let escape = part.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let length = escape.map_or(0, str::len);
        capital.push('%');
        capital.push_str(&part[..length].to_ascii_uppercase());
        capital.push_str(&part[length..]);
    }
    capital
}

fn without_version(target: &str) -> (&str, Vec<&str>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path, query.split('&').filter(|pair| !pair.is_empty() && !is_version(pair)).collect())
}
