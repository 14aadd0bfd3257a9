//! The service that is recorded, and whom else the recorder listens for.

use std::str::FromStr;

use super::RecorderConfig;
use crate::proxy::{ARM_HOSTS, Authority, HostPolicy, Hosts, Unknown};

/// Where the service behind the endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrl {
    /// `https`, or `http`.
    pub scheme: &'static str,
    /// Its host and port.
    pub authority: Authority,
}

impl ServiceUrl {
    /// ARM in the public cloud.
    pub const AZURE: &str = "https://management.azure.com";
}

impl FromStr for ServiceUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let parsed = url.split_once("://").and_then(|(scheme, rest)| {
            let (scheme, port) = match scheme {
                "https" => ("https", 443),
                "http" => ("http", 80),
                _ => return None,
            };
            let authority = Authority::parse(rest.strip_suffix('/').unwrap_or(rest), port)?;
            Some(Self { scheme, authority })
        });
        parsed.ok_or_else(|| format!("`{url}` is no URL of a service"))
    }
}

impl RecorderConfig {
    /// Tapes `service`, the ARM hosts and what `hosts` says; and `named`, whatever that says.
    /// Hosts that nobody names are passed where the origin does so.
    ///
    /// # Errors
    ///
    /// Where one of `named` is no glob of a host, with the reason.
    pub fn new<S: AsRef<str>>(
        service: ServiceUrl,
        hosts: &Hosts,
        named: impl IntoIterator<Item = S>,
    ) -> Result<Self, String> {
        let ServiceUrl { scheme, authority: own } = service;
        let mut insisted: Vec<String> = named.into_iter().map(|glob| glob.as_ref().to_owned()).collect();
        insisted.push(own.host.clone());
        let hosts = HostPolicy::new(ARM_HOSTS, Unknown::Pass)?.with(hosts)?.insisting(insisted)?;
        Ok(Self { hosts, scheme, own })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_services() {
        let parse = |url: &str| url.parse::<ServiceUrl>();
        let own = |url: &str| parse(url).map(|url| (url.scheme, url.authority.host, url.authority.port));
        assert_eq!(own(ServiceUrl::AZURE), Ok(("https", "management.azure.com".to_owned(), 443)));
        assert_eq!(own("http://[::1]:8080/"), Ok(("http", "::1".to_owned(), 8080)));
        for wrong in ["management.azure.com", "ftp://a", "https://", "https://a/b", "https://u@a"] {
            assert_eq!(parse(wrong), Err(format!("`{wrong}` is no URL of a service")));
        }
    }
}
