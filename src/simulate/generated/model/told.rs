//! What one answer lets a client do next: one line for each row of the contract's tables.

use super::{
    Course,
    read::{self, Content, Said, codes, is_at_the_root, of_resource, of_status, status_at_location},
};
use crate::simulate::scenario::{Answer, Expected, Fault, LinkHeader, Operation, Scenario, Target};

/// What a client may make of an answer to a poll: it stops, goes on, or either.
#[derive(Default)]
pub(super) struct Told {
    /// Ends that are right here.
    pub(super) ends: Vec<Course>,
    /// Whether it may ask again.
    pub(super) goes_on: bool,
    /// Whether this is a fault that passes: to give up at the first is wrong, at the second it is not.
    pub(super) fault: bool,
    /// Whether this says that the operation runs.
    pub(super) runs: bool,
}

impl Told {
    fn end(ends: impl Into<Vec<Course>>) -> Self {
        Self { ends: ends.into(), ..Self::default() }
    }

    fn runs() -> Self {
        Self { goes_on: true, runs: true, ..Self::default() }
    }

    /// Not an answer to the question: to give up is right, and so is to ask again.
    fn doubt() -> Self {
        Self { ends: vec![Course::unknown()], goes_on: true, ..Self::default() }
    }

    fn fault() -> Self {
        Self { goes_on: true, fault: true, ..Self::default() }
    }

    fn or(mut self, other: Course) -> Self {
        self.ends.push(other);
        self
    }
}

/// What kind of URL is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// A status document.
    Status,
    /// The operation's result.
    Result,
    /// The resource.
    Resource,
    /// The result of an operation that is known to have succeeded.
    Last,
}

/// What an answer of `target` tells, asked as `view`.
pub(super) fn told(scenario: &Scenario, target: Target, view: View, answer: &Answer) -> Told {
    let Some(status) = answer.status else { return no_answer(answer) };
    if answer.fault.is_some() {
        return no_answer(answer);
    }
    let told = by_status(scenario, target, view, status, answer);
    // S-19: for whoever looks elsewhere, the resource has no state and is done.
    let is_resource = status == 200 && view != View::Status && scenario.operation != Operation::Delete;
    if is_resource && is_at_the_root(scenario, answer) {
        return told.or(Course::success(Some(target)).tolerated());
    }
    told
}

fn by_status(scenario: &Scenario, target: Target, view: View, status: u16, answer: &Answer) -> Told {
    match (status, view) {
        (408 | 500 | 502..=504, _) => Told::fault(),
        // LRO-C-41.
        (429, _) if answer.retry_after.is_empty() => Told::doubt(),
        (429, _) => Told::fault(),
        // LRO-C-29.
        (401, _) => Told::doubt(),
        (300..=399, _) => Told::doubt(),
        (_, View::Status) => of_monitor(scenario, status, answer),
        (_, View::Result) => of_location(scenario, target, status, answer),
        (_, View::Resource) => of_the_resource(scenario, target, status, answer),
        (_, View::Last) => of_last_read(scenario, target, status, answer),
    }
}

/// A lost connection is tried again (LRO-C-40); whether one that hangs is ever given up is the client's
/// own affair.
fn no_answer(answer: &Answer) -> Told {
    match answer.fault {
        Some(Fault::Silent | Fault::Stall) => Told::doubt(),
        // No document says that half an answer is asked for again (SDK-JS does not).
        Some(Fault::Cut | Fault::CutAfter(_)) => Told::fault().or(Course::unknown().tolerated()),
        _ => Told::fault(),
    }
}

fn failed(scenario: &Scenario, answer: &Answer) -> Course {
    Course::failure(codes(scenario, answer))
}

/// LRO-C-37: a cancellation may be told as a failure.
fn canceled() -> [Course; 2] {
    [Course::new(Expected::Canceled), Course::failure(Vec::new())]
}

fn of_monitor(scenario: &Scenario, status: u16, answer: &Answer) -> Told {
    if !matches!(status, 200..=202) {
        // Not found yet, or forgotten (LRO-C-42); the rest is refused for good (LRO-C-43). No word on the
        // operation either way (LRO-C-39).
        return if status == 404 { Told::doubt() } else { Told::end([Course::unknown()]) };
    }
    match of_status(scenario, answer) {
        Said::Succeeded => {
            // It names the resource on another host: not every client goes there (LRO-C-30).
            let elsewhere = answer.body.as_ref().and_then(|name| scenario.bodies.get(name));
            let elsewhere = elsewhere.is_some_and(|text| text.contains("${second-host}"));
            let told = Told::end([Course::success(None)]);
            if elsewhere { told.or(Course::unknown()) } else { told }
        }
        Said::Failed => Told::end([failed(scenario, answer)]),
        Said::Canceled => Told::end(canceled()),
        Said::DoubleL => Told { ends: canceled().into(), ..Told::runs() },
        Said::Other(_) => Told::runs(),
        // LRO-C-44.
        Said::Nothing | Said::Nonsense => Told::doubt(),
    }
}

fn of_location(scenario: &Scenario, target: Target, status: u16, answer: &Answer) -> Told {
    let method = scenario.operation.method();
    let deletes = method == http::Method::DELETE;
    let success = || Course::success((status != 204 && !deletes).then_some(target));
    match status {
        202 => Told::runs(),
        204 => Told::end([success()]),
        200 | 201 if method == http::Method::POST && status_at_location(scenario, answer).is_none() => {
            Told::end([success()])
        }
        200 | 201 => {
            // a status document is not for this place.
            let status = status_at_location(scenario, answer);
            let misplaced = status.is_some();
            match status.unwrap_or_else(|| of_resource(scenario, answer)) {
                Said::Other(_) if misplaced => Told::runs().or(success().tolerated()),
                // The result is elsewhere, then.
                Said::Succeeded if misplaced => Told::end([Course::success(None)]),
                // nor is this word.
                Said::Failed | Said::Canceled => Told::end([failed(scenario, answer), success().tolerated()]),
                //
                Said::Other(_) | Said::DoubleL => Told::runs().or(success()),
                Said::Nonsense => Told::doubt(),
                Said::Succeeded | Said::Nothing => Told::end([success()]),
            }
        }
        //
        404 | 410 if deletes => Told::end([Course::success(None), Course::unknown()]),
        404 | 410 => Told::doubt(),
        403 => Told::end([Course::unknown()]),
        _ => Told::end([failed(scenario, answer)]),
    }
}

fn of_the_resource(scenario: &Scenario, target: Target, status: u16, answer: &Answer) -> Told {
    let deletes = scenario.operation == Operation::Delete;
    match status {
        404 | 410 if deletes => Told::end([Course::success(None)]),
        404 => Told::doubt(),
        200..=202 => match of_resource(scenario, answer) {
            Said::Succeeded | Said::Nothing if deletes => Told::runs(),
            Said::Succeeded | Said::Nothing => Told::end([Course::success(Some(target))]),
            Said::Failed => Told::end([failed(scenario, answer)]),
            Said::Canceled => Told::end(canceled()),
            Said::DoubleL => Told { ends: canceled().into(), ..Told::runs() },
            //
            Said::Other(word) if word.eq_ignore_ascii_case("Completed") => {
                Told::runs().or(Course::success(Some(target)))
            }
            Said::Other(_) => Told::runs(),
            Said::Nonsense => Told::doubt(),
        },
        _ => Told::end([Course::unknown()]),
    }
}

/// LRO-C-48: the operation has succeeded, and the read is no part of it.
fn of_last_read(scenario: &Scenario, target: Target, status: u16, answer: &Answer) -> Told {
    let keeps = matches!(scenario.operation.method(), http::Method::PUT | http::Method::PATCH);
    match status {
        204 => Told::end([Course::success(None)]),
        200 | 201 => match of_resource(scenario, answer) {
            _ if !keeps => Told::end([Course::success(Some(target))]),
            Said::Failed | Said::Canceled => Told::end([Course::new(Expected::Any)]),
            //
            Said::Other(_) | Said::DoubleL => Told { goes_on: true, ..Told::end([Course::success(Some(target))]) },
            Said::Nonsense => Told::doubt(),
            _ => Told::end([Course::success(Some(target))]),
        },
        404 if scenario.operation == Operation::Delete => Told::end([Course::success(None), Course::unknown()]),
        404 => Told::doubt(),
        _ => Told::end([Course::unknown()]),
    }
}

/// Whether an answer gives no ground to go on: an empty body, or one without a status.
pub(super) fn is_statusless(scenario: &Scenario, answer: &Answer) -> bool {
    let readable = matches!(read::content(scenario, answer), Content::Empty | Content::Object(_));
    let wordless = matches!(of_status(scenario, answer), Said::Nothing | Said::Nonsense);
    answer.fault.is_none() && answer.status == Some(200) && readable && wordless
}

/// The view of a target that a header named.
pub(super) fn view_of(header: LinkHeader) -> View {
    if header == LinkHeader::Result { View::Result } else { View::Status }
}
