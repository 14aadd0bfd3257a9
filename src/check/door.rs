//! The library's door: a client that is a function of the test's own process.

use std::{fmt, future::Future};

use globset::Glob;
use tokio_util::sync::CancellationToken;

use super::{
    campaign::{RunError, Runner},
    client::{Client, Function},
    job::Job,
    judged::Judged,
    plan::{Ability, Plan, Settings, Skipped},
};
use crate::{
    arm::Overview,
    judge::{Outcome, Severity},
    simulate::scenario::{Operation, Pace, Subject},
};

/// Cases at once, unless told otherwise: most of the time clients wait.
const JOBS: usize = 64;

/// What the seconds of scripts are multiplied by, as in `armtape check`.
const SCALE: f64 = 0.2;

/// Checks a client that is a function of this process: `armtape check` in a test of one's own.
///
/// ```no_run
/// # async fn create(url: &str, body: &[u8], ca: &str) -> Result<serde_json::Value, std::io::Error> { todo!() }
/// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
/// use armtape::check::{Campaign, Job};
///
/// let client = |job: Job| async move { create(&job.url(), &job.body, &job.ca).await };
/// Campaign::new().cases(256).run(client).await?.assert_clean();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a campaign does nothing until it is run"]
pub struct Campaign {
    settings: Settings,
    scenarios: Option<String>,
    operations: Vec<Operation>,
    cases: usize,
    jobs: usize,
    skipped_rules: Vec<String>,
}

impl Default for Campaign {
    fn default() -> Self {
        Self::new()
    }
}

impl Campaign {
    /// Every PUT, over https, seconds shortened as in `armtape check`.
    pub fn new() -> Self {
        let settings = Settings { pace: Pace::scaled(SCALE), ..Settings::default() };
        Self {
            settings,
            scenarios: None,
            operations: vec![Operation::Put],
            cases: 0,
            jobs: JOBS,
            skipped_rules: Vec::new(),
        }
    }

    /// Only scenarios whose id fits, such as `SC-03*`.
    pub fn scenarios(self, glob: impl Into<String>) -> Self {
        Self { scenarios: Some(glob.into()), ..self }
    }

    /// What the client can be asked to do: PUTs alone unless this is called. One that is interrupted
    /// ([`Operation::Abort`]) is left out.
    pub fn operations(self, operations: impl IntoIterator<Item = Operation>) -> Self {
        Self { operations: operations.into_iter().collect(), ..self }
    }

    /// So many generated services beside the scenarios; none unless this is called.
    pub fn cases(self, cases: usize) -> Self {
        Self { cases, ..self }
    }

    /// What everything that is drawn comes from: 1 unless this is called.
    pub fn seed(self, seed: u64) -> Self {
        Self { settings: Settings { seed, ..self.settings }, ..self }
    }

    /// The resource, in the place of a profile.
    pub fn resource(self, subject: Subject) -> Self {
        Self { settings: Settings { subject: Some(subject), ..self.settings }, ..self }
    }

    /// What becomes of the scripts' seconds.
    pub fn pace(self, pace: Pace) -> Self {
        Self { settings: Settings { pace, ..self.settings }, ..self }
    }

    /// Plain HTTP in the place of https: scenarios that need the difference are left out.
    pub fn plain_http(self) -> Self {
        Self { settings: Settings { plain_http: true, ..self.settings }, ..self }
    }

    /// Cases at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// A rule that is not to be judged, such as `LRO-C-24`.
    pub fn skip_rule(mut self, id: impl Into<String>) -> Self {
        self.skipped_rules.push(id.into());
        self
    }

    /// Plays every case to the client. What it gives back is its [`Outcome`], or a result: the resource
    /// that it returns, or nothing, or an error in whose text the service's code is looked for. One that
    /// panics has crashed in that case.
    ///
    /// # Errors
    ///
    /// Where the glob is none, there is nothing to play, or the machine refuses a port or a file.
    pub async fn run<F, R>(self, client: impl Fn(Job) -> F + Send + Sync + 'static) -> Result<Checked, RunError>
    where
        F: Future<Output = R> + Send + 'static,
        R: Into<Outcome>,
    {
        let glob = self.scenarios.as_deref().map(Glob::new).transpose().map_err(RunError::Glob)?;
        let glob = glob.map(|glob| glob.compile_matcher());
        let (settings, ability) = (&self.settings, Ability::of_jobs());
        let plan = Plan::new(settings, ability, glob.as_ref(), &self.operations);
        let plan = plan.generate(settings, ability, &self.operations, self.cases, glob.as_ref());
        if plan.cases.is_empty() {
            return Err(RunError::Nothing);
        }
        let client = Client::Function(Function::new(client));
        let runner = Runner::new(self.settings, client, self.jobs).map_err(RunError::Serve)?;
        let mut cases = Vec::new();
        let told = |mut judged: Judged, _| {
            judged.judgement.findings.retain(|finding| !self.skipped_rules.iter().any(|id| id == finding.rule));
            cases.push(judged);
            true
        };
        let ran = runner.run(&plan, &CancellationToken::new(), told).await;
        runner.end().await;
        ran?;
        cases.sort_by_key(|judged| judged.case.number);
        Ok(Checked { cases, skipped: plan.skipped })
    }
}

/// What came of a campaign. As text: each finding with what was said.
#[derive(Debug)]
#[must_use = "what came of it is to be looked at: `assert_clean`"]
pub struct Checked {
    /// The cases, in the order of the plan.
    pub cases: Vec<Judged>,
    /// Scenarios that were not played.
    pub skipped: Vec<Skipped>,
}

impl Checked {
    /// Whether there is no violation, and no case in which the client did not do what it was asked.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.cases.iter().all(|judged| {
            let violates = judged.judgement.findings.iter().any(|finding| finding.severity == Severity::Violation);
            !violates && judged.nothing().is_none()
        })
    }

    /// # Panics
    ///
    /// Where there is a violation, or a case in which the client did not do what it was asked, with all
    /// of them.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.is_clean(), "{self}");
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for judged in &self.cases {
            let scenario = &judged.case.scenario;
            let what = format!("{} ({}): {}", scenario.name(), scenario.operation, scenario.title);
            if let Some(reason) = judged.nothing() {
                writeln!(f, "not judged: {reason}\n  {what}")?;
                continue;
            }
            let findings = &judged.judgement.findings;
            for finding in findings {
                let (word, message, rule) = (finding.severity.word(), &finding.message, finding.rule);
                writeln!(f, "{word}: {message} [{rule}]\n  expected: {}", finding.expected)?;
            }
            if !findings.is_empty() {
                writeln!(f, "  {what}")?;
                let said = Overview::of(&judged.trace.interactions).to_string();
                said.lines().try_for_each(|line| writeln!(f, "  {line}"))?;
            }
        }
        let judged = self.cases.iter().filter(|judged| judged.nothing().is_none()).count();
        write!(f, "{} of {} cases judged, {} scenarios skipped", judged, self.cases.len(), self.skipped.len())
    }
}
