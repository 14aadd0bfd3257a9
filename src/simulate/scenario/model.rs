//! What a scenario is: a script for a service, and the truth about what a client may make of it.

use std::{collections::BTreeMap, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::answer::Answer;

/// A script of a service, with the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// `SC-nnn` for what documents and issues tell of services, `OP-nn` for what they leave out.
    pub id: String,
    /// Which of several runs of one script this is; empty where there is one.
    pub variant: String,
    /// One line for people.
    pub title: String,
    /// What sort of service this is.
    pub kind: Kind,
    /// What the client is asked to do.
    pub operation: Operation,
    /// The answers of each target, in their order. The last one repeats.
    pub answers: BTreeMap<Target, Vec<Answer>>,
    /// Bodies by the name under which an answer names them. `${code}` and its like are filled in.
    pub bodies: BTreeMap<String, String>,
    /// Targets that follow their own script whatever the operation does.
    pub independent: Vec<Target>,
    /// Whether the resource is there before the write; `None`: as the write's answer says.
    pub exists: Option<bool>,
    /// What the status monitor insists on.
    pub insists: Insists,
    /// Whether the second host is one that the client is told to trust.
    pub trusts_second: bool,
    /// The precondition that the client is to send, as a header line: `If-None-Match: *`.
    pub condition: Option<String>,
    /// Seconds after which the client is told to give up; none where it has no limit.
    pub timeout: Option<u32>,
    /// How many polls the client may make before it is interrupted (`abort`).
    pub abort_after: u32,
    /// Where the result is by the API's description, which the wire doesn't tell (section 1.7).
    pub final_state: FinalState,
    /// What it has of a tape; nothing where somebody wrote it.
    pub tape: FromTape,
    /// What is right and what is wrong.
    pub truth: Truth,
}

/// What a scenario has of the recording that it was made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FromTape {
    /// The URLs that the service handed out, as they were, with `${own}` for scheme and host and `${like:…}`
    /// for ids and signatures.
    pub urls: Vec<String>,
    /// What the recorded write sent: where a client sends something else, the answers show that.
    pub sent: Option<Value>,
}

impl Scenario {
    /// Id and variant: `SC-044:E2`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.variant.is_empty() { self.id.clone() } else { format!("{}:{}", self.id, self.variant) }
    }

    /// The answers of a target; empty where the script leaves it to the state of the operation.
    #[must_use]
    pub fn answers(&self, target: Target) -> &[Answer] {
        self.answers.get(&target).map_or(&[], Vec::as_slice)
    }

    /// The preconditions, as headers.
    #[must_use]
    pub fn condition_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = self.condition.as_deref().and_then(|condition| condition.split_once(": "))
            && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            headers.insert(name, value);
        }
        headers
    }

    /// What the transport or the client must be able to do: what the file says, and what follows
    /// from the script.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = self.truth.needs.clone();
        let mut add = |need| {
            if !needs.contains(&need) {
                needs.push(need);
            }
        };
        for answer in self.answers.values().flatten() {
            if answer.fault.is_some_and(super::answer::Fault::is_raw) {
                add(Need::Wire);
            }
        }
        if self.timeout.is_some() {
            add(Need::Timeout);
        }
        if self.operation == Operation::Abort {
            add(Need::Process);
        }
        if self.trusts_second {
            add(Need::TrustedHosts);
        }
        if self.final_state != FinalState::Default {
            add(Need::FinalState);
        }
        needs
    }
}

/// What sort of service a script plays (section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// N: what a conforming service does every day.
    Normal,
    /// T: valid, and easily misread.
    Tricky,
    /// F: a passing fault.
    Fault,
    /// M: the service breaks its contract.
    Misbehaving,
    /// X: a probe for leaked credentials.
    Security,
}

/// What the client is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Create or replace.
    #[default]
    Put,
    /// Change some.
    Patch,
    /// Remove.
    Delete,
    /// Run an action.
    Post,
    /// Read, change, PUT with `If-Match`.
    Update,
    /// PUT with `If-None-Match: *`.
    CreateOnly,
    /// Go on with an operation that an earlier run began.
    Resume,
    /// PUT, and be interrupted.
    Abort,
    /// Two resources at once.
    Pair,
    /// The same PUT by two runs of the client, one after the other.
    Rerun,
}

impl Operation {
    /// The names, as in files and on the command line.
    pub const NAMES: [(&str, Self); 10] = [
        ("put", Self::Put),
        ("patch", Self::Patch),
        ("delete", Self::Delete),
        ("post", Self::Post),
        ("update", Self::Update),
        ("create-only", Self::CreateOnly),
        ("resume", Self::Resume),
        ("abort", Self::Abort),
        ("pair", Self::Pair),
        ("rerun", Self::Rerun),
    ];

    /// The method of the write.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
            Self::Post => Method::POST,
            _ => Method::PUT,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, operation)| operation == self);
        formatter.pad(name.map_or("", |(name, _)| name))
    }
}

/// Where a request goes, by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The write itself.
    Write,
    /// The status monitor: what `Azure-AsyncOperation` named first.
    Monitor,
    /// The status monitor that a poll named later.
    NextMonitor,
    /// What `Operation-Location` named.
    OperationLocation,
    /// The operation's result: what `Location` named first.
    Result,
    /// The result URL that a poll named later.
    NextResult,
    /// The resource.
    Resource,
    /// Where a redirect on the own host leads.
    Moved,
    /// A second host.
    SecondHost,
    /// The own host without TLS.
    PlainListener,
    /// A URL that is there to be refused.
    Decoy,
    /// Anything else: look-ups, other resources.
    Other,
}

impl Target {
    /// The targets that a script can give answers to, by their names in files.
    pub const NAMES: [(&str, Self); 11] = [
        ("write", Self::Write),
        ("monitor", Self::Monitor),
        ("next-monitor", Self::NextMonitor),
        ("operation-location", Self::OperationLocation),
        ("result", Self::Result),
        ("next-result", Self::NextResult),
        ("resource", Self::Resource),
        ("moved", Self::Moved),
        ("second-host", Self::SecondHost),
        ("plain-listener", Self::PlainListener),
        ("decoy", Self::Decoy),
    ];

    /// Whether answers of this target are status documents.
    #[must_use]
    pub fn is_monitor(self) -> bool {
        matches!(
            self,
            Self::Monitor
                | Self::NextMonitor
                | Self::OperationLocation
                | Self::Moved
                | Self::SecondHost
                | Self::PlainListener
                | Self::Decoy
        )
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, target)| target == self);
        formatter.pad(name.map_or("other", |(name, _)| name))
    }
}

/// What the status monitor insists on before it answers by its script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Insists {
    /// Nothing: it answers as long as the operation can be told.
    #[default]
    Nothing,
    /// The URL byte for byte, but for its api-version; 403 otherwise.
    Exact,
    /// The api-version that it was handed out with; 404 `InvalidResourceType` otherwise.
    OwnVersion,
    /// An api-version, though it was handed out without; 400 `MissingApiVersionParameter` otherwise.
    AnyVersion,
}

/// `final-state-via` in the API's description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinalState {
    /// Not given.
    #[default]
    Default,
    /// `location`.
    Location,
    /// `azure-async-operation`.
    Status,
}

/// What a client may make of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Outcomes that are right.
    pub right: Vec<Expected>,
    /// Outcomes that are a warning.
    pub tolerated: Vec<Expected>,
    /// Where the returned resource must come from, if the client returns one; `None` where the
    /// script doesn't tell.
    pub result: Option<Target>,
    /// Targets that no request may reach.
    pub forbidden: Vec<Target>,
    /// How often targets must be asked.
    pub demanded: Vec<Demand>,
    /// The rules that the script exercises: `LRO-C-nn`.
    pub rules: Vec<String>,
    /// Rules that an ambiguity forbids to judge here, with its id: `LRO-C-10` → `A-02`.
    pub waived: BTreeMap<String, String>,
    /// Rules whose breach is no more than a warning here, with the ambiguity's id.
    pub softened: BTreeMap<String, String>,
    /// What the transport or the client must be able to do, beside what follows from the script.
    pub needs: Vec<Need>,
}

/// An outcome, as far as it can be expected (section 0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The operation completed.
    Success,
    /// It failed; with one of these codes where there are any. `*` in a code stands for the text
    /// that is drawn ([`super::Draw::code`]).
    Failure {
        /// The codes.
        codes: Vec<String>,
    },
    /// It was cancelled.
    Canceled,
    /// The client could not find out.
    Indeterminate,
    /// The client gave up waiting.
    Timeout,
    /// No assertion.
    Any,
}

/// How often a target must be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The target.
    pub target: Target,
    /// At least so often.
    pub at_least: usize,
    /// At most so often.
    pub at_most: Option<usize>,
}

impl fmt::Display for Demand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, at_least, at_most } = self;
        match at_most {
            Some(most) if most == at_least => write!(formatter, "{target} {at_least}"),
            Some(most) => write!(formatter, "{target} {at_least}..{most}"),
            None => write!(formatter, "{target} {at_least}.."),
        }
    }
}

/// What a transport or a client must be able to do to show a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// https: without it nothing can be lost.
    Tls,
    /// A client that is a process, to be interrupted.
    Process,
    /// The client talks to the public host through a proxy, so that URLs may name it otherwise.
    Proxy,
    /// The connection itself, for answers that no HTTP library sends.
    Wire,
    /// A client that takes a limit.
    Timeout,
    /// A client that can be told which hosts to trust.
    TrustedHosts,
    /// A client that can be told where the result is (`final-state-via`).
    FinalState,
    /// A client that sends the precondition.
    Condition,
    /// A client that gets its token from the identity service, so that it can have another.
    Token,
    /// Many minutes, which a process spends only where a script is played as it is written.
    Patience,
}

impl Need {
    /// The names in files.
    pub const NAMES: [(&str, Self); 10] = [
        ("tls", Self::Tls),
        ("process", Self::Process),
        ("proxy", Self::Proxy),
        ("wire", Self::Wire),
        ("timeout", Self::Timeout),
        ("trusted-hosts", Self::TrustedHosts),
        ("final-state", Self::FinalState),
        ("condition", Self::Condition),
        ("token", Self::Token),
        ("patience", Self::Patience),
    ];
}
