//! LRO-C-39 to 45: answers to polls that tell nothing, or tell it oddly.

use serde_json::Value;

use super::{
    conversation::{Conversation, is_transient, seconds},
    course::{Asked, Course},
    outcome::{Ending, Kind},
    pacing::{is_monitor, too_soon, word},
    rule::{
        Breach, NotJudged, Rule,
        Severity::{self, *},
    },
    states::is_double_l,
};
use crate::{
    arm::{Polled, State, member},
    cassette::{Body, Completion, Response},
};

pub(super) const RULES: &[Rule] = &[
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

fn unreadable_status(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if let Some((course, last)) = c.succeeded_at()?
        && last.status().is_none_or(|status| status >= 300)
        && (last.polled != Polled::Location || last.status().is_some_and(|status| status < 400))
        && !proven_by_resource(course)
    {
        let message = format!("reports success after {}, which says nothing of the operation", word(last));
        return Ok(vec![Breach::new([last.index], message).in_course(course)]);
    }
    if let Some((course, last)) = c.gave_up_at()?
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
    let Some((course, last)) = c.gave_up_at()? else { return Ok(vec![]) };
    let interaction = &c.interactions[last.index];
    // After the end it is the final read: LRO-C-48.
    if !is_transient(interaction) || last.status() == Some(429) || course.end().is_some() {
        return Ok(vec![]);
    }
    if faults_at_the_end(c, &course.asked) > 1 {
        return Ok(vec![]);
    }
    let what = fault(last, interaction.completion);
    let breach = Breach::new([last.index], format!("gave up at the first {what}")).in_course(course);
    let doubtful = matches!(interaction.completion, Completion::Cut(_) | Completion::Silent);
    Ok(vec![breach.warning_if(doubtful)])
}

/// How many of the last answers were passing faults. A redirect on the way to one is a hop of the same try.
pub(super) fn faults_at_the_end(c: &Conversation<'_>, asked: &[Asked<'_>]) -> usize {
    let is_hop = |asked: &&Asked<'_>| asked.status().is_some_and(|status| (300..400).contains(&status));
    let tries = asked.iter().rev().filter(|asked| !is_hop(asked));
    tries.take_while(|asked| is_transient(&c.interactions[asked.index])).count()
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
    if let Ok(Some((course, last))) = c.gave_up_at()
        && last.status() == Some(429)
        && course.end().is_none()
        && course.asked.iter().rev().take_while(|asked| asked.status() == Some(429)).count() == 1
    {
        let breach = Breach::new([last.index], "gave up at the first 429").in_course(course);
        breaches.push(breach.warning_if(c.wait_asked(last.index).is_none()));
    }
    Ok(breaches)
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

/// The last answers, as long as they have one of these statuses.
fn tail(course: &Course<'_>, statuses: &[u16]) -> Vec<usize> {
    let run =
        course.asked.iter().rev().take_while(|asked| asked.status().is_some_and(|status| statuses.contains(&status)));
    run.map(|asked| asked.index).collect()
}

fn malformed(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let is_malformed = |asked: &Asked<'_>| {
        is_monitor(asked.polled) && asked.state.is_none() && matches!(asked.status(), Some(200 | 201))
    };
    if let Some((course, last)) = c.succeeded_at()?
        && is_malformed(last)
    {
        let message = "reports success after a status document that cannot be read";
        let breach = Breach::new([last.index], message).in_course(course);
        return Ok(vec![breach.warning_if(proven_by_resource(course))]);
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

fn harmless(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some((course, last)) = c.gave_up_at()? else { return Ok(vec![]) };
    if !is_monitor(last.polled) || !matches!(last.state, Some(State::Running(_) | State::Succeeded)) {
        return Ok(vec![]);
    }
    let running = last.running_word();
    if running.is_some_and(is_double_l) {
        return Ok(vec![]);
    }
    let breach = |message: String| Breach::new([last.index], message).in_course(course);
    Ok(match oddity(c, last) {
        Some((what, severity)) => vec![breach(format!("gave up at an answer with {what}")).weighing(severity)],
        None if running.is_none() => vec![breach("gave up at an answer that says `Succeeded`".to_owned())],
        None => vec![],
    })
}

/// What is odd about an answer that can be read all the same, and what giving up at it weighs.
pub(super) fn oddity(c: &Conversation<'_>, asked: &Asked<'_>) -> Option<(&'static str, Severity)> {
    let response = c.interactions[asked.index].response.as_ref()?;
    if is_marked(response) {
        return Some(("a byte order mark", Warning));
    }
    if response.headers.get("content-type").is_none() {
        return Some(("a missing Content-Type", Warning));
    }
    const KNOWN: [&str; 8] = ["id", "name", "status", "startTime", "endTime", "percentComplete", "properties", "error"];
    let object = asked.object().filter(|_| is_monitor(asked.polled))?;
    if object.keys().any(|key| !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(key))) {
        return Some(("a field that it does not know", Violation));
    }
    let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
    let odd_time = ["startTime", "endTime"].iter().any(|name| match member(&object, name) {
        Some(Value::String(text)) => !is_time(text),
        Some(_) => true,
        None => false,
    });
    if odd_time {
        return Some(("an oddly written time", Violation));
    }
    member(&object, "properties").is_some_and(Value::is_null).then_some(("`properties: null`", Violation))
}

/// Whether a byte order mark stands before the body, which puts some parsers off.
pub(super) fn is_marked(response: &Response) -> bool {
    matches!(&response.body, Body::Text(text) if text.starts_with('\u{feff}'))
}
