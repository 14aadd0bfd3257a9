//! `armtape client` (hidden): the reference client, for the demo and for trying things out.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;

use super::{Code, env::print, say::Failure};
use crate::{
    client::{AUTHORITY, ClientCredentials, Command, HttpsSettings, OutcomeKind, ResultAt, SCOPE, Tokens, execute},
    simulate::seed,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Base URL of the service
    #[arg(long, value_name = "URL", default_value = "https://management.azure.com")]
    endpoint: String,
    /// The resource [default: the seed's profile]
    #[arg(long, value_name = "ID")]
    resource_id: Option<String>,
    /// The api-version
    #[arg(long, value_name = "V", default_value = seed::API_VERSION)]
    api_version: String,
    /// The method
    #[arg(long, default_value = "PUT")]
    method: http::Method,
    /// File with the body; several are sent one after the other [default: the seed's profile]
    #[arg(long, value_name = "FILE")]
    body: Vec<PathBuf>,
    /// Read the resource first, and lay the body over what it has
    #[arg(long)]
    update: bool,
    /// URL of an operation to go on with
    #[arg(long, value_name = "URL")]
    resume: Option<String>,
    /// Seconds between polls where the service says nothing
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    interval: f64,
    /// Seconds after which to give up
    #[arg(long, value_name = "S")]
    timeout: Option<f64>,
    /// Hosts beside the endpoint's that may see the token
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    trusted_hosts: Vec<String>,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let seconds =
        |seconds: f64| Duration::try_from_secs_f64(seconds).map_err(|error| Failure::usage(error.to_string()));
    let mut bodies = Vec::new();
    for path in &args.body {
        let read = std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        bodies.push(Bytes::from(read));
    }
    if bodies.is_empty() {
        let write = args.method == http::Method::PUT && args.resource_id.is_none();
        bodies.push(if write { seed::profile_body(seed::PROFILE).into() } else { Bytes::new() });
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let credentials = (variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID"), variable("AZURE_CLIENT_SECRET"));
    let mut command = Command {
        endpoint: args.endpoint,
        resource_id: args.resource_id.unwrap_or_else(|| seed::resource_id(seed::PROFILE)),
        api_version: args.api_version,
        method: args.method,
        body: Bytes::new(),
        headers: http::HeaderMap::new(),
        update: args.update,
        resume: args.resume,
        interval: seconds(args.interval)?,
        timeout: args.timeout.map(seconds).transpose()?,
        trusted_hosts: args.trusted_hosts,
        result: ResultAt::default(),
        tokens: match credentials {
            (Some(tenant), Some(client_id), Some(client_secret)) => Tokens::client(ClientCredentials {
                authority: AUTHORITY.to_owned(),
                tenant,
                client_id,
                client_secret,
                scope: SCOPE.to_owned(),
            }),
            _ => Tokens::none(),
        },
        https: HttpsSettings::from_variables(variable),
    };
    for body in bodies {
        command.body = body;
        let outcome = execute(command.clone()).await.map_err(|error| Failure::usage(error.to_string()))?;
        let word = match outcome.kind {
            OutcomeKind::Succeeded => "succeeded",
            OutcomeKind::Failed => "failed",
            OutcomeKind::Canceled => "canceled",
            OutcomeKind::Timeout => "timeout",
            OutcomeKind::Unknown => "unknown",
        };
        if let Some(resource) = &outcome.resource {
            print(&format!("{resource}\n"))?;
        }
        print(&format!(
            "{}\n",
            serde_json::json!({ "outcome": word, "code": outcome.code, "message": outcome.message })
        ))?;
        if outcome.kind != OutcomeKind::Succeeded {
            return Ok(Code::Findings);
        }
    }
    Ok(Code::Fine)
}
