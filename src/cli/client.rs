//! `armtape client` (hidden): the reference client, for the demo and for trying things out.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;

use super::{Code, env::print, say::Failure, seconds::seconds};
use crate::{
    client::{
        AUTHORITY, ClientCredentials, Command, HttpsSettings, Outcome, OutcomeKind, ResultAt, SCOPE, Tokens, execute,
    },
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
    #[arg(long, value_name = "S", default_value = "1", value_parser = seconds)]
    interval: Duration,
    /// Seconds after which to give up
    #[arg(long, value_name = "S", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Hosts beside the endpoint's that may see the token
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    trusted_hosts: Vec<String>,
    /// Send `If-None-Match: *`
    #[arg(long)]
    create_only: bool,
    /// Do what the variables of `armtape check` say
    #[arg(long)]
    by_variables: bool,
}

/// What `armtape check` sets for a case, in the place of options.
fn by_variables(mut args: Args) -> Result<Args, Failure> {
    let variable = |name: &str| std::env::var(format!("ARMTAPE_{name}")).unwrap_or_default();
    args.endpoint = variable("ENDPOINT");
    args.resource_id = Some(variable("RESOURCE_ID"));
    args.api_version = variable("API_VERSION");
    args.interval = seconds(&variable("INTERVAL")).unwrap_or(args.interval);
    args.timeout = seconds(&variable("TIMEOUT")).ok();
    args.trusted_hosts =
        variable("TRUSTED_HOSTS").split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect();
    args.body = vec![variable("BODY_FILE").into()];
    match variable("OPERATION").as_str() {
        "patch" => args.method = http::Method::PATCH,
        "delete" => args.method = http::Method::DELETE,
        "post" => args.method = http::Method::POST,
        "create-only" => args.create_only = true,
        "resume" => {
            let path = variable("RESUME");
            let url = std::fs::read_to_string(&path).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
            args.resume = Some(url.trim().to_owned());
        }
        "update" => args.update = true,
        "put" | "abort" | "pair" | "rerun" => {}
        "" => {
            return Err(Failure::usage("--by-variables: ARMTAPE_OPERATION is not set")
                .hint("`armtape check -- armtape client --by-variables` sets it for each case"));
        }
        other => return Err(Failure::usage(format!("the reference client cannot do `{other}`"))),
    }
    if args.method == http::Method::DELETE {
        args.body.clear();
    }
    Ok(args)
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let args = if args.by_variables { by_variables(args)? } else { args };
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
    let mut headers = http::HeaderMap::new();
    if args.create_only {
        headers.insert(http::header::IF_NONE_MATCH, http::HeaderValue::from_static("*"));
    }
    let mut command = Command {
        endpoint: args.endpoint,
        resource_id: args.resource_id.unwrap_or_else(|| seed::resource_id(seed::PROFILE)),
        api_version: args.api_version,
        method: args.method,
        body: Bytes::new(),
        headers,
        update: args.update,
        resume: args.resume,
        interval: args.interval,
        timeout: args.timeout,
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
    // `pair` names two resources with a comma between them: both at once.
    let ids: Vec<String> = command.resource_id.split(',').map(str::to_owned).collect();
    for body in bodies {
        command.body = body;
        let runs = ids.iter().map(|id| tokio::spawn(execute(Command { resource_id: id.clone(), ..command.clone() })));
        let runs: Vec<_> = runs.collect();
        let mut all_succeeded = true;
        for run in runs {
            let outcome = run.await.map_err(|error| Failure::machine(error.to_string()))?;
            let outcome = outcome.map_err(|error| Failure::usage(error.to_string()))?;
            all_succeeded &= outcome.kind == OutcomeKind::Succeeded;
            tell(&outcome)?;
        }
        if !all_succeeded {
            return Ok(Code::Findings);
        }
    }
    Ok(Code::Fine)
}

/// The resource, and the outcome in a line.
fn tell(outcome: &Outcome) -> Result<(), Failure> {
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
    print(&format!("{}\n", serde_json::json!({ "outcome": word, "code": outcome.code, "message": outcome.message })))
}
