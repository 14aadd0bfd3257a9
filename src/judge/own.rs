//! Rules for faults that the LRO rules leave open: what is sent, under which name, and what a script
//! forbids or demands.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    body::{Members, difference},
    completion::{may_try_again, waits_rightly},
    conversation::Conversation,
    outcome::{Ending, Kind},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{Polled, State, document, member_at},
    cassette::{Completion, Interaction},
    profile,
    simulate::scenario,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "BODY-01",
        severity: Violation,
        title: "the body that was meant is sent",
        words: "The body of the write is the one that the caller gave: JSON by meaning, with every null, every \
                property that the client does not know, every digit of a number, and no key twice; anything else \
                byte for byte.",
        source: "BUG-78, BUG-80: Azure/azure-sdk-for-go#23597, Azure/autorest#681",
        check: body_meant,
    },
    Rule {
        id: "BODY-02",
        severity: Violation,
        title: "read, change, write keeps the rest",
        words: "Who reads a resource, changes something and writes it back sends every property that it read, also \
                those that it does not know; and `If-Match` with the tag that it read.",
        source: "BUG-79, BUG-81: Azure/azure-rest-api-specs#3560, Azure/terraform-provider-azapi#416",
        check: kept_by_update,
    },
    Rule {
        id: "BODY-03",
        severity: Warning,
        title: "a passing state is not sent back",
        words: "A body that is written does not contain a `provisioningState` that is not terminal: the service \
                refuses a state that is no longer its own.",
        source: "BUG-82, S-18: Azure/azure-cli#25670",
        check: stale_state,
    },
    Rule {
        id: "BODY-04",
        severity: Violation,
        title: "a valid body is sent",
        words: "A client may refuse an invalid body by itself, before it is sent, and no other: what the service \
                takes is the service's to say. Where a body is unusual and valid, this is a warning.",
        source: "the rules for profiles (`PROFILE-nn`), which say what the service takes",
        check: valid_body_refused,
    },
    Rule {
        id: "ID-01",
        severity: Violation,
        title: "a new call has a new request id",
        words: "Two writes with different bodies do not carry the same `x-ms-client-request-id`: the second may be \
                taken for a repetition of the first.",
        source: "BUG-83: Azure/azure-cli#456",
        check: request_id_reused,
    },
    Rule {
        id: "ID-02",
        severity: Violation,
        title: "operations do not get mixed up",
        words: "Of two operations at once each is polled at its own URL to its own end.",
        source: "BUG-93",
        check: mixed_up,
    },
    Rule {
        id: "ID-03",
        severity: Warning,
        title: "another run asks again",
        words: "A client that is run again after it could not find out asks the service again: one bad answer says \
                nothing of the next.",
        source: "BUG-91: Azure/azure-sdk-for-go#23349",
        check: asks_again,
    },
    Rule {
        id: "SCRIPT-01",
        severity: Violation,
        title: "nothing is asked that the scenario forbids",
        words: "Some URLs of a scenario are there to be left alone, and some to be asked no more often than it says.",
        source: "the scenario's file",
        check: forbidden,
    },
    Rule {
        id: "SCRIPT-02",
        severity: Violation,
        title: "everything is asked that the scenario demands",
        words: "Some URLs of a scenario have to be asked, and as often as it says.",
        source: "the scenario's file",
        check: demanded,
    },
];

fn body_meant(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(intended) = &c.knobs.intended else { return Err(NotJudged("the body that was meant")) };
    let mut breaches = Vec::new();
    for (index, write) in c.writes().filter(|(_, write)| write.request.method != "DELETE") {
        let Some(sent) = write.request.body.bytes().filter(|sent| sent != intended) else { continue };
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(intended).is_ok();
        let is_profile = write.request.target.to_ascii_lowercase().contains("/profiles/");
        let members = if c.knobs.typed_body && is_profile { Members::OfProfile } else { Members::All };
        let message = match difference(intended, &sent, members) {
            _ if !is_json => "the body is not byte for byte the one that was given".to_owned(),
            Err(_) if sent.is_empty() => "the write has no body".to_owned(),
            Err(_) => "the body is not the one that was given: it is not JSON".to_owned(),
            Ok(Some(difference)) => format!("the body is not the one that was given: {difference}"),
            Ok(None) => continue,
        };
        breaches.push(Breach::new([index], message));
    }
    Ok(breaches)
}

/// A client that, by itself, ends with a failure and without the write. Whatever else may have kept it from
/// that excuses it: a limit, an interruption, a crash, an answer to something that it asked before.
fn valid_body_refused(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(intended) = &c.knobs.intended else { return Err(NotJudged("the body that was meant")) };
    if c.writes().next().is_some() {
        return Ok(vec![]);
    }
    // Who never sends what it is given does not refuse this one.
    if !c.knobs.sends_a_plain_one {
        return Err(NotJudged("a run in which the client sent another body"));
    }
    let by_itself = outcome.ending == Ending::Itself && !outcome.is_success() && !c.knobs.interrupted;
    let for_its_limit = outcome.kind == Kind::Timeout || c.knobs.timeout.is_some();
    if !by_itself || for_its_limit || c.knobs.resumes || !c.interactions.iter().all(is_no_reason) {
        return Ok(vec![]);
    }
    let findings = profile::judge(intended);
    if findings.iter().any(|finding| finding.rule.severity == profile::Severity::Error) {
        return Ok(vec![]);
    }
    let message = "refused a valid body: it ended without success, and never sent the write";
    let breach = Breach::new(0..c.interactions.len(), message);
    Ok(vec![breach.warning_if(!findings.is_empty())])
}

/// Whether an answer gives no reason to leave a write out: what was looked up is there, or the resource is
/// not yet.
fn is_no_reason(interaction: &Interaction) -> bool {
    let status = interaction.response.as_ref().map(|response| response.status);
    let is_resource = interaction.request.target.to_ascii_lowercase().contains("/profiles/");
    let expected = if is_resource { status == Some(404) } else { matches!(status, Some(200..=299)) };
    expected && interaction.completion == Completion::Whole
}

fn kept_by_update(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(known) = c.known() else { return Err(NotJudged("that the client was to update")) };
    if known.scenario.operation != scenario::Operation::Update {
        return Ok(vec![]);
    }
    let mut breaches = Vec::new();
    for (index, write) in c.writes().filter(|(_, write)| write.request.method == "PUT") {
        let read = c.before(index).rev().find_map(|(read, interaction)| {
            let same = interaction.request.method == "GET" && c.path(read) == c.path(index);
            let response = interaction.response.as_ref().filter(|response| same && response.status == 200)?;
            Some((read, response))
        });
        let Some((read, response)) = read else {
            breaches.push(Breach::new([index], "wrote without having read what is there"));
            continue;
        };
        let tag = response.headers.get("etag");
        if tag.is_some() && write.request.headers.get("if-match") != tag {
            breaches.push(Breach::new([read, index], "the write does not carry If-Match with the tag that was read"));
        }
        let lost = lost("$", document(&response.body).as_ref(), document(&write.request.body).as_ref());
        breaches.extend(lost.map(|path| Breach::new([read, index], format!("`{path}` was read and not written back"))));
    }
    Ok(breaches)
}

/// What the service makes by itself may be left out.
const READ_ONLY: [&str; 8] =
    ["id", "name", "type", "etag", "systemData", "provisioningState", "lastChangedUtc", "tenantId"];

fn lost(path: &str, read: Option<&Value>, written: Option<&Value>) -> Option<String> {
    let (read, written) = (read?.as_object()?, written?.as_object()?);
    read.iter().filter(|(key, _)| !READ_ONLY.contains(&key.as_str())).find_map(|(key, value)| {
        let path = format!("{path}.{key}");
        match written.get(key) {
            None => Some(path),
            Some(sent) => lost(&path, Some(value), Some(sent)),
        }
    })
}

fn stale_state(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let stale = c.writes().filter_map(|(index, write)| {
        let word = member_at(&write.request.body, &["properties", "provisioningState"])?;
        let word = word.as_str()?;
        let is_stale = !State::from_word(word).is_terminal();
        is_stale.then(|| Breach::new([index], format!("the body contains the state `{word}`, which has passed")))
    });
    Ok(stale.collect())
}

fn request_id_reused(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut breaches = Vec::new();
    for (index, write) in c.writes().filter(|(_, write)| write.provenance.is_none()) {
        let Some(id) = write.request.headers.get("x-ms-client-request-id") else { continue };
        let Some(before) = first.get(id) else {
            first.insert(id, index);
            continue;
        };
        // As URLs are compared: who follows a redirect writes the URL as that has it.
        let told = |index: usize| {
            let request = &c.interactions[index].request;
            (&request.method, c.path(index), c.target(index).query_key(), &request.body)
        };
        if told(*before) != told(index) {
            let message = format!("the request id {id} was used for another write before");
            breaches.push(Breach::new([*before, index], message));
        }
    }
    Ok(breaches)
}

fn mixed_up(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(known) = c.known() else { return Err(NotJudged("that there were two operations")) };
    if known.scenario.operation != scenario::Operation::Pair {
        return Ok(vec![]);
    }
    let success = c.outcome()?.is_success();
    let unended = c.courses.iter().filter(|course| {
        let running = matches!(course.written_state(), Some(State::Running(_)));
        let read_to_the_end = course.asked.iter().any(|asked| asked.state == Some(State::Succeeded));
        running && course.operation.offered != Polled::Nothing && course.end().is_none() && !read_to_the_end
    });
    let message = "reports success, and one of two operations was not polled to its end";
    let breach = |write: usize| Breach::new([write], message);
    Ok(unended
        .filter(|_| success)
        .filter_map(|course| Some(breach(course.operation.write?).in_course(course)))
        .collect())
}

fn asks_again(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(again) = c.knobs.again else { return Err(NotJudged("that the client was run twice")) };
    let outcome = c.outcome()?;
    let Some(last) = c.interactions.len().checked_sub(1) else { return Ok(vec![]) };
    // Whoever knows that it is done may say so.
    if last >= again || outcome.is_success() || outcome.ending != super::Ending::Itself {
        return Ok(vec![]);
    }
    Ok(vec![Breach::new([last], "was run again, and sent nothing: what the first run was told is told once more")])
}

fn forbidden(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(known) = c.known() else { return Err(NotJudged("the truth of a scenario")) };
    let reached = |target: &scenario::Target| {
        let at = known.reached(*target);
        let message = format!("asked the {target}, which this scenario forbids");
        let asked = (!at.is_empty()).then(|| Breach::new(at, message));
        // No document forbids to ask a URL with a user name in it; none that a client sent had it.
        if *target == scenario::Target::Decoy { asked.map(Breach::warning) } else { asked }
    };
    let too_often = |demand: &scenario::Demand| {
        let (at, most) = (known.reached(demand.target), demand.at_most?);
        let message = || {
            format!("asked the {} {}; this scenario lets it be asked {}", demand.target, times(at.len()), times(most))
        };
        (at.len() > most).then(|| Breach::new(at.clone(), message()))
    };
    let truth = &known.scenario.truth;
    Ok(truth.forbidden.iter().filter_map(reached).chain(truth.demanded.iter().filter_map(too_often)).collect())
}

/// So many times, in words.
fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        number => format!("{number} times"),
    }
}

fn demanded(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some(known) = c.known() else { return Err(NotJudged("the truth of a scenario")) };
    // Who could not have asked again yet, by its limit or by what it was told, has not failed to.
    let waits = |outcome| waits_rightly(c, outcome) || may_try_again(c, outcome);
    let is_excused = c.is_out_of_time() || c.outcome().is_ok_and(waits);
    let unmet = |demand: &scenario::Demand| {
        let (at, least) = (known.reached(demand.target), times(demand.at_least));
        let message = match at.len() {
            0 => format!("did not ask the {}; this scenario demands it {least}", demand.target),
            asked => format!("asked the {} {}; this scenario demands it {least}", demand.target, times(asked)),
        };
        (at.len() < demand.at_least && !is_excused).then(|| Breach::new(at, message))
    };
    Ok(known.scenario.truth.demanded.iter().filter_map(unmet).collect())
}
