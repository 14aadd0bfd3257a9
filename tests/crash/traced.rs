//! armtape under a tracer that sees what is done to one tape's files, and nothing else.

use std::{path::PathBuf, process::Command};

use fs_err as fs;

use crate::harness::{ARMTAPE, Harness};

/// The harness's folder as the kernel names it: paths are compared by their text.
pub(crate) fn folder(harness: &Harness) -> PathBuf {
    fs::canonicalize(harness.path(".")).unwrap()
}

/// armtape with these words, and `inject` done to its calls named `call` on `tape.json`, the files
/// beside it and their folder. The environment is the harness's own: the variables of a CI system
/// would keep a replay from writing what it recovers.
///
/// `options` are strace's, where the trace goes among them. strace counts the calls of each thread
/// by itself.
pub(crate) fn traced(harness: &Harness, options: &[&str], call: &str, inject: &str, words: &[&str]) -> Command {
    let folder = folder(harness);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg("-P").arg(&folder);
    for name in ["tape.json", "tape.json.new", "tape.json.journal", ".armtape-tape.json.tmp"] {
        command.arg("-P").arg(folder.join(name));
    }
    command.args(["-e", &format!("trace={call}"), "-e", &format!("inject={call}:{inject}")]);
    let armtape = harness.command(words);
    command.arg(ARMTAPE).args(armtape.get_args()).current_dir(&folder).env_clear();
    command.envs(armtape.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}
