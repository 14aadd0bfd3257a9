//! Names for links: every one of them once on a page.

use std::collections::HashSet;

use super::{
    markup::Markup,
    model::{Course, Mark, Remark},
    place::cited,
    rules, steps,
};

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Anchors(HashSet<String>);

impl Anchors {
    /// `wanted`, or with a number behind it what is still free. What cannot stand in a link is left out.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        const LONGEST: usize = 80;
        let fits = |letter: &char| letter.is_alphanumeric() || "-_.".contains(*letter);
        let wanted: String =
            wanted.chars().map(|letter| if fits(&letter) { letter } else { '-' }).take(LONGEST).collect();
        let mut name = wanted.clone();
        let mut number = 1;
        while name.is_empty() || !self.0.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}~{number}");
        }
        name
    }
}

/// A remark with its name.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    /// The name.
    pub(super) anchor: String,
    /// The remark.
    pub(super) remark: &'a Remark,
}

impl Named<'_> {
    /// Whether it stands behind this interaction.
    pub(super) fn is_at(&self, interaction: usize) -> bool {
        self.remark.shown_by.last() == Some(&interaction)
    }

    /// What was found, with links to the other rows that show it.
    pub(super) fn write(&self, out: &mut Markup, entry: &str, course: &Course) {
        let Remark { mark, rule, message, lines, shown_by, place } = self.remark;
        let class = format!("remark {}", mark.word());
        out.new_line();
        out.element("div", &[("class", &class), ("id", &self.anchor)], |out| {
            out.element("p", &[("class", "message")], |out| {
                mark.write(out);
                out.text(" ");
                out.element("span", &[], |out| cited(out, message));
                if let Some(rule) = rule {
                    out.text(" ");
                    rules::write_id(out, rule);
                }
            });
            for line in lines {
                out.element("p", &[], |out| cited(out, line));
            }
            let earlier = shown_by.iter().rev().skip(1).rev();
            let steps = earlier.filter_map(|number| course.rows.iter().position(|row| row.interaction == *number));
            let steps: Vec<usize> = steps.collect();
            if !steps.is_empty() {
                out.element("p", &[("class", "also")], |out| {
                    out.text("Shown also by ");
                    for (at, step) in steps.into_iter().enumerate() {
                        out.text(if at == 0 { "" } else { ", " });
                        out.link("", &steps::anchor(entry, step), &format!("exchange {}", step + 1));
                    }
                    out.text(".");
                });
            }
            if let Some(place) = place {
                out.line("p", &[("class", "where")], place);
            }
        });
    }
}

impl Mark {
    /// Its word, as a badge.
    pub(super) fn write(self, out: &mut Markup) {
        let class = format!("badge {}", self.word());
        out.line("span", &[("class", &class)], self.word());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.take("op-1"), "op-1");
        assert_eq!(anchors.take("op-1"), "op-1~2");
        assert_eq!(anchors.take("a\" b<c"), "a--b-c");
        assert_eq!(anchors.take(""), "~2");
    }
}
