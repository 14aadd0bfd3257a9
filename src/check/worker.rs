//! Clients that stay: a program that is started once and does one case after the other. Each is a line of
//! JSON on its stdin; on its stdout it says in a line what came of it (`docs/worker.md`).

use std::{
    io,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{self, Child, ChildStdin, ChildStdout},
    time::timeout,
};

use super::{
    client::Ended,
    command::{Command, StartError, code_of},
    family::Family,
    job::Job,
};
use crate::judge::{Ending, Kind, Outcome};

/// A longer line is none.
const LONGEST: u64 = 16 * 1024 * 1024;

/// So much of the end of what a worker says on stderr is kept.
const KEPT: usize = 16 * 1024;

/// How long a worker has to end once its stdin is closed.
const GRACE: Duration = Duration::from_secs(2);

/// So many workers may die before any has done a case; then the command is taken for wrong.
const STILLBORN: usize = 3;

/// The workers of a campaign.
#[derive(Debug)]
pub struct Workers {
    command: Command,
    idle: Mutex<Vec<Worker>>,
    /// Whether any case was ever done.
    proven: AtomicBool,
    stillborn: AtomicUsize,
}

#[derive(Debug)]
struct Worker {
    child: Child,
    family: Family,
    /// Closed when it is to end.
    stdin: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    errors: Arc<Mutex<Vec<u8>>>,
}

/// Why a worker has done no case.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("ended{}", .0.map(|status| format!(" with {}", code_of(status))).unwrap_or_default())]
    Gone(Option<ExitStatus>),
    #[error("printed what is no outcome: `{0}`")]
    NoOutcome(String),
    #[error("answered for another case: `{0}`")]
    OtherCase(String),
}

impl Workers {
    /// A command without placeholders.
    #[must_use]
    pub fn new(command: Command) -> Self {
        Self { command, idle: Mutex::default(), proven: AtomicBool::new(false), stillborn: AtomicUsize::new(0) }
    }

    /// Has a worker do a case. One that fails in it is not used again.
    pub(super) async fn run(
        &self,
        job: &Job,
        environment: &[(String, String)],
        time_up: impl Future<Output = ()>,
    ) -> Result<Ended, StartError> {
        let mut notes = Vec::new();
        let mut worker = match self.rested(&mut notes) {
            Some(worker) => worker,
            None => self.start(environment)?,
        };
        worker.errors.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let told = tokio::select! {
            told = worker.ask(job) => told,
            () = time_up => {
                worker.kill().await;
                notes.push("the worker was still at it when its time was up, and was killed".to_owned());
                return Ok(Ended::by(Ending::Stopped, 137, worker.said(), notes));
            }
        };
        let trouble = match told {
            Ok(mut outcome) => {
                self.proven.store(true, Ordering::Relaxed);
                outcome.output.push_str(&worker.said());
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
                return Ok(Ended { code: i32::from(!outcome.is_success()), outcome, notes });
            }
            Err(trouble) => trouble,
        };
        let status = worker.kill().await;
        // What it said last may still be on its way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let said = worker.said();
        let trouble = match trouble {
            Trouble::Gone(_) => {
                if !self.proven.load(Ordering::Relaxed)
                    && self.stillborn.fetch_add(1, Ordering::Relaxed) + 1 >= STILLBORN
                {
                    return Err(self.never_came(status, &said));
                }
                Trouble::Gone(status)
            }
            trouble => trouble,
        };
        notes.push(format!("the worker {trouble}; another one goes on{}", last_line(&said)));
        Ok(Ended::by(Ending::Crashed, status.map_or(-1, code_of), said, notes))
    }

    /// One that has done its case and still lives.
    fn rested(&self, notes: &mut Vec<String>) -> Option<Worker> {
        loop {
            let mut worker = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let why = match worker.child.try_wait() {
                Ok(None) if worker.lines.buffer().is_empty() => return Some(worker),
                Ok(None) => "had printed more than one line for its case, and was killed",
                _ => "had ended after its case",
            };
            notes.push(format!("a worker {why}"));
        }
    }

    fn start(&self, environment: &[(String, String)]) -> Result<Worker, StartError> {
        let program = self.command.words.first().cloned().unwrap_or_default();
        let mut command = process::Command::new(&program);
        command.args(self.command.words.iter().skip(1)).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in &self.command.cleared {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let failed = |source| StartError { program: program.clone(), source };
        let (mut child, family) = Family::start(&mut command).map_err(failed)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed(io::Error::other("its streams are not there")));
        };
        let errors = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(keep_end(stderr, Arc::clone(&errors)));
        Ok(Worker { child, family, stdin: Some(stdin), lines: BufReader::new(stdout), errors })
    }

    fn never_came(&self, status: Option<ExitStatus>, said: &str) -> StartError {
        let code = status.map_or_else(|| "no code".to_owned(), |status| code_of(status).to_string());
        let source = io::Error::other(format!("it ended with {code} before it had done a case{}", last_line(said)));
        StartError { program: self.command.words.first().cloned().unwrap_or_default(), source }
    }

    /// Tells all to end, by closing their stdin, and ends those that do not.
    pub(super) async fn end(&self) {
        let workers = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ending = tokio::task::JoinSet::new();
        for mut worker in workers {
            ending.spawn(async move {
                worker.stdin.take();
                let _ = timeout(GRACE, worker.child.wait()).await;
            });
        }
        while ending.join_next().await.is_some() {}
    }
}

impl Worker {
    /// Hands a case over, and waits for its outcome.
    async fn ask(&mut self, job: &Job) -> Result<Outcome, Trouble> {
        let line = format!("{}\n", job.line());
        let Some(stdin) = &mut self.stdin else { return Err(Trouble::Gone(None)) };
        if stdin.write_all(line.as_bytes()).await.is_err() || stdin.flush().await.is_err() {
            return Err(Trouble::Gone(None));
        }
        let mut told = Vec::new();
        let read = (&mut self.lines).take(LONGEST).read_until(b'\n', &mut told).await;
        if read.unwrap_or(0) == 0 {
            return Err(Trouble::Gone(None));
        }
        read_outcome(&String::from_utf8_lossy(&told), &job.case)
    }

    /// Kills it with everything that it started.
    async fn kill(&mut self) -> Option<ExitStatus> {
        // One that has ended by itself has a moment to say with what.
        let ended = timeout(Duration::from_millis(100), self.child.wait()).await;
        self.family.kill();
        match ended {
            Ok(status) => status.ok(),
            Err(_) => self.child.wait().await.ok(),
        }
    }

    /// The end of what it said on stderr in this case.
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.errors.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// The line of a worker: `{"case": …, "outcome": …}`, with `code`, `message` and `resource`.
fn read_outcome(line: &str, case: &str) -> Result<Outcome, Trouble> {
    let line = line.trim_end();
    let short = || line.chars().take(200).collect::<String>();
    let no_outcome = || Trouble::NoOutcome(short());
    let told: Value = serde_json::from_str(line).map_err(|_| no_outcome())?;
    let kind = match told["outcome"].as_str() {
        Some("success" | "succeeded") => Kind::Success,
        Some("failed") => Kind::Failed,
        Some("canceled") => Kind::Canceled,
        Some("timeout") => Kind::Timeout,
        Some("unknown") => Kind::Unknown,
        _ => return Err(no_outcome()),
    };
    if told["case"].as_str() != Some(case) {
        return Err(Trouble::OtherCase(short()));
    }
    let resource = Some(&told["resource"]).filter(|resource| resource.is_object()).cloned();
    Ok(Outcome { kind, ending: Ending::Itself, output: format!("{line}\n"), resource })
}

fn last_line(said: &str) -> String {
    said.trim_end().lines().next_back().map(|line| format!(": {line}")).unwrap_or_default()
}

/// Reads a stream to its end and keeps the end.
async fn keep_end(mut stream: impl AsyncRead + Unpin, kept: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 8 * 1024];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..read]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn one_that_hangs_is_killed_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let script = "read -r job; sleep 1000 & echo $! > \"$0/child\"; wait".to_owned();
        let words = vec!["sh".to_owned(), "-c".to_owned(), script, folder.path().display().to_string()];
        let workers = Workers::new(Command { words, cleared: Vec::new() });
        let has_begun = async {
            while !std::fs::read_to_string(folder.path().join("child")).is_ok_and(|pid| pid.ends_with('\n')) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let ended = workers.run(&super::super::job::tests::job(b"{}"), &[], has_begun).await.unwrap();
        assert_eq!((ended.outcome.ending, ended.notes.len()), (Ending::Stopped, 1));
        let child: i32 = std::fs::read_to_string(folder.path().join("child")).unwrap().trim().parse().unwrap();
        let child = nix::unistd::Pid::from_raw(child);
        // The system takes a moment to bury it.
        while nix::sys::signal::kill(child, None).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(workers.idle.lock().unwrap().is_empty());
    }

    #[test]
    fn an_outcome_is_of_its_case() {
        let read = |line: &str| read_outcome(line, "SC-001").map_err(|trouble| trouble.to_string());
        let told = read(r#"{"case": "SC-001", "outcome": "failed", "code": "Quota"}"#).unwrap();
        assert!(told.kind == Kind::Failed && told.shows("quota") && told.resource.is_none());
        let told = read(r#"{"case": "SC-001", "outcome": "success", "resource": {"id": 1}}"#).unwrap();
        assert_eq!((told.kind, told.resource), (Kind::Success, Some(serde_json::json!({"id": 1}))));
        for (line, trouble) in [
            ("hello", "printed what is no outcome: `hello`"),
            (r#"{"case": "SC-001"}"#, r#"printed what is no outcome: `{"case": "SC-001"}`"#),
            (r#"{"case": "SC-002", "outcome": "failed"}"#, "answered for another case"),
            (r#"{"outcome": "failed"}"#, "answered for another case"),
        ] {
            assert!(read(line).unwrap_err().starts_with(trouble), "{line}");
        }
    }
}
