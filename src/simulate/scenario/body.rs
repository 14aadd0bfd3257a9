//! What stands in the body of an answer.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    alike::{LIKE, alike, filled},
    answer::Answer,
    draw::Draw,
    subject::Subject,
};

/// What kind of document a target gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// The resource.
    Resource,
    /// A status document (section 1.5); whether its properties are the operation's result.
    Status {
        /// As `final-state-via: azure-async-operation` has it.
        has_result: bool,
    },
    /// The result of an action.
    Action,
}

/// What a body is made of.
pub(super) struct Material<'a> {
    pub(super) subject: &'a Subject,
    pub(super) draw: &'a Draw,
    /// The body of the write, or that of the subject.
    pub(super) sent: &'a Value,
    /// The last segments of the URL that is asked.
    pub(super) path: &'a str,
    /// What ids of this operation are drawn from.
    pub(super) salt: &'a str,
    /// The second host's scheme and authority.
    pub(super) second: &'a str,
    /// Whether the operation is past: only then is the result the real one.
    pub(super) is_final: bool,
}

/// The body of `answer`.
pub(super) fn body(answer: &Answer, document: Document, template: Option<&str>, material: &Material<'_>) -> Bytes {
    if let Some(template) = template {
        return fill(template, material).into();
    }
    let error = answer.code.as_deref().map(|code| error(code, material.draw));
    let value = match (&answer.state, error) {
        (None, None) => return Bytes::new(),
        (None, Some(error)) => json!({ "error": error }),
        (Some(word), error) => {
            let word = material.draw.state(word);
            let mut value = match document {
                Document::Resource => resource(&word, answer.decoy, material),
                Document::Status { has_result } => status(&word, has_result && !answer.decoy, material),
                Document::Action => json!({ "revision": revision(answer.decoy, material), "rows": [] }),
            };
            if let (Some(error), Value::Object(members)) = (error, &mut value) {
                members.insert("error".to_owned(), error);
            }
            value
        }
    };
    value.to_string().into()
}

/// The error in ARM's envelope (section 3.1).
pub(super) fn error(code: &str, draw: &Draw) -> Value {
    json!({ "code": draw.code(code), "message": draw.message })
}

/// The resource with a state; `-` for none.
fn resource(word: &str, decoy: bool, material: &Material<'_>) -> Value {
    let Material { subject, draw, sent, .. } = material;
    let (name, kind) = subject.name_and_type();
    let mut resource = json!({ "id": subject.id, "name": name, "type": kind });
    let mut properties = sent.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    if let (Value::Object(resource), Value::Object(sent)) = (&mut resource, sent) {
        resource
            .extend(sent.iter().filter(|(key, _)| !is_servers(key)).map(|(key, value)| (key.clone(), value.clone())));
    }
    let revision = revision(decoy || has_failed(word), material);
    if kind.starts_with("Microsoft.CustomerInsights/") {
        // Typed clients of the profile drop what they don't know, and know this.
        properties.insert("tenantId".to_owned(), revision.clone());
    }
    properties.insert("revision".to_owned(), revision);
    match word {
        "-" => drop(properties.remove("provisioningState")),
        word => drop(properties.insert("provisioningState".to_owned(), draw.state(word).into())),
    }
    if let Value::Object(resource) = &mut resource {
        resource.insert("properties".to_owned(), properties.into());
    }
    resource
}

/// Members of a resource that are not the client's to say.
fn is_servers(key: &str) -> bool {
    matches!(key, "id" | "name" | "type" | "properties")
}

fn has_failed(word: &str) -> bool {
    word.eq_ignore_ascii_case("Failed") || word.eq_ignore_ascii_case("Canceled")
}

fn revision(decoy: bool, material: &Material<'_>) -> Value {
    let real = !decoy && material.is_final;
    if real { material.draw.proof.as_str().into() } else { material.draw.lure.as_str().into() }
}

fn status(word: &str, has_result: bool, material: &Material<'_>) -> Value {
    let name = material.path.rsplit('/').next().unwrap_or_default();
    let mut status = Map::new();
    status.insert("id".to_owned(), material.path.into());
    status.insert("name".to_owned(), name.into());
    if word != "-" {
        status.insert("status".to_owned(), word.into());
    }
    if word.eq_ignore_ascii_case("Succeeded") {
        let revision = if has_result { &material.draw.proof } else { &material.draw.lure };
        status.insert("properties".to_owned(), json!({ "revision": revision }));
    }
    status.into()
}

/// Fills in what stands as `${name}` in a body of the file.
fn fill(template: &str, material: &Material<'_>) -> String {
    let Material { subject, draw, .. } = material;
    let (name, kind) = subject.name_and_type();
    filled(template, |placeholder| {
        Some(match placeholder {
            "id" => subject.id.as_str().into(),
            "other-case-id" => other_case(&subject.id).into(),
            "name" => name.clone().into(),
            "type" => kind.clone().into(),
            "code" => draw.code.as_str().into(),
            "message" => draw.message.as_str().into(),
            "word" => draw.word.as_str().into(),
            "proof" if material.is_final => draw.proof.as_str().into(),
            "proof" | "lure" => draw.lure.as_str().into(),
            "second-host" => material.second.into(),
            "path" => material.path.into(),
            "bom" => "\u{feff}".into(),
            "dollar" => "$".into(),
            other => alike(other.strip_prefix(LIKE)?, material.salt).into(),
        })
    })
}

/// The placeholders of a body.
pub(super) const PLACEHOLDERS: [&str; 13] = [
    "id",
    "other-case-id",
    "name",
    "type",
    "code",
    "message",
    "word",
    "proof",
    "lure",
    "second-host",
    "bom",
    "path",
    "dollar",
];

/// The id in other letter case, but for the names of resources, which some clients compare.
fn other_case(id: &str) -> String {
    id.replace("/resourceGroups/", "/resourcegroups/").replace("/providers/Microsoft", "/providers/microsoft")
}
