//! Bodies that a recorder kept in their coding. Most took it off and left the header.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::cassette::Headers;

/// A coded body may unfold to so many times its size, and a little: what bounds the memory that a
/// file takes by its size. JSON is rarely folded to less than a thirtieth.
const FOLDED: usize = 200;
const SMALL: usize = 64 * 1024;

const BROTLI_BUFFER: usize = 16 * 1024;

/// The body without the coding that `content-encoding` names, if it still has that. The header stays:
/// it says which coding the body had.
pub(super) fn decoded(body: Bytes, headers: &Headers, notes: &mut Vec<String>) -> Bytes {
    let coding = headers.get("content-encoding").unwrap_or_default().trim().to_ascii_lowercase();
    if body.is_empty() || matches!(coding.as_str(), "" | "identity") {
        return body;
    }
    // Bytes that were taken for text in Latin-1.
    let bytes = latin1(&body).map_or(body.clone(), Bytes::from);
    let unfolded = match coding.as_str() {
        "gzip" | "x-gzip" if bytes.starts_with(b"\x1f\x8b") => unfold(MultiGzDecoder::new(&bytes[..]), bytes.len()),
        "deflate" if bytes.first().is_some_and(|first| first & 0x0f == 8) => {
            unfold(ZlibDecoder::new(&bytes[..]), bytes.len())
        }
        // No mark tells brotli from text: what is text was decoded.
        "br" if std::str::from_utf8(&body).is_err() => {
            unfold(brotli::Decompressor::new(&bytes[..], BROTLI_BUFFER), bytes.len())
        }
        _ => return body,
    };
    unfolded.map_or_else(
        || {
            notes.push(format!("A body in the coding {coding} could not be decoded, and is kept as it was."));
            body
        },
        Bytes::from,
    )
}

fn unfold(decoder: impl Read, folded: usize) -> Option<Vec<u8>> {
    let most = folded.saturating_mul(FOLDED).saturating_add(SMALL);
    let mut out = Vec::new();
    decoder.take(most as u64 + 1).read_to_end(&mut out).ok()?;
    (out.len() <= most).then_some(out)
}

/// The bytes behind a text that begins as gzip does and has no letter above U+00FF.
fn latin1(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body.strip_prefix("\u{1f}\u{8b}".as_bytes()).map(|_| body)?).ok()?;
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn of(coding: &str, body: &[u8]) -> (Vec<u8>, usize) {
        let headers = [("Content-Encoding", coding)].into_iter().collect();
        let mut notes = Vec::new();
        let body = decoded(Bytes::copy_from_slice(body), &headers, &mut notes);
        (body.to_vec(), notes.len())
    }

    #[test]
    fn a_coding_is_taken_off_where_it_is_still_there() {
        let coded = gzip("{\"a\":1}");
        assert_eq!(of("gzip", &coded), (b"{\"a\":1}".to_vec(), 0));
        let as_text: String = coded.iter().copied().map(char::from).collect();
        assert_eq!(of("GZIP", as_text.as_bytes()), (b"{\"a\":1}".to_vec(), 0));
        assert_eq!(of("gzip", b"{\"a\":1}"), (b"{\"a\":1}".to_vec(), 0));
        assert_eq!(of("", &coded), (coded.clone(), 0));
        assert_eq!(of("br", b"text"), (b"text".to_vec(), 0));
        let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(b"{}").unwrap();
        assert_eq!(of("deflate", &deflate.finish().unwrap()), (b"{}".to_vec(), 0));
        let mut br = brotli::CompressorWriter::new(Vec::new(), 4096, 4, 20);
        br.write_all("{\"b\":\"é\"}".repeat(40).as_bytes()).unwrap();
        assert_eq!(of("br", &br.into_inner()), ("{\"b\":\"é\"}".repeat(40).into_bytes(), 0));
    }

    #[test]
    fn what_is_broken_or_a_bomb_is_kept_and_said() {
        let coded = gzip("{\"a\":1}");
        assert_eq!(of("gzip", &coded[..12]), (coded[..12].to_vec(), 1));
        let bomb = gzip(&"0".repeat(40 * 1024 * 1024));
        assert_eq!(of("gzip", &bomb), (bomb.clone(), 1));
    }
}
