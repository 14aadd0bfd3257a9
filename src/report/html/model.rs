//! What a page shows: the one model that every command's result becomes.

use crate::review::Class;

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The command whose result it is, such as `armtape lint`.
    pub command: &'static str,
    /// What it is about, in a few words.
    pub title: String,
    /// What came of it, in a sentence, and how grave that is.
    pub verdict: (Mark, String),
    /// What else there is to know of the whole, such as the client's command.
    pub facts: Vec<(&'static str, String)>,
    /// Recordings, pairs of recordings or cases.
    pub sections: Vec<Section>,
    /// What needs no picture.
    pub tables: Vec<Table>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// How grave something is, from the lightest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Nothing to complain about.
    Clean,
    /// To be known.
    Note,
    /// A finding that is known or accepted.
    Known,
    /// A broken rule of the lesser kind.
    Warning,
    /// A broken rule, or a request that is missing.
    Violation,
    /// A change.
    Change(Class),
}

impl Mark {
    /// The word, which is its class in the style sheet, too.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Note => "note",
            Self::Known => "known",
            Self::Warning => "warning",
            Self::Violation => "violation",
            Self::Change(class) => class.word(),
        }
    }
}

/// A recording, a pair of them, or a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// The name that others may link to, such as `SC-030`.
    pub anchor: Option<String>,
    /// Its heading.
    pub title: String,
    /// A short name, where others speak of it.
    pub name: String,
    /// What else there is to know.
    pub facts: Vec<(&'static str, String)>,
    /// What belongs to no entry.
    pub remarks: Vec<Remark>,
    /// Operations, and requests of no operation.
    pub entries: Vec<Entry>,
    /// How many entries were left out for want of room.
    pub left_out: usize,
}

/// An operation, or requests that belong to none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// The name that others may link to, such as `put-testprofile`.
    pub anchor: Option<String>,
    /// Method of the first request; empty where there is no one request.
    pub method: String,
    /// What was asked.
    pub place: String,
    /// The whole course in one line of text.
    pub line: Option<String>,
    /// What else there is to know, a few words each.
    pub facts: Vec<String>,
    /// The exchanges: one list, or two where recordings are compared.
    pub courses: Vec<Course>,
    /// What was found, here or at a row.
    pub remarks: Vec<Remark>,
    /// What differs.
    pub changes: Vec<(Class, String)>,
    /// The text of both sides.
    pub compared: Option<Compared>,
}

/// Exchanges on one clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    /// Which side of a comparison it is; empty where nothing is compared.
    pub label: &'static str,
    /// In the order of time.
    pub rows: Vec<Row>,
    /// Whether there are times to draw by.
    pub is_timed: bool,
    /// How many exchanges were left out for want of room.
    pub left_out: usize,
}

/// One exchange. Times are milliseconds since the first request of its course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its place on the tape, from 0.
    pub interaction: usize,
    /// What it is to its operation.
    pub role: Role,
    /// When the request came.
    pub at: u64,
    /// When the answer had ended.
    pub end: u64,
    /// The method.
    pub method: String,
    /// Host, path and query, without what changes from run to run.
    pub place: String,
    /// `None` where no answer began.
    pub status: Option<u16>,
    /// State word, error code, and how the connection ended.
    pub words: Vec<String>,
    /// How long the service asked to wait, in milliseconds.
    pub wait: Option<u64>,
    /// What was said; `None` where there is no room for it.
    pub said: Option<Said>,
}

/// What an exchange is to its operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// The write that began it.
    Write,
    /// A poll before the end.
    Poll,
    /// A poll that showed a good end, or came after one.
    Good,
    /// A poll that showed a bad end.
    Bad,
    /// The reading of something else.
    #[default]
    Read,
}

/// The text of an exchange, cut where it is long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Headers and body of the request.
    pub request: String,
    /// Headers and body of the answer.
    pub answer: String,
    /// The line on which a foreign recording has it.
    pub line: Option<u64>,
}

/// Something to be known of an exchange, an operation or a whole section.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    /// How grave it is.
    pub mark: Mark,
    /// The rule that was broken.
    pub rule: Option<&'static str>,
    /// What was found, in one sentence.
    pub message: String,
    /// What else there is to say, a sentence each.
    pub lines: Vec<String>,
    /// Interactions that show it, the offending one last.
    pub shown_by: Vec<usize>,
    /// Where a reader finds it outside of the page, such as `tape.json:220`.
    pub place: Option<String>,
}

/// The text of two sides, side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compared {
    /// Lines that belong together.
    pub lines: Vec<Pair>,
    /// Lines that were left out for want of room.
    pub left_out: usize,
}

/// A line of each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pair {
    /// The same on both.
    Same(String),
    /// Different, or on one side alone.
    Different(Option<String>, Option<String>),
    /// Equal lines that are not shown.
    Gap,
}

/// Rows of text.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// What it shows.
    pub caption: String,
    /// The names of its columns.
    pub head: &'static [&'static str],
    /// As many cells each as there are columns.
    pub rows: Vec<Vec<String>>,
    /// How many rows were left out for want of room.
    pub left_out: usize,
}
