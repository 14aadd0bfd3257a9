//! `armtape replay`

use std::path::PathBuf;

use super::{
    Code,
    ca::Kept,
    child::Ended,
    recover,
    say::{self, Failure, count},
    stage::{Ending, LISTEN, Stage},
};
use crate::{
    cassette::Cassette,
    replay::{Account, Line, Pace, Player, Polls, Script},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A cassette, or a .NET session record
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the wire says of time: `instant` or `recorded`
    #[arg(long, value_name = "P", default_value = "instant")]
    pace: Pace,
    /// Running answers before an operation ends: `recorded` or a number [default: 0 at `instant`]
    #[arg(long, value_name = "N")]
    polls: Option<Polls>,
    /// Where to listen; port 0 chooses
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN)]
    listen: String,
    /// Use the authority that `armtape ca` keeps in this folder
    #[arg(long, value_name = "FOLDER")]
    ca_dir: Option<PathBuf>,
    /// The client and its arguments
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    recover::orphan(&args.file)?;
    let cassette = Cassette::load(&args.file)?;
    if cassette.interactions.is_empty() {
        return Err(Failure::usage(format!("{}: there is no interaction on it", args.file.display()))
            .hint("record it again: `armtape record --cassette FILE -- CLIENT`"));
    }
    let player = Player::new(Script::new(cassette), args.pace, args.polls)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.file.display())))?;
    let kept = args.ca_dir.as_deref().map(Kept::open).transpose()?;
    let stage = Stage::set(&args.listen, player.hosts(), true, kept.as_ref().map(|kept| &kept.identity)).await?;
    let (server, ending) = stage.play(player, &args.command).await?;
    let client = match &ending {
        Ending::Client(Ended { status, .. }) => Code::of_client(*status),
        Ending::Stopped => Code::Fine,
    };
    for (host, times) in server.handler().refused() {
        let times = count(usize::try_from(times).unwrap_or(usize::MAX), "attempt");
        say::line(&format!("refused: {host} ({times}): it is not on the tape"));
    }
    let ours = tell(&server.handler().account(), args.command.is_empty());
    let code = client.or(ours);
    say::ending(code, (!args.command.is_empty()).then_some(client));
    Ok(code)
}

fn tell(account: &Account, by_hand: bool) -> Code {
    if account.is_empty() {
        say::line("error: no request came, so nothing was judged");
        say::line(if by_hand {
            "hint: `armtape env` prints what a client needs"
        } else {
            "hint: the client may not read HTTPS_PROXY; give it the URL in ARMTAPE_ENDPOINT as its endpoint"
        });
        return Code::Usage;
    }
    for (miss, times) in &account.missing {
        let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
        say::line(&format!("missing{times}: {}", miss.asked));
        if let Some((number, used, differences)) = &miss.nearest {
            say::line(&format!("  nearest is interaction {number}, used {}:", count(*used as usize, "time")));
            for difference in differences {
                say::line(&format!("  - {difference}"));
            }
        }
    }
    for line in &account.lines {
        say::line(&match line {
            Line::UnusedWrite(write) => format!("unused: the client did not make {write}"),
            Line::UnusedReads(number) => format!("{} on the tape not used", count(*number, "read")),
            Line::Repeated(write, times) => {
                format!("repeated: {write} came {} more than it was recorded", count(*times as usize, "time"))
            }
            Line::Borrowed(write, times) => {
                format!("{} not on the tape, answered from the result of {write}", count(*times as usize, "read"))
            }
            Line::NotPolled(write) => {
                format!("ended at the first poll, polling not exercised (try `--polls 2`): {write}")
            }
        });
    }
    say::line(&format!(
        "{} answered from the tape, {} missing",
        count(account.answered, "request"),
        account.missing.len()
    ));
    if account.has_findings() { Code::Findings } else { Code::Fine }
}
