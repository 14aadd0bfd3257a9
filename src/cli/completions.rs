//! `armtape completions`

use super::{Code, say::Failure};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(Args { shell }: Args) -> Result<Code, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::public(), "armtape", &mut script);
    super::env::print(&String::from_utf8_lossy(&script))?;
    Ok(Code::Fine)
}
