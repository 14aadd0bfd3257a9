//! One walk over an exchange, to every place that can hold a value, through every encoding.

use std::ops::Range;

use super::{
    gate,
    json::is_json,
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
    pub(super) rules: &'a Rules,
    pub(super) table: &'a mut Table,
    pub(super) search: Search,
    /// Who sent what is walked over.
    side: Origin,
    /// The answer of `listKeys` or its kin.
    pub(super) lists_keys: bool,
    /// What is said of one secret, whose `value` it is.
    pub(super) of_secret: bool,
    /// In a header that holds a polling URL.
    pub(super) polling: bool,
    pub(super) place: Vec<String>,
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

    /// The whole of a header, by a rule that knows its name.
    pub(super) fn whole(&mut self, rule: usize, text: &str) -> Option<String> {
        // `Bearer Sanitized`
        let is_scheme = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if text.split_once(' ').is_some_and(|(scheme, rest)| is_scheme(scheme) && is_placeholder(rest)) {
            return None;
        }
        self.replace_whole(rule, text, 0..text.len()).map(|edit| edit.new)
    }

    fn found(&mut self, rule: usize, entry: usize, value: &str) {
        let rule = if self.table.stands(value) { STAND_IN } else { rule };
        self.found.push(Found { rule, place: self.place.join("."), entry });
    }

    pub(super) fn replace_whole(&mut self, rule: usize, value: &str, range: Range<usize>) -> Option<Edit> {
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
    pub(super) fn named(&mut self, name: Option<&str>, text: &str) -> Vec<Edit> {
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
    pub(super) fn inside(&mut self, text: &str) -> Vec<Edit> {
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

    pub(super) fn known(&mut self, entry: usize, value: &str, range: Range<usize>) -> Edit {
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
