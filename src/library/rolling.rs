//! A tape that is being recorded.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::Arc,
};

use super::{
    Recorded, ReplayError, TapeError, project,
    served::{Served, Stage},
};
use crate::{
    cassette::{Desk, Reel},
    config::{self, Sections},
    proxy::{CertificateAuthority, bundle},
    record::{Doubt, Origin, RecordError, RecorderConfig, Recording, Rescued, Take, rescue, writable},
    redact::{Named, Redactor, Rules},
    simulate::identity,
};

/// What a recording is made by.
pub(super) struct Plan {
    pub(super) path: PathBuf,
    pub(super) settings: Sections,
    /// What is replaced beside what the rules find.
    pub(super) named: Named,
    /// Whether the cassette that is there is gone on with.
    pub(super) extend: bool,
}

/// A recording that goes on. One that is dropped waits to be accepted: nobody knows how far its test
/// got.
pub(super) struct Rolling {
    pub(super) served: Served,
    path: PathBuf,
    rescued: Vec<Rescued>,
    /// Ends the recording; `None` once that was done.
    end: Option<Box<dyn FnOnce() -> Take + Send + Sync>>,
}

impl Rolling {
    /// Serves what `origin` answers, and records it.
    pub(super) fn start<O: Origin>(plan: Plan, config: RecorderConfig, origin: O) -> Result<Self, TapeError> {
        let Plan { path, settings, named, extend } = plan;
        writable(&path)?;
        if !config::is_ci() {
            Desk::of(&std::env::current_dir()?).recover()?;
        }
        let mut rescued: Vec<Rescued> = rescue(&path, &settings.redact)?.into_iter().collect();
        let known = extend.then(|| Reel::load(std::slice::from_ref(&path)));
        let known = match known {
            Some((_, errors)) if !errors.is_empty() => return Err(ReplayError::Recordings(errors).into()),
            known => known.map(|(reel, _)| reel),
        };
        let is_embedded = origin.is_identity();
        let hosts = config.hosts.names().iter().map(String::as_str);
        let hosts: Vec<&str> = hosts.chain(identity::HOSTS.iter().copied().filter(|_| is_embedded)).collect();
        let authority = CertificateAuthority::new(&hosts)?;
        // Its client meets hosts that are not served here, too.
        let trusted = if is_embedded { authority.pem().to_owned() } else { bundle(authority.pem()) };
        let listeners = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?];

        let redactor = Redactor::new(Rules::new(&settings.redact).map_err(RecordError::from)?, named);
        let (recording, late) = Recording::begin(&path, &[], redactor, &settings.redact, known, |_| {})?;
        rescued.extend(late);
        let recorder = recording
            .recorder(config, origin, &settings.matching, &settings.hosts)
            .map_err(|reason| ReplayError::Host { path: path.clone(), reason })?;
        let recorder = Arc::new(recorder);
        let stage = Stage { listeners, authority, trusted, handler: Arc::clone(&recorder) };
        let served = Served::start(stage, recording.syncing())?;
        Ok(Self { served, path, rescued, end: Some(Box::new(move || recording.end(&recorder))) })
    }

    pub(super) async fn finish(mut self) -> Result<Recorded, TapeError> {
        self.served.end().await;
        self.close(None)
    }

    pub(super) fn finish_blocking(mut self) -> Result<Recorded, TapeError> {
        self.served.end_blocking();
        self.close(None)
    }

    /// Nobody is served any more: stores what was recorded.
    fn close(&mut self, doubt: Option<Doubt>) -> Result<Recorded, TapeError> {
        let end = self.end.take();
        let take = end.map(|end| end()).ok_or_else(|| std::io::Error::other("the recording has ended already"))?;
        if take.recorded == 0 && take.answered.is_none_or(|answered| answered == 0) {
            take.end_journal()?;
            return Err(TapeError::NothingRecorded(Box::new(take.seen)));
        }
        let stored = match take.recorded {
            0 => None,
            _ => Some(take.store(doubt).map_err(TapeError::NotStored)?),
        };
        take.end_journal()?;
        if self.path.exists() {
            project::used([&*self.path])?;
        }
        Ok(Recorded::new(take, stored, &self.rescued))
    }
}

impl Drop for Rolling {
    fn drop(&mut self) {
        if self.end.is_some() {
            self.served.cut();
            // Nobody is there to be told. What could not be stored is in the journal.
            let _ = self.close(Some(Doubt::ClientFailed));
        }
    }
}
