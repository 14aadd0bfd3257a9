//! What armtape says: always on stderr, since stdout is the client's (or data that was asked for).

pub(super) use crate::arm::count;

use std::io::Write as _;

use super::{Code, recover};
use crate::{
    arm,
    cassette::{self, Reel},
};

/// One line of talk.
pub(super) fn line(text: &str) {
    tell("armtape", text);
}

/// Nobody may be listening (`2>&1 | head`): that is no reason to lose a tape over.
fn tell(who: &str, text: &str) {
    let _ = std::io::stderr()
        .lock()
        .write_all(format!("{who}: {}\n", printable(text).replace('\n', "\u{fffd}")).as_bytes());
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    code: Code,
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// Wrong usage, or input that cannot be read.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: Code::Usage, message: message.into(), hint: None }
    }

    /// The network or the machine said no.
    pub(super) fn machine(message: impl Into<String>) -> Self {
        Self { code: Code::Machine, message: message.into(), hint: None }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(super) fn code(&self) -> Code {
        self.code
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<cassette::Error> for Failure {
    fn from(error: cassette::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&cassette::Error> for Failure {
    fn from(error: &cassette::Error) -> Self {
        let code = match &error.kind {
            cassette::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::IsADirectory => {
                return Self::usage(format!("{} is a folder", error.path.display())).hint("name a cassette in it");
            }
            cassette::ErrorKind::Io(io)
                if !matches!(io.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) =>
            {
                Code::Machine
            }
            _ => Code::Usage,
        };
        // What is not there may be in a journal.
        let is_absent = matches!(&error.kind, cassette::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::NotFound);
        let waits = if is_absent { recover::waits(&error.path) } else { None };
        Self { code, message: error.to_string(), hint: Some(waits.unwrap_or_else(|| error.hint().to_owned())) }
    }
}

/// What was read, if all of it could be. Of several files that could not, all but the last are said
/// here.
pub(super) fn loaded((reel, errors): (Reel, Vec<cassette::Error>)) -> Result<Reel, Failure> {
    for file in &reel.passed_over {
        line(&format!("passed over: {} is no recording", file.display()));
    }
    let mut failures = errors.into_iter().map(Failure::from);
    let Some(last) = failures.next_back() else { return Ok(reel) };
    let code = failures.fold(last.code, |code, earlier| code.or(failure(&earlier)));
    Err(Failure { code, ..last })
}

/// Says a failure, gives its code.
pub(super) fn failure(failure: &Failure) -> Code {
    tell("error", &failure.message);
    if let Some(hint) = &failure.hint {
        tell("hint", hint);
    }
    failure.code
}

/// Lines that steer neither the terminal nor the CI system that reads along.
pub(super) fn printable(text: &str) -> String {
    let printable: Vec<String> = text.split('\n').map(arm::printable).collect();
    printable.join("\n").replace("##vso[", "##vso\u{fffd}").replace("##[", "##\u{fffd}")
}

/// Why a client that came by asked for nothing.
pub(super) const DISTRUST: &str = "the client trusts neither SSL_CERT_FILE, REQUESTS_CA_BUNDLE nor \
    NODE_EXTRA_CA_CERTS: give it the file in ARMTAPE_CA by its own option";

/// Why a client never came by. `client` is how it ended, if armtape started it.
pub(super) fn never_came(client: Option<Code>) -> String {
    match client.map(Code::number) {
        None => "no client came: `armtape env` prints what it needs".to_owned(),
        Some(0) => "the client never came by: it may not read HTTPS_PROXY; \
            give it the URL in ARMTAPE_ENDPOINT as its endpoint"
            .to_owned(),
        // No such program: a shell's own words.
        Some(code @ (126 | 127)) => format!("the client failed (with {code}) before it asked for anything"),
        Some(code) => format!(
            "the client failed (with {code}) before it asked for anything, or it went past armtape: it may not read \
             HTTPS_PROXY, and none does for localhost; give it the URL in ARMTAPE_ENDPOINT as its endpoint"
        ),
    }
}

/// The last line: whose code it is.
pub(super) fn ending(code: Code, client: Option<Code>) {
    let number = code.number();
    match (code, client) {
        (Code::Client(_), _) => line(&format!("exit {number}, the client's own")),
        (_, Some(client)) => line(&format!("exit {number}, armtape's (the client ended with {})", client.number())),
        (_, None) => line(&format!("exit {number}")),
    }
}
