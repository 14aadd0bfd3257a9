//! `armtape status`

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Code, ci,
    diff::summary,
    env::print,
    pending::recover,
    recover::recovers,
    say::{self, Failure, count, printable},
    settings::Settings,
    tapes,
};
use crate::{
    cassette::{Age, Cassette, Error, Freshness, Stale, Used, accepted, crashed, pending, pending_path},
    config,
    judge::Severity,
    review::Pending,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to look
    #[arg(value_name = "PATH", default_value = ".")]
    roots: Vec<PathBuf>,
    /// The list that `--used` of `replay` and `test` made: say which cassettes are not on it
    #[arg(long, value_name = "FILE", env = config::USED)]
    used: Option<PathBuf>,
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// A recording that waits.
struct Waiting {
    path: PathBuf,
    loaded: Result<Pending, Error>,
}

/// A cassette that is older than it may be.
struct Old {
    path: PathBuf,
    recorded: String,
    age: Age,
}

/// What there is to say of the cassettes of a project.
#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    /// Cassettes beside which a case of `check` is kept.
    kept: Vec<PathBuf>,
    /// Those whose recorder broke off and left a journal.
    crashed: Vec<PathBuf>,
    /// Accepted ones that no test has used.
    orphaned: Vec<PathBuf>,
    stale: Vec<Old>,
    /// Accepted ones that cannot be read.
    unreadable: Vec<Error>,
}

pub(super) fn run(args: &Args) -> Result<Code, Failure> {
    let freshness = args.settings.read()?.sections.freshness;
    recover()?;
    let state = State::of(args, &freshness)?;
    if args.json {
        print(&format!("{:#}\n", state.as_json()))?;
    } else {
        print(&printable(&state.as_text(&freshness)))?;
        ci::annotate(&state.notes(freshness.stale));
        ci::summarize(&state.as_markdown(&freshness));
    }
    let mut code = Code::Fine;
    let errors = state.waiting.iter().filter_map(|waiting| waiting.loaded.as_ref().err()).chain(&state.unreadable);
    for error in errors {
        code = code.or(say::failure(&Failure::from(error)));
    }
    if !args.json {
        say::line(&state.counted());
    }
    let is_finding = !state.waiting.is_empty()
        || !state.crashed.is_empty()
        || !state.orphaned.is_empty()
        || (freshness.stale == Stale::Fail && !state.stale.is_empty());
    Ok(code.or(if is_finding { Code::Findings } else { Code::Fine }))
}

/// The accepted cassettes among these that are older than they may be; and those that cannot be read.
fn stale(cassettes: &[PathBuf], freshness: &Freshness, now: Timestamp) -> (Vec<Old>, Vec<Error>) {
    let (mut stale, mut unreadable) = (Vec::new(), Vec::new());
    for path in cassettes {
        match Cassette::load(path) {
            Ok(Cassette { recorded, .. }) => {
                if let Some(age) = freshness.too_old(recorded.as_deref(), now) {
                    stale.push(Old { path: path.clone(), recorded: recorded.unwrap_or_default(), age });
                }
            }
            Err(error) => unreadable.push(error),
        }
    }
    (stale, unreadable)
}

impl State {
    fn of(args: &Args, freshness: &Freshness) -> Result<Self, Failure> {
        let (mut waiting, mut cassettes, mut broken_off) = (Vec::new(), Vec::new(), Vec::new());
        for root in &args.roots {
            let here = crashed(root)?;
            // One that is named may be in its journal alone.
            if root.is_dir() || here.is_empty() || pending(root).is_ok() {
                waiting.extend(pending(root)?);
                cassettes.extend(accepted(root)?);
            }
            broken_off.extend(here);
        }
        for found in [&mut waiting, &mut cassettes, &mut broken_off] {
            found.sort();
            found.dedup();
        }
        let (stale, mut unreadable) = stale(&cassettes, freshness, Timestamp::now());
        // What waits beside one that cannot be read says so itself.
        unreadable.retain(|error| !waiting.contains(&error.path));
        let orphaned = match &args.used {
            Some(list) => Used::at(list).missing(&cassettes)?,
            None => Vec::new(),
        };
        let (kept, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|path| tapes::keeps_case(path));
        let load = |path: PathBuf| Waiting { loaded: Pending::load(&path), path };
        let waiting = waiting.into_iter().map(load).collect();
        Ok(Self { waiting, kept, crashed: broken_off, orphaned, stale, unreadable })
    }

    fn as_text(&self, freshness: &Freshness) -> String {
        let mut text = String::new();
        for waiting in &self.waiting {
            let changes = match &waiting.loaded {
                Ok(pending) if !pending.is_new() => format!(" ({})", summary(pending.diff.items.iter())),
                _ => String::new(),
            };
            text.push_str(&format!("{}: {}{changes}\n", waiting.kind(), waiting.path.display()));
        }
        for path in &self.kept {
            text.push_str(&format!("kept: {} (a case of `armtape check`)\n", path.display()));
        }
        for path in &self.crashed {
            let recovers = recovers(path);
            text.push_str(&format!("crashed: {} (its recorder broke off; {recovers})\n", path.display()));
        }
        for path in &self.orphaned {
            text.push_str(&format!("orphaned: {} (no test used it)\n", path.display()));
        }
        for Old { path, recorded, age } in &self.stale {
            let after = freshness.after.map(|after| after.to_string()).unwrap_or_default();
            let path = path.display();
            text.push_str(&format!("stale: {path} (recorded {recorded}, {age} ago; stale after {after})\n"));
        }
        for error in &self.unreadable {
            text.push_str(&format!("unreadable: {}\n", error.path.display()));
        }
        text
    }

    /// For the summary of a job; nothing where nothing is to be said.
    fn as_markdown(&self, freshness: &Freshness) -> String {
        const MOST: usize = 50;
        let text = self.as_text(freshness);
        let rows = text.lines().count();
        let mut shown = format!("# armtape status\n\n{}\n", self.counted());
        if rows > 0 {
            shown.push('\n');
        }
        // Indented it is code: nothing in it is markup.
        shown.extend(text.lines().take(MOST).map(|line| format!("    {}\n", printable(line))));
        if rows > MOST {
            shown.push_str(&format!("\nand {} more\n", rows - MOST));
        }
        shown
    }

    fn counted(&self) -> String {
        let mut words = vec![format!("{} pending", count(self.waiting.len(), "recording"))];
        words.extend((!self.kept.is_empty()).then(|| format!("{} of check kept", count(self.kept.len(), "case"))));
        let others = [
            (self.crashed.len(), "crashed"),
            (self.orphaned.len(), "orphaned"),
            (self.stale.len(), "stale"),
            (self.unreadable.len(), "unreadable"),
        ];
        words.extend(others.iter().filter(|(times, _)| *times > 0).map(|(times, word)| format!("{times} {word}")));
        words.join(", ")
    }

    fn as_json(&self) -> Value {
        let shown = |path: &PathBuf| path.display().to_string();
        let old = |old: &Old| json!({ "path": shown(&old.path), "recorded": old.recorded, "age": old.age.to_string() });
        let unreadable = |error: &Error| json!({ "path": shown(&error.path), "error": error.kind.to_string() });
        json!({
            "armtape": 1,
            "pending": self.waiting.iter().map(|waiting| shown(&waiting.path)).collect::<Vec<_>>(),
            "cassettes": self.waiting.iter().map(Waiting::as_json).collect::<Vec<_>>(),
            "kept": self.kept.iter().map(shown).collect::<Vec<_>>(),
            "crashed": self.crashed.iter().map(shown).collect::<Vec<_>>(),
            "orphaned": self.orphaned.iter().map(shown).collect::<Vec<_>>(),
            "stale": self.stale.iter().map(old).collect::<Vec<_>>(),
            "unreadable": self.unreadable.iter().map(unreadable).collect::<Vec<_>>(),
        })
    }

    fn notes(&self, stale: Stale) -> Vec<ci::Note> {
        let note = |severity: Severity, path: &Path, title: &str, message: String| ci::Note {
            severity,
            file: Some(path.to_owned()),
            line: Some(1),
            title: title.to_owned(),
            message,
        };
        let pending = self.waiting.iter().map(|waiting| {
            let message = format!("{} waits to be accepted or rejected", pending_path(&waiting.path).display());
            note(Severity::Violation, &waiting.path, "pending", message)
        });
        let crashed = self.crashed.iter().map(|path| {
            note(Severity::Violation, path, "crashed", format!("its recorder broke off; {}", recovers(path)))
        });
        let orphaned =
            self.orphaned.iter().map(|path| note(Severity::Violation, path, "orphaned", "no test used it".to_owned()));
        let old = self.stale.iter().map(|old| {
            let message = format!("recorded {}, {} ago", old.recorded, old.age);
            let severity = if stale == Stale::Fail { Severity::Violation } else { Severity::Warning };
            note(severity, &old.path, "stale", message)
        });
        let unreadable = self
            .unreadable
            .iter()
            .map(|error| note(Severity::Violation, &error.path, "unreadable", error.kind.to_string()));
        pending.chain(crashed).chain(orphaned).chain(old).chain(unreadable).collect()
    }
}

impl Waiting {
    fn kind(&self) -> &'static str {
        if self.path.exists() { "differs" } else { "new" }
    }

    fn as_json(&self) -> Value {
        let operations = self.loaded.as_ref().ok().map(|pending| {
            let items = pending.diff.items.iter().map(|item| {
                json!({
                    "id": item.id,
                    "operation": item.title,
                    "class": item.class().word(),
                    "changes": item.changes.iter().map(|change| &change.words).collect::<Vec<_>>(),
                })
            });
            items.collect::<Vec<_>>()
        });
        json!({ "path": self.path.display().to_string(), "kind": self.kind(), "operations": operations })
    }
}
