//! `armtape record`

mod again;
mod args;
mod origin;
mod play;
mod tell;
mod verify;

use super::{
    Code, pending, recover, replay,
    say::{self, Failure},
};
use crate::{
    cassette::pending_path,
    record::{Course, Mode, RecordError, writable},
};

pub(super) use args::Args;

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    if args.again.is_some() {
        return again::run(&args).await;
    }
    // Of an argument that excludes others clap does not see that it is missing.
    if args.stale {
        return Err(Failure::usage("`--stale` chooses among the cassettes of `--again`")
            .hint("`armtape record --again --stale`"));
    }
    if args.verify.is_some() && args.command.is_empty() {
        return Err(Failure::usage("`--verify` needs a client to replay to").hint("name it behind `--`"));
    }
    let (code, client) = one(args).await?;
    say::ending(code, client);
    Ok(code)
}

/// Records one cassette. The code, and that of the client, if there was one.
async fn one(args: Args) -> Result<(Code, Option<Code>), Failure> {
    let settings = args.settings.read()?.sections;
    let service = args.service()?;
    let path = args.path();
    let mode = args.mode.or(settings.record.mode).unwrap_or_default();
    let is_there = path.exists();
    if mode == Mode::None && !is_there && !pending_path(&path).exists() {
        return Err(Failure::usage(format!("{} is not there, and mode `none` never records", path.display())).hint(
            recover::waits(&path).unwrap_or_else(|| "record it first: `armtape record --mode once`".to_owned()),
        ));
    }
    let course = mode.course(is_there);
    if course == Course::Replay {
        let replayed = replay::Args::of(path, args.listen, args.ca_dir, args.used, args.settings, args.command);
        return replay::one(replayed).await;
    }
    args.used.prepare(std::slice::from_ref(&path))?;
    writable(&path)?;
    pending::recover()?;
    recover::orphan(&path, &settings.redact)?;
    let known = match course {
        Course::Extend => Some(replay::load(std::slice::from_ref(&path), &settings.redact)?),
        _ => None,
    };
    let recorded = play::play(&args, &settings, service, &path, known).await?;
    if path.exists() {
        args.used.add([&path])?;
    }
    Ok(recorded)
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Folder(_) => Self::usage(error.to_string()).hint("`--cassette` takes a file"),
            RecordError::NoRecording(_) => {
                Self::usage(error.to_string()).hint("name another file with `--cassette`, or move this one away")
            }
            RecordError::NotWritable { .. } => {
                Self::machine(error.to_string()).hint("the cassette could not be written there")
            }
            RecordError::Journal(error) => error.into(),
            RecordError::Rescue(error) => error.into(),
            RecordError::Rules(error) => error.into(),
        }
    }
}
