//! The `armtape` command; everything is in [`armtape::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    armtape::cli::main()
}
