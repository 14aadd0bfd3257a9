//! How far a campaign is: on a terminal one line that is written over, elsewhere a line now and then.

use std::{
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use crate::{
    check,
    cli::say::{self, count},
};

/// How often it is told where it is not on a terminal.
const EVERY: Duration = Duration::from_secs(5);

pub(super) struct Progress {
    on_terminal: bool,
    told: Instant,
    /// A line stands on the terminal that is to be written over.
    stands: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { on_terminal: std::io::stderr().is_terminal(), told: Instant::now(), stands: false }
    }

    /// Tells how far it is, if it is time.
    pub(super) fn tell(&mut self, now: check::Progress, failed: usize) {
        let is_last = now.done == now.of;
        if self.on_terminal && !is_last {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{}", line(now, failed));
            self.stands = true;
        } else if is_last || self.told.elapsed() > EVERY {
            self.clear();
            self.told = Instant::now();
            say::line(&line(now, failed));
        }
    }

    /// Makes room for what is told meanwhile.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.stands) {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
        }
    }
}

fn line(check::Progress { done, of, left, .. }: check::Progress, failed: usize) -> String {
    format!("{done} of {}, {failed} with violations, about {} s left", count(of, "case"), left.as_secs())
}
