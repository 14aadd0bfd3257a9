//! A review: keys in, what was decided out. Nothing is written here.

use super::{Decision, Pending, screen::Size};
use crate::cassette::{Edit, Error};

/// What somebody pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A letter.
    Letter(char),
    Enter,
    Up,
    Down,
    PageUp,
    PageDown,
    /// Ctrl-C.
    Interrupt,
}

/// What follows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// More keys.
    Ask,
    /// What was decided is to be written.
    Write,
    /// Nothing is to be written.
    Leave,
}

/// What is asked for at once: an item of a tape, or the tape as a whole where no item of it has an
/// operation of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// Place in [`Session::tapes`].
    pub tape: usize,
    /// Place in the items of its diff.
    pub item: Option<usize>,
}

/// What is shown of a question.
#[derive(Debug)]
pub(super) enum View {
    Changes,
    /// The text of both sides, compared.
    Detail(Vec<String>),
    Info,
}

/// One reviewer at work.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) tapes: Vec<Pending>,
    pub(super) questions: Vec<Question>,
    /// One for each question that was answered, in their order; the next is the one behind them.
    pub(super) decided: Vec<Decision>,
    /// How many were decided before each key that decided something.
    marks: Vec<usize>,
    pub(super) view: View,
    /// How many lines of the view are above the screen.
    pub(super) top: usize,
    /// Why what was decided could not be written.
    pub(super) note: Option<String>,
}

impl Session {
    /// A review of these recordings, in this order.
    pub(crate) fn new(tapes: Vec<Pending>) -> Self {
        let mut questions = Vec::new();
        for (tape, pending) in tapes.iter().enumerate() {
            let items = pending.diff.items.iter().enumerate().filter(|(_, item)| !item.is_shared());
            let before = questions.len();
            questions.extend(items.map(|(item, _)| Question { tape, item: Some(item) }));
            if questions.len() == before {
                questions.push(Question { tape, item: None });
            }
        }
        Self { tapes, questions, decided: Vec::new(), marks: Vec::new(), view: View::Changes, top: 0, note: None }
    }

    /// Takes a key; the size of the screen says how far a page is.
    pub(crate) fn press(&mut self, key: Key, size: Size) -> Next {
        let page = self.page(size);
        self.note = None;
        match key {
            Key::Interrupt => return Next::Leave,
            Key::Enter if self.question().is_none() => return Next::Write,
            Key::Letter('q') => return Next::Write,
            Key::Letter('a') => self.decide(Decision::Accept, 1),
            Key::Letter('r') => self.decide(Decision::Reject, 1),
            Key::Letter('s') => self.decide(Decision::Skip, 1),
            Key::Letter('A') => self.decide(Decision::Accept, usize::MAX),
            Key::Letter('R') => self.decide(Decision::Reject, usize::MAX),
            Key::Letter('S') => self.decide(Decision::Skip, usize::MAX),
            Key::Letter('u') => {
                if let Some(before) = self.marks.pop() {
                    self.decided.truncate(before);
                    self.show(View::Changes);
                }
            }
            Key::Letter('d') => match (&self.view, self.question()) {
                (View::Detail(_), _) | (_, None) => self.show(View::Changes),
                (_, Some(Question { tape, item })) => {
                    let detail = self.tapes[tape].detail(item);
                    self.show(View::Detail(detail));
                }
            },
            Key::Letter('i') => {
                let is_shown = matches!(self.view, View::Info) || self.question().is_none();
                self.show(if is_shown { View::Changes } else { View::Info });
            }
            Key::Up => self.top = self.top.saturating_sub(1),
            Key::Down => self.top += 1,
            Key::PageUp => self.top = self.top.saturating_sub(page),
            Key::PageDown | Key::Letter(' ') => self.top += page,
            Key::Letter(_) | Key::Enter => {}
        }
        self.top = self.top.min(self.last_top(size));
        Next::Ask
    }

    /// What is asked now. `None`: everything was.
    pub(super) fn question(&self) -> Option<Question> {
        self.questions.get(self.decided.len()).copied()
    }

    fn decide(&mut self, decision: Decision, most: usize) {
        let left = self.questions.len() - self.decided.len();
        if left > 0 {
            self.marks.push(self.decided.len());
            self.decided.extend(std::iter::repeat_n(decision, left.min(most)));
            self.show(View::Changes);
        }
    }

    fn show(&mut self, view: View) {
        (self.view, self.top) = (view, 0);
    }

    /// What was decided could not be written: it is asked on.
    pub(crate) fn refuse(&mut self, why: String) {
        self.note = Some(why);
    }

    /// Each question with what was decided on it; what was not reached is skipped.
    pub(super) fn answers(&self) -> impl Iterator<Item = (Question, Decision)> {
        let decided = self.decided.iter().copied().chain(std::iter::repeat(Decision::Skip));
        self.questions.iter().copied().zip(decided)
    }

    /// What was decided, as lines: its word, and what it was decided on.
    pub(crate) fn told(&self) -> Vec<(Decision, String)> {
        let told = self.answers().map(|(Question { tape, item }, decision)| {
            let Pending { path, diff, .. } = &self.tapes[tape];
            let path = path.display();
            let what = item.map_or_else(|| path.to_string(), |item| format!("{} of {path}", diff.items[item].id));
            (decision, what)
        });
        told.collect()
    }

    /// What the files become.
    ///
    /// # Errors
    ///
    /// Those of [`Pending::edits`].
    pub(crate) fn edits(&self) -> Result<Vec<Edit>, Error> {
        let mut edits = Vec::new();
        for (number, tape) in self.tapes.iter().enumerate() {
            edits.extend(tape.edits(&self.decisions(number))?);
        }
        Ok(edits)
    }

    /// One decision for each item of a tape. What has no operation of its own goes with all others, where
    /// these go one way.
    fn decisions(&self, tape: usize) -> Vec<Decision> {
        let answers: Vec<_> = self.answers().filter(|(question, _)| question.tape == tape).collect();
        let first = answers.first().map(|(_, decision)| *decision).unwrap_or_default();
        let common = if answers.iter().all(|(_, decision)| *decision == first) { first } else { Decision::Skip };
        let mut decisions = vec![common; self.tapes[tape].diff.items.len().max(1)];
        for (question, decision) in answers {
            if let Some(item) = question.item {
                decisions[item] = decision;
            }
        }
        decisions
    }
}

#[cfg(test)]
mod tests;
