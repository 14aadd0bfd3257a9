//! Exit codes, in one place.

use std::process::{ExitCode, ExitStatus};

/// What `--help` says of them.
pub(super) const HELP: &str = "Exit codes: 0 fine; 1 findings; 2 wrong usage, unreadable input, or nothing was judged;
3 the network or the machine kept armtape from its work. With `-- CMD`: 2 and 3 first, then 1,
then CMD's own code (128 + n for a signal).";

/// How armtape ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Nothing to complain about.
    Fine,
    /// A mismatch, a broken rule, a pending change.
    Findings,
    /// Wrong usage, input that cannot be read, or nothing was judged.
    Usage,
    /// The network or the machine kept armtape from its work.
    Machine,
    /// The client's own.
    Client(u8),
}

impl Code {
    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Machine => 3,
            Self::Client(code) => code,
        }
    }

    /// Which of two wins: 2 and 3 before findings, these before the client's.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let rank = |code: Self| match code {
            Self::Machine => 4,
            Self::Usage => 3,
            Self::Findings => 2,
            Self::Client(code) if code != 0 => 1,
            Self::Client(_) | Self::Fine => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// The client's end as a shell says it: its code, or 128 and the signal.
    #[must_use]
    pub fn of_client(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Client(u8::try_from(128 + signal).unwrap_or(u8::MAX));
        }
        Self::Client(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::Code::{self, Client, Findings, Fine, Machine, Usage};

    #[test]
    fn two_and_three_win_then_one_then_the_client() {
        for (a, b, winner) in [
            (Client(7), Fine, Client(7)),
            (Client(7), Findings, Findings),
            (Findings, Usage, Usage),
            (Usage, Machine, Machine),
            (Client(0), Fine, Client(0)),
            (Client(0), Findings, Findings),
        ] {
            assert_eq!(a.or(b), winner);
            assert_eq!(b.or(a).number(), winner.number());
        }
        assert_eq!(Code::Client(137).number(), 137);
    }
}
