//! When the entries of a session record happened.
//!
//! The recorder keeps a queue for each method and URI and writes queue after queue. So two things
//! are certain: within a queue the order is that of time, and so is the order in which the queues
//! begin. All else must come from `Date`, which has whole seconds and is set by several servers
//! whose clocks differ; it is moved forward where it contradicts what is certain, or shows a poll
//! before the answer that handed out its URL.

use std::collections::HashMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::cassette::Interaction;

/// The moment of each entry. Sorted by it, stably, entries are in the order of time. `None` before
/// the first `Date`.
pub(super) fn moments(entries: &[Interaction]) -> Vec<Option<Timestamp>> {
    let mut queues: HashMap<(&str, &str), Option<Timestamp>> = HashMap::new();
    let mut handed_out: HashMap<&str, Option<Timestamp>> = HashMap::new();
    let mut last_beginning = None;
    let mut moments = Vec::with_capacity(entries.len());
    for entry in entries {
        let target = entry.request.target.as_str();
        let mut moment = date(entry);
        if entry.request.method == "GET" {
            moment = moment.max(handed_out.get(target).copied().flatten());
        }
        let queue = (entry.request.method.as_str(), target);
        if let Some(last) = queues.get(&queue) {
            moment = moment.max(*last);
        } else {
            moment = moment.max(last_beginning);
            last_beginning = moment;
        }
        queues.insert(queue, moment);
        for url in polling_urls(entry) {
            // Several answers may hand out one URL: the first is the one before every poll.
            handed_out.entry(url).or_insert(moment);
        }
        moments.push(moment);
    }
    moments
}

fn date(entry: &Interaction) -> Option<Timestamp> {
    let date = entry.response.as_ref()?.headers.get("date")?;
    let date = DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", date.trim()).ok()?;
    TimeZone::UTC.to_timestamp(date).ok()
}

/// The targets of the polling URLs in an answer.
fn polling_urls(entry: &Interaction) -> impl Iterator<Item = &str> {
    ["azure-asyncoperation", "operation-location", "location"]
        .into_iter()
        .filter_map(|name| entry.response.as_ref()?.headers.get(name))
        .filter_map(|url| match url.split_once("://") {
            Some((_, rest)) => rest.find('/').map(|path| &rest[path..]),
            None => Some(url),
        })
}
