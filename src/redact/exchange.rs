//! From an exchange to its interaction, and the places of an interaction in their order.

use super::{
    body::body,
    kept::{auth, kept},
    raw::{RawExchange, RawResponse},
    walk::Walk,
};
use crate::{
    arm::POLLING_HEADERS,
    cassette::{Body, Headers, Interaction, Origin, Request, Response},
};

/// The exchange as an interaction, with everything in it. Only `redact` ever holds one.
pub(crate) fn interaction(raw: RawExchange) -> Interaction {
    let mut notes = raw.notes;
    let request_headers = raw.request_headers.into_inner();
    let kept_of_request = kept(&request_headers, "request", &mut notes);
    let response = raw.response.map(|RawResponse { status, headers, body }| Response {
        status,
        headers: kept(&headers.into_inner(), "response", &mut notes),
        body: Body::from_bytes(body.into_inner()),
    });
    Interaction {
        request: Request {
            method: raw.method,
            target: raw.target.into_inner(),
            scheme: Some(raw.scheme.to_owned()),
            authority: Some(raw.authority.into_inner()),
            version: Some(raw.version.to_owned()),
            auth: auth(&request_headers),
            headers: kept_of_request,
            body: Body::from_bytes(raw.request_body.into_inner()),
        },
        response,
        completion: raw.completion,
        connection: Some(raw.connection),
        times: Some(raw.times),
        provenance: None,
        notes,
    }
}

/// Walks over everything in an interaction: the request before the answer, the head before the body.
pub(super) fn walk(walk: &mut Walk<'_>, interaction: &mut Interaction, header: HeaderRule) {
    let Interaction { request, response, notes, .. } = interaction;
    walk.side(Origin::Request);
    let lists_keys = lists_keys(&request.method, &request.target);
    walk.of_secret = is_of_secret(&request.target);
    walk.at("request", |walk| {
        if let Some(new) = walk.at("target", |walk| walk.text(None, &request.target)) {
            request.target = new;
        }
        if let Some(authority) = &mut request.authority
            && let Some(new) = walk.at("authority", |walk| walk.text(None, authority))
        {
            *authority = new;
        }
        headers(walk, &mut request.headers, header);
        let note = walk.at("body", |walk| body(walk, &mut request.body));
        notes.extend(note.map(|note| format!("request body {note}")));
    });
    let Some(response) = response else { return };
    walk.side(Origin::Answer);
    walk.at("response", |walk| {
        headers(walk, &mut response.headers, header);
        walk.lists_keys = lists_keys;
        let note = walk.at("body", |walk| body(walk, &mut response.body));
        (walk.lists_keys, walk.of_secret) = (false, false);
        notes.extend(note.map(|note| format!("response body {note}")));
    });
}

/// Walks over the bodies of an interaction alone: ids of operations in URLs are random, too.
pub(super) fn walk_bodies(walk: &mut Walk<'_>, interaction: &mut Interaction) {
    let Interaction { request, response, .. } = interaction;
    walk.side(Origin::Request);
    walk.at("request", |walk| walk.at("body", |walk| body(walk, &mut request.body)));
    let Some(response) = response else { return };
    walk.side(Origin::Answer);
    walk.at("response", |walk| walk.at("body", |walk| body(walk, &mut response.body)));
}

/// The rule by which the whole value of a header is replaced.
pub(super) type HeaderRule<'a> = &'a dyn Fn(&str) -> Option<usize>;

fn headers(walk: &mut Walk<'_>, headers: &mut Headers, rule: HeaderRule) {
    let mut changed = Vec::new();
    for (name, values) in headers.iter() {
        let mut news = Vec::with_capacity(values.len());
        let mut is_changed = false;
        walk.polling = POLLING_HEADERS.contains(&name);
        for value in values {
            let new = walk.at("headers", |walk| {
                walk.at(name, |walk| match rule(name) {
                    Some(rule) => walk.whole(rule, value),
                    None => walk.text(Some(name), value),
                })
            });
            is_changed |= new.is_some();
            news.push(new.unwrap_or_else(|| value.clone()));
        }
        if is_changed {
            changed.push((name.to_owned(), news));
        }
    }
    walk.polling = false;
    for (name, values) in changed {
        headers.remove(&name);
        for value in values {
            headers.append(&name, value);
        }
    }
}

/// Whether this is about a secret of a vault, at its own host or at ARM (`…/secrets/NAME`).
fn is_of_secret(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default().to_ascii_lowercase();
    path.split_once("/secrets/").is_some_and(|(_, name)| !name.is_empty())
}

/// Whether the answer to this request is made of keys.
fn lists_keys(method: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let action = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let lists = action.starts_with("list") || action.starts_with("regenerate") || action.starts_with("generate");
    let secrets = ["key", "secret", "credential", "connectionstring", "sas", "token", "password"];
    method == "POST" && lists && secrets.iter().any(|word| action.contains(word))
}
