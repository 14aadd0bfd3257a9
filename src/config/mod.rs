//! What a project decides once, in `armtape.toml`, and the environment variables that are settings.
//!
//! A section is a plain struct of the room that obeys it; [`Sections`] only names them. Settings
//! are resolved before a socket or a recording is opened: a flag wins over an environment variable,
//! that over the file.
//!
//! Every key and variable is described in docs/config.md.

mod error;
mod find;
mod sections;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use find::Config;
pub use sections::{Record, Sections};

/// The file's name.
pub const FILE: &str = "armtape.toml";

/// The file to read instead of the one that is found (`--config`).
pub const CONFIG: &str = "ARMTAPE_CONFIG";
/// Where the authority for use by hand is kept (`--dir`, `--ca-dir`).
pub const CA_DIR: &str = "ARMTAPE_CA_DIR";
/// What a recorder does with the cassette that is there (`--mode`).
pub const MODE: &str = "ARMTAPE_MODE";

/// The list of the cassettes that were used (`--used`).
pub const USED: &str = "ARMTAPE_USED";

/// Whether a machine runs armtape, and nobody could decide on anything. Azure Pipelines has a variable of
/// its own.
#[must_use]
pub fn is_ci() -> bool {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case("true"));
    is_set("CI") || std::env::var("CI").is_ok_and(|value| value == "1") || is_set("TF_BUILD")
}

/// Every environment variable that is a setting. None of them is given to a client.
pub const VARIABLES: &[&str] = &[CONFIG, CA_DIR, MODE, USED];
