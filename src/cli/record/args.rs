//! What was typed.

use std::path::{Path, PathBuf};

use crate::{
    cli::{secret_env::SecretEnv, settings::Settings, stage::LISTEN, tapes, used::UsedList},
    config,
    proxy::ConnectTo,
    record::{Mode, ServiceUrl},
    simulate::{Options, RunningPolls, Update, Visible},
};

#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The cassette to write [default: cassettes/NAME.json, after the client's script or program]
    #[arg(long, value_name = "FILE")]
    pub(super) cassette: Option<PathBuf>,
    /// What to do with a cassette that is there: `none` and `once` replay it, `new-episodes` answers
    /// from it and records the rest, `all` records everything anew; where there is none, `none`
    /// records nothing [default: all]
    #[arg(long, value_name = "MODE", env = config::MODE)]
    pub(super) mode: Option<Mode>,
    /// Record cassettes again, each with the command that is on it: those that are meant by GLOB
    /// [default: cassettes]
    #[arg(long, value_name = "GLOB", num_args = 0..=1, default_missing_value = tapes::FOLDER,
          conflicts_with_all = ["cassette", "mode", "command"])]
    pub(super) again: Option<String>,
    /// With `--again`: only those that are stale by `[freshness]` of armtape.toml
    #[arg(long)]
    pub(super) stale: bool,
    /// Trust the recording only after so many replays to the client have passed; else it waits in
    /// `NAME.json.new`
    #[arg(long, value_name = "N")]
    pub(super) verify: Option<u32>,
    /// The service behind armtape's endpoint: a URL, or `embedded` for the one in this binary
    #[arg(long, value_name = "URL|embedded", default_value = ServiceUrl::AZURE)]
    pub(super) upstream: String,
    /// Trust this certificate authority, too, when talking to the service (PEM)
    #[arg(long, value_name = "FILE")]
    pub(super) upstream_ca: Vec<PathBuf>,
    /// Whoever asks for HOST:PORT gets ADDR:PORT, as in curl
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub(super) connect_to: Vec<ConnectTo>,
    /// Tape this host, too (a glob such as `*.vault.azure.net`)
    #[arg(long, value_name = "GLOB")]
    pub(super) allow_host: Vec<String>,
    /// Allow private addresses to be dialled
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Embedded service: running answers before an operation ends; `1-6` draws a number for each
    #[arg(long, value_name = "N", default_value = "1")]
    polls: RunningPolls,
    /// Embedded service: seconds in `Retry-After`
    #[arg(long, value_name = "S", default_value_t = 1)]
    retry_after: u32,
    /// Embedded service: the answer to a PUT of a profile that is there already
    #[arg(long, value_enum, value_name = "FORM", default_value_t = UpdateForm::Done)]
    update: UpdateForm,
    /// Embedded service: a profile answers 404 until its creation has ended
    #[arg(long)]
    hidden_until_done: bool,
    /// Let git ignore pending recordings: adds `*.json.new` to .gitignore where that is missing
    #[arg(long)]
    pub(super) gitignore: bool,
    /// Put `{NAME}` on the tape wherever VALUE occurs
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
    #[command(flatten)]
    pub(super) secret_env: SecretEnv,
    /// Where to listen; port 0 chooses
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN)]
    pub(super) listen: String,
    /// Use the authority that `armtape ca` keeps in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(super) ca_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) used: UsedList,
    #[command(flatten)]
    pub(super) settings: Settings,
    /// The client and its arguments
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum UpdateForm {
    /// 200, `Succeeded`
    Done,
    /// 202 and polls
    Accepted,
    /// 200, `Provisioning`
    Provisioning,
}

impl Args {
    /// The same for one cassette, which is recorded anew.
    pub(super) fn for_tape(&self, path: &Path, command: Vec<String>) -> Self {
        let (cassette, mode) = (Some(path.to_owned()), Some(Mode::All));
        Self { cassette, mode, again: None, stale: false, command, ..self.clone() }
    }

    /// Whether the service is the one in this binary.
    pub(super) fn is_embedded(&self) -> bool {
        self.upstream == "embedded"
    }

    /// The service in this binary, as it is wanted.
    pub(super) fn embedded(&self) -> Options {
        Options {
            polls: self.polls,
            retry_after: Some(self.retry_after),
            update: match self.update {
                UpdateForm::Done => Update::Done,
                UpdateForm::Accepted => Update::Accepted,
                UpdateForm::Provisioning => Update::Provisioning,
            },
            visible: if self.hidden_until_done { Visible::Absent } else { Visible::Provisioning },
            ..Options::default()
        }
    }

    /// The cassette: the one that is named, else one named after the first argument that is a file (a
    /// script), else after the program.
    pub(super) fn path(&self) -> PathBuf {
        if let Some(path) = &self.cassette {
            return path.clone();
        }
        let script = self.command.iter().skip(1).find(|word| Path::new(word).is_file());
        let name = script
            .or(self.command.first())
            .and_then(|word| Path::new(word).file_stem())
            .map_or_else(|| "recording".into(), std::ffi::OsStr::to_os_string);
        let mut file = name;
        file.push(".json");
        Path::new(tapes::FOLDER).join(file)
    }
}
