//! Scripts that can't be played, and truths that contradict their scripts.

use super::{
    answer::{Answer, Form, LinkHeader},
    body::PLACEHOLDERS,
    model::{Expected, Insists, Operation, Scenario, Target},
};

/// Says what is wrong: the key that it concerns, and the reason.
pub(super) fn check(scenario: &Scenario) -> Result<(), (&'static str, String)> {
    written(scenario)?;
    bodies(scenario)?;
    for (target, answers) in &scenario.answers {
        if answers.is_empty() {
            return Err((key(*target), format!("`{target}` has no answer")));
        }
        if !is_reachable(scenario, *target) {
            return Err((key(*target), format!("nothing leads to `{target}`: no answer hands out its URL")));
        }
    }
    truth(scenario)
}

fn written(scenario: &Scenario) -> Result<(), (&'static str, String)> {
    let write = scenario.answers(Target::Write);
    if write.is_empty() {
        return Err((
            "write",
            "there is no `write`: what the service answers to it, also where it came before (`resume`)".to_owned(),
        ));
    }
    if scenario.operation == Operation::Resume && write.len() > 1 {
        return Err(("write", "a client that resumes makes no write: one answer is all there is".to_owned()));
    }
    Ok(())
}

fn bodies(scenario: &Scenario) -> Result<(), (&'static str, String)> {
    for (target, answers) in &scenario.answers {
        for answer in answers {
            if let Some(name) = &answer.body {
                if !scenario.bodies.contains_key(name) {
                    let meant = super::nearest(name, scenario.bodies.keys().map(String::as_str));
                    let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                    return Err((key(*target), format!("there is no body `{name}` in `bodies`{meant}")));
                }
                if answer.state.is_some() || answer.code.is_some() {
                    return Err((
                        key(*target),
                        format!("`body={name}` is the whole body: a state or a code beside it is never sent"),
                    ));
                }
            }
        }
    }
    for (name, text) in &scenario.bodies {
        let placeholders =
            text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(placeholder, _)| placeholder);
        if let Some(unknown) = placeholders.into_iter().find(|placeholder| !PLACEHOLDERS.contains(placeholder)) {
            let meant = super::nearest(unknown, PLACEHOLDERS).map(|known| format!("; did you mean `${{{known}}}`?"));
            return Err((
                "bodies",
                format!("`${{{unknown}}}` in `{name}` stands for nothing{}", meant.unwrap_or_default()),
            ));
        }
    }
    let used = |name: &String| scenario.answers.values().flatten().any(|answer| answer.body.as_ref() == Some(name));
    match scenario.bodies.keys().find(|name| !used(name)) {
        Some(name) => Err(("bodies", format!("no answer has the body `{name}`"))),
        None => Ok(()),
    }
}

/// Whether the write is accepted with this answer, or although there is none.
pub(super) fn takes_effect(answer: &Answer) -> bool {
    answer.applied || matches!(answer.status, Some(200..=204))
}

/// Whether some answer hands out the target's URL.
fn is_reachable(scenario: &Scenario, target: Target) -> bool {
    let handed_out = |header: LinkHeader, is_form: fn(Form) -> bool| {
        scenario
            .answers
            .values()
            .flatten()
            .flat_map(|answer| &answer.links)
            .any(|link| link.header == header && is_form(link.form))
    };
    let anywhere =
        |form: Form| scenario.answers.values().flatten().flat_map(|answer| &answer.links).any(|link| link.form == form);
    match target {
        Target::Write | Target::Resource | Target::Other => true,
        // One without TLS may be upgraded.
        Target::Monitor => handed_out(LinkHeader::Monitor, |form| is_own(form) || form == Form::Http),
        Target::NextMonitor => {
            let next = |header| handed_out(header, |form| form == Form::Next);
            next(LinkHeader::Monitor) || next(LinkHeader::OperationLocation)
        }
        Target::OperationLocation => handed_out(LinkHeader::OperationLocation, is_own),
        Target::Result => handed_out(LinkHeader::Result, is_own),
        Target::NextResult => handed_out(LinkHeader::Result, |form| form == Form::Next),
        Target::Moved => anywhere(Form::Moved),
        Target::SecondHost => {
            anywhere(Form::Second) || scenario.bodies.values().any(|body| body.contains("${second-host}"))
        }
        Target::PlainListener => anywhere(Form::Http),
        Target::Decoy => anywhere(Form::Userinfo) || anywhere(Form::Private),
    }
}

/// Whether a URL of that form leads to the target that its header is for.
pub(super) fn is_own(form: Form) -> bool {
    matches!(
        form,
        Form::Plain | Form::Signed | Form::OtherVersion | Form::Bare | Form::Long(_) | Form::Relative | Form::Port
    )
}

fn truth(scenario: &Scenario) -> Result<(), (&'static str, String)> {
    let truth = &scenario.truth;
    if truth.right.is_empty() {
        return Err(("right", "no outcome is right".to_owned()));
    }
    if let Some(both) = truth.right.iter().find(|outcome| truth.tolerated.contains(outcome)) {
        return Err(("tolerated", format!("`{both:?}` is right and no more than tolerated")));
    }
    if let Some(target) = truth
        .forbidden
        .iter()
        .find(|target| truth.demanded.iter().any(|demand| demand.target == **target && demand.at_least > 0))
    {
        return Err(("demanded", format!("`{target}` is demanded and forbidden")));
    }
    for demand in &truth.demanded {
        if demand.at_most.is_some_and(|most| most < demand.at_least) {
            return Err(("demanded", format!("`{demand}` can't be")));
        }
        if !is_reachable(scenario, demand.target) {
            return Err(("demanded", format!("`{}` is demanded, and nothing leads to it", demand.target)));
        }
    }
    let rule = |rule: &String| rule.starts_with("LRO-C-") || rule.starts_with("BODY-") || rule.starts_with("ID-");
    if let Some(rule) =
        truth.rules.iter().chain(truth.waived.keys()).chain(truth.softened.keys()).find(|name| !rule(name))
    {
        return Err(("rules", format!("`{rule}` is no rule, such as `LRO-C-08`")));
    }
    if scenario.insists != Insists::Nothing && scenario.answers(Target::Monitor).is_empty() {
        return Err(("insists", "there is no `monitor` that could insist".to_owned()));
    }
    if scenario.condition.is_some() && scenario.condition_headers().is_empty() {
        return Err(("condition", "a condition is a header, such as `If-None-Match: *`".to_owned()));
    }
    outcomes(scenario)
}

/// What the script tells must fit what is right.
fn outcomes(scenario: &Scenario) -> Result<(), (&'static str, String)> {
    let right = &scenario.truth.right;
    let success = right.contains(&Expected::Success);
    let any = right.contains(&Expected::Any);
    let states = || {
        let states = scenario.answers.values().flatten().filter_map(|answer| answer.state.as_deref());
        states.collect::<Vec<_>>()
    };
    let in_body = |word: &str| {
        let word = format!("\"{}\"", word.to_lowercase());
        scenario.bodies.values().any(|body| body.to_lowercase().contains(&word))
    };
    let says = |word: &str| states().iter().any(|state| state.eq_ignore_ascii_case(word)) || in_body(word);
    if success && !any && !can_succeed(scenario) {
        return Err(("right", "success is right, and no answer ever says that the operation succeeded".to_owned()));
    }
    let canceled = right.contains(&Expected::Canceled);
    let aborts = scenario.operation == Operation::Abort;
    if canceled && !aborts && !says("Canceled") && !says("Cancelled") {
        return Err(("right", "`canceled` is right, and no answer says so".to_owned()));
    }
    for code in right
        .iter()
        .filter_map(|outcome| if let Expected::Failure { codes } = outcome { Some(codes) } else { None })
        .flatten()
    {
        let sent = scenario.answers.values().flatten().any(|answer| answer.code.as_ref() == Some(code));
        let in_body = scenario.bodies.values().any(|body| body.contains(&code.replace('*', "${code}")));
        if !sent && !in_body {
            return Err(("right", format!("the code `{code}` is right, and no answer has it")));
        }
    }
    if right.contains(&Expected::Timeout) && scenario.timeout.is_none() && !aborts {
        return Err(("right", "`timeout` is right, and the client is given no limit (`timeout`)".to_owned()));
    }
    if let Some(source) = scenario.truth.result
        && !success
    {
        return Err(("result-from", format!("the result comes from `{source}`, and success is not right")));
    }
    Ok(())
}

fn can_succeed(scenario: &Scenario) -> bool {
    let redirects = |answer: &Answer| matches!(answer.status, Some(300..=399));
    let result_redirects = scenario.answers(Target::Result).iter().any(redirects);
    let ends = |(target, answer): (Target, &Answer)| {
        // What `Location` redirects to is the result, too.
        let target = match target {
            Target::Moved | Target::SecondHost if result_redirects => Target::Result,
            target => target,
        };
        let done = matches!(answer.status, Some(200 | 201 | 204));
        let state = answer.state.as_deref();
        // `Completed` is no word of the contract, and some clients take it for the end.
        let words = ["Succeeded", "Completed"];
        let succeeded = state.is_some_and(|state| words.iter().any(|word| state.eq_ignore_ascii_case(word)));
        let bodied = answer.body.is_some();
        match target {
            _ if !answer.is_whole() => answer.applied,
            _ if target.is_monitor() => done && (succeeded || bodied),
            // A 404 is how a deleted resource looks.
            Target::Write | Target::Resource | Target::Result | Target::NextResult
                if scenario.operation == Operation::Delete =>
            {
                done || answer.status == Some(404)
            }
            Target::Write | Target::Resource | Target::Result | Target::NextResult => {
                done && (succeeded || bodied || matches!(state, None | Some("-")))
            }
            _ => done,
        }
    };
    let mut answers =
        scenario.answers.iter().flat_map(|(target, answers)| answers.iter().map(|answer| (*target, answer)));
    answers.any(ends)
}

/// The key of a target's answers.
fn key(target: Target) -> &'static str {
    Target::NAMES.iter().find(|(_, other)| *other == target).map_or("write", |(name, _)| name)
}
