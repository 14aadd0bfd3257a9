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
    if let Ok(text) = std::str::from_utf8(bytes) {
        return walk.text(None, text).map(String::into_bytes);
    }
    let big_endian = match bytes.get(..2)? {
        [0xff, 0xfe] => Some(false),
        [0xfe, 0xff] => Some(true),
        _ => None,
    };
    if let Some(big_endian) = big_endian {
        let unit = |pair: &[u8]| match pair {
            [first, second] if big_endian => u16::from_be_bytes([*first, *second]),
            [first, second] => u16::from_le_bytes([*first, *second]),
            _ => 0xfffd,
        };
        let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
        let new = walk.text(None, &String::from_utf16_lossy(&units))?;
        let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        return Some(new.encode_utf16().flat_map(bytes).collect());
    }
    // Any other bytes: what is ASCII in them is found.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let new = walk.text(None, &text)?;
    Some(new.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect())
}

/// Size and hash of what is not kept.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} bytes, sha256-{hash}", bytes.len())
}
