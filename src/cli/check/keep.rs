//! What is kept of a case.

use std::path::Path;

use super::{Args, known::apply};
use crate::{
    cassette,
    check::{Baseline, Judged},
    cli::say,
    redact,
    report::{CaseReport, Kind, Shown},
};

/// The case, its rules that are not to be judged left out, kept as a cassette where
/// it has findings that count.
pub(super) fn kept(args: &Args, judged: &Judged, baseline: Option<&mut Baseline>) -> CaseReport {
    let mut case = CaseReport::of(judged);
    case.again = Some(args.again(&case.scenario));
    case.findings.retain(|reported| !args.skip_rule.iter().any(|id| id == reported.finding.rule));
    if args.strict_sdk {
        case.count_known();
    }
    apply(baseline, &mut case);
    if case.counting().next().is_some() {
        let name = format!("{}-{}.json", case.scenario.replace(':', "-"), case.operation);
        let path = cassette::pending_path(&args.keep.join(name));
        let tape = without_secrets(with_command(judged, args));
        case.trace = tape.as_ref().ok().filter(|_| args.reports.wants(Kind::Html)).cloned();
        let saved = tape.and_then(|tape| cassette::save(&tape, &path).map_err(|error| error.to_string()));
        match saved {
            Ok(()) => {
                number(&mut case.conversation, &path);
                case.file = Some(path.display().to_string());
            }
            Err(error) => say::line(&format!("not kept: {error}")),
        }
    }
    case
}

/// Where each interaction begins in the file that was just written.
fn number(conversation: &mut [Shown], path: &Path) {
    if let Ok((_, lines)) = cassette::Cassette::load_with_lines(path) {
        for (shown, line) in conversation.iter_mut().zip(lines) {
            shown.line = Some(line);
        }
    }
}

/// What a client sent of itself is no business of a cassette that is committed.
fn without_secrets(tape: cassette::Cassette) -> Result<cassette::Cassette, String> {
    let rules = redact::Rules::new(&redact::Settings::default()).map_err(|error| error.to_string())?;
    Ok(redact::cassette(tape, rules, redact::Named::default()).0)
}

fn with_command(judged: &Judged, args: &Args) -> cassette::Cassette {
    let mut trace = judged.trace.clone();
    trace.command = crate::redact::command(&args.command);
    trace
}
