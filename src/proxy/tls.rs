//! Certificates: an authority for this run, constrained to its hosts, and the leaves it signs.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// The cryptography of every connection, in one place so that a swap is one line. A library never
/// installs a process default.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(super) fn root_store(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> (RootCertStore, usize) {
    let mut store = RootCertStore::empty();
    let (_, ignored) = store.add_parsable_certificates(certificates);
    (store, ignored)
}

/// How many hosts may have a certificate at once; a client that asks for more gets new ones.
const CACHED: usize = 1_000;

/// Days that certificates live. Runs take minutes; a clock may be wrong by a day.
const DAYS: i64 = 7;

/// Certificates could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate could not be made or signed.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused what was made.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// Somebody asked for a certificate in a name that is none.
    #[error("`{0}` is no host name")]
    Name(String),
}

/// A certificate authority that is kept on the disk, for use by hand.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: String,
    /// The private key, PKCS #8 PEM. Never readable by others.
    pub key: String,
}

impl Identity {
    /// Makes a new one, valid for the days of a year, constrained to `hosts`.
    ///
    /// # Errors
    ///
    /// Where the key cannot be made.
    pub fn new<S: AsRef<str>>(hosts: &[S]) -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let certificate = authority_params(hosts, 365).self_signed(&key)?.pem();
        Ok(Self { certificate, key: key.serialize_pem() })
    }
}

/// Signs the certificates with which hosts are served.
pub struct CertificateAuthority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// A key for leaves that is not the authority's.
    leaf_key: KeyPair,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl CertificateAuthority {
    /// An authority that lives in memory and is constrained to `hosts` (names and globs such as
    /// `*.example.com`) and to this machine.
    ///
    /// # Errors
    ///
    /// Where a key cannot be made.
    pub fn new<S: AsRef<str>>(hosts: &[S]) -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let params = authority_params(hosts, DAYS);
        let pem = params.self_signed(&key)?.pem();
        Self::with(params, key, pem)
    }

    /// An authority that is kept on the disk.
    ///
    /// # Errors
    ///
    /// Where the key cannot be read.
    pub fn from_identity<S: AsRef<str>>(identity: &Identity, hosts: &[S]) -> Result<Self, TlsError> {
        let key = KeyPair::from_pem(&identity.key)?;
        Self::with(authority_params(hosts, 365), key, identity.certificate.clone())
    }

    fn with(params: CertificateParams, key: KeyPair, pem: String) -> Result<Self, TlsError> {
        let leaf_key = KeyPair::generate()?;
        Ok(Self { issuer: Issuer::new(params, key), pem, leaf_key, configs: Mutex::default() })
    }

    /// The certificate, PEM: what clients must trust.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// What serves `host`, a name or an address in lower case.
    ///
    /// # Errors
    ///
    /// Where no certificate can be made in that name.
    pub fn server_config(&self, host: &str) -> Result<Arc<ServerConfig>, TlsError> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(host) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.make(host)?);
        if configs.len() >= CACHED {
            configs.clear();
        }
        configs.insert(host.to_owned(), Arc::clone(&config));
        Ok(config)
    }

    fn make(&self, host: &str) -> Result<ServerConfig, TlsError> {
        if host.is_empty() || host.len() > 253 || host.contains(['*', '/', ' ']) {
            return Err(TlsError::Name(host.to_owned()));
        }
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name = name("armtape");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        valid_for(&mut params, DAYS);
        let leaf = params.signed_by(&self.leaf_key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf_key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn authority_params<S: AsRef<str>>(hosts: &[S], days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("armtape certificate authority of this run");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = constraints(hosts);
    valid_for(&mut params, days);
    params
}

/// A stolen key of this authority must be of use for nothing else. A glob that ends in no whole
/// domain cannot be said in a certificate: then there is no constraint.
fn constraints<S: AsRef<str>>(hosts: &[S]) -> Option<NameConstraints> {
    let mut permitted_subtrees = vec![
        GeneralSubtree::DnsName("localhost".to_owned()),
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(std::net::Ipv6Addr::LOCALHOST.octets(), 128)),
    ];
    for host in hosts {
        let host = host.as_ref();
        if let Ok(address) = host.parse::<IpAddr>() {
            let prefix = if address.is_ipv4() { 32 } else { 128 };
            permitted_subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix)));
            continue;
        }
        let domain = host.strip_prefix("*.").unwrap_or(host);
        if domain.contains(['*', '?', '[', '{']) || domain.is_empty() {
            return None;
        }
        permitted_subtrees.push(GeneralSubtree::DnsName(domain.to_owned()));
    }
    Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() })
}

fn valid_for(params: &mut CertificateParams, days: i64) {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let day = |offset: i64| {
        let date = today.saturating_add(jiff::Span::new().days(offset));
        // A month and a day are always in range.
        date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = day(-1);
    params.not_after = day(days);
}
