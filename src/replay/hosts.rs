//! The hosts of a tape: the service behind armtape's own endpoint, and those beside it.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::needles::{Needles, Where};
use crate::{
    arm::{Operation, Url, authority_key},
    cassette::{Interaction, Response},
};

/// Scheme and authority.
pub(super) type Service = (String, String);

/// The hosts of a tape.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// The service behind armtape's own endpoint, in the tape's words.
    pub(super) own: Option<Service>,
    /// The same, as it is compared.
    pub(super) own_key: Option<String>,
    /// The services beside it to which its answers lead.
    pub(super) foreign: BTreeSet<Service>,
    /// All of them, and those of all requests, without ports: those that are served.
    pub(super) names: Vec<String>,
}

impl Hosts {
    pub(super) fn of(interactions: &[Interaction], operations: &[Operation]) -> Self {
        let own = own(interactions, operations);
        let own_key = own.as_ref().map(|(scheme, authority)| authority_key(Some(scheme), authority));
        let mut foreign: BTreeSet<Service> = operations
            .iter()
            .flat_map(|operation| &operation.urls)
            .filter_map(|url| service(url))
            .chain(interactions.iter().filter_map(|interaction| next_page(interaction.response.as_ref()?)))
            .collect();
        foreign.extend(asked_and_named(interactions));
        let mut names: HashSet<&str> = foreign.iter().map(|(_, authority)| authority.as_str()).collect();
        let requests: Vec<String> = interactions.iter().filter_map(host_of).collect();
        names.extend(requests.iter().map(String::as_str));
        let mut names: Vec<String> = names.into_iter().map(|name| without_port(name).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        foreign.retain(|(_, authority)| Some(authority) != own_key.as_ref());
        Self { own, own_key, foreign, names }
    }
}

/// Of a request, as it is compared.
pub(super) fn host_of(interaction: &Interaction) -> Option<String> {
    let request = &interaction.request;
    request.authority.as_deref().map(|authority| authority_key(request.scheme.as_deref(), authority))
}

/// The host of the first accepted write, else of the first request; of a recording that lost its
/// hosts, the one that its polling URLs name.
fn own(interactions: &[Interaction], operations: &[Operation]) -> Option<Service> {
    let write = operations.first().and_then(|operation| operation.write);
    let request = write.or((!interactions.is_empty()).then_some(0)).map(|number| &interactions[number].request)?;
    if let Some(authority) = &request.authority {
        return Some((request.scheme.clone().unwrap_or_else(|| "https".to_owned()), authority.clone()));
    }
    let urls = operations.iter().flat_map(|operation| &operation.urls);
    urls.filter_map(|url| Url::parse(url)).next().map(|url| (url.scheme, url.authority))
}

fn service(url: &str) -> Option<Service> {
    Url::parse(url).map(|url| (url.scheme.clone(), url.authority_key()))
}

/// Where a list goes on: the client is to ask there, whether the recorded one did or not.
fn next_page(response: &Response) -> Option<Service> {
    const NEXT: &[&str] = &["nextLink", "@odata.nextLink"];
    let body = response.body.bytes().unwrap_or_default();
    // Most bodies are no lists, and need not be read for that.
    memchr::memmem::find(&body, b"nextLink")?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    NEXT.iter().find_map(|name| service(body.get(name)?.as_str()?))
}

/// The hosts that the recorded client asked and that an answer names: it was led there. A host that is
/// named and that nobody asked is left alone: to swap it would change what a resource says.
fn asked_and_named(interactions: &[Interaction]) -> Vec<Service> {
    let asked: BTreeSet<Service> = interactions
        .iter()
        .filter_map(|interaction| {
            let scheme = interaction.request.scheme.clone().unwrap_or_else(|| "https".to_owned());
            Some((scheme, host_of(interaction)?))
        })
        .collect();
    if asked.len() < 2 {
        return Vec::new();
    }
    let asked: Vec<Service> = asked.into_iter().collect();
    let prefixes: Vec<String> = asked.iter().map(|(scheme, authority)| format!("{scheme}://{authority}")).collect();
    let texts = prefixes.iter().enumerate().map(|(number, prefix)| (number, prefix.as_str(), Where::Word));
    let needles = Needles::new(texts);
    let mut named = BTreeSet::new();
    for response in interactions.iter().filter_map(|interaction| interaction.response.as_ref()) {
        let body = response.body.bytes().unwrap_or_default();
        named.extend(needles.spots(&body).map(|spot| spot.number));
        for value in response.headers.iter().flat_map(|(_, values)| values) {
            named.extend(needles.spots(value.as_bytes()).map(|spot| spot.number));
        }
    }
    named.into_iter().map(|number| asked[number].clone()).collect()
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::tests::interaction;

    fn foreign(answers: &[(&str, &str)]) -> Vec<String> {
        let read = |(host, answer): &(&str, &str)| {
            let mut read = interaction("GET", "/x?api-version=1", "", 200, &[], answer);
            read.request.authority = Some((*host).to_owned());
            read
        };
        let interactions: Vec<Interaction> = answers.iter().map(read).collect();
        Hosts::of(&interactions, &[]).foreign.into_iter().map(|(scheme, host)| format!("{scheme}://{host}")).collect()
    }

    #[test]
    fn where_a_list_goes_on() {
        let next = |name: &str| format!(r#"{{"value":[],"{name}":"https://East.example.net:443/x?page=2"}}"#);
        for name in ["nextLink", "@odata.nextLink"] {
            assert_eq!(foreign(&[("own.example", &next(name))]), ["https://east.example.net"], "{name}");
        }
        assert_eq!(foreign(&[("own.example", r#"{"nextLink":"https://own.example/x?page=2"}"#)]), [""; 0]);
        assert_eq!(foreign(&[("own.example", r#"{"nextLink":""}"#), ("own.example", "nextLink")]), [""; 0]);
    }

    #[test]
    fn what_was_named_and_asked() {
        let named = r#"{"upload":"https://blobs.example/c?sig=1","docs":"https://docs.example/"}"#;
        assert_eq!(foreign(&[("own.example", named)]), [""; 0], "nobody asked there");
        assert_eq!(foreign(&[("own.example", named), ("blobs.example", "")]), ["https://blobs.example"]);
        assert_eq!(foreign(&[("own.example", "{}"), ("blobs.example", "")]), [""; 0], "its client knew it already");
    }
}
