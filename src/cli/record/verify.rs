//! `--verify`: what was recorded is replayed to its client before it is trusted.

use std::{path::Path, time::Duration};

use tokio_util::sync::CancellationToken;

use super::Args;
use crate::{
    cassette::{Cassette, Reel},
    cli::{
        complaint::Complaint,
        rehearsal,
        replay::Terms,
        say::{self, Failure, count},
        timing::Timing,
    },
    config::Sections,
    record::Doubt,
};

/// A replay waits for nothing; what takes longer hangs.
const LIMIT: Duration = Duration::from_secs(600);

/// Replays what was recorded to its client, as often as is asked for, and says where it fails.
pub(super) async fn verified(
    cassette: &Cassette,
    path: &Path,
    args: &Args,
    settings: &Sections,
) -> Result<Option<Doubt>, Failure> {
    let times = args.verify.unwrap_or(0);
    let terms = Terms { settings, timing: Timing::INSTANT };
    for number in 1..=times {
        let reel = Reel { cassette: cassette.clone(), ..Reel::default() };
        let words = args.command.clone();
        let played = rehearsal::play(path, reel, words, &terms, LIMIT, &CancellationToken::new()).await?;
        if !played.is_clean() {
            say::line(&format!("replay {number} of {times} did not pass:"));
            let nothing = played.nothing.iter().map(|nothing| format!("  {nothing}"));
            let told = |complaint: &Complaint| {
                let more = complaint.more.iter().map(|line| format!("    {line}"));
                [format!("  {}", complaint.message)].into_iter().chain(more).collect::<Vec<_>>()
            };
            let grave = played.complaints.iter().filter(|complaint| complaint.is_grave());
            nothing.chain(grave.flat_map(told)).for_each(|line| say::line(&line));
            return Ok(Some(Doubt::NotReplayed));
        }
    }
    if times > 0 {
        say::line(&format!("{} passed", count(times as usize, "replay")));
    }
    Ok(None)
}
