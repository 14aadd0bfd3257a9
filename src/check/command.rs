//! The client as a command: what is put in its words and its environment, its run, its end.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{self, Child},
    time::{Instant, timeout_at},
};

use serde_json::Value as Json;

use super::{
    client::Ended,
    family::{Family, Signal},
};
use crate::{
    arm::member,
    judge::{Ending, Outcome},
};

/// So much of what a client prints is kept, of each stream; the rest is read and thrown away.
const KEPT: usize = 1024 * 1024;

/// How long a client has to end after it was told to, before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// How long a stream that a child of the client may still hold is read after the client's end.
const LINGER: Duration = Duration::from_millis(500);

/// A client as a command.
#[derive(Clone, Debug)]
pub struct Command {
    /// Program and arguments, with placeholders such as `{url}`.
    pub words: Vec<String>,
    /// Variables that are taken away.
    pub cleared: Vec<&'static str>,
}

/// The command could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start `{program}`")]
pub struct StartError {
    /// The program.
    pub program: String,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// A value for the client: placeholder, variable, text.
pub(crate) type Value = (&'static str, &'static str, String);

impl Command {
    /// The command with the values in the place of the placeholders.
    pub(super) fn filled(&self, values: &[Value]) -> Vec<String> {
        let fill = |word: &String| {
            values.iter().fold(word.clone(), |word, (name, _, value)| word.replace(&format!("{{{name}}}"), value))
        };
        self.words.iter().map(fill).collect()
    }

    /// Runs the command until it ends or `time_up` resolves. `interrupt` resolves when it is to be
    /// interrupted, if ever.
    pub(crate) async fn run(
        &self,
        values: &[Value],
        environment: &[(String, String)],
        time_up: impl Future<Output = ()>,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Ended, StartError> {
        let words = self.filled(values);
        let program = words.first().cloned().unwrap_or_default();
        let mut command = process::Command::new(&program);
        command.args(&words[1.min(words.len())..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        for name in &self.cleared {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.envs(values.iter().map(|(_, variable, value)| (variable, value)));
        let (mut child, family) = Family::start(&mut command).map_err(|source| StartError { program, source })?;
        let out = tokio::spawn(keep(child.stdout.take()));
        let err = tokio::spawn(keep(child.stderr.take()));
        let (status, ending) = wait(&mut child, &family, time_up, interrupt).await;
        drop(family);
        let until = Instant::now() + LINGER;
        let text = async |stream: tokio::task::JoinHandle<String>| match timeout_at(until, stream).await {
            Ok(Ok(text)) => text,
            _ => String::new(),
        };
        let (stdout, stderr) = (text(out).await, text(err).await);
        let (succeeded, code, ending) = match (status, ending) {
            (Some(status), Ending::Itself) if is_crash(status) => (false, code_of(status), Ending::Crashed),
            (Some(status), ending) => (status.success() && ending == Ending::Itself, code_of(status), ending),
            (None, ending) => (false, 137, ending),
        };
        let notes = if ending == Ending::Itself { remark(succeeded, &stdout) } else { None };
        let outcome = Outcome::read(succeeded, ending, &stdout, &stderr);
        Ok(Ended { outcome, code, notes: notes.into_iter().collect() })
    }
}

/// What a note on the last line of a client begins with: that is one client's habit, and told once.
pub const HABIT: &str = "its last line";

/// What is odd about the last line on stdout, if it tells an outcome: a word that is not known, or one that
/// the exit code contradicts.
fn remark(succeeded: bool, stdout: &str) -> Option<String> {
    const NO_SUCCESS: [&str; 4] = ["failed", "canceled", "timeout", "unknown"];
    let said: Json = serde_json::from_str(stdout.trim_end().lines().next_back()?).ok()?;
    let word = member(said.as_object()?, "outcome")?.as_str()?;
    let (is_success, is_other) = (["succeeded", "success"].contains(&word), NO_SUCCESS.contains(&word));
    let why = if !is_success && !is_other {
        format!("a word that is not known: {} are", NO_SUCCESS.join(", "))
    } else if is_success != succeeded {
        let code = if succeeded { "0" } else { "another than 0" };
        format!("and its exit code is {code}: the code counts")
    } else {
        return None;
    };
    Some(format!("{HABIT} says that its outcome is `{word}`, {why}"))
}

async fn wait(
    child: &mut Child,
    family: &Family,
    time_up: impl Future<Output = ()>,
    interrupt: impl Future<Output = ()>,
) -> (Option<ExitStatus>, Ending) {
    tokio::pin!(interrupt, time_up);
    let mut interrupted = false;
    loop {
        tokio::select! {
            status = child.wait() => return (status.ok(), Ending::Itself),
            () = &mut interrupt, if !interrupted => {
                interrupted = true;
                family.signal(Signal::Interrupt);
            }
            () = &mut time_up => break,
        }
    }
    family.signal(Signal::Terminate);
    let graced = tokio::time::timeout(GRACE, child.wait()).await;
    family.kill();
    let status = match graced {
        Ok(status) => status.ok(),
        Err(_) => child.wait().await.ok(),
    };
    (status, Ending::Stopped)
}

/// Reads a stream to its end and keeps its beginning.
async fn keep(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let room = KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..read.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

fn is_crash(status: ExitStatus) -> bool {
    // SIGINT is what we send to whom is to be interrupted.
    signal_of(status).is_some_and(|signal| signal != 2)
}

pub(super) fn code_of(status: ExitStatus) -> i32 {
    signal_of(status).map_or_else(|| status.code().unwrap_or(-1), |signal| 128 + signal)
}

/// Never: nobody is to be interrupted.
pub(crate) async fn never() {
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_that_says_nothing_is_remarked() {
        let told = |succeeded, line: &str| remark(succeeded, &format!("done\n{line}\n")).unwrap_or_default();
        for (succeeded, line) in [
            (true, ""),
            (true, r#"{"outcome": "succeeded"}"#),
            (false, r#"{"outcome": "timeout"}"#),
            (true, r#"{"id": 1}"#),
            (true, r#"{"outcome": 1}"#),
        ] {
            assert_eq!(told(succeeded, line), "", "{line}");
        }
        let unknown = told(false, r#"{"outcome": "bananas"}"#);
        assert!(unknown.contains("`bananas`, a word that is not known: failed, canceled"), "{unknown}");
        let other = told(true, r#"{"outcome": "failed"}"#);
        assert!(other.contains("`failed`, and its exit code is 0: the code counts"), "{other}");
        assert!(told(false, r#"{"outcome": "succeeded"}"#).contains("another than 0"));
    }
}
