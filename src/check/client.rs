//! The kinds of client, and what becomes of a run of any of them.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{
    command::{Command, StartError},
    job::Job,
    plan::Ability,
    worker::Workers,
};
use crate::judge::{Ending, Kind, Outcome};

/// Who is checked.
#[derive(Debug)]
pub enum Client {
    /// A command that is started for each case.
    Command(Command),
    /// A command that is started once, and does one case after the other.
    Worker(Workers),
    /// A function of this process.
    Function(Function),
}

/// What becomes of a run.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// Exit code, or 128 and the signal.
    pub(crate) code: i32,
    /// What is to be told of the run beside its outcome.
    pub(super) notes: Vec<String>,
}

impl Ended {
    /// A client that crashed, or was stopped, with what it said before.
    pub(super) fn by(ending: Ending, code: i32, output: String, notes: Vec<String>) -> Self {
        Self { outcome: Outcome { kind: Kind::NoSuccess, ending, output, resource: None }, code, notes }
    }
}

impl Client {
    /// What it can be asked to do.
    pub(super) fn ability(&self) -> Ability {
        match self {
            Self::Command(command) => Ability::of(&command.words),
            Self::Worker(_) | Self::Function(_) => Ability::of_jobs(),
        }
    }

    /// Runs the client once, until it ends or `time_up` resolves. `interrupt` resolves when it is to be
    /// interrupted, if ever: only a command can be.
    pub(super) async fn run(
        &self,
        job: &Job,
        environment: &[(String, String)],
        time_up: impl Future<Output = ()>,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Ended, StartError> {
        match self {
            Self::Command(command) => command.run(&job.values(), environment, time_up, interrupt).await,
            Self::Worker(workers) => workers.run(job, environment, time_up).await,
            Self::Function(function) => Ok(function.run(job.clone(), time_up).await),
        }
    }

    /// Ends what still runs.
    pub(super) async fn end(&self) {
        if let Self::Worker(workers) = self {
            workers.end().await;
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A client that is a function of this process.
#[derive(Clone)]
pub struct Function(Arc<dyn Fn(Job) -> Running + Send + Sync>);

impl Function {
    /// What it gives back is the outcome, or a result: the resource, or nothing, or an error whose text
    /// is searched for the service's code.
    pub fn new<F, R>(client: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: Into<Outcome>,
    {
        Self(Arc::new(move |job| {
            let running = client(job);
            Box::pin(async move { running.await.into() })
        }))
    }

    async fn run(&self, job: Job, time_up: impl Future<Output = ()>) -> Ended {
        // A task of its own, so that its panic is the client's and not ours.
        let mut task = tokio::spawn((self.0)(job));
        let done = tokio::select! {
            done = &mut task => done,
            () = time_up => {
                task.abort();
                return Ended::by(Ending::Stopped, 137, String::new(), Vec::new());
            }
        };
        match done {
            Ok(outcome) => Ended { code: i32::from(!outcome.is_success()), outcome, notes: Vec::new() },
            Err(error) => Ended::by(Ending::Crashed, 101, error.to_string(), Vec::new()),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}
