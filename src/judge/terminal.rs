//! LRO-C-35 to 38: once the end was told.

use serde_json::Value;

use super::{
    conversation::{Conversation, is_transient},
    course::{Asked, Course},
    outcome::Ending,
    pacing::{is_monitor, word},
    rule::{Breach, NotJudged, Rule, Severity::*},
    states::is_double_l,
};
use crate::{
    arm::{ErrorBody, Polled, State, document},
    cassette::Response,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-35",
        severity: Violation,
        title: "polling stops at the end",
        words: "After a terminal answer the status is not polled again; at most the result is read.",
        source: "RPC-ASYNC, AUTOREST",
        check: polls_on,
    },
    Rule {
        id: "LRO-C-36",
        severity: Violation,
        title: "`Failed` is reported, with code and message",
        words: "An operation that ended in `Failed` is reported as no success, and the service's error code and \
                message are in what the client shows.",
        source: "RPC-ASYNC error rows, RPC-DET \"Error Response Content\"",
        check: failure_told,
    },
    Rule {
        id: "LRO-C-37",
        severity: Violation,
        title: "`Canceled` is no success",
        words: "An operation that was cancelled is reported as no success.",
        source: "RPC-ASYNC",
        check: cancellation_told,
    },
    Rule {
        id: "LRO-C-38",
        severity: Violation,
        title: "`Location` is judged by its status code",
        words: "202 is running; 200, 201 and 204 are the end; an error that is not transient is the operation's \
                failure.",
        source: "RPC-ASYNC steps 4 and 5",
        check: location_status,
    },
];

fn polls_on(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const GRACE: usize = 1;
    let mut breaches = Vec::new();
    for course in &c.courses {
        let Some(at) = course.end() else { continue };
        let end = &course.asked[at];
        // With a 5xx the end may be the status URL's own trouble, whatever the body says (LRO-C-39, 40).
        if is_transient(&c.interactions[end.index]) {
            continue;
        }
        // The resource may be read by anybody at any time.
        let after: Vec<usize> = course.asked[at + 1..]
            .iter()
            .filter(|asked| asked.polled == end.polled && asked.polled != Polled::Resource)
            .map(|asked| asked.index)
            .collect();
        if after.len() > GRACE {
            let message = format!("polled {} more times after `{}`", after.len(), word(end));
            breaches.push(Breach::new([end.index].into_iter().chain(after), message).in_course(course));
        } else if !after.is_empty() && is_monitor(end.polled) {
            let message = format!("polled once more after `{}`", word(end));
            breaches.push(Breach::new([end.index].into_iter().chain(after), message).warning().in_course(course));
        }
    }
    Ok(breaches)
}

fn failure_told(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main() else { return Ok(vec![]) };
    let Some(end) = course.end().map(|at| &course.asked[at]) else { return Ok(vec![]) };
    if end.state != Some(State::Failed) || end.polled == Polled::Location {
        return Ok(vec![]);
    }
    if outcome.is_success() {
        let message = "reports success although the operation ended in Failed";
        return Ok(vec![Breach::new([end.index], message).in_course(course)]);
    }
    if outcome.ending == Ending::Stopped {
        return Ok(vec![]);
    }
    let Some(error) = end.response.and_then(ErrorBody::of) else { return Ok(vec![]) };
    let missing = |text: &Option<String>| text.as_ref().is_some_and(|text| !outcome.shows(text));
    // Some show the innermost code.
    let shows_another = end.response.is_some_and(|response| codes(response).iter().any(|code| outcome.shows(code)));
    let lost = if missing(&error.code) && !shows_another {
        format!("the error code `{}` is in nothing that the client printed", error.code.unwrap_or_default())
    } else if missing(&error.message) && error.inner_code.is_none() {
        "the error message is in nothing that the client printed".to_owned()
    } else {
        return Ok(vec![]);
    };
    Ok(vec![Breach::new([end.index], lost).warning().in_course(course)])
}

/// Every code in an answer, however deep.
pub(super) fn codes(response: &Response) -> Vec<String> {
    fn collect(value: &Value, codes: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(code) if key.eq_ignore_ascii_case("code") => codes.push(code.clone()),
                        // A message may be an error document itself (E4).
                        Value::String(text) if text.trim_start().starts_with('{') => {
                            if let Ok(inner) = serde_json::from_str(text) {
                                collect(&inner, codes);
                            }
                        }
                        value => collect(value, codes),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, codes)),
            _ => {}
        }
    }
    let mut codes = Vec::new();
    if let Some(document) = document(&response.body) {
        collect(&document, &mut codes);
    }
    codes
}

fn cancellation_told(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if !c.outcome()?.is_success() {
        return Ok(vec![]);
    }
    let Some(course) = c.main() else { return Ok(vec![]) };
    let end = course.end().map(|at| &course.asked[at]).filter(|end| end.state == Some(State::Canceled));
    let double_l = || course.polls().last().filter(|last| last.running_word().is_some_and(is_double_l));
    let Some(told) = end.or_else(double_l) else { return Ok(vec![]) };
    let message = "reports success although the operation was cancelled";
    Ok(vec![Breach::new([told.index], message).in_course(course)])
}

fn location_status(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main().filter(|course| course.operation.target == Polled::Location) else { return Ok(vec![]) };
    let Some(end) = course.end().map(|at| &course.asked[at]) else { return Ok(vec![]) };
    let status = end.status().unwrap_or_default();
    let breach = |message: String| Breach::new([end.index], message).in_course(course);
    Ok(match end.state {
        Some(State::Failed | State::Canceled) if outcome.is_success() && status >= 400 => {
            vec![breach(format!("reports success although Location ended with {status}"))]
        }
        // The service should not have said so there.
        Some(State::Failed | State::Canceled) if outcome.is_success() => {
            vec![breach(format!("reports success although Location told of `{}`", word(end))).warning()]
        }
        Some(State::Succeeded) if c.gave_up() && matches!(status, 200 | 201) && is_last(course, end) => {
            vec![breach(format!("reports no success although Location ended with {status}"))]
        }
        _ => vec![],
    })
}

fn is_last(course: &Course<'_>, asked: &Asked<'_>) -> bool {
    course.last().is_some_and(|last| last.index == asked.index)
}
