//! `armtape env`: what a client needs to be pointed here by hand.

use std::{borrow::Cow, io::Write as _, path::PathBuf};

use super::{
    Code,
    ca::{Kept, folder},
    say::Failure,
    settings::Settings,
    stage::Environment,
};
use crate::config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where armtape listens (`--listen` of record or replay)
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8443")]
    listen: String,
    /// Where the authority is kept
    #[arg(long, value_name = "FOLDER", env = config::CA_DIR)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// With the credentials that the identity stub takes, as replay needs them
    #[arg(long)]
    offline: bool,
    /// Whose commands these are
    #[arg(long, value_name = "SHELL", value_enum, default_value = "posix", conflicts_with = "json")]
    shell: Shell,
    /// One JSON object instead of shell commands
    #[arg(long)]
    json: bool,
}

/// A shell, by how it sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    // Of sh, bash, zsh and their like: `eval "$(armtape env)"`.
    #[value(aliases = ["sh", "bash", "zsh", "dash", "ksh"])]
    Posix,
    // `armtape env --shell fish | source`.
    Fish,
    // `armtape env --shell powershell | Out-String | Invoke-Expression`.
    #[value(alias = "pwsh")]
    Powershell,
}

impl Shell {
    /// A line that sets a variable.
    fn set(self, name: &str, value: &str) -> String {
        match self {
            Self::Posix => format!("export {name}={}\n", quoted(value)),
            // fish reads these two letters in single quotes, and no others.
            Self::Fish => format!("set -gx {name} '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Powershell => format!("$Env:{name} = '{}'\n", value.replace('\'', "''")),
        }
    }

    /// A line that takes a variable away.
    fn unset(self, name: &str) -> String {
        match self {
            Self::Posix => format!("unset {name}\n"),
            Self::Fish => format!("set -e {name}\n"),
            Self::Powershell => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"),
        }
    }
}

pub(super) fn run(args: Args) -> Result<Code, Failure> {
    let direct = args.settings.read()?.sections.hosts.direct;
    let kept = Kept::open(&folder(args.dir)?)?;
    // The client may run in another folder.
    let ca = std::path::absolute(&kept.bundle).unwrap_or(kept.bundle);
    let environment = Environment {
        endpoint: format!("https://{}", args.listen),
        proxy: format!("http://{}", args.listen),
        ca: ca.display().to_string(),
        stub: args.offline,
        direct: direct.iter().map(|host| host.as_ref().to_owned()).collect(),
    };
    let variables = environment.variables();
    if args.json {
        let object: serde_json::Map<String, serde_json::Value> =
            variables.into_iter().map(|(name, value)| (name, value.into())).collect();
        print(&format!("{}\n", serde_json::Value::Object(object)))?;
    } else {
        let lines: String = variables.iter().map(|(name, value)| args.shell.set(name, value)).collect();
        let cleared: String = environment.cleared().iter().map(|name| args.shell.unset(name)).collect();
        print(&format!("{lines}{cleared}"))?;
    }
    Ok(Code::Fine)
}

/// In single quotes a POSIX shell takes everything as it is but the quote itself.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A word as one types it: in quotes only where a shell would take it apart.
pub(super) fn typed(word: &str) -> Cow<'_, str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { quoted(word).into() }
}

/// Data that was asked for, on stdout.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever read has enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| Failure::machine(format!("cannot write to stdout: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_gets_the_value_as_it_is() {
        let line = |shell: Shell| shell.set("A", r"it's a\b $c");
        assert_eq!(line(Shell::Posix), "export A='it'\\''s a\\b $c'\n");
        assert_eq!(line(Shell::Fish), "set -gx A 'it\\'s a\\\\b $c'\n");
        assert_eq!(line(Shell::Powershell), "$Env:A = 'it''s a\\b $c'\n");
        assert_eq!(Shell::Fish.unset("A"), "set -e A\n");
    }
}
