//! Whom this machine trusts, and whom else somebody wants to be trusted.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// A file that was to name certificate authorities, and does not.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct RootError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// The roots that this machine trusts.
///
/// # Errors
///
/// Where it has none at all.
pub fn system_roots() -> io::Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    match found.errors.into_iter().next() {
        Some(error) if found.certs.is_empty() => Err(io::Error::other(error)),
        _ => Ok(found.certs),
    }
}

/// The roots that this machine trusts, if it has any, and those in files of PEM.
///
/// # Errors
///
/// Where a file cannot be read, or there is no certificate in it.
pub fn roots_and<P: AsRef<Path>>(files: &[P]) -> Result<Vec<CertificateDer<'static>>, RootError> {
    let mut roots = system_roots().unwrap_or_default();
    for path in files.iter().map(AsRef::as_ref) {
        let fail = |reason: &dyn fmt::Display| RootError { path: path.to_owned(), reason: reason.to_string() };
        let pem = std::fs::read(path).map_err(|error| fail(&error))?;
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.push(certificate.map_err(|error| fail(&error))?);
        }
        if roots.len() == before {
            return Err(fail(&"there is no certificate in it"));
        }
    }
    Ok(roots)
}

/// The authority first, PEM, then whatever the machine trusts, so that passed hosts still work.
#[must_use]
pub fn bundle(authority: &str) -> String {
    let mut text = authority.to_owned();
    for root in system_roots().unwrap_or_default() {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in STANDARD.encode(&root).as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}
