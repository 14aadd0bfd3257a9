//! What the rules make of a replay.

use super::{Code, say};
use crate::{
    cassette::{Cassette, Interaction},
    judge::{Conversation, Knobs, Severity, judge},
    replay::Pace,
};

/// Says what the client broke; `trace` is what was said, and how much of it is left out. How the
/// client ended is not held against it: it may be a whole suite, or one that does not mean to wait.
pub(super) fn tell((trace, left_out): &(Cassette, usize), pace: Pace) -> Code {
    let knobs = Knobs {
        // Another pace than the recorded one is there so that nobody waits.
        accelerated: pace != Pace::Recorded,
        plain_http: trace.interactions.iter().any(is_plain_here),
        ..Knobs::default()
    };
    let judgement = judge(&Conversation::new(trace).with_knobs(knobs));
    for finding in &judgement.findings {
        let at = finding.interactions.last().map_or(String::new(), |index| {
            let request = &trace.interactions[*index].request;
            format!(", at request {}: {} {}", index + 1, request.method, request.target)
        });
        say::line(&format!("{}: {} [{}]{at}", finding.severity.word(), finding.message, finding.rule));
    }
    if *left_out > 0 {
        say::line(&format!("not judged: {} after the first {}", left_out, trace.interactions.len()));
    }
    let severe = judgement.findings.iter().any(|finding| finding.severity == Severity::Violation);
    if severe { Code::Findings } else { Code::Fine }
}

/// Whether the client was given a plain endpoint on this machine.
fn is_plain_here(interaction: &Interaction) -> bool {
    let host = interaction.request.authority.as_deref().unwrap_or_default();
    let here = ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own));
    here && interaction.request.scheme.as_deref() == Some("http")
}
