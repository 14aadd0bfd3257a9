//! Courses: a write, the list of answers that it leads to, and what is read at the end.

use super::{
    Course, outlasts,
    read::{self, Said, codes, is_accepted, is_at_the_root, of_resource},
    told::{Told, View, told, view_of},
};
use crate::simulate::scenario::{
    Answer, Expected, FinalState, Form, Insists, Link, LinkHeader, Operation, Scenario, Target,
};

/// The courses through the answers to a write.
pub(super) fn written(scenario: &Scenario, answers: &[Answer]) -> Vec<Course> {
    let post = scenario.operation == Operation::Post;
    let (mut courses, mut applied, mut faults) = (Vec::new(), false, 0);
    for (at, answer) in answers.iter().enumerate() {
        let stop = |course: Course| course.asking(Target::Write, at + 1);
        if is_accepted(answer) {
            courses.extend(accepted(scenario, answer).into_iter().map(stop));
            return courses;
        }
        applied |= answer.applied;
        let is_last = at + 1 == answers.len();
        let refusal = || Course { again: true, ..Course::failure(codes(scenario, answer)) };
        match answer.status {
            // LRO-C-05: once more is a must, for a POST a may.
            None | Some(408 | 429 | 500 | 502..=504) => {
                faults += 1;
                let safe = !post || matches!(answer.status, Some(429 | 503));
                let doubtful = answer.status == Some(429) && answer.retry_after.is_empty();
                if is_last || faults > 1 || !safe || doubtful {
                    courses.push(stop(refusal()));
                    courses.push(stop(Course { again: true, ..Course::unknown() }));
                }
            }
            // ARM leaves it to the client whether it follows (S-03).
            Some(300..=399) => {
                courses.push(stop(refusal()));
                courses.push(stop(Course { again: true, ..Course::unknown() }));
                let there = answer.links.iter().map(|link| target_of(*link)).find(|target| *target != Target::Resource);
                if let Some(there) = there {
                    let sent = sent_away(scenario, there);
                    courses.extend(sent.into_iter().map(|course| stop(course.asking(there, 1))));
                    return courses;
                }
            }
            // What was deleted with its group is gone, too.
            Some(404) if scenario.operation == Operation::Delete => {
                courses.push(stop(Course::failure(codes(scenario, answer))));
                courses.push(stop(Course::success(None)));
                return courses;
            }
            Some(status) => {
                // LRO-C-54: who is patient may come through; so may who reads again (update).
                let invited = !answer.retry_after.is_empty() || matches!(status, 401 | 409);
                let again = invited || status == 412 && scenario.operation == Operation::Update;
                courses.push(stop(Course { again, ..refusal() }));
                if applied {
                    courses.push(stop(Course { again, ..Course::success(Some(Target::Resource)) }));
                    courses.push(stop(Course { again, ..Course::unknown() }));
                }
                if !again {
                    return courses;
                }
            }
        }
    }
    courses
}

/// The courses of a client that makes its write where a redirect leads.
fn sent_away(scenario: &Scenario, there: Target) -> Vec<Course> {
    match scenario.answers(there).first() {
        Some(answer) if is_accepted(answer) => accepted(scenario, answer),
        Some(answer) => vec![Course::failure(codes(scenario, answer))],
        None => Vec::new(),
    }
}

/// The courses after an answer that accepts the write.
pub(super) fn accepted(scenario: &Scenario, answer: &Answer) -> Vec<Course> {
    let status = answer.status.unwrap_or_default();
    let method = scenario.operation.method();
    let acts = matches!(method, http::Method::DELETE | http::Method::POST);
    if status == 204 {
        // Outside the contract for a resource that is to be there.
        return vec![if acts { Course::success(None) } else { Course::new(Expected::Any) }];
    }
    let said = match status {
        202 => Said::Other(String::new()),
        _ if acts => Said::Nothing,
        _ => of_resource(scenario, answer),
    };
    let here = || Course::success((method != http::Method::DELETE).then_some(Target::Write));
    // S-19: for whoever looks elsewhere, it has no state.
    let unseen = (status != 202 && is_at_the_root(scenario, answer)).then(|| here().tolerated());
    match said {
        Said::Failed => return [Course::failure(codes(scenario, answer))].into_iter().chain(unseen).collect(),
        Said::Canceled => {
            let ends = [Course::new(Expected::Canceled), Course::failure(Vec::new())];
            return ends.into_iter().chain(unseen).collect();
        }
        _ => {}
    }
    let complete = matches!(said, Said::Succeeded | Said::Nothing);
    let named = |header: LinkHeader| answer.links.iter().find(|link| link.header == header).copied();
    let is_text = |link: &Link| link.form == Form::Text;
    let result = named(LinkHeader::Result).filter(|link| !is_text(link));
    let mut courses: Vec<Course> = unseen.into_iter().collect();
    match (named(LinkHeader::Monitor), named(LinkHeader::OperationLocation), result) {
        (Some(link), other, _) => {
            // A-04, and Java where there is no word.
            match said {
                Said::Succeeded => courses.push(here()),
                Said::Nothing => courses.push(here().tolerated()),
                _ => {}
            }
            courses.extend(handed_out(scenario, answer, link));
            // some rank the other header first.
            courses.extend(other.into_iter().flat_map(|other| handed_out(scenario, answer, other)));
        }
        (None, Some(link), _) => {
            courses.extend(handed_out(scenario, answer, link));
            // Not a header of ARM: who does not know it reads the resource, which after a 202 may not be
            // there yet.
            courses.extend(courses.clone().into_iter().map(|course| Course { asked: [].into(), ..course }));
            if status == 202 {
                courses.extend(nowhere(scenario).into_iter().map(Course::tolerated));
            }
        }
        (None, None, Some(_)) if complete => courses.push(here()),
        (None, None, Some(link)) => {
            courses.extend(handed_out(scenario, answer, link));
            // beside a 200 or 201 it may be a plain link, and who reads the resource is right.
            if status != 202 {
                courses.extend(courses.clone().into_iter().map(|course| Course { asked: [].into(), ..course }));
            }
        }
        (None, None, None) if status == 202 => courses.extend(nowhere(scenario)),
        (None, None, None) if complete => {
            courses.push(here());
            //
            if status == 201 && said == Said::Nothing && !scenario.answers(Target::Resource).is_empty() {
                courses.extend(polls(scenario, Target::Resource, View::Resource, 0, answer));
            }
        }
        (None, None, None) => courses.extend(polls(scenario, Target::Resource, View::Resource, 0, answer)),
    }
    courses
}

/// A 202 that names nothing (LRO-C-13, A-11).
fn nowhere(scenario: &Scenario) -> Vec<Course> {
    if scenario.operation == Operation::Post {
        return vec![Course::unknown(), Course::failure(Vec::new()), Course::success(None).tolerated()];
    }
    let reads = polls(scenario, Target::Resource, View::Resource, 0, &Answer::default());
    // Who reports success at once is warned of by its rule.
    let reads = reads.into_iter().map(|course| Course { asked: [].into(), ..course });
    reads.chain([Course::unknown()]).collect()
}

/// Where a link leads.
pub(super) fn target_of(link: Link) -> Target {
    match (link.form, link.header) {
        (Form::Second, _) => Target::SecondHost,
        (Form::Moved, _) => Target::Moved,
        (Form::Resource, _) => Target::Resource,
        (Form::Next, LinkHeader::Result) => Target::NextResult,
        (Form::Next, _) => Target::NextMonitor,
        (Form::Private | Form::Userinfo | Form::File | Form::Ftp | Form::Text, _) => Target::Decoy,
        // Over TLS all the same, or not at all.
        (_, LinkHeader::Monitor) => Target::Monitor,
        (_, LinkHeader::Result) => Target::Result,
        (_, LinkHeader::OperationLocation) => Target::OperationLocation,
    }
}

/// The courses through a URL, and those of clients that do not go there.
fn handed_out(scenario: &Scenario, written: &Answer, link: Link) -> Vec<Course> {
    let target = target_of(link);
    let view = if target == Target::Resource { View::Resource } else { view_of(link.header) };
    let refused = match (link.form, scenario.insists) {
        // No URL for a client of ARM at all.
        (Form::File | Form::Ftp | Form::Userinfo | Form::Private | Form::Text, _) => {
            let read = scenario.independent.contains(&Target::Resource).then_some(Target::Resource);
            return vec![Course::unknown(), Course::failure(Vec::new()), Course::success(read)];
        }
        (Form::Second, _) if scenario.trusts_second => vec![],
        (Form::Relative | Form::Second | Form::Http, _) => vec![Course::unknown()],
        (_, Insists::AnyVersion) => vec![Course::unknown()],
        //
        (_, Insists::OwnVersion) => {
            vec![Course::unknown().tolerated(), Course::failure(Vec::new()).tolerated()]
        }
        _ => vec![],
    };
    let mut courses = polls(scenario, target, view, 0, written);
    courses.extend(refused);
    courses
}

/// The courses through the answers of a target, from one of them on.
fn polls(scenario: &Scenario, target: Target, view: View, from: usize, before: &Answer) -> Vec<Course> {
    let answers = scenario.answers(target);
    let (mut courses, mut faults, mut asked) = (Vec::new(), 0, 0);
    let mut latest = before;
    let gave_up = || vec![Course::new(Expected::Timeout), Course::unknown()];
    for answer in answers.iter().skip(from) {
        // Before it asks again the client's time is up.
        if outlasts(scenario, latest) {
            courses.extend(gave_up().into_iter().map(|course| course.asking(target, asked)));
            return courses;
        }
        latest = answer;
        asked += 1;
        let Told { ends, goes_on, fault, runs } = told(scenario, target, view, answer);
        faults = if fault { faults + 1 } else { 0 };
        for end in ends {
            let ends = if view == View::Last || end.end != Expected::Success || view != View::Status {
                vec![end]
            } else {
                let read = last(scenario, target);
                if read.is_empty() { vec![end] } else { read }
            };
            courses.extend(ends.into_iter().map(|end| end.asking(target, asked)));
        }
        // Some give up at the second fault in a row (LRO-C-40, LRO-C-55).
        if faults > 1 {
            courses.push(Course::unknown().asking(target, asked));
        }
        if let Some(link) =
            answer.links.iter().find(|link| matches!(link.form, Form::Next | Form::Moved | Form::Second))
        {
            let (next, redirected) = (target_of(*link), answer.status.is_some_and(|status| status >= 300));
            let kind = if redirected { view } else { view_of(link.header) };
            courses
                .extend(polls(scenario, next, kind, 0, answer).into_iter().map(|course| course.asking(target, asked)));
            // LRO-C-20: a must for the result, a should for the monitor. A redirect is followed or not.
            if link.header == LinkHeader::Result {
                return courses;
            }
        }
        if !goes_on {
            return courses;
        }
        let is_last = from + asked == answers.len();
        // How often it asks until its time is up is its own affair.
        if runs && (is_last || scenario.timeout.is_some()) {
            courses.extend(gave_up().into_iter().map(|course| course.asking(target, asked)));
        } else if is_last && fault {
            courses
                .extend(forever(scenario, view, answer).into_iter().map(|course| course.asking(target, asked.max(2))));
        }
    }
    // What is gone may be looked for at the resource, where that tells by itself (SC-154).
    if scenario.independent.contains(&Target::Resource) && view == View::Status {
        let reads = polls(scenario, Target::Resource, View::Resource, 0, latest);
        courses.extend(reads.into_iter().map(|course| course.asking(target, asked)));
    }
    courses
}

/// Faults that never pass: at `Location` an error may be the operation's own (SC-151).
fn forever(scenario: &Scenario, view: View, answer: &Answer) -> Vec<Course> {
    let own = (view == View::Result && answer.status.is_some()).then(|| Course::failure(codes(scenario, answer)));
    own.into_iter().chain([Course::unknown()]).collect()
}

/// What is read after a status document has said `Succeeded` (section 1.7); nothing where there is no
/// result to be read.
fn last(scenario: &Scenario, monitor: Target) -> Vec<Course> {
    let at = match (scenario.final_state, scenario.operation) {
        (FinalState::Status, _) => return vec![Course::success(Some(monitor))],
        (FinalState::Location, _) | (_, Operation::Post) => Target::Result,
        // `Location` may be asked, and may be gone.
        (_, Operation::Delete) => {
            let gone = scenario.answers(Target::Result).iter().any(|answer| answer.status == Some(404));
            let unread = gone.then(Course::unknown);
            return [Course::success(None)].into_iter().chain(unread).collect();
        }
        _ => Target::Resource,
    };
    if scenario.answers(at).is_empty() {
        // Nothing is said of it: it shows what the operation made.
        let made = scenario.operation != Operation::Post;
        return vec![Course::success(made.then_some(at))];
    }
    let reads = polls(scenario, at, View::Last, 0, &Answer::default());
    // Whether there is a last read at all is the client's affair: not every caller needs the resource.
    let source = |course: Course| Course { asked: [].into(), ..course };
    reads.into_iter().map(source).collect()
}

/// Whether a script's resource says, after a 201 without a state, that it runs all the same.
pub(super) fn resource_runs(scenario: &Scenario) -> bool {
    scenario.answers(Target::Resource).iter().any(|answer| {
        answer.status.is_some_and(|status| status < 300)
            && matches!(of_resource(scenario, answer), read::Said::Other(_))
    })
}
