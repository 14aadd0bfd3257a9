//! LRO-C-32 to 45: what the answer to a poll means.

use serde_json::Value;

use super::{
    conversation::{Asked, Conversation, Course, is_transient, seconds},
    outcome::{Ending, Kind},
    pacing::{is_monitor, too_soon, word},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{ErrorBody, Polled, State, member},
    cassette::{Body, Completion, Response},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-32",
        severity: Violation,
        title: "an unknown state is a running one",
        words: "Every state but `Succeeded`, `Failed` and `Canceled` means that the operation runs, also words that \
                nobody has seen before: services add states at any time.",
        source: "RPC-ASYNC \"ProvisioningState property\", TRACK",
        check: unknown_state,
    },
    Rule {
        id: "LRO-C-33",
        severity: Violation,
        title: "case does not matter",
        words: "State words and header names mean the same in any case.",
        source: "RFC 9110 section 5.1, TESTSRV, every SDK that was read",
        check: case,
    },
    Rule {
        id: "LRO-C-34",
        severity: Violation,
        title: "only the state word decides",
        words: "`percentComplete: 100`, an `endTime`, a result, or a state in the body of a 202 do not end an operation.",
        source: "RPC-ASYNC status table, TESTSRV",
        check: other_signs,
    },
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
    Rule {
        id: "LRO-C-39",
        severity: Violation,
        title: "a status that cannot be read says nothing of the operation",
        words: "A redirect that is not followed, a 4xx or a 5xx from the status URL is neither a success nor a failure \
                of the operation: the client says that it could not find out.",
        source: "RPC-ASYNC \"Azure-AsyncOperation Resource format\"",
        check: unreadable_status,
    },
    Rule {
        id: "LRO-C-40",
        severity: Violation,
        title: "a passing fault on a poll is retried",
        words: "408, 500, 502, 503, 504, a reset connection or a read timeout on a poll is tried again, at least once \
                and with a pause, on the same URL.",
        source: "RPC-ADD \"Retrying REST Calls\", TESTSRV `retryerror`",
        check: passing_fault,
    },
    Rule {
        id: "LRO-C-41",
        severity: Violation,
        title: "429 on a poll",
        words: "A throttled poll is sent again after `Retry-After`; it never ends the wait by itself.",
        source: "THROTTLE \"Error code\"",
        check: throttled_poll,
    },
    Rule {
        id: "LRO-C-42",
        severity: Warning,
        title: "404 and 410 on polls",
        words: "A status URL that is gone ends the wait with `could not find out`, at once or after a few tries; it \
                is not polled for ever.",
        source: "S-23, S-30, I-HC740",
        check: gone,
    },
    Rule {
        id: "LRO-C-43",
        severity: Warning,
        title: "other 4xx on polls",
        words: "400, 403, 405, 409 and 412 on a poll stop it, with the error shown.",
        source: "TESTSRV `nonretryerror`, TRACK, RPC-ADD item 4",
        check: refused_poll,
    },
    Rule {
        id: "LRO-C-44",
        severity: Violation,
        title: "a status document that cannot be read is no success",
        words: "An empty body, `{}`, a `status` that is no string, cut JSON or HTML is an error, or is polled again a \
                few times.",
        source: "RPC-ASYNC (`status` is required), TESTSRV",
        check: malformed,
    },
    Rule {
        id: "LRO-C-45",
        severity: Violation,
        title: "what is odd and harmless is read",
        words: "Fields that are new, missing or oddly written, a byte order mark or a missing Content-Type do not \
                break a client, as long as there is a `status`.",
        source: "TRACK (all fields but `status` are optional)",
        check: harmless,
    },
];

/// Where the client, by itself and not for its limit, gave up: the last answer that it had.
fn gave_up_at<'c, 'a>(c: &'c Conversation<'a>) -> Result<Option<(&'c Course<'a>, &'c Asked<'a>)>, NotJudged> {
    let outcome = c.outcome()?;
    let for_its_limit = outcome.kind == Kind::Timeout || outcome.kind == Kind::NoSuccess && c.knobs.timeout.is_some();
    if !c.gave_up() || for_its_limit {
        return Ok(None);
    }
    Ok(c.main().and_then(|course| Some((course, course.last()?))))
}

/// Where the client reports success: the last poll that it had, if nothing before or after it told
/// of success.
fn succeeded_at<'c, 'a>(c: &'c Conversation<'a>) -> Result<Option<(&'c Course<'a>, &'c Asked<'a>)>, NotJudged> {
    if !c.outcome()?.is_success() {
        return Ok(None);
    }
    let Some(course) = c.main().filter(|course| course.end().is_none()) else { return Ok(None) };
    Ok(course.polls().last().map(|poll| (course, poll)))
}

/// Words that services use every day: what goes wrong at one of these goes wrong for another reason.
pub(super) fn is_common(word: &str) -> bool {
    ["", "Accepted", "Creating", "InProgress", "Provisioning", "Running", "Updating", "Deleting", "Pending"]
        .iter()
        .any(|common| common.eq_ignore_ascii_case(word))
}

fn is_double_l(word: &str) -> bool {
    word.eq_ignore_ascii_case("Cancelled")
}

fn running_word<'c>(asked: &'c Asked<'_>) -> Option<&'c str> {
    match &asked.state {
        Some(State::Running(word)) => Some(word),
        _ => None,
    }
}

fn unknown_state(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if let Some((course, last)) = gave_up_at(c)?
        && let Some(word) = running_word(last)
        && !is_common(word)
        && !is_double_l(word)
        && oddity(c, last).is_none()
    {
        let message = format!("gave up at the state `{word}`");
        return Ok(vec![Breach::new([last.index], message).in_course(course)]);
    }
    if let Some((course, last)) = succeeded_at(c)?
        && let Some(word) = running_word(last)
        && !is_double_l(word)
        && !word.eq_ignore_ascii_case("Completed")
        // 200 at `Location` is an end for some.
        && !(last.polled == Polled::Location && matches!(last.status(), Some(200 | 201)))
        && other_sign(last).is_none()
    {
        let told = pacing_word(last, word);
        let message = format!("reports success, and the last thing that it was told is {told}");
        let breach = Breach::new([last.index], message).in_course(course);
        // Whoever polls `Location` takes any 200 for the end, also where it is the resource.
        let self_link = last.polled == Polled::Resource
            && course.written.is_some_and(|written| written.headers.get("location").is_some());
        return Ok(vec![if self_link { breach.warning() } else { breach }]);
    }
    Ok(vec![])
}

fn pacing_word(asked: &Asked<'_>, state: &str) -> String {
    if state.is_empty() { word(asked) } else { format!("`{state}`") }
}

fn case(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main() else { return Ok(vec![]) };
    let Some(at) = course.end() else { return Ok(vec![]) };
    let end = &course.asked[at];
    let Some(word) = end.response.and_then(|response| State::word(end.polled, response)) else { return Ok(vec![]) };
    if ["Succeeded", "Failed", "Canceled"].contains(&word.as_str())
        || State::from_word(&word) != *course.end_state().unwrap_or(&State::Succeeded)
    {
        return Ok(vec![]);
    }
    let polled_on = course.asked[at + 1..].iter().filter(|asked| asked.polled == end.polled).count();
    let lost = end.state == Some(State::Succeeded) && c.gave_up() && at + 1 == course.asked.len();
    // Who went on to read the result has taken it for the end, whatever came of that.
    let went_on = course.asked[at + 1..].iter().any(|asked| asked.polled != end.polled);
    let waited_on = outcome.ending == Ending::Stopped && !went_on;
    if polled_on > 1 && end.polled != Polled::Resource || waited_on || lost {
        let message = format!("did not take `{word}` for the end");
        return Ok(vec![Breach::new([end.index], message).in_course(course)]);
    }
    Ok(vec![])
}

/// What else in a running answer looks like an end.
fn other_sign(asked: &Asked<'_>) -> Option<&'static str> {
    let object = asked.object()?;
    if asked.status() == Some(202) && State::word(Polled::Resource, asked.response?).is_some() {
        return Some("the state in the body of a 202");
    }
    if !is_monitor(asked.polled) {
        return None;
    }
    let number = member(&object, "percentComplete").and_then(Value::as_f64);
    if number.is_some_and(|number| number >= 100.0) {
        Some("percentComplete 100")
    } else if member(&object, "endTime").is_some_and(Value::is_string) {
        Some("an endTime")
    } else if member(&object, "properties").is_some_and(Value::is_object) {
        Some("a result")
    } else {
        None
    }
}

fn other_signs(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some((course, last)) = succeeded_at(c)? else { return Ok(vec![]) };
    let Some(sign) = other_sign(last).filter(|_| last.is_running()) else { return Ok(vec![]) };
    let message = format!("took {sign} for the end of an operation that runs");
    Ok(vec![Breach::new([last.index], message).in_course(course)])
}

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
pub(super) fn codes(response: &crate::cassette::Response) -> Vec<String> {
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
    if let Some(document) = crate::arm::document(&response.body) {
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
    let double_l = || course.polls().last().filter(|last| running_word(last).is_some_and(is_double_l));
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

fn unreadable_status(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if let Some((course, last)) = succeeded_at(c)?
        && last.status().is_none_or(|status| status >= 300)
        && (last.polled != Polled::Location || last.status().is_some_and(|status| status < 400))
        && !proven_by_resource(course)
    {
        let message = format!("reports success after {}, which says nothing of the operation", word(last));
        return Ok(vec![Breach::new([last.index], message).in_course(course)]);
    }
    if let Some((course, last)) = gave_up_at(c)?
        && is_monitor(last.polled)
        && last.status().is_some_and(|status| status >= 400)
        && c.outcome()?.kind == Kind::Failed
        && course.end().is_none()
    {
        let message = format!("reports that the operation failed after {}, which says nothing of it", word(last));
        return Ok(vec![Breach::new([last.index], message).warning().in_course(course)]);
    }
    Ok(vec![])
}

/// Whether a read of the resource showed that it is done.
fn proven_by_resource(course: &Course<'_>) -> bool {
    course.asked.iter().any(|asked| asked.polled == Polled::Resource && asked.state == Some(State::Succeeded))
}

fn passing_fault(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some((course, last)) = gave_up_at(c)? else { return Ok(vec![]) };
    let interaction = &c.interactions[last.index];
    // After the end it is the final read: LRO-C-48.
    if !is_transient(interaction) || last.status() == Some(429) || course.end().is_some() {
        return Ok(vec![]);
    }
    let faults = course.asked.iter().rev().take_while(|asked| is_transient(&c.interactions[asked.index])).count();
    if faults > 1 {
        return Ok(vec![]);
    }
    let what = fault(last, interaction.completion);
    let breach = Breach::new([last.index], format!("gave up at the first {what}")).in_course(course);
    let doubtful = matches!(interaction.completion, Completion::Cut(_) | Completion::Silent);
    Ok(vec![if doubtful { breach.warning() } else { breach }])
}

/// What went wrong, behind `the first`.
pub(super) fn fault(asked: &Asked<'_>, completion: Completion) -> String {
    match (asked.status(), completion) {
        (_, Completion::Cut(_)) => "answer that was cut".to_owned(),
        (_, Completion::Silent) => "request that was not answered".to_owned(),
        (Some(status), _) => status.to_string(),
        (None, _) => "lost connection".to_owned(),
    }
}

fn throttled_poll(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        for pair in course.asked.windows(2).filter(|pair| pair[0].status() == Some(429)) {
            let (first, second) = (pair[0].index, pair[1].index);
            let Some(asked) = c.wait_asked(first) else { continue };
            let Ok(gap) = c.paced().and_then(|()| c.gap(first, second)) else { continue };
            if too_soon(gap, asked) {
                let message = format!("polled again after {}; 429 asked to wait {}", seconds(gap), seconds(asked));
                breaches.push(Breach::new([first, second], message).in_course(course));
            }
        }
    }
    if let Ok(Some((course, last))) = gave_up_at(c)
        && last.status() == Some(429)
        && course.end().is_none()
        && course.asked.iter().rev().take_while(|asked| asked.status() == Some(429)).count() == 1
    {
        let breach = Breach::new([last.index], "gave up at the first 429").in_course(course);
        breaches.push(if c.wait_asked(last.index).is_some() { breach } else { breach.warning() });
    }
    Ok(breaches)
}

/// The last answers, as long as they have one of these statuses.
fn tail(course: &Course<'_>, statuses: &[u16]) -> Vec<usize> {
    let run =
        course.asked.iter().rev().take_while(|asked| asked.status().is_some_and(|status| statuses.contains(&status)));
    run.map(|asked| asked.index).collect()
}

fn gone(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 20;
    let mut breaches = Vec::new();
    for course in c.courses.iter().filter(|course| course.end().is_none()) {
        let run = tail(course, &[404, 410]);
        let stopped = c.outcome().is_ok_and(|outcome| outcome.ending == Ending::Stopped && run.len() >= 5);
        if stopped && c.knobs.timeout.is_none() || run.len() > MOST {
            let message = format!("polled {} times what is gone", run.len());
            breaches.push(Breach::new(run.into_iter().rev(), message).in_course(course));
        }
    }
    Ok(breaches)
}

fn refused_poll(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 5;
    let mut breaches = Vec::new();
    for course in &c.courses {
        let run = tail(course, &[400, 403, 405, 409, 412]);
        let asked_for = run.iter().any(|index| c.wait_asked(*index).is_some());
        if run.len() > MOST && !asked_for {
            let message = format!("polled {} times in a row what refused it", run.len());
            breaches.push(Breach::new(run.into_iter().rev(), message).in_course(course));
        }
    }
    Ok(breaches)
}

fn malformed(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let is_malformed = |asked: &Asked<'_>| {
        is_monitor(asked.polled) && asked.state.is_none() && matches!(asked.status(), Some(200 | 201))
    };
    if let Some((course, last)) = succeeded_at(c)?
        && is_malformed(last)
    {
        let message = "reports success after a status document that cannot be read";
        let breach = Breach::new([last.index], message).in_course(course);
        return Ok(vec![if proven_by_resource(course) { breach.warning() } else { breach }]);
    }
    const MOST: usize = 10;
    let Some(course) = c.main() else { return Ok(vec![]) };
    let run: Vec<usize> = course
        .polls()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .take_while(|asked| is_malformed(asked))
        .map(|asked| asked.index)
        .collect();
    if run.len() > MOST && c.outcome()?.ending == Ending::Stopped {
        let message = format!("polled {} times a status document that cannot be read", run.len());
        return Ok(vec![Breach::new(run.into_iter().rev(), message).warning().in_course(course)]);
    }
    Ok(vec![])
}

/// Whether a byte order mark stands before the body, which puts some parsers off.
pub(super) fn is_marked(response: &Response) -> bool {
    matches!(&response.body, Body::Text(text) if text.starts_with('\u{feff}'))
}

/// What is odd about an answer that can be read all the same.
fn oddity(c: &Conversation<'_>, asked: &Asked<'_>) -> Option<(&'static str, bool)> {
    let response = c.interactions[asked.index].response.as_ref()?;
    if is_marked(response) {
        return Some(("a byte order mark", true));
    }
    if response.headers.get("content-type").is_none() {
        return Some(("a missing Content-Type", true));
    }
    const KNOWN: [&str; 8] = ["id", "name", "status", "startTime", "endTime", "percentComplete", "properties", "error"];
    let object = asked.object().filter(|_| is_monitor(asked.polled))?;
    if object.keys().any(|key| !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(key))) {
        return Some(("a field that it does not know", false));
    }
    let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
    let odd_time = ["startTime", "endTime"].iter().any(|name| match member(&object, name) {
        Some(Value::String(text)) => !is_time(text),
        Some(_) => true,
        None => false,
    });
    if odd_time {
        return Some(("an oddly written time", false));
    }
    member(&object, "properties").is_some_and(Value::is_null).then_some(("`properties: null`", false))
}

fn harmless(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some((course, last)) = gave_up_at(c)? else { return Ok(vec![]) };
    if !is_monitor(last.polled) || !matches!(last.state, Some(State::Running(_) | State::Succeeded)) {
        return Ok(vec![]);
    }
    let running = running_word(last);
    if running.is_some_and(is_double_l) {
        return Ok(vec![]);
    }
    let breach = |message: String| Breach::new([last.index], message).in_course(course);
    Ok(match oddity(c, last) {
        Some((what, doubtful)) => {
            let breach = breach(format!("gave up at an answer with {what}"));
            vec![if doubtful { breach.warning() } else { breach }]
        }
        None if running.is_none() => vec![breach("gave up at an answer that says `Succeeded`".to_owned())],
        None => vec![],
    })
}
