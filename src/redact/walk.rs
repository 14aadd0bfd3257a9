//! One walk over an exchange, to every place that can hold a value, through every encoding.

use std::ops::Range;

use super::{
    gate,
    kind::Kind,
    layer::{self, Base64, Edit},
    matcher::Rules,
    pairs,
    placeholder::{is_placeholder, is_zero_guid},
    rules::{GATE, STAND_IN},
    stand_in,
    table::{Meaning, Table},
};
use crate::cassette::Origin;

/// Text in text in text: nobody goes deeper, but for who wants to keep us busy.
const DEEPEST: usize = 8;

/// Something that was found.
pub(super) struct Found {
    pub(super) rule: usize,
    /// Where in the exchange, such as `response.body.properties.key`.
    pub(super) place: String,
    /// Which value of the table.
    pub(super) entry: usize,
}

/// What the walk looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// What the rules find. What the table gave out is replaced, too: in raw text it is a coincidence.
    Raw,
    /// What the rules find, but for what the table gave out.
    Again,
    /// What looks like a secret though no rule found it.
    Gate,
}

pub(super) struct Walk<'a> {
    rules: &'a Rules,
    table: &'a mut Table,
    search: Search,
    /// Who sent what is walked over.
    side: Origin,
    /// The answer of `listKeys` or its kin.
    pub(super) lists_keys: bool,
    /// What is said of one secret, whose `value` it is.
    pub(super) of_secret: bool,
    /// In a header that holds a polling URL.
    pub(super) polling: bool,
    place: Vec<String>,
    depth: usize,
    pub(super) found: Vec<Found>,
}

/// What may be replaced.
struct Candidate {
    range: Range<usize>,
    what: What,
}

enum What {
    Value {
        rule: usize,
        kind: Kind,
    },
    Known(Meaning),
    /// The value of a pair, which is percent-encoded where the text is a URL.
    Parameter {
        rule: usize,
    },
}

impl<'a> Walk<'a> {
    pub(super) fn new(rules: &'a Rules, table: &'a mut Table, search: Search) -> Self {
        Self {
            rules,
            table,
            search,
            side: Origin::Request,
            lists_keys: false,
            of_secret: false,
            polling: false,
            place: Vec::new(),
            depth: 0,
            found: Vec::new(),
        }
    }

    pub(super) fn side(&mut self, side: Origin) {
        self.side = side;
    }

    /// Walks over what is called `step` below the present place.
    pub(super) fn at<T>(&mut self, step: &str, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(step.to_owned());
        let done = walk(self);
        self.place.pop();
        done
    }

    /// A text with everything replaced; `None` where nothing was.
    pub(super) fn text(&mut self, name: Option<&str>, text: &str) -> Option<String> {
        let edits = self.named(name, text);
        (!edits.is_empty()).then(|| layer::apply(text, &edits))
    }

    /// The whole of a value, by a rule that knows its place.
    pub(super) fn whole(&mut self, rule: usize, text: &str) -> Option<String> {
        self.replace_whole(rule, text, 0..text.len()).map(|edit| edit.new)
    }

    fn found(&mut self, rule: usize, entry: usize, value: &str) {
        let rule = if self.table.stands(value) { STAND_IN } else { rule };
        self.found.push(Found { rule, place: self.place.join("."), entry });
    }

    fn replace_whole(&mut self, rule: usize, value: &str, range: Range<usize>) -> Option<Edit> {
        let kind = self.rules.kind(rule);
        if kind.is_identity() && is_zero_guid(value) {
            self.table.keep(value, kind, rule, self.side);
            return None;
        }
        if is_placeholder(value) || (self.search == Search::Again && self.table.is_issued(value)) {
            return None;
        }
        let (new, entry) = self.table.replace(value, kind, rule, self.side);
        self.found(rule, entry, value);
        Some(Edit { range, new })
    }

    /// The edits of a text that has a name, as a member of an object or a parameter has.
    fn named(&mut self, name: Option<&str>, text: &str) -> Vec<Edit> {
        let rule = match (name, self.search) {
            (Some(name), Search::Raw | Search::Again) => self.rules.by_name(name, text).or_else(|| self.listed(name)),
            _ => None,
        };
        if self.search == Search::Gate && name.is_some_and(gate::is_paging_token) {
            return Vec::new();
        }
        let Some(rule) = rule else { return self.inside(text) };
        // What has a structure keeps it.
        if text.contains("://") || (text.contains('=') && text.contains(';')) {
            let edits = self.inside(text);
            if !edits.is_empty() || self.holds_placeholder(text) {
                return edits;
            }
        }
        self.replace_whole(rule, text, 0..text.len()).into_iter().collect()
    }

    /// Whether somebody has put something in the place of the secret in a text with a structure.
    fn holds_placeholder(&self, text: &str) -> bool {
        pairs::pairs(text, false).into_iter().any(|pair| {
            let value = &text[pair.value];
            self.rules.by_name(pair.name, value).is_some() && is_placeholder(value)
        })
    }

    fn listed(&self, name: &str) -> Option<usize> {
        const PLAIN: &[&str] = &[
            "keyname",
            "name",
            "permissions",
            "id",
            "type",
            "kind",
            "creationtime",
            "createdtime",
            "expiresat",
            "expireson",
            "location",
            "rights",
            "nextlink",
            "code",
            "message",
            "target",
            "status",
            "contentdisposition",
            "contenttype",
            "version",
            "encoding",
        ];
        let name = super::matcher::letters(name);
        let is_key = self.lists_keys && !PLAIN.contains(&name.as_str());
        self.rules.list_keys().filter(|_| is_key || (self.of_secret && name == "value"))
    }

    /// The edits of a text, whatever is in it.
    fn inside(&mut self, text: &str) -> Vec<Edit> {
        if text.is_empty() || self.depth >= DEEPEST {
            return Vec::new();
        }
        self.depth += 1;
        let edits = match is_json(text) {
            true => self.json(text),
            false => self.plain(text),
        };
        self.depth -= 1;
        edits
    }

    fn plain(&mut self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        for Candidate { range, what } in self.candidates(text) {
            let (start, end) = (range.start, range.end);
            let value = &text[range.clone()];
            let edit = match what {
                What::Value { rule, kind } => self.replace_as(rule, kind, value, range),
                What::Known(Meaning::Variable(name)) => Some(Edit { range, new: name }),
                What::Known(Meaning::Value(entry)) => Some(self.known(entry, value, range)),
                What::Parameter { rule } => self.parameter(rule, value, range),
            };
            let Some(edit) = edit else { continue };
            self.gap(text, at..start, &mut edits);
            edits.push(edit);
            at = end;
        }
        self.gap(text, at..text.len(), &mut edits);
        edits
    }

    fn replace_as(&mut self, rule: usize, kind: Kind, value: &str, range: Range<usize>) -> Option<Edit> {
        if rule != STAND_IN && rule != GATE {
            return self.replace_whole(rule, value, range);
        }
        if self.search == Search::Again && self.table.is_issued(value) {
            return None;
        }
        let (new, entry) = self.table.replace(value, kind, rule, self.side);
        self.found(rule, entry, value);
        Some(Edit { range, new })
    }

    fn known(&mut self, entry: usize, value: &str, range: Range<usize>) -> Edit {
        let (new, rule) = self.table.replace_known(entry, value, self.side);
        self.found(rule, entry, value);
        Edit { range, new }
    }

    fn parameter(&mut self, rule: usize, raw: &str, range: Range<usize>) -> Option<Edit> {
        match layer::percent(raw) {
            None => self.replace_whole(rule, raw, range),
            Some(decoded) => {
                let edit = self.replace_whole(rule, &decoded.text, 0..decoded.text.len())?;
                decoded.outward(vec![edit], range.start).next()
            }
        }
    }

    /// What is to be replaced in a text as it stands, in order and without overlaps.
    fn candidates(&mut self, text: &str) -> Vec<Candidate> {
        let mut found = Vec::new();
        let value = |range, rule, kind| Candidate { range, what: What::Value { rule, kind } };
        if self.search == Search::Gate {
            found.extend(gate::suspects(text).into_iter().map(|range| value(range, GATE, Kind::Suspect)));
        } else {
            for pair in pairs::pairs(text, self.polling) {
                let rule = match pair.signed {
                    true => self.rules.polling_url(),
                    false => {
                        let value = &text[pair.value.clone()];
                        let decoded = layer::percent(value);
                        let value = decoded.as_ref().map_or(value, |decoded| &decoded.text);
                        let named = self.rules.by_name(pair.name, value);
                        // The parameters of a link to more keys are none.
                        named.or_else(|| self.listed(pair.name).filter(|_| !text.contains("://")))
                    }
                };
                found.extend(rule.map(|rule| Candidate { range: pair.value, what: What::Parameter { rule } }));
            }
            let mut forms = Vec::new();
            self.rules.by_form(text, &mut forms);
            found.extend(forms.into_iter().map(|(range, rule)| value(range, rule, self.rules.kind(rule))));
            found.extend(
                self.table
                    .known(text)
                    .into_iter()
                    .map(|(range, meaning)| Candidate { range, what: What::Known(meaning) }),
            );
            found.extend(stand_in::find(text).into_iter().filter_map(|range| {
                let (kind, _) = stand_in::parse(&text[range.clone()])?;
                Some(value(range, STAND_IN, kind))
            }));
        }
        without_overlaps(found)
    }

    /// What lies between replaced values may be encoded.
    fn gap(&mut self, text: &str, range: Range<usize>, edits: &mut Vec<Edit>) {
        let gap = &text[range.clone()];
        if gap.len() < 4 {
            return;
        }
        let encoded = layer::percent(gap).or_else(|| layer::entities(gap));
        if let Some(decoded) = encoded {
            let inner = self.inside(&decoded.text);
            if inner.is_empty() {
                self.left(gap);
            }
            edits.extend(decoded.outward(inner, range.start));
            return;
        }
        self.left(gap);
        for word in layer::base64_words(gap) {
            let start = range.start + word.start;
            let word = &gap[word];
            let whole = self.base64(word, start);
            match whole {
                Some(edit) => edits.push(edit),
                None => {
                    let mut at = 0;
                    for part in word.split('/').filter(|_| word.contains('/')) {
                        edits.extend(self.base64(part, start + at));
                        at += part.len() + 1;
                    }
                }
            }
        }
    }

    /// A text in which no rule finds anything. What is known later may stand in it.
    fn left(&mut self, text: &str) {
        if self.search == Search::Raw {
            self.table.hear(text);
        }
    }

    fn base64(&mut self, word: &str, start: usize) -> Option<Edit> {
        let found = Base64::decode(word)?;
        let inner = self.inside(&found.text);
        let new = found.encode(&layer::apply(&found.text, &inner));
        (!inner.is_empty()).then_some(Edit { range: start..start + word.len(), new })
    }

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
                    levels.push(Level {
                        is_object: byte == b'{',
                        at_key: byte == b'{',
                        key: None,
                        inherited,
                        index: 0,
                        entry: Entry::default(),
                        option: None,
                    });
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
                        level.at_key = level.is_object;
                        level.index += 1;
                        if !level.is_object
                            && let Some(step) = self.place.last_mut()
                        {
                            *step = format!("[{}]", level.index);
                        }
                    }
                    at += 1;
                }
                b'"' => {
                    let end = string_end(bytes, at + 1);
                    let inner = layer::json_string(&text[at + 1..end]);
                    match levels.last_mut() {
                        Some(level) if level.at_key => {
                            level.at_key = false;
                            let key = inner.text.clone();
                            if let Some(step) = self.place.last_mut() {
                                step.clear();
                                step.push_str(&key);
                            }
                            level.key = Some(key);
                            let found = self.inside(&inner.text);
                            edits.extend(inner.outward(found, at + 1));
                        }
                        mut level => {
                            let is_secret = |level: &&mut Level<'_>| level.key.as_deref() == Some("value");
                            let name = match &level {
                                level if self.of_secret && level.as_ref().is_some_and(is_secret) => {
                                    Some("value".into())
                                }
                                level => level.as_ref().and_then(|level| level.name()),
                            };
                            let option = level.as_mut().and_then(|level| level.option.take());
                            let name = option.map_or(name, |option| Some(option.into()));
                            let found = self.named(name.as_deref(), &inner.text);
                            if let Some(level) = &mut level {
                                level.hear(&inner.text, at + 1..end, found.is_empty());
                            }
                            edits.extend(inner.outward(found, at + 1));
                            let entry = level.and_then(|level| level.entry.take());
                            edits.extend(entry.into_iter().flat_map(|(name, range)| self.entry(&name, text, range)));
                        }
                    }
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
    key: Option<std::borrow::Cow<'t, str>>,
    /// What the whole is called.
    inherited: Option<std::borrow::Cow<'t, str>>,
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
    fn name(&self) -> Option<std::borrow::Cow<'t, str>> {
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
fn is_json(text: &str) -> bool {
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

/// The longest win; two that overlap without one holding the other are replaced as one.
fn without_overlaps(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.retain(|candidate| !candidate.range.is_empty());
    // Stable: of equal ranges the first source wins.
    found.sort_by_key(|candidate| (candidate.range.start, std::cmp::Reverse(candidate.range.end)));
    let mut kept: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        match kept.last_mut() {
            Some(last) if candidate.range.start < last.range.end => {
                last.range.end = last.range.end.max(candidate.range.end);
            }
            _ => kept.push(candidate),
        }
    }
    kept
}
