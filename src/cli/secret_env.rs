//! `--secret-env`: secrets that the environment holds, to be replaced wherever they occur.

use super::say::Failure;
use crate::redact::Named;

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SecretEnv {
    /// Replace the value of this environment variable wherever it occurs, in every encoding
    #[arg(long, value_name = "NAME")]
    secret_env: Vec<String>,
}

impl SecretEnv {
    /// Their values.
    ///
    /// # Errors
    ///
    /// Where one is not there, or too short.
    pub(super) fn named(&self) -> Result<Named, Failure> {
        let mut named = Named::default();
        for name in &self.secret_env {
            let value = std::env::var(name).map_err(|_| {
                Failure::usage(format!(
                    "`--secret-env {name}`: there is no such variable in the environment, or it is no text"
                ))
                .hint(format!("set it as the client gets it: `{name}=… armtape …`"))
            })?;
            named.secret(name, &value).map_err(|error| {
                Failure::usage(format!("`--secret-env {name}`: {error}"))
                    .hint("a secret of this length protects nothing")
            })?;
        }
        Ok(named)
    }
}
