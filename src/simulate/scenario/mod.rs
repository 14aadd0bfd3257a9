//! Services as data: scripts of what a service answers, and the truth about what a client may make
//! of it. `docs/scenarios.md` describes the files.
//!
//! - [`Scenario`] is a script with its [`Truth`]; [`all`] are those in the binary, [`read()`] reads
//!   others.
//! - [`Draw`] is what is drawn anew for each case.
//! - [`Play`] is the service that follows a script for one case: request and time come in, an answer
//!   comes out, and with it what the request meant ([`Seen`]).
//! - [`run_virtually`] sends the reference client through a case without a wait.

mod answer;
mod model;

mod check;
mod read;
mod words;
mod write;

mod catalogue;

mod alike;
mod draw;
mod links;
mod pace;
mod subject;

mod body;
mod echo;
mod play;
mod wire;

mod interposed;

mod virtual_run;

#[cfg(test)]
pub(in crate::simulate) mod tests;

pub use answer::{Answer, AnswerError, Fault, Form, Link, LinkHeader, RetryAfter};
pub use catalogue::all;
pub use draw::Draw;
pub use interposed::{Interposed, InterposedError, Request, Wrong};
pub use links::{Fidelity, PRIVATE, Place, Places};
pub use model::{Demand, Expected, FinalState, FromTape, Insists, Kind, Need, Operation, Scenario, Target, Truth};
pub use pace::Pace;
pub use play::{Case, Play, Reply, Seen};
pub use read::{ReadError, read};
pub use subject::Subject;
pub use virtual_run::{Bend, Ran, run_bent, run_virtually, settings};

pub(in crate::simulate) use alike::like;
use check::check;

/// The nearest of the known words, if one is near.
fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let near = |known: &'k str| (strsim::jaro_winkler(word, known), known);
    let best = known.into_iter().map(near).max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.8).map(|(_, known)| known.to_owned())
}
