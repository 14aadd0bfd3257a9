//! What to show of a page. Without the script there is nothing to choose, and everything is shown.

use super::{markup::Markup, model::Mark, place::Placed};
use crate::judge::Rule;

/// The filters, where there is more than one thing to choose from.
pub(super) fn write(out: &mut Markup, parts: &[Placed<'_>], rules: &[&Rule]) {
    let entries = parts.iter().flat_map(|part| &part.entries);
    let mut counts: Vec<(Mark, usize)> = Vec::new();
    for mark in entries.flat_map(|placed| placed.marks()) {
        match counts.iter_mut().find(|(known, _)| *known == mark) {
            Some((_, count)) => *count += 1,
            None => counts.push((mark, 1)),
        }
    }
    if parts.iter().map(|part| part.entries.len()).sum::<usize>() < 2 {
        return;
    }
    counts.sort_by(|one, other| other.cmp(one));
    out.new_line();
    let attributes = [("id", "filters"), ("role", "search"), ("aria-label", "What to show"), ("hidden", "")];
    out.element("div", &attributes, |out| {
        if counts.len() > 1 {
            write_marks(out, &counts);
        }
        if rules.len() > 1 {
            out.element("label", &[], |out| {
                out.text("Rule ");
                out.element("select", &[("name", "rule")], |out| {
                    out.line("option", &[("value", "")], "all");
                    rules.iter().for_each(|rule| out.line("option", &[("value", rule.id)], rule.id));
                });
            });
        }
        out.element("label", &[], |out| {
            out.text("Text ");
            out.void(
                "input",
                &[("type", "search"), ("name", "text"), ("autocomplete", "off"), ("spellcheck", "false")],
            );
        });
        out.line("output", &[("aria-live", "polite")], "");
    });
}

fn write_marks(out: &mut Markup, counts: &[(Mark, usize)]) {
    out.element("fieldset", &[], |out| {
        out.line("legend", &[], "Show");
        for (mark, count) in counts {
            out.element("label", &[("class", mark.word())], |out| {
                out.void("input", &[("type", "checkbox"), ("name", "mark"), ("value", mark.word()), ("checked", "")]);
                let word = if *mark == Mark::Clean { "without a finding" } else { mark.word() };
                out.text(&format!(" {word} "));
                out.line("span", &[("class", "count")], &count.to_string());
            });
        }
    });
}
