//! The smallest service at which a client still shows the same, looked for over the client itself.

use std::{collections::HashSet, sync::Arc};

use tokio::task::JoinHandle;

use super::{
    campaign::{RunError, Runner},
    case::CaseError,
    generated::named,
    judged::Judged,
    plan::{Case, missing},
};
use crate::simulate::generated::Recipe;

/// How often a case that did not show the same again is tried, the first run included.
const RUNS: usize = 5;

/// What came of a search.
#[derive(Debug)]
pub struct Smallest {
    /// The run at the smallest service; `None` where none is smaller than the first.
    pub judged: Option<Judged>,
    /// How many services were tried.
    pub tried: usize,
    /// Whether no smaller one shows the same, rather than that it was enough.
    pub is_smallest: bool,
}

/// How often a case shows the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// Runs that showed it.
    pub shown: usize,
    /// Runs.
    pub of: usize,
}

impl Runner {
    /// Runs one case.
    ///
    /// # Errors
    ///
    /// Where the client cannot be started, or the machine refuses a port.
    pub async fn play(&self, case: Case) -> Result<Judged, RunError> {
        self.make_ready().await.map_err(RunError::Serve)?;
        self.ground.play(case).await.map_err(RunError::from)
    }

    /// Whether a case that was run once shows the same when it is run again; if not at once, how often.
    ///
    /// # Errors
    ///
    /// As [`Runner::play`].
    pub async fn again(&self, case: &Case, shows: impl Fn(&Judged) -> bool) -> Result<Repeats, RunError> {
        let (mut shown, mut of) = (1, 1);
        while of == 1 || of < RUNS && shown < of {
            shown += usize::from(shows(&self.play(case.clone()).await?));
            of += 1;
        }
        Ok(Repeats { shown, of })
    }

    /// Looks for the smallest service at which the client shows the same, several at once, until `enough`
    /// resolves: what is smallest by then is given back.
    ///
    /// # Errors
    ///
    /// As [`Runner::play`].
    pub async fn smallest(
        &self,
        case: &Case,
        shows: impl Fn(&Judged) -> bool,
        enough: impl Future<Output = ()>,
    ) -> Result<Smallest, RunError> {
        let mut smallest = Smallest { judged: None, tried: 0, is_smallest: false };
        let Some(mut recipe) = case.recipe else { return Ok(smallest) };
        tokio::pin!(enough);
        let mut tried = HashSet::from([recipe.settled()]);
        'smaller: loop {
            let candidates: Vec<Case> = recipe
                .simpler()
                .into_iter()
                .filter(|candidate| tried.insert(*candidate))
                .filter_map(|candidate| self.like(case, candidate))
                .collect();
            for batch in candidates.chunks(self.jobs) {
                let running: Vec<_> = batch.iter().map(|case| self.start(case.clone())).collect();
                let mut running = Running(running);
                for at in 0..running.0.len() {
                    let ended = tokio::select! {
                        ended = &mut running.0[at] => ended,
                        () = &mut enough => {
                            running.end().await;
                            return Ok(smallest);
                        }
                    };
                    smallest.tried += 1;
                    let judged = match ended {
                        Ok(ended) => ended?,
                        // A panic of our own is no client's fault, and is not waited out.
                        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                    };
                    if shows(&judged) {
                        recipe = judged.case.recipe.unwrap_or(recipe);
                        smallest.judged = Some(judged);
                        continue 'smaller;
                    }
                }
            }
            smallest.is_smallest = true;
            return Ok(smallest);
        }
    }

    /// The same case with another service, if the client can be asked for that.
    fn like(&self, case: &Case, recipe: Recipe) -> Option<Case> {
        let scenario = named(&recipe, case.scenario.name());
        let playable = scenario.operation == case.scenario.operation
            && missing(&scenario, &self.ground.settings, self.ground.client.ability()).is_none();
        playable.then(|| Case { scenario: Arc::new(scenario), recipe: Some(recipe), ..case.clone() })
    }

    fn start(&self, case: Case) -> JoinHandle<Result<Judged, CaseError>> {
        let ground = Arc::clone(&self.ground);
        tokio::spawn(async move { ground.play(case).await })
    }
}

/// Runs that end when nobody waits for them any more.
struct Running(Vec<JoinHandle<Result<Judged, CaseError>>>);

impl Running {
    /// Gives them up, and waits until their clients are ended.
    async fn end(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
        for run in &mut self.0 {
            // One that had ended before was waited for then.
            if !run.is_finished() {
                let _ = run.await;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}
