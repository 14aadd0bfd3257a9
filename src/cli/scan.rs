//! `armtape scan` and `armtape redact`

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    Code, env,
    say::{self, Failure, count},
    settings::Settings,
};
use crate::{
    cassette::{Cassette, Error, ErrorKind, remove_unnamed_bodies, save},
    redact::{self, Finding, Named, Report, Rules},
};

#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    /// Recordings of any format, or folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Say what each rule that found something looks for
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, clap::Args)]
pub(super) struct RedactArgs {
    /// Recordings of any format, or folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Write the redacted recordings over the old ones, as cassettes; all of them or none
    #[arg(long)]
    in_place: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Says where secrets are, and never what they are.
pub(super) fn scan(args: &ScanArgs) -> Result<Code, Failure> {
    let settings = args.settings.read()?.sections.redact;
    Rules::new(&settings)?;
    let (recordings, code) = load(&args.paths);
    let (mut values, mut places, mut interactions, mut rules) = (0, 0, 0, BTreeSet::new());
    let mut lines = String::new();
    for Recording { path, cassette, lines: starts } in recordings {
        interactions += cassette.interactions.len();
        let (_, _, findings) = redact::cassette(cassette, Rules::new(&settings)?, Named::default());
        places += findings.len();
        for (finding, times) in by_value(&findings) {
            values += 1;
            rules.insert(finding.rule.clone());
            let more = if times > 1 { format!(" (and {} more)", times - 1) } else { String::new() };
            let line = finding.interaction.and_then(|number| starts.get(number)).copied().unwrap_or(1);
            let text = format!("{}:{line}: {}: {}{more}", path.display(), finding.path(), finding.rule);
            lines.push_str(&say::printable(&text).replace('\n', "\u{fffd}"));
            lines.push('\n');
        }
    }
    env::print(&lines)?;
    if args.explain {
        for rule in redact::rules().iter().filter(|rule| rules.contains(rule.id)) {
            say::line(&format!("{}: {} For example {}.", rule.id, rule.words, rule.example));
        }
    }
    let places = if places > values { format!(" in {}", count(places, "place")) } else { String::new() };
    say::line(&format!("{}{places} in {}", count(values, "value"), count(interactions, "interaction")));
    Ok(code.or(if values > 0 { Code::Findings } else { Code::Fine }))
}

/// Which rule replaced what, and what no rule knew.
pub(super) fn tell(report: &Report) {
    if let Some(rules) = report.rules() {
        say::line(&format!("replaced: {rules}"));
    }
    for suspect in &report.suspects {
        say::line(&format!("this looks like a secret, and was replaced: {}", suspect.path()));
    }
}

/// Puts stand-ins in the place of secrets.
pub(super) fn redact(args: &RedactArgs) -> Result<Code, Failure> {
    let settings = args.settings.read()?.sections.redact;
    Rules::new(&settings)?;
    // All of them before the first is written.
    let (recordings, code) = load(&args.paths);
    if code != Code::Fine {
        say::line("nothing was written: all of them are redacted, or none");
        return Ok(code);
    }
    let mut changed = Vec::new();
    for Recording { path, cassette, .. } in recordings {
        let before = cassette.without_credentials().to_text();
        let (cassette, report, _) = redact::cassette(cassette, Rules::new(&settings)?, Named::default());
        // Of credentials that another tool wrote nothing stays, not even a stand-in.
        if report.replaced.is_empty() && cassette.to_text() == before {
            say::line(&format!("{}: nothing to replace", path.display()));
        } else {
            let done = if args.in_place { "replaced" } else { "to be replaced" };
            let rules = report.rules().unwrap_or_else(|| "only stand-ins to be listed".to_owned());
            say::line(&format!("{}: {done}: {rules}", path.display()));
            changed.push((path, cassette));
        }
    }
    if changed.is_empty() {
        return Ok(Code::Fine);
    }
    if !args.in_place {
        say::line("nothing was written: `--in-place` does it");
        return Ok(Code::Findings);
    }
    write(&changed)?;
    Ok(Code::Fine)
}

/// Writes all, or puts back what was there. Not by way of the desk, whose way back would keep the secrets.
fn write(changed: &[(PathBuf, Cassette)]) -> Result<(), Failure> {
    let mut before = Vec::new();
    for (path, cassette) in changed {
        let old = std::fs::read(path).map_err(|error| Failure::machine(format!("{}: {error}", path.display())))?;
        if let Err(error) = save(cassette, path) {
            for (path, old) in before {
                if let Err(error) = std::fs::write::<&PathBuf, Vec<u8>>(path, old) {
                    say::line(&format!("error: {} could not be put back: {error}", path.display()));
                }
            }
            return Err(error.into());
        }
        before.push((path, old));
    }
    // Large bodies that no cassette holds any more are what was to go.
    for (path, _) in changed {
        for (body, error) in remove_unnamed_bodies(path) {
            say::line(&format!("error: {}: {error}", body.display()));
        }
    }
    Ok(())
}

/// The first place of each value, and how often it was found.
fn by_value(findings: &[Finding]) -> Vec<(&Finding, usize)> {
    let mut first: BTreeMap<usize, (&Finding, usize)> = BTreeMap::new();
    for finding in findings {
        first.entry(finding.value).or_insert((finding, 0)).1 += 1;
    }
    let mut found: Vec<_> = first.into_values().collect();
    found.sort();
    found
}

/// A recording that is looked through, with the credentials that another tool left in it.
struct Recording {
    path: PathBuf,
    cassette: Cassette,
    /// The lines on which the interactions begin.
    lines: Vec<u64>,
}

/// Every recording that the paths name; in folders, what is none is passed over, and that is said. What cannot be read
/// is said, and is in the code: the others are there all the same.
fn load(paths: &[PathBuf]) -> (Vec<Recording>, Code) {
    let (mut recordings, mut passed_over, mut code) = (Vec::new(), Vec::new(), Code::Fine);
    let mut fail = |failure: Failure| code = code.or(say::failure(&failure));
    for path in paths {
        let is_folder = path.is_dir();
        let files = match is_folder {
            true => files(path),
            false => Ok(vec![path.clone()]),
        };
        let files = files.unwrap_or_else(|failure| {
            fail(failure);
            Vec::new()
        });
        let mut is_any = false;
        for path in files {
            match Cassette::load_with_credentials(&path) {
                Ok((cassette, lines)) => recordings.push(Recording { path, cassette, lines }),
                Err(Error { kind: ErrorKind::Unrecognised { .. }, path }) if is_folder => {
                    passed_over.push(path);
                    continue;
                }
                Err(error) => fail(error.into()),
            }
            is_any = true;
        }
        if is_folder && !is_any {
            fail(Error::new(path, ErrorKind::NoRecording).into());
        }
    }
    tell_passed_over(&passed_over);
    (recordings, code)
}

/// What was not searched, in one line: somebody may take one of them for a recording, and a folder may hold many.
fn tell_passed_over(files: &[PathBuf]) {
    const NAMED: usize = 5;
    if files.is_empty() {
        return;
    }
    let names: Vec<String> = files.iter().take(NAMED).map(|file| file.display().to_string()).collect();
    let more = files.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    say::line(&format!("passed over as no recording: {}{more}", names.join(", ")));
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fail = |error: std::io::Error| Failure::machine(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links are not followed: a loop of them has no end.
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && !name.starts_with('.') && !["target", "node_modules"].contains(&name.as_str()) {
            found.extend(files(&entry.path())?);
        } else if kind.is_file()
            && [".json", ".json.new", ".yaml", ".yml", ".har"].iter().any(|end| name.ends_with(end))
        {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
