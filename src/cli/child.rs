//! The client: started with everything set, told of signals, and gone when armtape goes.

use std::{
    io::{self, IsTerminal as _},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{process::Command, time::sleep};

use super::{
    limits,
    say::{self, Failure},
    watch,
};
use crate::check::family::{Family, Signal};

/// How long a client has to end after it was told to, before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// How long its own children have once it is gone.
const GRACE_OF_ORPHANS: Duration = Duration::from_secs(2);

/// Starts the client in a process group of its own and waits for its end. A signal to armtape is
/// passed on to the whole group; a second one kills it, and all that it has started.
pub(super) async fn run(
    words: &[String],
    set: &[(String, String)],
    cleared: &[&str],
    signals: &mut Signals,
) -> io::Result<ExitStatus> {
    let (program, arguments) = words.split_first().ok_or_else(|| io::Error::other("no command was given"))?;
    let mut command = Command::new(program);
    command.args(arguments).envs(set.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
    for name in cleared {
        command.env_remove(name);
    }
    // In a group of its own the client may not read from the terminal: it would be stopped.
    if io::stdin().is_terminal() {
        command.stdin(Stdio::null());
    }
    watch::start();
    let (mut child, family) = limits::as_it_was(|| Family::start(&mut command))?;
    let (mut interrupted, mut killed) = (false, false);
    let status = loop {
        let grace = async {
            match interrupted {
                true => sleep(GRACE).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            status = child.wait() => break status?,
            signal = signals.next() => {
                if interrupted { killed = true; family.kill(); } else { family.signal(signal); }
                interrupted = true;
            }
            () = grace => { killed = true; family.kill(); }
        }
    };
    // What is killed may take a moment to be gone: that is nothing that the client left running.
    if family.end(GRACE_OF_ORPHANS).await && !killed {
        say::line("what the client had left running was ended with it");
    }
    Ok(status)
}

/// The signals that mean "stop".
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    /// A file beyond the user's limit is an error like a full disk, and nothing to die of.
    _file_too_large: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From here on signals no longer end the process by themselves.
    pub(super) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let watch = |kind| signal(kind).map_err(|error| Failure::machine(format!("cannot watch signals: {error}")));
        Ok(Self {
            interrupt: watch(SignalKind::interrupt())?,
            terminate: watch(SignalKind::terminate())?,
            hang_up: watch(SignalKind::hangup())?,
            _file_too_large: watch(SignalKind::from_raw(nix::libc::SIGXFSZ))?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::HangUp,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}
