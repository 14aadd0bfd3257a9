//! From the model of a page to its text.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest as _, Sha256};

use super::{filters, index, markup::Markup, model::Page, place::Placed, rules};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Page {
    /// The page: one file that needs no other.
    #[must_use]
    pub(crate) fn to_html(&self) -> String {
        let rules = rules::broken(self);
        let parts = Placed::all(self, &rules);
        let mut out = Markup::default();
        out.doctype();
        out.element("html", &[("lang", "en")], |out| {
            self.write_head(out);
            out.new_line();
            out.element("body", &[], |out| {
                out.link("skip", "main", "Skip to what was found");
                self.write_header(out, &parts);
                out.new_line();
                out.element("main", &[("id", "main"), ("tabindex", "-1")], |out| {
                    filters::write(out, &parts, &rules);
                    index::write(out, &parts);
                    write_legend(out, &parts);
                    parts.iter().for_each(|part| part.write(out, self));
                    self.tables.iter().for_each(|table| table.write(out));
                    rules::write(out, &rules, &parts);
                });
                out.new_line();
                out.element("footer", &[], |out| {
                    for note in self.notes.iter().chain(&self.without_text()) {
                        out.line("p", &[], note);
                    }
                    out.line("p", &[], concat!("armtape ", env!("CARGO_PKG_VERSION"), ". This page loads nothing."));
                });
                out.own("script", SCRIPT);
            });
        });
        out.new_line();
        out.finish()
    }

    fn write_head(&self, out: &mut Markup) {
        out.element("head", &[], |out| {
            out.new_line();
            out.void("meta", &[("charset", "utf-8")]);
            // Nothing is loaded, and no other script or style runs than these two.
            let policy = format!(
                "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
                hash(STYLE),
                hash(SCRIPT)
            );
            out.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
            out.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            out.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
            out.line("title", &[], &format!("{}: {}", self.command, self.title));
            out.own("style", STYLE);
        });
    }

    fn write_header(&self, out: &mut Markup, parts: &[Placed<'_>]) {
        out.new_line();
        out.element("header", &[("class", "top")], |out| {
            out.line("p", &[("class", "command")], self.command);
            out.line("h1", &[], &self.title);
            let (mark, verdict) = &self.verdict;
            let class = format!("verdict {}", mark.word());
            out.line("p", &[("class", &class)], verdict);
            write_facts(out, &self.facts);
            write_contents(out, parts);
        });
    }

    /// What to say where texts were left out for want of room.
    fn without_text(&self) -> Option<String> {
        let entries = self.sections.iter().flat_map(|section| &section.entries);
        let rows = entries.flat_map(|entry| &entry.courses).filter(|course| course.label.is_empty());
        let lack =
            rows.flat_map(|course| &course.rows).filter(|row| row.said.is_none() && row.status.is_some()).count();
        (lack > 0).then(|| format!("Headers and bodies of {lack} exchanges are not on this page."))
    }
}

/// Links to the parts, where there are several.
fn write_contents(out: &mut Markup, parts: &[Placed<'_>]) {
    if parts.len() < 2 {
        return;
    }
    out.element("nav", &[("aria-label", "Parts of the page")], |out| {
        out.element("details", &[], |out| {
            out.line("summary", &[], &format!("{} parts", parts.len()));
            out.element("ul", &[], |out| {
                for part in parts {
                    out.new_line();
                    out.element("li", &[], |out| out.link("", &part.anchor, &part.section.title));
                }
            });
        });
    });
}

/// What the pictures mean, where there are some.
fn write_legend(out: &mut Markup, parts: &[Placed<'_>]) {
    const SIGNS: [(&str, &str); 6] = [
        ("dot write", "write"),
        ("dot poll", "poll"),
        ("dot good", "good end"),
        ("dot bad", "bad end"),
        ("dot read", "other request"),
        ("dot waiting", "wait that the service asked for"),
    ];
    let mut courses = parts.iter().flat_map(|part| &part.entries).flat_map(|placed| &placed.entry.courses);
    if courses.any(|course| course.rows.len() > 1) {
        out.new_line();
        out.element("ul", &[("class", "legend"), ("aria-label", "What the signs mean")], |out| {
            for (class, meaning) in SIGNS {
                out.element("li", &[], |out| {
                    out.line("span", &[("class", class)], "");
                    out.text(meaning);
                });
            }
        });
    }
}

/// Names and what they mean here.
pub(super) fn write_facts(out: &mut Markup, facts: &[(&'static str, String)]) {
    if facts.is_empty() {
        return;
    }
    out.element("dl", &[("class", "facts")], |out| {
        for (name, value) in facts {
            out.element("div", &[], |out| {
                out.line("dt", &[], name);
                out.line("dd", &[], value);
            });
        }
    });
}

/// As a policy names a script or a style.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text.as_bytes())))
}
