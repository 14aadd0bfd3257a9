//! What is recorded, out of what was typed: the service, the hosts, and what is hidden.

use super::Args;
use crate::{
    cli::say::Failure,
    proxy::{Hosts, Upstream, UpstreamConfig, roots_and},
    record::{RecorderConfig, ServiceUrl},
    redact::{self, Redactor},
};

impl Args {
    /// The service behind the endpoint.
    pub(super) fn service(&self) -> Result<ServiceUrl, Failure> {
        let url = if self.is_embedded() { ServiceUrl::AZURE } else { &self.upstream };
        url.parse().map_err(|_| {
            Failure::usage(format!("`--upstream {url}` is no URL of a service"))
                .hint("for example `https://management.azure.com`, or `embedded`")
        })
    }

    /// Which hosts are taped.
    pub(super) fn recorder(&self, service: ServiceUrl, hosts: &Hosts) -> Result<RecorderConfig, Failure> {
        let connected = self.connect_to.iter().filter(|to| !to.host.is_empty()).map(|to| &to.host);
        RecorderConfig::new(service, hosts, self.allow_host.iter().chain(connected))
            .map_err(|error| Failure::usage(format!("`--allow-host`: {error}")).hint("for example `*.azure.net`"))
    }

    /// The way to the real service.
    pub(super) fn way_out(&self, config: &RecorderConfig) -> Result<Upstream, Failure> {
        let roots = roots_and(&self.upstream_ca)
            .map_err(|error| Failure::usage(error.to_string()).hint("`--upstream-ca` takes certificates in PEM"))?;
        let explicit = self.upstream != ServiceUrl::AZURE;
        let config = UpstreamConfig {
            roots,
            connect_to: self.connect_to.clone(),
            allow_private: self.allow_private,
            named: if explicit { vec![config.own.host.clone()] } else { Vec::new() },
        };
        Upstream::new(config).map_err(|error| Failure::machine(format!("cannot set up TLS: {error}")))
    }

    /// What is replaced: what the rules find, and what was named.
    pub(super) fn redactor(&self, settings: &redact::Settings) -> Result<Redactor, Failure> {
        let mut named = self.secret_env.named()?;
        for variable in &self.var {
            let (name, value) = variable.split_once('=').ok_or_else(|| {
                Failure::usage("`--var` takes NAME=VALUE".to_owned()).hint("for example `--var hub=my-hub`")
            })?;
            named.variable(name, value).map_err(|error| Failure::usage(format!("`--var {name}=…`: {error}")))?;
        }
        Ok(Redactor::new(redact::Rules::new(settings)?, named))
    }
}
