//! Running a program to its end, with a bound on its time.

use std::{
    io::Read,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// How long the output of a program that has ended may stay open.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

/// What a program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Itself if the exit code was 0, else everything that may tell why not.
    pub(crate) fn success(self) -> Result<Self, String> {
        if self.status.success() {
            return Ok(self);
        }
        Err(format!("{}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr))
    }
}

/// Runs `command` without input. It is killed when `limit` is over.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<Output, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("failed to start `{name}`: {error}"))?;
    // Read beside waiting: a full pipe would stop the child for ever.
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(10)),
            outcome => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("`{name}` did not end within {limit:?} ({outcome:?})"));
            }
        }
    };
    // Something that it started and left behind may hold the pipes for ever.
    let text = |pipe: Option<Receiver<Vec<u8>>>| match pipe.map(|pipe| pipe.recv_timeout(LEFT_BEHIND)) {
        None => Ok(String::new()),
        Some(Ok(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Some(Err(_)) => Err(format!("`{name}` ended ({status}), but what it started still holds its output")),
    };
    Ok(Output { status, stdout: text(stdout)?, stderr: text(stderr)? })
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}
