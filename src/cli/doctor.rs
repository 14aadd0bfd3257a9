//! `armtape doctor`: what armtape and its clients meet on this machine.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{
    Code, ca, ci,
    env::print,
    pending::desk,
    say::{Failure, printable},
    settings::Settings,
};
use crate::{cassette::Desk, config, proxy::system_roots};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    settings: Settings,
}

/// How long a client may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// Clients that people drive, and how each tells its version.
const CLIENTS: [(&str, &[&str]); 8] = [
    ("python3", &["--version"]),
    ("node", &["--version"]),
    ("az", &["version", "--output", "tsv"]),
    ("terraform", &["-version"]),
    ("go", &["version"]),
    ("dotnet", &["--version"]),
    ("java", &["-version"]),
    ("curl", &["--version"]),
];

/// Variables that lead clients elsewhere, or that hold what they trust. Of credentials only the names
/// are said.
const VARIABLES: [&str; 9] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// What is said of one thing.
struct Fact {
    word: &'static str,
    text: String,
    /// Whether armtape cannot work like this.
    code: Code,
}

impl Fact {
    fn fine(word: &'static str, text: impl Into<String>) -> Self {
        Self { word, text: text.into(), code: Code::Fine }
    }

    fn bad(word: &'static str, code: Code, text: impl Into<String>) -> Self {
        Self { word, text: text.into(), code }
    }
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let mut facts = vec![
        Fact::fine(
            "armtape",
            format!("{} on {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        ),
        settings(&args.settings),
        state(&desk()?),
        Fact::fine("ci", if ci::is_ci() { "yes: nothing but `record` writes a cassette" } else { "no" }),
        temporary(),
    ];
    facts.extend(["127.0.0.1", "127.0.0.2", "[::1]"].into_iter().map(address));
    facts.push(roots());
    facts.push(authority());
    facts.extend(variables());
    facts.extend(clients().await);
    let lines = facts.iter().map(|Fact { word, text, code }| {
        let mark = if *code == Code::Fine { ' ' } else { '!' };
        format!("{mark} {word:<20} {text}\n")
    });
    print(&printable(&lines.collect::<String>()))?;
    Ok(facts.iter().fold(Code::Fine, |code, fact| code.or(fact.code)))
}

fn settings(settings: &Settings) -> Fact {
    match settings.read() {
        Ok(config::Config { path: Some(path), .. }) => Fact::fine("settings", path.display().to_string()),
        Ok(_) => Fact::fine("settings", "the defaults: there is no armtape.toml; `armtape init` writes one"),
        Err(failure) => Fact::bad("settings", failure.code(), failure.message()),
    }
}

fn state(desk: &Desk) -> Fact {
    match desk.is_interrupted() {
        false => Fact::fine("state", desk.folder().display().to_string()),
        true => Fact::fine(
            "state",
            format!("{}: something was interrupted; `armtape status` finishes it", desk.folder().display()),
        ),
    }
}

fn temporary() -> Fact {
    let folder = std::env::temp_dir();
    match tempfile::tempfile_in(&folder) {
        Ok(_) => Fact::fine("temporary", folder.display().to_string()),
        Err(error) => Fact::bad("temporary", Code::Machine, format!("{}: {error}", folder.display())),
    }
}

/// The first is where armtape listens; the second, where a tape has several hosts.
fn address(address: &'static str) -> Fact {
    match TcpListener::bind(format!("{address}:0")) {
        Ok(_) => Fact::fine("listen", format!("{address}, a free port")),
        Err(error) if address == "127.0.0.1" => Fact::bad("listen", Code::Machine, format!("{address}: {error}")),
        Err(error) => Fact::fine("listen", format!("not on {address}: {error}")),
    }
}

fn roots() -> Fact {
    match system_roots() {
        Ok(roots) if !roots.is_empty() => Fact::fine("roots", format!("{} that this machine trusts", roots.len())),
        Ok(_) => Fact::fine("roots", "none that this machine trusts: recording needs `--upstream-ca`"),
        Err(error) => Fact::fine("roots", format!("they cannot be read: {error}")),
    }
}

/// The one for use by hand; around a client armtape makes one for each run.
fn authority() -> Fact {
    let named = std::env::var_os(config::CA_DIR).map(Into::into);
    let kept = ca::folder(named).and_then(|folder| ca::Kept::open(&folder));
    match kept {
        Ok(kept) => Fact::fine("authority", kept.certificate.display().to_string()),
        Err(failure) if failure.code() == Code::Usage => {
            Fact::fine("authority", "none is kept for use by hand; `armtape ca` makes one")
        }
        Err(failure) => Fact::bad("authority", failure.code(), failure.message()),
    }
}

fn variables() -> Vec<Fact> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut facts: Vec<Fact> =
        VARIABLES.into_iter().filter_map(|name| Some(Fact::fine(name, without_password(&set(name)?)))).collect();
    let settings = config::VARIABLES.iter().filter_map(|name| Some(Fact::fine(name, set(name)?)));
    facts.extend(settings);
    let credentials = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut names: Vec<String> =
        credentials.filter(|name| name.starts_with("AZURE_") || name.starts_with("ARM_")).collect();
    names.sort();
    if !names.is_empty() {
        let text = format!("set: {} (replay gives clients others)", names.join(", "));
        facts.push(Fact::fine("credentials", text));
    }
    facts
}

/// A proxy's URL without who may use it.
fn without_password(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => format!("{}…{}", &value[..scheme + 3], &value[at..]),
        _ => value.to_owned(),
    }
}

async fn clients() -> Vec<Fact> {
    let mut running = tokio::task::JoinSet::new();
    for (number, (program, words)) in CLIENTS.into_iter().enumerate() {
        running.spawn(async move { (number, client(program, words).await) });
    }
    let mut facts: Vec<(usize, Fact)> = running.join_all().await;
    facts.sort_by_key(|(number, _)| *number);
    facts.into_iter().map(|(_, fact)| fact).collect()
}

async fn client(program: &'static str, words: &[&str]) -> Fact {
    let found =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| is_program(&folder, program));
    if !found {
        return Fact::fine(program, "not here");
    }
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => {
            // Some tell it on stderr.
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it tells no version");
            Fact::fine(program, line.trim().replace('\t', " "))
        }
        Ok(Err(error)) => Fact::fine(program, format!("cannot be started: {error}")),
        Err(_) => Fact::fine(program, format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn is_program(folder: &Path, name: &str) -> bool {
    [String::new(), ".exe".to_owned(), ".cmd".to_owned()]
        .iter()
        .any(|ending| folder.join(format!("{name}{ending}")).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_use_a_proxy_is_not_said() {
        assert_eq!(without_password("http://me:canary@proxy:8080"), "http://…@proxy:8080");
        assert_eq!(without_password("http://proxy:8080/"), "http://proxy:8080/");
        assert_eq!(without_password("localhost,me@host"), "localhost,me@host");
    }
}
