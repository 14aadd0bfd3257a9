//! The text of two recordings on a terminal: one side under the other, or beside it.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::review::Line;

/// How the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// Lines with `-` and `+` before them
    Unified,
    /// The first recording on the left, the second on the right
    SideBySide,
    /// Not at all
    None,
}

/// How much of the text is shown, and in what form.
pub(super) struct Layout {
    form: Form,
    most: usize,
    columns: usize,
}

/// Before each line.
const INDENT: &str = "    ";

/// Where nobody says how wide it may be.
const COLUMNS: usize = 120;

/// Longer lines are cut.
const LONGEST: usize = 200;

impl Layout {
    /// At most `most` lines for one operation; 0 for all of them.
    pub(super) fn new(form: Form, most: usize) -> Self {
        let columns = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
        let most = if most == 0 { usize::MAX } else { most };
        Self { form, most, columns: columns.unwrap_or(COLUMNS) }
    }

    /// Whether no text is wanted.
    pub(super) fn is_empty(&self) -> bool {
        self.form == Form::None
    }

    /// The text behind the words of one operation, with an empty line before it.
    pub(super) fn text(&self, lines: &[Line]) -> String {
        let rows = match self.form {
            Form::Unified => lines.iter().map(|line| cut(&line.marked(), LONGEST)).collect(),
            Form::SideBySide => beside(lines, self.columns.saturating_sub(INDENT.len())),
            Form::None => Vec::new(),
        };
        if rows.is_empty() {
            return String::new();
        }
        let mut text = String::from("\n");
        for row in rows.iter().take(self.most) {
            text.push_str(&format!("{}\n", format!("{INDENT}{row}").trim_end()));
        }
        if rows.len() > self.most {
            text.push_str(&format!("{INDENT}… and {} more lines (`--lines 0` shows all)\n", rows.len() - self.most));
        }
        text
    }
}

/// Two columns with `|` between them: what is gone stands beside what came in its place.
fn beside(lines: &[Line], columns: usize) -> Vec<String> {
    const BETWEEN: usize = 3;
    let width = (columns.saturating_sub(BETWEEN) / 2).max(10);
    let row = |left: &str, mark: char, right: &str| {
        let left = cut(left, width);
        format!("{left}{} {mark} {}", " ".repeat(width - left.width()), cut(right, width))
    };
    let mut rows = Vec::new();
    let (mut gone, mut new): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let settle = |gone: &mut Vec<&str>, new: &mut Vec<&str>, rows: &mut Vec<String>| {
        for at in 0..gone.len().max(new.len()) {
            let (left, right) = (gone.get(at).copied(), new.get(at).copied());
            let mark = match (left, right) {
                (Some(_), Some(_)) => '|',
                (Some(_), None) => '<',
                _ => '>',
            };
            rows.push(row(left.unwrap_or_default(), mark, right.unwrap_or_default()));
        }
        gone.clear();
        new.clear();
    };
    for line in lines {
        match line {
            Line::Gone(text) => gone.push(text),
            Line::New(text) => new.push(text),
            Line::Same(_) | Line::Gap => {
                settle(&mut gone, &mut new, &mut rows);
                rows.push(match line {
                    Line::Same(text) => row(text, ' ', text),
                    _ => "…".to_owned(),
                });
            }
        }
    }
    settle(&mut gone, &mut new, &mut rows);
    rows
}

/// The beginning that fits; what is cut ends in `…`. Control characters are counted as one column, since
/// something else is printed in their place.
fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut kept = String::new();
    let wide = |letter: char| letter.width().unwrap_or(1);
    if text.chars().map(wide).sum::<usize>() <= columns {
        return text.replace(char::is_control, "\u{fffd}");
    }
    for letter in text.chars() {
        used += wide(letter);
        if used >= columns {
            break;
        }
        kept.push(if letter.is_control() { '\u{fffd}' } else { letter });
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        let text = |text: &str| text.to_owned();
        vec![
            Line::Same(text("\"a\": 1,")),
            Line::Gone(text("\"size\": \"large\",")),
            Line::Gone(text("\"wide\": \"ＷＩＤＥ ＷＩＤＥ\",")),
            Line::New(text("\"size\": \"small\u{1b}[2J\",")),
            Line::Gap,
            Line::New(text("\"new\": true")),
        ]
    }

    fn shown(form: Form, most: usize, columns: usize) -> String {
        format!("PUT /things/a{}", Layout { form, most, columns }.text(&lines()))
    }

    #[test]
    fn one_under_the_other() {
        insta::assert_snapshot!(shown(Form::Unified, 40, 80), @r#"
        PUT /things/a
              "a": 1,
            - "size": "large",
            - "wide": "ＷＩＤＥ ＷＩＤＥ",
            + "size": "small�[2J",
            …
            + "new": true
        "#);
        insta::assert_snapshot!(shown(Form::Unified, 2, 80), @r#"
        PUT /things/a
              "a": 1,
            - "size": "large",
            … and 4 more lines (`--lines 0` shows all)
        "#);
    }

    #[test]
    fn one_beside_the_other() {
        insta::assert_snapshot!(shown(Form::SideBySide, 40, 51), @r#"
        PUT /things/a
            "a": 1,                  "a": 1,
            "size": "large",       | "size": "small�[2J",
            "wide": "ＷＩＤＥ Ｗ…  <
            …
                                   > "new": true
        "#);
        for line in shown(Form::SideBySide, 40, 40).lines() {
            assert!(line.width() <= 40, "{line}");
        }
        // However narrow it is.
        assert!(shown(Form::SideBySide, 40, 0).contains('|'));
    }

    #[test]
    fn nothing_is_shown_where_nothing_is_wanted_or_differs() {
        assert_eq!(shown(Form::None, 40, 80), "PUT /things/a");
        assert_eq!(Layout { form: Form::Unified, most: 40, columns: 80 }.text(&[]), "");
    }
}
