//! What is kept of a case.

use std::path::Path;

use super::{Args, known::apply};
use crate::{
    cassette,
    check::{Baseline, Judged, Seeded},
    cli::say::{self, Failure},
    redact::{self, Named},
    report::{CaseReport, Kind, Shown},
};

/// The case, its rules that are not to be judged left out.
pub(super) fn reported(args: &Args, judged: &Judged, baseline: Option<&mut Baseline>) -> CaseReport {
    let mut case = CaseReport::of(judged);
    case.again = Some(match judged.case.recipe.filter(|_| judged.case.kept.is_some()) {
        Some(recipe) => args.again_recipe(&recipe),
        None => args.again(&case.scenario),
    });
    case.findings.retain(|reported| !args.skip_rule.iter().any(|id| id == reported.finding.rule));
    if args.strict_sdk {
        case.count_known();
    }
    apply(baseline, &mut case);
    case
}

/// Keeps cases as cassettes, without what a client sent of its secrets: they may be committed.
pub(super) struct Keeper<'a> {
    args: &'a Args,
    rules: redact::Settings,
    named: Named,
}

impl<'a> Keeper<'a> {
    /// With the rules of the project.
    ///
    /// # Errors
    ///
    /// Where they are no rules, or a secret that is named is not there: nothing is played then.
    pub(super) fn new(args: &'a Args) -> Result<Self, Failure> {
        let rules = args.settings.read()?.sections.redact;
        redact::Rules::new(&rules)?;
        Ok(Self { args, rules, named: args.secret_env.named()? })
    }

    /// Keeps the case where it has findings that count.
    pub(super) fn keep(&self, judged: &Judged, case: &mut CaseReport) {
        if case.counting().next().is_none() {
            return;
        }
        let name = format!("{}-{}.json", case.scenario.replace(':', "-"), case.operation);
        // A case that was kept before is kept in its place.
        let Some(path) = judged.case.kept.clone().or_else(|| Some(self.args.keep()?.join(name))) else { return };
        let path = cassette::pending_path(&path);
        let tape = self.without_secrets(with_command(judged, self.args));
        case.trace = tape.as_ref().ok().filter(|_| self.args.reports.wants(Kind::Html)).cloned();
        match tape.and_then(|tape| cassette::save(&tape, &path).map_err(|error| error.to_string())) {
            Ok(()) => {
                number(&mut case.conversation, &path);
                case.file = Some(path.display().to_string());
            }
            Err(error) => say::line(&format!("not kept: {error}")),
        }
    }

    fn without_secrets(&self, tape: cassette::Cassette) -> Result<cassette::Cassette, String> {
        let rules = redact::Rules::new(&self.rules).map_err(|error| error.to_string())?;
        Ok(redact::cassette(tape, rules, self.named.clone()).0)
    }
}

/// Where each interaction begins in the file that was just written.
fn number(conversation: &mut [Shown], path: &Path) {
    if let Ok((_, lines)) = cassette::Cassette::load_with_lines(path) {
        for (shown, line) in conversation.iter_mut().zip(lines) {
            shown.line = Some(line);
        }
    }
}

fn with_command(judged: &Judged, args: &Args) -> cassette::Cassette {
    let mut trace = judged.trace.clone();
    trace.command = redact::command(&args.command);
    if let Some(first) = trace.interactions.first_mut() {
        first.notes.push(Seeded::note(&judged.case));
    }
    trace
}
