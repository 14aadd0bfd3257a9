//! A case as it is reported: what became of it, and what was said.

use std::{collections::BTreeSet, time::Duration};

use super::{CaseReport, Reported, Shown};
use crate::{
    arm::{Polled, State, count},
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
            findings: folded(findings.into_iter().map(|finding| reported(finding, judged))),
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

/// The same said of several requests, once: a client that polls by writing does it a hundred times.
fn folded(all: impl Iterator<Item = Reported>) -> Vec<Reported> {
    // What is said, the first that says it, and the requests that are blamed.
    let mut groups: Vec<(String, Reported, BTreeSet<usize>)> = Vec::new();
    for reported in all {
        let sentence = without_numbers(&reported.finding.message);
        let blamed = reported.finding.interactions.last().copied();
        let is_like = |(said, first, _): &&mut (String, Reported, BTreeSet<usize>)| {
            let key = |reported: &Reported| (reported.finding.rule, reported.finding.severity);
            *said == sentence && key(first) == key(&reported) && first.known == reported.known
        };
        match groups.iter_mut().find(is_like) {
            Some((_, _, all_blamed)) => all_blamed.extend(blamed),
            None => groups.push((sentence, reported, blamed.into_iter().collect())),
        }
    }
    groups.into_iter().map(|(_, first, blamed)| blaming(first, blamed)).collect()
}

/// A finding that is said of these requests.
fn blaming(mut finding: Reported, blamed: BTreeSet<usize>) -> Reported {
    finding.times = blamed.len().max(1);
    if finding.times > 1 {
        let own = &finding.finding.interactions;
        let others = blamed.into_iter().filter(|number| Some(number) != own.last());
        finding.finding.interactions = others.chain(own.iter().copied()).collect();
        let more = count(finding.times - 1, "more time");
        finding.finding.message.push_str(&format!(" (and {more})"));
    }
    finding
}

/// A sentence without the numbers of its requests.
fn without_numbers(sentence: &str) -> String {
    const WORD: &str = "request ";
    let mut parts = sentence.split(WORD);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + WORD + part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Severity;

    fn finding(rule: &'static str, message: &str, interactions: &[usize]) -> Reported {
        Reported::from(Finding {
            rule,
            severity: Severity::Violation,
            operation: None,
            interactions: interactions.to_vec(),
            message: message.to_owned(),
            expected: "",
        })
    }

    #[test]
    fn what_is_said_of_several_requests_is_said_once() {
        let again = |places: &[usize]| finding("LRO-C-04", "was sent again", places);
        let all =
            [again(&[0, 1]), again(&[0, 2]), finding("LRO-C-13", "ends early", &[2]), again(&[1, 2]), again(&[0, 3])];
        let folded = folded(all.into_iter());
        let told: Vec<_> =
            folded.iter().map(|one| (one.finding.message.as_str(), one.times, &one.finding.interactions[..])).collect();
        assert_eq!(
            told,
            [("was sent again (and 2 more times)", 3, &[2, 3, 0, 1][..]), ("ends early", 1, &[2][..])],
            "each request counts once, and the first comes last"
        );
    }

    #[test]
    fn sentences_are_the_same_up_to_the_number_of_a_request() {
        let all = [
            finding("LRO-C-22", "polled too soon after request 3", &[4]),
            finding("LRO-C-22", "polled too soon after request 12", &[13]),
            finding("LRO-C-22", "polled 2 s too soon", &[5]),
            finding("LRO-C-22", "polled 3 s too soon", &[6]),
        ];
        assert_eq!(folded(all.into_iter()).iter().map(|one| one.times).collect::<Vec<_>>(), [2, 1, 1]);
    }
}
