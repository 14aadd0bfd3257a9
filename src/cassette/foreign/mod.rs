//! Recordings of other tools, read as they are.
//!
//! Each format has a file: a test by content, and a reader from bytes to the model. Nothing is
//! corrected on the way: what a recorder dropped is absent, and every interaction says where it
//! stood.

mod dotnet;
mod shape;

use std::path::Path;

use super::{Cassette, Error};

/// Reads a recording in whatever foreign format its content shows; `None` where it shows none that
/// is known. `path` is only named: nothing is opened.
#[must_use]
pub(super) fn read(bytes: &[u8], path: &Path) -> Option<Result<Cassette, Error>> {
    dotnet::recognise(bytes).then(|| dotnet::read(bytes, path))
}

/// The text without the byte order mark that .NET likes to write.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
