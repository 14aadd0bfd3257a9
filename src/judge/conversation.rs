//! A trace made ready for the rules: operations with what each answer told, and the gaps between.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    Kind, Known, Outcome,
    course::{Asked, Course},
    rule::NotJudged,
};
use crate::{
    arm::{RetryAfter, Target, authority_key, in_time_order, operations},
    cassette::{Cassette, Completion, Interaction, Response, Times},
};

/// What was arranged with the client, and with the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knobs {
    /// Time is played fast, and the wire says so: gaps show nothing.
    pub accelerated: bool,
    /// The interval that the client was given for where the service says nothing.
    pub interval: Option<Duration>,
    /// The limit that the client was given.
    pub timeout: Option<Duration>,
    /// The client was told to use plain HTTP on this machine.
    pub plain_http: bool,
    /// Hosts beside the service's own that may see a token.
    pub trusted_hosts: Vec<String>,
    /// The client was to go on with an operation that runs already.
    pub resumes: bool,
    /// The client was interrupted.
    pub interrupted: bool,
    /// How many interactions there were when the client was run once more.
    pub again: Option<usize>,
    /// The body that the client was to send.
    pub intended: Option<Bytes>,
    /// The body is a profile's, and in another run, with a plain one in its place and all else the same, the
    /// client sent that one as it was given.
    pub sends_a_plain_one: bool,
    /// Members of a profile that its published description has not may be left out of it: the client's own
    /// types are made of that.
    pub typed_body: bool,
    /// When the client was done or was interrupted, on the clock of the trace.
    pub over: Option<Duration>,
}

/// Everything that the rules look at.
pub struct Conversation<'a> {
    /// The interactions; findings name their places here.
    pub interactions: &'a [Interaction],
    /// Places in the order of time.
    pub(super) order: Vec<usize>,
    /// Where each interaction stands in `order`.
    rank: Vec<usize>,
    /// The target of each request.
    targets: Vec<Target>,
    /// The path of each request, as paths are compared.
    paths: Vec<String>,
    /// Host and port of each request, as they are compared.
    hosts: Vec<Option<String>>,
    /// Requests to ARM that change something, in the order of time.
    writes: Vec<usize>,
    /// Accepted writes that took their time, each with what was asked afterwards.
    pub(super) courses: Vec<Course<'a>>,
    /// What was arranged.
    pub(super) knobs: Knobs,
    outcome: Option<&'a Outcome>,
    known: Option<Known<'a>>,
    began: Option<Timestamp>,
}

impl<'a> Conversation<'a> {
    /// Reads a trace.
    #[must_use]
    pub fn new(cassette: &'a Cassette) -> Self {
        let interactions = cassette.interactions.as_slice();
        let order = in_time_order(interactions);
        let mut rank = vec![0; order.len()];
        for (place, index) in order.iter().enumerate() {
            rank[*index] = place;
        }
        let targets: Vec<_> =
            interactions.iter().map(|interaction| Target::parse(&interaction.request.target)).collect();
        let paths: Vec<_> = targets.iter().map(Target::path_key).collect();
        let courses = operations(interactions)
            .into_iter()
            .enumerate()
            .map(|(number, operation)| Course::new(number, operation, interactions, &rank, &paths))
            .collect();
        let is_write = |index: &usize| {
            let method = interactions[*index].request.method.as_str();
            matches!(method, "PUT" | "PATCH" | "DELETE" | "POST") && is_of_arm(&paths[*index])
        };
        let writes = order.iter().copied().filter(is_write).collect();
        Self {
            interactions,
            order,
            rank,
            targets,
            paths,
            hosts: interactions.iter().map(host).collect(),
            writes,
            courses,
            knobs: Knobs::default(),
            outcome: None,
            known: None,
            began: cassette.recorded.as_deref().and_then(|text| text.parse().ok()),
        }
    }

    /// With what was arranged.
    #[must_use]
    pub fn with_knobs(mut self, knobs: Knobs) -> Self {
        self.knobs = knobs;
        self
    }

    /// With the client's own word: the trace is then its whole run.
    #[must_use]
    pub fn with_outcome(mut self, outcome: &'a Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// With what the service knows.
    #[must_use]
    pub fn with_known(mut self, known: Known<'a>) -> Self {
        self.known = Some(known);
        self
    }

    pub(super) fn known(&self) -> Option<&Known<'a>> {
        self.known.as_ref()
    }

    pub(super) fn outcome(&self) -> Result<&'a Outcome, NotJudged> {
        self.outcome.ok_or(NotJudged("what the client reported"))
    }

    /// Whether the client, by itself, reports something else than success.
    pub(super) fn gave_up(&self) -> bool {
        self.outcome.is_some_and(Outcome::gave_up) && !self.knobs.interrupted
    }

    /// In the order of time.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (usize, &'a Interaction)> + '_ {
        self.order.iter().map(|index| (*index, &self.interactions[*index]))
    }

    /// What came after an interaction, in the order of time.
    pub(super) fn after(&self, index: usize) -> impl Iterator<Item = (usize, &'a Interaction)> + '_ {
        self.order[self.rank[index] + 1..].iter().map(|index| (*index, &self.interactions[*index]))
    }

    /// What came before an interaction, in the order of time.
    pub(super) fn before(&self, index: usize) -> impl DoubleEndedIterator<Item = (usize, &'a Interaction)> + '_ {
        self.order[..self.rank[index]].iter().map(|index| (*index, &self.interactions[*index]))
    }

    /// Whether one interaction came after the other.
    pub(super) fn is_after(&self, index: usize, other: usize) -> bool {
        self.rank[index] > self.rank[other]
    }

    /// The target of a request.
    pub(super) fn target(&self, index: usize) -> &Target {
        &self.targets[index]
    }

    /// The path of a request, as paths are compared.
    pub(super) fn path(&self, index: usize) -> &str {
        &self.paths[index]
    }

    /// Requests to ARM that change something, in the order of time.
    pub(super) fn writes(&self) -> impl Iterator<Item = (usize, &'a Interaction)> + '_ {
        self.writes.iter().map(|index| (*index, &self.interactions[*index]))
    }

    /// The writes after an interaction and before another, or to the end.
    pub(super) fn writes_between(
        &self,
        after: usize,
        before: Option<usize>,
    ) -> impl Iterator<Item = (usize, &'a Interaction)> + '_ {
        let first = self.writes.partition_point(|write| self.rank[*write] <= self.rank[after]);
        let last = before.map_or(self.writes.len(), |before| {
            self.writes.partition_point(|write| self.rank[*write] < self.rank[before])
        });
        let between = self.writes.get(first..last).unwrap_or_default();
        between.iter().map(|index| (*index, &self.interactions[*index]))
    }

    /// The write that the client was run for, at its last try, with its course where it took time.
    /// `None` where nothing was written, as on resuming.
    pub(super) fn last_write(&self) -> Option<usize> {
        let last = *self.writes.last()?;
        let (path, interaction) = (self.path(last), &self.interactions[last]);
        let refused = interaction.response.as_ref().is_some_and(|response| response.status >= 400);
        // One too many, while the first was accepted: that one counts.
        let accepted =
            self.courses.iter().rev().find(|course| {
                refused && course.operation.path == path && course.method() == interaction.request.method
            });
        Some(accepted.and_then(|course| course.operation.write).unwrap_or(last))
    }

    /// The course that the outcome is about: of the last write, or of the URL that was resumed.
    pub(super) fn main(&self) -> Option<&Course<'a>> {
        match self.last_write() {
            Some(write) => self.courses.iter().find(|course| course.operation.write == Some(write)),
            None => self.courses.last(),
        }
    }

    /// The answer to the last write.
    pub(super) fn last_answer(&self) -> Option<(usize, &'a Response)> {
        let write = self.last_write()?;
        Some((write, self.interactions[write].response.as_ref()?))
    }

    /// Where the client, by itself and not for its limit, gave up: the last answer that it had.
    pub(super) fn gave_up_at(&self) -> Result<Option<(&Course<'a>, &Asked<'a>)>, NotJudged> {
        let outcome = self.outcome()?;
        let for_its_limit =
            outcome.kind == Kind::Timeout || outcome.kind == Kind::NoSuccess && self.knobs.timeout.is_some();
        if !self.gave_up() || for_its_limit {
            return Ok(None);
        }
        Ok(self.main().and_then(|course| Some((course, course.last()?))))
    }

    /// Where the client reports success: the last poll that it had, if nothing before or after it told
    /// of success.
    pub(super) fn succeeded_at(&self) -> Result<Option<(&Course<'a>, &Asked<'a>)>, NotJudged> {
        if !self.outcome()?.is_success() {
            return Ok(None);
        }
        let Some(course) = self.main().filter(|course| course.end().is_none()) else { return Ok(None) };
        Ok(course.polls().last().map(|poll| (course, poll)))
    }

    fn times(&self, index: usize) -> Result<Times, NotJudged> {
        const LACK: NotJudged = NotJudged("times of its own on the recording");
        let interaction = &self.interactions[index];
        // Foreign clocks are the service's, in whole seconds, and where there is none they stand still.
        if interaction.provenance.as_ref().is_some_and(|provenance| provenance.format != "har") {
            return Err(LACK);
        }
        interaction.times.ok_or(LACK)
    }

    /// From the last byte of the answer `before` to the next request's head.
    pub(super) fn gap(&self, before: usize, after: usize) -> Result<Duration, NotJudged> {
        let (before, after) = (self.times(before)?, self.times(after)?);
        Ok(Duration::from_millis(after.request.saturating_sub(before.end)))
    }

    /// From one request's head to the other's.
    pub(super) fn between(&self, first: usize, second: usize) -> Result<Duration, NotJudged> {
        let (first, second) = (self.times(first)?, self.times(second)?);
        Ok(Duration::from_millis(second.request.saturating_sub(first.request)))
    }

    /// Whether the second request came while the first was not answered yet.
    pub(super) fn overlap(&self, first: usize, second: usize) -> Result<bool, NotJudged> {
        Ok(self.times(second)?.request < self.times(first)?.end)
    }

    /// How long an answer asks to wait, from its end on.
    pub(super) fn wait_asked(&self, index: usize) -> Option<Duration> {
        let retry_after = RetryAfter::of(&self.interactions[index].response.as_ref()?.headers)?;
        let end = Duration::from_millis(self.interactions[index].times.map_or(0, |times| times.end));
        let now = self.began.and_then(|began| began.checked_add(end).ok());
        match retry_after {
            RetryAfter::Delay(delay) => Some(delay),
            RetryAfter::Until(_) => now.map(|now| retry_after.wait(now)),
        }
    }

    /// Whether the limit that the client was given ended before it could ask again. What a busy machine
    /// takes of a short limit is not the client's doing. The clock of the trace begins before the client
    /// does, so that it shows what the start took; as long again an answer may lie before the client
    /// looks at it.
    pub(super) fn is_out_of_time(&self) -> bool {
        /// A client's own interval, or its pause before it tries again.
        const PAUSE: Duration = Duration::from_secs(2);
        let (Some(limit), Some(first), Some(last)) = (self.knobs.timeout, self.order.first(), self.order.last()) else {
            return false;
        };
        let says_so = self.outcome.is_some_and(|outcome| outcome.kind != Kind::Failed);
        let (Ok(first), Ok(times)) = (self.times(*first), self.times(*last)) else { return false };
        let heard = Duration::from_millis(times.end.saturating_add(first.request));
        self.gave_up() && says_so && heard.saturating_add(self.wait_asked(*last).unwrap_or(PAUSE)) >= limit
    }

    /// Pacing shows nothing where time is played fast.
    pub(super) fn paced(&self) -> Result<(), NotJudged> {
        if self.knobs.accelerated { Err(NotJudged("a pace that is not accelerated")) } else { Ok(()) }
    }

    /// Host and port of a request, as they are compared.
    pub(super) fn host(&self, index: usize) -> Option<&str> {
        self.hosts[index].as_deref()
    }
}

fn host(interaction: &Interaction) -> Option<String> {
    let request = &interaction.request;
    request.authority.as_deref().map(|authority| authority_key(request.scheme.as_deref(), authority))
}

/// Whether a request goes to ARM, rather than to an identity service or elsewhere.
pub(super) fn is_arm(interaction: &Interaction) -> bool {
    is_of_arm(&Target::parse(&interaction.request.target).path_key())
}

fn is_of_arm(path: &str) -> bool {
    path.starts_with("/subscriptions/") || path.starts_with("/providers/")
}

/// A status after which the same request may do better (section 0), or no answer at all.
pub(super) fn is_transient(interaction: &Interaction) -> bool {
    match &interaction.response {
        None => true,
        Some(_) if interaction.completion != Completion::Whole => true,
        Some(response) => matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504),
    }
}

/// Seconds, as people read them.
pub(super) fn seconds(duration: Duration) -> String {
    let text = format!("{:.1}", duration.as_secs_f64());
    format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
}
