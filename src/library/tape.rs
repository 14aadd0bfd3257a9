//! A tape that is played or recorded.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{
    Mode, Replay, ReplayError, Running, TapeError, project,
    rolling::{Plan, Rolling},
};
use crate::{
    cassette::pending_path,
    config::Sections,
    proxy::{TlsError, Upstream, UpstreamConfig, roots_and},
    record::{Course, Embedded, Real, RecorderConfig, ServiceUrl},
    redact::Named,
    replay::{Pace, Polls},
    simulate::{self, Options},
};

/// What has a host taped, in a test.
pub(super) const ALLOW: &str = "allow_host";

/// A tape that is played to clients in this process, or recorded from them: one test for both.
///
/// `ARMTAPE_MODE` is the switch, with the words of `armtape record --mode` ([`Mode`]). Without it the
/// tape is played. A recording never replaces an accepted cassette: one that differs waits beside it as
/// `NAME.json.new`, and so does that of a test that panicked, or ended before [`Running::finish`].
///
/// ```
/// use armtape::{Mode, Tape, TapeError, simulate::Options};
/// # use std::{io::{Read as _, Write as _}, net::TcpStream, path::Path};
/// # fn list_profiles(endpoint: &str, _ca: &str) -> String {
/// #     let mut answer = String::new();
/// #     let mut stream = TcpStream::connect(endpoint.trim_start_matches("https://")).unwrap();
/// #     let list = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles?api-version=1";
/// #     write!(stream, "GET {list} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n").unwrap();
/// #     stream.read_to_string(&mut answer).unwrap();
/// #     answer
/// # }
///
/// fn lists_profiles(cassette: &Path) -> Result<bool, TapeError> {
///     // The service in this library; without `embedded` it is Azure.
///     let tape = Tape::open(cassette)?.mode(Mode::Once).embedded(Options::default()).start_blocking()?;
///     let is_recording = tape.is_recording();
///     let answer = list_profiles(tape.endpoint(), tape.ca());
///     // What the client must have done is asserted before `finish`: that says it did well.
///     assert!(answer.starts_with("HTTP/1.1"));
///     tape.finish_blocking()?.assert_clean();
///     Ok(is_recording)
/// }
/// # fn main() -> Result<(), TapeError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let cassette = folder.path().join("profiles.json");
///
/// assert!(lists_profiles(&cassette)?);
/// // Now it is there, and played.
/// assert!(!lists_profiles(&cassette)?);
/// # Ok(())
/// # }
/// ```
pub struct Tape {
    path: PathBuf,
    settings: Sections,
    mode: Mode,
    service: Service,
    roots: Vec<PathBuf>,
    hosts: Vec<String>,
    secrets: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    pace: Pace,
    polls: Option<Polls>,
}

/// What is recorded.
enum Service {
    At(String),
    Embedded(Box<Options>),
}

impl Tape {
    /// The cassette at `path`, and the settings of the project: the file in `ARMTAPE_CONFIG`, else the
    /// nearest `armtape.toml`, from the working directory upwards. Of it `[match]`, `[hosts]` and
    /// `[redact]` are obeyed.
    ///
    /// # Errors
    ///
    /// Where the settings cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TapeError> {
        Ok(Self {
            path: path.as_ref().to_owned(),
            settings: project::settings().map_err(ReplayError::from)?,
            mode: Mode::None,
            service: Service::At(ServiceUrl::AZURE.to_owned()),
            roots: Vec::new(),
            hosts: Vec::new(),
            secrets: Vec::new(),
            variables: Vec::new(),
            pace: Pace::default(),
            polls: None,
        })
    }

    /// What is done where `ARMTAPE_MODE` says nothing; [`Mode::None`], which plays it, unless this is
    /// called.
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// Records the service at this URL, scheme and host; ARM in the public cloud unless this is called.
    #[must_use]
    pub fn upstream(self, url: &str) -> Self {
        Self { service: Service::At(url.to_owned()), ..self }
    }

    /// Trusts the certificate authorities in this file of PEM, too, when it asks the service.
    #[must_use]
    pub fn upstream_ca(mut self, file: impl AsRef<Path>) -> Self {
        self.roots.push(file.as_ref().to_owned());
        self
    }

    /// Records the service in this library, which keeps hubs and profiles in memory, in the place of a
    /// real one.
    #[must_use]
    pub fn embedded(self, options: Options) -> Self {
        Self { service: Service::Embedded(Box::new(options)), ..self }
    }

    /// Tapes this host, too: a name, or a glob such as `*.vault.azure.net`.
    #[must_use]
    pub fn allow_host(mut self, glob: &str) -> Self {
        self.hosts.push(glob.to_owned());
        self
    }

    /// Hides this value wherever it occurs in a recording, in every encoding. `name` is for messages.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts `{name}` in the place of this value in a recording: when it is played, any value fits.
    #[must_use]
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What the wire says of time when the tape is played; nobody waits unless this is called.
    #[must_use]
    pub fn pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How many running answers are shown when the tape is played; what the pace implies, unless this
    /// is called.
    #[must_use]
    pub fn polls(self, polls: Polls) -> Self {
        Self { polls: Some(polls), ..self }
    }

    /// Plays or records, on a free port of this machine, in a thread of its own.
    ///
    /// # Errors
    ///
    /// Where there is nothing to play, or nothing can be recorded: see [`TapeError`].
    pub async fn start(self) -> Result<Running, TapeError> {
        self.start_blocking()
    }

    /// As [`Tape::start`], in a test without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Tape::start`].
    pub fn start_blocking(self) -> Result<Running, TapeError> {
        let mode = project::mode(self.mode).map_err(TapeError::Mode)?;
        let is_there = self.path.exists();
        match mode.course(is_there) {
            Course::Replay if !is_there && !pending_path(&self.path).exists() => Err(TapeError::NotThere(self.path)),
            Course::Replay => {
                let replay = Replay::load(&self.path, self.settings)?.timed(self.pace, self.polls);
                Ok(Running::playing(replay.start_blocking()?))
            }
            course => Ok(Running::rolling(self.record(course == Course::Extend)?)),
        }
    }

    fn record(self, extend: bool) -> Result<Rolling, TapeError> {
        let mut named = Named::default();
        for (name, value) in &self.secrets {
            named.secret(name, value)?;
        }
        for (name, value) in &self.variables {
            named.variable(name, value)?;
        }
        let url = match &self.service {
            Service::At(url) => url,
            Service::Embedded(_) => ServiceUrl::AZURE,
        };
        let service = url.parse().map_err(TapeError::Service)?;
        let config = RecorderConfig::new(service, &self.settings.hosts, &self.hosts).map_err(TapeError::Service)?;
        let plan = Plan { path: self.path, settings: self.settings, named, extend };
        match self.service {
            Service::Embedded(options) => Rolling::start(plan, config, Embedded::new(simulate::Service::new(*options))),
            Service::At(url) => {
                // What the test names may have a private address.
                let named = (url != ServiceUrl::AZURE).then(|| config.own.host.clone());
                let upstream = UpstreamConfig {
                    roots: roots_and(&self.roots)?,
                    named: named.into_iter().collect(),
                    ..UpstreamConfig::default()
                };
                let upstream = Upstream::new(upstream).map_err(TlsError::from)?;
                // The client is in this process, as it is armtape's child at the command line.
                Rolling::start(plan, config, Real::new(upstream, true))
            }
        }
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").field("path", &self.path).finish_non_exhaustive()
    }
}
