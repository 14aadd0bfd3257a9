//! The session records of .NET's `HttpMockServer`.
//!
//! One JSON object with `Entries`, `Names` and `Variables`. Entries are grouped by method and URI
//! ([`order`]); they have no scheme, no host and no credential, and bodies that were indented again
//! ([`entry`]).

mod entry;
mod order;

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::value::RawValue;

use self::entry::Entry;
use super::{
    content::{beginning, value_of, without_mark},
    shape::{Lines, Part},
};
use crate::cassette::{Cassette, Error, Interaction, Times};

/// The file. Entries stay slices of it: where a slice begins tells the line, and an error in one is
/// told with its number.
#[derive(Deserialize)]
struct Session<'a> {
    #[serde(rename = "Entries", borrow)]
    entries: Vec<&'a RawValue>,
    #[serde(rename = "Variables", default)]
    variables: Option<BTreeMap<String, Option<String>>>,
}

/// Whether the content is a session record: an object with `Entries` whose first entry has an
/// encoded URI, or one that begins with its path. A file that was cut off is one still.
pub(crate) fn recognise(bytes: &[u8]) -> bool {
    let text = beginning(bytes);
    let Some(entries) = value_of(text, b"\"Entries\"").filter(|_| text.starts_with(b"{")) else {
        return false;
    };
    let Some(first) = entries.strip_prefix(b"[") else {
        return false;
    };
    if first.trim_ascii_start().starts_with(b"]") {
        return value_of(text, b"\"Names\"").is_some();
    }
    let is_path = value_of(first, b"\"RequestUri\"").is_some_and(|uri| uri.starts_with(b"\"/"));
    is_path || value_of(first, b"\"EncodedRequestUri\"").is_some()
}

/// Reads a session record. The interactions come in the order of time.
pub(crate) fn read(bytes: &[u8], path: &Path) -> Result<Cassette, Error> {
    let text = without_mark(bytes);
    let session: Session<'_> = Part::whole(path).parse_slice(text)?;

    let mut lines = Lines::new(text);
    let mut entries = Vec::with_capacity(session.entries.len());
    for (number, raw) in session.entries.iter().enumerate() {
        let json_path = format!("Entries[{number}]");
        let part = Part { path, json_path: &json_path, line: lines.of(raw.get()) };
        entries.push(part.parse::<Entry>(raw.get())?.into_interaction(part)?);
    }

    let moments = order::moments(&entries);
    let first = moments.iter().flatten().min().copied();
    let mut timed: Vec<_> = moments.into_iter().zip(entries).collect();
    // Stable: what has the same second keeps the order of the file.
    timed.sort_by_key(|(moment, _)| *moment);
    let interactions: Vec<Interaction> = timed
        .into_iter()
        .map(|(moment, interaction)| {
            let passed = moment
                .zip(first)
                .and_then(|(moment, first)| u64::try_from(moment.duration_since(first).as_millis()).ok());
            // There is one time an entry: that of the answer, in whole seconds.
            Interaction { times: passed.map(|at| Times { request: at, answer: at, end: at }), ..interaction }
        })
        .collect();
    Ok(Cassette {
        recorded: first.map(|first| first.to_string()),
        variables: subscription(session.variables.unwrap_or_default(), &interactions),
        interactions,
        ..Cassette::default()
    })
}

/// The subscription, if a request names it: the one variable whose meaning is known.
fn subscription(variables: BTreeMap<String, Option<String>>, interactions: &[Interaction]) -> BTreeMap<String, String> {
    let found = variables.into_iter().find(|(name, _)| name == "SubscriptionId");
    let found = found.and_then(|(name, value)| Some((name, value?)));
    let occurs = |value: &str| {
        let wanted = value.to_ascii_lowercase();
        !wanted.is_empty()
            && interactions.iter().any(|interaction| interaction.request.target.to_ascii_lowercase().contains(&wanted))
    };
    found.filter(|(_, value)| occurs(value)).into_iter().collect()
}

#[cfg(test)]
mod tests;
