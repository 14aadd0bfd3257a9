//! `armtape completions`

use clap::CommandFactory as _;

use super::{Code, say::Failure};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(Args { shell }: Args) -> Result<Code, Failure> {
    // clap_complete offers hidden commands, too; nobody is to be led to those.
    let all = super::Cli::command();
    let public = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut shown = clap::Command::new("armtape")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommands(public);
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown, "armtape", &mut script);
    super::env::print(&String::from_utf8_lossy(&script))?;
    Ok(Code::Fine)
}
