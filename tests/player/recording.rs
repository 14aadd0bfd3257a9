//! A recording, and what its interactions are to each other. What replay makes of it is not asked.

use std::path::Path;

use armtape::{
    arm::{Operation, Target, authority_key, operations},
    cassette::{Cassette, Interaction},
    redact::{self, Named, Rules, Settings},
};
use fs_err as fs;

use crate::support::shared::shared;

const FOLDERS: [&str; 6] =
    ["dotnet-session-records", "go-vcr", "java-session-records", "ruby-vcr", "test-proxy", "vcrpy-yaml"];

pub(crate) struct Recording {
    pub(crate) file: String,
    pub(crate) cassette: Cassette,
    pub(crate) operations: Vec<Operation>,
    /// By interaction: the operation that it polls.
    pub(crate) polls: Vec<Option<usize>>,
    places: Vec<Place>,
}

/// Whom an interaction asked for what.
struct Place {
    host: Option<String>,
    path: String,
    query: Vec<(String, String)>,
    writes: bool,
}

/// Every recording, sorted: folder and name.
pub(crate) fn files() -> Result<Vec<String>, String> {
    let recordings = shared().ok_or("no folder of recordings")?.join("data/recordings");
    let mut found = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(recordings.join(folder)).map_err(|error| error.to_string())? {
            let name = entry.map_err(|error| error.to_string())?.file_name();
            found.push(format!("{folder}/{}", name.to_string_lossy()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

impl Recording {
    pub(crate) fn read(shared: &Path, file: &str) -> Result<Self, String> {
        let path = shared.join("data/recordings").join(file);
        Ok(Self::of(file, Cassette::load(&path).map_err(|error| error.to_string())?))
    }

    /// The same recording as `armtape redact` makes it.
    pub(crate) fn redacted(&self) -> Result<Self, String> {
        let rules = Rules::new(&Settings::default()).map_err(|error| error.to_string())?;
        Ok(Self::of(&self.file, redact::cassette(self.cassette.clone(), rules, Named::default()).0))
    }

    pub(crate) fn of(file: &str, cassette: Cassette) -> Self {
        let operations = operations(&cassette.interactions);
        let mut polls = vec![None; cassette.interactions.len()];
        for (number, operation) in operations.iter().enumerate() {
            for poll in &operation.polls {
                polls[*poll] = Some(number);
            }
        }
        let places = cassette.interactions.iter().map(Place::of).collect();
        Self { file: file.to_owned(), cassette, operations, polls, places }
    }

    pub(crate) fn interactions(&self) -> &[Interaction] {
        &self.cassette.interactions
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_write(&self, interaction: usize) -> bool {
        self.places[interaction].writes
    }

    /// Whether the two ask the same thing.
    pub(crate) fn asks_the_same(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.places[one], &self.places[other]);
        one.path == other.path && one.query == other.query && one.host == other.host
    }

    /// Whether the write changes what the read shows: it is of the same resource or of one below.
    pub(crate) fn changes(&self, write: usize, read: usize) -> bool {
        self.is_write(write) && is_within(&self.places[write].path, &self.places[read].path)
    }

    /// Whether a client has to keep the order of the two: they are of one resource, one is a write
    /// above or below the other, or the earlier handed out what the later asks for.
    pub(crate) fn in_order(&self, earlier: usize, later: usize) -> bool {
        let (one, other) = (&self.places[earlier], &self.places[later]);
        let of_one_branch = is_within(&one.path, &other.path) || is_within(&other.path, &one.path);
        one.path == other.path
            || (of_one_branch && (one.writes || other.writes))
            || self.interactions()[earlier].response.as_ref().is_some_and(|response| {
                let target = &self.interactions()[later].request.target;
                let headers = ["azure-asyncoperation", "operation-location", "location"];
                headers.iter().flat_map(|name| response.headers.get_all(name)).any(|url| url.ends_with(target))
            })
    }
}

impl Place {
    fn of(interaction: &Interaction) -> Self {
        let request = &interaction.request;
        let target = Target::parse(&request.target);
        Self {
            host: request.authority.as_deref().map(|host| authority_key(request.scheme.as_deref(), host)),
            path: target.path_key(),
            query: target.query_key(),
            writes: !matches!(request.method.as_str(), "GET" | "HEAD"),
        }
    }
}

/// Whether a path is the other one or below it.
fn is_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
