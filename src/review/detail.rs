//! The text of both sides of an item, compared line by line.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::{Diff, Item, Pending};
use crate::{arm::Act, cassette::Cassette};

/// Equal lines around different ones.
const CONTEXT: usize = 3;

/// Texts that have little in common are compared less closely after this.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line of two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It is on both sides.
    Same(String),
    /// It is on the first side alone.
    Gone(String),
    /// It is on the second side alone.
    New(String),
    /// Equal lines that are left out.
    Gap,
}

/// The text behind the words of a [`Diff`].
pub struct Text {
    acts: [Vec<Act>; 2],
}

impl Diff {
    /// As [`Diff::of`], with the text behind it.
    #[must_use]
    pub fn with_text(left: &Cassette, right: &Cassette, timings: bool) -> (Self, Text) {
        let acts = [Act::of(&left.interactions), Act::of(&right.interactions)];
        let (diff, _) = Self::of_aligned([left, right], &acts, timings);
        (diff, Text { acts })
    }
}

impl Text {
    /// What an item of the same diff says on both sides, without what differs from one recording of the
    /// same thing to the next. Empty where nothing else differs.
    #[must_use]
    pub fn of(&self, item: &Item) -> Vec<Line> {
        steady(&item.acts(&self.acts))
    }
}

impl Pending {
    /// What an item says on both sides, as lines that begin with `-`, `+` or a space; of the whole tape
    /// where there is no item. Volatile values are left out, unless nothing else differs.
    pub(super) fn detail(&self, item: Option<usize>) -> Vec<String> {
        let sides = match item {
            Some(item) => self.diff.items[item].acts(&self.acts),
            None => [self.acts[0].iter().collect(), self.acts[1].iter().collect()],
        };
        let mut lines = steady(&sides);
        if lines.is_empty() {
            let [left, right] = [0, 1].map(|side| {
                let numbers = sides[side].iter().flat_map(|act| act.interactions());
                numbers.map(|number| self.tapes()[side].interactions[number].to_text() + "\n").collect::<String>()
            });
            lines = compared(&left, &right);
        }
        lines.iter().map(Line::marked).collect()
    }
}

impl Line {
    /// With its mark before it.
    #[must_use]
    pub fn marked(&self) -> String {
        match self {
            Self::Same(text) => format!("  {text}"),
            Self::Gone(text) => format!("- {text}"),
            Self::New(text) => format!("+ {text}"),
            Self::Gap => "…".to_owned(),
        }
    }
}

fn steady([left, right]: &[Vec<&Act>; 2]) -> Vec<Line> {
    let of = |acts: &[&Act]| {
        let steps = acts.iter().flat_map(|act| &act.steps);
        steps.map(|step| step.said.to_text() + "\n").collect::<String>()
    };
    compared(&of(left), &of(right))
}

fn compared(left: &str, right: &str) -> Vec<Line> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(left, right);
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            lines.push(Line::Gap);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let as_line = match change.tag() {
                ChangeTag::Delete => Line::Gone,
                ChangeTag::Insert => Line::New,
                ChangeTag::Equal => Line::Same,
            };
            // Interactions stand two levels deep in their cassette.
            let line = change.value().trim_end_matches('\n');
            lines.push(as_line(line.strip_prefix("    ").unwrap_or(line).to_owned()));
        }
    }
    lines
}
