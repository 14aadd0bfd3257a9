//! What a reviewer sees: a head, a window on the view, the keys.

use unicode_width::UnicodeWidthChar as _;

use super::{
    Class, Decision, Item, Pending,
    session::{Question, Session, View},
};

/// Columns and lines of a screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub columns: usize,
    pub lines: usize,
}

const KEYS: [&str; 8] =
    ["a accept", "r reject", "s skip", "A R S all the rest", "d detail", "i info", "u undo", "q end"];
const LAST_KEYS: [&str; 3] = ["enter write", "u undo", "ctrl-c write nothing"];
const NO_KEYS: [&str; 3] = ["enter end", "u undo", "ctrl-c leave"];

impl Session {
    /// The lines of the screen. None is longer than the screen is wide; there may be control characters
    /// in them, each of which is counted as one column.
    pub(crate) fn screen(&self, size: Size) -> Vec<String> {
        let (head, view, foot) = (self.head(size), self.view(size), self.foot(size));
        let window = window(&head, &foot, size);
        let below = view.len().saturating_sub(self.top + window);
        let mut lines = head;
        lines.extend(view.into_iter().skip(self.top).take(window));
        lines.push(match (below, self.top) {
            (0, 0) => String::new(),
            (0, _) => cut("-- end --", size.columns),
            _ => cut(&format!("-- {below} more: space --"), size.columns),
        });
        lines.extend(foot);
        lines.truncate(size.lines);
        lines
    }

    /// How many lines a page has.
    pub(super) fn page(&self, size: Size) -> usize {
        window(&self.head(size), &self.foot(size), size).saturating_sub(1).max(1)
    }

    /// How far down the view goes.
    pub(super) fn last_top(&self, size: Size) -> usize {
        if self.top == 0 {
            return 0;
        }
        self.view(size).len().saturating_sub(window(&self.head(size), &self.foot(size), size))
    }

    fn head(&self, size: Size) -> Vec<String> {
        let all = self.questions.len();
        let line = match self.question() {
            Some(question) => {
                let tape = &self.tapes[question.tape];
                let new = if tape.is_new() { " (new)" } else { "" };
                format!("{}/{all}  {}{new}", self.decided.len() + 1, tape.path.display())
            }
            None => format!("{all}/{all}  {}", self.sum()),
        };
        let mut lines = wrapped(&line, 0, size.columns);
        lines.push(String::new());
        lines
    }

    fn sum(&self) -> String {
        let number = |wanted| self.answers().filter(|(_, decision)| *decision == wanted).count();
        let (accepted, rejected, skipped) =
            (number(Decision::Accept), number(Decision::Reject), number(Decision::Skip));
        format!("{accepted} accepted, {rejected} rejected, {skipped} skipped")
    }

    fn foot(&self, size: Size) -> Vec<String> {
        let keys: &[&str] = match self.question() {
            Some(_) => &KEYS,
            None if self.answers().all(|(_, decision)| decision == Decision::Skip) => &NO_KEYS,
            None => &LAST_KEYS,
        };
        let mut rows: Vec<String> = Vec::new();
        for key in keys {
            match rows.last_mut() {
                Some(row) if row.len() + 3 + key.len() <= size.columns => *row += &format!("   {key}"),
                _ => rows.push(cut(key, size.columns)),
            }
        }
        let note = self.note.iter().flat_map(|note| wrapped(note, 2, size.columns));
        note.chain(rows).collect()
    }

    fn view(&self, size: Size) -> Vec<String> {
        let Some(question) = self.question() else {
            let told = self.told().into_iter().map(|(decision, what)| format!("{:<8}  {what}", decision.word()));
            return told.flat_map(|line| wrapped(&line, 10, size.columns)).collect();
        };
        let lines = match &self.view {
            View::Changes => self.changes(question),
            View::Info => self.info(question),
            View::Detail(lines) => lines.iter().map(|line| (line.clone(), 2)).collect(),
        };
        lines.iter().flat_map(|(line, indent)| wrapped(line, *indent, size.columns)).collect()
    }

    /// Lines, each with how far its continuation is indented.
    fn changes(&self, question: Question) -> Vec<(String, usize)> {
        let pending = &self.tapes[question.tape];
        let items = &pending.diff.items;
        let mut lines = match question.item {
            Some(item) => item_lines(&items[item]),
            None if items.is_empty() => vec![("the pending recording says nothing new".to_owned(), 0)],
            None => Vec::new(),
        };
        let is_first = self.questions.iter().position(|other| other.tape == question.tape) == Some(self.decided.len());
        for shared in items.iter().filter(|item| is_first && item.is_shared()) {
            if !lines.is_empty() {
                lines.push((String::new(), 0));
            }
            lines.extend(item_lines(shared));
        }
        lines
    }

    fn info(&self, question: Question) -> Vec<(String, usize)> {
        let pending = &self.tapes[question.tape];
        let Pending { path, diff, .. } = pending;
        let [accepted, waiting] = pending.tapes();
        let of = |cassette: &crate::cassette::Cassette| {
            let when = cassette.recorded.as_deref().unwrap_or("at an unknown time");
            format!("recorded {when}, interactions: {}", cassette.interactions.len())
        };
        let before = if pending.is_new() { "none".to_owned() } else { of(accepted) };
        let mut lines = vec![
            format!("cassette   {}", path.display()),
            format!("accepted   {before}"),
            format!("pending    {}", of(waiting)),
        ];
        if !waiting.command.is_empty() {
            lines.push(format!("command    {}", waiting.command.join(" ")));
        }
        if let Some(item) = question.item.map(|item| &diff.items[item]) {
            lines.push(format!("operation  {}", item.id));
            let classes = Class::ALL.into_iter().rev();
            let shown = classes.filter(|class| item.changes.iter().any(|change| change.class == *class));
            lines.extend(shown.map(|class| format!("{class:<11}  {}", class.meaning())));
        }
        lines.into_iter().map(|line| (line, 11)).collect()
    }
}

fn item_lines(item: &Item) -> Vec<(String, usize)> {
    let changes = item.changes.iter().map(|change| (format!("  {:<11}  {}", change.class, change.sentence()), 15));
    [(item.title.clone(), 2)].into_iter().chain(changes).collect()
}

/// How many lines of the view are seen: at least one, whatever the screen.
fn window(head: &[String], foot: &[String], size: Size) -> usize {
    size.lines.saturating_sub(head.len() + foot.len() + 1).max(1)
}

fn width(letter: char) -> usize {
    letter.width().unwrap_or(1)
}

/// The beginning that fits.
fn cut(text: &str, columns: usize) -> String {
    wrapped(text, 0, columns).swap_remove(0)
}

/// A line as several that fit: broken at spaces of their second half, continued with an indent.
fn wrapped(line: &str, indent: usize, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let indent = indent.min(columns / 2);
    let (mut lines, mut rest, mut lead) = (Vec::new(), line, 0);
    loop {
        let (mut used, mut end, mut space) = (lead, rest.len(), None);
        for (at, letter) in rest.char_indices() {
            used += width(letter);
            // A space at the edge falls off.
            if letter == ' ' && used > columns / 2 {
                space = Some(at);
            }
            if used > columns {
                end = at;
                break;
            }
        }
        if end == rest.len() {
            lines.push(" ".repeat(lead) + rest);
            return lines;
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = space.unwrap_or(end).max(first);
        lines.push(" ".repeat(lead) + &rest[..end]);
        rest = if space.is_some() { rest[end..].trim_start_matches(' ') } else { &rest[end..] };
        lead = indent;
    }
}
