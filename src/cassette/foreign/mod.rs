//! Recordings of other tools, read as they are.
//!
//! Each format has a file: a test by content, and a reader from bytes to the model. Nothing is
//! corrected on the way: what a recorder dropped is absent, and every interaction says where it
//! stood. Readers keep the credentials that somebody wrote; [`read`] drops them, unless they are what is
//! looked for ([`Credentials`]).
//!
//! docs/formats.md says what is read of each format, and what is not.

mod dotnet;
mod go_vcr;
mod har;
mod java;
mod ruby_vcr;
mod test_proxy;
mod vcrpy;

mod clock;
mod coded;
mod content;
mod credentials;
mod exchange;
mod shape;
mod vcr;
mod yaml;

use std::path::Path;

use super::{Cassette, Error};

#[cfg(test)]
pub(crate) use credentials::CREDENTIALS;
pub(super) use credentials::Credentials;

/// A format: its test by content, and its reader.
type Format = (fn(&[u8]) -> bool, fn(&[u8], &Path) -> Result<Cassette, Error>);

/// In the order in which they are tried: the test proxy takes what .NET's recorder did not write.
const FORMATS: [Format; 7] = [
    (dotnet::recognise, dotnet::read),
    (test_proxy::recognise, test_proxy::read),
    (java::recognise, java::read),
    (har::recognise, har::read),
    (ruby_vcr::recognise, ruby_vcr::read),
    (go_vcr::recognise, go_vcr::read),
    (vcrpy::recognise, vcrpy::read),
];

/// Reads a recording in whatever foreign format its content shows; `None` where it shows none that
/// is known. `path` is only named: nothing is opened.
#[must_use]
pub(super) fn read(bytes: &[u8], path: &Path, credentials: Credentials) -> Option<Result<Cassette, Error>> {
    let (_, read) = FORMATS.iter().find(|(recognise, _)| recognise(bytes))?;
    Some(read(bytes, path).map(|cassette| credentials.of(cassette)))
}

/// Whether the content shows one of the foreign formats.
pub(super) fn is_known(bytes: &[u8]) -> bool {
    FORMATS.iter().any(|(recognise, _)| recognise(bytes))
}

#[cfg(test)]
mod tests;
