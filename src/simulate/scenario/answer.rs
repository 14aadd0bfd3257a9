//! One answer of a script, in the notation of the files.
//!
//! An answer is a status and words, such as `202 +result RA=17 x2`, or a way in which there is none.
//!
//! | word | meaning |
//! | --- | --- |
//! | `{Creating}` | a body with that state; `{-}` with none; `*` in it stands for a word that nobody knows |
//! | `!Code` | an error with that code; `*` in it stands for a text that is drawn anew for each case |
//! | `+monitor` `+result` `+operation-location` | the header that names that URL; `+monitor=FORM` in another form |
//! | `RA=10` | `Retry-After`; `now+12` and `now-60` stand for a date |
//! | `Name:value` | any other header; a value with blanks stands in quotes: `Name:'a value'` |
//! | `body=name` | the body of that name |
//! | `decoy` | the body is not the one that the operation made |
//! | `slow=20` | so many seconds later |
//! | `cut` `short` `stall` | the body breaks off; is shorter than `Content-Length` says; never comes |
//! | `x3` | three times |
//! | `reset` `close` `silent` | in the place of a status: no answer, and the connection is reset, closed or left open |
//! | `applied` | before those: the write takes effect all the same |

use std::time::Duration;

/// One answer of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status; `None` where there is no answer.
    pub status: Option<u16>,
    /// The state in the body; `Some("-")` for a body without one.
    pub state: Option<String>,
    /// The error's code.
    pub code: Option<String>,
    /// URLs that are handed out.
    pub links: Vec<Link>,
    /// Values of `Retry-After`.
    pub retry_after: Vec<RetryAfter>,
    /// Other headers.
    pub headers: Vec<(String, String)>,
    /// The name of a body in the file.
    pub body: Option<String>,
    /// Whether the body is a lure: another one than the operation made.
    pub decoy: bool,
    /// How long the answer takes.
    pub delay: Duration,
    /// What is wrong on the wire.
    pub fault: Option<Fault>,
    /// Whether a write without an answer takes effect.
    pub applied: bool,
}

/// A URL that is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The header.
    pub header: LinkHeader,
    /// What the URL looks like.
    pub form: Form,
    /// Where it is one of a tape, and looks as it did there: which of [`super::FromTape::urls`].
    pub taped: Option<usize>,
}

impl Link {
    /// A URL that is made for its form.
    #[must_use]
    pub fn new(header: LinkHeader, form: Form) -> Self {
        Self { header, form, taped: None }
    }
}

/// The headers that hand out URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkHeader {
    /// `Azure-AsyncOperation`.
    Monitor,
    /// `Location`.
    Result,
    /// `Operation-Location`.
    OperationLocation,
}

/// What a URL looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Absolute, on the own host, with an api-version.
    Plain,
    /// Another than before.
    Next,
    /// With a signature, and characters that must stay as they are.
    Signed,
    /// With an api-version that is not that of the write.
    OtherVersion,
    /// Without an api-version.
    Bare,
    /// So many bytes long.
    Long(usize),
    /// A path alone.
    Relative,
    /// The own host with its default port spelled out.
    Port,
    /// On the second host.
    Second,
    /// `http://` on the own host.
    Http,
    /// The resource itself.
    Resource,
    /// Where a redirect leads.
    Moved,
    /// A file on the client's machine.
    File,
    /// Another protocol.
    Ftp,
    /// With a user name and a password.
    Userinfo,
    /// On an address of a private network.
    Private,
    /// No URL.
    Text,
}

/// A value of `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Seconds, which may be scaled.
    Seconds(u32),
    /// A date, so many seconds from now; those ahead may be scaled.
    Date(i32),
    /// Anything else, as it is.
    Text(String),
}

/// What is wrong on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset in the place of an answer.
    Reset,
    /// The connection is closed in the place of an answer.
    Close,
    /// Nothing comes, and the connection stays open.
    Silent,
    /// The body breaks off half-way.
    Cut,
    /// The body breaks off after so many bytes: in faults by hand.
    CutAfter(usize),
    /// The head comes, and then nothing.
    Stall,
    /// `Content-Length` promises more than comes before the connection is closed.
    Short,
}

impl Fault {
    /// The words for them.
    pub const NAMES: [(&str, Self); 6] = [
        ("reset", Self::Reset),
        ("close", Self::Close),
        ("silent", Self::Silent),
        ("cut", Self::Cut),
        ("stall", Self::Stall),
        ("short", Self::Short),
    ];

    /// Whether only the connection itself can show it.
    #[must_use]
    pub fn is_raw(self) -> bool {
        matches!(self, Self::Reset | Self::Stall | Self::Short | Self::Silent)
    }

    /// Whether it stands in the place of a status.
    fn is_bare(self) -> bool {
        matches!(self, Self::Reset | Self::Close | Self::Silent)
    }
}

pub(super) const FORMS: [(&str, Form); 16] = [
    ("plain", Form::Plain),
    ("next", Form::Next),
    ("signed", Form::Signed),
    ("other-version", Form::OtherVersion),
    ("bare", Form::Bare),
    ("relative", Form::Relative),
    ("port", Form::Port),
    ("second-host", Form::Second),
    ("http", Form::Http),
    ("resource", Form::Resource),
    ("moved", Form::Moved),
    ("file", Form::File),
    ("ftp", Form::Ftp),
    ("userinfo", Form::Userinfo),
    ("private", Form::Private),
    ("text", Form::Text),
];

pub(super) const LINKS: [(&str, LinkHeader); 3] = [
    ("monitor", LinkHeader::Monitor),
    ("result", LinkHeader::Result),
    ("operation-location", LinkHeader::OperationLocation),
];

/// The most that one word may repeat an answer.
const MOST: usize = 1000;

/// Why a text is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It doesn't begin with a status.
    #[error("`{0}` is no status: an answer begins with a number from 200 to 599, or is `reset`, `close` or `silent`")]
    Status(String),
    /// A word that says nothing.
    #[error("`{word}` says nothing{}", nearest(known))]
    Word {
        /// The word.
        word: String,
        /// What it may have been meant to be.
        known: Option<String>,
    },
    /// A number is missing, or out of its range.
    #[error("`{0}` has no number that can be used")]
    Number(String),
}

fn nearest(known: &Option<String>) -> String {
    known.as_ref().map(|known| format!("; did you mean `{known}`?")).unwrap_or_default()
}

impl Answer {
    /// Reads an answer, and how often it is given.
    ///
    /// # Errors
    ///
    /// The first word that can't be read.
    pub fn parse(text: &str) -> Result<(Self, usize), AnswerError> {
        let mut words = words(text).into_iter().peekable();
        let mut answer = Self::default();
        let mut times = 1;
        if words.next_if(|word| word == "applied").is_some() {
            answer.applied = true;
        }
        let first = words.next().unwrap_or_default();
        match (first.parse(), fault(&first).filter(|fault| fault.is_bare())) {
            (Ok(status @ 200..=599), _) => answer.status = Some(status),
            (_, Some(fault)) => answer.fault = Some(fault),
            _ => return Err(AnswerError::Status(first)),
        }
        for word in words {
            if let Some(count) = word.strip_prefix('x').and_then(|count| count.parse().ok()) {
                times = Some(count).filter(|count| (1..=MOST).contains(count)).ok_or_else(|| number(&word))?;
            } else {
                answer.word(&word)?;
            }
        }
        Ok((answer, times))
    }

    fn word(&mut self, word: &str) -> Result<(), AnswerError> {
        if let Some(state) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            self.state = Some(state.to_owned());
        } else if let Some(code) = word.strip_prefix('!') {
            self.code = Some(code.to_owned());
        } else if let Some(link) = word.strip_prefix('+') {
            self.links.push(parse_link(word, link)?);
        } else if let Some(value) = word.strip_prefix("RA=") {
            self.retry_after.push(RetryAfter::parse(value));
        } else if let Some(name) = word.strip_prefix("body=") {
            self.body = Some(name.to_owned());
        } else if let Some(seconds) = word.strip_prefix("slow=") {
            self.delay = Duration::from_secs(seconds.parse::<u16>().map_err(|_| number(word))?.into());
        } else if word == "decoy" {
            self.decoy = true;
        } else if let Some(fault) = fault(word).filter(|fault| !fault.is_bare() && self.status.is_some()) {
            self.fault = Some(fault);
        } else if let Some((name, value)) = word.split_once(':')
            && !name.is_empty()
        {
            self.headers.push((name.to_owned(), value.to_owned()));
        } else {
            let known = ["decoy", "cut", "short", "stall", "body=", "slow=", "RA=", "+monitor", "+result"];
            return Err(AnswerError::Word { word: word.to_owned(), known: super::nearest(word, known) });
        }
        Ok(())
    }

    /// Whether a client gets a whole answer from this.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.status.is_some() && self.fault.is_none()
    }
}

impl RetryAfter {
    fn parse(text: &str) -> Self {
        let from_now = text.strip_prefix("now").and_then(|seconds| seconds.parse().ok());
        match (text.parse(), from_now) {
            (Ok(seconds), _) if !text.starts_with('+') => Self::Seconds(seconds),
            (_, Some(seconds)) => Self::Date(seconds),
            _ => Self::Text(text.to_owned()),
        }
    }
}

fn parse_link(word: &str, text: &str) -> Result<Link, AnswerError> {
    let (header, form) = text.split_once('=').unwrap_or((text, "plain"));
    let Some((_, header)) = LINKS.iter().find(|(name, _)| *name == header) else {
        let known = super::nearest(header, LINKS.map(|(name, _)| name)).map(|name| format!("+{name}"));
        return Err(AnswerError::Word { word: word.to_owned(), known });
    };
    if let Some(length) = form.strip_prefix("long-") {
        let length = length.parse().ok().filter(|length| (256..=65_536).contains(length));
        return Ok(Link::new(*header, Form::Long(length.ok_or_else(|| number(word))?)));
    }
    match FORMS.iter().find(|(name, _)| *name == form) {
        Some((_, form)) => Ok(Link::new(*header, *form)),
        None => {
            let known = super::nearest(form, FORMS.map(|(name, _)| name));
            let (header, _) = text.split_once('=').unwrap_or((text, ""));
            Err(AnswerError::Word { word: word.to_owned(), known: known.map(|form| format!("+{header}={form}")) })
        }
    }
}

fn fault(word: &str) -> Option<Fault> {
    Fault::NAMES.iter().find(|(name, _)| *name == word).map(|(_, fault)| *fault)
}

/// The words of an answer. Blanks between single quotes are part of a word.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            letter => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn number(word: &str) -> AnswerError {
    AnswerError::Number(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_word() {
        let (answer, times) = Answer::parse(
            "201 {Creating} !Quota* +monitor +result=long-4096 RA=10 RA=now+12 RA='/bar x' ETag:'\"a b\"' body=odd decoy \
             slow=20 cut x3",
        )
        .unwrap();
        assert_eq!(times, 3);
        assert_eq!((answer.status, answer.state.as_deref()), (Some(201), Some("Creating")));
        assert_eq!(answer.code.as_deref(), Some("Quota*"));
        let [monitor, result] = answer.links[..] else { panic!("{:?}", answer.links) };
        assert_eq!((monitor.header, monitor.form), (LinkHeader::Monitor, Form::Plain));
        assert_eq!((result.header, result.form), (LinkHeader::Result, Form::Long(4096)));
        let waits = [RetryAfter::Seconds(10), RetryAfter::Date(12), RetryAfter::Text("/bar x".to_owned())];
        assert_eq!(answer.retry_after, waits);
        assert_eq!(answer.headers, [("ETag".to_owned(), "\"a b\"".to_owned())]);
        assert_eq!((answer.body.as_deref(), answer.decoy), (Some("odd"), true));
        assert_eq!((answer.delay.as_secs(), answer.fault), (20, Some(Fault::Cut)));
    }

    #[test]
    fn reads_answers_that_never_come() {
        let (lost, _) = Answer::parse("applied reset").unwrap();
        assert!(lost.applied && lost.status.is_none() && lost.fault == Some(Fault::Reset));
        assert_eq!(Answer::parse("200 stall").unwrap().0.fault, Some(Fault::Stall));
    }

    #[test]
    fn says_which_word_is_wrong_and_what_was_meant() {
        let error = |text: &str| Answer::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(error("20 {Running}"), @"`20` is no status: an answer begins with a number from 200 to 599, or is `reset`, `close` or `silent`");
        insta::assert_snapshot!(error("200 +moniter"), @"`+moniter` says nothing; did you mean `+monitor`?");
        insta::assert_snapshot!(error("200 +monitor=relativ"), @"`+monitor=relativ` says nothing; did you mean `+monitor=relative`?");
        insta::assert_snapshot!(error("200 decoi"), @"`decoi` says nothing; did you mean `decoy`?");
        insta::assert_snapshot!(error("200 x0"), @"`x0` has no number that can be used");
        insta::assert_snapshot!(error("200 +result=long-1"), @"`+result=long-1` has no number that can be used");
        insta::assert_snapshot!(error(""), @"`` is no status: an answer begins with a number from 200 to 599, or is `reset`, `close` or `silent`");
    }
}
