//! The text of both sides of an item, compared line by line.

use similar::{ChangeTag, TextDiff};

use super::Pending;
use crate::arm::Act;

/// Equal lines around different ones.
const CONTEXT: usize = 3;

impl Pending {
    /// What an item says on both sides, as lines that begin with `-`, `+` or a space; of the whole tape
    /// where there is no item. Volatile values are left out, unless nothing else differs.
    pub(super) fn detail(&self, item: Option<usize>) -> Vec<String> {
        let of = |acts: &[&Act]| {
            let steps = acts.iter().flat_map(|act| &act.steps);
            steps.map(|step| step.said.to_text() + "\n").collect::<String>()
        };
        let sides = self.sides(item);
        let lines = compared(&of(&sides[0]), &of(&sides[1]));
        if !lines.is_empty() {
            return lines;
        }
        let [left, right] = [0, 1].map(|side| {
            let numbers = sides[side].iter().flat_map(|act| act.interactions());
            numbers.map(|number| self.tapes()[side].interactions[number].to_text() + "\n").collect::<String>()
        });
        compared(&left, &right)
    }

    /// The acts of an item, on the accepted tape and on the pending one.
    fn sides(&self, item: Option<usize>) -> [Vec<&Act>; 2] {
        let [left, right] = &self.acts;
        match item {
            Some(item) => self.diff.items[item].acts(&self.acts),
            None => [left.iter().collect(), right.iter().collect()],
        }
    }
}

fn compared(left: &str, right: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(left, right);
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            lines.push("…".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            // Interactions stand two levels deep in their cassette.
            let line = change.value().trim_end_matches('\n');
            lines.push(format!("{mark} {}", line.strip_prefix("    ").unwrap_or(line)));
        }
    }
    lines
}
