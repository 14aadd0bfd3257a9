//! A client and everything that it started, so that nothing of it is left: found by its process group, and
//! what has left that (a daemon has a session of its own) by a mark in its environment.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use tokio::process::{Child, Command};

/// The variable with the mark. Processes inherit it; who clears it, and leaves the group, is not found.
pub(crate) const VARIABLE: &str = "ARMTAPE_CLIENT";

/// Signals that mean "stop".
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    #[cfg(feature = "cli")]
    HangUp,
}

/// What marks all clients of this process.
pub(crate) fn mark_of_run() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    MARK.get_or_init(|| uuid::Uuid::new_v4().simple().to_string())
}

/// A client and whatever it started. It ends when this is dropped, also where a run is given up.
#[derive(Debug)]
pub(crate) struct Family {
    #[cfg(unix)]
    group: Option<nix::unistd::Pid>,
    mark: String,
}

impl Family {
    /// Starts the command as the first of a family.
    ///
    /// # Errors
    ///
    /// Where it cannot be started.
    pub(crate) fn start(command: &mut Command) -> std::io::Result<(Child, Self)> {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let mark = format!("{}-{}", mark_of_run(), COUNT.fetch_add(1, Ordering::Relaxed));
        // A client may be armtape, with clients of its own: they are of both families.
        let inherited = std::env::var(VARIABLE).map(|inherited| inherited + ",").unwrap_or_default();
        command.env(VARIABLE, inherited + &mark);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        #[cfg(unix)]
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(nix::unistd::Pid::from_raw);
        let family = Self {
            #[cfg(unix)]
            group,
            mark,
        };
        Ok((child, family))
    }

    /// Sends a signal to the group: what has left it wants to go on when a terminal tells the rest to stop.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = self.send(Some(signal));
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        #[cfg(unix)]
        {
            let _ = self.group.map(|group| nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL));
        }
        strays::kill(&self.mark);
    }

    /// Ends what is left of it: tells it to end, and kills after so long what does not. Says whether there
    /// was something.
    #[cfg(feature = "cli")]
    pub(crate) async fn end(&self, grace: std::time::Duration) -> bool {
        const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(20);
        let is_left = || self.send(None) || strays::are_left(&self.mark);
        let told = self.send(Some(Signal::Terminate)) | strays::tell(&self.mark);
        let deadline = tokio::time::Instant::now() + grace;
        while told && is_left() {
            if tokio::time::Instant::now() > deadline {
                self.kill();
                break;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        told
    }

    /// Sends a signal, or nothing, to the group; says whether there is one.
    #[cfg(unix)]
    fn send(&self, signal: Option<Signal>) -> bool {
        use nix::sys::signal::{Signal as Number, killpg};
        let number = signal.map(|signal| match signal {
            Signal::Interrupt => Number::SIGINT,
            Signal::Terminate => Number::SIGTERM,
            #[cfg(feature = "cli")]
            Signal::HangUp => Number::SIGHUP,
        });
        self.group.is_some_and(|group| killpg(group, number).is_ok())
    }

    #[cfg(not(unix))]
    fn send(&self, _: Option<Signal>) -> bool {
        false
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ends every client of the run with this mark, and what they started.
#[cfg(all(target_os = "linux", feature = "cli"))]
pub(crate) fn end_all(run: &str) {
    strays::kill(run);
}

/// Processes that are known by their mark alone.
#[cfg(target_os = "linux")]
mod strays {
    use nix::{
        sys::signal::{Signal, kill as send},
        unistd::Pid,
    };

    use super::VARIABLE;

    /// Those with this mark, or with one of this run. Of others' processes nobody can read the environment,
    /// and what has ended has none.
    fn all(mark: &str) -> Vec<Pid> {
        let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
        let id = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse::<i32>().ok();
        let is_marked = |id: &i32| std::fs::read(format!("/proc/{id}/environ")).is_ok_and(|text| has(&text, mark));
        let own = i32::try_from(std::process::id()).unwrap_or_default();
        processes.filter_map(id).filter(|id| *id != own).filter(is_marked).map(Pid::from_raw).collect()
    }

    /// Whether an environment has the mark, or one of the run.
    pub(super) fn has(environment: &[u8], mark: &str) -> bool {
        let value = |entry: &'_ [u8]| entry.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec);
        let is_it = |one: &[u8]| one.strip_prefix(mark.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'-', ..]));
        environment.split(|byte| *byte == 0).filter_map(value).any(|marks| marks.split(|byte| *byte == b',').any(is_it))
    }

    #[cfg(feature = "cli")]
    pub(super) fn are_left(mark: &str) -> bool {
        !all(mark).is_empty()
    }

    /// Tells them to end; says whether there are some.
    #[cfg(feature = "cli")]
    pub(super) fn tell(mark: &str) -> bool {
        let all = all(mark);
        for id in &all {
            let _ = send(*id, Signal::SIGTERM);
        }
        !all.is_empty()
    }

    /// Kills them, and what they start meanwhile.
    pub(super) fn kill(mark: &str) {
        /// Who forks faster than this cannot be caught up with.
        const ROUNDS: usize = 100;
        for _ in 0..ROUNDS {
            let all = all(mark);
            if all.is_empty() {
                return;
            }
            for id in all {
                let _ = send(id, Signal::SIGKILL);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod strays {
    #[cfg(feature = "cli")]
    pub(super) fn are_left(_: &str) -> bool {
        false
    }

    #[cfg(feature = "cli")]
    pub(super) fn tell(_: &str) -> bool {
        false
    }

    pub(super) fn kill(_: &str) {}
}

#[cfg(all(test, target_os = "linux", feature = "cli"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_mark_is_the_clients_or_its_runs() {
        let environment = |marks: &str| format!("PATH=/bin\0{VARIABLE}={marks}\0X=run-1\0").into_bytes();
        for (marks, mark, has) in [
            ("run-1", "run-1", true),
            ("run-1", "run", true),
            ("other-7,run-1", "run-1", true),
            ("run-12", "run-1", false),
            ("runs-1", "run", false),
            ("other-7", "run", false),
            ("", "run", false),
        ] {
            assert_eq!(strays::has(&environment(marks), mark), has, "{marks} {mark}");
        }
        assert!(!strays::has(b"X=run-1\0", "run"));
    }

    /// It has a session and a group of its own, another parent, and its output closed.
    #[tokio::test]
    async fn a_daemon_ends_with_its_family() {
        let folder = tempfile::tempdir().unwrap();
        let script = "setsid sh -c 'echo $$ >pid.new; mv pid.new pid; trap \"\" TERM; while :; do sleep 1; done' \
                      >/dev/null 2>&1 </dev/null & while ! [ -e pid ]; do sleep 0.01; done";
        for is_given_up in [true, false] {
            let mut command = Command::new("sh");
            command.args(["-c", script]).current_dir(folder.path());
            let (mut child, family) = Family::start(&mut command).unwrap();
            child.wait().await.unwrap();
            let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
            let is_there = || std::fs::read(format!("/proc/{}/environ", pid.trim())).is_ok_and(|text| !text.is_empty());
            assert!(is_there());
            if is_given_up {
                drop(family);
            } else {
                assert!(family.end(Duration::from_millis(10)).await);
            }
            while is_there() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            std::fs::remove_file(folder.path().join("pid")).unwrap();
        }
    }
}
