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
    /// One JSON object instead of shell commands
    #[arg(long)]
    json: bool,
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
        let lines: String =
            variables.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect();
        let cleared: String = environment.cleared().iter().map(|name| format!("unset {name}\n")).collect();
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
