//! The scenarios in the binary.

use std::sync::LazyLock;

use super::{model::Scenario, read::read};

/// The files, in the order of their ids.
const FILES: [(&str, &str); 9] = [
    ("normal.toml", include_str!("../scripts/normal.toml")),
    ("failures.toml", include_str!("../scripts/failures.toml")),
    ("states.toml", include_str!("../scripts/states.toml")),
    ("urls.toml", include_str!("../scripts/urls.toml")),
    ("timing.toml", include_str!("../scripts/timing.toml")),
    ("polls.toml", include_str!("../scripts/polls.toml")),
    ("writes.toml", include_str!("../scripts/writes.toml")),
    ("security.toml", include_str!("../scripts/security.toml")),
    ("operations.toml", include_str!("../scripts/operations.toml")),
];

static ALL: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let read = |(name, text): (&str, &str)| read(name, text).unwrap_or_else(|error| panic!("{error}"));
    FILES.into_iter().flat_map(read).collect()
});

/// The scenarios in the binary.
#[must_use]
pub fn all() -> &'static [Scenario] {
    &ALL
}
