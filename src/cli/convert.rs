//! `armtape convert`: what it writes may be committed, so secrets are replaced unless that is not wanted.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Code,
    say::{self, Failure, count},
    scan,
    settings::Settings,
};
use crate::{
    arm::operations,
    cassette::{Cassette, Reel, save},
    redact::{self, Named, Rules},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recordings of any format of docs/formats.md, or folders of them: written as one cassette
    #[arg(value_name = "IN", required = true)]
    input: Vec<PathBuf>,
    /// The cassette to write
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Keep secrets and personal values as they are
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let rules = Rules::new(&args.settings.read()?.sections.redact)?;
    let cassette = say::loaded(Reel::load(&args.input))?.cassette;
    if !args.force && exists(&args.output)? {
        return Err(Failure::usage(format!("{} is there already", args.output.display()))
            .hint("name another file, or write over it with `--force`"));
    }
    let (redacted, report, findings) = redact::cassette(cassette.clone(), rules, Named::default());
    let cassette = if args.raw { cassette } else { redacted };
    save(&cassette, &args.output)?;
    say::line(&format!(
        "{}, {} from {} ({}) in {}",
        count(cassette.interactions.len(), "interaction"),
        count(operations(&cassette.interactions).len(), "operation"),
        args.input.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", "),
        format(&cassette),
        args.output.display(),
    ));
    if args.raw && !findings.is_empty() {
        say::line(&format!(
            "{} kept as they are: see `armtape scan {}` before you commit it",
            count(findings.len(), "secret or personal value"),
            args.output.display()
        ));
    } else if !args.raw {
        scan::tell(&report);
    }
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for note in cassette.interactions.iter().flat_map(|interaction| &interaction.notes) {
        *notes.entry(note).or_default() += 1;
    }
    for (note, times) in notes {
        say::line(&format!("note on {}: {note}", count(times, "interaction")));
    }
    Ok(Code::Fine)
}

fn exists(path: &Path) -> Result<bool, Failure> {
    path.try_exists().map_err(|error| Failure::machine(format!("{}: {error}", path.display())))
}

/// The format that a recording was read from.
pub(super) fn format(cassette: &Cassette) -> &str {
    let provenance = cassette.interactions.first().and_then(|interaction| interaction.provenance.as_ref());
    provenance.map_or("armtape", |provenance| &provenance.format)
}
