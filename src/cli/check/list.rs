//! `armtape check --list`

use crate::{
    check::Plan,
    cli::{Code, env::print, say::Failure},
};

/// What would be run, and what would not.
pub(super) fn print_list(plan: &Plan) -> Result<Code, Failure> {
    let mut text = String::new();
    for case in &plan.cases {
        text.push_str(&format!(
            "{:<12} {:<12} {}\n",
            case.scenario.name(),
            case.scenario.operation,
            case.scenario.title
        ));
    }
    for skipped in &plan.skipped {
        text.push_str(&format!("{:<12} skipped      {}\n", skipped.scenario, skipped.reason));
    }
    print(&text)?;
    Ok(Code::Fine)
}
