//! What may differ on a tape: the values that its client chose. Pure; knows no session.
//!
//! A path is found by hash with the variable segments left out. There are as many ways to leave some
//! out as the tape has shapes of paths, and those are few: one look-up each, never a scan.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    hash::{Hash as _, Hasher as _},
};

use serde_json::Value;

use super::{
    declared::{Variable, declared, raw_path, subscription_in},
    hash::{HashMap, hasher},
    key::{Sought, changes},
    mould::{Claim, Mould, Piece},
    needles::Needles,
};
use crate::{
    arm::{Operation, Target, Url, decode, segments},
    cassette::{Cassette, Interaction},
};

/// What stands before the id of a subscription.
const SUBSCRIPTIONS: &str = "/subscriptions/";

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

/// The variable segments of a path.
type Pattern = Box<[Segment]>;

/// A variable segment: where it stands, what it is like, and what stands there on the tape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Segment {
    at: usize,
    mould: Mould,
    taped: String,
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
pub(super) struct Reading<'a> {
    pub(super) claims: Vec<Claim>,
    /// The segments that may differ.
    pattern: &'a [Segment],
    /// Whether one of them does.
    differs: bool,
}

impl Variables {
    /// What may differ on this tape: see [`declared`].
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

    /// The target in the tape's subscription, if the tape has one and no other.
    pub(super) fn at_home<'a>(&self, target: &'a str) -> Cow<'a, str> {
        let mut taped = self.all.iter().filter(|variable| variable.is_subscription);
        let (Some(taped), None) = (taped.next(), taped.next()) else { return target.into() };
        let parsed = Target::parse(target);
        let Some((_, id)) = subscription_in(parsed.path()).filter(|(_, id)| !id.is_empty()) else {
            return target.into();
        };
        let rest = target.get(SUBSCRIPTIONS.len()..).and_then(|rest| rest.strip_prefix(id));
        rest.map_or(target.into(), |rest| format!("{SUBSCRIPTIONS}{}{rest}", taped.taped).into())
    }

    fn read_paths(&mut self, interactions: &[Interaction], operations: &[Operation]) {
        let mut known = HashMap::default();
        let mut shapes = BTreeSet::new();
        let requests = interactions.iter().map(|interaction| Target::parse(&interaction.request.target));
        let urls = operations.iter().flat_map(|operation| &operation.urls);
        let urls = urls.map(|url| Url::parse(url).map_or_else(|| Target::parse(url), |url| url.target));
        for target in requests.chain(urls) {
            let path = raw_path(&target);
            let variable = |(at, mould): (usize, Mould)| Segment { at, taped: self.taped(&mould), mould };
            let moulds =
                segments(path).into_iter().enumerate().filter_map(|(at, segment)| Some((at, self.mould(segment)?)));
            let mut pattern: Vec<Segment> = moulds.map(variable).collect();
            // A subscription stands behind its word, which is a segment of its own.
            if let Some((at, mould)) = self.subscription(path)
                && !pattern.iter().any(|other| other.at == at)
            {
                pattern.push(variable((at, mould)));
                pattern.sort();
            }
            let shape: Box<[usize]> = pattern.iter().map(|segment| segment.at).collect();
            let masked = masked(&segments(&target.path_key()), &shape);
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
        for segment in self.patterns.iter().flatten() {
            segment.mould.variables().for_each(|number| in_paths[number] = true);
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
    pub(super) fn readings(&self, sought: &Sought) -> Vec<Reading<'_>> {
        let (asked, compared) = (segments(raw_path(&sought.target)), segments(&sought.path));
        let mut readings = Vec::new();
        for shape in &self.shapes {
            if shape.last().is_some_and(|last| *last >= asked.len()) {
                continue;
            }
            for pattern in self.paths.get(&masked(&compared, shape)).into_iter().flatten() {
                readings.extend(read(&self.patterns[*pattern], &asked));
            }
        }
        readings
    }

    /// For each place of a request at which variables stand that no path has: the ways to read it.
    /// `reading` is how its path is read.
    pub(super) fn elsewhere(
        &self,
        reading: &Reading<'_>,
        method: &str,
        target: &Target,
        body: &[u8],
    ) -> Vec<Vec<Vec<Claim>>> {
        if self.elsewhere.is_empty() {
            return Vec::new();
        }
        let path = Target::parse(&reading.taped(target)).path_key();
        let Some(places) = self.elsewhere.get(&(method.to_owned(), path)) else { return Vec::new() };
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

    /// What the variables in a text of the tape are in this one; `None` if it has none, or is of another form.
    pub(super) fn claims(&self, taped: &str, sent: &str) -> Option<Vec<Claim>> {
        let mut claims = Vec::new();
        self.mould(taped)?.claims(sent, &mut claims)?;
        Some(claims)
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

impl Reading<'_> {
    /// The target in the tape's words, as far as its path has variables.
    pub(super) fn taped<'a>(&self, target: &'a Target) -> Cow<'a, str> {
        if !self.differs {
            return Cow::Borrowed(target.raw());
        }
        let shift = target.path().len() - raw_path(target).len();
        let mut said = segments(target.path());
        for Segment { at, taped, .. } in self.pattern {
            said[at + shift] = taped;
        }
        let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
        Cow::Owned(format!("{}{query}", said.join("/")))
    }
}

/// A path that has these variable segments, read; `None` where one of them is of another mould.
fn read<'a>(pattern: &'a [Segment], asked: &[&str]) -> Option<Reading<'a>> {
    let mut claims = Vec::with_capacity(pattern.len());
    let mut differs = false;
    for Segment { at, mould, taped } in pattern {
        // A value is what a client means, not how it has to be spelled in a URL.
        mould.claims(&decode(asked[*at]), &mut claims)?;
        differs |= asked[*at] != taped;
    }
    Some(Reading { claims, pattern, differs })
}

/// A path, as it is compared, without the segments of a shape.
fn masked(path: &[&str], shape: &[usize]) -> u64 {
    let mut hasher = hasher();
    (shape, path.len()).hash(&mut hasher);
    let mut left_out = shape.iter().peekable();
    for (at, segment) in path.iter().enumerate() {
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
