//! How many descriptors the system grants: a thousand by default, and every connection needs one or
//! two.

/// Enough for all connections that the server takes, each with one to the service.
#[cfg(unix)]
const DESCRIPTORS: u64 = 16 * 1024;

#[cfg(unix)]
mod system {
    use std::sync::OnceLock;

    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    /// What it was before: soft, then hard.
    static BEFORE: OnceLock<(u64, u64)> = OnceLock::new();

    pub(in super::super) fn raise() {
        let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
        let wanted = hard.min(super::DESCRIPTORS);
        if soft < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
            let _ = BEFORE.set((soft, hard));
        }
    }

    pub(in super::super) fn as_it_was<T>(start: impl FnOnce() -> T) -> T {
        let Some((soft, hard)) = BEFORE.get() else { return start() };
        let _ = setrlimit(Resource::RLIMIT_NOFILE, *soft, *hard);
        let started = start();
        raise();
        started
    }
}

#[cfg(not(unix))]
mod system {
    pub(in super::super) fn raise() {}

    pub(in super::super) fn as_it_was<T>(start: impl FnOnce() -> T) -> T {
        start()
    }
}

/// As many as the user may have, at most.
pub(super) use system::raise;

/// Starts a client with the limit that it would have had without armtape: there are programs that
/// go through all descriptors, or know no numbers above a thousand.
pub(super) use system::as_it_was;
