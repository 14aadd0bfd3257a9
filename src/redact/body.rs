//! Bodies: whatever is text in them is walked over; what cannot be looked into is not kept.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::walk::Walk;
use crate::cassette::Body;

/// How an archive begins: nobody looks into it.
const CLOSED: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf", "7z"),
];

/// Walks over a body; a remark, where it was not kept.
pub(super) fn body(walk: &mut Walk<'_>, body: &mut Body) -> Option<String> {
    let bytes = body.bytes()?;
    if let Some((_, form)) = CLOSED.iter().find(|(start, _)| bytes.starts_with(start)) {
        *body = Body::Empty;
        return Some(format!("not kept: nobody can look into {form}: {}", fingerprint(&bytes)));
    }
    if let Some(new) = redacted(walk, &bytes) {
        *body = Body::from_bytes(new.into());
    }
    None
}

fn redacted(walk: &mut Walk<'_>, bytes: &Bytes) -> Option<Vec<u8>> {
    if let Some(big_endian) = wide(bytes) {
        return wide_text(walk, bytes, big_endian);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return walk.text(None, text).map(String::into_bytes);
    }
    // Any other bytes: what is ASCII in them is found.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let new = walk.text(None, &text)?;
    Some(new.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect())
}

/// Whether a body is UTF-16, and then whether its big ends come first. Without a mark: text whose every
/// second byte is zero.
fn wide(bytes: &[u8]) -> Option<bool> {
    match bytes.get(..2)? {
        [0xff, 0xfe] => return Some(false),
        [0xfe, 0xff] => return Some(true),
        _ => {}
    }
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    let is_even = bytes.len() >= 8 && bytes.len().is_multiple_of(2);
    match (is_even && zeros(1), is_even && zeros(0)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

fn wide_text(walk: &mut Walk<'_>, bytes: &[u8], big_endian: bool) -> Option<Vec<u8>> {
    let unit = |pair: &[u8]| match pair {
        [first, second] if big_endian => u16::from_be_bytes([*first, *second]),
        [first, second] => u16::from_le_bytes([*first, *second]),
        _ => 0xfffd,
    };
    let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
    let new = walk.text(None, &String::from_utf16_lossy(&units))?;
    let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    Some(new.encode_utf16().flat_map(bytes).collect())
}

/// Size and hash of what is not kept.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} bytes, sha256-{hash}", bytes.len())
}
