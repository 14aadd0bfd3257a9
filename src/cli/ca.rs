//! `armtape ca`: an authority that is kept, for clients that are pointed here by hand.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Code, env::print, say::Failure};
use crate::{
    config,
    proxy::{ARM_HOSTS, CertificateAuthority, Identity, bundle},
    simulate::identity,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where it is kept
    #[arg(long, value_name = "FOLDER", env = config::CA_DIR)]
    dir: Option<PathBuf>,
    /// Print the certificate instead of its path
    #[arg(long)]
    pem: bool,
}

pub(super) fn run(args: Args) -> Result<Code, Failure> {
    let kept = Kept::open_or_make(&folder(args.dir)?)?;
    if args.pem {
        print(&kept.identity.certificate)?;
    } else {
        print(&format!("{}\n", kept.certificate.display()))?;
    }
    Ok(Code::Fine)
}

/// The folder that was named, or the user's own.
pub(super) fn folder(named: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let home = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named
        .or_else(|| home("XDG_DATA_HOME").map(|data| data.join("armtape")))
        .or_else(|| home("HOME").map(|home| home.join(".local/share/armtape")))
        .or_else(|| home("LOCALAPPDATA").map(|data| data.join("armtape")))
        .ok_or_else(|| Failure::usage("no home folder is known").hint("name one: `--dir FOLDER`"))
}

/// An authority on the disk.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) identity: Identity,
    pub(super) certificate: PathBuf,
    /// The authority and the system's roots.
    pub(super) bundle: PathBuf,
}

impl Kept {
    /// Reads the authority in `folder`.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let certificate = folder.join("ca.pem");
        let key = folder.join("ca.key");
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|error| {
                let text = format!("{}: {error}", path.display());
                match error.kind() {
                    io::ErrorKind::NotFound => {
                        Failure::usage(text).hint(format!("`armtape ca{}` makes one", dir(folder)))
                    }
                    _ => Failure::machine(text),
                }
            })
        };
        private(&key)?;
        let identity = Identity { certificate: read(&certificate)?, key: read(&key)? };
        CertificateAuthority::from_identity::<&str>(&identity, &[]).map_err(|_| {
            Failure::usage(format!("{} holds no key that can be read", key.display()))
                .hint(format!("delete the folder, then `armtape ca{}` makes a new authority", dir(folder)))
        })?;
        Ok(Self { identity, certificate, bundle: folder.join("bundle.pem") })
    }

    fn open_or_make(folder: &Path) -> Result<Self, Failure> {
        let fail = |error: io::Error| Failure::machine(format!("{}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(fail)?;
        // Of several that race one makes the authority, and the others take it: certificate and
        // key must never come from two of them. The lock ends with the file.
        let lock = OpenOptions::new().create(true).append(true).open(folder.join("lock")).map_err(fail)?;
        lock.lock().map_err(fail)?;
        if folder.join("ca.key").exists() {
            return Self::open(folder);
        }
        let hosts: Vec<&str> = ARM_HOSTS.iter().chain(identity::HOSTS).copied().collect();
        let identity =
            Identity::new(&hosts).map_err(|error| Failure::machine(format!("cannot make an authority: {error}")))?;
        fs::write(folder.join("ca.pem"), &identity.certificate).map_err(fail)?;
        fs::write(folder.join("bundle.pem"), bundle(&identity.certificate)).map_err(fail)?;
        // The key last and whole: where it is, the rest is. Temporary files are 0600, so that it is
        // never readable by others, not for an instant.
        let mut file = tempfile::Builder::new().prefix(".ca-").tempfile_in(folder).map_err(fail)?;
        file.write_all(identity.key.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        file.persist(folder.join("ca.key")).map_err(|error| fail(error.error))?;
        Self::open(folder)
    }
}

/// The option that names this folder, where it is not the user's own.
fn dir(named: &Path) -> String {
    match folder(None) {
        Ok(own) if own == named => String::new(),
        _ => format!(" --dir {}", named.display()),
    }
}

/// A key that others can read is no key.
fn private(key: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(key) {
        use std::os::unix::fs::PermissionsExt as _;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(Failure::machine(format!("{} can be read by others", key.display()))
                .hint("others may have copied it: delete the folder, then `armtape ca` makes a new authority"));
        }
    }
    let _ = key;
    Ok(())
}
