//! The shape of version 1, and the model out of it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cassette::{
    Auth, Body, Completion, Headers, Interaction, Origin, Provenance, Request, Response, StandIn, Times, json,
    spacing::Spacing,
};

/// A value that has the right type and yet makes no sense.
pub(super) struct Wrong {
    pub(super) json_path: String,
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileV1<'a> {
    #[serde(rename = "armtape")]
    _version: u64,
    #[serde(default)]
    pub(super) command: Vec<String>,
    pub(super) recorded: Option<String>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) stand_ins: Vec<StandInV1>,
    #[serde(borrow)]
    pub(super) interactions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandInV1 {
    kind: String,
    value: String,
    origin: OriginV1,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OriginV1 {
    Request,
    Answer,
}

impl StandInV1 {
    pub(super) fn into_model(self) -> StandIn {
        let origin = match self.origin {
            OriginV1::Request => Origin::Request,
            OriginV1::Answer => Origin::Answer,
        };
        StandIn { kind: self.kind, value: self.value, origin }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InteractionV1<'a> {
    #[serde(borrow)]
    request: RequestV1<'a>,
    #[serde(borrow)]
    response: Option<ResponseV1<'a>>,
    completion: Option<CompletionV1>,
    connection: Option<u64>,
    times: Option<TimesV1>,
    provenance: Option<ProvenanceV1>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum CompletionV1 {
    Cut(u64),
    Reset,
    Silent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimesV1 {
    request: u64,
    answer: u64,
    end: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvenanceV1 {
    format: String,
    file: String,
    line: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestV1<'a> {
    method: String,
    target: String,
    scheme: Option<String>,
    authority: Option<String>,
    version: Option<String>,
    auth: Option<AuthV1>,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany>,
    #[serde(borrow)]
    body: Option<BodyV1<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthV1 {
    kind: String,
    stand_in: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseV1<'a> {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany>,
    #[serde(borrow)]
    body: Option<BodyV1<'a>>,
}

/// One string, or several.
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, value: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![value.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = items.next_element()? {
                    values.push(value);
                }
                Ok(OneOrMany(values))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Which fields are there decides which kind of body it is; a tag would be one more line a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyV1<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    json: Option<&'a RawValue>,
    spacing: Option<String>,
    text: Option<OneOrMany>,
    base64: Option<String>,
    file: Option<String>,
    size: Option<u64>,
}

/// A field that is there, `null` included: a body can be that.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl InteractionV1<'_> {
    pub(super) fn into_model(self) -> Result<Interaction, Wrong> {
        let at =
            |json_path: &str, message: &str| Wrong { json_path: json_path.to_owned(), message: message.to_owned() };
        if http::Method::from_bytes(self.request.method.as_bytes()).is_err() {
            return Err(at("request.method", "expected an HTTP method, such as `PUT`"));
        }
        if !self.request.target.starts_with('/') && self.request.target != "*" {
            return Err(at("request.target", "expected a path that begins with `/`"));
        }
        if self.response.as_ref().is_some_and(|response| !(100..=999).contains(&response.status)) {
            return Err(at("response.status", "expected a number from 100 to 999"));
        }
        Ok(Interaction {
            request: Request {
                method: self.request.method,
                target: self.request.target,
                scheme: self.request.scheme,
                authority: self.request.authority,
                version: self.request.version,
                auth: self.request.auth.map(|auth| Auth { kind: auth.kind, stand_in: auth.stand_in }),
                headers: into_headers(self.request.headers),
                body: into_body(self.request.body, "request.body")?,
            },
            response: match self.response {
                None => None,
                Some(response) => Some(Response {
                    status: response.status,
                    headers: into_headers(response.headers),
                    body: into_body(response.body, "response.body")?,
                }),
            },
            completion: match self.completion {
                None => Completion::Whole,
                Some(CompletionV1::Cut(at)) => Completion::Cut(at),
                Some(CompletionV1::Reset) => Completion::Reset,
                Some(CompletionV1::Silent) => Completion::Silent,
            },
            connection: self.connection,
            times: self.times.map(|TimesV1 { request, answer, end }| Times { request, answer, end }),
            provenance: self.provenance.map(|ProvenanceV1 { format, file, line }| Provenance { format, file, line }),
            notes: self.notes,
        })
    }
}

fn into_headers(read: BTreeMap<String, OneOrMany>) -> Headers {
    let mut headers = Headers::new();
    for (name, OneOrMany(values)) in read {
        headers.append_all(name, values);
    }
    headers
}

fn into_body(body: Option<BodyV1<'_>>, place: &str) -> Result<Body, Wrong> {
    let Some(body) = body else { return Ok(Body::Empty) };
    let wrong =
        |field: &str, message: &str| Err(Wrong { json_path: format!("{place}{field}"), message: message.to_owned() });
    match body {
        BodyV1 { json: Some(json), spacing, text: None, base64: None, file: None, size: None } => {
            let mark = spacing.as_deref().unwrap_or("compact");
            let Some(spacing) = Spacing::from_mark(mark) else {
                return wrong(".spacing", "expected `compact`, `spaced` or `indent N`, as armtape writes them");
            };
            // What a spacing made has a spacing: that need not be looked for again.
            if json::keys_are_unique(json.get().as_bytes()) {
                // Exactly as large as it is: the text on the tape, by which room was made, is indented.
                Ok(Body::Json(spacing.render(json.get().as_bytes(), 0).into_boxed_slice().into()))
            } else {
                wrong(".json", "expected JSON without repeated keys; such a body is kept as `text`")
            }
        }
        BodyV1 { json: None, spacing: None, text: Some(OneOrMany(lines)), base64: None, file: None, size: None } => {
            Ok(Body::Text(lines.concat()))
        }
        BodyV1 { json: None, spacing: None, text: None, base64: Some(base64), file: None, size: None } => {
            match BASE64.decode(&base64) {
                Ok(bytes) => Ok(Body::Binary(bytes.into())),
                Err(error) => wrong(".base64", &format!("expected base64 with padding: {error}")),
            }
        }
        BodyV1 { json: None, spacing: None, text: None, base64: None, file: Some(name), size: Some(size) } => {
            let hash = name.strip_prefix("sha256-").unwrap_or_default();
            // The name becomes a path: nothing but a hash may come through.
            if hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                Ok(Body::Sidecar { name, size })
            } else {
                wrong(".file", "expected `sha256-` and 64 lower-case hex digits")
            }
        }
        _ => wrong("", "expected one of `json` (with `spacing`), `text`, `base64`, or `file` with `size`"),
    }
}
