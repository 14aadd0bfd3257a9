//! What may differ on a tape: the values that its client chose. Pure; knows no session.
//!
//! A path is found by hash with the variable segments left out. There are as many ways to leave some
//! out as the tape has shapes of paths, and those are few: one look-up each, never a scan.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde_json::Value;

use super::{
    key::changes,
    needles::{Needles, Where},
};
use crate::{
    arm::{Operation, Target, Url, decode},
    cassette::{Cassette, Interaction, Origin},
};

/// A value that a client chose, and that another may choose otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// What it is called, such as `subscription`.
    pub(super) name: String,
    /// What stands on the tape.
    pub(super) taped: String,
    /// What a client is told that has not named its own value.
    pub(super) shown: String,
    /// Where the taped text counts.
    pub(super) place: Where,
    is_subscription: bool,
}

/// A variable, and a client's value for it.
pub(super) type Claim = (usize, String);

/// The variables of a tape, and where they stand.
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub(super) all: Vec<Variable>,
    /// Their texts on the tape.
    pub(super) needles: Needles,
    /// By path without its variable segments: what those are, as numbers of [`Variables::patterns`].
    paths: HashMap<u64, Vec<usize>>,
    patterns: Vec<Pattern>,
    /// The segments that are left out, each list once, the shortest first.
    shapes: Vec<Box<[usize]>>,
    /// Where a variable stands that no path has: by method and path of the tape.
    elsewhere: HashMap<(String, String), BTreeSet<(Place, Mould)>>,
}

/// The variable segments of a path: where they stand and what they are like.
type Pattern = Box<[(usize, Mould)]>;

/// A text with variables in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Mould(Box<[Piece]>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Piece {
    Text(String),
    Variable(usize),
}

/// A text of a request beside its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Query(String),
    /// A JSON pointer (RFC 6901).
    Body(String),
}

/// One way to read a path: what its variables are, and how the tape would say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) claims: Vec<Claim>,
    /// The segments of the path in the tape's words, where they differ.
    segments: Vec<(usize, String)>,
}

impl Variables {
    /// What may differ on this tape: subscriptions in the paths of requests, what was named while it
    /// was recorded, and what stands for secrets that a request brought.
    pub(super) fn of(cassette: &Cassette, operations: &[Operation]) -> Self {
        let all = declared(cassette);
        if all.is_empty() {
            return Self::default();
        }
        let texts = all.iter().enumerate();
        let needles = Needles::new(texts.map(|(number, variable)| (number, variable.taped.as_str(), variable.place)));
        let mut found = Self { all, needles, ..Self::default() };
        found.read_paths(&cassette.interactions, operations);
        found.read_elsewhere(&cassette.interactions);
        found
    }

    /// Whether a client could choose nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn read_paths(&mut self, interactions: &[Interaction], operations: &[Operation]) {
        let mut known = HashMap::new();
        let mut shapes = BTreeSet::new();
        let requests = interactions.iter().map(|interaction| Target::parse(&interaction.request.target));
        let urls = operations.iter().flat_map(|operation| &operation.urls);
        let urls = urls.map(|url| Url::parse(url).map_or_else(|| Target::parse(url), |url| url.target));
        for target in requests.chain(urls) {
            let path = raw_path(&target);
            let moulds = path.split('/').enumerate().map(|(at, segment)| (at, self.mould(segment)));
            // A subscription stands behind its word, which is a segment of its own.
            let mut pattern: Vec<(usize, Mould)> = moulds.filter_map(|(at, mould)| Some((at, mould?))).collect();
            if let Some((at, mould)) = self.subscription(path)
                && !pattern.iter().any(|(other, _)| *other == at)
            {
                pattern.push((at, mould));
                pattern.sort();
            }
            let shape: Box<[usize]> = pattern.iter().map(|(at, _)| *at).collect();
            let masked = masked(&segments_key(&target), &shape);
            shapes.insert((shape.len(), shape));
            let pattern = Pattern::from(pattern);
            let number = *known.entry(pattern).or_insert_with_key(|pattern: &Pattern| {
                self.patterns.push(pattern.clone());
                self.patterns.len() - 1
            });
            let patterns = self.paths.entry(masked).or_default();
            if !patterns.contains(&number) {
                patterns.push(number);
            }
        }
        self.shapes = shapes.into_iter().map(|(_, shape)| shape).collect();
    }

    fn read_elsewhere(&mut self, interactions: &[Interaction]) {
        let mut in_paths = vec![false; self.all.len()];
        for (_, mould) in self.patterns.iter().flatten() {
            mould.variables().for_each(|number| in_paths[number] = true);
        }
        if in_paths.iter().all(|known| *known) {
            return;
        }
        for interaction in interactions {
            let request = &interaction.request;
            let target = Target::parse(&request.target);
            let mut places = BTreeSet::new();
            let mut keep = |place: Place, text: &str| {
                if let Some(mould) = self.mould(text).filter(|mould| mould.variables().any(|number| !in_paths[number]))
                {
                    places.insert((place, mould));
                }
            };
            for (name, value) in target.query_pairs() {
                keep(Place::Query(name.to_ascii_lowercase()), value);
            }
            if changes(&request.method)
                && let Some(body) = request.body.json()
            {
                strings(&body, &mut String::new(), &mut |pointer, text| keep(Place::Body(pointer.to_owned()), text));
            }
            if !places.is_empty() {
                self.elsewhere.entry((request.method.clone(), target.path_key())).or_default().extend(places);
            }
        }
    }

    /// Every way to read a path in which the tape has it. Those that leave less open come first.
    pub(super) fn readings(&self, target: &Target) -> Vec<Reading> {
        let key = segments_key(target);
        // A value is what a client means, not how it has to be spelled in a URL.
        let segments: Vec<Cow<'_, str>> = raw_path(target).split('/').map(decode).collect();
        let mut readings = Vec::new();
        for shape in &self.shapes {
            if shape.last().is_some_and(|last| *last >= segments.len()) {
                continue;
            }
            for pattern in self.paths.get(&masked(&key, shape)).into_iter().flatten() {
                readings.extend(self.read(&self.patterns[*pattern], &segments));
            }
        }
        readings
    }

    fn read(&self, pattern: &Pattern, segments: &[Cow<'_, str>]) -> Option<Reading> {
        let mut reading = Reading { claims: Vec::new(), segments: Vec::new() };
        for (at, mould) in pattern {
            mould.claims(&segments[*at], &mut reading.claims)?;
            reading.segments.push((*at, self.taped(mould)));
        }
        Some(reading)
    }

    /// For each place of this request at which variables stand that no path has: the ways to read it.
    /// `path` is in the tape's words.
    pub(super) fn elsewhere(&self, method: &str, path: &str, target: &Target, body: &[u8]) -> Vec<Vec<Vec<Claim>>> {
        if self.elsewhere.is_empty() {
            return Vec::new();
        }
        let Some(places) = self.elsewhere.get(&(method.to_owned(), path.to_owned())) else { return Vec::new() };
        let body: Option<Value> = serde_json::from_slice(body).ok();
        let mut found: Vec<(&Place, Vec<Vec<Claim>>)> = Vec::new();
        for (place, mould) in places {
            let text = match place {
                Place::Query(name) => target.query_value(name),
                Place::Body(pointer) => body.as_ref().and_then(|body| body.pointer(pointer)?.as_str()),
            };
            let mut claims = Vec::new();
            if text.and_then(|text| mould.claims(text, &mut claims)).is_some() {
                match found.last_mut().filter(|(last, _)| *last == place) {
                    Some((_, readings)) => readings.push(claims),
                    None => found.push((place, vec![claims])),
                }
            }
        }
        found.into_iter().map(|(_, readings)| readings).collect()
    }

    /// A text of the tape with its variables, if it has any.
    fn mould(&self, text: &str) -> Option<Mould> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for spot in self.needles.spots(text.as_bytes()) {
            if spot.start > at {
                pieces.push(Piece::Text(text[at..spot.start].to_owned()));
            }
            pieces.push(Piece::Variable(spot.number));
            at = spot.end;
        }
        if at == 0 {
            return None;
        }
        if at < text.len() {
            pieces.push(Piece::Text(text[at..].to_owned()));
        }
        Some(Mould(pieces.into()))
    }

    /// The subscription in a path of the tape, which needs the segment before it to be seen.
    fn subscription(&self, path: &str) -> Option<(usize, Mould)> {
        let (at, id) = subscription_in(path)?;
        let number = self.all.iter().position(|variable| variable.taped.eq_ignore_ascii_case(id))?;
        Some((at, Mould([Piece::Variable(number)].into())))
    }

    fn taped(&self, mould: &Mould) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(number) => self.all[*number].taped.clone(),
        };
        mould.0.iter().map(text).collect()
    }
}

impl Variable {
    /// Where a client's value for it counts in the client's texts.
    pub(super) fn place_of(&self, value: &str) -> Where {
        if self.is_subscription && !is_telling(value) {
            Where::Subscription
        } else if self.place == Where::Anywhere && value.len() >= TELLING {
            Where::Anywhere
        } else {
            Where::Word
        }
    }
}

impl Reading {
    /// The target in the tape's words, as far as its path has variables.
    pub(super) fn taped(&self, target: &Target) -> String {
        let mut segments: Vec<&str> = target.path().split('/').collect();
        let shift = segments.len() - raw_path(target).split('/').count();
        for (at, segment) in &self.segments {
            segments[*at + shift] = segment;
        }
        let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", segments.join("/"))
    }
}

impl Mould {
    fn variables(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(number) => Some(*number),
            Piece::Text(_) => None,
        })
    }

    /// What the variables are in a text of this mould; `None` if it is of another. A variable is as
    /// short as what follows allows.
    fn claims(&self, text: &str, claims: &mut Vec<Claim>) -> Option<()> {
        let mut rest = text;
        let mut pieces = self.0.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) => {
                    rest.get(..text.len()).filter(|start| start.eq_ignore_ascii_case(text))?;
                    rest = &rest[text.len()..];
                }
                Piece::Variable(number) => {
                    let length = match pieces.peek() {
                        Some(Piece::Text(next)) => find_without_case(rest, next)?,
                        Some(Piece::Variable(_)) => rest.chars().next()?.len_utf8(),
                        None => rest.len(),
                    };
                    let value = &rest[..length];
                    if value.is_empty() || value.contains(|letter: char| letter.is_control() || "\"\\".contains(letter))
                    {
                        return None;
                    }
                    claims.push((*number, value.to_owned()));
                    rest = &rest[length..];
                }
            }
        }
        rest.is_empty().then_some(())
    }
}

/// A place behind the first letter, so that a variable is never empty.
fn find_without_case(text: &str, wanted: &str) -> Option<usize> {
    let places = text.char_indices().skip(1).map(|(at, _)| at);
    places
        .into_iter()
        .find(|at| text[*at..].get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted)))
}

/// From this length on a text with digits in it is no word of a language.
const TELLING: usize = 8;

/// The kind of a stand-in for the id of a subscription, and what such a variable is called.
const SUBSCRIPTION: &str = "subscription";

/// Whether a value says by itself what it is: long, with several digits, not all the same.
fn is_telling(value: &str) -> bool {
    let digits: BTreeSet<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    value.len() >= TELLING && digits.len() >= 3
}

/// Whether a value is written as a GUID is.
fn is_id(value: &str) -> bool {
    value.len() == 36 && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn declared(cassette: &Cassette) -> Vec<Variable> {
    let mut all: Vec<Variable> = Vec::new();
    for (name, value) in &cassette.variables {
        let taped = format!("{{{name}}}");
        all.push(Variable {
            name: name.clone(),
            taped,
            shown: value.clone(),
            place: Where::Anywhere,
            is_subscription: false,
        });
    }
    for stand_in in cassette.stand_ins.iter().filter(|stand_in| stand_in.origin == Origin::Request) {
        let (name, taped) = (stand_in.kind.clone(), stand_in.value.clone());
        let is_subscription = name == SUBSCRIPTION;
        // A zero GUID that another recorder put there stands for many things.
        let says_little = is_id(&taped) && !is_telling(&taped);
        let place = if says_little { Where::Subscription } else { Where::Word };
        if is_subscription || !says_little {
            all.push(Variable { name, shown: taped.clone(), taped, place, is_subscription });
        }
    }
    let mut known: BTreeSet<String> = all.iter().map(|variable| variable.taped.to_ascii_lowercase()).collect();
    for interaction in &cassette.interactions {
        let target = Target::parse(&interaction.request.target);
        let Some((_, id)) = subscription_in(raw_path(&target)) else { continue };
        if !id.is_empty() && !id.contains('{') && known.insert(id.to_ascii_lowercase()) {
            let (name, taped) = (SUBSCRIPTION.to_owned(), id.to_owned());
            let place = if is_telling(id) { Where::Word } else { Where::Subscription };
            all.push(Variable { name, shown: taped.clone(), taped, place, is_subscription: true });
        }
    }
    all
}

/// The id of the subscription that a path is in, and which segment it is.
pub(super) fn subscription_in(path: &str) -> Option<(usize, &str)> {
    let mut segments = path.split('/');
    let (before, word, id) = (segments.next()?, segments.next()?, segments.next()?);
    (before.is_empty() && word.eq_ignore_ascii_case("subscriptions")).then_some((2, id))
}

/// The path as it is split: with `//subscriptions` as `/subscriptions`, as [`Target::path_key`] has it.
fn raw_path(target: &Target) -> &str {
    let path = target.path();
    match path.get(..15) {
        Some(start) if start.eq_ignore_ascii_case("//subscriptions") => &path[1..],
        _ => path,
    }
}

fn segments_key(target: &Target) -> Vec<String> {
    target.path_key().split('/').map(str::to_owned).collect()
}

/// A path without the segments of a shape.
fn masked(segments: &[String], shape: &[usize]) -> u64 {
    let mut hasher = DefaultHasher::new();
    shape.hash(&mut hasher);
    segments.len().hash(&mut hasher);
    let mut left_out = shape.iter().peekable();
    for (at, segment) in segments.iter().enumerate() {
        if left_out.next_if_eq(&&at).is_none() {
            segment.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Every text in a document with its JSON pointer.
fn strings(value: &Value, pointer: &mut String, keep: &mut impl FnMut(&str, &str)) {
    let length = pointer.len();
    match value {
        Value::String(text) => keep(pointer, text),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{place}"));
                strings(item, pointer, keep);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                strings(member, pointer, keep);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}
