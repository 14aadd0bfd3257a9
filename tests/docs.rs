//! The documents are true: every command in them is run, or, where it needs Azure, its flags are
//! looked up; every link leads somewhere.
//!
//! - A block marked `console` is a terminal: `$ ` begins a command, `> ` goes on with it, the rest is
//!   output (none: not compared). `...` on a line of its own stands for any lines, `[..]` for
//!   anything within a line, and `$ echo $?` with a number behind it for an exit code that is not 0.
//! - A block marked `LANGUAGE FILE` is a file that the commands of the document find.
//! - A block marked `sh` needs what a test has not.
//! - A block marked `yaml FILE.yml` is a recipe for a CI system: its steps are run, see `docs/recipes.rs`.
//!
//! Each document has a folder of its own, in which its blocks are run in order.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "docs/recipes.rs"]
mod recipes;
mod support;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use armtape::cassette::{Body, Cassette};
use fs_err as fs;

use support::process;

/// Longest time for a command; the slowest of them waits a few seconds between polls.
const LIMIT: Duration = Duration::from_secs(60);

/// Commands that cannot be run in here, and who sees to it that they work.
const NOT_RUN: [(&str, &str); 3] = [
    ("cargo run --release -- demo", "a step of .ci/run"),
    ("cargo test", "this very run"),
    ("cargo install --path .", "would change the machine"),
];

#[test]
fn commands_do_what_the_documents_show() {
    let mut run = BTreeMap::new();
    let mut not_run = Vec::new();
    let mut recipes_run = BTreeMap::new();
    for document in documents() {
        let folder = tempfile::tempdir().unwrap();
        for block in blocks(&document) {
            if let Some((_, file)) = block.info.split_once(' ') {
                fs::write(folder.path().join(file), &block.text).unwrap();
            }
            if let Some(recipe) = block.info.strip_prefix("yaml ").filter(|file| file.ends_with(".yml")) {
                let steps = recipes::run(recipe, &block.text, folder.path());
                assert!(steps > 0, "{}:{}: no step", document.display(), block.line);
                *recipes_run.entry(recipe.split(['.', '-']).next().unwrap().to_owned()).or_insert(0) += steps;
            }
            if block.info != "console" {
                continue;
            }
            for step in steps(&block) {
                if NOT_RUN.iter().any(|(command, _)| *command == step.command) {
                    not_run.push(step.command);
                } else if available(&step.command) {
                    check(&step, folder.path());
                    *run.entry(document.file_name().unwrap().to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    // Nothing found is nothing checked: as many as there are, or more.
    for (document, least) in [("README.md", 6), ("cassette.md", 8)] {
        assert!(run.get(document.as_ref() as &std::ffi::OsStr) >= Some(&least), "{document}: {run:?}");
    }
    for (system, least) in [("github", 5), ("azure", 2), ("gitlab", 2)] {
        assert!(recipes_run.get(system) >= Some(&least), "{system}: {recipes_run:?}");
    }
    for (command, _) in NOT_RUN {
        assert!(not_run.iter().any(|found| found == command), "`{command}` is in no document: take it off the list");
    }
}

#[test]
fn commands_that_need_azure_have_flags_that_exist() {
    let mut flags = 0;
    let mut help = BTreeMap::new();
    for document in documents() {
        for block in blocks(&document).iter().filter(|block| block.info == "sh") {
            let joined = block.text.replace("\\\n", " ");
            let lines = joined.lines().filter_map(|line| line.split_once("armtape ").map(|(_, rest)| rest));
            // `--name armtape-try` is nobody's subcommand, and `armtape` alone neither.
            for words in lines.map(|line| line.split_whitespace().collect::<Vec<_>>()) {
                let text = help.entry(words[0].to_owned()).or_insert_with(|| {
                    let mut command = Command::new(env!("CARGO_BIN_EXE_armtape"));
                    process::run(command.args([words[0], "--help"]), LIMIT).and_then(process::Output::success).unwrap()
                });
                for word in words.iter().take_while(|word| **word != "--").filter(|word| word.starts_with("--")) {
                    let flag = word.split('=').next().unwrap_or_default();
                    let known = text.stdout.split(|c: char| c.is_whitespace() || c == ',').any(|known| known == flag);
                    assert!(known, "{}: `armtape {}` has no `{flag}`", document.display(), words[0]);
                    flags += 1;
                }
            }
        }
    }
    assert!(help.contains_key("record") && help.contains_key("replay") && flags >= 8, "{flags} flags, {help:?}");
}

/// The tables of spacings in `docs/cassette.md`: what is written, and that it comes back.
#[test]
fn the_worked_examples_of_spacing_are_what_is_written() {
    let text = fs::read_to_string(root().join("docs/cassette.md")).unwrap();
    let mut rows = [0, 0];
    for line in text.lines() {
        let Some((wire, means)) = line.strip_prefix("| `\"").and_then(|row| row.split_once("` | ")) else { continue };
        let wire: String = serde_json::from_str(&format!("\"{wire}")).unwrap();
        let mark = means.strip_suffix(" |").and_then(|means| means.strip_prefix('`')?.strip_suffix('`'));
        let body = Body::from_bytes(wire.clone().into());
        let mut cassette = Cassette::load(&root().join("cassettes/python-create-update.json")).unwrap();
        cassette.interactions.truncate(1);
        cassette.interactions[0].request.body = body.clone();
        cassette.interactions[0].response = None;
        let written = cassette.to_text();
        match mark {
            Some(mark) => assert!(written.contains(&format!("\"spacing\": \"{mark}\"\n")), "{line}\n{written}"),
            None => assert_eq!(body, Body::Text(wire.clone()), "{line}"),
        }
        let read = Cassette::from_bytes(written.as_bytes(), Path::new("x.json")).unwrap();
        assert_eq!(read.interactions[0].request.body.bytes().unwrap(), wire, "{line}");
        rows[usize::from(mark.is_none())] += 1;
    }
    assert!(rows[0] >= 8 && rows[1] >= 4, "{rows:?} rows");
}

/// The table of rules in `docs/secrets.md`: each rule, and no other.
#[test]
fn every_rule_for_secrets_has_its_row() {
    let text = fs::read_to_string(root().join("docs/secrets.md")).unwrap();
    let table = text.lines().skip_while(|line| !line.starts_with("| rule |")).skip(2);
    let found: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    let rules = armtape::redact::rules().iter();
    let expected: Vec<String> = rules
        .map(|rule| format!("| `{}` | {} | {} | {} |", rule.id, rule.kind.name(), rule.words, rule.example))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0;
    let more = ["ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    for document in documents().into_iter().chain(more) {
        let text = fs::read_to_string(&document).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let linked = if file.is_empty() { document.clone() } else { document.with_file_name(file) };
            let found = fs::read(&linked).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
            // A picture is no text; it has no headings either.
            let found = String::from_utf8_lossy(&found);
            let heading = |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-") == anchor;
            let anchored = anchor.is_empty() || found.lines().any(|line| line.starts_with('#') && heading(line));
            assert!(anchored, "{}: no heading for {target}", document.display());
            links += 1;
        }
    }
    assert!(links >= 8, "{links} links");
}

#[test]
fn wildcards_match_what_they_stand_for() {
    for (expected, found, fits) in [
        ("a\nb", "a\nb", true),
        ("a", "a\nb", false),
        ("a\n...", "a\nb\nc", true),
        ("...\nc", "a\nb\nc", true),
        ("...\nc", "a\nb", false),
        ("a\n...\nb", "a\nb", true),
        ("x[..]z", "xyz", true),
        ("x[..]z", "xz", true),
        ("x[..]z", "xyzw", false),
        ("[..]y[..]", "xyz", true),
        ("[..]aa", "aa", true),
        ("a[..]a", "a", false),
    ] {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        assert_eq!(fit(&lines(expected), &lines(found)), fits, "{expected:?} {found:?}");
    }
}

struct Block {
    document: PathBuf,
    /// What follows the fence.
    info: String,
    /// The line of the fence, from 1.
    line: usize,
    text: String,
}

struct Step {
    place: String,
    command: String,
    output: Vec<String>,
    code: i32,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `README.md` and everything in `docs/`.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        found.push(entry.unwrap().path());
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    assert!(found.len() >= 3, "{found:?}");
    found
}

/// The fenced blocks; those in lists are indented.
fn blocks(document: &Path) -> Vec<Block> {
    let text = fs::read_to_string(document).unwrap();
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        match (open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(line.len() - line.trim_start().len());
                let (info, text) = (info.to_owned(), String::new());
                found.push(Block { document: document.to_owned(), info, line: number + 1, text });
            }
            (Some(_), Some("")) => open = None,
            (Some(indent), _) => {
                let block = found.last_mut().unwrap();
                block.text.push_str(line.get(indent..).unwrap_or_default());
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block without an end", document.display());
    found
}

fn steps(block: &Block) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    let mut code_follows = false;
    for (number, line) in block.text.lines().enumerate() {
        let place = format!("{}:{}", block.document.display(), block.line + 1 + number);
        if line == "$ echo $?" {
            code_follows = true;
        } else if std::mem::take(&mut code_follows) {
            found.last_mut().unwrap().code = line.parse().unwrap_or_else(|_| panic!("{place}: no exit code"));
        } else if let Some(command) = line.strip_prefix("$ ") {
            found.push(Step { place, command: command.to_owned(), output: Vec::new(), code: 0 });
        } else {
            let step = found.last_mut().unwrap_or_else(|| panic!("{place}: output before a command"));
            match line.strip_prefix("> ").filter(|_| step.output.is_empty()) {
                Some(more) => step.command.extend(["\n", more]),
                None => step.output.push(line.to_owned()),
            }
        }
    }
    assert!(!found.is_empty(), "{}:{}: no command", block.document.display(), block.line);
    found
}

/// Python is what a reader may have; the gate must.
fn available(command: &str) -> bool {
    let there = !command.contains("python3")
        || Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    let required = std::env::var_os("ARMTAPE_REQUIRE_CLIENTS").is_some_and(|value| !value.is_empty() && value != "0");
    assert!(there || !required, "ARMTAPE_REQUIRE_CLIENTS is set, but there is no python3 for `{command}`");
    there
}

/// A shell with armtape at hand, in an environment that says nothing of clouds, proxies or CI systems.
fn shell(script: &str, folder: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_armtape"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths(binary.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path)));
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("exec 2>&1\n{script}")).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        let settings = ["AZURE_", "ARM_", "ARMTAPE_", "GITHUB_"];
        if settings.iter().any(|prefix| upper.starts_with(prefix)) || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    // With `CI=true` nothing is accepted; a reader is no CI.
    command.env_remove("CI").env_remove("TF_BUILD").env("PATH", path.unwrap()).env("HOME", folder);
    command
}

/// Runs a command as a terminal shows it: both streams as one.
fn check(step: &Step, folder: &Path) {
    let output = process::run(&mut shell(&step.command, folder), LIMIT).unwrap();
    let shown = format!("{}\n$ {}\n{}", step.place, step.command, output.stdout);
    assert_eq!(output.status.code(), Some(step.code), "{shown}");
    let expected: Vec<&str> = step.output.iter().map(String::as_str).collect();
    let found: Vec<&str> = output.stdout.lines().collect();
    assert!(expected.is_empty() || fit(&expected, &found), "{shown}\nexpected:\n{}", expected.join("\n"));
}

/// Whether lines are the expected ones; `...` stands for any.
fn fit(expected: &[&str], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((&"...", rest)) => (0..=found.len()).any(|skipped| fit(rest, &found[skipped..])),
        Some((first, rest)) => {
            found.split_first().is_some_and(|(line, more)| fits_line(first, line) && fit(rest, more))
        }
    }
}

/// Whether a line is the expected one; `[..]` stands for anything.
fn fits_line(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            (0..=line.len()).any(|skipped| line.get(skipped..).is_some_and(|line| fits_line(rest, line)))
        }),
    }
}
