//! `armtape ca`: an authority that is kept, for clients that are pointed here by hand.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Code, env::print, say::Failure, stage::bundle_text};
use crate::{
    proxy::{ARM_HOSTS, Identity},
    simulate::identity,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where it is kept
    #[arg(long, value_name = "FOLDER", env = "ARMTAPE_CA_DIR")]
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
                Failure::machine(format!("{}: {error}", path.display())).hint("`armtape ca` makes a new one")
            })
        };
        private(&key)?;
        let identity = Identity { certificate: read(&certificate)?, key: read(&key)? };
        Ok(Self { identity, certificate, bundle: folder.join("bundle.pem") })
    }

    fn open_or_make(folder: &Path) -> Result<Self, Failure> {
        let fail = |error: io::Error| Failure::machine(format!("{}: {error}", folder.display()));
        if folder.join("ca.key").exists() {
            return Self::open(folder);
        }
        let hosts: Vec<&str> = ARM_HOSTS.iter().chain(identity::HOSTS).copied().collect();
        let identity =
            Identity::new(&hosts).map_err(|error| Failure::machine(format!("cannot make an authority: {error}")))?;
        fs::create_dir_all(folder).map_err(fail)?;
        fs::write(folder.join("ca.pem"), &identity.certificate).map_err(fail)?;
        fs::write(folder.join("bundle.pem"), bundle_text(&identity.certificate)).map_err(fail)?;
        // The key last: where it is, the rest is. Created with its mode, so that it is never
        // readable by others, not for an instant; and only by one of several that race.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(folder.join("ca.key")) {
            Ok(mut file) => file.write_all(identity.key.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
        Self::open(folder)
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
