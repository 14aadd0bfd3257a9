//! The dimensions of a service, and the recipe made of them.

use super::dimension::{dimension, recipe};
use crate::simulate::scenario::{Kind, Operation};

/// A dimension of recipes.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// The choices, the plainest first.
    pub choices: Vec<Choice>,
}

impl Dimension {
    /// Its name as it is written in files.
    pub(super) fn kebab(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// A choice in a dimension.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// What sort of service makes it.
    pub kind: Kind,
    /// What it is, in words.
    pub words: &'static str,
}

/// The name of a choice as it is written in files.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 2);
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

dimension! {
    /// What the client is asked to do.
    Task {
        Put: Normal "create or replace",
        Patch: Normal "change some",
        Delete: Normal "remove",
        Post: Normal "run an action",
        Update: Normal "read, change, and write with `If-Match`",
        CreateOnly: Normal "write with `If-None-Match: *`",
        Resume: Normal "go on with what an earlier run began",
        Abort: Normal "write, and be interrupted",
        Pair: Normal "two resources at once",
        Rerun: Normal "the same write by two runs of the client",
    }
}

dimension! {
    /// The answer to the write.
    First {
        Created: Normal "201",
        Ok: Normal "200",
        Accepted: Normal "202",
        NoContent: Normal "204",
        Refused: Normal "400",
        Busy: Normal "409, another operation runs",
        Precondition: Normal "412",
    }
}

dimension! {
    /// What the body of that answer says of the state.
    Stated {
        Running: Normal "that it runs",
        Succeeded: Normal "`Succeeded`",
        Absent: Normal "nothing",
        Failed: Tricky "`Failed`",
        Canceled: Tricky "`Canceled`",
        Nothing: Normal "there is no body",
    }
}

dimension! {
    /// The headers that name URLs.
    Headers {
        Monitor: Normal "`Azure-AsyncOperation`",
        Neither: Normal "none",
        Result: Normal "`Location`",
        Both: Normal "both",
        Operation: Tricky "`Operation-Location`",
        MonitorAndOperation: Tricky "`Azure-AsyncOperation` and `Operation-Location`",
    }
}

dimension! {
    /// What the polling URL looks like.
    Form {
        Plain: Normal "absolute, on the own host",
        Signed: Tricky "with a signature that must come back byte for byte",
        OtherVersion: Tricky "with an api-version of its own, which it insists on",
        Bare: Tricky "without an api-version",
        BareInsisting: Misbehaving "without an api-version, and one is insisted on",
        Long: Tricky "4 KB long",
        Longer: Tricky "6 KB long",
        Port: Tricky "with the default port spelled out",
        Relative: Misbehaving "a path alone",
        Itself: Tricky "the resource's own URL",
        Trusted: Tricky "on a second host that is trusted",
        Foreign: Security "on a second host that nobody trusts",
        Plaintext: Security "without TLS",
        Text: Tricky "a `Location` that is no URL, beside a good monitor",
    }
}

dimension! {
    /// Whether the polling URL stays.
    Moves {
        Stays: Normal "it stays, and is not repeated",
        Repeated: Normal "every answer repeats it",
        Moves: Tricky "a poll names another one, and the old one goes on",
        Breaks: Tricky "a poll names another one, and the old one breaks",
    }
}

dimension! {
    /// What is answered by a redirect.
    Redirect {
        Nothing: Normal "nothing",
        Temporary: Tricky "each poll: 307, on the own host",
        Permanent: Tricky "each poll: 308, on the own host",
        Found: Tricky "each poll: 302, on the own host",
        SeeOther: Tricky "each poll: 303, on the own host",
        Trusted: Tricky "each poll: 307, to a second host that is trusted",
        Foreign: Security "each poll: 307, to a second host that nobody trusts",
        Write: Tricky "the write, once: 307, to its own URL",
        WriteTrusted: Tricky "the write: 307, to a second host that is trusted",
        WriteForeign: Security "the write: 307, to a second host that nobody trusts",
    }
}

dimension! {
    /// Where the state stands in a body.
    Place {
        Usual: Normal "where the contract has it",
        Root: Misbehaving "`provisioningState` at the root of the resource",
        Status: Misbehaving "a status document at `Location`",
    }
}

dimension! {
    /// How many answers say that the operation runs.
    Polls {
        Zero: Normal "0",
        One: Normal "1",
        Two: Normal "2",
        Three: Normal "3",
        Six: Normal "6",
    }
}

dimension! {
    /// The words for states.
    Word {
        Usual: Normal "those of every day",
        Drawn: Tricky "a word that nobody knows",
        Deleted: Tricky "a word that sounds like an end",
        Lower: Tricky "in lower case",
        Upper: Tricky "in upper case",
    }
}

dimension! {
    /// What a status document looks like while the operation runs.
    Document {
        Plain: Normal "id, name and status",
        Odd: Tricky "with unknown members and oddly written times",
        Almost: Tricky "with every sign of the end but the state",
        Marked: Tricky "behind a byte order mark",
        Accepted: Tricky "with status 202",
    }
}

dimension! {
    /// `Retry-After`.
    Wait {
        Absent: Normal "none",
        Two: Normal "2 seconds",
        Ten: Normal "10 seconds",
        Minutes: Normal "2 minutes",
        Zero: Misbehaving "0",
        Date: Tricky "a date 12 s ahead",
        PastDate: Tricky "a date that has passed",
        Twice: Tricky "two values, 10 and 20 s",
        Negative: Misbehaving "-5",
        Text: Misbehaving "a word",
        Fraction: Misbehaving "1.5",
        Empty: Misbehaving "nothing at all",
        Days: Misbehaving "25 days",
    }
}

dimension! {
    /// What goes wrong and passes.
    Trouble {
        Nothing: Normal "nothing",
        BusyWait: Fault "503 with `Retry-After`",
        Busy: Fault "503",
        Error: Fault "500",
        Page: Fault "502 with a page",
        Late: Fault "504",
        TimedOut: Fault "408",
        ThrottledWait: Fault "429 with `Retry-After`",
        Throttled: Fault "429",
        Reset: Fault "the connection is reset",
        Close: Fault "the connection is closed",
        Lost: Fault "the write takes effect, and its answer is lost",
        Cut: Fault "the body breaks off",
        Stall: Fault "the body never comes",
        Slow: Tricky "the answer takes 20 s",
        Expired: Fault "401: the token has expired",
        NotYet: Fault "404: it is not there yet",
        ConflictWait: Tricky "409 with `Retry-After`",
        EmptyStatus: Misbehaving "a status document without a body",
        NoStatus: Misbehaving "a status document without a status",
        NullStatus: Misbehaving "a status that is null",
        NumberStatus: Misbehaving "a status that is a number",
        StatusPage: Fault "a page in the place of a status document",
    }
}

dimension! {
    /// Where it goes wrong.
    At {
        Write: Normal "at the write",
        FirstPoll: Normal "at the first poll",
        LaterPoll: Normal "at the poll that would show the end",
        LastRead: Normal "at the last read",
    }
}

dimension! {
    /// How often in a row it goes wrong.
    Times {
        Once: Normal "once",
        Twice: Normal "twice",
        Many: Normal "twelve times",
    }
}

dimension! {
    /// How the operation ends.
    End {
        Succeeded: Normal "`Succeeded`",
        Failed: Normal "`Failed`, with an error",
        Canceled: Normal "`Canceled`, with an error",
        Silent: Misbehaving "`Failed`, without an error",
        DoubleL: Misbehaving "`Cancelled`, for ever",
        Endless: Misbehaving "never",
        Gone: Misbehaving "the status is forgotten: 404 for ever",
        Forbidden: Tricky "the status may not be read: 403 for ever",
        Unauthorized: Fault "no token is good: 401 for ever",
    }
}

dimension! {
    /// The shape of the error.
    Envelope {
        Standard: Normal "code and message in `error`",
        Deep: Tricky "with details and inner errors",
        Bare: Tricky "code and message at the root",
        Pascal: Tricky "the same in Pascal case",
        Nested: Tricky "an error document in the message",
        Message: Tricky "a message alone",
        Page: Tricky "a page",
        Empty: Tricky "no body",
        Number: Tricky "a code that is a number",
        Marked: Tricky "behind a byte order mark",
    }
}

dimension! {
    /// What the last read finds.
    Last {
        Plain: Normal "the resource",
        Lags: Tricky "the resource still runs, once",
        NotYet: Tricky "404, once",
        Lure: Normal "`Location` answers another body",
        Gone: Tricky "`Location` is gone",
        Failed: Misbehaving "the resource says `Failed`",
    }
}

dimension! {
    /// The body of the write.
    Body {
        Page: Normal "the profile of the published page",
        Valid: Normal "any valid profile",
        WithNull: Normal "a valid profile with nulls",
        Unusual: Normal "a profile that is unusual and valid",
        Invalid: Normal "a profile with one error, which the service refuses",
    }
}

recipe! {
    /// What the client is asked to do.
    task: Task,
    /// The answer to the write.
    first: First,
    /// The state in its body.
    stated: Stated,
    /// The URLs that it names.
    headers: Headers,
    /// The form of the one that is polled.
    form: Form,
    /// Whether that one stays.
    moves: Moves,
    /// Whether a redirect comes before the answer.
    redirect: Redirect,
    /// How many answers say that it runs.
    polls: Polls,
    /// The words for states.
    word: Word,
    /// Where in a body they stand.
    place: Place,
    /// The form of status documents.
    document: Document,
    /// `Retry-After` beside the answer to the write.
    first_wait: Wait,
    /// `Retry-After` beside each answer that says that it runs.
    poll_wait: Wait,
    /// What goes wrong and passes.
    trouble: Trouble,
    /// Where.
    at: At,
    /// How often.
    times: Times,
    /// The end.
    end: End,
    /// The shape of the error.
    envelope: Envelope,
    /// What the last read finds.
    last: Last,
    /// The body of the write.
    body: Body,
}

impl Task {
    /// As scenarios have it.
    #[must_use]
    pub fn operation(self) -> Operation {
        match self {
            Self::Put => Operation::Put,
            Self::Patch => Operation::Patch,
            Self::Delete => Operation::Delete,
            Self::Post => Operation::Post,
            Self::Update => Operation::Update,
            Self::CreateOnly => Operation::CreateOnly,
            Self::Resume => Operation::Resume,
            Self::Abort => Operation::Abort,
            Self::Pair => Operation::Pair,
            Self::Rerun => Operation::Rerun,
        }
    }

    /// Whether a resource is what comes of it.
    pub(super) fn keeps(self) -> bool {
        !matches!(self, Self::Delete | Self::Post)
    }
}

impl Redirect {
    /// Status and place of a redirect that answers each poll.
    pub(super) fn of_polls(self) -> Option<(u16, Hop)> {
        match self {
            Self::Temporary => Some((307, Hop::Own)),
            Self::Permanent => Some((308, Hop::Own)),
            Self::Found => Some((302, Hop::Own)),
            Self::SeeOther => Some((303, Hop::Own)),
            Self::Trusted | Self::Foreign => Some((307, Hop::Second)),
            Self::Nothing | Self::Write | Self::WriteTrusted | Self::WriteForeign => None,
        }
    }

    /// Whether the service itself never takes the write.
    pub(super) fn sends_the_write_away(self) -> bool {
        matches!(self, Self::WriteTrusted | Self::WriteForeign)
    }
}

/// The host that a redirect leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hop {
    /// The service's own.
    Own,
    /// The second one.
    Second,
}

impl Polls {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Six => 6,
        }
    }
}

impl Times {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Once => 1,
            Self::Twice => 2,
            Self::Many => 12,
        }
    }
}
