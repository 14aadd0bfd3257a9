//! What a report holds.

use std::time::Duration;

use crate::{
    arm::{Polled, State},
    cassette::{Cassette, Completion, Interaction},
    check::{Judged, Skipped},
    judge::{Ending, Finding, Severity, known_deviation},
};

/// What came of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The command of the client, as typed.
    pub command: Vec<String>,
    /// What the draws came from.
    pub seed: u64,
    /// Cases in the order of the plan.
    pub cases: Vec<CaseReport>,
    /// Scenarios that were not played: name and reason.
    pub skipped: Vec<(String, String)>,
    /// Cases that were planned and not run to their end.
    pub not_run: usize,
    /// How long it took.
    pub took: Duration,
}

/// One case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// Its number in the plan.
    pub number: usize,
    /// Id and variant of the scenario.
    pub scenario: String,
    /// The scenario in one line.
    pub title: String,
    /// What the client was asked to do.
    pub operation: String,
    /// How the client ended, in words.
    pub ended: String,
    /// Why nothing was judged, where nothing was.
    pub nothing: Option<&'static str>,
    /// What was found.
    pub findings: Vec<Reported>,
    /// The conversation.
    pub conversation: Vec<Shown>,
    /// Rules that could say something.
    pub judged: usize,
    /// Rules that could not.
    pub not_judged: usize,
    /// How long it took.
    pub took: Duration,
    /// What was said, redacted; `None` where nobody asked for more than [`CaseReport::conversation`].
    pub trace: Option<Cassette>,
    /// Where the case was kept.
    pub cassette: Option<String>,
    /// The command that runs just this case again.
    pub again: Option<String>,
}

/// A finding, and whether it counts.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The finding.
    pub finding: Finding,
    /// Why it is counted apart, where it is: a known deviation or an accepted one.
    pub known: Option<String>,
}

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// When the request came, since the first one.
    pub at: Duration,
    /// Method and path.
    pub request: String,
    /// The answer.
    pub answer: String,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Violations that count.
    pub violations: usize,
    /// Warnings that count.
    pub warnings: usize,
    /// Findings that are known.
    pub known: usize,
}

/// The figures of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Cases that were run.
    pub cases: usize,
    /// Of these, judged.
    pub judged: usize,
    /// Cases without a finding that counts.
    pub clean: usize,
    /// Scenarios that were left out.
    pub skipped: usize,
    /// Planned cases that were not run.
    pub not_run: usize,
    /// Rules that could not say anything, summed over the cases.
    pub rules_not_judged: usize,
    /// The findings.
    pub tally: Tally,
}

impl Report {
    /// The figures.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let judged = self.cases.iter().filter(|case| case.nothing.is_none());
        let mut summary = Summary {
            cases: self.cases.len(),
            judged: judged.clone().count(),
            clean: judged.filter(|case| case.counting().next().is_none()).count(),
            skipped: self.skipped.len(),
            not_run: self.not_run,
            ..Summary::default()
        };
        for case in &self.cases {
            summary.rules_not_judged += case.not_judged;
            for reported in &case.findings {
                match (reported.known.is_some(), reported.finding.severity) {
                    (true, _) => summary.tally.known += 1,
                    (false, Severity::Violation) => summary.tally.violations += 1,
                    (false, Severity::Warning) => summary.tally.warnings += 1,
                }
            }
        }
        summary
    }
}

impl CaseReport {
    /// A case that was run.
    #[must_use]
    pub fn of(judged: &Judged) -> Self {
        let scenario = &judged.case.scenario;
        let nothing = judged.nothing();
        let findings = if nothing.is_some() { Vec::new() } else { judged.judgement.findings.clone() };
        Self {
            number: judged.case.number,
            scenario: scenario.name(),
            title: scenario.title.clone(),
            operation: scenario.operation.to_string(),
            ended: match judged.outcome.ending {
                Ending::Stopped => "still at it when its time was up".to_owned(),
                Ending::Crashed => format!("crashed ({})", judged.code),
                Ending::Itself => format!("ended with {}", judged.code),
            },
            nothing,
            findings: findings.into_iter().map(|finding| Reported::of(finding, judged)).collect(),
            conversation: conversation(&judged.trace),
            judged: judged.judgement.judged,
            not_judged: judged.judgement.not_judged.len(),
            took: judged.took,
            trace: None,
            cassette: None,
            again: None,
        }
    }

    /// Counts deviations of released clients like any other finding.
    pub fn count_known(&mut self) {
        for reported in &mut self.findings {
            reported.known = None;
        }
    }

    /// Findings that are not known.
    pub fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|reported| reported.known.is_none()).map(|reported| &reported.finding)
    }
}

impl Reported {
    /// A finding of a case, known where the client is one that is known for it.
    fn of(finding: Finding, judged: &Judged) -> Self {
        let deviation = known_deviation(&finding, &judged.case.scenario.name(), &judged.trace.interactions);
        let known = deviation.map(|(client, deviation)| format!("{} {}", client.product, deviation.words));
        Self { finding, known }
    }
}

impl From<&Skipped> for (String, String) {
    fn from(skipped: &Skipped) -> Self {
        (skipped.scenario.clone(), skipped.reason.clone())
    }
}

fn conversation(trace: &Cassette) -> Vec<Shown> {
    let at = |interaction: &Interaction| interaction.times.map_or(0, |times| times.request);
    let first = trace.interactions.first().map_or(0, at);
    let shown = |interaction: &Interaction| Shown {
        at: Duration::from_millis(at(interaction).saturating_sub(first)),
        request: format!("{} {}", interaction.request.method, path(interaction)),
        answer: answer(interaction),
    };
    trace.interactions.iter().map(shown).collect()
}

/// The target without what makes it long: the end of the path, the query cut.
fn path(interaction: &Interaction) -> String {
    const ROOM: usize = 70;
    let target = &interaction.request.target;
    let path = target.split('?').next().unwrap_or_default();
    let short = path.find("/providers/").map_or(path, |at| &path[at + "/providers/".len()..]);
    let host = interaction.request.authority.as_deref().filter(|host| *host != "management.azure.com");
    let text = format!("{}…/{short}", host.unwrap_or_default());
    if text.chars().count() <= ROOM { text } else { text.chars().take(ROOM - 1).chain(['…']).collect() }
}

fn answer(interaction: &Interaction) -> String {
    let Some(response) = &interaction.response else {
        return match interaction.completion {
            Completion::Silent => "no answer".to_owned(),
            _ => "connection lost".to_owned(),
        };
    };
    let word = [Polled::Resource, Polled::AsyncOperation].into_iter().find_map(|kind| State::word(kind, response));
    let code =
        crate::arm::ErrorBody::of(response).filter(|_| response.status >= 400 || word.as_deref() == Some("Failed"));
    let mut words = vec![response.status.to_string()];
    words.extend(word);
    words.extend(code.and_then(|error| error.code));
    for (header, name) in [("azure-asyncoperation", "+AAO"), ("operation-location", "+OPL"), ("location", "+LOC")] {
        if response.headers.get(header).is_some() {
            words.push(name.to_owned());
        }
    }
    words.extend(response.headers.get_all("retry-after").iter().map(|value| format!("RA={value}")));
    match interaction.completion {
        Completion::Whole => {}
        Completion::Cut(_) => words.push("(cut)".to_owned()),
        Completion::Reset | Completion::Silent => words.push("(broken off)".to_owned()),
    }
    words.join(" ")
}
