//! Content codings (RFC 9110 section 8.4): taken off for the tape, put on again for the client.

use std::io::{Read as _, Write as _};

use bytes::Bytes;
use flate2::{
    Compression,
    read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};

/// Most bytes that a coded body may unfold to. ARM itself gives up at 8 MB (S-02); this leaves
/// room for every real answer and stops a bomb.
const MOST: u64 = 64 * 1024 * 1024;

/// Bytes at a time.
const BROTLI_BUFFER: usize = 16 * 1024;

/// A body cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodingError {
    /// A coding that we do not know.
    #[error("content coding `{0}` is not known")]
    Unknown(String),
    /// The bytes are not what the header says.
    #[error("the body is not valid `{0}`")]
    Broken(String),
    /// It unfolds to more than the bound.
    #[error("the body unfolds to more than 64 MiB")]
    TooLarge,
}

/// Takes off the codings that `content-encoding` lists.
///
/// # Errors
///
/// Where one is unknown, the bytes are broken, or the result is too large.
pub fn decode(content_encoding: &str, body: Bytes) -> Result<Bytes, CodingError> {
    decode_with(content_encoding, body, Ending::Whole)
}

/// As [`decode`], for a body that was cut short: as much of it as can be read.
///
/// # Errors
///
/// Where a coding is unknown, or the result is too large.
pub fn decode_beginning(content_encoding: &str, body: Bytes) -> Result<Bytes, CodingError> {
    decode_with(content_encoding, body, Ending::Cut)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    Cut,
}

fn decode_with(content_encoding: &str, mut body: Bytes, ending: Ending) -> Result<Bytes, CodingError> {
    let unfold = |coding: &str, decoder: &mut dyn std::io::Read| unfold(coding, decoder, ending);
    for coding in content_encoding.split(',').rev().map(str::trim) {
        let coding = coding.to_ascii_lowercase();
        body = match coding.as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => unfold(&coding, &mut MultiGzDecoder::new(&body[..]))?,
            // In the wild "deflate" is zlib, as it should be, or raw.
            "deflate" => match unfold(&coding, &mut ZlibDecoder::new(&body[..])) {
                Err(CodingError::Broken(_)) => unfold(&coding, &mut DeflateDecoder::new(&body[..]))?,
                decoded => decoded?,
            },
            "br" => unfold(&coding, &mut brotli::Decompressor::new(&body[..], BROTLI_BUFFER))?,
            "zstd" => match zstd::stream::read::Decoder::new(&body[..]) {
                Ok(mut decoder) => unfold(&coding, &mut decoder)?,
                Err(_) => return Err(CodingError::Broken(coding)),
            },
            _ => return Err(CodingError::Unknown(coding)),
        };
    }
    Ok(body)
}

fn unfold(coding: &str, decoder: &mut dyn std::io::Read, ending: Ending) -> Result<Bytes, CodingError> {
    let mut out = Vec::new();
    if decoder.take(MOST + 1).read_to_end(&mut out).is_err() && ending == Ending::Whole {
        return Err(CodingError::Broken(coding.to_owned()));
    }
    if out.len() as u64 > MOST { Err(CodingError::TooLarge) } else { Ok(out.into()) }
}

/// Puts on one coding, if we know it and the client accepts it.
#[must_use]
pub fn encode(content_encoding: &str, accept_encoding: &str, body: &[u8]) -> Option<Bytes> {
    let coding = content_encoding.trim().to_ascii_lowercase();
    let accepted = accept_encoding.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| part.replace(' ', "").trim_end_matches(['0', '.']) == "q=");
        (name.eq_ignore_ascii_case(&coding) || name == "*") && !refused
    });
    if !accepted {
        return None;
    }
    let coded = match coding.as_str() {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        "br" => {
            // Quality 4 of 11: bodies are small, and nobody waits.
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), BROTLI_BUFFER, 4, 20);
            encoder.write_all(body).map(|()| encoder.into_inner())
        }
        "zstd" => zstd::stream::encode_all(body, 1),
        _ => return None,
    };
    coded.ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_on_comes_off() {
        let body = b"a body, a body, a body";
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let coded = encode(coding, "gzip, deflate;q=0.5, br, zstd", body).unwrap();
            assert_ne!(&coded[..], body);
            assert_eq!(&decode(coding, coded).unwrap()[..], body);
        }
        let twice = encode("gzip", "*", &encode("deflate", "deflate", body).unwrap()).unwrap();
        assert_eq!(&decode("deflate, gzip", twice).unwrap()[..], body);
    }

    #[test]
    fn a_coding_that_is_refused_or_unknown_is_not_put_on() {
        assert_eq!(encode("gzip", "gzip;q=0", b"x"), None);
        assert_eq!(encode("gzip", "identity", b"x"), None);
        assert_eq!(encode("compress", "compress", b"x"), None);
    }

    #[test]
    fn what_cannot_be_decoded_is_said() {
        assert!(matches!(decode("compress", Bytes::from("x")), Err(CodingError::Unknown(_))));
        for coding in ["gzip", "deflate", "br", "zstd"] {
            assert!(matches!(decode(coding, Bytes::from("no such")), Err(CodingError::Broken(_))), "{coding}");
            let mut cut = encode(coding, "*", b"whole, whole, whole").unwrap();
            cut.truncate(cut.len() - 2);
            assert!(matches!(decode(coding, cut.clone()), Err(CodingError::Broken(_))), "{coding}, cut");
            let beginning = decode_beginning(coding, cut).unwrap();
            assert!(b"whole, whole, whole".starts_with(&beginning), "{coding}, cut");
        }
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..65 {
            bomb.write_all(&vec![0; 1024 * 1024]).unwrap();
        }
        assert!(matches!(decode("gzip", bomb.finish().unwrap().into()), Err(CodingError::TooLarge)));
    }
}
