//! LRO-C-46 to 53: the result, and the word on how it ended.

use std::time::Duration;

use serde_json::Value;

use super::{
    conversation::{Conversation, is_transient, seconds},
    course::Course,
    known::{self, Verdict},
    outcome::{Ending, Kind, Outcome},
    pacing::{is_monitor, most_interval, word},
    poll_faults::{fault, faults_at_the_end, is_marked},
    rule::{Breach, NotJudged, Rule, Severity::*},
    terminal::codes,
};
use crate::{
    arm::{ErrorBody, Polled, State, Target, document, member},
    cassette::{Completion, Response},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-46",
        severity: Warning,
        title: "the resource comes from a read after the end",
        words: "After the status URL said `Succeeded`, the resource that a PUT or PATCH returns is read at its own \
                URL: the status document is no resource, and the first answer is out of date.",
        source: "AUTOREST, FSV, TESTSRV, HTTPSPEC",
        check: final_get,
    },
    Rule {
        id: "LRO-C-47",
        severity: Warning,
        title: "the result of a POST",
        words: "The result of a POST is what `Location` answers at the end, or what the status document holds where \
                the API says so.",
        source: "AUTOREST, FSV, TESTSRV `LROPostDoubleHeaders*`",
        check: result_of_post,
    },
    Rule {
        id: "LRO-C-48",
        severity: Warning,
        title: "trouble in the final read",
        words: "A passing fault in the final read is tried again: the operation has succeeded. If its result cannot \
                be read, that is said, and not that the operation failed.",
        source: "RPC-ADD, I-NET34983, I-HC740",
        check: final_fault,
    },
    Rule {
        id: "LRO-C-49",
        severity: Violation,
        title: "the end of a DELETE",
        words: "200 or 204 at once, 200 or 204 at `Location`, or `Succeeded` at the status URL is success; no body is \
                needed.",
        source: "RPC-ASYNC \"Delete Resource Asynchronously\"",
        check: deleted,
    },
    Rule {
        id: "LRO-C-50",
        severity: Violation,
        title: "what is reported is what happened",
        words: "Success is reported only after the service told of it, and where the service told of it nothing else \
                is.",
        source: "RPC-ASYNC, TRACK",
        check: truthful,
    },
    Rule {
        id: "LRO-C-51",
        severity: Warning,
        title: "the service's error is shown",
        words: "The code is found in `error.code`, else at the root, in any case, else in `x-ms-error-code`; without \
                one the status and the body are shown.",
        source: "RPC-DET",
        check: error_shown,
    },
    Rule {
        id: "LRO-C-52",
        severity: Warning,
        title: "silence after the end",
        words: "After it has reported, timed out or was interrupted, a client sends nothing more for the operation.",
        source: "THROTTLE",
        check: silence,
    },
    Rule {
        id: "LRO-C-53",
        severity: Warning,
        title: "an operation can be taken up again",
        words: "A client may begin by polling a stored URL. Asked to go on with an operation, it does not begin \
                another one.",
        source: "TRACK, the SDKs' continuation tokens",
        check: resumed,
    },
];

fn is_status_document(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    member(object, "status").is_some_and(Value::is_string)
        && member(object, "type").is_none()
        && member(object, "properties").is_none_or(Value::is_null)
}

fn is_empty(resource: &Value) -> bool {
    resource.as_object().is_some_and(serde_json::Map::is_empty)
}

fn is_unfinished(resource: &Value) -> bool {
    let nested = resource.get("properties").and_then(|properties| properties.get("provisioningState"));
    let word = nested.or_else(|| resource.get("provisioningState")).and_then(Value::as_str);
    word.is_some_and(|word| !State::from_word(word).is_terminal())
}

/// The last answer after the end that tells of the resource, on whatever host it was read: the status
/// document may name another one.
fn last_told<'a>(c: &Conversation<'a>, course: &Course<'_>) -> Option<&'a Response> {
    let end = course.asked[course.end()?].index;
    let path = course.operation.resource_path();
    let reads = c.after(end).filter(|(index, later)| later.request.method == "GET" && c.path(*index) == path);
    reads.filter_map(|(_, read)| read.response.as_ref()).last()
}

/// Whether the resource that was returned cannot be what the operation made, and why.
fn not_the_result(c: &Conversation<'_>, course: &Course<'_>, resource: &Value) -> Option<&'static str> {
    let is_lure = |value: &Value| c.known().is_some_and(|known| known.is_lure(value));
    if is_lure(resource) {
        // The service itself may tell of another resource after the end: its client says what it was told.
        let told = last_told(c, course).filter(|told| document(&told.body).is_some_and(|told| is_lure(&told)));
        return match told.map(|told| State::of_poll(Polled::Resource, "PUT", told)) {
            None => Some("what is returned was never made by the operation"),
            Some(Some(State::Failed)) => Some("what is returned as a success says `Failed`"),
            Some(Some(State::Canceled)) => Some("what is returned as a success says `Canceled`"),
            Some(_) => None,
        };
    }
    if is_empty(resource) {
        return Some("what is returned is empty");
    }
    is_status_document(resource).then_some("what is returned is the status document")
}

fn final_get(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main().filter(|course| matches!(course.method(), "PUT" | "PATCH" | "")) else {
        return Ok(vec![]);
    };
    let Some(resource) = outcome.resource.as_ref().filter(|_| outcome.is_success()) else { return Ok(vec![]) };
    if course.end_state() != Some(&State::Succeeded) {
        return Ok(vec![]);
    }
    let steps: Vec<usize> = course.steps().collect();
    if let Some(reason) = not_the_result(c, course, resource) {
        return Ok(vec![Breach::new(steps, reason).in_course(course)]);
    }
    let at = course.end().unwrap_or_default();
    let read = course.asked[at + 1..].iter().any(|asked| matches!(asked.polled, Polled::Resource | Polled::Location));
    let first = || course.written.and_then(|written| document(&written.body));
    let stale = || is_unfinished(resource) || first().as_ref() == Some(resource);
    if is_monitor(course.operation.target) && !read && stale() {
        let message = "what is returned is the first answer; the resource was not read after the end";
        return Ok(vec![Breach::new(steps, message).in_course(course)]);
    }
    Ok(vec![])
}

fn result_of_post(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main().filter(|course| course.method() == "POST" && outcome.is_success()) else {
        return Ok(vec![]);
    };
    // An answer without a body has no result, and an empty object is a way to say so.
    let answer = course.end().map_or(course.written, |at| course.asked[at].response);
    let is_bodyless = answer.is_some_and(|answer| answer.body.bytes().is_none_or(|body| body.is_empty()));
    let returned = outcome.resource.as_ref().filter(|resource| !is_bodyless || !is_empty(resource));
    let reason = returned.and_then(|resource| not_the_result(c, course, resource));
    Ok(reason.map(|reason| Breach::new(course.steps(), reason).in_course(course)).into_iter().collect())
}

fn final_fault(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    c.outcome()?;
    let Some(course) = c.main().filter(|_| c.gave_up()) else { return Ok(vec![]) };
    let (Some(State::Succeeded), Some(last), Some(at)) = (course.end_state(), course.last(), course.end()) else {
        return Ok(vec![]);
    };
    let refused = last.status().is_some_and(|status| status >= 400);
    if course.last().is_some_and(|last| last.index != course.asked[at].index)
        && refused
        && c.outcome()?.kind == Kind::Failed
        && is_monitor(course.operation.target)
    {
        let message =
            format!("reports that the operation failed: it succeeded, and its result answered {}", word(last));
        return Ok(vec![Breach::new([course.asked[at].index, last.index], message).in_course(course)]);
    }
    if faults_at_the_end(c, &course.asked[at + 1..]) != 1 || !is_monitor(course.operation.target) {
        return Ok(vec![]);
    }
    let what = fault(last, c.interactions[last.index].completion);
    let message = format!("gave up in the final read at the first {what}");
    Ok(vec![Breach::new([last.index], message).in_course(course)])
}

fn deleted(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some((write, answer)) = c.last_answer().filter(|_| !outcome.is_success()) else { return Ok(vec![]) };
    if c.interactions[write].request.method != "DELETE" {
        return Ok(vec![]);
    }
    let message = match outcome.ending {
        Ending::Stopped => "still waits, although the resource is deleted",
        _ => "reports no success, although the resource is deleted",
    };
    match c.main() {
        // What `Location` answers at the end is LRO-C-14's or LRO-C-38's.
        Some(course) if course.end_state() == Some(&State::Succeeded) && is_monitor(course.operation.target) => {
            let end = &course.asked[course.end().unwrap_or_default()];
            // A read of the result may fail: `Location` may have gone with the resource (SC-186).
            let last_is_end =
                course.last().is_some_and(|last| last.index == end.index || last.polled == Polled::Resource);
            Ok(if last_is_end { vec![Breach::new([end.index], message).in_course(course)] } else { vec![] })
        }
        None if answer.status == 200 => Ok(vec![Breach::new([write], message)]),
        _ => Ok(vec![]),
    }
}

/// Whether something in the traffic told the client that it has succeeded.
fn told_of_success(c: &Conversation<'_>) -> bool {
    if let Some((write, answer)) = c.last_answer()
        && c.interactions[write].completion == Completion::Whole
        && answer.status != 202
        && State::of_write(answer) == Some(State::Succeeded)
    {
        return true;
    }
    // What is to be deleted may be gone already.
    if let Some((write, answer)) = c.last_answer()
        && c.interactions[write].request.method == "DELETE"
        && matches!(answer.status, 404 | 410)
    {
        return true;
    }
    let succeeded = |course: &Course<'_>| {
        course.asked.iter().any(|asked| {
            // 200 at `Location` is an end for some, whatever the body says.
            let at_location = asked.polled == Polled::Location && matches!(asked.status(), Some(200 | 201));
            asked.state == Some(State::Succeeded) || at_location && asked.is_running()
        })
    };
    // A read of the resource after a write that was refused (SC-173).
    c.main().map_or_else(|| c.courses.iter().any(succeeded) || read_succeeded(c), succeeded)
}

fn read_succeeded(c: &Conversation<'_>) -> bool {
    c.in_order().any(|(_, interaction)| {
        let told = |response: &Response| State::of_poll(Polled::Resource, "PUT", response);
        interaction.request.method == "GET" && interaction.response.as_ref().and_then(told) == Some(State::Succeeded)
    })
}

fn truthful(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let course = c.main();
    let last = course.and_then(Course::last).map(|asked| asked.index).or(c.last_write());
    let breach = |message: String| match course {
        Some(course) => Breach::new(last, message).in_course(course),
        None => Breach::new(last, message),
    };
    if let Some(known) = c.known() {
        let message = || format!("reports {}; right is {}", known::reported(outcome), known.expected());
        return Ok(match known.verdict(outcome, &c.knobs) {
            Verdict::Right => vec![],
            Verdict::Tolerated => vec![breach(message()).warning()],
            Verdict::Wrong if waits_rightly(c, outcome) => vec![],
            // A read timeout of minutes is nothing wrong, and no campaign awaits it.
            Verdict::Wrong if outcome.ending == Ending::Stopped && awaits_an_answer(c) => {
                let message =
                    "was stopped while it waited for an answer that did not come: nothing told how long it waits";
                vec![breach(message.to_owned()).warning()]
            }
            Verdict::Wrong if may_try_again(c, outcome) => {
                let message = "was stopped while it may have waited to try again: nothing told how long it waits";
                vec![breach(message.to_owned()).warning()]
            }
            Verdict::Wrong if outcome.ending == Ending::Stopped && has_awaited_an_answer(c) => {
                let message = "was stopped after it had waited most of its time for an answer that did not come: \
                               nothing told how long it waits";
                vec![breach(message.to_owned()).warning()]
            }
            Verdict::Wrong => vec![breach(message())],
        });
    }
    if outcome.is_success() && !told_of_success(c) && !c.interactions.is_empty() {
        return Ok(vec![breach("reports success, and nothing that it was told says so".to_owned())]);
    }
    Ok(vec![])
}

/// How long a client may wait where nothing is said (section 1.9).
const DEFAULT: Duration = Duration::from_secs(60);

/// Whether the client was stopped while it had reason to wait: the last that it heard was that the
/// operation goes on, and nobody would have asked again yet. How long a machine takes, or how many
/// polls a script has, is nothing that the client could know.
pub(super) fn waits_rightly(c: &Conversation<'_>, outcome: &Outcome) -> bool {
    let Some(over) = c.knobs.over.filter(|_| outcome.ending == Ending::Stopped && c.knobs.timeout.is_none()) else {
        return false;
    };
    let Some(course) = c.main().filter(|course| course.end().is_none()) else { return false };
    let heard = match course.last() {
        Some(last) if last.is_running() => last.index,
        None if matches!(course.written_state(), Some(State::Running(_))) => match course.operation.write {
            Some(write) => write,
            None => return false,
        },
        _ => return false,
    };
    let Some(times) = c.interactions[heard].times else { return false };
    let interval = c.knobs.interval.map_or(DEFAULT, most_interval);
    let patience = c.wait_asked(heard).map_or(interval, |asked| asked.max(interval));
    over.saturating_sub(Duration::from_millis(times.end)) <= patience
}

/// Whether the client was stopped within a minute after an answer that told it nothing: a passing fault, a
/// refused poll, a status that it could not read. How long to pause before another try is said nowhere,
/// and some pause for half a minute.
pub(super) fn may_try_again(c: &Conversation<'_>, outcome: &Outcome) -> bool {
    let Some(over) = c.knobs.over.filter(|_| outcome.ending == Ending::Stopped && c.knobs.timeout.is_none()) else {
        return false;
    };
    let told_nothing = match c.main() {
        Some(course) => course.last().is_some_and(|last| {
            let heard_the_end = course.end().is_some_and(|at| !course.asked[at].response.is_some_and(is_marked));
            is_transient(&c.interactions[last.index]) || !heard_the_end && !last.is_running()
        }),
        None => c.last_write().is_some_and(|write| is_transient(&c.interactions[write])),
    };
    let last = c.in_order().last().and_then(|(_, last)| last.times);
    told_nothing && last.is_some_and(|times| over.saturating_sub(Duration::from_millis(times.end)) <= DEFAULT)
}

/// Whether the last request was never answered.
fn awaits_an_answer(c: &Conversation<'_>) -> bool {
    c.in_order().last().is_some_and(|(_, last)| last.completion == Completion::Silent)
}

/// Whether most of the time went by before the client asked again after an answer that never came, or never to
/// its end: half a minute is a usual read timeout, and what it has to do after that fits in no case.
fn has_awaited_an_answer(c: &Conversation<'_>) -> bool {
    let Some(over) = c.knobs.over else { return false };
    let requests: Vec<_> = c.in_order().map(|(_, interaction)| interaction).collect();
    requests.windows(2).any(|pair| {
        let [Some(asked), Some(again)] = [pair[0].times, pair[1].times] else { return false };
        let waited = Duration::from_millis(again.request.saturating_sub(asked.request));
        pair[0].completion == Completion::Silent && waited * 2 > over
    })
}

fn error_shown(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    if !c.gave_up() || matches!(outcome.kind, Kind::Timeout) {
        return Ok(vec![]);
    }
    // The error is in the last answer, of a write that was refused or of a poll.
    let course = c.main();
    let last = match course {
        Some(course) => course.last().map(|last| last.index),
        None => c.last_write(),
    };
    let Some(last) = last else { return Ok(vec![]) };
    let Some(response) = c.interactions[last].response.as_ref().filter(|response| response.status >= 400) else {
        return Ok(vec![]);
    };
    let Some(error) = ErrorBody::of(response) else { return Ok(vec![]) };
    let Some(code) = error.code else { return Ok(vec![]) };
    if outcome.shows(&code) || codes(response).iter().any(|code| outcome.shows(code)) {
        return Ok(vec![]);
    }
    let message = format!("the error code `{code}` is in nothing that the client printed");
    let breach = Breach::new([last], message);
    Ok(vec![match course {
        Some(course) => breach.in_course(course),
        None => breach,
    }])
}

fn silence(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(since) = c.knobs.over else { return Err(NotJudged("when the client was done")) };
    const GRACE: Duration = Duration::from_secs(5);
    let late = c.in_order().filter_map(|(index, interaction)| {
        let after = Duration::from_millis(interaction.times?.request).checked_sub(since)?;
        (after > GRACE).then_some((index, after))
    });
    let late: Vec<_> = late.collect();
    let Some((_, after)) = late.first() else { return Ok(vec![]) };
    let message = format!("sent a request {} after it was done", seconds(*after));
    Ok(vec![Breach::new(late.iter().map(|(index, _)| *index), message)])
}

fn resumed(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if !c.knobs.resumes {
        return Ok(vec![]);
    }
    let writes: Vec<usize> = c.writes().map(|(index, _)| index).collect();
    let Some(first) = writes.first() else { return Ok(vec![]) };
    let method = &c.interactions[*first].request.method;
    let target = Target::parse(&c.interactions[*first].request.target);
    let message = format!("sent {method} {} although it was to go on with an operation", target.path());
    Ok(vec![Breach::new(writes, message)])
}
