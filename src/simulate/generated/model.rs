//! A reference model of the contract (`spec/arm-lro.md`, sections 1 and 2): out of the lists of answers
//! come all the courses that a correct client may take through them, and out of the courses the truth.
//!
//! It has neither time nor state and knows nothing of the simulator: where correct clients differ, a list
//! of answers simply has several courses. An outcome is right if a course ends with it; a target is
//! demanded as often as every course asks it. [`ambiguity`] is about rules that are not judged here.

mod ambiguity;
mod follow;
mod read;
mod told;

use std::collections::BTreeMap;

use crate::simulate::scenario::{Answer, Demand, Expected, Form, Operation, RetryAfter, Scenario, Target, Truth};

/// What a client may come to through a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// What it reports.
    pub(super) end: Expected,
    /// Where its result comes from, if it has one.
    pub(super) from: Option<Target>,
    /// Whether this is no more than let pass.
    pub(super) tolerated: bool,
    /// How often it asks each target.
    pub(super) asked: BTreeMap<Target, usize>,
    /// Whether it may ask the last one again.
    pub(super) again: bool,
}

impl Course {
    fn new(end: Expected) -> Self {
        Self { end, from: None, tolerated: false, asked: BTreeMap::new(), again: false }
    }

    fn success(from: Option<Target>) -> Self {
        Self { from, ..Self::new(Expected::Success) }
    }

    fn failure(codes: Vec<String>) -> Self {
        Self::new(Expected::Failure { codes })
    }

    fn unknown() -> Self {
        Self::new(Expected::Indeterminate)
    }

    fn asking(mut self, target: Target, times: usize) -> Self {
        *self.asked.entry(target).or_default() += times;
        self
    }

    fn tolerated(self) -> Self {
        Self { tolerated: true, ..self }
    }
}

/// What a client may make of a scenario, by the contract alone.
#[must_use]
pub fn truth(scenario: &Scenario) -> Truth {
    let courses = courses(scenario);
    let mut truth = Truth { forbidden: forbidden(scenario), ..Truth::default() };
    for course in &courses {
        let list = if course.tolerated { &mut truth.tolerated } else { &mut truth.right };
        if !list.contains(&course.end) {
            list.push(course.end.clone());
        }
    }
    truth.tolerated.retain(|end| !truth.right.contains(end));
    if truth.right.contains(&Expected::Any) {
        truth = Truth { right: vec![Expected::Any], forbidden: truth.forbidden, ..Truth::default() };
    }
    let is_open = !truth.right.contains(&Expected::Success);
    let mut sources =
        courses.iter().filter(|course| course.end == Expected::Success && !course.tolerated).map(|course| course.from);
    truth.result = sources.next().flatten().filter(|first| !is_open && sources.all(|source| source == Some(*first)));
    truth.demanded = demanded(scenario, &courses);
    (truth.waived, truth.softened) = ambiguity::judged_less(scenario);
    truth
}

/// All the courses through a scenario.
fn courses(scenario: &Scenario) -> Vec<Course> {
    let write = scenario.answers(Target::Write);
    match scenario.operation {
        Operation::Abort => vec![
            Course::unknown().asking(Target::Write, 1),
            Course::new(Expected::Canceled).asking(Target::Write, 1),
            Course::failure(Vec::new()).asking(Target::Write, 1),
            Course::new(Expected::Timeout).asking(Target::Write, 1),
        ],
        Operation::Resume => write.first().map(|answer| follow::accepted(scenario, answer)).unwrap_or_default(),
        // The second run has the last word: it goes on with the first one's operation, or writes again.
        Operation::Rerun => {
            let first = follow::written(scenario, write);
            let second = follow::written(scenario, write.get(1..).unwrap_or_default());
            let second = second.into_iter().map(|course| course.asking(Target::Write, 1));
            first.into_iter().chain(second).map(|course| Course { from: None, ..course }).collect()
        }
        Operation::Pair => {
            let mut courses = follow::written(scenario, write);
            courses.iter_mut().flat_map(|course| course.asked.values_mut()).for_each(|times| *times *= 2);
            courses
        }
        _ => follow::written(scenario, write),
    }
}

/// What no request may reach: what a refusal names, the service without TLS, a URL that carries somebody
/// else's password, and what the API's description leaves out.
fn forbidden(scenario: &Scenario) -> Vec<Target> {
    let write = scenario.answers(Target::Write);
    let links = |answers: &[Answer]| answers.iter().flat_map(|answer| answer.links.clone()).collect::<Vec<_>>();
    // A redirect names where the write is to go.
    let is_redirect = |answer: &&Answer| answer.status.is_some_and(|status| (300..400).contains(&status));
    let refused = write.iter().filter(|answer| !read::is_accepted(answer) && !is_redirect(answer));
    let refusals: Vec<Answer> = refused.cloned().collect();
    let mut forbidden: Vec<Target> = links(&refusals).into_iter().map(follow::target_of).collect();
    for link in links(write) {
        match link.form {
            Form::Http => forbidden.push(Target::PlainListener),
            Form::Userinfo => forbidden.push(Target::Decoy),
            _ => {}
        }
    }
    let unused = scenario.final_state == crate::simulate::scenario::FinalState::Status;
    if unused && !scenario.answers(Target::Result).is_empty() {
        forbidden.push(Target::Result);
    }
    forbidden.dedup();
    forbidden
}

/// What every course asks, and what none asks more often.
fn demanded(scenario: &Scenario, courses: &[Course]) -> Vec<Demand> {
    let mut demanded = Vec::new();
    if scenario.operation == Operation::Resume {
        demanded.push(Demand { target: Target::Write, at_least: 0, at_most: Some(0) });
    }
    for (_, target) in Target::NAMES {
        let asked = || courses.iter().map(|course| course.asked.get(&target).copied().unwrap_or_default());
        let at_least = asked().min().unwrap_or_default();
        let at_most = most(scenario, target, courses, asked().max().unwrap_or_default());
        if at_least > 0 || target == Target::Write && at_most.is_some() && scenario.operation != Operation::Resume {
            demanded.push(Demand { target, at_least, at_most });
        }
    }
    demanded
}

/// A write is not repeated once it is accepted (LRO-C-04), and what refuses to be read is not asked for
/// ever (LRO-C-29, LRO-C-42, LRO-C-43).
fn most(scenario: &Scenario, target: Target, courses: &[Course], most: usize) -> Option<usize> {
    if target == Target::Write {
        return (!courses.iter().any(|course| course.again)).then_some(most);
    }
    let clients = if scenario.operation == Operation::Pair { 2 } else { 1 };
    match scenario.answers(target) {
        [answer] => match answer.status {
            Some(401) => Some(3 * clients),
            Some(400 | 403 | 410) if target.is_monitor() => Some(4 * clients),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an answer asks to be left alone for longer than the client has.
fn outlasts(scenario: &Scenario, answer: &Answer) -> bool {
    let seconds = |wait: &RetryAfter| match wait {
        RetryAfter::Seconds(seconds) => u64::from(*seconds),
        RetryAfter::Date(seconds) => u64::try_from(*seconds).unwrap_or_default(),
        RetryAfter::Text(text) => text.parse().unwrap_or_default(),
    };
    scenario.timeout.is_some_and(|limit| answer.retry_after.iter().any(|wait| seconds(wait) >= u64::from(limit)))
}
