//! Times for recordings whose order is that of time, though their clocks may not agree with it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::cassette::{Interaction, Times};

/// When an exchange began, as far as its recorder tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub begin: Timestamp,
    /// Milliseconds from there to the answer, and to its end.
    pub answer: u64,
    pub end: u64,
}

impl Moment {
    /// A moment of which no more is known.
    pub(super) fn at(begin: Timestamp) -> Self {
        Self { begin, answer: 0, end: 0 }
    }

    /// From the `Date` of the answer, which has whole seconds.
    pub(super) fn of_date(interaction: &Interaction) -> Option<Self> {
        let date = interaction.response.as_ref()?.headers.get("date")?;
        http_date(date).map(Self::at)
    }
}

/// A date of HTTP, such as `Wed, 31 Oct 2018 09:35:43 GMT`.
pub(super) fn http_date(date: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", date.trim()).ok()?;
    TimeZone::UTC.to_timestamp(date).ok()
}

/// Gives interactions their times and returns when the first began. The order stays: where a clock
/// contradicts it, the moment is that of the interaction before. Nothing is set where no moment is
/// known.
pub(super) fn set(interactions: &mut [Interaction], moments: &[Option<Moment>]) -> Option<String> {
    let first = moments.iter().flatten().next()?.begin;
    let mut last = 0;
    for (interaction, moment) in interactions.iter_mut().zip(moments) {
        let passed = moment.and_then(|moment| u64::try_from(moment.begin.duration_since(first).as_millis()).ok());
        last = last.max(passed.unwrap_or_default());
        let (answer, end) = moment.map_or((0, 0), |moment| (moment.answer, moment.end.max(moment.answer)));
        let later = |by: u64| last.saturating_add(by);
        interaction.times = Some(Times { request: last, answer: later(answer), end: later(end) });
    }
    Some(first.to_string())
}
