//! A tape in a test of one's own: a server in this process, and an account at the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;

use crate::{
    arm::{Overview, printable},
    cassette::{self, Reel, Used},
    config::{self, Config, Sections},
    judge::Replayed,
    proxy::{CertificateAuthority, Server, TlsError},
    replay::{Account, Pace, Player, Polls, Script},
    simulate::identity,
};

/// How long requests in flight have once the test has come to its end.
const GRACE: Duration = Duration::from_secs(2);

/// A tape that is to be played to clients in this process.
///
/// ```no_run
/// # async fn my_client(endpoint: &str, ca: &str) {}
/// # async fn test() -> Result<(), armtape::ReplayError> {
/// let tape = armtape::Replay::open("cassettes/create-profile.json")?.start().await?;
/// my_client(tape.endpoint(), tape.ca()).await;
/// // With insta: insta::assert_snapshot!(tape.timeline());
/// assert!(tape.timeline().contains("Succeeded"));
/// tape.finish().await?.assert_clean();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Replay {
    named: PathBuf,
    reel: Reel,
    settings: Sections,
    pace: Pace,
    polls: Option<Polls>,
}

/// A tape that is being played. Once it is dropped, nobody is served any more.
#[must_use = "a tape that is dropped stops at once; call `finish`"]
pub struct Playing {
    server: Server<Player>,
    /// The files that are played.
    files: BTreeSet<Arc<Path>>,
    endpoint: String,
    proxy: String,
    ca: String,
    ca_file: tempfile::NamedTempFile,
    pace: Pace,
}

/// What came of a tape that was played, and what the rules make of the clients.
#[derive(Clone, Debug)]
pub struct Played {
    /// What of the tape was used, and what was asked that is not on it.
    pub account: Account,
    /// What was said, held against the rules of `armtape lint` (docs/rules.md).
    pub replayed: Replayed,
}

/// A tape cannot be played, or nobody asked it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// Files that cannot be read: each with its reason.
    #[error("{}", lines(.0))]
    Recordings(Vec<cassette::Error>),
    /// Recordings without an interaction.
    #[error("{}: there is no interaction on it", .0.display())]
    Empty(PathBuf),
    /// `armtape.toml` says something that it cannot say.
    #[error("{0} ({hint})", hint = .0.hint)]
    Settings(config::Error),
    /// A host on the tape is no host name.
    #[error("{}: {reason}", path.display())]
    Host {
        /// What was opened.
        path: PathBuf,
        /// What is wrong with the host.
        reason: String,
    },
    /// No certificate can be made.
    #[error(transparent)]
    Certificates(#[from] TlsError),
    /// The machine refuses a port, a file or the working directory.
    #[error("the machine refuses what a replay needs")]
    Machine(#[from] io::Error),
    /// Nothing was asked of the tape, so there is nothing to be said of the client.
    #[error("nothing was asked of the tape{}", reasons(.refused, .distrusted))]
    NothingAsked {
        /// Hosts that were asked for and are not served.
        refused: Vec<String>,
        /// Hosts in whose name the client did not trust armtape, with the client's reason.
        distrusted: BTreeMap<String, String>,
    },
}

impl Replay {
    /// Reads a cassette, any recording of docs/formats.md, or a folder of them, and the settings of
    /// the project: the file in `ARMTAPE_CONFIG`, else the nearest `armtape.toml`, from the working
    /// directory upwards.
    ///
    /// # Errors
    ///
    /// Where one of them cannot be read, or there is no interaction on the tape.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReplayError> {
        let named = path.as_ref().to_owned();
        let config = match std::env::var_os(config::CONFIG) {
            Some(file) => Config::load(file.into()),
            None => Config::find(&std::env::current_dir()?),
        };
        let settings = config.map_err(ReplayError::Settings)?.sections;
        let (reel, errors) = Reel::load(std::slice::from_ref(&named));
        if !errors.is_empty() {
            return Err(ReplayError::Recordings(errors));
        }
        if reel.places.is_empty() {
            return Err(ReplayError::Empty(named));
        }
        Ok(Self { named, reel, settings, pace: Pace::default(), polls: None })
    }

    /// What the wire says of time; nobody waits unless this is called.
    #[must_use]
    pub fn pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How many running answers are shown before an operation ends; what the pace implies, unless
    /// this is called.
    #[must_use]
    pub fn polls(self, polls: Polls) -> Self {
        Self { polls: Some(polls), ..self }
    }

    /// Serves the tape on a free port of this machine, in tasks of the running tokio runtime.
    ///
    /// # Errors
    ///
    /// Where a host on the tape is none, or the machine refuses a port or a temporary file.
    pub async fn start(self) -> Result<Playing, ReplayError> {
        let Self { named, reel, settings, pace, polls } = self;
        let files = reel.places.iter().map(|place| Arc::clone(&place.file)).collect();
        let script = Script::new(reel.cassette, settings.matching).at(reel.places);
        let player = Player::new(script, &settings.hosts, pace, polls)
            .map_err(|reason| ReplayError::Host { path: named, reason })?;
        let hosts: Vec<&str> =
            player.hosts().iter().map(String::as_str).chain(identity::HOSTS.iter().copied()).collect();
        let authority = CertificateAuthority::new(&hosts)?;
        let ca = authority.pem().to_owned();
        let mut ca_file = tempfile::Builder::new().prefix("armtape-ca-").suffix(".pem").tempfile()?;
        ca_file.write_all(ca.as_bytes())?;
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let server = Server::start(listener, authority, player)?;
        let local = server.local();
        Ok(Playing {
            server,
            files,
            endpoint: format!("https://{local}"),
            proxy: format!("http://{local}"),
            ca,
            ca_file,
            pace,
        })
    }
}

impl Playing {
    /// Base URL of the service, for a client that is told where ARM is.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// URL of the proxy, for a client that asks the recorded hosts by their own names.
    #[must_use]
    pub fn proxy(&self) -> &str {
        &self.proxy
    }

    /// The certificate that a client must trust, PEM.
    #[must_use]
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// A file with [`Playing::ca`], there until the tape is finished.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }

    /// What became of the tape so far.
    #[must_use]
    pub fn account(&self) -> Account {
        self.server.handler().account()
    }

    /// What the clients did so far, in the words of `armtape show` (docs/show.md): client after
    /// client, with the values that the tape has in the place of theirs. A promise, to be compared.
    #[must_use]
    pub fn timeline(&self) -> String {
        Overview::of(&self.server.handler().replayed()).to_string()
    }

    /// Lets what is in flight come to its end, stops, and gives account: see [`Played::assert_clean`].
    /// Where `ARMTAPE_USED` names a file, the cassette is put on the list in it, for `armtape status`.
    ///
    /// # Errors
    ///
    /// Where nothing was asked of the tape: the client went past it. Where the list cannot be written.
    pub async fn finish(self) -> Result<Played, ReplayError> {
        self.server.shutdown(GRACE).await;
        let player = self.server.handler();
        let account = player.account();
        if account.is_empty() {
            let refused = player.refused().into_keys().collect();
            return Err(ReplayError::NothingAsked { refused, distrusted: player.distrusted() });
        }
        if let Some(list) = std::env::var_os(config::USED).filter(|list| !list.is_empty()) {
            let files = self.files.iter().map(|file| &**file);
            Used::at(list).add(files).map_err(|error| ReplayError::Recordings(vec![error]))?;
        }
        // Another pace than the recorded one is there so that nobody waits.
        let replayed = Replayed::new(player.trace(), self.pace != Pace::Recorded);
        Ok(Played { account, replayed })
    }
}

impl Played {
    /// Whether something is wrong: a request that is missing, a write that was not made, a rule that
    /// was broken. Warnings are none.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.account.has_findings() || self.replayed.has_violations()
    }

    /// Ends a test in which something is wrong, with all of it in words.
    ///
    /// # Panics
    ///
    /// Where there is a finding: see [`Played::has_findings`].
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(!self.has_findings(), "the client did not do what is right by the tape:\n{self}");
    }
}

/// The lines of the account, then those of the rules; what would steer a terminal is spelled out.
impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}\n{}", self.account, self.replayed);
        let lines: Vec<String> = text.lines().map(printable).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Debug for Playing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Playing").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

fn lines(errors: &[cassette::Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn reasons(refused: &[String], distrusted: &BTreeMap<String, String>) -> String {
    let refused = refused.iter().map(|host| format!("; {host} was asked for and is not on it"));
    let distrusted = distrusted
        .iter()
        .map(|(host, reason)| format!("; the client did not accept the certificate for {host}: {reason}"));
    refused.chain(distrusted).collect()
}
