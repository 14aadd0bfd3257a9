//! LRO-C-08 to 14: what the answer to the write means, and what to poll.

use super::{
    conversation::{Conversation, is_transient},
    course::Course,
    outcome::{Ending, Kind},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{Polled, State, Target, Url},
    cassette::Response,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-08",
        severity: Violation,
        title: "what to poll, by precedence",
        words: "The client polls `Azure-AsyncOperation` where there is one, otherwise `Location`, otherwise the \
                resource (PUT and PATCH). The lesser URL may answer too early, or about something else.",
        source: "TRACK \"URL to monitor status\", FSV",
        check: precedence,
    },
    Rule {
        id: "LRO-C-09",
        severity: Violation,
        title: "no polling header and a state that goes on: poll the resource",
        words: "After 200 or 201 without a polling header and with a `provisioningState` that is not terminal, the \
                client reads the resource until that state is terminal or gone.",
        source: "RPC-ASYNC \"ProvisioningState property\"",
        check: poll_resource,
    },
    Rule {
        id: "LRO-C-10",
        severity: Violation,
        title: "a finished answer is the end",
        words: "200 or 201 without a polling header, with the state `Succeeded` or none, is success. There is nothing \
                to wait for.",
        source: "RPC-ASYNC \"ProvisioningState property\", TRACK",
        check: complete_at_once,
    },
    Rule {
        id: "LRO-C-11",
        severity: Violation,
        title: "a 200 is no proof of completion",
        words: "A 200 or 201 with a polling header and a state that is not terminal is polled: the operation may \
                still fail.",
        source: "RPC-ASYNC PUT 1 to 3, I-APIOPS148",
        check: header_ignored,
    },
    Rule {
        id: "LRO-C-12",
        severity: Violation,
        title: "a failure in the first answer is a failure",
        words: "200 or 201 whose state is `Failed` or `Canceled` is reported as no success.",
        source: "RPC-ASYNC \"ProvisioningState property\"",
        check: failed_at_once,
    },
    Rule {
        id: "LRO-C-13",
        severity: Violation,
        title: "202 is never the end",
        words: "202 means running. Without a URL to poll the client reports an error, or reads the resource (PUT, \
                PATCH).",
        source: "RPC-ASYNC, LINT LroLocationHeader",
        check: accepted_as_done,
    },
    Rule {
        id: "LRO-C-14",
        severity: Violation,
        title: "empty answers that complete",
        words: "204, from the write or from `Location`, is success without a result; so is an empty 200 from \
                `Location` after DELETE and POST.",
        source: "RPC-ASYNC DELETE 5, POST 4",
        check: empty_end,
    },
];

fn precedence(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let (Some(write), Some(written)) = (course.operation.write, course.written) else { continue };
        let Some(first) = course.asked.first() else { continue };
        let offered = course.operation.offered;
        let polled = course.operation.target;
        if offered >= polled || is_tolerated(course, written) {
            continue;
        }
        let header = offered.header().unwrap_or_default();
        let message = format!("{header} was offered and never asked; polled was {}", words(polled));
        let breach = Breach::new([write, first.index], message).in_course(course);
        // Not a header of ARM. On a tape somebody else may have read the resource, after a client
        // that does not wait.
        let doubtful = offered == Polled::OperationLocation || polled == Polled::Resource && c.outcome().is_err();
        breaches.push(breach.warning_if(doubtful));
    }
    for course in &c.courses {
        let (Some(write), Some(first)) = (course.operation.write, course.asked.first()) else { continue };
        let status_first = matches!(course.operation.target, Polled::AsyncOperation | Polled::OperationLocation);
        if status_first && first.polled == Polled::Location && distinct(course) {
            let message = "Location was polled first, although there is a status URL";
            breaches.push(Breach::new([write, first.index], message).in_course(course));
        }
    }
    Ok(breaches)
}

/// What correct clients do in different ways.
fn is_tolerated(course: &Course<'_>, written: &Response) -> bool {
    let (offered, polled) = (course.operation.offered, course.operation.target);
    let status = written.status;
    let done = course.written_state().is_some_and(|state| state.is_terminal());
    // the answer is complete, whatever it carries; the reads that follow are reads.
    let complete = matches!(status, 200 | 201 | 204) && done;
    // beside a 200 or 201 `Location` may be a plain link.
    let link = offered == Polled::Location && status != 202;
    // .NET reads the resource.
    let patch = course.method() == "PATCH" && status == 200;
    // To read the resource until it is gone verifies a DELETE (LRO-C-49).
    let verified = polled == Polled::Resource && course.method() == "DELETE";
    // some rank Operation-Location first.
    let ranked = polled == Polled::OperationLocation;
    complete || link || patch || verified || ranked
}

/// Whether the answer to the write was complete by itself, and the client held it for the end: what it
/// read of the resource afterwards tells it no end.
pub(super) fn takes_the_answer(course: &Course<'_>) -> bool {
    let read_alone = course.asked.iter().all(|asked| asked.polled == Polled::Resource);
    is_complete(course) && read_alone && course.end().is_none()
}

/// Whether the answer to the write may be held for the end, whatever it carries.
pub(super) fn is_complete(course: &Course<'_>) -> bool {
    let is_end = course.written.is_some_and(|written| matches!(written.status, 200 | 201 | 204));
    is_end && course.written_state() == Some(State::Succeeded)
}

fn words(polled: Polled) -> &'static str {
    match polled {
        Polled::AsyncOperation => "Azure-AsyncOperation",
        Polled::OperationLocation => "Operation-Location",
        Polled::Location => "Location",
        Polled::Resource => "the resource",
        Polled::Nothing => "nothing",
    }
}

/// Whether the status URL and `Location` can be told apart.
fn distinct(course: &Course<'_>) -> bool {
    let keys = course
        .operation
        .urls
        .iter()
        .map(|url| Url::parse(url).map_or_else(|| Target::parse(url).path_key(), |url| url.target.path_key()));
    let keys: std::collections::HashSet<_> = keys.collect();
    keys.len() > 1
}

/// Whether the answer to the write has a URL to poll.
fn has_url(course: &Course<'_>) -> bool {
    matches!(course.operation.offered, Polled::AsyncOperation | Polled::OperationLocation | Polled::Location)
}

fn poll_resource(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main().filter(|course| !has_url(course) && outcome.is_success()) else { return Ok(vec![]) };
    let running = matches!(course.written_state(), Some(State::Running(_)));
    if !running || course.written.is_none_or(|written| written.status == 202) || course.end().is_some() {
        return Ok(vec![]);
    }
    // A list that holds the resource tells its state, too.
    let path = course.operation.path.rsplit_once('/').map_or("", |(list, _)| list);
    let listed = c.in_order().any(|(index, interaction)| interaction.request.method == "GET" && c.path(index) == path);
    if listed {
        return Ok(vec![]);
    }
    let message = "reports success before any read of the resource showed that its state is terminal";
    Ok(vec![Breach::new(course.steps(), message).in_course(course)])
}

/// The last write, where its answer was complete by itself.
fn finished(c: &Conversation<'_>) -> Option<(usize, State)> {
    let (write, answer) = c.last_answer()?;
    let has_course = c.main().is_some_and(|course| course.operation.write == Some(write) && has_url(course));
    let state = State::of_write(answer).filter(|state| state.is_terminal() && !has_course)?;
    (!is_transient(&c.interactions[write])).then_some((write, state))
}

fn complete_at_once(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some((write, State::Succeeded)) = finished(c) else { return Ok(vec![]) };
    let put = matches!(c.interactions[write].request.method.as_str(), "PUT" | "PATCH");
    let status = c.last_answer().map_or(0, |(_, answer)| answer.status);
    if status == 204 || outcome.is_success() || !put && status == 202 {
        return Ok(vec![]);
    }
    let reads: Vec<usize> =
        c.after(write).map(|(index, _)| index).filter(|index| c.path(*index) == c.path(write)).collect();
    let message = if outcome.ending == Ending::Stopped {
        format!("still waits, although the answer was complete ({} reads)", reads.len())
    } else {
        "reports no success, although the answer was complete".to_owned()
    };
    Ok(vec![Breach::new([write].into_iter().chain(reads), message)])
}

fn header_ignored(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    // Who reads the resource once, to show it, has polled nothing.
    let polled_nothing = |course: &&Course<'_>| course.asked.is_empty() || takes_the_answer(course);
    let Some(course) = c.main().filter(|course| has_url(course)).filter(polled_nothing) else { return Ok(vec![]) };
    let (Some(write), Some(written)) = (course.operation.write, course.written) else { return Ok(vec![]) };
    if !outcome.is_success() || !matches!(written.status, 200 | 201) {
        return Ok(vec![]);
    }
    let message = "reports success without a poll, although the answer names an operation";
    let breach = Breach::new([write], message).in_course(course);
    match (course.written_state(), State::word(Polled::Resource, written)) {
        (Some(State::Running(_)), _) => Ok(vec![breach]),
        // Java finishes at once (SC-055).
        (Some(State::Succeeded), None) if course.operation.offered == Polled::AsyncOperation => {
            Ok(vec![breach.warning()])
        }
        _ => Ok(vec![]),
    }
}

fn failed_at_once(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some((write, answer)) = c.last_answer() else { return Ok(vec![]) };
    let state = State::of_write(answer).filter(|state| matches!(state, State::Failed | State::Canceled));
    let later_success = c.main().and_then(|course| course.end_state()) == Some(&State::Succeeded);
    match state {
        Some(state) if outcome.is_success() && !later_success => {
            Ok(vec![Breach::new([write], format!("reports success although the write was answered with {state}"))])
        }
        _ => Ok(vec![]),
    }
}

fn accepted_as_done(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main().filter(|course| course.asked.is_empty() && outcome.is_success()) else {
        return Ok(vec![]);
    };
    let Some(write) = course.operation.write.filter(|_| course.written.is_some_and(|written| written.status == 202))
    else {
        return Ok(vec![]);
    };
    let breach = Breach::new([write], "reports success after a 202 without a poll").in_course(course);
    Ok(vec![breach.warning_if(!has_url(course))])
}

fn empty_end(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    if outcome.is_success() || outcome.kind == Kind::Timeout && outcome.ending == Ending::Itself {
        return Ok(vec![]);
    }
    let message = |status: u16| match outcome.ending {
        Ending::Stopped => format!("still waits, although {status} completed the operation"),
        _ => format!("reports no success, although {status} completed the operation"),
    };
    if let Some((write, answer)) = c.last_answer()
        && answer.status == 204
        // Outside the contract (SC-112).
        && !matches!(c.interactions[write].request.method.as_str(), "PUT" | "PATCH")
    {
        return Ok(vec![Breach::new([write], message(204))]);
    }
    let Some(course) = c.main() else { return Ok(vec![]) };
    let Some(end) = course.end().map(|end| &course.asked[end]) else { return Ok(vec![]) };
    let Some(response) = end.response.filter(|_| end.polled == Polled::Location) else { return Ok(vec![]) };
    let keeps = matches!(course.method(), "PUT" | "PATCH" | "");
    let empty = response.body == crate::cassette::Body::Empty;
    if end.state != Some(State::Succeeded) || keeps || !(response.status == 204 || response.status == 200 && empty) {
        return Ok(vec![]);
    }
    // After the status URL said how it ended, `Location` is only read for a result.
    if course.operation.target != Polled::Location {
        return Ok(vec![]);
    }
    Ok(vec![Breach::new([end.index], message(response.status)).in_course(course)])
}
