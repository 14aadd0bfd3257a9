//! A tape that is played.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Played, ReplayError, project,
    served::{Served, Stage},
};
use crate::{
    arm::Overview,
    cassette::{Reel, pending_path},
    config::Sections,
    judge::Replayed,
    proxy::CertificateAuthority,
    replay::{Account, OpenDoor, Pace, Player, Polls, Script, open_doors},
    simulate::identity,
};

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
    served: Served,
    player: Arc<Player>,
    /// The files that are played.
    files: BTreeSet<Arc<Path>>,
    pace: Pace,
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
        Self::load(path.as_ref(), project::settings()?)
    }

    /// As [`Replay::open`], where the settings are known.
    pub(super) fn load(path: &Path, settings: Sections) -> Result<Self, ReplayError> {
        let named = path.to_owned();
        if !named.exists() && pending_path(&named).exists() {
            return Err(ReplayError::NotAccepted(named));
        }
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

    pub(super) fn timed(self, pace: Pace, polls: Option<Polls>) -> Self {
        Self { pace, polls, ..self }
    }

    /// Serves the tape on a free port of this machine, in a thread of its own. A service beside the
    /// tape's own, to which polling URLs or the next page of a list lead, is served at another
    /// address of this machine.
    ///
    /// # Errors
    ///
    /// Where a host on the tape is none, or the machine refuses a port or a temporary file.
    pub async fn start(self) -> Result<Playing, ReplayError> {
        self.start_blocking()
    }

    /// As [`Replay::start`], in a test without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Replay::start`].
    pub fn start_blocking(self) -> Result<Playing, ReplayError> {
        let Self { named, reel, settings, pace, polls } = self;
        let files = reel.places.iter().map(|place| Arc::clone(&place.file)).collect();
        let script = Script::new(reel.cassette, settings.matching).at(reel.places).hiding(&settings.redact);
        let mut listeners = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?];
        let mut doors = Vec::new();
        for OpenDoor { door, listener, .. } in open_doors(&script)? {
            doors.push(door);
            listeners.push(listener);
        }
        let endpoint = listeners[0].local_addr()?.to_string();
        let player = Player::new(script, &settings.hosts, pace, polls)
            .map_err(|reason| ReplayError::Host { path: named, reason })?;
        let player = Arc::new(player.with_doors(&endpoint, doors));
        let hosts: Vec<&str> =
            player.hosts().iter().map(String::as_str).chain(identity::HOSTS.iter().copied()).collect();
        let authority = CertificateAuthority::new(&hosts)?;
        let trusted = authority.pem().to_owned();
        let stage = Stage { listeners, authority, trusted, handler: Arc::clone(&player) };
        Ok(Playing { served: Served::start(stage, std::future::ready(()))?, player, files, pace })
    }
}

impl Playing {
    /// Base URL of the service, for a client that is told where ARM is.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.served.endpoint
    }

    /// URL of the proxy, for a client that asks the recorded hosts by their own names.
    #[must_use]
    pub fn proxy(&self) -> &str {
        &self.served.proxy
    }

    /// The certificate that a client must trust, PEM.
    #[must_use]
    pub fn ca(&self) -> &str {
        &self.served.ca
    }

    /// A file with [`Playing::ca`], there until the tape is finished.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        self.served.ca_file()
    }

    /// What became of the tape so far.
    #[must_use]
    pub fn account(&self) -> Account {
        self.player.account()
    }

    /// What the clients did so far, in the words of `armtape show` (docs/show.md): client after
    /// client, with the values that the tape has in the place of theirs. A promise, to be compared.
    #[must_use]
    pub fn timeline(&self) -> String {
        Overview::of(&self.player.replayed()).to_string()
    }

    /// Lets what is in flight come to its end, stops, and gives account: see [`Played::assert_clean`].
    /// Where `ARMTAPE_USED` names a file, the cassette is put on the list in it, for `armtape status`.
    ///
    /// # Errors
    ///
    /// Where nothing was asked of the tape: the client went past it. Where the list cannot be written.
    pub async fn finish(mut self) -> Result<Played, ReplayError> {
        self.served.end().await;
        self.played()
    }

    /// As [`Playing::finish`], in a test without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Playing::finish`].
    pub fn finish_blocking(mut self) -> Result<Played, ReplayError> {
        self.served.end_blocking();
        self.played()
    }

    pub(super) fn served(&self) -> &Served {
        &self.served
    }

    fn played(&self) -> Result<Played, ReplayError> {
        let account = self.player.account();
        if account.is_empty() {
            let refused = self.player.refused().into_keys().collect();
            return Err(ReplayError::NothingAsked { refused, distrusted: self.player.distrusted() });
        }
        project::used(self.files.iter().map(|file| &**file)).map_err(|error| ReplayError::Recordings(vec![error]))?;
        let replayed = Replayed::new(self.player.trace(), self.pace.is_accelerated());
        Ok(Played { account, replayed })
    }
}

impl fmt::Debug for Playing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Playing").field("endpoint", &self.served.endpoint).finish_non_exhaustive()
    }
}
