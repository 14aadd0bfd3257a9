//! LRO-C-54 to 57: throttling, conflict, identity.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;

use super::{
    conversation::{Conversation, is_transient, seconds},
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::{
    arm::{Target, member_at},
    cassette::Interaction,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-54",
        severity: Warning,
        title: "a conflict with a running operation",
        words: "Where another operation is in the way, the client waits or reports it; it does not hammer: at most 3 \
                equal writes within 10 s.",
        source: "S-36, I-ASO2644",
        check: hammering,
    },
    Rule {
        id: "LRO-C-55",
        severity: Warning,
        title: "retries grow apart and end",
        words: "Retries of one request in a row come further and further apart, and end.",
        source: "RPC-ADD",
        check: backoff,
    },
    Rule {
        id: "LRO-C-56",
        severity: Warning,
        title: "a request id is a GUID",
        words: "`x-ms-client-request-id`, where it is sent, is a bare GUID: support finds requests by it.",
        source: "RPC-DET \"Client Request Headers\", RPC-ADD \"Instrumentation\"",
        check: request_id,
    },
    Rule {
        id: "LRO-C-57",
        severity: Warning,
        title: "ids are compared without case",
        words: "A returned id that differs from the request's only by case names the same resource.",
        source: "S-04, S-40",
        check: id_case,
    },
];

/// Runs of equal requests that follow each other.
fn runs<'a>(c: &Conversation<'a>, takes: impl Fn(&Interaction) -> bool) -> Vec<Vec<(usize, &'a Interaction)>> {
    let mut runs: Vec<Vec<(usize, &Interaction)>> = Vec::new();
    let mut latest = HashMap::new();
    for (index, interaction) in c.in_order() {
        let request = &interaction.request;
        let open = latest.entry((&request.method, &request.target, &request.authority));
        let run = *open.or_insert(usize::MAX);
        match runs.get_mut(run).filter(|run| takes(interaction) && takes(run[run.len() - 1].1)) {
            Some(run) => run.push((index, interaction)),
            None => {
                latest.insert((&request.method, &request.target, &request.authority), runs.len());
                runs.push(vec![(index, interaction)]);
            }
        }
    }
    runs
}

fn hammering(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 3;
    const SPAN: Duration = Duration::from_secs(10);
    let refused = |interaction: &Interaction| {
        interaction.request.method != "GET"
            && interaction.response.as_ref().is_some_and(|response| matches!(response.status, 409 | 412 | 429))
    };
    c.paced()?;
    let mut breaches = Vec::new();
    for run in runs(c, refused) {
        for window in run.windows(MOST + 1) {
            let span = c.between(window[0].0, window[MOST].0)?;
            if span < SPAN {
                let message = format!("{} equal writes within {}, all of them refused", window.len(), seconds(span));
                breaches.push(Breach::new(window.iter().map(|(index, _)| *index), message));
                break;
            }
        }
    }
    Ok(breaches)
}

fn backoff(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    const MOST: usize = 10;
    c.paced()?;
    let mut breaches = Vec::new();
    for run in runs(c, is_transient).into_iter().filter(|run| run.len() > MOST) {
        let gaps = run.windows(2).map(|pair| c.gap(pair[0].0, pair[1].0)).collect::<Result<Vec<_>, _>>()?;
        let asked = run.iter().any(|(index, _)| c.wait_asked(*index).is_some_and(|wait| !wait.is_zero()));
        if !asked && gaps.iter().all(|gap| *gap < Duration::from_secs(1)) {
            let message = format!("{} faults in a row, each retried within a second", run.len());
            breaches.push(Breach::new(run.iter().map(|(index, _)| *index), message));
        }
    }
    Ok(breaches)
}

fn request_id(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let wrong = c.in_order().find_map(|(index, interaction)| {
        let id = interaction.request.headers.get("x-ms-client-request-id")?;
        // A recorder may have put a word in its place.
        let judged = interaction.provenance.is_none();
        (judged && uuid::Uuid::try_parse(id).is_err()).then(|| Breach::new([index], format!("`{id}` is no GUID")))
    });
    Ok(wrong.into_iter().collect())
}

fn id_case(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    c.outcome()?;
    let writes: Vec<_> = c.writes().collect();
    let Some((first, interaction)) = writes.first() else { return Ok(vec![]) };
    let target = Target::parse(&interaction.request.target);
    let id = interaction.response.as_ref().and_then(|response| member_at(&response.body, &["id"]));
    let Some(id) = id.as_ref().and_then(Value::as_str) else { return Ok(vec![]) };
    // A doubled slash before it, or an escape, is no other case.
    let path = format!("/{}", target.path().trim_start_matches('/'));
    let differs = id != path && id.eq_ignore_ascii_case(&path);
    let success = interaction.response.as_ref().is_some_and(|response| response.status < 300);
    let again = writes.iter().skip(1).find(|(_, later)| {
        later.request.method == "PUT" && Target::parse(&later.request.target).path_key() == target.path_key()
    });
    let right = c.known().is_some_and(|known| known.wants_success());
    if !differs || !success {
        return Ok(vec![]);
    }
    Ok(match again {
        Some((index, _)) => {
            vec![Breach::new([*first, *index], "wrote the resource again; its id differs only by case")]
        }
        None if right && c.gave_up() => {
            vec![Breach::new([*first], "gave up at a resource whose id differs only by case")]
        }
        None => vec![],
    })
}
