//! A tape in use, whether it is played or recorded, and what came of it.

use std::{fmt, path::Path};

use super::{Played, Playing, Recorded, TapeError, rolling::Rolling, served::Served};

/// A tape that is being played or recorded.
///
/// One that is dropped, by a panic or an early return, serves nobody any more; what it recorded so far
/// waits in `NAME.json.new`.
#[must_use = "a tape that is dropped stops at once, and its recording is not trusted; call `finish`"]
pub struct Running(Course);

enum Course {
    Playing(Box<Playing>),
    Rolling(Box<Rolling>),
}

/// What came of a tape.
#[derive(Clone, Debug)]
pub enum Finished {
    /// It was played.
    Played(Played),
    /// It was recorded.
    Recorded(Recorded),
}

impl Running {
    pub(super) fn playing(playing: Playing) -> Self {
        Self(Course::Playing(Box::new(playing)))
    }

    pub(super) fn rolling(rolling: Rolling) -> Self {
        Self(Course::Rolling(Box::new(rolling)))
    }

    fn served(&self) -> &Served {
        match &self.0 {
            Course::Playing(playing) => playing.served(),
            Course::Rolling(rolling) => &rolling.served,
        }
    }

    /// Base URL of the service, for a client that is told where ARM is.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.served().endpoint
    }

    /// URL of the proxy, for a client that asks ARM by its own name.
    #[must_use]
    pub fn proxy(&self) -> &str {
        &self.served().proxy
    }

    /// The certificate that a client must trust beside its own, PEM.
    #[must_use]
    pub fn ca(&self) -> &str {
        &self.served().ca
    }

    /// A file with everything that a client must trust, there until the tape is finished: the
    /// certificate, and, where a real service is recorded, the roots of this machine.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        self.served().ca_file()
    }

    /// Whether it is recorded, and the client needs real credentials. A tape that is played takes any
    /// token.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        matches!(self.0, Course::Rolling(_))
    }

    /// The tape that is being played; `None` while it is recorded.
    #[must_use]
    pub fn as_playing(&self) -> Option<&Playing> {
        match &self.0 {
            Course::Playing(playing) => Some(playing),
            Course::Rolling(_) => None,
        }
    }

    /// Lets what is in flight come to its end, stops, and gives account: see
    /// [`Finished::assert_clean`]. A recording is stored: as the cassette, if there is none, else, if
    /// it differs, beside it. So what the client must have done is asserted before.
    ///
    /// # Errors
    ///
    /// Where nobody asked, or the file system says no.
    pub async fn finish(self) -> Result<Finished, TapeError> {
        Ok(match self.0 {
            Course::Playing(playing) => Finished::Played(playing.finish().await?),
            Course::Rolling(rolling) => Finished::Recorded(rolling.finish().await?),
        })
    }

    /// As [`Running::finish`], in a test without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Running::finish`].
    pub fn finish_blocking(self) -> Result<Finished, TapeError> {
        Ok(match self.0 {
            Course::Playing(playing) => Finished::Played(playing.finish_blocking()?),
            Course::Rolling(rolling) => Finished::Recorded(rolling.finish_blocking()?),
        })
    }
}

impl Finished {
    /// Whether something is wrong: see [`Played::has_findings`] and [`Recorded::has_findings`].
    #[must_use]
    pub fn has_findings(&self) -> bool {
        match self {
            Self::Played(played) => played.has_findings(),
            Self::Recorded(recorded) => recorded.has_findings(),
        }
    }

    /// Ends a test in which something is wrong, with all of it in words.
    ///
    /// # Panics
    ///
    /// Where there is a finding: see [`Finished::has_findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        match self {
            Self::Played(played) => played.assert_clean(),
            Self::Recorded(recorded) => recorded.assert_clean(),
        }
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Played(played) => played.fmt(f),
            Self::Recorded(recorded) => recorded.fmt(f),
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("endpoint", &self.endpoint())
            .field("is_recording", &self.is_recording())
            .finish_non_exhaustive()
    }
}
