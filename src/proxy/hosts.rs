//! Which hosts are taped, passed or refused.

use std::net::IpAddr;

use globset::{Glob, GlobSet, GlobSetBuilder};

/// The ARM hosts of the public and the sovereign clouds.
pub const ARM_HOSTS: &[&str] = &[
    "management.azure.com",
    "*.management.azure.com",
    "management.usgovcloudapi.net",
    "*.management.usgovcloudapi.net",
    "management.chinacloudapi.cn",
    "*.management.chinacloudapi.cn",
    "management.microsoftazure.de",
];

/// What to do with a host that no list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Let its bytes through, blind.
    Pass,
    /// Refuse it.
    Refuse,
}

/// Host names, by glob, without regard to case.
#[derive(Clone, Debug)]
pub struct HostPolicy {
    served: GlobSet,
    names: Vec<String>,
    /// For hosts that are not served.
    pub unknown: Unknown,
}

impl HostPolicy {
    /// A policy that serves the hosts that match one of `globs`.
    ///
    /// # Errors
    ///
    /// Where a glob is none, with the reason.
    pub fn new<S: AsRef<str>>(globs: impl IntoIterator<Item = S>, unknown: Unknown) -> Result<Self, String> {
        let mut served = GlobSetBuilder::new();
        let mut names = Vec::new();
        for glob in globs {
            let glob = glob.as_ref().to_ascii_lowercase();
            served.add(Glob::new(&glob).map_err(|error| error.to_string())?);
            names.push(glob);
        }
        Ok(Self { served: served.build().map_err(|error| error.to_string())?, names, unknown })
    }

    /// Whether a host is served. `host` is in lower case.
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        self.served.is_match(host)
    }

    /// The globs, for the constraints of the certificate authority.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// Whether a host name or address means this machine alone.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an address is out of reach unless it was named: a client must not be able to use the
/// recorder as a way to the machine's own services, the local network or the metadata endpoint.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => {
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_in_all_their_spellings() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "224.0.0.1",
            "::",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "20.37.0.1", "2603:1030::1", "100.128.0.1", "172.32.0.1"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn arm_hosts_are_served_and_look_alikes_are_not() {
        let policy = HostPolicy::new(ARM_HOSTS, Unknown::Refuse).unwrap();
        for host in ["management.azure.com", "westus.management.azure.com", "management.usgovcloudapi.net"] {
            assert!(policy.serves(host), "{host}");
        }
        for host in
            ["management.azure.com.evil.example", "xmanagement.azure.com", "azure.com", "login.microsoftonline.com"]
        {
            assert!(!policy.serves(host), "{host}");
        }
    }
}
