//! The rows of a course as a list, each with what was said and what was found there.

use super::{
    anchors::Named,
    markup::Markup,
    model::{Course, Role, Row, Said},
    short, time,
};

/// So many equal rows are told together.
const RUN: usize = 4;

impl Course {
    /// The rows; what was found at each of them behind it.
    pub(super) fn write_steps(&self, out: &mut Markup, entry: &str, found: &[Named<'_>]) {
        if self.rows.is_empty() && self.left_out == 0 {
            return;
        }
        out.element("ol", &[("class", "steps")], |out| {
            let mut at = 0;
            while let Some(row) = self.rows.get(at) {
                let is_found = |row: &Row| found.iter().any(|named| named.is_at(row.interaction));
                let alike = self.rows[at..].iter().take_while(|other| other.is_like(row) && !is_found(other)).count();
                if alike < RUN {
                    self.write_step(out, entry, at, found);
                    at += 1;
                } else {
                    self.write_run(out, entry, at, alike);
                    at += alike;
                }
            }
        });
        if self.left_out > 0 {
            out.line("p", &[("class", "cut")], &format!("{} exchanges more are not shown here.", self.left_out));
        }
    }

    /// Rows that say the same, one after the other.
    fn write_run(&self, out: &mut Markup, entry: &str, at: usize, times: usize) {
        let rows = &self.rows[at..at + times];
        out.new_line();
        out.element("li", &[("class", "run")], |out| {
            out.element("details", &[], |out| {
                out.element("summary", &[("class", "row")], |out| {
                    self.write_cells(out, &rows[0], Some((times, &rows[times - 1])));
                });
                out.element("ol", &[("class", "steps")], |out| {
                    (at..at + times).for_each(|step| self.write_step(out, entry, step, &[]));
                });
            });
        });
    }

    fn write_step(&self, out: &mut Markup, entry: &str, at: usize, found: &[Named<'_>]) {
        let row = &self.rows[at];
        out.new_line();
        out.element("li", &[("id", &anchor(entry, at)), ("class", row.role.class())], |out| {
            match &row.said {
                Some(said) => out.element("details", &[], |out| {
                    out.element("summary", &[("class", "row")], |out| {
                        self.write_cells(out, row, None);
                    });
                    said.write(out, self.said_before(at));
                }),
                None => out.element("div", &[("class", "row")], |out| self.write_cells(out, row, None)),
            }
            found.iter().filter(|named| named.is_at(row.interaction)).for_each(|named| named.write(out, entry, self));
        });
    }

    /// Whether the answer has been shown just before.
    fn said_before(&self, at: usize) -> bool {
        let said = |at: usize| self.rows[at].said.as_ref().map(|said| &said.answer);
        at > 0 && self.rows[at - 1].is_like(&self.rows[at]) && said(at) == said(at - 1)
    }
}

/// The name of a row for links.
pub(super) fn anchor(entry: &str, step: usize) -> String {
    format!("{entry}-{}", step + 1)
}

impl Role {
    fn class(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Poll => "poll",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Read => "read",
        }
    }
}

impl Course {
    /// One line: when, what was asked, what was answered, how long to wait. `run` is how many rows are told
    /// together, and the last of them.
    fn write_cells(&self, out: &mut Markup, row: &Row, run: Option<(usize, &Row)>) {
        let cell = |out: &mut Markup, class: &'static str, text: &str| out.line("span", &[("class", class)], text);
        let when = match run {
            _ if !self.is_timed => String::new(),
            Some((_, last)) => format!("{} – {}", time::long(row.at), time::long(last.at)),
            None => time::long(row.at),
        };
        cell(out, "at", &when);
        out.text(" ");
        cell(out, "dot", "");
        out.element("span", &[("class", "asked")], |out| {
            if let Some((times, _)) = run {
                out.line("strong", &[], &format!("{times} × "));
            }
            cell(out, "method", &row.method);
            out.text(" ");
            let above = self.rows.first().filter(|first| first.role == Role::Write).map_or("", |first| &first.place);
            cell(out, "place", &short::below(&row.place, above));
        });
        out.text(" ");
        out.element("span", &[("class", "answer")], |out| {
            if let Some(status) = row.status {
                cell(out, "status", &status.to_string());
            }
            for word in &row.words {
                out.text(" ");
                cell(out, "word", word);
            }
        });
        out.text(" ");
        cell(out, "asks", &row.wait.map(|wait| format!("wait {}", time::short(wait))).unwrap_or_default());
    }
}

impl Said {
    fn write(&self, out: &mut Markup, answer_is_known: bool) {
        out.element("div", &[("class", "said")], |out| {
            out.element("div", &[], |out| {
                let line = self.line.map(|line| format!(", line {line} of the recording")).unwrap_or_default();
                out.line("p", &[("class", "label")], &format!("Request{line}"));
                out.line("pre", &[], &self.request);
            });
            out.element("div", &[], |out| {
                out.line("p", &[("class", "label")], "Answer");
                if answer_is_known {
                    out.line("p", &[("class", "cut")], "The same as the one before.");
                } else if self.answer.is_empty() {
                    out.line("p", &[("class", "cut")], "None.");
                } else {
                    out.line("pre", &[], &self.answer);
                }
            });
        });
    }
}
