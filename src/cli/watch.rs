//! Who ends the clients where armtape itself is killed: a process beside it that waits for its end.
//!
//! It is told the mark that all clients of this run carry, and holds one end of a pipe. When the other end
//! is gone, so is armtape, and whoever still carries the mark is killed. (`PR_SET_PDEATHSIG` would have to be
//! set between fork and exec, and reaches the client alone, not what that has started.)

use super::Code;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The mark of the run
    mark: String,
}

#[cfg(target_os = "linux")]
mod system {
    use std::{
        io::Read as _,
        os::unix::process::CommandExt as _,
        process::{Child, Command, Stdio},
        sync::{Mutex, PoisonError},
    };

    use super::{Args, Code};
    use crate::check::family;

    static WATCH: Mutex<Option<Child>> = Mutex::new(None);

    /// Starts it, if it is not there yet. Where it cannot be started nothing else is lost.
    pub(in super::super) fn start() {
        let mut watch = WATCH.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.is_none() {
            // The mark is no secret and of no use; nothing of the user's environment is needed, and no signal
            // of a terminal reaches it.
            let mut command = Command::new("/proc/self/exe");
            command.args(["watch", family::mark_of_run()]).env_clear().process_group(0);
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            *watch = command.spawn().ok();
        }
    }

    /// Ends it: armtape ends by itself, and its clients have.
    pub(in super::super) fn end() {
        if let Some(mut watch) = WATCH.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = watch.kill();
            let _ = watch.wait();
        }
    }

    /// Waits for the end of armtape, which says nothing, and ends its clients.
    pub(in super::super) fn run(args: &Args) -> Code {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        family::end_all(&args.mark);
        Code::Fine
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(in super::super) fn start() {}

    pub(in super::super) fn end() {}

    pub(in super::super) fn run(_: &super::Args) -> super::Code {
        super::Code::Fine
    }
}

pub(super) use system::{end, run, start};
