//! LRO-C-22 to 27: when to ask, and for how long.

use std::time::Duration;

use super::{
    conversation::{Conversation, is_transient, seconds},
    course::{Asked, Course},
    outcome::{Ending, Kind},
    poll_faults::is_marked,
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::arm::{Polled, RetryAfter, State, Url, authority_key};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-22",
        severity: Violation,
        title: "Retry-After between polls",
        words: "After a running answer with `Retry-After: n` the next poll comes n seconds later, or later still.",
        source: "RPC-ASYNC step 3, TRACK, THROTTLE",
        check: retry_after,
    },
    Rule {
        id: "LRO-C-23",
        severity: Warning,
        title: "forms of Retry-After",
        words: "Whole seconds and HTTP dates are understood; a date that has passed is no wait. What cannot be read \
                is ignored, and the default interval applies.",
        source: "RFC 9110 section 10.2.3, TESTSRV",
        check: retry_after_forms,
    },
    Rule {
        id: "LRO-C-24",
        severity: Warning,
        title: "a moderate interval where the service names none",
        words: "Without `Retry-After` the client waits a moderate time between polls: the contract's default is 60 s, \
                half a second on average is too little. Where the caller names an interval, it is that.",
        source: "RPC-ASYNC step 3, the SDKs",
        check: default_interval,
    },
    Rule {
        id: "LRO-C-25",
        severity: Violation,
        title: "no busy loop",
        words: "Never more than 5 polls a second over 3 s, whatever `Retry-After` says.",
        source: "THROTTLE, SDK-JS",
        check: busy_loop,
    },
    Rule {
        id: "LRO-C-26",
        severity: Warning,
        title: "the wait is bounded by the caller's limit",
        words: "At the caller's limit, and not before, the client stops, says that the operation may still run, and \
                neither deletes nor writes the resource.",
        source: "RPC-ASYNC step 6",
        check: bounded_wait,
    },
    Rule {
        id: "LRO-C-27",
        severity: Warning,
        title: "one poll at a time",
        words: "A client has one poll of an operation under way.",
        source: "THROTTLE",
        check: one_poll,
    },
];

/// How much before its time a poll may come.
fn tolerance(asked: Duration) -> Duration {
    Duration::from_millis(300).max(asked / 20)
}

pub(super) fn too_soon(gap: Duration, asked: Duration) -> bool {
    gap < asked.saturating_sub(tolerance(asked))
}

/// The mean gap below which polls come too fast.
const MIN_GAP: Duration = Duration::from_millis(500);

/// Longer than this a client that was given an interval does not wait.
pub(super) fn most_interval(given: Duration) -> Duration {
    Duration::from_secs(10).max(given * 5)
}

/// Each poll with what was answered before it: the write, then the polls; and how many polls came before
/// it, where one that is tried again counts once.
fn pairs<'c>(c: &'c Conversation<'_>, course: &'c Course<'_>) -> impl Iterator<Item = (usize, &'c Asked<'c>, usize)> {
    let before = course.operation.write.into_iter().chain(course.polls().map(|poll| poll.index));
    let first = usize::from(course.operation.write.is_none());
    let mut answered = first;
    before.zip(course.polls().skip(first)).map(move |(before, poll)| {
        let place = answered;
        let is_redirected = poll.status().is_some_and(|status| (300..400).contains(&status));
        answered += usize::from(!is_redirected && !is_transient(&c.interactions[poll.index]));
        (before, poll, place)
    })
}

/// Whether the answer at `index` says that the operation goes on.
fn goes_on(course: &Course<'_>, index: usize) -> bool {
    if course.operation.write == Some(index) {
        return course.written.is_some_and(|written| written.status < 300);
    }
    course.asked.iter().any(|asked| asked.index == index && asked.is_running())
}

fn header<'a>(c: &Conversation<'a>, index: usize) -> Option<&'a str> {
    c.interactions[index].response.as_ref()?.headers.get("retry-after")
}

fn retry_after(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    c.paced()?;
    let mut breaches = Vec::new();
    for course in &c.courses {
        for (before, poll, place) in pairs(c, course) {
            let is_date = matches!(header(c, before).and_then(RetryAfter::parse), Some(RetryAfter::Until(_)));
            let Some(asked) = c.wait_asked(before).filter(|_| !is_date && goes_on(course, before)) else { continue };
            let gap = c.gap(before, poll.index)?;
            if !too_soon(gap, asked) {
                continue;
            }
            let message = format!("polled again after {}, and was asked to wait {}", seconds(gap), seconds(asked));
            let breach = Breach::new([before, poll.index], message).in_course(course);
            // Most SDKs ask at once after the write, and one twice.
            breaches.push(breach.warning_if(place < 2));
        }
    }
    Ok(breaches)
}

fn retry_after_forms(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    c.paced()?;
    let mut breaches = Vec::new();
    for course in &c.courses {
        for (before, poll, _) in pairs(c, course) {
            let is_date = matches!(header(c, before).and_then(RetryAfter::parse), Some(RetryAfter::Until(_)));
            let Some(asked) = c.wait_asked(before).filter(|_| is_date && goes_on(course, before)) else { continue };
            let gap = c.gap(before, poll.index)?;
            // A date has whole seconds.
            if too_soon(gap + Duration::from_secs(1), asked) {
                let message =
                    format!("polled after {}; the date in Retry-After was {} off", seconds(gap), seconds(asked));
                breaches.push(Breach::new([before, poll.index], message).in_course(course));
            }
        }
    }
    if let (Ok(outcome), Some(course)) = (c.outcome(), c.main())
        && c.gave_up()
        && !matches!(outcome.kind, Kind::Timeout)
        && c.knobs.timeout.is_none()
    {
        // The last answer was a running one, and its header no whole number of seconds.
        let last = course.last().map_or(course.operation.write, |last| Some(last.index));
        let odd = |index: &usize| {
            let response = c.interactions[*index].response.as_ref();
            let values = response.map_or(&[][..], |response| response.headers.get_all("retry-after"));
            let is_number = |value: &String| matches!(RetryAfter::parse(value), Some(RetryAfter::Delay(_)));
            values.len() > 1 || values.iter().any(|value| !is_number(value))
        };
        let last = last.filter(|index| !course.asked.is_empty() || !leads_away(c, course, *index));
        if let Some(index) = last.filter(odd).filter(|index| goes_on(course, *index)) {
            let values =
                c.interactions[index].response.as_ref().map(|response| response.headers.get_all("retry-after"));
            let value = values.unwrap_or_default().join(", ");
            let message = format!("gave up at `Retry-After: {value}` on a running answer");
            let breach = Breach::new([index], message).in_course(course);
            // Which of two oddities it was cannot be told.
            let marked = c.interactions[index].response.as_ref().is_some_and(is_marked);
            breaches.push(breach.weighing(if marked { Warning } else { Violation }));
        }
    }
    Ok(breaches)
}

/// Whether a polling URL is one that a client may refuse to ask: a path, another host, no TLS.
fn leads_away(c: &Conversation<'_>, course: &Course<'_>, write: usize) -> bool {
    let request = &c.interactions[write].request;
    course.operation.urls.iter().any(|url| {
        Url::parse(url).is_none_or(|url| {
            let host = authority_key(Some(&url.scheme), &url.authority);
            request.scheme.as_ref().is_some_and(|scheme| *scheme != url.scheme) || c.host(write) != Some(host.as_str())
        })
    })
}

fn default_interval(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    c.paced()?;
    let mut breaches = Vec::new();
    for course in &c.courses {
        let free: Vec<_> = pairs(c, course)
            // What cannot be read says nothing (LRO-C-23).
            .filter(|(before, _, _)| c.wait_asked(*before).is_none() || header(c, *before) == Some("0"))
            .filter(|(before, _, _)| goes_on(course, *before))
            // The first poll may come at once where the answer to the write says so.
            .filter(|(before, _, place)| *place > 0 || header(c, *before).is_none())
            .map(|(before, poll, _)| Ok((poll.index, c.gap(before, poll.index)?)))
            .collect::<Result<_, NotJudged>>()?;
        let Ok(count) = u32::try_from(free.len()) else { continue };
        let total = free.iter().fold(Duration::ZERO, |total, (_, gap)| total.saturating_add(*gap));
        let polls = free.iter().map(|(poll, _)| *poll);
        if count >= 4 && total / count < MIN_GAP {
            let message = format!("{count} polls, {} apart on average", seconds(total / count));
            breaches.push(Breach::new(polls, message).in_course(course));
        } else if let Some(interval) = c.knobs.interval
            && let Some((poll, gap)) = free.iter().find(|(_, gap)| *gap > most_interval(interval))
        {
            let message = format!("polled after {}, and was given an interval of {}", seconds(*gap), seconds(interval));
            breaches.push(Breach::new([*poll], message).in_course(course));
        }
    }
    Ok(breaches)
}

fn busy_loop(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 15;
    const SPAN: Duration = Duration::from_secs(3);
    c.paced()?;
    let mut breaches = Vec::new();
    for course in &c.courses {
        let polls: Vec<usize> = course.asked.iter().map(|asked| asked.index).collect();
        for window in polls.windows(MOST + 1) {
            let span = c.between(window[0], window[MOST])?;
            if span < SPAN {
                let message = format!("{} polls within {}", window.len(), seconds(span));
                breaches.push(Breach::new(window.iter().copied(), message).in_course(course));
                break;
            }
        }
    }
    Ok(breaches)
}

fn bounded_wait(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let mut breaches = undone(c);
    let Some(course) = c.main() else { return Ok(breaches) };
    let ended = course.end().is_some();
    let last = course.last().map_or(course.operation.write, |last| Some(last.index));
    let breach = |message: &str| Breach::new(last, message).in_course(course);
    if let Some(limit) = c.knobs.timeout {
        if outcome.ending == Ending::Stopped && !ended {
            breaches.push(breach(&format!("went on beyond its limit of {}", seconds(limit))));
        }
    } else if outcome.kind == Kind::Timeout && !ended && outcome.ending == Ending::Itself {
        breaches.push(breach("gave up waiting, although it was given no limit"));
    }
    Ok(breaches)
}

/// A resource that is deleted while the PUT that made it still runs.
fn undone(c: &Conversation<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for course in c.courses.iter().filter(|course| course.method() == "PUT" && course.end().is_none()) {
        let Some(last) = course.steps().last() else { continue };
        let deleted = c
            .after(last)
            .filter(|(index, later)| later.request.method == "DELETE" && c.path(*index) == course.operation.path);
        let message = "deletes the resource while its operation runs";
        breaches.extend(deleted.map(|(index, _)| Breach::new([last, index], message).in_course(course)));
    }
    breaches
}

fn one_poll(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut breaches = Vec::new();
    for course in &c.courses {
        let polls: Vec<&Asked<'_>> = course.polls().collect();
        for pair in polls.windows(2) {
            let (first, second) = (pair[0].index, pair[1].index);
            let same = c.interactions[first].request.target == c.interactions[second].request.target;
            // Whose answer is lost may ask again.
            if same && !is_transient(&c.interactions[first]) && c.overlap(first, second)? {
                let message = "a poll was sent before the one before it was answered";
                breaches.push(Breach::new([first, second], message).in_course(course));
            }
        }
    }
    Ok(breaches)
}

/// The state word that a poll showed; for messages.
pub(super) fn word(asked: &Asked<'_>) -> String {
    match &asked.state {
        Some(State::Running(word)) if word.is_empty() => {
            asked.status().map_or(String::new(), |status| status.to_string())
        }
        Some(state) => state.to_string(),
        None => asked.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
    }
}

/// Whether what was polled has a status word of its own.
pub(super) fn is_monitor(polled: Polled) -> bool {
    matches!(polled, Polled::AsyncOperation | Polled::OperationLocation)
}
