//! What a crash, a bad disk, stalled clients and a signal cost: nothing that a client had.
//!
//! The short forms run always; `ARMTAPE_KILLS=500`, `ARMTAPE_SWEEP=all` and `ARMTAPE_STALLS=all`
//! ask for the long ones (docs/robustness.md).

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]
#![allow(clippy::print_stderr, reason = "figures are what the long forms are for")]

#[path = "../it/harness.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "another test binary uses the rest")]
mod harness;
#[path = "../support/mod.rs"]
mod support;

mod needs;
mod random;
mod service;
mod taping;
mod traced;
mod wire;

mod decides;
mod disk;
mod kills;
mod shutdown;
mod stalls;
mod sweep;
mod twice;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(kills::trials());
    trials.extend(decides::trials());
    trials.extend(disk::trials());
    trials.extend(sweep::trials());
    trials.extend(twice::trials());
    trials.extend(shutdown::trials());
    trials.extend(stalls::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
