//! The list of everything that was found, each with a link to where.

use super::{
    markup::Markup,
    model::Mark,
    place::{Placed, PlacedEntry, cited},
    room::TABLE,
    rules,
};

/// One row of the list.
struct Found<'a> {
    mark: Mark,
    rule: Option<&'static str>,
    words: &'a str,
    /// What it links to, and the words for that.
    anchor: &'a str,
    place: String,
}

fn all<'a>(parts: &'a [Placed<'_>]) -> Vec<Found<'a>> {
    let several = parts.len() > 1;
    let mut found = Vec::new();
    for part in parts {
        let place = |placed: Option<&PlacedEntry<'_>>| {
            let name = several.then(|| part.section.name.clone());
            // Where there is one entry alone, its section names it.
            let entry = placed.filter(|_| !several || part.entries.len() > 1).map(PlacedEntry::title);
            let words: Vec<String> = name.into_iter().chain(entry).collect();
            if words.is_empty() { part.section.title.clone() } else { words.join(": ") }
        };
        for (placed, named) in part.findings() {
            let (mark, rule, words) = (named.remark.mark, named.remark.rule, named.remark.message.as_str());
            found.push(Found { mark, rule, words, anchor: &named.anchor, place: place(placed) });
        }
        for placed in &part.entries {
            for (class, sentence) in &placed.entry.changes {
                let (mark, place) = (Mark::Change(*class), place(Some(placed)));
                found.push(Found { mark, rule: None, words: sentence, anchor: &placed.anchor, place });
            }
        }
    }
    // What is graver first; else in the order of the page.
    found.sort_by_key(|found| std::cmp::Reverse(found.mark));
    found
}

/// The list, where there is something to list.
pub(super) fn write(out: &mut Markup, parts: &[Placed<'_>]) {
    let found = all(parts);
    if found.is_empty() {
        return;
    }
    let has_rules = found.iter().any(|found| found.rule.is_some());
    out.new_line();
    out.element("section", &[("id", "findings")], |out| {
        out.line("h2", &[], "What was found");
        out.element("table", &[("class", "index")], |out| {
            out.line("caption", &[], "Everything that was found, the gravest first");
            out.element("thead", &[], |out| {
                out.element("tr", &[], |out| {
                    let rule = has_rules.then_some("Rule");
                    for name in ["Weight"].into_iter().chain(rule).chain(["What", "Where"]) {
                        out.line("th", &[("scope", "col")], name);
                    }
                });
            });
            out.element("tbody", &[], |out| {
                for found in found.iter().take(TABLE) {
                    let rule = found.rule.unwrap_or_default();
                    out.new_line();
                    out.element("tr", &[("data-marks", found.mark.word()), ("data-rules", rule)], |out| {
                        out.element("td", &[], |out| found.mark.write(out));
                        if has_rules {
                            out.element("td", &[], |out| {
                                if !rule.is_empty() {
                                    rules::write_id(out, rule);
                                }
                            });
                        }
                        out.element("td", &[], |out| cited(out, found.words));
                        out.element("td", &[], |out| out.link("", found.anchor, &found.place));
                    });
                }
            });
        });
        if found.len() > TABLE {
            out.line("p", &[("class", "cut")], &format!("{} more are not listed here.", found.len() - TABLE));
        }
    });
}
