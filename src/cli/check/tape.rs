//! `--from`: a recording to begin with.

use std::sync::Arc;

use super::Args;
use crate::{
    check::Settings,
    cli::say::{self, Failure},
    simulate::{LookUps, Taped, scenario::Operation, taped},
};

/// Reads the recording: its operations are played, and the rest of the campaign is about the resource that
/// it writes first.
pub(super) fn read(args: &Args, settings: &mut Settings) -> Result<Vec<Taped>, Failure> {
    let Some(file) = &args.from else { return Ok(Vec::new()) };
    let reel = say::loaded(crate::cassette::Reel::load(std::slice::from_ref(file)))?;
    let taped = taped(&reel.cassette);
    let is_put = |taped: &&Taped| taped.scenarios.iter().any(|scenario| scenario.operation == Operation::Put);
    if taped.is_empty() {
        return Err(Failure::usage(format!("{}: there is no write on it that was accepted", file.display()))
            .hint("`armtape show` says which operations a recording has"));
    }
    settings.subject = taped.iter().find(is_put).map(|taped| taped.subject.clone());
    settings.look_ups = Some(Arc::new(LookUps::of(&reel.cassette)));
    Ok(taped)
}
