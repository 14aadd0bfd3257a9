//! `armtape explain`

use super::{Code, env::print, say::Failure};
use crate::{
    judge::{Sight, ambiguities, faults, named_sources, rule, rules, sources},
    redact,
    report::subject,
    simulate::scenario,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Such as LRO-C-22, SC-030, BUG-53, A-03, RPC-ASYNC or async-id
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let id = args.id.trim();
    let found = of_rule(id).or_else(|| of_scenario(id)).or_else(|| of_fault(id)).or_else(|| of_ambiguity(id));
    let found = found.or_else(|| of_subject(id));
    let text = found.or_else(|| of_source(id)).or_else(|| of_redaction(id)).ok_or_else(|| {
        Failure::usage(format!("nothing is called `{id}`")).hint(
            "rules are LRO-C-01 to LRO-C-57, BODY-nn and ID-nn; scenarios SC-nnn; faults BUG-01 to BUG-93; open \
             questions A-01 to A-30; sources as rules name them; those of `scan` and `redact` are in docs/secrets.md",
        )
    })?;
    print(&text)?;
    Ok(Code::Fine)
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
