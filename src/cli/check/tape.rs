//! `--from`: a recording to begin with.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Args;
use crate::{
    cassette::{Interaction, Reel},
    check::Settings,
    cli::say::{self, Failure, count},
    simulate::{LeftOut, LookUps, Taped, Tapes, scenario::Operation, taped},
};

/// More writes that are left out are counted.
const TOLD: usize = 3;

/// Reads the recording: its operations are played, and the rest of the campaign is about the resource that
/// it writes first.
pub(super) fn read(args: &Args, settings: &mut Settings) -> Result<Vec<Taped>, Failure> {
    let Some(file) = &args.from else { return Ok(Vec::new()) };
    let (played, reel) = played(file, settings.seed)?;
    let is_put = |taped: &&Taped| taped.scenarios.iter().any(|scenario| scenario.operation == Operation::Put);
    settings.subject = played.iter().find(is_put).map(|taped| taped.subject.clone());
    settings.look_ups = Some(Arc::new(LookUps::of(&reel.cassette)));
    Ok(played)
}

/// The services that a recording gives, and the recording. What none can be made of is told.
pub(in crate::cli) fn played(file: &PathBuf, seed: u64) -> Result<(Vec<Taped>, Reel), Failure> {
    let reel = say::loaded(Reel::load(std::slice::from_ref(file)))?;
    let Tapes { played, left_out } = taped(&reel.cassette, seed);
    if played.is_empty() {
        return Err(nothing(file, &reel, &left_out));
    }
    for left_out in left_out.iter().take(TOLD) {
        say::line(&format!("left out: {}: {}", told(left_out, &reel), left_out.reason.remedy()));
    }
    if left_out.len() > TOLD {
        say::line(&format!("left out: {} more", count(left_out.len() - TOLD, "operation")));
    }
    Ok((played, reel))
}

/// Why there is nothing to play.
fn nothing(file: &Path, reel: &Reel, left_out: &[LeftOut]) -> Failure {
    if let Some(first) = left_out.first() {
        let more = match left_out.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more cannot be played, either)"),
        };
        return Failure::usage(format!("{}{more}", told(first, reel))).hint(first.reason.remedy());
    }
    let file = file.display();
    if reel.places.is_empty() {
        return Failure::usage(format!("{file}: there is no interaction on it"))
            .hint("record it again: `armtape record --cassette FILE -- CLIENT`");
    }
    let Some(at) = reel.cassette.interactions.iter().position(|one| is_write(&one.request.method)) else {
        let interactions = count(reel.places.len(), "interaction");
        return Failure::usage(format!("{file}: there is no write on it, only reads ({interactions})"))
            .hint("record a client that creates, changes or deletes something");
    };
    let Interaction { request, response, .. } = &reel.cassette.interactions[at];
    let method = &request.method;
    let (place, wrong) = (
        &reel.places[at],
        match response.as_ref().map(|response| response.status) {
            None => "was not answered".to_owned(),
            Some(status @ 400..) => format!("was refused with {status}"),
            Some(status) => format!("was over with its answer, {status}: there is nothing to wait for"),
        },
    );
    Failure::usage(format!("{place}: the {method} {wrong}")).hint(format!(
        "what is varied is a write that runs on: 202, a polling URL, or a state that is no end; `armtape show {file}` \
         says what is on the tape"
    ))
}

fn is_write(method: &str) -> bool {
    matches!(method, "PUT" | "PATCH" | "POST" | "DELETE")
}

/// Where it is and what is wrong with it.
fn told(left_out: &LeftOut, reel: &Reel) -> String {
    let place = &reel.places[left_out.interaction];
    format!("{place}: {}: {}", left_out.asked, left_out.reason)
}
