//! What a tape answers to requests that are no part of an operation.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};

use super::{is_made, words::askable};
use crate::{arm, cassette::Cassette};

/// What a tape answers to requests that are no part of an operation: look-ups, existence checks.
#[derive(Clone, Debug, Default)]
pub struct LookUps(HashMap<Asked, Response<Bytes>>);

/// Method, path and query, as they are compared.
type Asked = (Method, String, Vec<(String, String)>);

impl LookUps {
    /// Those of a tape; the last one that was recorded of each, since a resource is looked for before and
    /// after it is made.
    #[must_use]
    pub fn of(cassette: &Cassette) -> Self {
        let found = cassette.interactions.iter().filter_map(|interaction| {
            let method: Method = interaction.request.method.parse().ok()?;
            let response = interaction.response.as_ref().filter(|_| method.is_safe())?;
            let target = arm::Target::parse(&askable(&interaction.request.target));
            let mut answer = Response::new(response.body.bytes().unwrap_or_default());
            *answer.status_mut() = StatusCode::from_u16(response.status).ok()?;
            for (name, values) in response.headers.iter().filter(|(name, _)| !is_made(name)) {
                for value in values {
                    let name = HeaderName::try_from(name).ok()?;
                    answer.headers_mut().append(name, HeaderValue::try_from(value).ok()?);
                }
            }
            Some(((method, target.path_key(), target.query_key()), answer))
        });
        Self(found.collect())
    }

    /// The answer to a request.
    #[must_use]
    pub fn answer(&self, method: &Method, target: &str) -> Option<Response<Bytes>> {
        let target = arm::Target::parse(target);
        self.0.get(&(method.clone(), target.path_key(), target.query_key())).cloned()
    }
}
