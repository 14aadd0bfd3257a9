//! How the service refuses a PUT that breaks rules: as ARM words it, with every error in `details`.

use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{Call, Reply, body, route::ProfileId};
use crate::profile::{Around, Finding, Severity, judge_as_read};

/// The body of a PUT as the service reads it, or the refusal. `taken` are the entity sets of the
/// other types in the hub.
pub(super) fn read(call: &Call<'_>, id: &ProfileId, taken: &[&str]) -> Result<Value, Reply> {
    let sent = call.request.body();
    let mut document: Option<Value> = serde_json::from_slice(sent).ok();
    if let Some(document) = &mut document {
        body::without_additions(document);
    }
    let content_type = call.request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let around = Around { name: &id.profile, api_version: Some(call.version), content_type, taken };
    let mut findings = judge_as_read(sent, document.as_ref(), &around);
    findings.retain(|finding| finding.rule.severity == Severity::Error);
    // What is around a body is looked at before what is in it; where there is none, that is all.
    findings.sort_by_key(|finding| match finding.rule.number() {
        1 => 0,
        40 | 44 => 1,
        _ => 2,
    });
    match (findings.as_slice(), document) {
        ([], Some(document)) => Ok(document),
        (findings, _) => Err(refusal(findings)),
    }
}

fn refusal(findings: &[Finding]) -> Reply {
    let (status, code) = match findings.first().map_or(0, |finding| finding.rule.number()) {
        10 => (StatusCode::CONFLICT, "Conflict"),
        40 => (StatusCode::BAD_REQUEST, "InvalidResourceName"),
        44 => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType"),
        _ => (StatusCode::BAD_REQUEST, "InvalidRequestContent"),
    };
    let mut error = json!({ "code": code });
    if let Some(first) = findings.first() {
        error["message"] = json!(sentence(first));
        error["target"] = json!(first.place.to_string());
    }
    let detail = |finding: &Finding| json!({ "code": finding.rule.id, "target": finding.place.to_string(), "message": sentence(finding) });
    error["details"] = findings.iter().map(detail).collect();
    Reply::json(status, json!({ "error": error }))
}

fn sentence(finding: &Finding) -> String {
    let place = finding.place.to_string();
    if place == "$" {
        format!("The request is invalid: {}.", finding.words)
    } else {
        format!("{place}: {}.", finding.words)
    }
}
