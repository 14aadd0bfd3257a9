//! Text inside text: JSON strings, percent-encoding, XML entities, base64. A value is found in the
//! decoded text and replaced in the outer one, where nothing else changes its spelling.

use std::{borrow::Cow, ops::Range};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// A part of a text and what stands there from now on.
#[derive(Clone)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) new: String,
}

/// Makes the edits, which are in order and do not overlap.
pub(super) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.new);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Decoded text that knows where each of its bytes came from.
pub(super) struct Decoded<'a> {
    raw: &'a str,
    pub(super) text: Cow<'a, str>,
    /// By byte of the text, and for its end: the place in the raw text. Empty where they are the same.
    places: Vec<usize>,
    encode: fn(&str, &str) -> String,
}

impl<'a> Decoded<'a> {
    fn same(raw: &'a str, encode: fn(&str, &str) -> String) -> Self {
        Self { raw, text: Cow::Borrowed(raw), places: Vec::new(), encode }
    }

    /// Edits of the decoded text as edits of the raw one, `offset` bytes further on.
    pub(super) fn outward(&self, edits: Vec<Edit>, offset: usize) -> impl Iterator<Item = Edit> {
        edits.into_iter().map(move |edit| {
            let place = |at: usize| self.places.get(at).copied().unwrap_or(at);
            let range = place(edit.range.start)..place(edit.range.end);
            let new = (self.encode)(&edit.new, &self.raw[range.clone()]);
            Edit { range: range.start + offset..range.end + offset, new }
        })
    }
}

/// The inside of a JSON string. Wrong escapes stand for themselves.
pub(super) fn json_string(raw: &str) -> Decoded<'_> {
    let encode = |new: &str, _: &str| {
        let quoted = serde_json::Value::from(new).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    if !raw.contains('\\') {
        return Decoded::same(raw, encode);
    }
    decoded(raw, encode, |rest| {
        let simple = |letter: char| Some((letter.to_string(), 2));
        match rest.as_bytes() {
            [b'\\', b'n', ..] => simple('\n'),
            [b'\\', b'r', ..] => simple('\r'),
            [b'\\', b't', ..] => simple('\t'),
            [b'\\', b'b', ..] => simple('\u{8}'),
            [b'\\', b'f', ..] => simple('\u{c}'),
            [b'\\', letter @ (b'"' | b'\\' | b'/'), ..] => simple(char::from(*letter)),
            [b'\\', b'u', ..] => {
                let unit = |text: Option<&str>| u16::from_str_radix(text?, 16).ok();
                let first = unit(rest.get(2..6))?;
                let second = rest.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| unit(rest.get(8..12)));
                match (char::from_u32(first.into()), second) {
                    (Some(letter), _) => Some((letter.to_string(), 6)),
                    (None, Some(second)) => String::from_utf16(&[first, second]).ok().map(|letter| (letter, 12)),
                    (None, None) => None,
                }
            }
            _ => None,
        }
    })
}

/// Percent-encoding; `None` where there is none.
pub(super) fn percent(raw: &str) -> Option<Decoded<'_>> {
    let byte = |at: usize| {
        let hex = raw.as_bytes().get(at..at + 3)?;
        let digits = std::str::from_utf8(hex).ok()?.strip_prefix('%')?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
    };
    raw.match_indices('%').find(|(at, _)| byte(*at).is_some())?;
    Some(decoded(raw, percent_encode, |rest| {
        let at = raw.len() - rest.len();
        let first = byte(at)?;
        // A letter of several bytes is one only if all of them are there.
        let length = match first {
            0..=0x7f => 1,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        let bytes: Option<Vec<u8>> = (0..length).map(|number| byte(at + 3 * number)).collect();
        String::from_utf8(bytes?).ok().map(|letter| (letter, 3 * length))
    }))
}

/// As the replaced text was: encoded if that was, in the same case.
fn percent_encode(new: &str, replaced: &str) -> String {
    if !replaced.contains('%') {
        return new.to_owned();
    }
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let encoded = percent_encoding::utf8_percent_encode(new, KEPT).to_string();
    let is_lower = replaced.match_indices('%').any(|(at, _)| {
        replaced.get(at + 1..at + 3).is_some_and(|hex| hex.bytes().any(|byte| byte.is_ascii_lowercase()))
    });
    if !is_lower {
        return encoded;
    }
    let mut lower = String::with_capacity(encoded.len());
    let mut hex = 0;
    for letter in encoded.chars() {
        lower.push(if hex > 0 { letter.to_ascii_lowercase() } else { letter });
        hex = if letter == '%' { 2 } else { usize::saturating_sub(hex, 1) };
    }
    lower
}

/// XML and HTML entities; `None` where there is none.
pub(super) fn entities(raw: &str) -> Option<Decoded<'_>> {
    fn entity(rest: &str) -> Option<(String, usize)> {
        let name = rest.strip_prefix('&')?;
        let end = name.as_bytes().iter().take(8).position(|byte| *byte == b';')?;
        let letter = match &name[..end] {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        };
        Some((letter.to_string(), end + 2))
    }
    raw.match_indices('&').find(|(at, _)| entity(&raw[*at..]).is_some())?;
    let encode =
        |new: &str, _: &str| new.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    Some(decoded(raw, encode, entity))
}

/// Decodes with `escape`, which gives the text and the raw length of an escape that stands first.
fn decoded<'a>(
    raw: &'a str,
    encode: fn(&str, &str) -> String,
    escape: impl Fn(&str) -> Option<(String, usize)>,
) -> Decoded<'a> {
    let mut text = String::with_capacity(raw.len());
    let mut places = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while at < raw.len() {
        let special = matches!(raw.as_bytes()[at], b'\\' | b'%' | b'&');
        if let Some((letters, length)) = special.then(|| escape(&raw[at..])).flatten() {
            places.extend(std::iter::repeat_n(at, letters.len()));
            text.push_str(&letters);
            at += length;
        } else {
            let length = raw[at..].chars().next().map_or(1, char::len_utf8);
            places.extend(at..at + length);
            text.push_str(&raw[at..at + length]);
            at += length;
        }
    }
    places.push(raw.len());
    Decoded { raw, text: Cow::Owned(text), places, encode }
}

/// Shorter text is not taken for base64.
const SHORTEST_BASE64: usize = 16;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Text in base64, and how it was written.
pub(super) struct Base64 {
    pub(super) text: String,
    url_safe: bool,
    padded: bool,
    unpadded: bool,
}

impl Base64 {
    /// Reads readable text out of base64; `None` where it is none.
    pub(super) fn decode(raw: &str) -> Option<Self> {
        if raw.len() < SHORTEST_BASE64 {
            return None;
        }
        let url_safe = raw.contains(['-', '_']);
        let engine = if url_safe { &URL_SAFE } else { &STANDARD };
        // Most words are no base64 of text, which the first letters show.
        let first = engine.decode(&raw.as_bytes()[..4]).ok()?;
        let readable = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
        if !first.iter().all(readable) {
            return None;
        }
        let text = String::from_utf8(engine.decode(raw).ok()?).ok()?;
        text.bytes().all(|byte| readable(&byte)).then(|| Self {
            text,
            url_safe,
            padded: raw.ends_with('='),
            unpadded: !raw.len().is_multiple_of(4),
        })
    }

    /// Writes another text in the same way.
    pub(super) fn encode(&self, text: &str) -> String {
        let mut encoded = if self.url_safe { URL_SAFE.encode(text) } else { STANDARD.encode(text) };
        // Without padding and of a length that needs none: nobody knows what the writer would do.
        if self.unpadded || (self.url_safe && !self.padded) {
            encoded.truncate(encoded.trim_end_matches('=').len());
        }
        encoded
    }
}

/// Words that may be base64. One with slashes in it may be a path as well: then its parts may be.
pub(super) fn base64_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let start = at + bytes[at..].iter().position(|byte| is_part(*byte))?;
            let length = bytes[start..].iter().take_while(|byte| is_part(**byte)).count();
            // Padding ends a word.
            let padding = bytes[start..start + length].iter().position(|byte| *byte == b'=');
            let end = padding.map_or(start + length, |padding| {
                start
                    + padding
                    + bytes[start + padding..start + length].iter().take_while(|byte| **byte == b'=').count()
            });
            at = end;
            if end - start >= SHORTEST_BASE64 {
                return Some(start..end);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(decoded: &Decoded<'_>, what: &str, new: &str) -> String {
        let start = decoded.text.find(what).unwrap();
        let edits = vec![Edit { range: start..start + what.len(), new: new.to_owned() }];
        apply(decoded.raw, &decoded.outward(edits, 0).collect::<Vec<_>>())
    }

    #[test]
    fn a_value_is_replaced_and_everything_else_keeps_its_spelling() {
        assert_eq!(replaced(&json_string(r"\u0061\/s\u00e9\ud83d\ude00c\n"), "sé😀c", "\"x\""), r#"\u0061\/\"x\"\n"#);
        assert_eq!(replaced(&percent("%61=s%2Bx%c3%a9&b=%zz").unwrap(), "s+xé", "+"), "%61=%2b&b=%zz");
        assert_eq!(replaced(&percent("%2F?a=b/c").unwrap(), "b/c", "+/="), "%2F?a=+/=");
        assert_eq!(replaced(&entities("a&amp;b=&#x63;&lt;").unwrap(), "b=c", "x&y"), "a&amp;x&amp;y&lt;");
        assert!(percent("100% of %zz").is_none());
        assert!(entities("a&b;c & d").is_none());
    }

    #[test]
    fn text_in_base64_is_read_and_written_in_the_same_way() {
        for raw in ["eyJzdWIiOiJhPz4/In0=", "eyJzdWIiOiJhPz4_In0", "eyJzdWIiOiJhPz4/In0"] {
            let found = Base64::decode(raw).unwrap();
            assert_eq!(found.encode(&found.text), raw);
        }
        assert!(Base64::decode("0123456789abcdef0123").is_none());
        assert!(
            Base64::decode("no letter ends ünder four: ö").is_none() && Base64::decode("abcö efgh ijkl mnop").is_none()
        );
        let words: Vec<_> =
            base64_words("x=eyJzdWIiOiJhPz4/In0= y/aaaaaaaaaaaaaaaaaaaa").map(|word| word.start).collect();
        assert_eq!(words, [2, 23]);
    }
}
