//! Each system call on armtape's files fails once, each in turn; then from each one on.

use std::{fmt, fs, path::PathBuf, sync::Mutex, thread, time::Instant};

use armtape::cassette::Cassette;
use libtest_mimic::Trial;

use crate::{
    harness::{CREATE_SEED, EMBEDDED, Harness, LIMIT, steps},
    needs::{no_strace, trial_with},
    random::all,
    support::process,
    taping::orphan,
    traced::{folder, traced},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial_with("sweep::every_call_on_a_file_fails_in_turn", no_strace(), every_call_on_a_file_fails_in_turn)]
}

/// The short form: one likely error for each call.
const SHORT: &[(&str, &str)] = &[
    ("openat", "EIO"),
    ("read", "EIO"),
    ("write", "ENOSPC"),
    ("fsync", "EIO"),
    ("renameat", "ENOSPC"),
    ("ftruncate", "EIO"),
    ("unlink", "EROFS"),
    ("flock", "ENOLCK"),
];

const CALLS: &[&str] = &[
    "openat",
    "read",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "ftruncate",
    "fallocate",
    "unlink",
    "unlinkat",
    "mkdir",
    "flock",
    "statx",
    "fchmod",
    "lseek",
];

const ERRORS: &[&str] = &["EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "EINTR"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    /// The first recording of a name.
    First,
    /// One that differs from the accepted one.
    Again,
    /// A journal is recovered.
    Recovery,
}

/// One run in which one thing fails.
#[derive(Clone, Copy)]
struct Case {
    work: Work,
    call: &'static str,
    error: &'static str,
    at: u32,
    /// All that come after it fail, too.
    on: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { work, call, error, at, on } = self;
        write!(f, "{work:?}: {error} at {call} number {at}{}", if *on { " and all after it" } else { "" })
    }
}

#[derive(Default)]
struct Figures {
    runs: u32,
    injected: u32,
    machine: u32,
    wrong: Vec<String>,
}

fn every_call_on_a_file_fails_in_turn() {
    let long = all("ARMTAPE_SWEEP");
    let mut kinds = Vec::new();
    for work in [Work::First, Work::Again, Work::Recovery] {
        if !long {
            kinds.extend(SHORT.iter().map(|(call, error)| (work, *call, *error, false)));
            continue;
        }
        for call in CALLS {
            for error in ERRORS {
                kinds.push((work, *call, *error, false));
                // "Interrupted, try again" for ever is no error that any program could leave.
                if *error != "EINTR" {
                    kinds.push((work, *call, *error, true));
                }
            }
        }
    }
    if !long {
        kinds.retain(|(work, call, ..)| *work != Work::First || ["write", "renameat", "fsync"].contains(call));
    }
    let started = Instant::now();
    let (left, figures) = (Mutex::new(kinds), Mutex::new(Figures::default()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let Some((work, call, error, on)) = left.lock().unwrap().pop() else { return };
                    for at in 1.. {
                        let case = Case { work, call, error, at, on };
                        if !case.run(&figures) {
                            break;
                        }
                    }
                }
            });
        }
    });
    let figures = figures.into_inner().unwrap();
    eprintln!(
        "sweep: {} runs, {} with an injected error, {} of them ended with 3; wrong {}; {:.0} s",
        figures.runs,
        figures.injected,
        figures.machine,
        figures.wrong.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(figures.wrong.is_empty(), "{}", figures.wrong.join("\n"));
    assert!(figures.injected > 20, "nothing was injected: {}", figures.injected);
}

impl Case {
    /// False when there was no such call any more.
    fn run(self, figures: &Mutex<Figures>) -> bool {
        let harness = Harness::new();
        let folder = folder(&harness);
        let tape = folder.join("tape.json");
        let accepted = include_str!("../it/tape.json");
        if self.work != Work::First {
            fs::write(&tape, accepted).unwrap();
        }
        if self.work == Work::Recovery {
            orphan(&tape, 9..12);
        }
        let trace = folder.join("tmp/trace");
        let Self { call, error, at, on, .. } = self;
        let path = tape.display().to_string();
        let client = format!("{CREATE_SEED} >/dev/null && echo answered");
        let words = match self.work {
            Work::Recovery => vec!["replay", &path, "--", "true"],
            // A second and more, so that the journal is synced meanwhile.
            _ if call == "fdatasync" => {
                vec!["record", "--cassette", &path, "--upstream", "embedded", "--", "sh", "-c", &client]
            }
            _ => [&["record", "--cassette", &path], EMBEDDED, &["--", "sh", "-c", &client]].concat(),
        };
        let trace_path = trace.display().to_string();
        let options = ["--seccomp-bpf", "-e", "signal=none", "-o", &trace_path];
        let inject = format!("error={error}:when={at}{}", if on { "+" } else { "" });
        let mut command = traced(&harness, &options, call, &inject, &words);
        let output = match process::run(&mut command, LIMIT) {
            Ok(output) => output,
            Err(error) => {
                figures.lock().unwrap().wrong.push(format!("{self}: {error}"));
                return false;
            }
        };
        let code = output.status.code();
        let traced = fs::read_to_string(&trace).unwrap();
        fs::remove_file(&trace).unwrap();
        // strace counts for each thread by itself: there may be more than one.
        let times = traced.matches("(INJECTED)").count();
        let injected = times > 0;

        let mut wrong = Vec::new();
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        let fine = match self.work {
            Work::First => 0,
            Work::Again => 1,
            Work::Recovery => 2,
        };
        let machine = code == Some(3);
        check(!output.stderr.contains("panicked"), "it panicked");
        check(machine || code == Some(fine), "another exit code");
        check(!machine || output.stderr.contains(&*folder.to_string_lossy()), "the file is not named");
        // Either it refused to begin, or it served to the end.
        let started = self.work != Work::Recovery && output.stdout.contains("answered");
        check(started || machine || self.work == Work::Recovery, "the client was not answered");
        if self.work != Work::First {
            check(fs::read(&tape).unwrap() == accepted.as_bytes(), "the accepted cassette changed");
        }
        let left = |name: &String| name.starts_with(".armtape-");
        // Where it may not even be removed it is there; the next one takes it.
        let stuck = ["unlink", "unlinkat"].contains(&call);
        check(stuck || !harness.names().iter().any(left), "a temporary file is left");
        // The next command finds the disk in order again.
        let next = harness.armtape(&["replay", &path, "--", "true"]);
        check(!harness.exists("tape.json.journal"), "a journal is left");
        let files = [&tape, &folder.join("tape.json.new")];
        let readable = |path: &&PathBuf| !path.exists() || Cassette::load(path).is_ok();
        check(files.iter().all(readable), "a file cannot be read");
        let kept = match self.work {
            Work::First => files.iter().filter(|path| path.exists()).map(|path| steps(path).len()).max(),
            _ => files[1].exists().then(|| steps(files[1]).len()),
        };
        let expected = if self.work == Work::Recovery { 3 } else { 2 };
        // One error alone costs nothing.
        if times <= 1 && (started || self.work == Work::Recovery) {
            check(kept.unwrap_or(0) >= expected, &format!("{kept:?} interactions kept"));
        }
        let mut figures = figures.lock().unwrap();
        figures.runs += 1;
        figures.injected += u32::from(injected);
        figures.machine += u32::from(machine && injected);
        for wrong in wrong {
            let said = format!("{self}: {wrong} (exit {code:?}): {}\nthen: {next}\n{traced}", output.stderr);
            figures.wrong.push(said);
        }
        drop(figures);
        injected && at < 60
    }
}
