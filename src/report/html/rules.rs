//! The rules that were broken: what they ask, who says so, and where they were broken.

use super::{
    markup::Markup,
    model::Page,
    place::{Placed, cited},
};
use crate::judge::{self, Rule};

/// So many places are named for each rule.
const PLACES: usize = 20;

/// The rules that the page speaks of, each once, in the order of all rules.
pub(super) fn broken(page: &Page) -> Vec<&'static Rule> {
    let of_entries = page.sections.iter().flat_map(|section| &section.entries).flat_map(|entry| &entry.remarks);
    let all = page.sections.iter().flat_map(|section| &section.remarks).chain(of_entries);
    let ids: std::collections::HashSet<&str> = all.filter_map(|remark| remark.rule).collect();
    judge::rules().filter(|rule| ids.contains(rule.id)).collect()
}

/// The id of a rule, with a link to what it asks; what is no rule of the judge has none.
pub(super) fn write_id(out: &mut Markup, id: &str) {
    match judge::rule(id) {
        Some(rule) => out.link("rule", rule.id, rule.id),
        None => out.line("span", &[("class", "rule")], id),
    }
}

/// The rules.
pub(super) fn write(out: &mut Markup, rules: &[&Rule], parts: &[Placed<'_>]) {
    if rules.is_empty() {
        return;
    }
    out.new_line();
    out.element("section", &[("id", "rules")], |out| {
        out.line("h2", &[], "The rules");
        for rule in rules {
            out.new_line();
            out.element("article", &[("class", "law"), ("id", rule.id)], |out| {
                out.element("h3", &[], |out| {
                    out.element("span", &[], |out| cited(out, &format!("{}: {}", rule.id, rule.title)));
                    out.text(" ");
                    out.named_link("anchor", rule.id, &format!("Link to {}", rule.id), "#");
                });
                out.element("p", &[], |out| cited(out, rule.words));
                out.line("p", &[("class", "where")], &format!("Source: {}", rule.source));
                let found: Vec<&str> = parts
                    .iter()
                    .flat_map(Placed::findings)
                    .filter(|(_, named)| named.remark.rule == Some(rule.id))
                    .map(|(_, named)| named.anchor.as_str())
                    .collect();
                out.element("p", &[("class", "also")], |out| {
                    out.text("Broken here: ");
                    for (number, anchor) in found.iter().take(PLACES).enumerate() {
                        out.text(if number == 0 { "" } else { ", " });
                        out.link("", anchor, &anchor.replace('-', " "));
                    }
                    if found.len() > PLACES {
                        out.text(&format!(", and {} more", found.len() - PLACES));
                    }
                    out.text(".");
                });
            });
        }
    });
}
