//! `armtape generate`: bodies of a profile.

use std::io::{BufWriter, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::{Value, json};

use super::{Code, say::Failure};
use crate::profile::{self, Case, Payload, RULES, Rule, Severity};

/// The seed where none is given: the same bodies in every run.
const SEED: u64 = 0;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bodies that no rule complains about (default)
    #[arg(long, group = "kind")]
    valid: bool,
    /// Bodies with one warning and no error, of these rules (`PROFILE-23` or `23`) or of any
    #[arg(long, group = "kind", num_args = 0.., value_name = "ID")]
    unusual: Option<Vec<String>>,
    /// Bodies with one error, of these rules or of any
    #[arg(long, group = "kind", num_args = 0.., value_name = "ID")]
    invalid: Option<Vec<String>>,
    /// How many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1)]
    number: u64,
    /// Where they come from: the first of a seed are the same, however many there are
    #[arg(long, value_name = "S", default_value_t = SEED)]
    seed: u64,
    /// The bodies alone, as they are
    #[arg(long)]
    bare: bool,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let strategy = strategy(args)?;
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    for index in 0..args.number {
        let case = profile::draw(&strategy, args.seed, index).map_err(Failure::machine)?;
        let line = if args.bare { case.payload.bytes() } else { line(&case).to_string().into_bytes() };
        match stdout.write_all(&line).and_then(|()| stdout.write_all(b"\n")) {
            // Whoever read has enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(Code::Fine),
            written => written.map_err(cannot_write)?,
        }
    }
    match stdout.flush() {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Code::Fine),
        flushed => flushed.map(|()| Code::Fine).map_err(cannot_write),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape of a map_err function")]
fn cannot_write(error: std::io::Error) -> Failure {
    Failure::machine(format!("cannot write to stdout: {error}"))
}

fn line(case: &Case) -> Value {
    let defect = case.defects.first().map(|rule| rule.id);
    match &case.payload {
        Payload::Json(body) => json!({ "defect": defect, "body": body }),
        Payload::Bytes(bytes) => json!({ "defect": defect, "bytes": STANDARD.encode(bytes) }),
    }
}

/// A strategy for bodies that break some of these rules; `None` where a body alone cannot.
type Of = fn(&[&Rule]) -> Option<BoxedStrategy<Case>>;

fn strategy(args: &Args) -> Result<BoxedStrategy<Case>, Failure> {
    Ok(match (&args.unusual, &args.invalid) {
        (Some(ids), _) => {
            profile::unusual_of(&rules(ids, Severity::Warning, profile::unusual_of)?).unwrap_or_else(profile::unusual)
        }
        (_, Some(ids)) => {
            profile::invalid_of(&rules(ids, Severity::Error, profile::invalid_of)?).unwrap_or_else(profile::invalid)
        }
        _ => profile::valid().prop_map(|body| Case { defects: Vec::new(), payload: Payload::Json(body) }).boxed(),
    })
}

fn rules(ids: &[String], severity: Severity, of: Of) -> Result<Vec<&'static Rule>, Failure> {
    ids.iter().map(|id| rule(id, severity, of)).collect()
}

/// The rule that is meant by `PROFILE-07`, `07` or `7`, if a body alone can break it.
fn rule(id: &str, severity: Severity, of: Of) -> Result<&'static Rule, Failure> {
    let digits = id.rsplit('-').next().and_then(|digits| digits.parse::<u8>().ok());
    let with_number: Vec<&'static Rule> = RULES.iter().filter(|rule| Some(rule.number()) == digits).collect();
    let Some(first) = with_number.first() else {
        return Err(Failure::usage(format!("there is no rule {id}")).hint("the rules are PROFILE-01 to PROFILE-44"));
    };
    match with_number.iter().find(|rule| rule.severity == severity) {
        None => {
            let other = if severity == Severity::Error { "--unusual" } else { "--invalid" };
            Err(Failure::usage(format!("{} is never an {severity}", first.id))
                .hint(format!("ask for it with `{other}`")))
        }
        Some(rule) if of(&[rule]).is_none() => {
            Err(Failure::usage(format!("{} cannot be shown by a body alone: {}", rule.id, rule.words)))
        }
        Some(rule) => Ok(rule),
    }
}
