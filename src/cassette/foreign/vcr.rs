//! What the YAML of Ruby's VCR and of VCR.py has in common: the parts of an interaction.

use serde::Deserialize;

use super::{
    exchange::{Answer, Exchange, headers},
    shape::{HeaderMap, Part},
    yaml::Scalar,
};
use crate::cassette::Error;

/// A request. Ruby's body is a mapping, Python's a string.
#[derive(Deserialize)]
pub(super) struct Request<B> {
    pub(super) method: String,
    pub(super) uri: String,
    #[serde(default)]
    pub(super) headers: Option<HeaderMap>,
    pub(super) body: Option<B>,
}

#[derive(Deserialize)]
pub(super) struct Response {
    status: Status,
    #[serde(default)]
    headers: Option<HeaderMap>,
    #[serde(default)]
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Status {
    code: u64,
}

/// The bytes of a body that is not UTF-8 are in base64.
#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    string: Option<Scalar>,
    #[serde(default)]
    base64_string: Option<Scalar>,
}

impl<B> Request<B> {
    /// The exchange with its answer; `bytes` are those of a body, at a place that errors name.
    pub(super) fn into_exchange(
        self,
        response: Response,
        part: Part<'_>,
        bytes: impl FnOnce(B, &str, Part<'_>) -> Result<Vec<u8>, Error>,
    ) -> Result<Exchange, Error> {
        let body = self.body.map(|body| bytes(body, "request.body", part)).transpose()?;
        Ok(Exchange {
            method: self.method,
            url: self.uri,
            headers: headers(self.headers),
            body: body.unwrap_or_default().into(),
            answer: Some(response.into_answer(part)?),
            version: None,
            notes: Vec::new(),
        })
    }
}

impl Response {
    fn into_answer(self, part: Part<'_>) -> Result<Answer, Error> {
        let body = self.body.map(|body| body.into_bytes("response.body", part)).transpose()?;
        Ok(Answer { status: self.status.code, headers: headers(self.headers), body: body.unwrap_or_default().into() })
    }
}

impl Body {
    /// The bytes of the body at `place`, which errors name.
    pub(super) fn into_bytes(self, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
        match (self.base64_string, self.string) {
            (Some(coded), _) => coded.decoded(&format!("{place}.base64_string"), part),
            (None, Some(text)) => text.into_bytes(&format!("{place}.string"), part),
            (None, None) => Ok(Vec::new()),
        }
    }
}
