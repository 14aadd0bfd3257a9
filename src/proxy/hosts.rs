//! Which hosts are taped, passed or refused.

use std::net::IpAddr;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

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

/// `[hosts]`: what becomes of hosts, beside what is known of ARM's. A host that several lists name
/// is refused rather than passed, and passed rather than taped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hosts {
    /// Taped while recording, served on replay.
    pub taped: Vec<HostGlob>,
    /// Let through unread while recording; on replay refused.
    pub passed: Vec<HostGlob>,
    /// Refused.
    pub refused: Vec<HostGlob>,
    /// Not led here at all: what the client finds in `NO_PROXY`, in the words of that.
    pub direct: Vec<DirectHost>,
}

/// A host name, or a glob of them such as `*.vault.azure.net`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostGlob(String);

impl TryFrom<String> for HostGlob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.contains(['/', ':', '@']) || text.contains(char::is_whitespace) {
            return Err(format!("`{text}` is no host such as `example.com` or `*.vault.azure.net`"));
        }
        Glob::new(&text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl AsRef<str> for HostGlob {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// An entry of `NO_PROXY`: a host, a domain with a dot before it, an address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DirectHost(String);

impl TryFrom<String> for DirectHost {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.contains([',', '*']) || text.contains(|letter: char| !letter.is_ascii_graphic()) {
            return Err(format!("`{text}` is no host such as `example.com`, or `.example.com` for all below it"));
        }
        Ok(Self(text))
    }
}

impl AsRef<str> for DirectHost {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

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
    insisted: GlobSet,
    served: GlobSet,
    passed: GlobSet,
    refused: GlobSet,
    names: Vec<String>,
    /// For hosts that no list names.
    pub unknown: Unknown,
}

/// What a policy says of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Answer in its place.
    Serve,
    /// Let its bytes through, blind.
    Pass,
    /// Refuse it: a list says so.
    Refuse,
    /// No list names it.
    Unknown,
}

impl HostPolicy {
    /// A policy that serves the hosts that match one of `globs`.
    ///
    /// # Errors
    ///
    /// Where a glob is none, with the reason.
    pub fn new<S: AsRef<str>>(globs: impl IntoIterator<Item = S>, unknown: Unknown) -> Result<Self, String> {
        let names: Vec<String> = globs.into_iter().map(|glob| glob.as_ref().to_ascii_lowercase()).collect();
        let none = GlobSet::empty;
        Ok(Self { insisted: none(), served: globs_of(&names)?, passed: none(), refused: none(), names, unknown })
    }

    /// With what a project says of hosts: it decides for hosts that this policy would serve, too.
    ///
    /// # Errors
    ///
    /// As [`HostPolicy::new`].
    pub fn with(mut self, hosts: &Hosts) -> Result<Self, String> {
        self.names.extend(hosts.taped.iter().map(|glob| glob.0.clone()));
        self.served = globs_of(&self.names)?;
        self.passed = globs_of(&hosts.passed)?;
        self.refused = globs_of(&hosts.refused)?;
        Ok(self)
    }

    /// Serves these hosts, whatever the project says: somebody has just named them.
    ///
    /// # Errors
    ///
    /// As [`HostPolicy::new`].
    pub fn insisting<S: AsRef<str>>(mut self, globs: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let globs: Vec<String> = globs.into_iter().map(|glob| glob.as_ref().to_ascii_lowercase()).collect();
        self.insisted = globs_of(&globs)?;
        self.names.extend(globs);
        Ok(self)
    }

    /// What is said of a host. `host` is in lower case.
    #[must_use]
    pub fn ruling(&self, host: &str) -> Ruling {
        if self.insisted.is_match(host) {
            Ruling::Serve
        } else if self.refused.is_match(host) {
            Ruling::Refuse
        } else if self.passed.is_match(host) {
            Ruling::Pass
        } else if self.served.is_match(host) {
            Ruling::Serve
        } else {
            Ruling::Unknown
        }
    }

    /// The globs of the hosts that are served, for the constraints of the certificate authority.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

fn globs_of<S: AsRef<str>>(globs: &[S]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob.as_ref()).map_err(|error| error.to_string())?);
    }
    set.build().map_err(|error| error.to_string())
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
            assert_eq!(policy.ruling(host), Ruling::Serve, "{host}");
        }
        for host in
            ["management.azure.com.evil.example", "xmanagement.azure.com", "azure.com", "login.microsoftonline.com"]
        {
            assert_eq!(policy.ruling(host), Ruling::Unknown, "{host}");
        }
    }

    #[test]
    fn a_project_decides_otherwise() {
        let hosts: Hosts = toml::from_str(
            "taped = ['*.example', 'Other.Test']\npassed = ['a.example', 'both.example']\n\
             refused = ['both.example', 'named.test', 'westus.management.azure.com']",
        )
        .unwrap();
        let policy = HostPolicy::new(ARM_HOSTS, Unknown::Pass).unwrap().with(&hosts).unwrap();
        let policy = policy.insisting(["Named.*"]).unwrap();
        for (host, ruling) in [
            ("management.azure.com", Ruling::Serve),
            ("b.example", Ruling::Serve),
            ("other.test", Ruling::Serve),
            ("a.example", Ruling::Pass),
            ("both.example", Ruling::Refuse),
            ("westus.management.azure.com", Ruling::Refuse),
            ("named.test", Ruling::Serve),
            ("else.test", Ruling::Unknown),
        ] {
            assert_eq!(policy.ruling(host), ruling, "{host}");
        }
    }
}
