//! What is kept of a case.

use std::path::{Path, PathBuf};

use super::{Args, known::apply};
use crate::{
    cassette,
    check::{self, Baseline, Judged, Seeded},
    cli::{
        ci,
        say::{self, Failure},
    },
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
        let Some(path) = place(self.args, judged) else { return };
        if case.counting().next().is_none() {
            if is_passed(self.args, judged, case, &path) && std::fs::remove_file(&path).is_ok() {
                say::line(&format!("gone: {}: the client passes it now", path.display()));
            }
            return;
        }
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

/// Where a case is kept; one that was kept before, in its place.
fn place(args: &Args, judged: &Judged) -> Option<PathBuf> {
    let scenario = &judged.case.scenario;
    let name = format!("{}-{}.json", scenario.name().replace(':', "-"), scenario.operation);
    let path = judged.case.kept.clone().or_else(|| Some(args.keep()?.join(name)))?;
    Some(cassette::pending_path(&path))
}

/// Whether what is kept there is this case, failed by the same command, and passed now: judged by all rules,
/// with nothing found, whatever counts. A made-small one goes with the one that it was made of.
fn is_passed(args: &Args, judged: &Judged, case: &CaseReport, path: &Path) -> bool {
    if ci::is_ci() || case.nothing.is_some() || !case.findings.is_empty() || !args.skip_rule.is_empty() {
        return false;
    }
    let Some((seeded, command)) =
        cassette::Cassette::load(path).ok().and_then(|kept| Some((Seeded::of(&kept)?, kept.command)))
    else {
        return false;
    };
    let played = &judged.case;
    let is_same = seeded.name == played.scenario.name() && seeded.seed == played.seed;
    let is_of_row = check::read_name(&seeded.name).is_some();
    is_same && (is_of_row || seeded.recipe == played.recipe) && command == redact::command(&args.command)
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
