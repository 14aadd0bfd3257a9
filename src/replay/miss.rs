//! A request that the tape does not know: which interaction is nearest, what differs, and what to do.

use serde_json::Value;

use super::{
    key::{Asked, changes, same},
    rules::Rules,
    script::Script,
    world::World,
};
use crate::{
    arm::Target,
    cassette::{Interaction, Places, member},
};

/// The explanation of a miss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What was asked.
    pub asked: String,
    /// The nearest interaction, from 1, with how often it was used and what differs.
    pub nearest: Option<(usize, u32, Vec<String>)>,
}

/// How many differences are told; more of them help nobody.
const DIFFERENCES: usize = 8;

impl Miss {
    /// Looks for the nearest interaction. This scans the tape: misses are few.
    #[must_use]
    pub fn explain(script: &Script, world: &World, asked: &Asked<'_>) -> Self {
        let nearest = (0..script.interactions.len())
            .map(|number| (number, distance(&script.interactions[number], asked)))
            .min_by_key(|(number, distance)| (*distance, *number))
            .map(|(number, _)| {
                (number + 1, world.used(number), differences(&script.rules, &script.interactions[number], asked))
            });
        Self { asked: format!("{} {}", asked.method, asked.target), nearest }
    }

    /// In one line, for the client's eyes.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.nearest {
            None => format!("{} is not on the tape, which is empty", self.asked),
            Some((number, used, differences)) => {
                let used = match used {
                    0 => "not used yet".to_owned(),
                    1 => "used once".to_owned(),
                    times => format!("used {times} times"),
                };
                format!(
                    "{} is not on the tape; nearest is interaction {number} ({used}), where {}",
                    self.asked,
                    differences.join("; ")
                )
            }
        }
    }
}

/// Smaller is nearer: the same path weighs most, then the method, the query, the body.
fn distance(interaction: &Interaction, asked: &Asked<'_>) -> usize {
    let (taped, wanted) = (Target::parse(&interaction.request.target), Target::parse(asked.target));
    let (taped_path, wanted_path) = (taped.path_key(), wanted.path_key());
    let path = if taped_path == wanted_path {
        0
    } else {
        let (taped, wanted): (Vec<_>, Vec<_>) = (taped_path.split('/').collect(), wanted_path.split('/').collect());
        let longest = taped.len().max(wanted.len());
        longest - taped.iter().zip(&wanted).filter(|(taped, wanted)| taped == wanted).count()
    };
    let method = usize::from(interaction.request.method != asked.method);
    let query = usize::from(taped.query_key() != wanted.query_key());
    path * 16 + method * 6 + query * 3
}

fn differences(rules: &Rules, interaction: &Interaction, asked: &Asked<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let request = &interaction.request;
    if request.method != asked.method {
        found.push(format!("the method is `{}`, not `{}`", request.method, asked.method));
    }
    let (taped, wanted) = (Target::parse(&request.target), Target::parse(asked.target));
    if taped.path_key() != wanted.path_key() {
        found.push(format!("the path is `{}`", taped.path()));
    }
    let (mut taped_query, mut wanted_query) = (taped.query_key(), wanted.query_key());
    for query in [&mut taped_query, &mut wanted_query] {
        query.retain(|(name, _)| !rules.ignore_query.contains(name));
    }
    for (name, value) in &taped_query {
        match wanted_query.iter().find(|(wanted, _)| wanted == name) {
            None => found.push(format!("the query has `{name}={value}`, which was not sent")),
            Some((_, sent)) if sent != value => {
                found.push(format!("query `{name}` is `{value}`, not `{sent}`"));
            }
            Some(_) => {}
        }
    }
    for (name, value) in &wanted_query {
        if !taped_query.iter().any(|(taped, _)| taped == name) {
            found.push(format!("the query has no `{name}` (sent: `{value}`)"));
        }
    }
    if let (Some(sent), Some(taped)) = (&asked.host, &request.authority) {
        let taped = crate::arm::authority_key(request.scheme.as_deref(), taped);
        if *sent != taped {
            found.push(format!("the host is `{taped}`, not `{sent}`"));
        }
    }
    if changes(asked.method)
        && request.method == asked.method
        && let Some(places) = Places::start(&rules.ignore_body)
    {
        bodies(&request.body.bytes().unwrap_or_default(), asked.body, &places, &mut found);
    }
    if found.is_empty() {
        found.push(
            "nothing differs, but a write of this resource lies between: the client has made it already, or not yet"
                .to_owned(),
        );
    }
    let more = found.len().saturating_sub(DIFFERENCES);
    if more > 0 {
        found.truncate(DIFFERENCES);
        found.push(format!("{more} more differ"));
    }
    found
}

fn bodies(taped: &[u8], sent: &[u8], places: &Places<'_>, found: &mut Vec<String>) {
    match (serde_json::from_slice::<Value>(taped), serde_json::from_slice::<Value>(sent)) {
        (Ok(taped), Ok(sent)) => values("$", &taped, &sent, places, found),
        _ if taped != sent => {
            found.push(format!("the body is {} bytes, not the {} that were sent", taped.len(), sent.len()));
        }
        _ => {}
    }
}

/// Differences by JSON path, the tape's side first. `places` is where the values stand.
fn values(path: &str, taped: &Value, sent: &Value, places: &Places<'_>, found: &mut Vec<String>) {
    match (taped, sent) {
        (Value::Object(taped), Value::Object(sent)) => {
            for (name, value) in taped {
                let Some(places) = places.member(name) else { continue };
                let path = member(path, name);
                match sent.get(name) {
                    Some(sent) => values(&path, value, sent, &places, found),
                    None => found.push(format!("body `{path}` is {}, and was not sent", short(value))),
                }
            }
            for (name, value) in sent.iter().filter(|(name, _)| !taped.contains_key(*name)) {
                if places.member(name).is_some() {
                    found.push(format!("body `{}` is absent (sent: {})", member(path, name), short(value)));
                }
            }
        }
        (Value::Array(taped), Value::Array(sent)) => {
            for (place, (taped, sent)) in taped.iter().zip(sent).enumerate() {
                if let Some(places) = places.item(place) {
                    values(&format!("{path}[{place}]"), taped, sent, &places, found);
                }
            }
            if taped.len() != sent.len() {
                found.push(format!("body `{path}` has {} items, not {}", taped.len(), sent.len()));
            }
        }
        _ if same(taped, sent) => {}
        _ => found.push(format!("body `{path}` is {}, not {}", short(taped), short(sent))),
    }
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
