//! `armtape explain`

use super::{Code, env::print, say::Failure};
use crate::{
    check,
    judge::{Sight, ambiguities, faults, named_sources, rule, rules, sources},
    profile, redact,
    report::subject,
    simulate::scenario,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Such as LRO-C-22, SC-030, BUG-53, A-03, PROFILE-07, GEN-1-17, RPC-ASYNC or async-id
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let texts = args.ids.iter().map(|id| explained(id.trim())).collect::<Result<Vec<_>, _>>()?;
    print(&texts.join("\n"))?;
    Ok(Code::Fine)
}

fn explained(id: &str) -> Result<String, Failure> {
    let kinds: [fn(&str) -> Option<String>; 9] =
        [of_rule, of_scenario, of_fault, of_ambiguity, of_subject, of_profile, of_drawn, of_source, of_redaction];
    kinds.iter().find_map(|of| of(id)).ok_or_else(|| {
        Failure::usage(format!("nothing is called `{id}`")).hint(
            "rules are LRO-C-01 to LRO-C-57, BODY-nn, ID-nn and SCRIPT-nn; of tapes TAPE-nn, of comparisons CHANGE-nn, \
             of profiles PROFILE-01 to PROFILE-44; scenarios SC-nnn and OP-nn; generated ones GEN-n-n, those of \
             `check --from` FROM-n; faults BUG-01 to BUG-93; open questions A-01 to A-30; sources as rules name \
             them; those of `scan` and `redact` are in docs/secrets.md",
        )
    })
}

fn of_rule(id: &str) -> Option<String> {
    let rule = rule(id)?;
    let mut text = format!("{} ({}): {}\n\n{}\n", rule.id, rule.severity.word(), rule.title, rule.words);
    let seen: Vec<&str> = faults()
        .iter()
        .filter(|fault| matches!(fault.sight, Sight::Rules(rules) if rules.contains(&rule.id)))
        .map(|fault| fault.id)
        .collect();
    if !seen.is_empty() {
        text.push_str(&format!("\nfaults that it sees: {}\n", seen.join(", ")));
    }
    let played = scenario::all().iter().filter(|scenario| scenario.truth.rules.iter().any(|named| named == rule.id));
    let played: Vec<String> = played.map(scenario::Scenario::name).collect();
    if !played.is_empty() {
        text.push_str(&format!("scenarios that exercise it: {}\n", played.join(", ")));
    }
    text.push_str(&source(rule.source));
    Some(text)
}

/// What findings are about that is no rule of the contract, such as `TAPE-01`.
fn of_subject(id: &str) -> Option<String> {
    let subject = subject(id)?;
    let (severity, words) = (subject.severity.word(), subject.words);
    Some(format!("{} ({severity}): {}\n\n{words}\nsource: {}\n", subject.id, subject.title, subject.source))
}

/// What makes a profile wrong: the rules of `lint --body`, of which a milder case has the same id.
fn of_profile(id: &str) -> Option<String> {
    let of_id = profile::RULES.iter().filter(|rule| rule.id.eq_ignore_ascii_case(id));
    let text: String = of_id
        .map(|rule| {
            let evidence: Vec<String> = rule.evidence.iter().map(ToString::to_string).collect();
            format!("{} ({}): {}\nsource: {}\n", rule.id, rule.severity, rule.words, evidence.join(", "))
        })
        .collect();
    (!text.is_empty()).then(|| format!("{text}more: docs/profile.md\n"))
}

/// Cases that are made, and are in no catalogue.
fn of_drawn(id: &str) -> Option<String> {
    let id = id.to_ascii_uppercase();
    if let Some((seed, number)) = check::read_name(&id) {
        return Some(format!(
            "{id}: a generated service, number {number} of those of seed {seed}\n\nIt is the same one on every machine, \
             of a client that can be asked for the same operations. To see and to play it again:\n  armtape check \
             --list --scenario {id}\n  armtape check --scenario {id} -- CLIENT\nmore: docs/check.md\n"
        ));
    }
    let (number, variant) = id.strip_prefix("FROM-").map(|rest| rest.split_once(':').unwrap_or((rest, "")))?;
    number.parse::<usize>().ok()?;
    let which = if variant.is_empty() { "as it was recorded and varied" } else { "one way of it" };
    Some(format!(
        "{id}: operation {number} of the recording that `check --from` was given, {which}\n\nWhat it is depends on the \
         recording. To see and to play it again:\n  armtape check --from FILE --list --scenario 'FROM-{number}*'\n  \
         armtape check --from FILE --scenario 'FROM-{number}*' -- CLIENT\nmore: docs/check.md\n"
    ))
}

/// A source, and what its short names stand for.
fn source(text: &str) -> String {
    format!("source: {text}\n{}", spelled_out(text))
}

/// The short names of sources in a text, a line for each.
fn spelled_out(text: &str) -> String {
    let line = |source: &&'static crate::judge::Source| format!("  {}: {}\n", source.key, source.words);
    named_sources(text).iter().map(line).collect()
}

fn of_source(id: &str) -> Option<String> {
    let source = sources().iter().find(|source| source.key.eq_ignore_ascii_case(id))?;
    let said = rules().filter(|rule| named_sources(rule.source).iter().any(|named| named.key == source.key));
    let said: Vec<&str> = said.map(|rule| rule.id).collect();
    let rules =
        if said.is_empty() { String::new() } else { format!("\nrules that follow from it: {}\n", said.join(", ")) };
    Some(format!("{}: {}\n{rules}{}", source.key, source.words, spelled_out(source.words)))
}

fn of_scenario(id: &str) -> Option<String> {
    let fits = |scenario: &&scenario::Scenario| {
        scenario.name().eq_ignore_ascii_case(id) || scenario.id.eq_ignore_ascii_case(id)
    };
    let mut text = String::new();
    for scenario in scenario::all().iter().filter(fits) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{} ({}): {}\n\n", scenario.name(), scenario.operation, scenario.title));
        text.push_str(&scenario.in_words());
        let exercised: Vec<_> = scenario.truth.rules.iter().filter_map(|id| rule(id)).collect();
        if !exercised.is_empty() {
            text.push_str("\nrules that it is about\n");
        }
        for rule in &exercised {
            text.push_str(&format!("  {}: {} ({})\n", rule.id, rule.title, rule.source));
        }
        for (rule, ambiguity) in &scenario.truth.waived {
            text.push_str(&format!("not judged here: {rule}, because of {ambiguity}\n"));
        }
        for (rule, ambiguity) in &scenario.truth.softened {
            text.push_str(&format!("a warning at most: {rule}, because of {ambiguity}\n"));
        }
        let open = scenario.truth.waived.values().chain(scenario.truth.softened.values()).map(String::as_str);
        let named: Vec<&str> = exercised.iter().map(|rule| rule.source).chain(open).collect();
        let spelled_out = spelled_out(&named.join(", "));
        if !spelled_out.is_empty() {
            text.push_str(&format!("source\n{spelled_out}"));
        }
    }
    (!text.is_empty()).then_some(text)
}

fn of_fault(id: &str) -> Option<String> {
    let fault = faults().iter().find(|fault| fault.id.eq_ignore_ascii_case(id))?;
    let sight = match fault.sight {
        Sight::Rules(named) => {
            let titled = rules().filter(|rule| named.contains(&rule.id));
            let titled: Vec<String> = titled.map(|rule| format!("  {}: {}", rule.id, rule.title)).collect();
            format!("seen by\n{}", titled.join("\n"))
        }
        Sight::Unseen(reason) => format!("not seen: {reason}"),
    };
    Some(format!("{}: {}\n\n{sight}\n{}", fault.id, fault.words, source(fault.source)))
}

fn of_ambiguity(id: &str) -> Option<String> {
    let open = ambiguities().iter().find(|open| open.id.eq_ignore_ascii_case(id))?;
    let mut text = format!("{}: {}\n", open.id, open.words);
    for scenario in scenario::all() {
        let waived = scenario.truth.waived.iter().filter(|(_, ambiguity)| ambiguity.as_str() == open.id);
        for (rule, _) in waived {
            text.push_str(&format!("{rule} is not judged in {}\n", scenario.name()));
        }
    }
    text.push_str(&source(open.source));
    Some(text)
}

fn of_redaction(id: &str) -> Option<String> {
    let rule = redact::rules().iter().find(|rule| rule.id.eq_ignore_ascii_case(id))?;
    let redact::Rule { id, kind, words, example, .. } = rule;
    Some(format!("{id}: {words}\n\nfor example {example}\nits stand-ins are of the kind {}\n", kind.name()))
}
