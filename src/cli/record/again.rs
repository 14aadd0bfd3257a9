//! `armtape record --again`: cassettes recorded again, each with the command that is on it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Args;
use crate::{
    cassette::{Cassette, Edit, Freshness, pending_path},
    cli::{
        Code,
        child::Signals,
        env::typed,
        pending::desk,
        say::{self, Failure, count},
        tapes,
    },
    record::now_in_seconds,
};

/// What became of one cassette.
enum Again {
    /// There is nothing that could be run.
    Left(String),
    Recorded(Code),
}

pub(super) async fn run(args: &Args) -> Result<Code, Failure> {
    let freshness = args.settings.read()?.sections.freshness;
    if args.stale && freshness.after.is_none() {
        return Err(Failure::usage("`--stale`: nothing is ever stale here")
            .hint("say when, in armtape.toml, under [freshness]: after = \"90d\""));
    }
    let meant = tapes::meant(&[args.again.clone().unwrap_or_default()])?;
    let mut signals = Signals::listen()?;
    let mut code = Code::Fine;
    let (mut recorded, mut left, mut pending, mut failed, mut fresh) = (0, 0, 0, 0, 0);
    for path in meant {
        let tape = match Cassette::load(&path) {
            Ok(tape) => tape,
            Err(error) => {
                code = code.or(say::failure(&Failure::from(error)));
                failed += 1;
                continue;
            }
        };
        let is_old = is_stale(&tape, &freshness);
        if args.stale && !is_old {
            fresh += 1;
            continue;
        }
        match again(args, &path, &tape).await {
            Ok(Again::Left(why)) => {
                say::line(&format!("left as it is: {}: {why}", path.display()));
                left += 1;
            }
            Ok(Again::Recorded(ended)) => {
                recorded += 1;
                // In one run with others the code is armtape's.
                code = code.or(if ended.number() == 0 { Code::Fine } else { Code::Findings.or(ended) });
                if pending_path(&path).exists() {
                    pending += 1;
                } else if ended.number() == 0 && is_old {
                    renew(&path, &tape)?;
                }
            }
            Err(failure) => {
                code = code.or(say::failure(&failure));
                failed += 1;
            }
        }
        if is_told_to_stop(&mut signals).await {
            say::line("told to stop: the others are left as they are");
            code = code.or(Code::Usage);
            break;
        }
    }
    let mut words = vec![format!("{} recorded again", count(recorded, "cassette"))];
    let others = [(pending, "pending"), (left, "left as they are"), (failed, "failed"), (fresh, "not stale")];
    words.extend(others.iter().filter(|(times, _)| *times > 0).map(|(times, word)| format!("{times} {word}")));
    say::line(&words.join(", "));
    if recorded + fresh == 0 {
        code = code.or(Code::Usage);
    }
    say::ending(code, None);
    Ok(code)
}

fn is_stale(tape: &Cassette, freshness: &Freshness) -> bool {
    freshness.too_old(tape.recorded.as_deref(), Timestamp::now()).is_some()
}

/// Records one again, if that can be done.
async fn again(args: &Args, path: &Path, tape: &Cassette) -> Result<Again, Failure> {
    if tapes::is_of_check(tape) {
        return Ok(Again::Left(tapes::OF_CHECK.to_owned()));
    }
    let command = tapes::command(tape);
    if command.is_empty() {
        return Ok(Again::Left("no command is on it".to_owned()));
    }
    if command.iter().any(|word| word.contains("[redacted]")) {
        return Ok(Again::Left(
            "its command had a secret in it, which is not kept: give it by the environment, and record once by hand"
                .to_owned(),
        ));
    }
    // What stands for a value of the real service is none of its values.
    let stands_in = |word: &&String| tape.stand_ins.iter().any(|stand_in| word.contains(&stand_in.value));
    if let Some(word) = command.iter().find(stands_in).filter(|_| !args.is_embedded()) {
        return Ok(Again::Left(format!(
            "its command has a stand-in, `{word}`, where the value itself is needed: give it by the environment, \
             and record once by hand"
        )));
    }
    let words: Vec<String> = command.iter().map(|word| typed(word).into_owned()).collect();
    say::line(&format!("{}: {}", path.display(), words.join(" ")));
    let (code, _) = super::one(args.for_tape(path, command)).await?;
    Ok(Again::Recorded(code))
}

/// Nothing changed but its age: the date of the recording is today's.
fn renew(path: &Path, tape: &Cassette) -> Result<(), Failure> {
    let Some(recorded) = &tape.recorded else { return Ok(()) };
    let fail = |error: std::io::Error| Failure::machine(format!("{}: {error}", path.display()));
    let before = std::fs::read(path).map_err(fail)?;
    let line = |date: &str| format!("\"recorded\": \"{date}\"");
    let text = String::from_utf8_lossy(&before).replacen(&line(recorded), &line(&now_in_seconds()), 1);
    let edit = Edit { path: PathBuf::from(path), before: Some(before), after: Some(text.into_bytes()) };
    desk()?.commit(&[edit])?;
    say::line(&format!("{}: its date is renewed", path.display()));
    Ok(())
}

/// Whether somebody has said so since.
async fn is_told_to_stop(signals: &mut Signals) -> bool {
    tokio::time::timeout(std::time::Duration::ZERO, signals.next()).await.is_ok()
}
