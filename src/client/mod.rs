//! The reference client: small, correct by every rule LRO-C-nn, its clock and transport are
//! arguments. The demo and the tests run it where the user's own client will be.
//!
//! An [`Operation`] is a pure state machine; [`run`] gives it a [`Transport`] and the time of tokio.
//! [`execute`] does everything from an endpoint to an [`Outcome`].

mod outcome;
mod terms;

mod judge;
mod lro;
mod machine;
mod read;
mod retry_after;
mod url;

mod run;
mod token;
mod transport;

mod command;

#[cfg(test)]
mod tests;

pub use command::{Command, CommandError, execute};
pub use lro::Operation;
pub use machine::Machine;
pub use outcome::{Outcome, OutcomeKind};
pub use run::run;
pub use terms::{Answer, Event, ResultAt, Settings, Step, TokenUse, Write};
pub use token::{AUTHORITY, ClientCredentials, SCOPE, TokenError, Tokens};
pub use transport::{Https, HttpsSettings, SetupError, Transport, TransportError};
pub use url::UrlError;
