//! The report for machines, as it is written and as `armtape merge` reads it: one set of types for
//! both. docs/check.md says what is promised.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CaseReport, Noted, Report, Reported, Shard, Shown, Shrunk, Work, subject};
use crate::{
    check::Applied,
    judge::{Finding, Severity},
};

/// The version of the format.
const FORMAT: u64 = 1;

/// The version of armtape.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize, Deserialize)]
struct Document {
    armtape: u64,
    version: String,
    work: String,
    seed: Option<u64>,
    command: Vec<String>,
    options: Vec<String>,
    shard: Option<Shard>,
    summary: Figures,
    findings: Vec<Found>,
    cases: Vec<Case>,
    skipped: Vec<Left>,
    baseline: Vec<Applied>,
}

#[derive(Serialize, Deserialize)]
struct Figures {
    cases: usize,
    judged: usize,
    clean: usize,
    skipped: usize,
    not_run: usize,
    rules_not_judged: usize,
    violations: usize,
    warnings: usize,
    known: usize,
    baselined: usize,
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
struct Found {
    rule: String,
    severity: String,
    scenario: String,
    operation: String,
    case: usize,
    known: bool,
    baselined: bool,
    reason: Option<String>,
    message: String,
    expected: String,
    interactions: Vec<usize>,
    times: usize,
    file: Option<String>,
    line: Option<u64>,
    again: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Case {
    case: usize,
    scenario: String,
    title: String,
    operation: String,
    ended: String,
    judged: bool,
    reason: Option<String>,
    milliseconds: u64,
    rules_judged: usize,
    rules_not_judged: usize,
    file: Option<String>,
    again: Option<String>,
    recipe: Option<String>,
    notes: Vec<Noted>,
    conversation: Vec<Said>,
    shrunk: Option<Smallest>,
}

#[derive(Serialize, Deserialize)]
struct Smallest {
    how: Option<String>,
    like: Vec<String>,
    findings: Vec<Found>,
    case: Box<Case>,
}

#[derive(Serialize, Deserialize)]
struct Said {
    milliseconds: u64,
    request: String,
    answer: String,
    line: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Left {
    scenario: String,
    reason: String,
}

/// The report as a document.
#[must_use]
pub fn json(report: &Report) -> Value {
    serde_json::to_value(Document::of(report)).unwrap_or_default()
}

/// Why a text is no report that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// No JSON, or not of this shape.
    #[error("no report of armtape: {0}")]
    Shape(#[from] serde_json::Error),
    /// Of another version.
    #[error("made by armtape {0}, and this is armtape {VERSION}")]
    Version(String),
    /// It speaks of something that armtape does not know.
    #[error("`{0}` is unknown here")]
    Unknown(String),
    /// A finding of a case that is not in it.
    #[error("there is a finding in case {0}, and no such case")]
    NoCase(usize),
}

/// Reads what [`json`] makes.
///
/// # Errors
///
/// Where the text is no report, or one of another version.
pub fn read(text: &str) -> Result<Report, DocumentError> {
    // The version first: what else there is depends on it.
    let loose: Value = serde_json::from_str(text)?;
    let version = loose["version"].as_str();
    if loose["armtape"].as_u64().is_some_and(|format| format != FORMAT) || version.is_some_and(|it| it != VERSION) {
        return Err(DocumentError::Version(version.unwrap_or("of another format").to_owned()));
    }
    serde_json::from_value::<Document>(loose)?.report()
}

impl Document {
    fn of(report: &Report) -> Self {
        let summary = report.summary();
        Self {
            armtape: FORMAT,
            version: VERSION.to_owned(),
            work: report.work.word().to_owned(),
            seed: report.seed,
            command: report.command.clone(),
            options: report.options.clone(),
            shard: report.shard,
            summary: Figures {
                cases: summary.cases,
                judged: summary.judged,
                clean: summary.clean,
                skipped: summary.skipped,
                not_run: summary.not_run,
                rules_not_judged: summary.rules_not_judged,
                violations: summary.tally.violations,
                warnings: summary.tally.warnings,
                known: summary.tally.known,
                baselined: summary.tally.baselined,
                seconds: report.took.as_secs_f64(),
            },
            findings: report.cases.iter().flat_map(Found::all).collect(),
            cases: report.cases.iter().map(Case::of).collect(),
            skipped: report
                .skipped
                .iter()
                .map(|(scenario, reason)| Left { scenario: scenario.clone(), reason: reason.clone() })
                .collect(),
            baseline: report.baseline.clone(),
        }
    }

    fn report(self) -> Result<Report, DocumentError> {
        let work = Work::ALL.iter().find(|(word, _)| *word == self.work).map(|(_, work)| *work);
        let mut report = Report {
            work: work.ok_or(DocumentError::Unknown(self.work))?,
            command: self.command,
            seed: self.seed,
            options: self.options,
            shard: self.shard,
            cases: self.cases.into_iter().map(Case::report).collect::<Result<_, _>>()?,
            skipped: self.skipped.into_iter().map(|left| (left.scenario, left.reason)).collect(),
            not_run: self.summary.not_run,
            baseline: self.baseline,
            took: Duration::try_from_secs_f64(self.summary.seconds).unwrap_or_default(),
        };
        for found in self.findings {
            let number = found.case;
            let case = report.cases.iter_mut().find(|case| case.number == number);
            case.ok_or(DocumentError::NoCase(number))?.findings.push(found.reported()?);
        }
        Ok(report)
    }
}

impl Found {
    fn all(case: &CaseReport) -> impl Iterator<Item = Self> {
        case.findings.iter().map(|reported| {
            let finding = &reported.finding;
            Self {
                rule: finding.rule.to_owned(),
                severity: finding.severity.word().to_owned(),
                scenario: case.scenario.clone(),
                operation: case.operation.clone(),
                case: case.number,
                known: reported.known.is_some(),
                baselined: reported.baselined.is_some(),
                reason: reported.reason().map(str::to_owned),
                message: finding.message.clone(),
                expected: finding.expected.to_owned(),
                interactions: finding.interactions.clone(),
                times: reported.times,
                file: case.file.clone(),
                line: case.line(finding),
                again: case.again.clone(),
            }
        })
    }

    fn reported(self) -> Result<Reported, DocumentError> {
        let subject = subject(&self.rule).ok_or(DocumentError::Unknown(self.rule))?;
        let severity = [Severity::Warning, Severity::Violation].into_iter().find(|known| known.word() == self.severity);
        let finding = Finding {
            rule: subject.id,
            severity: severity.ok_or(DocumentError::Unknown(self.severity))?,
            operation: None,
            interactions: self.interactions,
            message: self.message,
            expected: subject.words,
        };
        let known = self.reason.clone().filter(|_| self.known);
        Ok(Reported {
            finding,
            known,
            baselined: self.reason.filter(|_| self.baselined && !self.known),
            times: self.times,
        })
    }
}

impl Case {
    fn of(case: &CaseReport) -> Self {
        let said = |shown: &Shown| Said {
            milliseconds: millis(shown.at),
            request: shown.request.clone(),
            answer: shown.answer.clone(),
            line: shown.line,
        };
        Self {
            case: case.number,
            scenario: case.scenario.clone(),
            title: case.title.clone(),
            operation: case.operation.clone(),
            ended: case.ended.clone(),
            judged: case.nothing.is_none(),
            reason: case.nothing.clone(),
            milliseconds: millis(case.took),
            rules_judged: case.judged,
            rules_not_judged: case.not_judged,
            file: case.file.clone(),
            again: case.again.clone(),
            recipe: case.recipe.clone(),
            notes: case.notes.clone(),
            conversation: case.conversation.iter().map(said).collect(),
            shrunk: case.shrunk.as_deref().map(Smallest::of),
        }
    }

    fn report(self) -> Result<CaseReport, DocumentError> {
        let shown = |said: Said| Shown {
            at: Duration::from_millis(said.milliseconds),
            request: said.request,
            answer: said.answer,
            line: said.line,
        };
        Ok(CaseReport {
            number: self.case,
            scenario: self.scenario,
            title: self.title,
            operation: self.operation,
            ended: self.ended,
            nothing: self.reason.filter(|_| !self.judged),
            findings: Vec::new(),
            notes: self.notes,
            conversation: self.conversation.into_iter().map(shown).collect(),
            judged: self.rules_judged,
            not_judged: self.rules_not_judged,
            took: Duration::from_millis(self.milliseconds),
            file: self.file,
            again: self.again,
            trace: None,
            recipe: self.recipe,
            shrunk: self.shrunk.map(Smallest::shrunk).transpose()?.map(Box::new),
        })
    }
}

impl Smallest {
    fn of(shrunk: &Shrunk) -> Self {
        let Shrunk { case, how, like } = shrunk;
        let findings = Found::all(case).collect();
        Self { how: how.clone(), like: like.clone(), findings, case: Box::new(Case::of(case)) }
    }

    fn shrunk(self) -> Result<Shrunk, DocumentError> {
        let mut case = self.case.report()?;
        case.findings = self.findings.into_iter().map(Found::reported).collect::<Result<_, _>>()?;
        Ok(Shrunk { case, how: self.how, like: self.like })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
