//! Texts and what is made of them.

use std::collections::HashSet;

use proptest::{
    collection,
    prelude::*,
    sample,
    string::{RegexGeneratorStrategy, string_regex},
};
use serde_json::{Map, Value, json};

const LOCALES: [&str; 8] = ["en-us", "de-de", "ja-jp", "zh-hans", "sr-latn-rs", "pt-BR", "en", "ar-sa"];

/// Any text that a member may hold: plain, with all that JSON escapes, in any script, empty, long.
pub(super) fn text() -> BoxedStrategy<String> {
    prop_oneof![
        8 => of("[a-z]{1,12}"),
        3 => sample::select(vec![
            r"\\Images\\smallImage.jpg",
            r"\Images\smallImage",
            "\"quoted\"\t\r\n\\",
            "\u{0}\u{1f}\u{7f}\u{2028}",
            "</script><!-- ' OR 1=1",
            "Ünïcödé",
            "名前",
            "אבג\u{202e}abc",
            "👩‍👩‍👧‍👦",
            "e\u{301}",
            "\u{feff}",
            "null",
            "",
        ]).prop_map(str::to_owned),
        3 => of(r"\PC{0,30}"),
        1 => (of("[a-zé]"), sample::select(vec![255_usize, 256, 4000, 4001]))
            .prop_map(|(letter, times)| letter.repeat(times)),
    ]
    .boxed()
}

/// A name for a field or an entity set: a letter, then letters, digits and `_`.
pub(super) fn word() -> BoxedStrategy<String> {
    prop_oneof![
        12 => of("[A-Z][A-Za-z0-9_]{0,15}"),
        2 => sample::select(vec!["Id", "ProfileId", "LastName", "type", "_", "a1_"]).prop_map(str::to_owned),
        1 => (of("[a-zA-Z]"), sample::select(vec![63_usize, 64, 127, 128])).prop_map(|(letter, times)| letter.repeat(times)),
    ]
    .boxed()
}

/// Texts of a pattern. A pattern that stands there bare would be read anew for each text.
fn of(pattern: &str) -> RegexGeneratorStrategy<String> {
    string_regex(pattern).unwrap_or_else(|error| panic!("our own patterns are good: {error}"))
}

/// `words` without repetitions, whatever the case: what is there already gets another name.
pub(super) fn distinct(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut turn = 0;
    words
        .map(|mut word| {
            while !seen.insert(word.to_lowercase()) {
                turn += 1;
                word = format!("Other{turn}");
            }
            word
        })
        .collect()
}

/// Locale to `inner`.
pub(super) fn by_locale(inner: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    entries(sample::select(LOCALES.to_vec()).prop_map(str::to_owned).boxed(), inner)
}

/// Name to text in an array.
pub(super) fn lists() -> BoxedStrategy<Value> {
    let texts = collection::vec(text(), 0..3).prop_map(|texts| json!(texts));
    entries(prop_oneof![of("[a-z]{1,6}"), text()].boxed(), texts)
}

/// Name to text.
pub(super) fn by_name() -> BoxedStrategy<Value> {
    entries(of("[a-z]{1,6}").boxed(), text().prop_map(Value::from))
}

fn entries(key: BoxedStrategy<String>, value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    collection::vec((key, value), 0..4).prop_map(|pairs| Value::Object(Map::from_iter(pairs))).boxed()
}
