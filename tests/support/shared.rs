//! Where the real recordings are that are too large to live in the repository.

use std::path::{Path, PathBuf};

/// The variable that names the folder.
pub(crate) const VARIABLE: &str = "ARMTAPE_SHARED";

/// The folder with `data/recordings` in it: what `ARMTAPE_SHARED` names, or else `shared` beside
/// the package.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os(VARIABLE) {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared"),
    };
    folder.join("data/recordings").is_dir().then_some(folder)
}
