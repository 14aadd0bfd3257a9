//! Two texts side by side.

use similar::{DiffTag, TextDiff};

use super::{
    markup::Markup,
    model::{Compared, Pair},
    room::{COMPARED, LINES},
};

/// Equal lines around different ones.
const CONTEXT: usize = 3;

impl Compared {
    /// Lines of both texts, those that belong together beside each other.
    pub(super) fn of(left: &str, right: &str) -> Self {
        if left.len().max(right.len()) > COMPARED {
            return Self { lines: Vec::new(), left_out: left.lines().count().max(right.lines().count()) };
        }
        let diff = TextDiff::from_lines(left, right);
        let line = |slices: &[&str], at: usize| slices[at].trim_end_matches('\n').to_owned();
        let mut lines = Vec::new();
        for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
            if number > 0 {
                lines.push(Pair::Gap);
            }
            for op in group {
                let (old, new) = (op.old_range(), op.new_range());
                if op.tag() == DiffTag::Equal {
                    lines.extend(old.map(|at| Pair::Same(line(diff.old_slices(), at))));
                    continue;
                }
                for at in 0..old.len().max(new.len()) {
                    let one = old.clone().nth(at).map(|at| line(diff.old_slices(), at));
                    let other = new.clone().nth(at).map(|at| line(diff.new_slices(), at));
                    lines.push(Pair::Different(one, other));
                }
            }
        }
        let left_out = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        Self { lines, left_out }
    }

    pub(super) fn write(&self, out: &mut Markup, caption: &str) {
        out.element("table", &[("class", "compared")], |out| {
            out.line("caption", &[], caption);
            out.element("thead", &[], |out| {
                out.element("tr", &[], |out| {
                    out.line("th", &[("scope", "col")], "Before");
                    out.line("th", &[("scope", "col")], "After");
                });
            });
            out.element("tbody", &[], |out| {
                for pair in &self.lines {
                    out.new_line();
                    out.element("tr", &[], |out| pair.write(out));
                }
            });
        });
        if self.left_out > 0 {
            out.line("p", &[("class", "cut")], &format!("{} lines more are not shown here.", self.left_out));
        }
    }
}

impl Pair {
    fn write(&self, out: &mut Markup) {
        match self {
            Self::Gap => out.line("td", &[("colspan", "2"), ("class", "gap")], "…"),
            Self::Same(line) => {
                out.line("td", &[], line);
                out.line("td", &[], line);
            }
            Self::Different(left, right) => {
                let middles = match (left, right) {
                    (Some(left), Some(right)) => middles(left, right),
                    (left, right) => [left, right].map(|line| (0, line.as_ref().map_or(0, String::len))),
                };
                for ((line, (begin, end)), (class, element)) in
                    [left, right].into_iter().zip(middles).zip([("gone", "del"), ("new", "ins")])
                {
                    let Some(line) = line else {
                        out.line("td", &[("class", "none")], "");
                        continue;
                    };
                    out.element("td", &[("class", class)], |out| {
                        out.text(&line[..begin]);
                        out.line(element, &[], &line[begin..end]);
                        out.text(&line[end..]);
                    });
                }
            }
        }
    }
}

/// Where the different parts of two lines begin and end: what both begin and end with is left out.
fn middles(left: &str, right: &str) -> [(usize, usize); 2] {
    let same = |(a, b): &(char, char)| a == b;
    let begin: usize = left.chars().zip(right.chars()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    let rest = (left[begin..].chars().rev()).zip(right[begin..].chars().rev());
    let end: usize = rest.take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    [(begin, left.len() - end), (begin, right.len() - end)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_belong_together_stand_beside_each_other() {
        let compared = Compared::of("a\nb 1 c\nd\n", "a\nb 2 c\nx\nd\n");
        let different =
            |left: Option<&str>, right: Option<&str>| Pair::Different(left.map(Into::into), right.map(Into::into));
        assert_eq!(
            compared.lines,
            [
                Pair::Same("a".into()),
                different(Some("b 1 c"), Some("b 2 c")),
                different(None, Some("x")),
                Pair::Same("d".into())
            ]
        );
    }

    #[test]
    fn the_different_part_of_a_line_is_marked() {
        assert_eq!(middles("b 1 c", "b 2 c"), [(2, 3), (2, 3)]);
        assert_eq!(middles("aa", "aaa"), [(2, 2), (2, 3)]);
        assert_eq!(middles("é", "è"), [(0, 2), (0, 2)]);
    }

    #[test]
    fn what_is_too_long_is_not_compared() {
        let long = "x\n".repeat(COMPARED);
        assert_eq!(Compared::of(&long, "").lines, []);
        let many: String = (0..2 * LINES).map(|number| format!("{number}\n")).collect();
        let compared = Compared::of(&many, "");
        assert_eq!((compared.lines.len(), compared.left_out), (LINES, LINES));
    }
}
