//! What a rule is, and what judging means.

use std::fmt;

use serde_json::Value;

use super::{Place, rules, rules::RULES};

/// One way in which a profile can be wrong.
#[derive(Debug)]
pub struct Rule {
    /// `PROFILE-01` to `PROFILE-44`, after the rows of `spec/profile.md`, section 6. Where a row has a
    /// milder case, a second rule with the same id has it.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What says so.
    pub evidence: &'static [Evidence],
    /// The defect, in words.
    pub words: &'static str,
    pub(super) check: Check,
}

/// How bad a defect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A source shows that it can be legitimate, or does not settle it.
    Warning,
    /// The service is to refuse it.
    Error,
}

/// What says that something is a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The published description of the service.
    Description,
    /// A page of the documentation.
    Page,
    /// A recording of the real service.
    Recording,
    /// The review of the description.
    Review,
    /// Nothing but what follows from the rest.
    Inferred,
}

/// What a rule looks at.
#[derive(Debug)]
pub(super) enum Check {
    /// The bytes of a body.
    Bytes(fn(&[u8]) -> Vec<Flaw>),
    /// A body that is JSON.
    Body(fn(&Value) -> Vec<Flaw>),
    /// What an answer of the service shows.
    Answer(fn(&Value) -> Vec<Flaw>),
    /// The shape that requests and answers share.
    Both(fn(&Value) -> Vec<Flaw>),
    /// A body among what is around it.
    Around(fn(&Value, &Around<'_>) -> Vec<Flaw>),
    /// What is around a body, whatever it is.
    Head(fn(&Around<'_>) -> Vec<Flaw>),
}

/// Where a rule is broken, and how.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) place: Place,
    pub(super) words: String,
}

impl Flaw {
    pub(super) fn new(place: Place, words: impl Into<String>) -> Self {
        Self { place, words: words.into() }
    }
}

/// One broken rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub rule: &'static Rule,
    /// Where in the body.
    pub place: Place,
    /// What is wrong there, for people. It may quote the body.
    pub words: String,
}

/// What is around the body of a PUT of a profile.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// The profile's name, out of the URL.
    pub name: &'a str,
    /// `api-version`, out of the URL.
    pub api_version: Option<&'a str>,
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The `apiEntitySetName` of every other type in the hub.
    pub taken: &'a [&'a str],
}

/// What is wrong with a body of a request.
#[must_use]
pub fn judge(body: &[u8]) -> Vec<Finding> {
    judged(body, rules::document(body).as_ref(), None)
}

/// What is wrong with a PUT: its body and what is around it.
#[must_use]
pub fn judge_put(body: &[u8], around: &Around<'_>) -> Vec<Finding> {
    judged(body, rules::document(body).as_ref(), Some(around))
}

/// As [`judge_put`], for a service that reads `document` in the body.
pub(crate) fn judge_as_read(body: &[u8], document: Option<&Value>, around: &Around<'_>) -> Vec<Finding> {
    judged(body, document, Some(around))
}

/// What is wrong with a profile that a service shows.
#[must_use]
pub fn judge_answer(answer: &Value) -> Vec<Finding> {
    broken(|check| match check {
        Check::Answer(check) | Check::Both(check) => check(answer),
        _ => Vec::new(),
    })
}

fn judged(body: &[u8], document: Option<&Value>, around: Option<&Around<'_>>) -> Vec<Finding> {
    broken(|check| match (check, document, around) {
        (Check::Bytes(check), ..) => check(body),
        (Check::Body(check) | Check::Both(check), Some(body), _) => check(body),
        (Check::Around(check), Some(body), Some(around)) => check(body, around),
        (Check::Head(check), _, Some(around)) => check(around),
        _ => Vec::new(),
    })
}

fn broken(flaws: impl Fn(&Check) -> Vec<Flaw>) -> Vec<Finding> {
    let finding = |rule| move |Flaw { place, words }| Finding { rule, place, words };
    RULES.iter().flat_map(|rule| flaws(&rule.check).into_iter().map(finding(rule))).collect()
}

impl Rule {
    /// The row of `spec/profile.md`, section 6.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.id.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    #[cfg(feature = "profile")]
    pub(super) fn named(number: u8, severity: Severity) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.number() == number && rule.severity == severity)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Description => "the published description",
            Self::Page => "a page of the documentation",
            Self::Recording => "a recording",
            Self::Review => "the review of the description",
            Self::Inferred => "inferred",
        })
    }
}
