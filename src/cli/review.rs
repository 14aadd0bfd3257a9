//! `armtape review`

use std::io::{IsTerminal as _, Read as _};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc::UnboundedReceiver,
};

use super::{
    Code,
    child::Signals,
    diff::{lines, summary},
    env::{print, typed},
    pending::{Which, desk, may_write, recover},
    say::{self, Failure, count, printable},
    terminal::{Keys, Terminal},
};
use crate::{
    cassette::Edit,
    review::{Decision, Key, Next, Pending, Session},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    recover()?;
    let mut code = Code::Fine;
    let mut waiting = Vec::new();
    for path in args.which.chosen()? {
        match Pending::load(&path) {
            Ok(pending) => waiting.push(pending),
            Err(error) => code = code.or(say::failure(&Failure::from(error))),
        }
    }
    if waiting.is_empty() {
        say::line("nothing to review");
        return Ok(code);
    }
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let reviewed = if is_terminal && may_write().is_ok() { ask(Session::new(waiting)).await } else { list(&waiting) };
    Ok(code.or(reviewed?))
}

/// The changes, each with the commands that decide on it.
fn list(waiting: &[Pending]) -> Result<Code, Failure> {
    for (number, pending) in waiting.iter().enumerate() {
        let Pending { path, diff, .. } = pending;
        let gap = if number == 0 { "" } else { "\n" };
        let new = if pending.is_new() { " (new)" } else { "" };
        let path = path.display().to_string();
        let file = typed(&path);
        let commands = |of: &str| format!("  armtape accept {file}{of}\n  armtape reject {file}{of}\n");
        let items = diff.items.iter().map(|item| {
            let id = format!(" --operation {}", typed(&item.id));
            let own = if item.is_shared() { String::new() } else { commands(&id) };
            format!("\n{}\n{}{own}", item.title, lines(&item.changes))
        });
        let items: String = items.collect();
        print(&printable(&format!("{gap}{path}{new}\n{items}\nall of it\n{}", commands(""))))?;
    }
    say::line(&summary(waiting.iter().flat_map(|pending| &pending.diff.items)));
    Ok(Code::Findings)
}

/// Asks for one decision after the other, and writes them at the end.
async fn ask(mut session: Session) -> Result<Code, Failure> {
    let desk = desk()?;
    let signals = Signals::listen()?;
    let edits =
        converse(&mut session, signals).await.map_err(|error| Failure::machine(format!("the terminal: {error}")))?;
    let Some(edits) = edits else {
        say::line("nothing was written");
        return Ok(Code::Findings);
    };
    desk.commit(&edits)?;
    let mut left = 0;
    for (decision, what) in session.told() {
        match decision {
            Decision::Skip => left += 1,
            decision => say::line(&format!("{}: {what}", decision.word())),
        }
    }
    if left == 0 {
        return Ok(Code::Fine);
    }
    say::line(&format!("{} left pending", count(left, "change")));
    Ok(Code::Findings)
}

/// Shows screens and takes keys, until there is something to write. `None`: nothing is to be written,
/// and so it is where the terminal goes away or a signal says to end.
async fn converse(session: &mut Session, mut signals: Signals) -> std::io::Result<Option<Vec<Edit>>> {
    let mut resized = signal(SignalKind::window_change())?;
    let mut terminal = Terminal::enter(std::io::stdin(), std::io::stdout())?;
    let mut keys = keys();
    loop {
        terminal.draw(&session.screen(terminal.size()))?;
        let key = tokio::select! {
            key = keys.recv() => key.unwrap_or(Key::Interrupt),
            _ = signals.next() => Key::Interrupt,
            _ = resized.recv() => continue,
        };
        match session.press(key, terminal.size()) {
            Next::Ask => {}
            Next::Leave => return Ok(None),
            Next::Write => match session.edits() {
                Ok(edits) => return Ok(Some(edits)),
                Err(error) => session.refuse(format!("{error}: {}", error.hint())),
            },
        }
    }
}

/// The keys of stdin. Nothing can end the reading of a terminal but a key: it outlives the review.
fn keys() -> UnboundedReceiver<Key> {
    let (sender, keys) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let (mut parser, mut bytes) = (Keys::default(), [0; 64]);
        while let Ok(number @ 1..) = std::io::stdin().read(&mut bytes) {
            for key in bytes[..number].iter().filter_map(|byte| parser.push(*byte)) {
                if sender.send(key).is_err() {
                    return;
                }
            }
        }
    });
    keys
}
