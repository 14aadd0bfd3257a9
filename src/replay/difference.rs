//! In what a request differs from one on the tape.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use super::{
    key::{Asked, changes},
    meaning::same,
    rules::Rules,
};
use crate::{
    arm::{Target, authority_key},
    cassette::{Interaction, Places, Request, member},
};

/// One point in which a request differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub at: At,
    /// What stands there on the tape; `None`: nothing.
    pub taped: Option<String>,
    /// What stands there in the request; `None`: nothing.
    pub asked: Option<String>,
}

/// Where a request differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The method.
    Method,
    /// The host.
    Host,
    /// The path as a whole, or a part of it with the one before.
    Path,
    /// A query parameter.
    Query(String),
    /// A header that counts.
    Header(String),
    /// A place in the JSON body.
    Body(String),
    /// The body as a whole, which is no JSON.
    Bytes,
}

impl Difference {
    /// The texts of a value that the tape and the request have at the same place beside the path.
    pub(super) fn values(&self) -> Option<[Cow<'_, str>; 2]> {
        let [Some(taped), Some(asked)] = [&self.taped, &self.asked] else { return None };
        match self.at {
            At::Query(_) | At::Header(_) => Some([taped, asked].map(|text| Cow::Borrowed(text.as_str()))),
            At::Body(_) => {
                let [Ok(taped), Ok(asked)] = [taped, asked].map(|text| serde_json::from_str(text)) else { return None };
                Some([Cow::Owned(taped), Cow::Owned(asked)])
            }
            At::Method | At::Host | At::Path | At::Bytes => None,
        }
    }
}

/// All differences that count.
pub(super) fn differences(rules: &Rules, interaction: &Interaction, asked: &Asked<'_>) -> Vec<Difference> {
    let mut found = lines(rules, &interaction.request, asked);
    let request = &interaction.request;
    let taped = request.body.bytes().unwrap_or_default();
    // Of methods of which one has no body, that is no news.
    let both = !taped.is_empty() && !asked.body.is_empty();
    if changes(asked.method) && !interaction.lacks_request_body() && (both || request.method == asked.method) {
        bodies(rules, &taped, asked.body, &mut found);
    }
    found
}

/// Those outside of the body, which cost little to find.
pub(super) fn lines(rules: &Rules, request: &Request, asked: &Asked<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |at, taped: Option<&str>, asked: Option<&str>| {
        if taped != asked {
            found.push(Difference { at, taped: taped.map(str::to_owned), asked: asked.map(str::to_owned) });
        }
    };
    differ(At::Method, Some(&request.method), Some(asked.method));
    if let (Some(sent), Some(taped)) = (asked.host, &request.authority) {
        differ(At::Host, Some(&authority_key(request.scheme.as_deref(), taped)), Some(sent));
    }
    let (taped, sent) = (Target::parse(&request.target), Target::parse(asked.target));
    if taped.path_key() != sent.path_key() {
        for (taped, sent) in parts(taped.path(), sent.path()) {
            differ(At::Path, Some(&taped), Some(&sent));
        }
    }
    let (taped, sent) = (taped.query_key(), sent.query_key());
    let value = |query: &[(String, String)], wanted: &str| {
        let values: Vec<_> = query.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let mut names: Vec<&str> = taped.iter().chain(&sent).map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| !rules.ignore_query.iter().any(|ignored| ignored == name)) {
        let (taped, sent) = (value(&taped, name), value(&sent, name));
        differ(At::Query(name.to_owned()), taped.as_deref(), sent.as_deref());
    }
    for name in &rules.headers {
        let [taped, sent] = [&request.headers, &asked.headers].map(|headers| {
            let values = headers.get_all(name.as_str());
            (!values.is_empty()).then(|| values.join(", "))
        });
        differ(At::Header(name.to_string()), taped.as_deref(), sent.as_deref());
    }
    found
}

/// The parts that differ, each with the one before, which says what it is the name of; the whole
/// paths, where they have not the same number of parts or little in common.
fn parts(taped: &str, asked: &str) -> Vec<(String, String)> {
    const MOST: usize = 3;
    let split = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (left, right) = (split(taped), split(asked));
    let places = left.iter().zip(&right).enumerate();
    let differing: Vec<usize> =
        places.filter(|(_, (left, right))| !left.eq_ignore_ascii_case(right)).map(|(place, _)| place).collect();
    if left.len() != right.len() || differing.is_empty() || differing.len() > MOST {
        return vec![(taped.to_owned(), asked.to_owned())];
    }
    let with_kind = |parts: &[String], place: usize| parts[place.saturating_sub(1)..=place].join("/");
    differing.into_iter().map(|place| (with_kind(&left, place), with_kind(&right, place))).collect()
}

fn bodies(rules: &Rules, taped: &[u8], sent: &[u8], found: &mut Vec<Difference>) {
    let Some(places) = Places::start(&rules.ignore_body) else { return };
    match (serde_json::from_slice::<Value>(taped), serde_json::from_slice::<Value>(sent)) {
        (Ok(taped), Ok(sent)) => values("$", Some(&taped), Some(&sent), &places, found),
        _ if taped != sent => {
            let size = |body: &[u8]| (!body.is_empty()).then(|| format!("{} bytes", body.len()));
            found.push(Difference { at: At::Bytes, taped: size(taped), asked: size(sent) });
        }
        _ => {}
    }
}

/// Differences by JSON path. `places` is where the values stand.
fn values(path: &str, taped: Option<&Value>, sent: Option<&Value>, places: &Places<'_>, found: &mut Vec<Difference>) {
    match (taped, sent) {
        (Some(Value::Object(taped)), Some(Value::Object(sent))) => {
            let new = sent.keys().filter(|name| !taped.contains_key(*name));
            for name in taped.keys().chain(new) {
                if let Some(places) = places.member(name) {
                    values(&member(path, name), taped.get(name), sent.get(name), &places, found);
                }
            }
        }
        (Some(Value::Array(taped)), Some(Value::Array(sent))) => {
            for place in 0..taped.len().max(sent.len()) {
                if let Some(places) = places.item(place) {
                    values(&format!("{path}[{place}]"), taped.get(place), sent.get(place), &places, found);
                }
            }
        }
        (Some(taped), Some(sent)) if same(taped, sent) => {}
        _ => found.push(Difference {
            at: At::Body(path.to_owned()),
            taped: taped.map(Value::to_string),
            asked: sent.map(Value::to_string),
        }),
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("method"),
            Self::Host => f.write_str("host"),
            Self::Path => f.write_str("path"),
            Self::Query(name) => write!(f, "query `{name}`"),
            Self::Header(name) => write!(f, "header `{name}`"),
            Self::Body(path) => write!(f, "body `{path}`"),
            Self::Bytes => f.write_str("body"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at)?;
        match (&self.taped, &self.asked) {
            (Some(taped), Some(asked)) => {
                write!(f, "the tape has {}, the client sent {}", short(taped), short(asked))?;
                if taped.eq_ignore_ascii_case(asked) {
                    f.write_str(" (only upper and lower case differ)")?;
                }
                Ok(())
            }
            (Some(taped), None) => write!(f, "the tape has {}, the client sent none", short(taped)),
            (None, asked) => write!(f, "the tape has none, the client sent {}", short(asked.as_deref().unwrap_or(""))),
        }
    }
}

/// As much of a value as helps.
fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
