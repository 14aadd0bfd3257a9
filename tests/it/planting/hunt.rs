//! Looks for what was planted: as it is, and in six encodings.

use std::{collections::HashMap, fmt};

use aho_corasick::AhoCorasick;
use base64::{Engine as _, engine::general_purpose};

use super::places::{Planted, entities, percent};

/// What is looked for.
pub(super) struct Hunt<'a> {
    machine: AhoCorasick,
    /// By pattern.
    of: Vec<(&'a Planted, &'static str)>,
}

/// Something that should not be there.
pub(super) struct Caught<'a>(&'a Planted, &'static str);

impl fmt::Display for Caught<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(planted, encoding) = self;
        write!(f, "{} ({}) of {:?}, {encoding}: {}", planted.kind.name, planted.kind.rule, planted.place, planted.value)
    }
}

/// A part of a value that gives away enough.
const PART: usize = 12;

impl<'a> Hunt<'a> {
    pub(super) fn new(planted: &'a [Planted]) -> Self {
        let mut patterns: HashMap<Vec<u8>, (&Planted, &'static str)> = HashMap::new();
        for secret in planted {
            let value = secret.value.as_str();
            let mut look = |pattern: Vec<u8>, encoding| {
                patterns.entry(pattern).or_insert((secret, encoding));
            };
            look(value.into(), "as it is");
            // Its end alone, where that is its own.
            let end = value.trim_end_matches('=');
            if end.len() >= 2 * PART && end.is_ascii() && !secret.kind.shape.ends_alike() {
                look(end[end.len() - PART..].into(), "its end");
            }
            look(percent(value).into(), "percent-encoded");
            look(percent(&percent(value)).into(), "percent-encoded twice");
            look(entities(value).into(), "with entities");
            look(value.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into(), "in hex");
            for before in 0..3 {
                // The letters of base64 that are of the value alone, wherever it begins.
                let bytes = [&vec![b' '; before], value.as_bytes()].concat();
                let whole = bytes.len() / 3 * 3;
                let skipped = [0, 2, 3][before];
                for (engine, name) in [
                    (general_purpose::STANDARD_NO_PAD, "in base64"),
                    (general_purpose::URL_SAFE_NO_PAD, "in base64 of URLs"),
                ] {
                    look(engine.encode(&bytes[..whole])[skipped..].into(), name);
                }
            }
        }
        let (patterns, of): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let machine = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).unwrap();
        Self { machine, of }
    }

    /// What of it is in `bytes`.
    pub(super) fn search(&self, bytes: &[u8]) -> impl Iterator<Item = Caught<'a>> {
        let mut found: Vec<usize> =
            self.machine.find_overlapping_iter(bytes).map(|hit| hit.pattern().as_usize()).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|pattern| Caught(self.of[pattern].0, self.of[pattern].1))
    }
}
