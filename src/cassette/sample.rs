//! An exchange with ARM, for the tests of every room.

use super::{Body, Completion, Headers, Interaction, Request, Response};

/// `sent` and `answered` are bodies; empty is none.
pub(crate) fn exchange(
    method: &str,
    target: &str,
    sent: &str,
    status: u16,
    headers: &[(&str, &str)],
    answered: &str,
) -> Interaction {
    Interaction {
        request: Request {
            method: method.to_owned(),
            target: target.to_owned(),
            scheme: Some("https".to_owned()),
            authority: Some("management.azure.com".to_owned()),
            version: None,
            auth: None,
            headers: Headers::new(),
            body: Body::from_bytes(sent.to_owned().into()),
        },
        response: Some(Response {
            status,
            headers: headers.iter().copied().collect(),
            body: Body::from_bytes(answered.to_owned().into()),
        }),
        completion: Completion::Whole,
        connection: None,
        times: None,
        provenance: None,
        notes: Vec::new(),
    }
}
