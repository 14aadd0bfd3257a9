//! YAML as the VCR family writes it, read through serde-saphyr.
//!
//! A recording is no configuration file: it may be large, so that the limits are made of its size; it
//! is data, so that tags run nothing and aliases are bounded.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::GeneralPurpose};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_path_to_error::Segment;
use serde_saphyr::{Error as YamlError, Options, Tagged};

use super::{
    content::{beginning, value_of, without_mark},
    shape::Part,
};
use crate::cassette::{Error, ErrorKind};

/// A recording is shallow: interactions, a side, headers, values. The rest is for what is not read.
const DEPTH: usize = 64;

/// Base64 as YAML has it: any white space, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new()
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// One document of a file.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    text: &'a str,
    /// Lines before it.
    above: usize,
}

/// The documents of a file. A line that begins with `---` begins one, wherever it stands: neither
/// a block nor a quoted text may hold such a line.
pub(super) fn documents<'a>(bytes: &'a [u8], part: Part<'_>) -> Result<Vec<Document<'a>>, Error> {
    let text = without_mark(bytes);
    let text = std::str::from_utf8(text).map_err(|error| {
        let line = 1 + text[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Error::new(part.path, ErrorKind::Encoding { line })
    })?;
    let (mut found, mut begin, mut above) = (Vec::new(), 0, 0);
    let (mut at, mut line) = (0, 0);
    for piece in text.split_inclusive('\n') {
        let is_mark =
            piece.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        if is_mark && at > begin {
            found.push(Document { text: &text[begin..at], above });
            (begin, above) = (at, line);
        }
        at += piece.len();
        line += 1;
    }
    found.push(Document { text: &text[begin..], above });
    found.retain(|document| document.text.lines().any(|line| !matches!(line.trim(), "" | "---" | "...")));
    Ok(found)
}

impl Document<'_> {
    /// Reads the document as `T`.
    pub(super) fn parse<T: DeserializeOwned>(self, part: Part<'_>) -> Result<T, Error> {
        let mut json_path = String::new();
        let parsed =
            serde_saphyr::with_deserializer_from_str_with_options(self.text, options(self.text.len()), |inner| {
                serde_path_to_error::deserialize(inner).map_err(|error| {
                    json_path = path(error.path());
                    error.into_inner()
                })
            });
        parsed.map_err(|error| Error::new(part.path, self.explain(&error, json_path)))
    }

    /// The line in the file of a place in the document.
    pub(super) fn line(self, location: serde_saphyr::Location) -> usize {
        self.above + usize::try_from(location.line()).unwrap_or(1).max(1)
    }

    fn explain(self, error: &YamlError, json_path: String) -> ErrorKind {
        let error = error.without_snippet();
        let (line, column) = error.location().map_or((self.above + 1, 1), |location| {
            (self.line(location), usize::try_from(location.column()).unwrap_or(1))
        });
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default();
        // It says the place itself at the end of its words; we say it once, and in lines of the file.
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        let message = in_our_words(&message);
        if json_path.is_empty() {
            ErrorKind::Yaml { line, column, message }
        } else {
            ErrorKind::Shape { json_path, line, message }
        }
    }
}

/// The parser speaks to programmers.
fn in_our_words(message: &str) -> String {
    if message.starts_with("budget breached") || message.starts_with("alias replay") {
        return "aliases make more of it than stands in the file, or it is deeper than a recording is".to_owned();
    }
    match message.strip_prefix("invalid ") {
        Some("u64") => "expected a number".to_owned(),
        _ => message
            .split(", set ")
            .next()
            .unwrap_or_default()
            .split("; use Option")
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// Limits by the size of the document: nothing that stands in it once is refused, and what aliases
/// make of it is no more than it is.
fn options(size: usize) -> Options {
    let size = size.saturating_add(1024);
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: size.saturating_mul(2),
            max_nodes: size.saturating_mul(2),
            max_depth: DEPTH,
            max_documents: 1,
            max_total_scalar_bytes: size.saturating_mul(2),
            max_recorded_anchor_events: size,
            max_recorded_anchor_bytes: size.saturating_mul(2),
            max_aliases: size,
            max_anchors: size,
            max_merge_keys: 0,
            enforce_alias_anchor_ratio: false,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: size,
            max_replay_stack_depth: 8,
        },
        // What is tagged as binary is told apart from text, and decoded, in [`Scalar`].
        ignore_binary_tag_for_string: true,
    }
}

/// The path of an error, without the steps that only our wrappers take.
fn path(path: &serde_path_to_error::Path) -> String {
    let mut found = String::new();
    let mut last = "";
    for segment in path {
        match segment {
            // `Spanned` is a map with a value, `Tagged` a sequence.
            Segment::Map { key } if key == "value" && last == "[" => last = "",
            Segment::Seq { index: 0 } if SCALARS.contains(&last) => {}
            Segment::Map { key } => {
                if !found.is_empty() {
                    found.push('.');
                }
                found.push_str(key);
                last = key;
            }
            Segment::Seq { index } => {
                found.push_str(&format!("[{index}]"));
                last = "[";
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    found
}

/// The fields that are read as [`Scalar`].
const SCALARS: [&str; 3] = ["body", "string", "base64_string"];

/// Whether a file has `key:` at the beginning of a line, as only its outermost mapping may; and what
/// stands before and behind that.
pub(super) fn around_key<'a>(bytes: &'a [u8], key: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let text = beginning(bytes);
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let rest = line.strip_prefix(key).and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        if rest.is_some() {
            return Some((&text[..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// Whether a file is JSON with a list of requests under this key (in its quotes). The family writes that, too, and
/// it is YAML.
pub(super) fn is_json_list(bytes: &[u8], key: &[u8]) -> bool {
    let text = beginning(bytes);
    let items = text.starts_with(b"{").then(|| value_of(text, key)).flatten();
    let item = items.and_then(|items| items.strip_prefix(b"[")?.trim_ascii_start().strip_prefix(b"{"));
    item.is_some_and(|item| value_of(item, b"\"request\"").is_some() && value_of(item, b"\"uri\"").is_some())
}

/// Letters beyond the first plane as JSON escapes them, in two halves, which YAML does not know: as they are.
pub(super) fn with_whole_letters(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut whole: Option<Vec<u8>> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        match letter_in_halves(&bytes[at..]) {
            Some(letter) => {
                let whole = whole.get_or_insert_default();
                whole.extend_from_slice(&bytes[copied..at]);
                whole.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                at += 2 * HALF;
                copied = at;
            }
            // The letter behind it begins no escape.
            None => at = (at + 2).min(bytes.len()),
        }
    }
    let Some(mut whole) = whole else { return Cow::Borrowed(bytes) };
    whole.extend_from_slice(&bytes[copied..]);
    Cow::Owned(whole)
}

/// The length of `\uD83D`.
const HALF: usize = 6;

fn letter_in_halves(text: &[u8]) -> Option<char> {
    let half = |text: &[u8]| {
        let digits = text.get(..HALF)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let halves = [half(text)?, half(&text[HALF..])?];
    char::decode_utf16(halves).next()?.ok().filter(|letter| letter.len_utf16() == 2)
}

/// Text, or bytes (`!!binary`). Other tags are read over: nothing is made from them.
pub(super) struct Scalar {
    text: String,
    is_binary: bool,
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(text, tag) = Tagged::<String>::deserialize(deserializer)?;
        let is_binary = tag.is_some_and(|tag| tag.rsplit([':', '!']).next() == Some("binary"));
        Ok(Self { text, is_binary })
    }
}

impl Scalar {
    /// The bytes; `part` and `place` are for the message where they cannot be had.
    pub(super) fn into_bytes(self, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
        if self.is_binary { decode(&self.text, place, part) } else { Ok(self.text.into_bytes()) }
    }

    /// The bytes of what is base64 by its field, tagged or not.
    pub(super) fn decoded(self, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
        decode(&self.text, place, part)
    }
}

fn decode(text: &str, place: &str, part: Part<'_>) -> Result<Vec<u8>, Error> {
    let packed: Cow<'_, str> = if text.contains(char::is_whitespace) {
        text.split_whitespace().collect::<String>().into()
    } else {
        text.into()
    };
    BASE64.decode(packed.as_bytes()).map_err(|error| part.invalid(place, &format!("expected base64: {error}")))
}
