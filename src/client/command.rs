//! One operation from the endpoint to the outcome, for a command line to call.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use super::{
    lro::Operation,
    outcome::Outcome,
    run::run,
    terms::{ResultAt, Settings, Write},
    token::Tokens,
    transport::{Https, HttpsSettings, SetupError},
    url::UrlError,
};

/// What to do, at which service, as whom.
#[derive(Clone, Debug)]
pub struct Command {
    /// Base URL of the service, such as `https://management.azure.com`.
    pub endpoint: String,
    /// The resource's id, from `/subscriptions` on.
    pub resource_id: String,
    /// The api-version.
    pub api_version: String,
    /// `PUT`, `PATCH`, `POST` or `DELETE`.
    pub method: Method,
    /// The body; empty for none.
    pub body: Bytes,
    /// Headers of the write alone, such as preconditions.
    pub headers: HeaderMap,
    /// Whether the resource is read first, and the body laid over what it has.
    pub update: bool,
    /// URL of an operation that runs already: it is polled, and nothing is written.
    pub resume: Option<String>,
    /// Wait between polls where the service says nothing.
    pub interval: Duration,
    /// When to give up, if ever.
    pub timeout: Option<Duration>,
    /// Hosts beside the endpoint's that may see the token.
    pub trusted_hosts: Vec<String>,
    /// Where the result is.
    pub result: ResultAt,
    /// The caller's identity.
    pub tokens: Tokens,
    /// How the service is reached.
    pub https: HttpsSettings,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The transport can't be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A URL can't be used.
    #[error("the URL can't be used")]
    Url(#[from] UrlError),
}

/// Runs the command to its end.
///
/// # Errors
///
/// Nothing was sent, because what was asked for can't be done. Whatever happens later is an
/// [`Outcome`].
pub async fn execute(command: Command) -> Result<Outcome, CommandError> {
    let transport = Https::new(&command.https)?;
    let mut tokens = command.tokens.clone();
    let operation = operation(command)?;
    Ok(run(&transport, &mut tokens, operation).await)
}

fn operation(command: Command) -> Result<Operation, UrlError> {
    let Command { endpoint, resource_id, api_version, .. } = &command;
    let path = resource_id.trim_start_matches('/');
    let url = format!("{}/{path}?api-version={api_version}", endpoint.trim_end_matches('/'));
    let settings = Settings {
        default_interval: command.interval,
        timeout: command.timeout,
        trusted_hosts: command.trusted_hosts,
        result: command.result,
        renews_token: command.tokens.can_renew(),
        started: Some(Timestamp::now()),
    };
    let write = Write { method: command.method, url, body: command.body, headers: command.headers };
    match &command.resume {
        Some(polling) => Operation::resume(write, polling, settings),
        None if command.update => Operation::update(write, settings),
        None => Operation::new(write, settings),
    }
}
