//! A course of exchanges, drawn to time: one line, with what happened on it. Everything that can be
//! seen here is in the rows as text, too.

use super::{
    markup::Markup,
    model::{Course, Mark, Role},
    time,
};

/// Most ticks under the line.
const TICKS: u64 = 8;

/// The part of the width that the sign of an exchange has; what takes longer is drawn beside it.
const THINNEST: f64 = 0.003;

/// Steps between them, in milliseconds: what people count in.
const STEPS: [u64; 25] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/// The whole width stands for so many milliseconds; at least one.
#[derive(Clone, Copy)]
pub(super) struct Scale(u64);

impl Scale {
    /// The clock on which all of these fit.
    pub(super) fn of(courses: &[Course]) -> Self {
        Self(courses.iter().map(Course::span).max().unwrap_or_default().max(1))
    }

    fn at(self, moment: u64) -> String {
        percent(moment.min(self.0), self.0)
    }
}

fn percent(moment: u64, whole: u64) -> String {
    part(moment as f64 / whole as f64)
}

fn part(of_one: f64) -> String {
    format!("{:.2}%", of_one * 100.0)
}

impl Course {
    /// How long the whole took, in milliseconds; without times, one for each step.
    pub(super) fn span(&self) -> u64 {
        if self.is_timed {
            self.rows.iter().map(|row| row.end).max().unwrap_or_default()
        } else {
            self.rows.len().saturating_sub(1) as u64
        }
    }

    /// When each exchange began and ended, and until when the service asked to wait.
    fn moments(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.rows.iter().enumerate().map(|(step, row)| match self.is_timed {
            true => (row.at, row.end, row.end.saturating_add(row.wait.unwrap_or_default())),
            false => (step as u64, step as u64, step as u64),
        })
    }

    /// The line. `flags` are what was found at interactions; `name` is read where a picture is not seen.
    pub(super) fn write_strip(&self, out: &mut Markup, scale: Scale, flags: &[(usize, Mark)], name: &str) {
        if self.rows.len() < 2 {
            return;
        }
        // The ticks need some room below.
        let height = if self.is_timed { "64" } else { "48" };
        let attributes =
            [("class", "strip"), ("role", "img"), ("width", "100%"), ("height", height), ("aria-label", name)];
        out.new_line();
        out.element("svg", &attributes, |out| {
            shape(out, "base", "line", &[("x1", "0"), ("x2", "100%"), ("y1", "30"), ("y2", "30")]);
            for (_, end, wait) in self.moments().filter(|(_, end, wait)| wait > end) {
                let (from, to) = (scale.at(end), scale.at(wait));
                shape(out, "wait", "line", &[("x1", &from), ("x2", &to), ("y1", "30"), ("y2", "30")]);
            }
            for (row, (at, end, _)) in self.rows.iter().zip(self.moments()) {
                let x = scale.at(at);
                let took = end.min(scale.0).saturating_sub(at) as f64 / scale.0 as f64;
                if took > THINNEST {
                    let places = [("x", &*x), ("y", "26"), ("width", &part(took)), ("height", "8")];
                    shape(out, "took", "rect", &places);
                }
                // The higher, the more it says.
                let (class, y, height) = match row.role {
                    Role::Write => ("write", "17", "26"),
                    Role::Poll => ("poll", "23", "14"),
                    Role::Good => ("good", "17", "26"),
                    Role::Bad => ("bad", "17", "26"),
                    Role::Read => ("read", "25", "10"),
                };
                shape(out, class, "rect", &[("x", &x), ("y", y), ("width", &part(THINNEST)), ("height", height)]);
            }
            for (number, mark) in flags {
                let at = self.rows.iter().zip(self.moments()).find(|(row, _)| row.interaction == *number);
                let Some((_, (at, ..))) = at else { continue };
                let class = format!("flag {}", mark.word());
                out.line("text", &[("class", &class), ("x", &scale.at(at)), ("y", "11")], "▼");
            }
            if self.is_timed {
                ticks(out, scale);
            }
        });
    }
}

fn ticks(out: &mut Markup, Scale(span): Scale) {
    let step = STEPS.into_iter().find(|step| span / step <= TICKS).unwrap_or_else(|| (span / TICKS).max(1));
    for at in (0..=span / step).map(|number| number * step) {
        let x = percent(at, span);
        shape(out, "tick", "line", &[("x1", &x), ("x2", &x), ("y1", "46"), ("y2", "50")]);
        // What stands at an end must not stand out.
        let class = match at {
            0 => "first",
            at if span - at <= span / 20 => "last",
            _ => "within",
        };
        out.line("text", &[("class", class), ("x", &x), ("y", "62")], &time::short(at));
    }
}

fn shape(out: &mut Markup, class: &'static str, name: &'static str, places: &[(&'static str, &str)]) {
    let attributes: Vec<(&'static str, &str)> = [("class", class)].into_iter().chain(places.iter().copied()).collect();
    out.element(name, &attributes, |_| {});
}
