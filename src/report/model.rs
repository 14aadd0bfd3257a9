//! What a report holds.

use std::{fmt, time::Duration};

use crate::{
    cassette::Cassette,
    check::{Applied, Skipped},
    judge::{Finding, Severity},
};

/// What came of a campaign, or of a look at recordings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was done.
    pub work: Work,
    /// The command of the client, as typed; empty where there is none.
    pub command: Vec<String>,
    /// What the draws came from; `None` where nothing was drawn.
    pub seed: Option<u64>,
    /// The flags that change what is played and judged, as typed.
    pub options: Vec<String>,
    /// Which part of the plan this is.
    pub shard: Option<Shard>,
    /// Cases in the order of the plan.
    pub cases: Vec<CaseReport>,
    /// Scenarios that were not played: name and reason.
    pub skipped: Vec<(String, String)>,
    /// Cases that were planned and not run to their end.
    pub not_run: usize,
    /// What became of the entries of the baseline.
    pub baseline: Vec<Applied>,
    /// How long it took.
    pub took: Duration,
}

/// What a report is of: a command of armtape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Scenarios played to a client.
    #[default]
    Check,
    /// Recordings held against the rules.
    Lint,
    /// A tape played to a client.
    Replay,
    /// Two recordings compared.
    Diff,
    /// Tapes played to the commands that made them.
    Test,
}

impl Work {
    /// All of them, with their words.
    pub const ALL: [(&str, Self); 5] = [
        ("check", Self::Check),
        ("lint", Self::Lint),
        ("replay", Self::Replay),
        ("diff", Self::Diff),
        ("test", Self::Test),
    ];

    /// Its word: the name of the command.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, work)| *work == self).map_or("check", |(word, _)| word)
    }

    /// What one case of it is called.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Check => "case",
            Self::Lint => "recording",
            Self::Replay => "replay",
            Self::Diff => "pair",
            Self::Test => "cassette",
        }
    }
}

/// A part of a plan: every `count`th case, from the `index`th on (from 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// Of how many.
    pub count: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// One case: a run of the client, or a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseReport {
    /// Its number in the plan.
    pub number: usize,
    /// Id and variant of the scenario; the file of a recording.
    pub scenario: String,
    /// The scenario in one line.
    pub title: String,
    /// What the client was asked to do.
    pub operation: String,
    /// How the client ended, in words; empty where nobody knows.
    pub ended: String,
    /// Why nothing was judged, where nothing was.
    pub nothing: Option<String>,
    /// What was found.
    pub findings: Vec<Reported>,
    /// Where the service left its contract.
    pub notes: Vec<Noted>,
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
    /// The file that holds the conversation: the recording, or where the case was kept.
    pub file: Option<String>,
    /// The command that runs just this case again.
    pub again: Option<String>,
    /// The generated service, as `--recipe` takes it; `None` of any other case.
    pub recipe: Option<String>,
    /// The smallest conversation that shows the same: of the first of all generated cases that show it.
    pub shrunk: Option<Box<Shrunk>>,
}

/// The smallest conversation that shows the same as some generated cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk {
    /// It, as a case of its own.
    pub case: CaseReport,
    /// What there is to say of the search, if there was one.
    pub how: Option<String>,
    /// The cases that show the same, by name, in the order of the plan.
    pub like: Vec<String>,
}

/// A finding, and whether it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The finding.
    pub finding: Finding,
    /// Why it is the SDK's and not the user's, where it is.
    pub known: Option<String>,
    /// Why the project lives with it, where the baseline says so.
    pub baselined: Option<String>,
    /// How many requests of the case show it. Where there are several, the first of them is the last of the
    /// finding's interactions, and the others are the first of these.
    pub times: usize,
}

impl Reported {
    /// Whether this interaction offends.
    #[must_use]
    pub fn is_shown_by(&self, number: usize) -> bool {
        let interactions = &self.finding.interactions;
        let others = interactions.iter().take(self.times.saturating_sub(1));
        interactions.last().into_iter().chain(others).any(|at| *at == number)
    }

    /// Whether it decides on the exit code.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.known.is_none() && self.baselined.is_none()
    }

    /// Why it does not count, where it does not.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.known.as_deref().or(self.baselined.as_deref())
    }
}

impl From<Finding> for Reported {
    fn from(finding: Finding) -> Self {
        Self { finding, known: None, baselined: None, times: 1 }
    }
}

/// A remark on the service.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Noted {
    /// The interaction, from 0.
    pub interaction: usize,
    /// One sentence.
    pub message: String,
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
    /// The line on which it begins in the file of the case.
    pub line: Option<u64>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Violations that count.
    pub violations: usize,
    /// Warnings that count.
    pub warnings: usize,
    /// Findings that are the SDK's.
    pub known: usize,
    /// Findings that the baseline names.
    pub baselined: usize,
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
        let tally = &mut summary.tally;
        for case in &self.cases {
            summary.rules_not_judged += case.not_judged;
            for reported in &case.findings {
                match (reported.known.is_some(), reported.baselined.is_some(), reported.finding.severity) {
                    (true, _, _) => tally.known += 1,
                    (_, true, _) => tally.baselined += 1,
                    (_, _, Severity::Violation) => tally.violations += 1,
                    (_, _, Severity::Warning) => tally.warnings += 1,
                }
            }
        }
        summary
    }
}

impl Report {
    /// Whether it is of everything that there is to play.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let narrows = |flag: &String| ["--scenario", "--operations", "--quick", "--skip-rule"].contains(&flag.as_str());
        self.shard.is_none() && self.not_run == 0 && !self.options.iter().any(narrows)
    }
}

impl CaseReport {
    /// Counts deviations of released clients like any other finding.
    pub fn count_known(&mut self) {
        for reported in &mut self.findings {
            reported.known = None;
        }
    }

    /// Findings that count.
    pub fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|reported| reported.counts()).map(|reported| &reported.finding)
    }

    /// The line in the case's file on which the offending interaction of a finding begins.
    #[must_use]
    pub fn line(&self, finding: &Finding) -> Option<u64> {
        self.conversation.get(*finding.interactions.last()?)?.line
    }
}

impl From<&Skipped> for (String, String) {
    fn from(skipped: &Skipped) -> Self {
        (skipped.scenario.clone(), skipped.reason.clone())
    }
}
