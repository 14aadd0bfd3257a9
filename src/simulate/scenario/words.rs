//! A scenario in words, for whoever has not read its file.

use super::{
    answer::{Answer, Fault, Form, Link, LinkHeader, RetryAfter},
    model::{Demand, Expected, FinalState, Insists, Kind, Need, Operation, Scenario, Target},
};

impl Scenario {
    /// What the service answers, what is right, and what is asked of a client, a line for each. What
    /// is drawn anew in each run has a `*`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut lines = vec![format!("{}.", self.kind.in_words()), "The service answers".to_owned()];
        for (target, answers) in &self.answers {
            lines.push(format!("  {:<22} {}", format!("{}:", target.in_words()), self.script(answers)));
        }
        if let Some(line) = self.arranged() {
            lines.push(line);
        }
        let truth = &self.truth;
        lines.push(format!("right: {}", either(&truth.right)));
        if !truth.tolerated.is_empty() {
            lines.push(format!("a warning: {}", either(&truth.tolerated)));
        }
        if let Some(target) = truth.result {
            lines.push(format!("a resource that the client returns comes from {}", target.in_words()));
        }
        for target in &truth.forbidden {
            lines.push(format!("forbidden: to ask {}", target.in_words()));
        }
        for demand in &truth.demanded {
            lines.push(format!("demanded: {}", demanded(demand)));
        }
        lines.extend(self.needs().iter().map(|need| format!("needs {}", need.in_words())));
        lines.join("\n") + "\n"
    }

    /// The answers of a target in their order; the last one repeats.
    fn script(&self, answers: &[Answer]) -> String {
        /// A longer body is named alone.
        const MOST: usize = 200;
        let runs = answers.chunk_by(|one, other| one == other);
        let words = runs.map(|run| {
            let mut words = run[0].in_words();
            let body = run[0].body.as_ref().and_then(|name| self.bodies.get(name));
            if let Some(body) = body.filter(|body| body.len() <= MOST) {
                words.push_str(&format!(": `{body}`"));
            }
            if run.len() > 1 {
                words.push_str(&format!(" ({} times)", run.len()));
            }
            words
        });
        words.collect::<Vec<_>>().join("; then ")
    }

    /// What the client is told or sends beside its operation.
    fn arranged(&self) -> Option<String> {
        let mut words = Vec::new();
        words.extend(self.condition.as_ref().map(|condition| format!("it sends `{condition}`")));
        words.extend(self.timeout.map(|seconds| format!("it is to give up after {seconds} s")));
        if self.operation == Operation::Abort {
            words.push(format!("it is interrupted after {}", times(self.abort_after as usize, "poll")));
        }
        if self.trusts_second {
            words.push("it is told to trust the second host".to_owned());
        }
        words.extend(match self.insists {
            Insists::Nothing => None,
            Insists::Exact => Some("the status URL answers only where it comes back byte for byte".to_owned()),
            Insists::OwnVersion => Some("the status URL answers only with its own api-version".to_owned()),
            Insists::AnyVersion => Some("the status URL answers only with an api-version".to_owned()),
        });
        words.extend(match self.final_state {
            FinalState::Default => None,
            FinalState::Location => Some("by the API's description the result is at Location".to_owned()),
            FinalState::Status => Some("by the API's description the result is in the status document".to_owned()),
        });
        (!words.is_empty()).then(|| format!("  and the client: {}", words.join("; ")))
    }
}

impl Answer {
    /// The answer in words, such as `202, Location, Retry-After: 17`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = Vec::new();
        match (self.status, self.fault) {
            (Some(status), _) => words.push(match self.state.as_deref() {
                Some("-") => format!("{status} without a state"),
                Some(state) => format!("{status} {state}"),
                None => status.to_string(),
            }),
            (None, Some(Fault::Reset)) => words.push("the connection is reset".to_owned()),
            (None, Some(Fault::Silent)) => words.push("nothing, and the connection stays open".to_owned()),
            (None, _) => words.push("the connection is closed".to_owned()),
        }
        words.extend(self.applied.then(|| "and it takes effect".to_owned()));
        words.extend(self.code.as_ref().map(|code| format!("error {code}")));
        words.extend(self.decoy.then(|| "a body that the operation did not make".to_owned()));
        words.extend(self.links.iter().map(Link::in_words));
        words.extend(self.retry_after.iter().map(|wait| match wait {
            RetryAfter::Seconds(seconds) => format!("Retry-After: {seconds}"),
            RetryAfter::Date(ahead @ 0..) => format!("Retry-After: a date {ahead} s ahead"),
            RetryAfter::Date(past) => format!("Retry-After: a date {} s ago", past.unsigned_abs()),
            RetryAfter::Text(text) => format!("Retry-After: `{text}`"),
        }));
        words.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        if !self.delay.is_zero() {
            words.push(format!("after {} s", self.delay.as_secs()));
        }
        words.extend(match (self.status, self.fault) {
            (None, _) | (_, None | Some(Fault::Reset | Fault::Close | Fault::Silent)) => None,
            (_, Some(Fault::Cut | Fault::CutAfter(_))) => Some("its body breaks off".to_owned()),
            (_, Some(Fault::Stall)) => Some("its body never comes".to_owned()),
            (_, Some(Fault::Short)) => Some("its body is shorter than Content-Length says".to_owned()),
        });
        words.extend(self.body.as_ref().map(|_| "a body of its own".to_owned()));
        words.join(", ")
    }
}

impl Link {
    fn in_words(&self) -> String {
        let header = match self.header {
            LinkHeader::Monitor => "Azure-AsyncOperation",
            LinkHeader::Result => "Location",
            LinkHeader::OperationLocation => "Operation-Location",
        };
        let form = match self.form {
            Form::Plain => return header.to_owned(),
            Form::Next => "another URL than before",
            Form::Signed => "signed",
            Form::OtherVersion => "with an api-version of its own",
            Form::Bare => "without an api-version",
            Form::Long(bytes) => return format!("{header} ({bytes} bytes long)"),
            Form::Relative => "a path alone",
            Form::Port => "with the default port spelled out",
            Form::Second => "on a second host",
            Form::Http => "without TLS",
            Form::Resource => "the resource itself",
            Form::Moved => "where the redirect leads",
            Form::File => "a `file:` URL",
            Form::Ftp => "an `ftp:` URL",
            Form::Userinfo => "with a user name and a password",
            Form::Private => "at an address of a private network",
            Form::Text => "no URL at all",
        };
        format!("{header} ({form})")
    }
}

impl Kind {
    fn in_words(self) -> &'static str {
        match self {
            Self::Normal => "What a conforming service does every day",
            Self::Tricky => "Valid, and easily misread",
            Self::Fault => "A fault that passes",
            Self::Misbehaving => "The service breaks its contract",
            Self::Security => "A probe for leaked credentials",
        }
    }
}

impl Target {
    /// The target in words: `the status URL`.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Write => "the write",
            Self::Monitor => "the status URL",
            Self::NextMonitor => "the next status URL",
            Self::OperationLocation => "Operation-Location",
            Self::Result => "the result URL",
            Self::NextResult => "the next result URL",
            Self::Resource => "the resource",
            Self::Moved => "behind the redirect",
            Self::SecondHost => "the second host",
            Self::PlainListener => "the URL without TLS",
            Self::Decoy => "the decoy",
            Self::Other => "anything else",
        }
    }
}

impl Need {
    fn in_words(self) -> &'static str {
        match self {
            Self::Tls => "https",
            Self::Process => "a client that is a process",
            Self::Proxy => "a client that reaches its host through a proxy",
            Self::Wire => "a connection of its own, for what no HTTP library sends",
            Self::Timeout => "a client that can be given a limit",
            Self::TrustedHosts => "a client that can be told whom to trust",
            Self::FinalState => "a client that can be told where the result is",
            Self::Condition => "a client that sends the precondition",
            Self::Token => "a client that can get another token",
            Self::Patience => "many minutes",
        }
    }
}

impl Expected {
    /// What is expected; `code` says what a code of the script stands for.
    pub(crate) fn in_words(&self, code: impl Fn(&str) -> String) -> String {
        match self {
            Self::Success => "success".to_owned(),
            Self::Failure { codes } if codes.is_empty() => "a failure".to_owned(),
            Self::Failure { codes } => {
                let codes: Vec<String> = codes.iter().map(|text| code(text)).collect();
                format!("a failure ({})", codes.join(" or "))
            }
            Self::Canceled => "a cancellation".to_owned(),
            Self::Indeterminate => "that it could not find out".to_owned(),
            Self::Timeout => "a timeout".to_owned(),
            Self::Any => "anything".to_owned(),
        }
    }
}

fn either(expected: &[Expected]) -> String {
    expected.iter().map(|expected| expected.in_words(str::to_owned)).collect::<Vec<_>>().join(", or ")
}

fn demanded(demand: &Demand) -> String {
    let Demand { target, at_least, at_most } = *demand;
    let number = match at_most {
        Some(0) => return format!("not to ask {}", target.in_words()),
        Some(most) if most == at_least => format!("exactly {}", times(most, "time")),
        Some(most) => format!("{at_least} to {}", times(most, "time")),
        None => format!("at least {}", times(at_least, "time")),
    };
    format!("to ask {} {number}", target.in_words())
}

/// `1 poll`, `2 polls`.
fn times(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
