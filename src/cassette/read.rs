//! A cassette out of its text: the version first, then the shape of that version.

mod v1;

use std::path::Path;

use serde::Deserialize;

use super::{
    Cassette, Error, ErrorKind, Interaction, VERSION,
    foreign::{self, Credentials},
    sidecar,
};
use v1::{FileV1, InteractionV1, StandInV1};

impl Cassette {
    /// Reads a recording from the disk: a cassette, or a foreign format, told apart by content.
    ///
    /// # Errors
    ///
    /// [`Error`] with the file, the place in it and what was expected there.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::load_with_lines(path).map(|(cassette, _)| cassette)
    }

    /// As [`Cassette::load`], with the line on which each interaction begins, from 1.
    ///
    /// # Errors
    ///
    /// As [`Cassette::load`].
    pub fn load_with_lines(path: &Path) -> Result<(Self, Vec<u64>), Error> {
        load(path, Credentials::Dropped)
    }

    /// As [`Cassette::load_with_lines`], with the credentials that a foreign recording holds: for who looks
    /// for them. They are on no tape that is replayed or written.
    ///
    /// # Errors
    ///
    /// As [`Cassette::load`].
    pub fn load_with_credentials(path: &Path) -> Result<(Self, Vec<u64>), Error> {
        load(path, Credentials::Kept)
    }

    /// Reads a recording that is in memory; `path` is for messages alone. Bodies that lie in files
    /// of their own stay there.
    ///
    /// # Errors
    ///
    /// As [`Cassette::load`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        read(bytes, path, Credentials::Dropped).map(|(cassette, _)| cassette)
    }
}

fn load(path: &Path, credentials: Credentials) -> Result<(Cassette, Vec<u64>), Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::new(path, ErrorKind::Io(error)))?;
    let (mut cassette, lines) = read(&bytes, path, credentials)?;
    sidecar::bring_back(&mut cassette, path)?;
    Ok((cassette, lines))
}

/// Whether a file holds a recording of any format, told by its content: also one that was cut off, or that a
/// merge has torn.
#[must_use]
pub fn holds_recording(path: &Path) -> bool {
    // A pipe would wait for its writer.
    path.is_file() && std::fs::read(path).is_ok_and(|bytes| is_recording(&bytes, path))
}

/// Whether this is the content of a recording of any known format, a damaged one included; `path` is for messages
/// alone.
pub(crate) fn is_recording(bytes: &[u8], path: &std::path::Path) -> bool {
    begins_a_cassette(bytes)
        || foreign::is_known(bytes)
        || (mark_of_a_merge(bytes).is_some() && bytes.windows(9).any(|bytes| bytes == b"\"armtape\""))
        || read_whole(bytes, path, Credentials::Dropped).is_ok()
}

/// A recording with the line on which each interaction begins.
fn read(bytes: &[u8], path: &Path, credentials: Credentials) -> Result<(Cassette, Vec<u64>), Error> {
    read_whole(bytes, path, credentials).map_err(|error| match (&error.kind, mark_of_a_merge(bytes)) {
        (ErrorKind::Sidecar { .. } | ErrorKind::TooNew { .. }, _) | (_, None) => error,
        (_, Some(line)) => Error::new(path, ErrorKind::Torn { line }),
    })
}

/// The line on which a merge has left its first mark, from 1.
fn mark_of_a_merge(bytes: &[u8]) -> Option<usize> {
    bytes.split(|byte| *byte == b'\n').position(|line| line.starts_with(b"<<<<<<< ")).map(|line| line + 1)
}

fn read_whole(bytes: &[u8], path: &Path, credentials: Credentials) -> Result<(Cassette, Vec<u64>), Error> {
    let fail = |kind| Error::new(path, kind);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(fail(ErrorKind::Empty));
    }
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(fail(ErrorKind::Unrecognised { found: looks_like(bytes) }));
    }
    let version = match version_at_the_top(bytes).map_or_else(|| serde_json::from_slice(bytes), Ok) {
        Ok(Head { armtape: Some(version) }) => version,
        // Cut off or mistyped: the reader of the shape says where.
        Err(_) if looks_like_ours(bytes) => VERSION,
        parsed => match (foreign::read(bytes, path, credentials), parsed) {
            (Some(read), _) => return read.map(with_lines),
            (None, Err(error)) if !error.is_data() && bytes.trim_ascii_start().starts_with(b"{") => {
                return Err(fail(explain(&error, &Place { json_path: String::new(), line: 1 }, ".")));
            }
            (None, _) => return Err(fail(ErrorKind::Unrecognised { found: looks_like(bytes) })),
        },
    };
    match version {
        0 => Err(fail(ErrorKind::Shape {
            json_path: "armtape".to_owned(),
            line: 1,
            message: "there is no version 0".to_owned(),
        })),
        VERSION => read_v1(bytes).map_err(fail),
        found => Err(fail(ErrorKind::TooNew { found, supported: VERSION })),
    }
}

/// Readers of foreign formats note the lines on the interactions themselves.
fn with_lines(cassette: Cassette) -> (Cassette, Vec<u64>) {
    let line = |interaction: &Interaction| interaction.provenance.as_ref().map_or(1, |provenance| provenance.line);
    let lines = cassette.interactions.iter().map(line).collect();
    (cassette, lines)
}

/// Just the version: read before the shape, since the shape depends on it.
#[derive(Deserialize)]
struct Head {
    armtape: Option<u64>,
}

fn looks_like_ours(bytes: &[u8]) -> bool {
    behind_our_word(bytes).is_some()
}

/// Whether these are the first bytes of a cassette of ours. What armtape reports has the same word before it.
pub(super) fn begins_a_cassette(bytes: &[u8]) -> bool {
    const NEXT: [&[u8]; 5] = [b"command", b"recorded", b"variables", b"stand_ins", b"interactions"];
    let next = || {
        let value = behind_our_word(bytes)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let name = value[digits..].trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
        // Or a merge has torn it here.
        Some(
            name.starts_with(b"<<<<<<<")
                || NEXT.iter().any(|next| name.get(1..).is_some_and(|name| name.starts_with(next))),
        )
    };
    next().unwrap_or(false)
}

/// What follows `{ "armtape"`.
fn behind_our_word(bytes: &[u8]) -> Option<&[u8]> {
    bytes.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"armtape\"")
}

/// The version where we write it, without a walk through the whole file.
fn version_at_the_top(bytes: &[u8]) -> Option<Head> {
    let value = behind_our_word(bytes)?.trim_ascii_start().strip_prefix(b":")?;
    let version = serde_json::Deserializer::from_slice(value).into_iter::<u64>().next()?.ok()?;
    Some(Head { armtape: Some(version) })
}

fn looks_like(bytes: &[u8]) -> String {
    match bytes.trim_ascii_start() {
        [b'{', ..] => "a JSON object without `armtape`".to_owned(),
        [b'[', ..] => "a JSON array".to_owned(),
        [b'<', ..] => "HTML or XML".to_owned(),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "text in UTF-16; save it as UTF-8".to_owned(),
        _ if bytes.contains(&0) => "a binary file".to_owned(),
        _ => "text of no known format".to_owned(),
    }
}

fn read_v1(bytes: &[u8]) -> Result<(Cassette, Vec<u64>), ErrorKind> {
    let file: FileV1<'_> = parse(bytes, &Place { json_path: String::new(), line: 1 })?;
    let mut interactions = Vec::with_capacity(file.interactions.len());
    let mut lines = Vec::with_capacity(file.interactions.len());
    // The text before an interaction is counted once, not once for each.
    let (mut counted, mut line) = (0, 1);
    for (number, raw) in file.interactions.into_iter().enumerate() {
        let offset = raw.get().as_ptr() as usize - bytes.as_ptr() as usize;
        line += newlines(&bytes[counted..offset]);
        counted = offset;
        lines.push(line as u64);
        let place = Place { json_path: format!("interactions[{number}]"), line };
        interactions.push(interaction_at(raw.get().as_bytes(), &place)?);
    }
    let cassette = Cassette {
        command: file.command,
        recorded: file.recorded,
        variables: file.variables,
        stand_ins: file.stand_ins.into_iter().map(StandInV1::into_model).collect(),
        interactions,
    };
    Ok((cassette, lines))
}

/// One interaction, as it stands in a cassette.
pub(super) fn interaction(text: &[u8]) -> Result<Interaction, ErrorKind> {
    interaction_at(text, &Place { json_path: String::new(), line: 1 })
}

fn interaction_at(text: &[u8], place: &Place) -> Result<Interaction, ErrorKind> {
    let interaction: InteractionV1<'_> = parse(text, place)?;
    interaction.into_model().map_err(|wrong| ErrorKind::Shape {
        json_path: format!("{}.{}", place.json_path, wrong.json_path),
        line: place.line,
        message: wrong.message,
    })
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// Where a part of the file begins.
struct Place {
    json_path: String,
    line: usize,
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], place: &Place) -> Result<T, ErrorKind> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let below = error.path().to_string();
        explain(error.inner(), place, &below)
    })?;
    deserializer.end().map_err(|error| explain(&error, place, "."))?;
    Ok(parsed)
}

fn explain(error: &serde_json::Error, place: &Place, below: &str) -> ErrorKind {
    // serde_json says the place itself at the end of its words; we say it once.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    let line = place.line + error.line().saturating_sub(1);
    if error.is_data() {
        let json_path = match (place.json_path.as_str(), below) {
            (above, ".") if !above.is_empty() => above.to_owned(),
            ("", below) => below.to_owned(),
            (above, below) => format!("{above}.{below}"),
        };
        ErrorKind::Shape { json_path, line, message }
    } else {
        ErrorKind::Syntax { line, column: error.column(), message }
    }
}
