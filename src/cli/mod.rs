//! One file per subcommand; words and exit codes; nothing else prints.

mod ca;
mod check;
mod client;
mod completions;
mod convert;
mod demo;
mod diff;
mod doctor;
mod env;
mod explain;
mod generate;
mod init;
mod lint;
mod lint_body;
mod man;
mod merge;
mod page;
mod panics;
mod pending;
mod record;
mod replay;
mod review;
mod scan;
mod show;
mod simulate;
mod status;
mod test;

mod child;
mod ci;
mod complaint;
mod diff_text;
mod exit;
mod gitignore;
mod limits;
mod recordings;
mod recover;
mod rehearsal;
mod report;
mod say;
mod seconds;
mod secret_env;
mod settings;
mod spare;
mod stage;
mod tapes;
mod terminal;
mod timing;
mod used;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use exit::Code;

/// Record, replay and check programs that talk to Azure Resource Manager.
#[derive(Debug, Parser)]
#[command(name = "armtape", version, max_term_width = 100, disable_help_subcommand = true, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole story in a minute, with nothing but this binary
    Demo(demo::Args),
    /// Tape what a client says to Azure, and what it is answered
    Record(record::Args),
    /// Serve a tape offline, and say what the client did with it
    Replay(replay::Args),
    /// Play every tape to the command that made it
    Test(test::Args),
    /// Play a service: a script, or the one in this binary
    Simulate(simulate::Args),
    /// Play scripted services to a client, and say what it does wrong
    Check(Box<check::Args>),
    /// Make one report of those of all shards of a campaign
    Merge(merge::Args),
    /// Hold recorded traffic, or the body of a profile, against the rules
    Lint(lint::Args),
    /// A rule, a scenario, an ambiguity or a fault, in words
    Explain(explain::Args),
    /// Show recordings: operations with their timelines, then the rest
    Show(show::Args),
    /// What changed between two recordings, by operation, and what it means for clients
    Diff(diff::Args),
    /// Write a recording of any known format as a cassette
    Convert(convert::Args),
    /// Print bodies of a profile, valid or broken in one way
    Generate(generate::Args),
    /// Say where secrets and personal values are in recordings, and never what they are
    Scan(scan::ScanArgs),
    /// Put stand-ins in the place of secrets and personal values in recordings
    Redact(scan::RedactArgs),
    /// List recordings that wait to be accepted, and cassettes that are stale, orphaned or unreadable
    Status(status::Args),
    /// Decide on pending recordings, one change after the other
    Review(review::Args),
    /// Put pending recordings in the place of the accepted ones
    Accept(pending::DecideArgs),
    /// Throw pending recordings away
    Reject(pending::DecideArgs),
    /// Take back the last `accept`, `reject` or `review`
    Undo(pending::UndoArgs),
    /// Write an armtape.toml with every setting explained, and let git ignore pending recordings
    Init(init::Args),
    /// Say what armtape and its clients meet on this machine
    Doctor(doctor::Args),
    /// Print what a client needs to be pointed here by hand
    Env(env::Args),
    /// Make or show the certificate authority for use by hand
    Ca(ca::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print a page of the manual, or write all of them
    Man(man::Args),
    /// The reference client: small, and correct by every rule
    #[command(hide = true)]
    Client(client::Args),
    /// Wait for the end of the armtape that started it, and end its clients
    #[command(hide = true)]
    Watch(watch::Args),
}

/// The commands as completions and the manual show them: clap's own generators offer hidden ones,
/// too, and nobody is to be led to those.
fn public() -> clap::Command {
    let all = Cli::command();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let about = all.get_about().cloned().unwrap_or_default();
    clap::Command::new("armtape")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .after_help(exit::HELP)
        .disable_help_subcommand(true)
        .subcommands(shown)
}

/// Runs the command line to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; everything else is wrong usage.
            let code = if error.use_stderr() { Code::Usage } else { Code::Fine };
            let _ = error.print();
            return code.into();
        }
    };
    limits::raise();
    panics::keep_to_themselves();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say::failure(&say::Failure::machine(format!("cannot start: {error}"))).into(),
    };
    let code = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Record(args) => record::run(args).await,
            Command::Replay(args) => replay::run(args).await,
            Command::Test(args) => test::run(args).await,
            Command::Simulate(args) => simulate::run(args).await,
            Command::Check(args) => check::run(*args).await,
            Command::Merge(args) => merge::run(&args),
            Command::Lint(args) => lint::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Show(args) => show::run(&args),
            Command::Diff(args) => diff::run(&args),
            Command::Convert(args) => convert::run(&args),
            Command::Generate(args) => generate::run(&args),
            Command::Scan(args) => scan::scan(&args),
            Command::Redact(args) => scan::redact(&args),
            Command::Status(args) => status::run(&args),
            Command::Review(args) => review::run(args).await,
            Command::Accept(args) => pending::accept(&args),
            Command::Reject(args) => pending::reject(&args),
            Command::Undo(args) => pending::undo(&args),
            Command::Init(args) => init::run(&args),
            Command::Doctor(args) => doctor::run(args).await,
            Command::Env(args) => env::run(args),
            Command::Ca(args) => ca::run(args),
            Command::Completions(args) => completions::run(args),
            Command::Man(args) => man::run(&args),
            Command::Client(args) => client::run(args).await,
            Command::Watch(args) => Ok(watch::run(&args)),
        }
    });
    watch::end();
    // Connections that outlived their grace must not hold the process.
    runtime.shutdown_background();
    match code {
        Ok(code) => code.into(),
        Err(failure) => say::failure(&failure).into(),
    }
}
