//! A case as it is reported: what became of it, and what was said.

use std::time::Duration;

use super::{CaseReport, Reported, Shown};
use crate::{
    arm::{Polled, State},
    cassette::{Cassette, Completion, Interaction},
    check::{Judged, recipe_text},
    judge::{Ending, Finding, known_deviation},
};

impl CaseReport {
    /// A case that was run.
    #[must_use]
    pub fn of(judged: &Judged) -> Self {
        let scenario = &judged.case.scenario;
        let nothing = judged.nothing();
        let findings = if nothing.is_some() { Vec::new() } else { judged.judgement.findings.clone() };
        Self {
            number: judged.case.number,
            scenario: scenario.name(),
            title: scenario.title.clone(),
            operation: scenario.operation.to_string(),
            ended: match judged.outcome.ending {
                Ending::Stopped => "still at it when its time was up".to_owned(),
                Ending::Crashed => format!("crashed ({})", judged.code),
                Ending::Itself => format!("ended with {}", judged.code),
            },
            nothing,
            findings: findings.into_iter().map(|finding| reported(finding, judged)).collect(),
            conversation: conversation(&judged.trace),
            judged: judged.judgement.judged,
            not_judged: judged.judgement.not_judged.len(),
            took: judged.took,
            recipe: judged.case.recipe.map(|recipe| recipe_text(&recipe.settled())),
            ..Self::default()
        }
    }
}

/// A finding of a case, known where the client is one that is known for it.
fn reported(finding: Finding, judged: &Judged) -> Reported {
    let case = &judged.case;
    let deviation = known_deviation(&finding, &case.scenario.name(), case.recipe.as_ref(), &judged.trace.interactions);
    let known = deviation.map(|(client, deviation)| format!("{} {}", client.product, deviation.words));
    Reported { known, ..Reported::from(finding) }
}

/// What was said, a line for each request.
#[must_use]
pub fn conversation(trace: &Cassette) -> Vec<Shown> {
    let at = |interaction: &Interaction| interaction.times.map_or(0, |times| times.request);
    let first = trace.interactions.first().map_or(0, at);
    let shown = |interaction: &Interaction| Shown {
        at: Duration::from_millis(at(interaction).saturating_sub(first)),
        request: format!("{} {}", interaction.request.method, path(interaction)),
        answer: answer(interaction),
        line: None,
    };
    trace.interactions.iter().map(shown).collect()
}

/// The target without what makes it long: the end of the path, the query cut.
fn path(interaction: &Interaction) -> String {
    const ROOM: usize = 70;
    let target = &interaction.request.target;
    let path = target.split('?').next().unwrap_or_default();
    let short = path.find("/providers/").map_or(path, |at| &path[at + "/providers/".len()..]);
    let host = interaction.request.authority.as_deref().filter(|host| *host != "management.azure.com");
    let text = format!("{}…/{short}", host.unwrap_or_default());
    if text.chars().count() <= ROOM { text } else { text.chars().take(ROOM - 1).chain(['…']).collect() }
}

fn answer(interaction: &Interaction) -> String {
    let Some(response) = &interaction.response else {
        return match interaction.completion {
            Completion::Silent => "no answer".to_owned(),
            _ => "connection lost".to_owned(),
        };
    };
    let word = [Polled::Resource, Polled::AsyncOperation].into_iter().find_map(|kind| State::word(kind, response));
    let code =
        crate::arm::ErrorBody::of(response).filter(|_| response.status >= 400 || word.as_deref() == Some("Failed"));
    let mut words = vec![response.status.to_string()];
    words.extend(word);
    words.extend(code.and_then(|error| error.code));
    let mut told = vec![words.join(" ")];
    for (header, name) in [
        ("azure-asyncoperation", "Azure-AsyncOperation"),
        ("operation-location", "Operation-Location"),
        ("location", "Location"),
    ] {
        told.extend(response.headers.get(header).map(|_| name.to_owned()));
    }
    told.extend(response.headers.get_all("retry-after").iter().map(|value| format!("Retry-After: {value}")));
    match interaction.completion {
        Completion::Whole => {}
        Completion::Cut(_) => told.push("cut".to_owned()),
        Completion::Reset | Completion::Silent => told.push("broken off".to_owned()),
    }
    told.join(", ")
}
