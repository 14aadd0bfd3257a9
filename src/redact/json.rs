//! JSON in a walk: every string and number under its name, and nothing else changed.

use std::{borrow::Cow, ops::Range};

use super::{
    layer::{self, Edit},
    table::Meaning,
    walk::{Search, Walk},
};

impl Walk<'_> {
    /// The edits of a JSON text, token by token. What is no JSON in it is passed over, so that a body
    /// that was cut is walked over as far as it goes.
    pub(super) fn json(&mut self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut levels: Vec<Level<'_>> = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' | b'[' => {
                    let inherited = levels.last().and_then(Level::name);
                    levels.push(Level::new(byte == b'{', inherited));
                    self.place.push(if byte == b'[' { "[0]".to_owned() } else { String::new() });
                    at += 1;
                }
                b'}' | b']' => {
                    if levels.pop().is_some() {
                        self.place.pop();
                    }
                    at += 1;
                }
                b',' => {
                    if let Some(level) = levels.last_mut() {
                        self.next(level);
                    }
                    at += 1;
                }
                b'"' => {
                    let end = string_end(bytes, at + 1);
                    edits.extend(match levels.last_mut() {
                        Some(level) if level.at_key => self.key(level, text, at + 1..end),
                        level => self.string(level, text, at + 1..end),
                    });
                    at = end + 1;
                }
                b'-' | b'0'..=b'9' => {
                    let length = bytes[at..]
                        .iter()
                        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                        .count();
                    let name = levels.last().and_then(Level::name);
                    edits.extend(self.number(name.as_deref(), &text[at..at + length], at));
                    at += length;
                }
                _ => at += 1,
            }
        }
        let left = levels.len();
        self.place.truncate(self.place.len() - left);
        // A value may stand before its name.
        edits.sort_by_key(|edit| edit.range.start);
        edits
    }

    /// Goes on to the next member or item.
    fn next(&mut self, level: &mut Level<'_>) {
        level.at_key = level.is_object;
        level.index += 1;
        if !level.is_object
            && let Some(step) = self.place.last_mut()
        {
            *step = format!("[{}]", level.index);
        }
    }

    /// The name of a member, which is a text, too.
    fn key<'t>(&mut self, level: &mut Level<'t>, text: &'t str, range: Range<usize>) -> Vec<Edit> {
        let inner = layer::json_string(&text[range.clone()]);
        level.at_key = false;
        level.key = Some(inner.text.clone());
        if let Some(step) = self.place.last_mut() {
            step.clear();
            step.push_str(&inner.text);
        }
        let found = self.inside(&inner.text);
        inner.outward(found, range.start).collect()
    }

    /// A text that is a value, and with it that of the entry which it completes.
    fn string(&mut self, mut level: Option<&mut Level<'_>>, text: &str, range: Range<usize>) -> Vec<Edit> {
        let inner = layer::json_string(&text[range.clone()]);
        let is_secret = level.as_ref().is_some_and(|level| level.key.as_deref() == Some("value"));
        let option = level.as_mut().and_then(|level| level.option.take());
        let name = match option {
            Some(option) => Some(option.into()),
            None if self.of_secret && is_secret => Some("value".into()),
            None => level.as_ref().and_then(|level| level.name()),
        };
        let found = self.named(name.as_deref(), &inner.text);
        if let Some(level) = &mut level {
            level.hear(&inner.text, range.clone(), found.is_empty());
        }
        let mut edits: Vec<Edit> = inner.outward(found, range.start).collect();
        if let Some((name, range)) = level.and_then(|level| level.entry.take()) {
            edits.extend(self.entry(&name, text, range));
        }
        edits
    }

    /// The value of an entry such as `{"name": "PASSWORD", "value": …}`.
    fn entry(&mut self, name: &str, text: &str, range: Range<usize>) -> Vec<Edit> {
        let inner = layer::json_string(&text[range.clone()]);
        let is_named = self.search != Search::Gate && self.rules.by_name(name, &inner.text).is_some();
        let found = if is_named { self.named(Some(name), &inner.text) } else { Vec::new() };
        inner.outward(found, range.start).collect()
    }

    /// A number stays a number.
    fn number(&mut self, name: Option<&str>, token: &str, at: usize) -> Option<Edit> {
        if self.search == Search::Gate {
            return None;
        }
        let range = at..at + token.len();
        let by_name = name.and_then(|name| self.rules.by_name(name, token));
        if let Some(rule) = by_name {
            return self.replace_whole(rule, token, range);
        }
        let known = self.table.known(token).into_iter().find(|(found, _)| found.len() == token.len());
        let Some((_, Meaning::Value(entry))) = known else { return None };
        Some(self.known(entry, token, range))
    }
}

/// One object or array of a JSON text.
struct Level<'t> {
    is_object: bool,
    at_key: bool,
    key: Option<Cow<'t, str>>,
    /// What the whole is called.
    inherited: Option<Cow<'t, str>>,
    index: usize,
    entry: Entry,
    /// In a list of words, the one before: `--password`.
    option: Option<String>,
}

/// An object that is a name and a value, as lists of settings have them.
#[derive(Default)]
struct Entry {
    name: Option<String>,
    /// Where a value stands in which nothing was found.
    value: Option<Range<usize>>,
}

impl Entry {
    /// Both, once both are there.
    fn take(&mut self) -> Option<(String, Range<usize>)> {
        let (name, value) = (self.name.as_ref()?, self.value.take()?);
        Some((name.clone(), value))
    }
}

impl<'t> Level<'t> {
    fn new(is_object: bool, inherited: Option<Cow<'t, str>>) -> Self {
        Self { is_object, at_key: is_object, key: None, inherited, index: 0, entry: Entry::default(), option: None }
    }

    /// Takes note of a member that is a text.
    fn hear(&mut self, text: &str, range: Range<usize>, is_open: bool) {
        if !self.is_object && text.starts_with('-') && !text.contains(['=', ' ']) {
            self.option = Some(text.to_owned());
        }
        let is_secure = || text.eq_ignore_ascii_case("securestring") || text.eq_ignore_ascii_case("secureobject");
        match self.key.as_deref() {
            Some("name" | "Name" | "key" | "Key" | "parameterName") => self.entry.name = Some(text.to_owned()),
            // A parameter of a template, whatever it is called.
            Some("type") if is_secure() => self.entry.name = Some("secureValue".to_owned()),
            Some("value" | "Value" | "defaultValue") if is_open => self.entry.value = Some(range),
            _ => {}
        }
    }

    /// What a value on this level is called. Items are called as their array; the `value` and the
    /// `defaultValue` of a parameter (`"password": {"value": …}`) as the parameter.
    fn name(&self) -> Option<Cow<'t, str>> {
        match &self.key {
            Some(key) if (key == "value" || key == "defaultValue") && self.inherited.is_some() => {
                self.inherited.clone()
            }
            Some(key) => Some(key.clone()),
            None => self.inherited.clone(),
        }
    }
}

/// Whether a text is to be taken for JSON: an object or array, as far as it goes.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    let first_of = |rest: &str, letters: &[char]| rest.trim_start().starts_with(letters);
    let literal = |rest: &str| ["null", "true", "false"].iter().any(|word| rest.trim_start().starts_with(word));
    if let Some(rest) = text.strip_prefix('{') {
        first_of(rest, &['"', '}'])
    } else if let Some(rest) = text.strip_prefix('[') {
        first_of(rest, &['"', '{', '[', ']', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) || literal(rest)
    } else {
        text.len() > 1 && text.starts_with('"') && text.ends_with('"')
    }
}

fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}
