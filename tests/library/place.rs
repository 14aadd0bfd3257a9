//! Where a test records: a folder, and a service that stands for a real one.

use std::{
    path::{Path, PathBuf},
    thread,
};

use armtape::{Mode, Running, Tape};

use crate::{client::Client, scripted::Scripted};

pub(crate) const SUBSCRIPTION: &str = "5a19f233-79ae-4b7e-855d-04bfcac8bf04";

/// A folder for the cassette, and a service that has nothing of ours in it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    service: Option<Scripted>,
}

impl Place {
    pub(crate) fn new() -> Self {
        // It has a runtime of its own, and a test that is in one may neither start nor drop another.
        let service = thread::spawn(|| Scripted::start().unwrap()).join().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), service: Some(service) }
    }

    pub(crate) fn service(&self) -> &Scripted {
        self.service.as_ref().unwrap()
    }

    pub(crate) fn cassette(&self) -> PathBuf {
        self.folder.path().join("hub.json")
    }

    pub(crate) fn tape(&self, mode: Mode) -> Tape {
        self.tape_to(&self.cassette(), mode)
    }

    pub(crate) fn tape_to(&self, cassette: &Path, mode: Mode) -> Tape {
        let url = format!("https://{}", self.service().address());
        Tape::open(cassette).unwrap().upstream(&url).upstream_ca(self.service().authority()).mode(mode)
    }

    pub(crate) async fn start(&self, mode: Mode) -> Running {
        self.tape(mode).start().await.unwrap()
    }

    /// What lies in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs_err::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs_err::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// With the noise of the place taken out.
    pub(crate) fn shown(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "[FOLDER]")
            .replace(&self.service().address().to_string(), "[SERVICE]")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let service = self.service.take();
        let _ = thread::spawn(move || drop(service)).join();
    }
}

pub(crate) async fn create(tape: &Running, path: &str) {
    let (location, read) = Client::trusting(tape.ca_file()).create(tape.endpoint(), path).await;
    assert!(location.starts_with(tape.endpoint()), "{location}");
    assert_eq!(read["location"], "westus");
}
