//! Every part of a page with its name for links, and how it is written.

use super::{
    anchors::{Anchors, Named},
    markup::Markup,
    model::{Course, Entry, Mark, Page, Remark, Section, Table},
    page::write_facts,
    short,
    strip::Scale,
    time,
};
use crate::judge::Rule;

/// A section with the names of what is in it.
pub(super) struct Placed<'a> {
    pub(super) section: &'a Section,
    pub(super) anchor: String,
    pub(super) remarks: Vec<Named<'a>>,
    pub(super) entries: Vec<PlacedEntry<'a>>,
}

/// An entry with the names of what is in it.
pub(super) struct PlacedEntry<'a> {
    pub(super) entry: &'a Entry,
    pub(super) anchor: String,
    pub(super) remarks: Vec<Named<'a>>,
}

/// Gives out names, in the order of the page.
#[derive(Default)]
struct Names {
    anchors: Anchors,
    entries: usize,
    findings: usize,
}

impl Names {
    fn remarks<'a>(&mut self, remarks: &'a [Remark]) -> Vec<Named<'a>> {
        let mut named = Vec::new();
        for remark in remarks {
            self.findings += 1;
            named.push(Named { anchor: self.anchors.take(&format!("finding-{}", self.findings)), remark });
        }
        named
    }

    fn entry<'a>(&mut self, entry: &'a Entry) -> PlacedEntry<'a> {
        self.entries += 1;
        let wanted = entry.anchor.clone().unwrap_or_else(|| format!("op-{}", self.entries));
        PlacedEntry { entry, anchor: self.anchors.take(&wanted), remarks: self.remarks(&entry.remarks) }
    }
}

impl<'a> Placed<'a> {
    /// Every section of a page.
    pub(super) fn all(page: &'a Page, rules: &[&Rule]) -> Vec<Self> {
        let mut names = Names::default();
        // What the page itself has.
        let own = ["main", "filters", "findings", "rules"].into_iter().chain(rules.iter().map(|rule| rule.id));
        own.for_each(|name| drop(names.anchors.take(name)));
        let mut parts = Vec::new();
        for (number, section) in page.sections.iter().enumerate() {
            let wanted = section.anchor.clone().unwrap_or_else(|| format!("part-{}", number + 1));
            parts.push(Self {
                section,
                anchor: names.anchors.take(&wanted),
                remarks: names.remarks(&section.remarks),
                entries: section.entries.iter().map(|entry| names.entry(entry)).collect(),
            });
        }
        parts
    }

    /// Its remarks and those of its entries, each with the entry that it stands in.
    pub(super) fn findings(&self) -> impl Iterator<Item = (Option<&PlacedEntry<'a>>, &Named<'a>)> {
        let own = self.remarks.iter().map(|named| (None, named));
        own.chain(self.entries.iter().flat_map(|placed| placed.remarks.iter().map(move |named| (Some(placed), named))))
    }

    /// The section.
    pub(super) fn write(&self, out: &mut Markup, page: &Page) {
        // The page has said its name.
        let title = if self.section.title == page.title { "What was asked" } else { &self.section.title };
        out.new_line();
        out.element("section", &[("class", "part"), ("id", &self.anchor)], |out| {
            heading(out, "h2", &self.anchor, title);
            write_facts(out, &self.section.facts);
            let nowhere = Course::default();
            self.remarks.iter().for_each(|named| named.write(out, &self.anchor, &nowhere));
            self.entries.iter().for_each(|placed| placed.write(out));
            if self.section.left_out > 0 {
                let more = format!("{} operations more, without a finding, are not shown here.", self.section.left_out);
                out.line("p", &[("class", "cut")], &more);
            }
        });
    }
}

impl PlacedEntry<'_> {
    /// What it shows, the heaviest first, each once.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let changes = self.entry.changes.iter().map(|(class, _)| Mark::Change(*class));
        let mut marks: Vec<Mark> = self.remarks.iter().map(|named| named.remark.mark).chain(changes).collect();
        marks.sort_by(|one, other| other.cmp(one));
        marks.dedup();
        if marks.is_empty() { vec![Mark::Clean] } else { marks }
    }

    /// Its first request, in short.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.entry.method, short::place(&self.entry.place)).trim_start().to_owned()
    }

    fn write(&self, out: &mut Markup) {
        let Entry { line, facts, courses, changes, compared, .. } = self.entry;
        let words = |words: Vec<&str>| words.join(" ");
        let marks = words(self.marks().into_iter().map(Mark::word).collect());
        let rules = words(self.remarks.iter().filter_map(|named| named.remark.rule).collect());
        let attributes = [("class", "entry"), ("id", &*self.anchor), ("data-marks", &marks), ("data-rules", &rules)];
        out.new_line();
        out.element("article", &attributes, |out| {
            let title = self.title();
            heading(out, "h3", &self.anchor, &title);
            out.element("p", &[("class", "line")], |out| {
                // Changes have theirs below.
                self.marks().into_iter().filter(|mark| *mark > Mark::Clean && changes.is_empty()).for_each(|mark| {
                    mark.write(out);
                    out.text(" ");
                });
                if let Some(line) = line {
                    out.line("span", &[("class", "course")], line);
                }
                for fact in facts {
                    out.text(" ");
                    out.line("span", &[("class", "fact")], fact);
                }
            });
            if !changes.is_empty() {
                out.element("ul", &[("class", "changes")], |out| {
                    for (class, sentence) in changes {
                        out.element("li", &[], |out| {
                            Mark::Change(*class).write(out);
                            out.text(" ");
                            cited(out, sentence);
                        });
                    }
                });
            }
            self.write_strips(out, line.as_deref());
            let shown = |named: &&Named<'_>| {
                let number = named.remark.shown_by.last();
                courses.iter().flat_map(|course| &course.rows).any(|row| Some(&row.interaction) == number)
            };
            let nowhere = Course::default();
            self.remarks.iter().filter(|named| !shown(named)).for_each(|named| {
                named.write(out, &self.anchor, courses.first().unwrap_or(&nowhere));
            });
            for course in courses.iter().filter(|course| course.label.is_empty()) {
                course.write_steps(out, &self.anchor, &self.remarks);
            }
            if let Some(compared) = compared {
                compared.write(out, &format!("Both sides of {title}"));
            }
        });
    }

    /// The courses drawn to time, all on one clock.
    fn write_strips(&self, out: &mut Markup, line: Option<&str>) {
        let courses = &self.entry.courses;
        if courses.iter().all(|course| course.rows.len() < 2) {
            return;
        }
        let scale = Scale::of(courses);
        let flags: Vec<(usize, Mark)> =
            self.remarks.iter().filter_map(|named| Some((*named.remark.shown_by.last()?, named.remark.mark))).collect();
        for course in courses {
            out.element("figure", &[], |out| {
                let took = match course.is_timed {
                    true => format!("{} in {}", exchanges(course.rows.len()), time::long(course.span())),
                    false => format!("{} in their order; the recording has no times", exchanges(course.rows.len())),
                };
                let name = [course.label, &took, line.unwrap_or_default()];
                let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
                out.element("figcaption", &[], |out| {
                    if !course.label.is_empty() {
                        out.line("strong", &[], course.label);
                        out.text(" ");
                    }
                    out.text(&took);
                });
                course.write_strip(out, scale, &flags, &name);
            });
        }
    }
}

fn exchanges(number: usize) -> String {
    crate::arm::count(number, "exchange")
}

/// A heading that shows the link to itself.
fn heading(out: &mut Markup, level: &'static str, anchor: &str, text: &str) {
    out.element(level, &[], |out| {
        out.line("span", &[], text);
        out.text(" ");
        out.named_link("anchor", anchor, &format!("Link to {text}"), "#");
    });
}

/// A sentence in which Markdown's marks tell what is cited.
pub(super) fn cited(out: &mut Markup, sentence: &str) {
    for (number, part) in sentence.split('`').enumerate() {
        if number % 2 == 1 {
            out.line("code", &[], part);
        } else {
            out.text(part);
        }
    }
}

impl Table {
    /// The table, in a section of its own.
    pub(super) fn write(&self, out: &mut Markup) {
        if self.rows.is_empty() {
            return;
        }
        out.new_line();
        out.element("table", &[("class", "plain")], |out| {
            out.line("caption", &[], &self.caption);
            out.element("thead", &[], |out| {
                out.element("tr", &[], |out| {
                    self.head.iter().for_each(|name| out.line("th", &[("scope", "col")], name));
                });
            });
            out.element("tbody", &[], |out| {
                for row in &self.rows {
                    out.new_line();
                    out.element("tr", &[], |out| row.iter().for_each(|cell| out.line("td", &[], cell)));
                }
            });
        });
        if self.left_out > 0 {
            out.line("p", &[("class", "cut")], &format!("{} rows more are not shown here.", self.left_out));
        }
    }
}
