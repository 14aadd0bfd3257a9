//! What stands in a journal: the head, and records that a reader can check and find again.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
};

use serde::Deserialize;

use super::Cleared;
use crate::cassette::{Interaction, read};

/// The version that is written, and the newest that is read.
pub(super) const VERSION: u64 = 1;

#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(rename = "armtape-journal")]
    pub(super) version: u64,
    pub(super) pid: u32,
    #[serde(default)]
    pub(super) command: Vec<String>,
    pub(super) recorded: Option<String>,
}

pub(super) fn head_line(command: &[String], recorded: &str) -> String {
    let head = serde_json::json!({
        "armtape-journal": VERSION,
        "pid": std::process::id(),
        "command": command,
        "recorded": recorded,
    });
    format!("{head}\n")
}

/// A record: place, length and checksum in a line, then the interaction as a cassette has it.
pub(super) fn record(place: u64, cleared: &impl Cleared) -> String {
    let text = cleared.interaction().to_text();
    format!("{place} {} {:08x}\n{text}\n", text.len(), checksum(place, text.as_bytes()))
}

/// Over everything that must not change unseen.
fn checksum(place: u64, text: &[u8]) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(&place.to_le_bytes());
    checksum.update(text);
    checksum.sum()
}

/// The head of a journal that may be somebody else's.
pub(super) fn head(file: &mut File) -> Option<Head> {
    let mut bytes = Vec::new();
    file.rewind().ok()?;
    file.take(64 * 1024).read_to_end(&mut bytes).ok()?;
    parse_head(&bytes).map(|(head, _)| head)
}

/// The head, and where the records begin. Bytes.
pub(super) fn parse_head(bytes: &[u8]) -> Option<(Head, usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    Some((head, end + 1))
}

/// The record at `at`: place, interaction, and where the next one begins.
pub(super) fn read_record(bytes: &[u8], at: usize) -> Option<(u64, Interaction, usize)> {
    let line_end = at + bytes[at..].iter().take(64).position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[at..line_end]).ok()?;
    let mut words = line.split(' ');
    let place = words.next()?.parse().ok()?;
    let length: usize = words.next()?.parse().ok()?;
    let written = u32::from_str_radix(words.next()?, 16).ok()?;
    let start = line_end + 1;
    let end = start.checked_add(length)?;
    let text = bytes.get(start..end)?;
    if checksum(place, text) != written || bytes.get(end) != Some(&b'\n') {
        return None;
    }
    Some((place, read::interaction(text).ok()?, end + 1))
}
