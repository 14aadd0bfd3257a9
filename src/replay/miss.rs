//! A request that the tape does not know: which interaction is nearest, what differs, and what to do.

use super::{
    difference::{At, Difference, differences, lines},
    key::{Asked, Sought, changes},
    rules::resource_type,
    script::{Role, Script},
    urls::{HandedOut, Spelling},
    world::World,
};
use crate::{arm::Target, cassette::Place};

/// The explanation of a miss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What was asked.
    pub asked: String,
    /// The nearest interaction; `None` on an empty tape.
    pub nearest: Option<Nearest>,
    /// The lines of `[match]` with which the nearest one would have been found, if there are any.
    pub ignore: Vec<String>,
}

/// The interaction that is most like a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Its number on the tape, from 1.
    pub number: usize,
    /// Where it stands, if the tape is on the disk.
    pub place: Option<Place>,
    /// How often it was used.
    pub used: u32,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What else there is to know, in sentences.
    pub notes: Vec<String>,
}

/// How many differences are told; more of them help nobody.
const TOLD: usize = 8;

/// With more differences than these it is another request, and not one in which they could be
/// ignored.
const IGNORABLE: usize = 4;

/// How many interactions are looked at closely, and how many bytes of their bodies.
const LOOKED_AT: usize = 64;
const BODIES: usize = 4 * 1024 * 1024;

impl Miss {
    /// Explains why `script` has no answer for `asked`. Looks at a bounded number of interactions.
    #[must_use]
    pub fn explain(script: &Script, world: &World, asked: &Asked<'_>) -> Self {
        Self::explain_but(script, world, asked, |_, _| false)
    }

    /// As [`Miss::explain`]. `chosen` says whether a client may have the second text in the place of the
    /// first, which is the tape's: that is no difference, unless it is the only one.
    pub(super) fn explain_but(
        script: &Script,
        world: &World,
        asked: &Asked<'_>,
        chosen: impl Fn(&str, &str) -> bool,
    ) -> Self {
        let name = asked.host.filter(|host| script.own_host() != Some(host)).unwrap_or_default();
        let name = format!("{} {name}{}", asked.method, asked.target);
        // It may be on the tape, and not to be had now.
        let sought = Sought::of(asked.target);
        let changed = matches!(script.urls.find(&sought), Some((_, Spelling::Changed)));
        let matching = script.find(asked, &sought).filter(|_| !changed);
        let matching = matching.and_then(|found| found.interactions.first().copied());
        let Some(number) = matching.or_else(|| nearest(script, world, asked)) else {
            return Self { asked: name, nearest: None, ignore: Vec::new() };
        };
        let mut differences = match matching {
            Some(_) => Vec::new(),
            None => differences(&script.rules, &script.interactions[number], asked),
        };
        let counts = |difference: &Difference| match difference.values() {
            Some([taped, asked]) => !chosen(&taped, &asked),
            None => true,
        };
        if differences.iter().any(counts) {
            differences.retain(counts);
        }
        let notes = match matching {
            Some(number) => vec![out_of_turn(script, world, number)],
            None => notes(script, world, &sought, number, &differences),
        };
        // What is told of an interaction says why it is another one: to ignore that would be wrong.
        let ignore = if notes.is_empty() { ignore(script, asked, &differences) } else { Vec::new() };
        let (used, place) = (world.used(number), script.places.get(number).cloned());
        Self { asked: name, nearest: Some(Nearest { number: number + 1, place, used, differences, notes }), ignore }
    }

    /// In one line, for the client's eyes.
    #[must_use]
    pub fn line(&self) -> String {
        let Some(nearest) = &self.nearest else {
            return format!("{} is not on the tape, which is empty", self.asked);
        };
        let mut line = format!("{} is not on the tape; nearest is {}", self.asked, nearest.name());
        let mut sign = ": ";
        for told in nearest.told() {
            line.push_str(sign);
            line.push_str(&told);
            sign = "; ";
        }
        if !self.ignore.is_empty() {
            line.push_str(&format!("; to ignore that, in armtape.toml, under [match]: {}", self.ignore.join(" and ")));
        }
        line
    }

    /// In several lines, for whoever reads what armtape says. The first is the request itself.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.asked.clone()];
        let Some(nearest) = &self.nearest else {
            lines.push("  the tape is empty".to_owned());
            return lines;
        };
        lines.push(format!("  nearest on the tape: {}", nearest.name()));
        lines.extend(nearest.told().into_iter().map(|told| format!("  - {told}")));
        lines
            .extend(self.ignore.iter().map(|line| format!("  to ignore that, in armtape.toml, under [match]: {line}")));
        lines
    }

    /// Whether it is the same miss, whatever has been used since.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let [one, other_one] = [self, other].map(|miss| miss.nearest.as_ref().map(|nearest| &nearest.differences));
        self.asked == other.asked && one == other_one
    }
}

impl Nearest {
    /// Such as `interaction 3 (tape.json:120, not used yet)`.
    fn name(&self) -> String {
        let used = match self.used {
            0 => "not used yet".to_owned(),
            1 => "used once".to_owned(),
            times => format!("used {times} times"),
        };
        match &self.place {
            Some(place) => format!("interaction {} ({place}, {used})", place.number),
            None => format!("interaction {} ({used})", self.number),
        }
    }

    fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.differences.iter().take(TOLD).map(ToString::to_string).collect();
        let more = self.differences.len().saturating_sub(TOLD);
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        told.extend(self.notes.iter().cloned());
        told
    }
}

/// The one with the least that differs; of equal ones the first that was not used.
fn nearest(script: &Script, world: &World, asked: &Asked<'_>) -> Option<usize> {
    let path = Target::parse(asked.target).path_key();
    let like = || script.near.like(&path);
    let unused = like().filter(|number| world.used(*number) == 0).take(LOOKED_AT);
    let used = like().filter(|number| world.used(*number) > 0).take(LOOKED_AT);
    let mut left = BODIES;
    let weighed = unused.chain(used).map(|number| (weight(script, asked, number, &mut left), number));
    // The first of equal ones.
    weighed.min_by_key(|(weight, _)| *weight).map(|(_, number)| number)
}

/// Smaller is nearer: the path counts most, then the method, the host, the query, the body.
fn weight(script: &Script, asked: &Asked<'_>, number: usize, left: &mut usize) -> usize {
    const MOST: usize = 20;
    let interaction = &script.interactions[number];
    let request = &interaction.request;
    let size = asked.body.len() + request.body.bytes().map_or(0, |body| body.len());
    let found = if size <= *left {
        *left -= size;
        differences(&script.rules, interaction, asked)
    } else {
        lines(&script.rules, request, asked)
    };
    let other_kind = usize::from(changes(&request.method) != changes(asked.method)) * 40;
    let weigh = |difference: &Difference| match difference.at {
        At::Path => 200 * apart(difference),
        At::Method => 80,
        At::Host => 60,
        At::Query(_) | At::Header(_) => 20,
        At::Body(_) | At::Bytes => 1,
    };
    let (body, rest): (Vec<_>, Vec<_>) =
        found.iter().partition(|difference| matches!(difference.at, At::Body(_) | At::Bytes));
    body.len().min(MOST) + rest.into_iter().map(weigh).sum::<usize>() + other_kind
}

/// Why an interaction that matches is not to be had now.
fn out_of_turn(script: &Script, world: &World, number: usize) -> String {
    let made = |write: usize| world.used(write) > 0;
    if let Role::Poll(operation) = script.roles[number]
        && let Some(write) = script.operations[operation].write
        && !made(write)
    {
        return format!("it would match, but it polls {}, which the client has not made yet", script.name(write));
    }
    let path = Target::parse(&script.interactions[number].request.target).path_key();
    let writes = script.writes.to(&path).map_or(&[][..], |(_, writes)| writes);
    let before = writes.iter().rev().find(|write| **write < number && !made(**write));
    let after = writes.iter().find(|write| **write > number && made(**write));
    match (before, after) {
        (Some(write), _) => {
            format!(
                "it would match, but it was recorded after {}, which the client has not made yet",
                script.name(*write)
            )
        }
        (None, Some(write)) => {
            format!("it would match, but it was recorded before {}, which the client has made", script.name(*write))
        }
        (None, None) => "it would match, but not at this point of the tape".to_owned(),
    }
}

/// How many parts of two paths are not common to them.
fn apart(paths: &Difference) -> usize {
    let [taped, asked] = [&paths.taped, &paths.asked].map(|path| path.as_deref().unwrap_or_default());
    let common = taped.split('/').zip(asked.split('/')).take_while(|(taped, asked)| taped.eq_ignore_ascii_case(asked));
    taped.split('/').count().max(asked.split('/').count()) - common.count()
}

/// What helps to understand the differences.
fn notes(script: &Script, world: &World, sought: &Sought, number: usize, differences: &[Difference]) -> Vec<String> {
    let write_of =
        |operation: usize| script.operations[operation].write.map(|write| (script.name(write), world.used(write) > 0));
    if let Some((HandedOut { operation, .. }, spelling)) = script.urls.find(sought) {
        if spelling == Spelling::Changed {
            return vec!["a polling URL must be asked letter by letter, as it was handed out".to_owned()];
        }
        return match write_of(operation) {
            Some((write, false)) => vec![format!("this URL belongs to {write}, which the client has not made yet")],
            Some((write, true)) => {
                vec![format!("this URL was handed out for {write}, and was not asked while recording")]
            }
            None => Vec::new(),
        };
    }
    let alike = script.near.knows(&sought.path);
    let other_url = differences.iter().any(|differ| matches!(differ.at, At::Path | At::Query(_)));
    let same_method = !differences.iter().any(|differ| differ.at == At::Method);
    match script.roles[number] {
        Role::Poll(operation) if alike && other_url && same_method => {
            let of = write_of(operation).map_or_else(String::new, |(write, _)| format!(" of {write}"));
            vec![format!(
                "that is a poll{of}; this URL was never handed out: a polling URL must be asked letter by letter"
            )]
        }
        _ => Vec::new(),
    }
}

/// The lines of `[match]` that let the differences be, if there are such lines.
fn ignore(script: &Script, asked: &Asked<'_>, differences: &[Difference]) -> Vec<String> {
    if differences.len() > IGNORABLE {
        return Vec::new();
    }
    let rules = &script.rules;
    let (mut query, mut body, mut lines) = (rules.ignore_query.clone(), Vec::new(), Vec::new());
    for differ in differences {
        match &differ.at {
            At::Query(name) if name == "api-version" && rules.api_version_of.is_empty() => {
                lines.push("api-version = \"warn\"".to_owned());
            }
            At::Query(name) if name == "api-version" => {
                let kind = resource_type(&Target::parse(asked.target).path_key());
                lines.push(format!("api-version-of.{kind:?} = \"warn\""));
            }
            At::Query(name) => query.push(name.clone()),
            At::Body(path) if path != "$" => body.push(path.clone()),
            _ => return Vec::new(),
        }
    }
    let list = |key: &str, values: &[String]| {
        let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        format!("{key} = [{}]", values.join(", "))
    };
    // A key stands once: what is ignored already is named again.
    if query.len() > rules.ignore_query.len() {
        lines.push(list("ignore-query", &query));
    }
    if !body.is_empty() {
        let body: Vec<String> = rules.ignore_body.iter().map(ToString::to_string).chain(body).collect();
        lines.push(list("ignore-body", &body));
    }
    lines
}
