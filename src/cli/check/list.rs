//! `armtape check --list`

use serde_json::json;

use super::Args;
use crate::{
    check::{Case, Plan, Settings},
    cli::{Code, env::print, say::Failure},
};

/// What would be run, and what would not.
pub(super) fn print_list(args: &Args, settings: &Settings, plan: &Plan) -> Result<Code, Failure> {
    print(&if args.json { as_json(settings, plan) } else { as_text(plan) })?;
    Ok(Code::Fine)
}

fn as_text(plan: &Plan) -> String {
    // As wide as the scenarios of the binary need, and wider for longer names.
    let names = plan.cases.iter().map(|case| case.scenario.name().len());
    let width = names.chain(plan.skipped.iter().map(|skipped| skipped.scenario.len())).fold(12, usize::max);
    let line = |name: &str, operation: &str, words: &str| format!("{name:<width$} {operation:<12} {words}\n");
    let cases = plan
        .cases
        .iter()
        .map(|Case { scenario, .. }| line(&scenario.name(), &scenario.operation.to_string(), &scenario.title));
    let skipped = plan.skipped.iter().map(|skipped| line(&skipped.scenario, "skipped", &skipped.reason));
    cases.chain(skipped).collect()
}

fn as_json(settings: &Settings, plan: &Plan) -> String {
    let cases = plan.cases.iter().map(|case| {
        json!({
            "case": case.number,
            "scenario": case.scenario.name(),
            "operation": case.scenario.operation.to_string(),
            "title": case.scenario.title,
            "rules": case.scenario.truth.rules,
            "seconds": case.waits(settings).as_secs_f64(),
        })
    });
    let skipped = plan.skipped.iter().map(|skipped| json!({ "scenario": skipped.scenario, "reason": skipped.reason }));
    let list = json!({
        "armtape": 1,
        "cases": cases.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
    });
    format!("{list:#}\n")
}
