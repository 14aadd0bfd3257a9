//! What is said of a recording, and the code that it has for it.

use std::io;

use crate::{
    cassette::Stored,
    cli::{Code, say},
    record::{Doubt, Seen, Take},
};

/// What has a host taped.
const ALLOW: &str = "--allow-host";

/// What came by beside the tape.
pub(super) fn seen(seen: &Seen) {
    seen.lines(ALLOW).iter().for_each(|line| say::line(line));
}

/// Which rule replaced what, and what no rule knew.
pub(super) fn replaced(take: &Take) -> Code {
    take.replaced().iter().for_each(|line| say::line(line));
    if take.report.suspects.is_empty() { Code::Fine } else { Code::Findings }
}

/// Where the recording is.
pub(super) fn stored(take: &Take, stored: &Stored, doubt: Option<Doubt>) -> Code {
    take.stored(stored, doubt).iter().for_each(|line| say::line(line));
    match stored {
        // The client's own code says it.
        Stored::Pending { .. } if doubt != Some(Doubt::ClientFailed) => Code::Findings,
        _ => Code::Fine,
    }
}

/// Nothing to write: the likeliest reason. `client` is how it ended, if armtape started it.
pub(super) fn nothing(seen: &Seen, client: Option<Code>) -> Code {
    say::line("error: nothing was recorded, so no cassette was written");
    // Of a service that could not be asked it is said already.
    if seen.upstream_errors.is_empty() {
        let reason = match seen.distrusted.is_empty() {
            false => say::DISTRUST.to_owned(),
            true => seen.why_nothing(ALLOW).unwrap_or_else(|| say::never_came(client)),
        };
        say::line(&format!("likely: {reason}"));
    }
    Code::Usage
}

/// A journal that is not needed any more.
pub(super) fn journal(removed: io::Result<()>) {
    if let Err(error) = removed {
        say::line(&format!("the journal could not be removed: {error}: the next command recovers it once more"));
    }
}
